"""A child taught at home, elsewhere, in part or not at all: its absence is unknown, not zero, whoever tells of it.

Schools return the totals of a term; the education department tells of children who miss education, are in alternative
provision or on a reduced timetable. The two are different sources, and each goes on sharing: where both tell of one
term, what the school returned is not believed.
"""

from collections.abc import Callable, Mapping

import pytest
from small_district import PEOPLE

from targeting.features import Indicator
from targeting.features.leaves import facts_of, leaves_of

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


RETURNED = {
    "no totals": "",
    "no possible sessions": NOTHING_POSSIBLE,
    "sessions all the same": AT_SCHOOL.format(who="pupil"),
}


@pytest.mark.parametrize("returned", RETURNED.values(), ids=RETURNED)
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


def test_no_indicator_reads_the_totals_of_a_term_without_asking_where_the_child_was_taught(
    indicators: dict[str, Indicator],
) -> None:
    spells = {kind.split(" | ")[0] for kind in ELSEWHERE.values()}
    asked = {
        name: {each.kind for during in facts.exclusions for each in during.spells}
        for name, each in indicators.items()
        for leaf in leaves_of(each.value)
        for facts in facts_of(leaf)
        if facts.kind == "attendance_term"
    }
    assert asked == dict.fromkeys(asked, spells)
    assert "secondary_absence_two_terms" in asked
