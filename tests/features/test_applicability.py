"""What concerns nobody in the family is told apart from what nobody recorded: no member could have had such a fact."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import product

import numpy as np
import pytest
from slow_twin import Linked, value_of
from tables import spec, world_of
from worlds import LONG_AGO, SMALL_CONTRACT, cells, covered, matrix_of, source

from targeting.features import applicability, case, days, facts, people
from targeting.features.expressions import Expression
from targeting.features.matrix import REASONS, Unknown
from targeting.features.programs import first_reason
from targeting.sources.definition import Agreement, Source

seen, started = facts("seen"), facts("started")
NOT_SHARED, NOT_COLLECTED, NOT_LINKED, EXPIRED, NOT_APPLICABLE = ((None, code) for code in range(1, 6))
BEFORE, AFTER = "2024-03-01", "2025-03-01"
# The register holds children from 5 to below 16. On the first date the child of young is four, that of just_five turned
# five within the window of thirty days, that of grown is seventeen; of not_known the birth date is missing.
MEMBERS = """
    family     | person | birth      | is_child | to
    young      | one    | 2019-06-01 | yes      |
    grown      | two    | 2007-01-01 | yes      |
    at_school  | three  | 2015-01-01 | yes      |
    just_five  | four   | 2019-02-20 | yes      |
    two_of_one | five   | 2019-06-01 | yes      |
    two_of_one | six    | 2014-01-01 | yes      |
    not_known  | seven  |            | yes      |
    has_left   | eight  | 2014-01-01 | yes      | 2024-02-20
    has_left   | parent | 1985-01-01 |          |
    """
PERSONS = ("one", "two", "three", "four", "five", "six", "seven")
RATE = seen.in_last(days(30)).rate("amount", "size")
FAMILIES = ("young", "grown", "at_school", "just_five", "two_of_one", "not_known", "has_left")


def register(name: str = "north", first: float = 5, below: float = 16) -> Source:
    return source(name, SMALL_CONTRACT, register_ages=(first, below))


def check(value: Expression, as_of: str, expected: dict[str, object], *sources: Source, **changes: object) -> None:
    """Check the value of families, from whom nothing is recorded, whose children every source knows."""
    known = tuple(Linked(person, each.name, LONG_AGO) for person in PERSONS for each in sources)
    common = {"sources": sources, "links": known} | changes
    spec("family | event_date", value, as_of=as_of, members=MEMBERS, expected=expected, **common)


def test_a_rate_over_nothing_is_not_applicable_where_nobody_was_of_school_age_over_the_whole_window():
    always = {
        "grown": NOT_APPLICABLE,
        "at_school": NOT_COLLECTED,
        "two_of_one": NOT_COLLECTED,
        "not_known": NOT_COLLECTED,
        "has_left": NOT_APPLICABLE,
    }
    value = RATE.maximum_for_family()
    check(value, BEFORE, always | {"young": NOT_APPLICABLE, "just_five": NOT_APPLICABLE}, register())
    check(value, AFTER, always | {"young": NOT_COLLECTED, "just_five": NOT_COLLECTED}, register())


@pytest.mark.parametrize(("as_of", "expected"), [("2024-03-20", NOT_APPLICABLE), ("2024-03-21", NOT_COLLECTED)])
def test_a_child_is_asked_about_once_it_had_the_age_on_the_windows_first_day(as_of, expected):
    check(RATE.maximum_for_family(), as_of, {"just_five": expected}, register())


@pytest.mark.parametrize(("as_of", "expected"), [("2024-02-19", NOT_APPLICABLE), ("2024-02-20", NOT_COLLECTED)])
def test_without_a_window_the_age_on_the_date_itself_decides(as_of, expected):
    check(seen.latest_for_family("amount"), as_of, {"just_five": expected}, register())


@pytest.mark.parametrize(("as_of", "expected"), [("2030-12-31", NOT_COLLECTED), ("2031-01-01", NOT_APPLICABLE)])
def test_a_child_is_asked_about_until_it_leaves_the_registers_ages(as_of, expected):
    check(RATE.maximum_for_family(), as_of, {"at_school": expected}, register())


def test_a_child_whom_no_register_knows_is_not_linked_and_what_concerns_nobody_needs_no_link():
    expected = {"at_school": NOT_LINKED, "two_of_one": NOT_LINKED, "young": NOT_APPLICABLE, "grown": NOT_APPLICABLE}
    check(RATE.maximum_for_family(), BEFORE, expected, register(), links=())


def test_where_a_source_keeps_no_register_anybody_in_the_role_could_have_a_record():
    everybody = dict.fromkeys(FAMILIES, NOT_COLLECTED)
    check(RATE.maximum_for_family(), BEFORE, everybody, source("north", SMALL_CONTRACT))
    check(RATE.maximum_for_family(), BEFORE, everybody, register(), source("south", SMALL_CONTRACT))
    of_adults = dict.fromkeys(FAMILIES, NOT_APPLICABLE) | {"has_left": NOT_COLLECTED}
    check(seen.of_adults().latest_for_family("amount"), BEFORE, of_adults, source("north", SMALL_CONTRACT))


def test_a_source_that_does_not_tell_of_the_kind_is_not_asked():
    other = source("south", ["started"])
    check(RATE.maximum_for_family(), BEFORE, {"young": NOT_APPLICABLE}, register(), other)


def test_an_indicators_own_ages_are_asked_on_the_date_and_narrow_those_of_a_register():
    young = seen.of_children(from_age=5, below_age=8).in_last(days(30)).rate("amount", "size").maximum_for_family()
    check(young, BEFORE, {"two_of_one": NOT_APPLICABLE, "just_five": NOT_APPLICABLE}, register())
    check(young, BEFORE, {"two_of_one": NOT_APPLICABLE, "just_five": NOT_COLLECTED}, source("north", SMALL_CONTRACT))
    check(young, AFTER, {"two_of_one": NOT_COLLECTED, "at_school": NOT_APPLICABLE}, register())
    below_school = seen.of_children(from_age=0, below_age=5).latest_for_family("amount")
    check(below_school, BEFORE, dict.fromkeys(FAMILIES, NOT_APPLICABLE), register())


def test_a_child_without_a_birth_date_may_be_of_any_age():
    for by in (register(), source("north", SMALL_CONTRACT)):
        check(seen.of_children(5, 8).latest_for_family("amount"), BEFORE, {"not_known": NOT_COLLECTED}, by)
    check(people.children(5, 8).youngest_age_for_family(), BEFORE, {"not_known": NOT_COLLECTED}, register())


UNDER_FIVES = """
    family   | person | birth      | is_child
    newborn  | one    | 2024-02-20 | yes
    expected | two    | 2024-06-01 | yes
    just_old | three  | 2019-03-01 | yes
    """


def test_a_register_from_birth_on_could_tell_of_a_newborn_and_of_who_is_expected():
    midwives = register(first=0, below=5)
    for value, expected in (
        (RATE.maximum_for_family(), (NOT_COLLECTED, NOT_COLLECTED, NOT_APPLICABLE)),
        (seen.of_unborn().latest_for_family("amount"), (NOT_COLLECTED, NOT_COLLECTED, NOT_APPLICABLE)),
        (seen.of_children().latest_for_family("amount"), (NOT_COLLECTED, NOT_APPLICABLE, NOT_APPLICABLE)),
    ):
        told = dict(zip(("newborn", "expected", "just_old"), expected, strict=True))
        linked = (Linked("one", "north", LONG_AGO),)
        spec("family | event_date", value, as_of=BEFORE, members=UNDER_FIVES, sources=(midwives,), links=linked,
             expected=told)  # fmt: skip


def test_of_members_alone_what_nobody_has_is_not_applicable():
    youngest = people.adults().youngest_age_for_family()
    check(youngest, BEFORE, {"young": NOT_APPLICABLE, "not_known": NOT_APPLICABLE, "has_left": 39}, register())
    check(people.all().youngest_age_for_family(), BEFORE, {"not_known": NOT_COLLECTED}, register())


def test_coverage_is_said_before_that_it_concerns_nobody():
    value = RATE.maximum_for_family()
    ended = replace(register(), agreement=Agreement(reference="A1", expires_on=date(2024, 2, 1)))
    check(value, BEFORE, {"young": NOT_SHARED}, register(), coverage=covered([register()], ["started"]))
    check(value, BEFORE, {"young": EXPIRED}, ended)
    check(value, BEFORE, {"young": NOT_LINKED}, register(), not_asked=frozenset({("young", "north")}))


def test_what_is_counted_is_known_of_those_whom_it_does_not_concern():
    for value in (seen.count_for_family(), seen.in_last(days(30)).exists_for_family(), seen.sum_for_family("amount")):
        check(value, BEFORE, {"young": 0, "grown": 0}, register())


def test_a_division_by_zero_is_not_collected_whomever_it_concerns():
    check(1 / seen.count_for_family(), BEFORE, {"young": NOT_COLLECTED, "at_school": NOT_COLLECTED}, register())


# Of the family that is asked, by measures of every reason: its child is four, and of a register of others is known.
REASON_OF = {
    Unknown.NOT_SHARED: started.count_for_family(),
    Unknown.NOT_APPLICABLE: seen.of_adults().latest_for_family("amount"),
    Unknown.NOT_COLLECTED: seen.latest_for_family("amount"),
}


@pytest.mark.parametrize(("left", "right"), list(product(REASON_OF, repeat=2)))
def test_of_several_reasons_the_first_in_order_is_given(left, right):
    first = min(left, right, key=REASONS.index)
    shared = covered([source("north", SMALL_CONTRACT)], ["seen"])
    a, b = REASON_OF[left], REASON_OF[right]
    for value in (a + b, a > b, (a > 1) & (b > 1), (a > 1) | (b > 1)):
        check(value, BEFORE, {"young": (None, int(first))}, source("north", SMALL_CONTRACT), coverage=shared)


def test_of_two_codes_the_first_in_the_order_of_reasons_is_given_and_of_one_the_only():
    places = {code: place for place, code in enumerate(REASONS)}
    assert set(places) == set(Unknown) - {Unknown.KNOWN}
    left, right = np.array(list(product(Unknown, repeat=2)), dtype=np.int8).T
    for a, b, found in zip(left.tolist(), right.tolist(), first_reason(left, right).tolist(), strict=True):
        assert found == (min(a, b, key=lambda code: places[Unknown(code)]) if a and b else a or b)


def test_a_case_is_not_applicable_where_the_branch_taken_is():
    value = RATE.maximum_for_family()
    school_age = people.children(5, 16).exists_for_family()
    check(case(school_age, value, 0), BEFORE, {"young": 0, "at_school": NOT_COLLECTED}, register())
    check(case(school_age, 0, value), BEFORE, {"young": NOT_APPLICABLE, "at_school": 0}, register())


def test_a_change_is_not_applicable_where_either_of_its_windows_is():
    before = seen.between(days(400), days(30)).rate("amount", "size").maximum_for_family()
    expected = {"young": NOT_APPLICABLE, "just_five": NOT_APPLICABLE, "at_school": NOT_COLLECTED}
    check(RATE.maximum_for_family() - before, AFTER, expected, register())


WORLD = world_of(
    {},
    MEMBERS,
    sources=(register(),),
    links=tuple(Linked(person, "north", LONG_AGO) for person in PERSONS),
)
DATE = date(2024, 3, 1)


def engine() -> dict[str, tuple[float | None, int]]:
    found = cells(matrix_of(WORLD, {"rate": RATE.maximum_for_family()}, [DATE]))
    return {family: found[family, DATE, "rate"] for family in FAMILIES}


def slow_twin() -> dict[str, tuple[float | None, int]]:
    return {family: value_of(RATE.maximum_for_family(), WORLD, family, DATE) for family in FAMILIES}


def register_ignored(selection, plan):
    yield applicability.Concerned(selection.role, None)


def first_day_ignored(selection, plan):
    yield from (asked._replace(window=None) for asked in real(selection, plan))


def nobody_asked(selection, plan):
    yield from ()


real = applicability.concerned_by


@pytest.mark.parametrize("mutant", [register_ignored, first_day_ignored, nobody_asked])
def test_asking_of_the_wrong_members_is_noticed(mutant: Callable, monkeypatch):
    assert engine() == slow_twin()
    monkeypatch.setattr(applicability, "concerned_by", mutant)
    assert engine() != slow_twin()
