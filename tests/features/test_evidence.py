"""Behind every value stand the facts that made it."""

from dataclasses import replace
from datetime import date

from tables import world_of
from worlds import SMALL_CONTRACT, MemoryGeneration, covered, indicator, rules_of, source

from targeting.features import column, compile_plan, days, facts, in_order_for_family, people, together_for_family
from targeting.features.evidence import Evidence, evidence, evidence_of

WORLD = world_of(
    {
        "seen": """
        family | event_date | knowledge_date | amount | size | grade | source
        a      | 2024-03-01 |                | 4      | 9    | a     | north
        a      | 2024-03-10 |                | 9      |      | b     | south
        a      | 2024-03-20 | 2024-04-20     | 7      | 2    | a     | north
        b      | 2024-03-02 |                |        |      | a     | north
        """,
        "started": """
        family | event_date | episode_id
        a      | 2024-01-01 | one
        a      | 2024-01-02 | two
        """,
        "ended": """
        family | event_date | episode_id
        a      | 2024-02-01 | one
        """,
    },
    sources=(source("north", SMALL_CONTRACT), source("south", SMALL_CONTRACT)),
)
seen = facts("seen")
VALUES = {
    "count": seen.count_for_family(),
    "grade": seen.where(column("grade") == "a").exists_for_family(),
    "latest": seen.latest_for_family("amount"),
    "least": seen.minimum_for_family("amount"),
    "rate": seen.rate("amount", "size").maximum_for_family(),
    "since": seen.days_since_latest_for_family(),
    "recent": seen.in_last(days(5)).count_for_family(),
    "open": facts("started").open_for_family(),
    "both": seen.in_last(days(25)).count_for_family() + facts("started").count_for_family(),
    "people": people.all().count_for_family(),
}
DATE = date(2024, 4, 1)
PLAN = compile_plan([indicator(v, name) for name, v in VALUES.items()], cohort=None, rules=rules_of(WORLD))


def test_a_value_rests_on_the_facts_that_made_it_with_the_latest_and_who_recorded_them():
    found = evidence(PLAN, MemoryGeneration(WORLD), "a", DATE)
    ids = {name: behind.fact_ids for name, behind in found.items()}
    assert ids == {
        "count": (1, 2),
        "grade": (1,),
        "latest": (2,),
        "least": (1,),
        "rate": (1,),
        "since": (2,),
        "recent": (),
        "open": (6,),
        "both": (2, 5, 6),
        "people": (),
    }
    assert found["count"] == Evidence((1, 2), date(2024, 3, 10), ("North", "South"))
    assert found["open"] == Evidence((6,), date(2024, 1, 2), ("North",))
    assert found["recent"] == Evidence((), None, ())


def test_a_fact_learned_later_is_behind_the_value_from_then_on():
    later = evidence(PLAN, MemoryGeneration(WORLD), "a", date(2024, 4, 21))
    assert later["count"].fact_ids == (1, 2, 3)
    assert later["latest"].fact_ids == (3,)


def test_nothing_stands_behind_an_unknown_value():
    found = evidence_of(PLAN, MemoryGeneration(WORLD), ["a", "b"], DATE)
    assert list(found) == ["a", "b"]
    assert found["b"]["latest"] == Evidence()
    assert found["b"]["count"].fact_ids == (4,)


def test_facts_that_are_held_but_cannot_say_are_not_behind_the_value():
    recently = covered([source("north", [])], ["seen"], first=date(2024, 3, 20))
    always = covered([source("north", [])], ["started"])
    found = evidence(PLAN, MemoryGeneration(replace(WORLD, coverage=recently + always)), "a", DATE)
    assert found["count"].fact_ids == (1, 2)
    assert found["both"] == Evidence()  # Its window begins before the source shared, so that the sum is unknown.


REPLAYED = world_of(
    {
        "seen": """
        family | person | event_date | amount | grade
        a      | one    | 2024-01-01 | 4      | a
        a      | one    | 2024-01-05 | 2      | b
        a      | one    | 2024-02-10 | 1      | b
        a      | two    | 2024-01-09 | 7      | c
        a      | two    | 2024-01-20 | 8      | a
        """,
        "started": """
        family | event_date | episode_id
        a      | 2024-01-03 | one
        a      | 2024-01-04 | two
        """,
    }
)
a, b, c = (seen.where(column("grade") == grade) for grade in "abc")
BEHIND = {
    "gap": (seen.longest_gap_for_family(), (3, 5)),
    "state": (seen.in_state_for_family(column("grade") == "b"), (2, 3)),
    "no_state": (seen.in_state_for_family(column("grade") == "c"), ()),
    "days_open": (facts("started").days_open_for_family(), (6,)),
    "together": (together_for_family(b, c, within=days(4)), (2, 4)),
    "of_two_kinds": (together_for_family(b, facts("started") | c, within=days(4)), (2, 4, 6, 7)),
    "apart": (together_for_family(b, c, within=days(3)), ()),
    "in_order": (in_order_for_family(a, b, c, within=days(30)), (1, 2, 4)),
    "other_order": (in_order_for_family(c, a, b, within=days(60)), (3, 4, 5)),
}


def test_a_replayed_value_rests_on_the_facts_that_decide_it():
    values = [indicator(value, name) for name, (value, _) in BEHIND.items()]
    plan = compile_plan(values, cohort=None, rules=rules_of(REPLAYED))
    found = evidence(plan, MemoryGeneration(REPLAYED), "a", DATE)
    assert {name: behind.fact_ids for name, behind in found.items()} == {name: ids for name, (_, ids) in BEHIND.items()}
