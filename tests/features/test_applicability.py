"""What is unknown is told apart from what is not applicable: nobody of the family could have had such a record."""

import runpy
from datetime import date
from pathlib import Path

import numpy as np
from slow_twin import Linked
from tables import world_of
from worlds import LONG_AGO, SMALL_CONTRACT, MemoryGeneration, indicator, rules_of, source

from targeting.features import compile_plan, days, facts
from targeting.features.engine import build_matrix
from targeting.features.expressions import Expression
from targeting.sources.definition import Source

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "applicability.py"
unknown_where_applicable = runpy.run_path(str(BENCHMARK))["unknown_where_applicable"]

seen = facts("seen")
DATES = (date(2024, 3, 1), date(2025, 3, 1))
# The register holds children from 5 to below 16. On the first date the child of young is four, that of just_five turned
# five within the window of thirty days, that of grown is seventeen; of not_known the birth date is missing.
MEMBERS = """
    family     | person | birth      | is_child
    young      | one    | 2019-06-01 | yes
    grown      | two    | 2007-01-01 | yes
    at_school  | three  | 2015-01-01 | yes
    just_five  | four   | 2019-02-20 | yes
    two_of_one | five   | 2019-06-01 | yes
    two_of_one | six    | 2014-01-01 | yes
    not_known  | seven  |            | yes
    """
PERSONS = ("one", "two", "three", "four", "five", "six", "seven")
RATE = seen.in_last(days(30)).rate("amount", "size")
FAMILIES = ("grown", "just_five", "two_of_one", "not_known", "at_school", "young")
KEPT, LEFT_OUT, NOT_LINKED = (2, 2), (2, 0), (3, 3)


def codes(value: Expression, *sources: Source, linked: bool = True) -> list[dict[str, tuple[int, int]]]:
    """Return for each date, by family, why a value is unknown: as the matrix says it, and where it is applicable."""
    known = tuple(Linked(person, each.name, LONG_AGO) for person in PERSONS for each in sources if linked)
    world = world_of({}, MEMBERS, sources=sources, links=known)
    plan, generation = compile_plan([indicator(value)], cohort=None, rules=rules_of(world)), MemoryGeneration(world)
    matrix = build_matrix(plan, generation, DATES)
    before = matrix.unknown.copy()
    applicable = unknown_where_applicable(plan, generation, matrix)
    assert np.array_equal(matrix.unknown, before)
    found = zip(matrix.family_id.tolist(), before[:, 0].tolist(), applicable[:, 0].tolist(), strict=True)
    told = [(family, (code, left)) for family, code, left in found]
    return [dict(told[: len(FAMILIES)]), dict(told[len(FAMILIES) :])]


def register(name: str, first: int, below: int) -> Source:
    return source(name, SMALL_CONTRACT, register_ages=(first, below))


def test_a_rate_over_nothing_is_not_applicable_where_nobody_was_of_school_age_over_the_whole_window():
    first, second = codes(RATE.maximum_for_family(), register("north", 5, 16))
    none = {"grown": LEFT_OUT, "at_school": KEPT, "two_of_one": KEPT, "not_known": KEPT}
    assert first == none | {"young": LEFT_OUT, "just_five": LEFT_OUT}
    assert second == none | {"young": KEPT, "just_five": KEPT}


def test_a_child_whom_no_register_knows_stays_unknown():
    first, _ = codes(RATE.maximum_for_family(), register("north", 5, 16), linked=False)
    assert first["at_school"] == first["two_of_one"] == first["just_five"] == NOT_LINKED
    assert first["young"] == first["grown"] == LEFT_OUT


def test_where_a_source_keeps_no_register_anybody_could_have_a_record():
    for sources in ((source("north", SMALL_CONTRACT),), (register("north", 5, 16), source("south", SMALL_CONTRACT))):
        assert set(codes(RATE.maximum_for_family(), *sources)[0].values()) == {KEPT}


def test_an_indicators_own_ages_narrow_those_of_the_register():
    young = seen.of_children(from_age=5, below_age=8).in_last(days(30)).rate("amount", "size").maximum_for_family()
    first, second = codes(young, register("north", 5, 16))
    assert (first["two_of_one"], first["at_school"]) == (LEFT_OUT, LEFT_OUT)
    assert (second["two_of_one"], second["at_school"]) == (KEPT, LEFT_OUT)


def test_a_change_is_applicable_where_both_its_windows_are():
    before = seen.between(days(400), days(30)).rate("amount", "size").maximum_for_family()
    _, second = codes(RATE.maximum_for_family() - before, register("north", 5, 16))
    assert (second["young"], second["just_five"], second["at_school"]) == (LEFT_OUT, LEFT_OUT, KEPT)
