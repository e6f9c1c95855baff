"""A child taught at home, elsewhere, in part or not at all: its absence is unknown, not zero, whoever tells of it.

Schools return the totals of a term; the education department tells of children who miss education, are in alternative
provision or on a reduced timetable. The two are different sources, and each goes on sharing.
"""

from collections.abc import Callable, Mapping

import pytest
from small_district import PEOPLE

# A pupil of school age and a mother; one more child at school stands for a brother.
ALONE = {name: PEOPLE[name] for name in ("mother", "pupil")}
WITH_BROTHER = {name: PEOPLE[name] for name in ("mother", "pupil", "teen")}
AT_SCHOOL = """
attendance_term | {who} | 2026-03-27 | sessions_possible=140, sessions_authorised=20, sessions_missed=28
"""
NOTHING_POSSIBLE = """
attendance_term | pupil | 2026-03-27 | sessions_possible=0, sessions_authorised=0, sessions_missed=0
"""
ELSEWHERE = {
    "taught at home": "home_education_started | pupil | 2025-08-20 | ",
    "missing education": "missing_education_started | pupil | 2025-08-20 | episode_id=m1",
    "alternative provision": "alternative_provision_started | pupil | 2025-08-20 | episode_id=a1, arranged_by=council",
    "reduced timetable": "reduced_timetable_started | pupil | 2025-08-20 | episode_id=r1, hours_a_week=5",
}
ABSENCE = ("absence_last_term", "absence_two_terms", "persistent_absence")

ValuesOfEach = Callable[..., Mapping[str, Mapping[str, float | None]]]


@pytest.mark.parametrize("returned", ["", NOTHING_POSSIBLE], ids=["no totals", "no possible sessions"])
def test_the_absence_of_a_child_taught_elsewhere_is_unknown(values_of_each: ValuesOfEach, returned: str) -> None:
    values = values_of_each({name: fact + "\n" + returned for name, fact in ELSEWHERE.items()}, family=ALONE)
    assert {name: [each[one] for one in ABSENCE] for name, each in values.items()} == {
        name: [None, None, None] for name in ELSEWHERE
    }


def test_a_child_at_school_of_whom_nothing_was_missed_is_zero_and_not_unknown(values_of_each: ValuesOfEach) -> None:
    facts = "attendance_term | pupil | 2026-03-27 | sessions_possible=140, sessions_authorised=0, sessions_missed=0"
    values = values_of_each({"one": facts}, family=ALONE)["one"]
    assert [values[name] for name in ABSENCE] == [0, 0, 0]


def test_a_term_taught_elsewhere_thins_no_rate_of_the_terms_at_school(values_of_each: ValuesOfEach) -> None:
    """At school until Christmas: 28 of the 140 sessions of that term; of the last term nothing is known."""
    at_school = AT_SCHOOL.format(who="pupil").replace("2026-03-27", "2025-12-19")
    since = {name: fact.replace("2025-08-20", "2026-01-05") for name, fact in ELSEWHERE.items()}
    values = values_of_each(
        {name: fact + "\n" + at_school + NOTHING_POSSIBLE for name, fact in since.items()}, family=ALONE
    )
    assert {name: [each[one] for one in ABSENCE] for name, each in values.items()} == {
        name: [None, 0.2, 1.0] for name in ELSEWHERE
    }


def test_a_brother_at_school_counts_alone(values_of_each: ValuesOfEach) -> None:
    facts = {name: fact + "\n" + AT_SCHOOL.format(who="teen") for name, fact in ELSEWHERE.items()}
    values = values_of_each(facts, family=WITH_BROTHER)
    # 28 of 140 sessions: a fifth, and the child taught elsewhere takes nothing from it.
    assert {name: [each[one] for one in ABSENCE] for name, each in values.items()} == {
        name: [0.2, 0.2, 1.0] for name in ELSEWHERE
    }
