"""`link-quality`, `review`, `link --review` and `link --estimate` from the command line."""

import csv
import io
import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from targeting.commands.clock import today
from targeting.linkage.reviews import TABLES
from targeting.project.template import copy_template
from targeting.store.generations import open_generation
from targeting.store.staging import open_staging

Targeting = Callable[..., tuple[int, str, str]]
LABELLED = """id,first,last,born,no,code
a1,Rosie,Bairstow,1980-02-17,12,BD1 1AA
a2,Rosei,Bairstow,1980-02-17,12,BD1 1AA
b1,Imogen,Crabtree,1991-07-30,4,BD2 2AA
b2,Tabitha,Crabtree,1991-07-30,4,BD2 2AA
"""
# Common names, one birth, two addresses: nearly one person. Of the two called Isaac all agrees.
EXTRACTS = {
    "police/NOMINALS.csv": """
NOMINAL_REF|SURNAME|FORENAME|DOB|SEX|SDE|ADDR_NO|ADDR_STREET|ADDR_TOWN|ADDR_POSTCODE|CREATED
N1|SMITH|OLIVIA|20150820|F|NS|27|WARP STREET|BRADFORD|BD4 8AA|07-Apr-2020
N2|NAYLOR|ISAAC|20120202|M|NS|3|WEFT STREET|BRADFORD|BD1 3AA|07-Apr-2020
""",
    "family_centres/clients.csv": """
client,first,last,born,sex,ethnicity,house,street,town,postcode,added
C1,Olivia,Smith,20-08-2015,F,WBRI,58,Shuttle Road,Bradford,BD20 3AA,08-04-2021
C2,Isaac,Naylor,02-02-2012,M,WBRI,3,Weft Street,Bradford,BD1 3AA,08-04-2021
""",
}


@pytest.fixture
def district(tmp_path: Path) -> Path:
    project = tmp_path / "district"
    copy_template(project)
    return project


@pytest.fixture
def linked(targeting: Targeting, district: Path, tmp_path: Path) -> Path:
    """Return a district into which two agencies' extracts were loaded, and linked."""
    for name, text in EXTRACTS.items():
        path = tmp_path / "extracts" / name
        path.parent.mkdir(parents=True)
        path.write_text(text.strip() + "\n", encoding="utf-8")
        (path.parent / "delivery.toml").write_text("extracted_on = 2026-03-29\nsynthetic = true\n", encoding="utf-8")
    assert targeting("--project", district, "load", tmp_path / "extracts", "--json")[0] == 0
    assert persons(targeting, district) == 3
    return district


def persons(targeting: Targeting, district: Path, *options: object) -> int:
    """Link, and return how many persons the four records are of in the end."""
    assert targeting("--project", district, "link", "--json", *options)[0] == 0
    records = open_generation(district / "var").person_records().to_pylist()
    return len({row["person_id"] for row in records if row["visible_to"] is None})


def answers_kept(district: Path) -> list[tuple[str, str, date]]:
    with open_staging(district / "var") as staging:
        staging.connection.execute(TABLES)
        rows = staging.table("select answer, answered_by, answered_on from review_answers order by number").to_pylist()
    return [tuple(row.values()) for row in rows]


def test_the_quality_of_linkage_on_a_labelled_file(targeting: Targeting, district: Path, tmp_path: Path) -> None:
    path = tmp_path / "labelled.csv"
    path.write_text(LABELLED, encoding="utf-8")
    named = "given_name=first,family_name=last,date_of_birth=born,house_number=no,postcode=code"
    options = ("--truth", "id", "--truth-pattern", "^.", "--columns", named)
    code, out, _ = targeting("--project", district, "link-quality", path, *options, "--json")
    assert code == 0
    result = json.loads(out)
    assert (result["precision"], result["recall"], result["f1"]) == (1.0, 0.5, 0.6667)
    assert result["pairs"] == {"true": 2, "joined": 1, "right": 1, "wrong": 0, "missed": 1}
    assert result["contradictions"] == {"other given names": 1}
    code, out, _ = targeting("--project", district, "link-quality", path, *options)
    assert code == 0
    assert "other given names" in out
    assert "Crabtree" not in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("link-quality", "{file}", "--truth", "id", "--columns", "name=first"), "no column of ours is named 'name'."),
        (("link-quality", "{file}", "--truth", "who", "--columns", "sex=no"), "no column is named 'who'."),
        (("review", "--as", "A. Reviewer", "--answers", "{answers}"), "abc: no such pair to be reviewed."),
        (("link", "--estimate"), "0 person records are too few to estimate from"),
        (("link", "--estimate", "--review", "pairs.csv"), "--estimate links nobody, so there is nothing to review."),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    targeting: Targeting, district: Path, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    named = {"file": LABELLED, "answers": "pair,answer\nabc,one\n"}
    for name, text in named.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    paths = {name: tmp_path / f"{name}.csv" for name in named}
    code, out, err = targeting("--project", district, *(argument.format_map(paths) for argument in arguments))
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_with_nothing_to_review_nothing_is_asked(targeting: Targeting, district: Path) -> None:
    code, out, _ = targeting("--project", district, "review", "--as", "A. Reviewer", "--json")
    assert (code, json.loads(out)) == (0, {"answered": 0, "waiting": 0})


def test_a_file_of_pairs_goes_out_and_comes_back_and_the_next_link_honours_it(
    targeting: Targeting, linked: Path, tmp_path: Path
) -> None:
    path = tmp_path / "review.csv"
    assert "1 pair to look at lies in " in targeting("--project", linked, "link", "--review", path)[2]
    rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert [(row["given name 1"].casefold(), row["answer"]) for row in rows] == [("olivia", "")]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(row | {"answer": "one"} for row in rows)
    code, out, _ = targeting("--project", linked, "review", "--as", "A. Reviewer", "--answers", path, "--json")
    assert (code, json.loads(out)) == (0, {"answered": 1, "waiting": 0})
    assert answers_kept(linked) == [("one", "A. Reviewer", today())]
    assert persons(targeting, linked) == 2


def test_pairs_are_shown_one_by_one_until_somebody_stops(
    targeting: Targeting, linked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("what?\ns\n"))
    code, out, err = targeting("--project", linked, "review", "--as", "A. Reviewer", "--json")
    assert (code, json.loads(out)) == (0, {"answered": 0, "waiting": 1})
    assert all(text in err for text in ("1 of 1", "2015-08-20", "BD20 3AA", "family_centres", "missing in both"))
    assert err.count("One person (1), two persons (2)") == 2
    monkeypatch.setattr(sys, "stdin", io.StringIO("2\n"))
    code, out, _ = targeting("--project", linked, "review", "--as", "A. Reviewer", "--json")
    assert (code, json.loads(out)) == (0, {"answered": 1, "waiting": 0})
    assert [said for said, _, _ in answers_kept(linked)] == ["two"]
    assert persons(targeting, linked) == 3
