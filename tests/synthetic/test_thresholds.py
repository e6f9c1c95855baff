"""Thresholds that drift, and move with month, manager, inspection and census, as the extracts show them."""

import csv
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from targeting.synthetic.calendar import HISTORY_START, NEVER, date_of, day_of
from targeting.synthetic.signing import signed, signing_days
from targeting.synthetic.thresholds import (
    INSPECTIONS,
    MANAGERS,
    Manager,
    manager_on,
    not_assessed_level,
    thresholds_on,
    was_inspected,
)

MOVE, END = date(2019, 4, 1), date(2026, 3, 29)


def day(text: str) -> date:
    return datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007


@pytest.fixture(scope="module")
def read(large):
    """Return a function that reads a file of social care's."""

    def rows(file: str) -> list[dict[str, str]]:
        with (Path(large) / "social_care" / file).open(encoding="utf-8") as lines:
            return list(csv.DictReader(lines))

    return rows


@pytest.fixture(scope="module")
def assessed(read) -> list[tuple[date, bool]]:
    """Return the day of each assessment and whether it found need, but for children with a disability."""
    rows = [row for row in read("LCS_Assessments.csv") if row["Primary Need"] != "Child's disability"]
    return [(day(row["Authorised On"]), row["Outcome"] == "Child in need") for row in rows]


def share(found: list[bool]) -> float:
    return sum(found) / len(found)


def test_august_brings_fewest_referrals(read):
    months = Counter(day(row["Referral Date"]).month for row in read("LCS_Referrals.csv"))
    assert months[8] == min(months.values())
    assert months[8] < 0.8 * sum(months.values()) / 12


def test_referrals_double_until_2022_and_fall_by_a_third_after(read):
    years = Counter((day(row["Referral Date"]) - timedelta(days=90)).year + 1 for row in read("LCS_Referrals.csv"))
    assert max(range(2016, 2026), key=years.get) == 2022
    assert 1.7 < years[2022] / years[2016] < 2.6
    assert 0.5 < years[2025] / years[2022] < 0.75


def test_a_manager_with_a_high_threshold_finds_less_need(assessed):
    by_manager = {
        manager: share([found for when, found in assessed if manager_on(when) == manager and not was_inspected(when)])
        for manager in MANAGERS
        if manager.since >= MOVE
    }
    strict, ready = (pick(by_manager, key=lambda manager: manager.finds_need) for pick in (min, max))
    assert by_manager[ready] - by_manager[strict] > 0.1


def test_more_need_is_found_in_the_half_year_after_an_inspection(assessed):
    began = INSPECTIONS[-1].began
    manager = manager_on(began)
    own = [(when, found) for when, found in assessed if manager_on(when) == manager]
    after, otherwise = ([found for when, found in own if was_inspected(when) == is_after] for is_after in (True, False))
    assert len(after) > 100
    assert share(after) > share(otherwise) + 0.04


def test_cases_are_closed_before_the_census_and_few_after(read):
    closed = [day(row["Closed On"]) for row in read("LCS_Referrals.csv") if row["Closure Reason"] == "Services ceased"]
    months = Counter(when.month for when in closed)
    assert months[3] > 1.6 * sum(months.values()) / 12
    assert months[3] > 2 * months[4]


def test_forms_are_signed_many_on_one_day_while_contacts_are_not(read):
    def in_busiest_tenth(file: str, column: str) -> float:
        days = Counter(row[column] for row in read(file) if day(row[column]) > MOVE)
        span = (END - MOVE).days
        return sum(count for _, count in days.most_common(span // 10)) / days.total()

    assert in_busiest_tenth("LCS_Assessments.csv", "Recorded On") > 0.6
    assert in_busiest_tenth("LCS_Contacts.csv", "Outcome Recorded On") < 0.4


def test_a_form_waits_for_the_next_signing_day_or_for_none():
    days = np.array([day_of(date(2024, 3, 4)) + each for each in range(400)], np.int32)
    found = signed(np.append(days, NEVER), np.random.default_rng(1))
    assert found[-1] == NEVER
    waited = found[:-1] != days
    assert set(found[:-1][waited].tolist()) <= set(signing_days().tolist())
    assert (found[:-1] >= days).all()
    assert 0.5 < waited.mean() < 0.7


def test_managers_sign_on_fridays_and_at_the_months_end_and_not_while_away():
    days = {date_of(each) for each in signing_days()}
    # Fridays of May 2024 and its last working day; 2 and 9 August are in the holidays; 20 and 27 December likewise.
    assert {each.day for each in days if (each.year, each.month) == (2024, 5)} == {3, 10, 17, 24, 31}
    assert {each.day for each in days if (each.year, each.month) == (2024, 8)} == {16, 23, 30}
    assert {each.day for each in days if (each.year, each.month) == (2024, 12)} == {6, 13}
    assert {each.day for each in days if (each.year, each.month) == (2024, 9)} == {6, 13, 20, 27, 30}


def test_thresholds_hang_on_the_day_alone():
    day_before, day_after = date(2024, 6, 30), date(2024, 7, 1)
    assert manager_on(day_before) == Manager(date(2022, 9, 5), 0.4)
    assert manager_on(day_after) == Manager(date(2024, 7, 1), 0.6)
    assert thresholds_on(day_before).finds_need == 0.4
    inspected = INSPECTIONS[-1].began
    assert not was_inspected(inspected - timedelta(days=1))
    assert was_inspected(inspected)
    assert thresholds_on(inspected).finds_need == pytest.approx(0.65)
    assert thresholds_on(date(2024, 3, 20)).closures > 4 * thresholds_on(date(2024, 4, 20)).closures


def test_managers_follow_one_another_and_one_was_there_when_records_begin():
    assert all(one.since < other.since for one, other in pairwise(MANAGERS))
    assert MANAGERS[0].since <= date_of(HISTORY_START)


def test_referrals_closed_unassessed_rise_and_fall_as_published():
    days = np.array([day_of(date(year, 1, 1)) for year in (2016, 2019, 2023, 2025, 2026)], np.int32)
    # Per cent of referrals times referrals per 10,000, over the most of any year (10.1 % of 614.9).
    most = 10.1 * 614.9
    expected = [3.7 * 395.3 / most, 1.0, 1.9 * 655.0 / most, 11.2 * 522.9 / most, 11.2 * 522.9 / most]
    assert not_assessed_level(days).tolist() == pytest.approx(expected)
