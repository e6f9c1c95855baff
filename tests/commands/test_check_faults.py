"""`targeting check` tells every fault of every declaration at once, each with its file and line, and what exists."""

from collections.abc import Callable
from pathlib import Path

import pytest

from targeting.project.template import copy_template

Outcome = tuple[int, str, str]

WRONG = """
from targeting.features import Indicator, column, facts, months

unknown_fact = Indicator("A", facts("referal").exists_for_family(), concern="c", sentence="A")
unknown_column = Indicator(
    "B", facts("referral").where(column("sauce") == "1A").exists_for_family(), concern="c", sentence="B"
)
unknown_code = Indicator(
    "C", facts("referral").where(column("primary_need") == "N99").exists_for_family(), concern="c", sentence="C"
)
refused = Indicator(
    "D", facts("person_described").where(column("ethnicity") == "WBRI").exists_for_family(), concern="c", sentence="D"
)
unreviewed = Indicator(
    "E", facts("address_recorded").count_distinct_for_family("ward"), concern="c", sentence="{count:ward}"
)
persistent_absence = Indicator("F", facts("referral").exists_for_family(), concern="c", sentence="F")
forgetful = Indicator(
    "G", facts("referral").in_last(months(36)).exists_for_family(), concern="c", sentence="G", longest_memory=months(24)
)
never_again = Indicator(
    "H", facts("referral").exists_for_family(), concern="c", sentence="H", use="refused", refused_because="it was tried"
)
"""
WITHOUT_UNIT = """
from targeting.features import Indicator, facts

recent = Indicator("I", facts("referral").in_last(6).exists_for_family(), concern="c", sentence="I")
"""
UNUSED = """
from targeting.features import Indicator, facts

nobodys = Indicator("J", facts("referral").exists_for_family(), concern="c", sentence="J")
misspelt_context = Indicator("K", facts("refferal").exists_for_family(), concern="c", sentence="K", use="context")
"""


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A district with one fault of each sort."""
    copy_template(tmp_path)
    features = tmp_path / "features"
    for name, text in (("wrong", WRONG), ("without_unit", WITHOUT_UNIT), ("unused", UNUSED)):
        (features / f"{name}.py").write_text(text.lstrip("\n"), encoding="utf-8")
    _edit(tmp_path / "models" / "escalation.toml", '"youth.*",', '"youth.*", "wrong.*", "without_unit.*",')
    return tmp_path


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_one_fault_of_each_sort_is_told_in_one_run(targeting: Callable[..., Outcome], broken: Path) -> None:
    police = broken / "features" / "sources" / "police.py"
    date_of = next(line for line in police.read_text(encoding="utf-8").splitlines() if "expires_on" in line)
    _edit(police, date_of, date_of.replace(date_of.split("expires_on=")[1], "date(2020, 1, 31)),"))
    code, out, err = targeting("--project", broken, "check")
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    for line, (place, *said) in enumerate(EXPECTED):
        told = [each for each in err.splitlines() if each.startswith(place) and said[0] in each]
        assert told, (line, place, err)
        assert all(part in told[0] for part in said), told


EXPECTED = [
    ("features/wrong.py:3:", "'unknown_fact' uses facts('referal'), which do not exist.", "Did you mean referral"),
    (
        "features/wrong.py:4:",
        "the column 'sauce' of 'referral', which does not exist.",
        "primary_need, referral_source",
    ),
    ("features/wrong.py:7:", "'N99', which is no code of it.", "Those that do: N0, N1, N2"),
    ("features/wrong.py:10:", "touches 'ethnicity'", "refuses as an input"),
    ("features/wrong.py:13:", "a proxy that nobody reviewed", "sets its review_date"),
    ("features/wrong.py:16:", "'persistent_absence'", "features/absence.py"),
    ("features/wrong.py:17:", "promises longest_memory=months(24), but looks back months(36)"),
    ("features/without_unit.py:3:", "a window needs a unit: write days(6), weeks(6) or months(6)"),
    ("features/unused.py:3:", "'nobodys' is in no model", "Those that do: ", "escalation"),
    (
        "features/unused.py:4:",
        "'misspelt_context' uses facts('refferal'), which do not exist.",
        "Did you mean referral",
    ),
    ("features/sources/police.py:", "expired on 2020-01-31", "unknown from then on"),
]


def test_an_indicator_that_is_refused_is_no_models_and_counts_as_no_fault(
    targeting: Callable[..., Outcome], tmp_path: Path
) -> None:
    copy_template(tmp_path)
    declaration = WRONG[: WRONG.index("unknown_fact")] + WRONG[WRONG.index("never_again") :]
    (tmp_path / "features" / "wrong.py").write_text(declaration, encoding="utf-8")
    assert targeting("--project", tmp_path, "check")[0] == 0
    _edit(tmp_path / "models" / "escalation.toml", '"youth.*",', '"youth.*", "wrong.*",')
    code, _, err = targeting("--project", tmp_path, "check")
    assert code == 2
    assert "models/escalation.toml: indicators: 'wrong.*' matches no indicator" in err


def test_an_agreement_that_has_expired_stops_no_other_command(
    targeting: Callable[..., Outcome], tmp_path: Path
) -> None:
    copy_template(tmp_path)
    police = tmp_path / "features" / "sources" / "police.py"
    date_of = next(line for line in police.read_text(encoding="utf-8").splitlines() if "expires_on" in line)
    _edit(police, date_of, date_of.replace(date_of.split("expires_on=")[1], "date(2020, 1, 31)),"))
    assert targeting("--project", tmp_path, "check")[0] == 2
    assert targeting("--project", tmp_path, "describe", "persistent_absence", "--json")[0] == 0
