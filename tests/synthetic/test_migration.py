"""The move to a new case system: headers came across, history was lost, some people have two numbers."""

import csv
from collections import defaultdict
from datetime import date, datetime
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

MOVE = date(2019, 4, 1)
# File, its day of beginning, when that was recorded, its end.
CAME = (
    ("LCS_Referrals.csv", "Referral Date", "Recorded On", "Closed On"),
    ("LCS_CP_Plans.csv", "Plan Start", "Start Recorded On", "Plan End"),
    ("LCS_Care_Periods.csv", "Care Start", "Start Recorded On", "Care End"),
)


def day(text: str) -> date | None:
    return datetime.strptime(text, "%d/%m/%Y").date() if text else None  # noqa: DTZ007


@pytest.fixture(scope="module")
def read(large):
    """Return a function that reads a file of social care's."""

    def rows(file: str) -> list[dict[str, str]]:
        with (Path(large) / "social_care" / file).open(encoding="utf-8") as lines:
            return list(csv.DictReader(lines))

    return rows


@pytest.fixture(scope="module")
def numbers(large) -> dict[int, list[str]]:
    """Return the case numbers of each true person."""
    records = pq.read_table(large / "truth/records.parquet")
    own = records.filter(pc.equal(records["source"], "social_care")).to_pylist()
    by_person = defaultdict(list)
    for row in own:
        by_person[row["person"]].append(row["record_key"])
    return by_person


@pytest.mark.parametrize(("file", "begins", "recorded", "ends"), CAME)
def test_what_began_before_the_move_is_known_from_that_day_and_nothing_earlier(read, file, begins, recorded, ends):
    before = [row for row in read(file) if day(row[begins]) < MOVE]
    assert len(before) > 20
    assert {day(row[recorded]) for row in before} == {MOVE}


@pytest.mark.parametrize(
    ("file", "column"),
    [
        ("LCS_Contacts.csv", "Contact Date"),
        ("LCS_Assessments.csv", "Authorised On"),
        ("LCS_Assessment_Factors.csv", "Authorised On"),
        ("LCS_Section47.csv", "Started On"),
    ],
)
def test_contacts_assessments_and_enquiries_stayed_behind(read, file, column):
    assert min(day(row[column]) for row in read(file)) >= MOVE


def test_in_need_plans_that_were_open_were_opened_anew_on_the_day_of_the_move(read):
    plans = read("LCS_CIN_Plans.csv")
    assert min(day(row["Plan Start"]) for row in plans) == MOVE
    # A few hundred days' worth of plans was open on the day, and was opened anew on it.
    assert sum(day(row["Plan Start"]) == MOVE for row in plans) > 20


def test_some_people_have_two_numbers_the_older_on_closed_cases_alone(read, numbers):
    two = {person: keys for person, keys in numbers.items() if len(keys) > 1}
    moved = {row["Person ID"] for row in read("LCS_Referrals.csv") if day(row["Referral Date"]) < MOVE}
    old = {key for keys in two.values() for key in keys if key.startswith("S")}
    assert all(len(keys) == 2 for keys in two.values())
    assert len(old) == len(two) > 10
    assert 0.01 < len(old & moved) / len(moved) < 0.10
    ended = [row["Closed On"] or row["NFA Date"] for row in read("LCS_Referrals.csv") if row["Person ID"] in old]
    assert all(day(when) < MOVE for when in ended)
    assert not {row["Person ID"] for row in read("LCS_Contacts.csv")} & old


def test_everyone_with_two_numbers_is_known_under_both(read, numbers):
    persons = {row["Person ID"]: row for row in read("LCS_Persons.csv")}
    assert sorted(persons) == sorted(key for keys in numbers.values() for key in keys)
    both = [[persons[key] for key in keys] for keys in numbers.values() if len(keys) == 2]
    same = [one["Forename"] == other["Forename"] and one["Surname"] == other["Surname"] for one, other in both]
    assert 0.4 < sum(same) / len(same) < 1


def test_nobody_with_an_open_case_on_the_day_has_two_numbers(read, numbers):
    two = {key for keys in numbers.values() if len(keys) == 2 for key in keys}
    for row in read("LCS_Referrals.csv"):
        ended = day(row["Closed On"] or row["NFA Date"])
        if day(row["Referral Date"]) < MOVE and (ended is None or ended >= MOVE):
            assert row["Person ID"] not in two
