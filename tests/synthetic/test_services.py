"""What the services beside the first six hand over hangs together, and follows what households live through."""

import csv
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from targeting.synthetic import needs
from targeting.synthetic.stretches import by_age, weighing


def rows(out: Path, file: str, delimiter: str = ",") -> list[dict[str, str]]:
    with (out / file).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter=delimiter))


def day(text: str, pattern: str) -> date:
    return datetime.strptime(text, pattern).date()  # noqa: DTZ007


@pytest.fixture(scope="module")
def persons(large) -> dict[tuple[str, str], int]:
    """Return the true person behind each agency's reference."""
    records = pq.read_table(large / "truth/records.parquet").to_pydict()
    return dict(zip(zip(records["source"], records["record_key"], strict=True), records["person"], strict=True))


def test_a_child_s_first_caution_or_conviction_is_no_further_offence(large):
    found = sorted(
        rows(large, "youth_justice/outcomes.csv", ";"), key=lambda row: (row["outcome_date"], row["outcome_ref"])
    )
    # Who was dealt with before the feed began in April 2020 comes as having been so.
    first = {row["yp_ref"]: row for row in reversed(found)}
    again = [row for row in found if row is not first[row["yp_ref"]]]
    same_day = [row for row in again if row["outcome_date"] == first[row["yp_ref"]]["outcome_date"]]
    assert {row["further_offence"] for row in again if row not in same_day} == {"Y"}
    assert Counter(row["further_offence"] for row in first.values())["N"] > len(first) / 2


def test_those_whom_youth_justice_dealt_with_are_on_the_police_s_record(large, persons):
    custody = {
        persons["police_offences", row["CUSTODY_REF"]] for row in rows(large, "police_offences/DISPOSALS.csv", "|")
    }
    dealt_with = {persons["youth_justice", row["yp_ref"]] for row in rows(large, "youth_justice/outcomes.csv", ";")}
    assert dealt_with
    assert dealt_with <= custody


def test_an_offer_is_answered_once_and_only_what_was_accepted_is_worked_on(large):
    offers = rows(large, "families_first/FF_Offers.csv")
    answers = Counter((row["Accepted"] != "", row["Declined"] != "") for row in offers)
    assert answers[True, True] == 0
    assert answers[True, False] > 2 * answers[False, True] > 0
    accepted = {row["Ref"] for row in offers if row["Accepted"]}
    carers = {row["Ref"] for row in offers}
    worked = {row["Ref"] for row in rows(large, "families_first/FF_Work.csv")}
    assert worked & carers <= accepted


def test_needs_follow_the_form_of_their_time_and_end_with_it(large):
    noted = [(day(row["Noted"], "%d/%m/%Y"), row["Need"]) for row in rows(large, "families_first/FF_Needs.csv")]
    old = {need for when, need in noted if when < date(2022, 4, 1)}
    new = {need for when, need in noted if when >= date(2022, 4, 1)}
    assert (len(old), len(new), old & new) == (6, 10, set())
    assert max(when for when, _ in noted) <= date(2025, 3, 31)


def test_family_centres_work_with_children_who_have_a_plan(large, persons):
    plans = rows(large, "social_care/LCS_CIN_Plans.csv") + rows(large, "social_care/LCS_CP_Plans.csv")
    planned = {persons["social_care", row["Person ID"]] for row in plans}
    worked = {persons["family_centres", row["client"]] for row in rows(large, "family_centres/cases.csv")}
    assert len(worked & planned) > 0.97 * len(worked) > 0


def test_a_child_has_one_referral_to_camhs_at_a_time(large):
    held: dict[str, list[tuple[date, date]]] = {}
    for row in rows(large, "camhs/CAMHS_Referrals.csv"):
        closed = day(row["Closed"], "%d %b %Y") if row["Closed"] else date.max
        held.setdefault(row["PatientRef"], []).append((day(row["Received"], "%d %b %Y"), closed))
    pairs = [pair for times in held.values() for pair in zip(sorted(times), sorted(times)[1:], strict=False)]
    assert pairs
    assert all(earlier[1] < later[0] for earlier, later in pairs)


def test_young_people_out_of_work_and_school_are_16_or_17(large, persons):
    born = pq.read_table(large / "truth/people.parquet")["born"].to_pylist()
    found = rows(large, "youth_services/IYSS_NEET.csv")
    ages = [
        (day(row["From"], "%d-%b-%Y") - born[persons["youth_services", row["Client ID"]]]).days / 365.25
        for row in found
    ]
    assert 15.9 < min(ages) < max(ages) < 18.1


def test_households_in_strain_are_offered_help_and_come_as_homeless_more_often(large, persons):
    states = pq.read_table(large / "truth/states.parquet", columns=["family", "strain"])
    strained = set(pc.unique(states.filter(pc.equal(states["strain"], 2))["family"]).to_pylist())
    every = set(pc.unique(states["family"]).to_pylist())
    members = pq.read_table(large / "truth/families.parquet").to_pydict()
    family_of = dict(zip(reversed(members["person"]), reversed(members["family"]), strict=True))
    for folder, file, column in (
        ("families_first", "FF_Offers.csv", "Ref"),
        ("housing", "Applications.csv", "ApplicantRef"),
    ):
        seen = {family_of[persons[folder, row[column]]] for row in rows(large, f"{folder}/{file}")}
        calm = every - strained
        assert len(seen & strained) / len(strained) > 2 * len(seen & calm) / len(calm), file


def test_rates_by_age_step_up_where_they_say():
    ages = np.array([4.9, 5.0, 11.9, 12.0, 17.0])
    assert by_age(((5, 2.0), (12, 3.0)))(ages).tolist() == [0.0, 2.0, 2.0, 3.0, 3.0]


def test_needs_weigh_on_rates_as_logs():
    of_needs = weighing(abuse=0.5, strain=0.25)
    worst = np.flatnonzero((needs.ABUSE == 1) & (needs.STRAIN == 2))
    none = np.flatnonzero((needs.ABUSE == 0) & (needs.STRAIN == 0))
    assert of_needs[none].tolist() == [1.0] * none.size
    assert of_needs[worst] == pytest.approx(np.exp(1.0))
