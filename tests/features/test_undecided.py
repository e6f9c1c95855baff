"""Who has to be asked before it is known whether a family is in a cohort: by hand."""

from collections.abc import Mapping
from datetime import date

import pytest
from tables import world_of
from worlds import SMALL_CONTRACT, MemoryGeneration, covered, rules_of, source

from targeting.features import Cohort, compile_plan, facts, people
from targeting.features.engine import as_of_days, runs
from targeting.features.expressions import Expression
from targeting.features.undecided import sources_to_ask

DATE = date(2024, 4, 1)
NORTH, SOUTH = source("north", SMALL_CONTRACT), source("south", ("seen",))
SEEN, STARTED = facts("seen").exists_for_family(), facts("started").exists_for_family()
# a: nobody was asked. b: south alone was. c: north alone was. d: both were.
NOT_ASKED = frozenset({("a", "north"), ("a", "south"), ("b", "north"), ("c", "south")})
MEMBERS = "family\na\nb\nc\nd"
RECORDS = {"started": "family | event_date | episode_id\nd | 2024-03-01 | one"}


def to_ask(cohort: Expression, **changes: object) -> Mapping[str, tuple[str, ...]]:
    sources = (NORTH, SOUTH)
    shared = covered([NORTH], ["started"]) + covered(sources, ["seen"])
    world = world_of(RECORDS, MEMBERS, **{"sources": sources, "coverage": shared, "not_asked": NOT_ASKED, **changes})
    plan = compile_plan([], cohort=Cohort("a cohort", cohort, name="cohort"), rules=rules_of(world))
    found: dict[str, tuple[str, ...]] = {}
    for run in runs(plan, MemoryGeneration(world), as_of_days(plan, [DATE]), None):
        found |= {family: tuple(each.name for each in those) for family, those in sources_to_ask(run).items()}
    return found


@pytest.mark.parametrize(
    ("cohort", "expected"),
    [
        # North alone shares what was started; either shares what was seen.
        (STARTED, {"a": ("north",), "b": ("north",)}),
        (SEEN, {"a": ("north", "south")}),
        (~SEEN & ~STARTED, {"a": ("north", "south"), "b": ("north",)}),
        # Known whoever is asked: it is false, or true, for another reason.
        (STARTED & (people.all().count_for_family() > 1), {}),
        (STARTED | (people.all().count_for_family() == 1), {}),
        (people.all().exists_for_family(), {}),
    ],
)
def test_whoever_could_tell_and_was_not_asked_has_to_be(cohort: Expression, expected: Mapping[str, object]) -> None:
    assert to_ask(cohort) == expected


def test_where_asking_would_not_help_or_all_were_asked_nobody_has_to_be() -> None:
    assert to_ask(STARTED, coverage=covered([NORTH], ["seen"])) == {}
    assert to_ask(STARTED, not_asked=frozenset()) == {}
