"""TOML declarations: every fault at once, with what exists."""

from datetime import date
from pathlib import Path

import pytest

from targeting.errors import DeclarationError
from targeting.project.settings import read_settings
from targeting.toml_files import Declared, read_toml


class Review(Declared):
    owner: str
    due: date


class Policy(Declared):
    name: str
    limit: float = 0.5
    review: tuple[Review, ...] = ()


def write(folder: Path, text: str, name: str = "policy.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_that_fits_is_read_with_its_arrays_as_tuples(tmp_path: Path) -> None:
    path = write(tmp_path, 'name = "x"\n[[review]]\nowner = "Ann"\ndue = 2027-01-31\n')
    assert read_toml(path, Policy, place="policy.toml") == Policy(
        name="x", review=(Review(owner="Ann", due=date(2027, 1, 31)),)
    )


def test_all_faults_are_told_at_once_with_their_places(tmp_path: Path) -> None:
    path = write(tmp_path, 'nme = "x"\nlimit = "high"\n[[review]]\nowner = "Ann"\ndew = 2027-01-31\n')
    with pytest.raises(DeclarationError) as caught:
        read_toml(path, Policy, place="policy.toml")
    assert [str(fault) for fault in caught.value.faults] == [
        "policy.toml: limit: input should be a valid number.",
        "policy.toml: name: is missing.",
        "policy.toml: nme: no such key. Those that do: limit, name, review. Did you mean name?",
        "policy.toml: review[0].dew: no such key. Those that do: due, owner. Did you mean due?",
        "policy.toml: review[0].due: is missing.",
    ]


@pytest.mark.parametrize("text", ["name = \n", "name = 'x'\nname = 'y'\n"])
def test_what_is_not_toml_is_said_with_its_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(DeclarationError, match=r"policy\.toml: not valid TOML: .*line"):
        read_toml(write(tmp_path, text), Policy, place="policy.toml")


def test_an_absent_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match=r"models/x\.toml: the file does not exist"):
        read_toml(tmp_path / "x.toml", Policy, place="models/x.toml")


def test_terms_may_not_overlap(tmp_path: Path) -> None:
    write(
        tmp_path,
        """
        name = "A district"
        [[term]]
        name = "autumn"
        first = 2025-09-01
        last = 2025-12-19
        [[term]]
        name = "spring"
        first = 2025-12-19
        last = 2026-03-27
        """,
        "targeting.toml",
    )
    with pytest.raises(DeclarationError, match="term spring: begins before term autumn ends"):
        read_settings(tmp_path)
