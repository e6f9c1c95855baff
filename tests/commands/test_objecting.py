"""Whoever objects is named by the id of the agency's source, or of a case system that shares its numbering."""

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from targeting.project.template import copy_template

Targeting = Callable[..., tuple[int, str, str]]
EXTRACTS = {
    "LCS_Persons.csv": """
Person ID,Forename,Surname,Date of Birth,Expected Date of Birth,Gender,NHS Number,UPN,Ethnicity,Disability,House No,\
Street,Town,Postcode,UPRN,Record Created
71,Olivia,Smith,20/08/2015,,Female,,,White - British,None,27,Warp Street,Bradford,BD4 8AA,,01/04/2021
""",
    "EHM_Episodes.csv": """
Episode ID,Person ID,Opened On,Opening Recorded On,Requested By,Closure Outcome,Closed On,Closure Recorded On
E1,71,21/03/2022,23/03/2022,LA - other internal,,,
""",
}


def test_an_objection_is_of_one_person_whichever_case_system_names_them(
    targeting: Targeting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    district, folder = tmp_path / "district", tmp_path / "extracts" / "social_care"
    copy_template(district)
    folder.mkdir(parents=True)
    (folder / "delivery.toml").write_text("extracted_on = 2026-03-29\nsynthetic = true\n")
    for name, text in EXTRACTS.items():
        (folder / name).write_text(text.strip() + "\n")
    for command in (("load", tmp_path / "extracts"), ("link",)):
        assert targeting("--project", district, *command, "--json")[0] == 0

    def objecting(system: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{system}\n71\n"))
        code, out, err = targeting("--project", district, "object", "--as", "Ann")
        return code, " ".join((out + err).split())

    code, told = objecting("ehms")
    assert code == 2
    assert "the system 'ehms' does not exist. Those that do: " in told
    assert "Did you mean ehm?" in told
    assert objecting("ehm")[0] == 0
    code, told = objecting("lcs")
    assert code == 2
    assert "this person's objection" in told
    assert "is open already; it holds." in told
