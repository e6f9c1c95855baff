"""Planted faults change what they say and nothing else."""

from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pytest

END = date(2023, 6, 30)
LATE = {
    "LCS_Referrals.csv": ("Referral ID", "Referral Date", "Recorded On"),
    "LCS_Section47.csv": ("Enquiry ID", "Started On", "Start Recorded On"),
    "LCS_CIN_Plans.csv": ("Plan ID", "Plan Start", "Start Recorded On"),
    "LCS_CP_Plans.csv": ("Plan ID", "Plan Start", "Start Recorded On"),
}


@pytest.fixture(scope="module")
def plain(make) -> Path:
    return make(400, seed=11, end=END)


@pytest.fixture(scope="module")
def planted(make) -> Path:
    return make(400, seed=11, end=END, plants=["leaked_column", "late_recording"])


def rows(out: Path, file: str) -> list[dict[str, str]]:
    path = out / "social_care" / file
    header = path.read_text().splitlines()[0].replace('"', "").split(",")
    options = pacsv.ConvertOptions(column_types=dict.fromkeys(header, pa.string()))
    return pacsv.read_csv(path, convert_options=options).to_pylist()


def day(text: str) -> date:
    return datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007


def test_only_the_files_named_differ(plain, planted):
    differing = {
        path.relative_to(plain).as_posix()
        for path in plain.rglob("*")
        if path.is_file() and path.read_bytes() != (planted / path.relative_to(plain)).read_bytes()
    }
    named = {"social_care/LCS_Contacts.csv", *(f"social_care/{file}" for file in LATE)}
    # What is not on record yet when the extract is made counts in no rate, and stands in no return made of it.
    elsewhere = {name for name in differing if name.startswith("returns/")} | {"rates.json"}
    assert differing - elsewhere == named


def test_a_leaked_column_alone_changes_among_contacts(plain, planted):
    before, after = rows(plain, "LCS_Contacts.csv"), rows(planted, "LCS_Contacts.csv")
    assert [{**row, "Case Priority": ""} for row in before] == [{**row, "Case Priority": ""} for row in after]


def test_a_leaked_column_carries_the_future(plain, planted):
    def urgent_when_escalating(out: Path) -> tuple[float, float]:
        found = [row for row in rows(out, "LCS_Assessments.csv") if row["Outcome"] == "Child in need"]
        later = {(row["Person ID"], day(row["Authorised On"])) for row in found}
        urgent = {True: [], False: []}
        for row in rows(out, "LCS_Contacts.csv"):
            when = day(row["Contact Date"])
            comes = any(key == row["Person ID"] and 0 < (then - when).days <= 365 for key, then in later)
            urgent[comes].append(row["Case Priority"] == "Urgent")
        return tuple(sum(flags) / len(flags) for flags in (urgent[True], urgent[False]))

    honest_true, honest_false = urgent_when_escalating(plain)
    leaked_true, leaked_false = urgent_when_escalating(planted)
    assert leaked_true > 0.8
    assert honest_true < 0.3
    assert leaked_false < 0.35
    assert honest_false < 0.1


@pytest.mark.parametrize("file", LATE)
def test_late_recording_moves_the_recording_and_never_the_event(plain, planted, file):
    key, event, recorded = LATE[file]
    before = {row[key]: row for row in rows(plain, file)}
    after = {row[key]: row for row in rows(planted, file)}
    assert after.keys() <= before.keys()
    moved = [(day(after[each][recorded]) - day(before[each][recorded])).days for each in after]
    assert all(after[each][event] == before[each][event] for each in after)
    assert {each == 0 or 21 <= each <= 120 for each in moved} == {True}
    if len(moved) > 40:
        assert 0.1 < sum(each > 0 for each in moved) / len(moved) < 0.4


UNFAIR = {
    "over_policed_ward": (("police/", "social_care/", "returns/"), "police/DA_INVOLVED_PERSONS.csv"),
    "missed_labels": (("social_care/", "returns/"), "social_care/LCS_CP_Plans.csv"),
    "unscreened_group": (("maternity/MoodReviews.csv",), "maternity/MoodReviews.csv"),
}
# What follows from the files, and whom an agency has met. Returns are of the same histories as social care's files.
TOLD = {"rates.json", "truth/records.parquet"}


@pytest.fixture(scope="module", params=UNFAIR)
def unfair(request, make) -> tuple[str, Path]:
    return request.param, make(400, seed=11, end=END, plants=[request.param])


def test_unfairness_is_planted_in_its_agencys_files_alone(plain, unfair):
    plant, out = unfair
    differing = {
        path.relative_to(plain).as_posix()
        for path in plain.rglob("*")
        if path.is_file() and path.read_bytes() != (out / path.relative_to(plain)).read_bytes()
    }
    assert differing - TOLD
    assert {name for name in differing - TOLD if not name.startswith(UNFAIR[plant][0])} == set()


def test_what_is_planted_is_there(plain, unfair):
    plant, out = unfair
    before, after = (len((each / UNFAIR[plant][1]).read_bytes().splitlines()) for each in (plain, out))
    assert after > 1.2 * before if plant == "over_policed_ward" else after < before


def test_missed_labels_leave_the_number_of_assessments_and_what_truly_happened(plain, make):
    out = make(400, seed=11, end=END, plants=["missed_labels"])
    found = [[row["Outcome"] for row in rows(each, "LCS_Assessments.csv")] for each in (plain, out)]
    assert len(found[0]) == len(found[1])
    assert found[1].count("Child in need") < found[0].count("Child in need")
    escalations = [(each / "truth/escalations.parquet").read_bytes() for each in (plain, out)]
    assert escalations[0] == escalations[1]
