"""Indicators of the district on small tables, the answers by hand."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

Values = Mapping[str, float | None]
ValuesOf = Callable[..., Values]
ValuesOfEach = Callable[..., Mapping[str, Values]]


def picked(values: Values, *names: str) -> list[float | None]:
    return [values[name] for name in names]


def test_an_incident_that_concerns_three_people_is_one_incident(values_of: ValuesOf) -> None:
    values = values_of(
        """
        domestic_abuse_incident | mother | 2026-03-01 | grade=high, child_present=yes
        domestic_abuse_incident | pupil  | 2026-03-01 | grade=high, child_present=yes
        domestic_abuse_incident | teen   | 2026-03-01 | grade=high, child_present=yes
        domestic_abuse_incident | mother | 2025-06-01 | grade=medium, child_present=no
        domestic_abuse_incident | mother | 2024-06-01 | grade=standard, child_present=no
        domestic_abuse_incident | mother | 2023-06-01 | grade=high, child_present=no
        """
    )
    names = ("abuse_incidents_3_months", "abuse_incidents_12_months", "abuse_incidents_24_months")
    assert picked(values, *names) == [1, 2, 3]
    assert picked(values, "high_grade_abuse_24_months", "abuse_with_child_present_12_months") == [1, 1]
    assert values["abuse_change"] == 1 - 1  # One in the last six months, one in the six before.


def test_recency_falls_from_one_to_none(values_of: ValuesOf) -> None:
    # 2026-03-01 is 29 days before 30 March: (732 - 29) / 732.
    incident = "domestic_abuse_incident | mother | 2026-03-01 | grade=medium, child_present=no"
    assert values_of(incident)["abuse_recency"] == pytest.approx(703 / 732)
    assert values_of("")["abuse_recency"] == 0


# Abuse; mental ill-health; alcohol or drugs; each pair; all three.
NEEDS = {
    "": (0, 0, 0, 0, 0, 0, 0),
    "assessment_factor | pupil | 2025-01-10 | factor=3B": (1, 0, 0, 0, 0, 0, 0),
    "assessment_factor | pupil | 2025-01-10 | factor=4A": (0, 0, 0, 0, 0, 0, 0),  # The child's own mental health.
    "mental_health_need | mother | 2025-01-10 |\nsubstance_need | mother | 2025-02-01 | substance=drugs": (
        *(0, 1, 1),
        *(0, 0, 1),
        0,
    ),
    "assessment_factor | pupil | 2025-01-10 | factor=3A\nassessment_factor | pupil | 2025-01-10 | factor=2B": (
        *(1, 0, 1),
        *(0, 1, 0),
        0,
    ),
    "domestic_abuse_incident | mother | 2025-01-10 | child_present=no\n"
    "mental_health_admission | mother | 2025-01-10 |\n"
    "substance_admission | mother | 2025-01-10 |": (1, 1, 1, 1, 1, 1, 1),
    "domestic_abuse_incident | mother | 2024-03-29 | child_present=no": (0, 0, 0, 0, 0, 0, 0),
}


def test_needs_that_meet_count_whichever_agency_recorded_them(values_of_each: ValuesOfEach) -> None:
    alone = ("abuse_by_any_agency", "mental_ill_health_by_any_agency", "substances_by_any_agency")
    pairs = ("abuse_and_mental_ill_health", "abuse_and_substances", "mental_ill_health_and_substances")
    values = values_of_each({facts: facts for facts in NEEDS})
    found = {facts: tuple(picked(each, *alone, *pairs, "all_three_needs")) for facts, each in values.items()}
    assert found == NEEDS


def term(person: str, last_day: str, *, possible: int, authorised: int = 0, unauthorised: int = 0) -> str:
    counts = f"sessions_authorised={authorised}, sessions_unauthorised={unauthorised}"
    missed = f"sessions_missed={authorised + unauthorised}"
    return f"attendance_term | {person} | {last_day} | sessions_possible={possible}, {counts}, {missed}\n"


TERMS = (
    term("pupil", "2026-03-27", possible=100, authorised=2, unauthorised=10)
    + term("pupil", "2025-12-19", possible=140, authorised=4)
    + term("pupil", "2025-07-21", possible=120, authorised=2)
    + term("pupil", "2025-04-04", possible=120)
    + term("teen", "2026-03-27", possible=100, unauthorised=60)
)


def test_absence_is_that_of_the_child_who_missed_most(values_of: ValuesOf) -> None:
    values = values_of(TERMS, date(2026, 4, 6))
    assert values["absence_last_term"] == pytest.approx(0.60)
    assert values["unauthorised_absence_last_term"] == pytest.approx(0.60)
    assert values["secondary_absence_two_terms"] == pytest.approx(0.60)
    # The pupil missed 16 of 240 over two terms, the teenager 60 of 100.
    assert picked(values, "persistent_absence", "severe_absence") == [1, 1]


def test_absence_is_compared_with_the_childrens_own_past(values_of: ValuesOf) -> None:
    values = values_of(TERMS, date(2026, 4, 6))
    # Pupil: 18 of 360 over three terms; teenager 60 of 100: mean .325. Before: the pupil alone, 0 of 120.
    assert values["absence_change"] == pytest.approx((18 / 360 + 60 / 100) / 2 - 0)


def test_without_a_child_at_school_absence_is_not_known_rather_than_none(values_of: ValuesOf) -> None:
    family = {"mother": (date(1990, 5, 1), False), "baby": (date(2025, 6, 20), True)}
    assert values_of("", family=family)["absence_last_term"] is None


def test_a_contact_without_action_is_forgotten_after_24_months(values_of_each: ValuesOfEach) -> None:
    events = ("2024-03-29", "2024-03-30", "2026-03-28")
    facts = {event: f"contact | pupil | {event} | referral_source=2A, outcome=no_further_action" for event in events}
    names = ("contacts_without_action_24_months", "contacts_12_months")
    counted = {event: picked(each, *names) for event, each in values_of_each(facts).items()}
    assert counted == {"2024-03-29": [0, 0], "2024-03-30": [1, 0], "2026-03-28": [1, 0]}


def test_a_move_after_an_incident_raises_nothing(values_of_each: ValuesOfEach) -> None:
    move = "school_started | pupil | 2025-02-01 | phase=primary, usual_time=no\n"
    incident = "domestic_abuse_incident | mother | 2024-09-01 | child_present=no\n"
    values = values_of_each({"moved": move, "moved after abuse": move + incident})
    assert {name: each["unusual_school_moves"] for name, each in values.items()} == {"moved": 1, "moved after abuse": 0}


def test_no_assessment_of_need_from_disability_counts(values_of: ValuesOf) -> None:
    values = values_of(
        """
        referral                    | pupil | 2025-05-01 | referral_source=3A, primary_need=N2, episode_id=r1
        assessment_completed        | pupil | 2025-06-01 | found_in_need=yes, primary_need=N2
        child_in_need_plan_started  | pupil | 2025-06-10 | episode_id=c1
        care_started                | pupil | 2025-07-01 | episode_id=b1, legal_basis=short_breaks
        """
    )
    names = ("referrals_24_months", "assessments_24_months", "earlier_child_in_need_plan", "earlier_care")
    assert picked(values, *names) == [0, 0, 0, 0]


def test_referrals_of_two_children_on_one_day_are_one_and_two_of_one_child_are_again(
    values_of_each: ValuesOfEach,
) -> None:
    first = "referral | pupil | 2025-05-01 | referral_source=3A, primary_need=N1, episode_id=r1\n"
    values = values_of_each(
        {
            "together": first + "referral | teen | 2025-05-01 | referral_source=3A, primary_need=N1, episode_id=r2",
            "again": first + "referral | pupil | 2025-10-01 | referral_source=2A, episode_id=r2",
        }
    )
    counted = {name: picked(each, "referrals_12_months", "referred_again") for name, each in values.items()}
    assert counted == {"together": [1, 0], "again": [2, 1]}


def test_what_midwives_and_health_visitors_recorded(values_of: ValuesOf) -> None:
    values = values_of(
        """
        maternity_booking      | mother | 2024-12-01 | gestation_weeks=13, smoking=yes, alcohol_units=0.5
        birth                  | baby   | 2025-06-20 | weight_grams=2499, gestation_weeks=37, mother_smoked=no
        health_visitor_contact | baby   | 2025-08-01 | contact=six_to_eight_weeks, status=not_brought
        maternal_mood          | mother | 2025-08-10 | concern=yes
        """
    )
    assert picked(values, "late_booking", "smoking_at_booking", "smoking_at_delivery", "alcohol_in_pregnancy") == [
        1,
        1,
        0,
        0,
    ]
    assert picked(values, "low_birth_weight", "born_early", "not_brought_12_months", "low_mood_after_birth") == [
        1,
        0,
        1,
        1,
    ]


def test_a_centre_notes_needs_and_strengths_but_not_money(values_of: ValuesOf) -> None:
    values = values_of(
        """
        childrens_centre_progress | mother | 2026-01-10 | domain=home_and_money, score=1
        childrens_centre_progress | mother | 2026-01-10 | domain=family_routines, score=2
        childrens_centre_progress | mother | 2026-02-10 | domain=family_routines, score=1
        childrens_centre_progress | mother | 2026-02-10 | domain=social_networks, score=5
        """
    )
    assert picked(values, "centre_needs", "centre_strengths") == [1, 1]


def test_the_household_is_who_lives_in_it(values_of: ValuesOf) -> None:
    family: dict[str, Any] = {
        "mother": (date(1990, 5, 1), False),
        "teen": (date(2012, 9, 10), True),
        "baby": (date(2025, 6, 20), True),
        "expected": (date(2026, 8, 1), True),
    }
    names = ("children", "children_under_five", "infants", "teenagers", "unborn_child", "youngest_age")
    assert picked(values_of("", family=family), *names) == [2, 1, 1, 1, 1, 0]
