"""`link-quality`, `review` and `link --estimate` from the command line."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from targeting.commands import main
from targeting.project.template import copy_template

Outcome = tuple[int, str, str]
FILE = """id,first,last,born,no,code
a1,Rosie,Bairstow,1980-02-17,12,BD1 1AA
a2,Rosei,Bairstow,1980-02-17,12,BD1 1AA
b1,Imogen,Crabtree,1991-07-30,4,BD2 2AA
b2,Tabitha,Crabtree,1991-07-30,4,BD2 2AA
"""


@pytest.fixture
def targeting(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., Outcome]:
    """Return a function that runs one command on a district and returns its exit code and what it printed."""
    project = tmp_path / "district"
    copy_template(project)

    def run(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["targeting", "--project", str(project), *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            main()
        printed = capsys.readouterr()
        return int(stopped.value.code or 0), printed.out, printed.err

    return run


def test_the_quality_of_linkage_on_a_labelled_file(targeting: Callable[..., Outcome], tmp_path: Path) -> None:
    path = tmp_path / "labelled.csv"
    path.write_text(FILE, encoding="utf-8")
    named = "given_name=first,family_name=last,date_of_birth=born,house_number=no,postcode=code"
    code, out, _ = targeting(
        "link-quality", path, "--truth", "id", "--truth-pattern", "^.", "--columns", named, "--json"
    )
    assert code == 0
    result = json.loads(out)
    assert (result["precision"], result["recall"], result["f1"]) == (1.0, 0.5, 0.6667)
    assert result["pairs"] == {"true": 2, "joined": 1, "right": 1, "wrong": 0, "missed": 1}
    assert result["contradictions"] == {"other given names": 1}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("link-quality", "{file}", "--truth", "id", "--columns", "name=first"), "no column of ours is named 'name'."),
        (("link-quality", "{file}", "--truth", "who", "--columns", "sex=no"), "no column is named 'who'."),
        (("review", "--as", "A. Reviewer", "--answers", "{answers}"), "abc: no such pair to be reviewed."),
        (("link", "--estimate"), "0 person records are too few to estimate from"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    targeting: Callable[..., Outcome], tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    named = {"file": FILE, "answers": "pair,answer\nabc,one\n"}
    for name, text in named.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    paths = {name: tmp_path / f"{name}.csv" for name in named}
    code, out, err = targeting(*(argument.format_map(paths) for argument in arguments))
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_with_nothing_to_review_nothing_is_asked(targeting: Callable[..., Outcome]) -> None:
    code, out, _ = targeting("review", "--as", "A. Reviewer", "--json")
    assert (code, json.loads(out)) == (0, {"answered": 0, "waiting": 0})
