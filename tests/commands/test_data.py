"""`load` and `quarantine` as data staff meet them: what was taken, what was not, what to ask the agency."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from targeting.project.template import copy_template

Targeting = Callable[..., tuple[int, str, str]]
NOMINALS = """NOMINAL_REF|SURNAME|FORENAME|DOB|SEX|SDE|ADDR_NO|ADDR_STREET|ADDR_TOWN|ADDR_POSTCODE|CREATED
N1|SMITH|OLIVIA|20150820|F|NS|27|WARP STREET|BRADFORD|BD4 8AA|07-Apr-2020
N2|NAYLOR|ISAAC|20121302|M|NS|3|WEFT STREET|BRADFORD|BD1 3AA|07-Apr-2020
"""
MISSING = """MISPER_REF|NOMINAL_REF|MISSING_FROM|REPORTED|HOURS_MISSING
MP1|N1|17-Apr-2020|17-Apr-2020|8.2
"""


@pytest.fixture
def district(tmp_path: Path) -> Path:
    project, police = tmp_path / "district", tmp_path / "extracts" / "police"
    copy_template(project)
    police.mkdir(parents=True)
    (police / "NOMINALS.csv").write_text(NOMINALS, encoding="cp1252")
    (police / "MISSING.csv").write_text(MISSING, encoding="cp1252")
    (police / "delivery.toml").write_text("extracted_on = 2026-03-29\nsynthetic = true\n")
    return project


def test_a_load_ends_with_what_to_look_at_and_where_the_reasons_are(targeting: Targeting, district: Path) -> None:
    code, out, err = targeting("--project", district, "load", district.parent / "extracts")
    lines = [line.replace("│", " ").split() for line in out.splitlines()]
    assert (code, lines[-2]) == (0, ["2", "files", "3", "2", "1"])
    said = " ".join(err.split())
    assert "Warning: no folder for adult_services, camhs, childrens_centres," in said
    assert said.endswith("`targeting quarantine` says why rows were quarantined, and what would be right.")
    (fault,) = json.loads(targeting("--project", district, "quarantine", "--json")[1])["quarantined"]
    assert [fault[name] for name in ("file", "column", "rule", "what would be right", "shape", "first line")] == [
        *("police/NOMINALS.csv", "DOB", "not a date", "a date as %Y%m%d", "99999999", 3)
    ]


def test_an_empty_quarantine_says_so(targeting: Targeting, district: Path) -> None:
    (district.parent / "extracts" / "police" / "NOMINALS.csv").unlink()
    assert targeting("--project", district, "load", district.parent / "extracts")[0] == 0
    assert targeting("--project", district, "quarantine")[:2] == (0, "No row is quarantined.\n")
