"""Silence is not zero: what nobody shared, nobody recorded, nobody linked, or may no longer be used."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
from slow_twin import Covered, Linked
from tables import spec, terms_of
from worlds import FAR_OFF, LONG_AGO, SMALL_CONTRACT, covered, source

from targeting.features import days, facts, terms
from targeting.sources.definition import Agreement

seen = facts("seen")
NOT_SHARED, NOT_COLLECTED, NOT_LINKED, EXPIRED = (None, 1), (None, 2), (None, 3), (None, 4)

TABLE = """
    family | event_date
    a      | 2024-03-20
    """
NORTH = source("north", SMALL_CONTRACT)
SOUTH = source("south", SMALL_CONTRACT)


def shared(first: str, until: str, by: str = "north") -> tuple[Covered, ...]:
    return (Covered(by, "seen", date.fromisoformat(first), date.fromisoformat(until)),)


@pytest.mark.parametrize(
    ("first", "expected"), [("2024-03-02", 1), ("2024-03-03", NOT_SHARED), ("2024-04-01", NOT_SHARED)]
)
def test_a_window_that_begins_before_the_source_shared_is_unknown(first, expected):
    coverage = shared(first, "2024-04-01")
    value = seen.in_last(days(30)).count_for_family()
    spec(TABLE, value, as_of="2024-04-01", coverage=coverage, expected={"a": expected})


@pytest.mark.parametrize(("first", "expected"), [("2024-03-31", 1), ("2024-04-01", NOT_SHARED)])
def test_without_a_window_a_value_is_known_once_anything_was_shared_before_the_date(first, expected):
    coverage = shared(first, "2024-04-01")
    spec(TABLE, seen.count_for_family(), as_of="2024-04-01", coverage=coverage, expected={"a": expected})


@pytest.mark.parametrize(
    ("lag", "current_for", "last_known_date"),
    [
        (timedelta(days=0), None, "2024-02-07"),
        (timedelta(days=7), None, "2024-02-14"),
        (timedelta(days=7), timedelta(days=92), "2024-04-04"),
    ],
)
def test_a_feed_that_stopped_becomes_unknown_when_its_next_delivery_is_overdue(lag, current_for, last_known_date):
    north = replace(NORTH, lag=lag, current_for=current_for)
    coverage = shared("2020-01-01", "2024-01-02")
    day_after = (date.fromisoformat(last_known_date) + timedelta(days=1)).isoformat()
    for value in (seen.in_last(days(1)).count_for_family(), seen.count_for_family()):
        known, unknown = {"b": 0}, {"b": NOT_SHARED}
        members = "family\nb"
        spec(TABLE, value, as_of=last_known_date, sources=(north,), coverage=coverage, expected=known, members=members)
        spec(TABLE, value, as_of=day_after, sources=(north,), coverage=coverage, expected=unknown, members=members)


def test_a_window_that_ended_before_the_feed_stopped_stays_known():
    spec(
        TABLE,
        seen.between(days(400), days(300)).count_for_family(),
        as_of="2025-01-31",
        coverage=shared("2020-01-01", "2024-03-25"),
        expected={"a": 1},
    )


def test_a_kind_that_no_source_has_shared_is_unknown_and_not_zero():
    spec(TABLE, seen.exists_for_family(), as_of="2024-04-01", coverage=shared("2020-01-01", "2024-04-01", by="nobody"),
         expected={"a": NOT_SHARED})  # fmt: skip


def test_one_source_that_covers_the_window_is_enough():
    coverage = shared("2020-01-01", "2024-04-01") + shared("2024-03-31", "2024-04-01", by="south")
    spec(
        TABLE,
        seen.in_last(days(30)).count_for_family(),
        as_of="2024-04-01",
        sources=(SOUTH, NORTH),
        coverage=coverage,
        expected={"a": 1},
    )


def test_past_its_agreement_a_source_is_unknown_and_its_facts_are_not_used():
    ended = replace(NORTH, agreement=Agreement(reference="A1", expires_on=date(2024, 4, 1)))
    value = seen.count_for_family()
    spec(TABLE, value, as_of="2024-04-01", sources=(ended,), expected={"a": 1})
    spec(TABLE, value, as_of="2024-04-02", sources=(ended,), expected={"a": EXPIRED})
    spec(TABLE, value, as_of="2024-04-02", sources=(ended, SOUTH), expected={"a": 0})


CHILDREN = """
    family | person | birth      | is_child
    a      | pupil  | 2014-06-01 | yes
    a      | baby   | 2023-06-01 | yes
    b      | small  | 2022-06-01 | yes
    c      | school | 2014-06-01 | yes
    """
PUPILS = """
    family | person | event_date
    a      | pupil  | 2024-03-20
    """
SCHOOLS = replace(NORTH, register_ages=(5, 16))


def test_a_family_whose_children_are_in_no_register_is_not_linked():
    spec(
        PUPILS,
        seen.count_for_family(),
        as_of="2024-04-01",
        members=CHILDREN,
        sources=(SCHOOLS,),
        links=(Linked("pupil", "north", LONG_AGO), Linked("small", "north", LONG_AGO)),
        expected={"a": 1, "b": 0, "c": NOT_LINKED},
    )


def test_a_link_counts_from_the_day_after_it_was_known():
    for as_of, expected in (("2024-03-25", NOT_LINKED), ("2024-03-26", 1)):
        spec(
            PUPILS,
            seen.count_for_family(),
            as_of=as_of,
            members=CHILDREN,
            sources=(SCHOOLS,),
            links=(Linked("pupil", "north", date(2024, 3, 25)),),
            expected={"a": expected},
        )


def test_a_register_is_asked_only_for_children_of_the_ages_that_the_indicator_looks_at():
    spec(
        PUPILS,
        seen.of_children(from_age=0, below_age=5).count_for_family(),
        as_of="2024-04-01",
        members=CHILDREN,
        sources=(SCHOOLS,),
        expected={"a": 0, "b": 0, "c": 0},
    )


NOT_ASKED_OF_A = frozenset({("a", "north")})


def test_a_source_that_was_not_asked_about_a_family_cannot_say_and_of_the_next_it_can():
    members = "family\na\nb"
    value = seen.count_for_family()
    asked_nobody = {"a": NOT_LINKED, "b": 0}
    spec("family | event_date", value, as_of="2024-04-01", members=members, not_asked=NOT_ASKED_OF_A,
         expected=asked_nobody)  # fmt: skip
    spec("family | event_date", value, as_of="2024-04-01", members=members, not_asked=NOT_ASKED_OF_A,
         sources=(NORTH, SOUTH), expected={"a": 0, "b": 0})  # fmt: skip


def test_of_a_source_that_was_not_asked_it_is_said_first_that_it_shared_nothing_or_may_not_be_used():
    ended = replace(NORTH, agreement=Agreement(reference="A1", expires_on=date(2024, 3, 1)))
    common = {"as_of": "2024-04-01", "members": "family\na", "not_asked": NOT_ASKED_OF_A}
    value = seen.count_for_family()
    spec("family | event_date", value, coverage=shared("2020-01-01", "2024-04-01", by="nobody"),
         expected={"a": NOT_SHARED}, **common)  # fmt: skip
    spec("family | event_date", value, sources=(ended,), expected={"a": EXPIRED}, **common)


def test_nobody_need_be_asked_of_children_of_an_age_that_the_family_does_not_have():
    for chosen, expected in (
        (seen.of_children(from_age=0, below_age=1), {"a": NOT_LINKED, "b": 0}),
        (seen.of_children(from_age=1, below_age=5), {"a": 0, "b": NOT_LINKED}),
        (seen.of_adults(), {"a": 0, "b": 0}),
        (seen.of_unborn(), {"a": 0, "b": 0}),
    ):
        spec(
            "family | event_date",
            chosen.count_for_family(),
            as_of="2024-04-01",
            members=CHILDREN,
            not_asked=frozenset(product("ab", ["north"])),
            expected=expected,
        )


def test_a_register_that_was_not_asked_cannot_say_of_a_family_whose_children_are_all_too_young_for_it():
    for not_asked, expected in ((frozenset(), (1, 0)), (frozenset(product("ab", ["north"])), (NOT_LINKED,) * 2)):
        spec(
            PUPILS,
            seen.count_for_family(),
            as_of="2024-04-01",
            members=CHILDREN,
            sources=(SCHOOLS,),
            links=(Linked("pupil", "north", LONG_AGO),),
            not_asked=not_asked,
            expected=dict(zip("ab", expected, strict=True)),
        )


def test_an_open_episode_is_unknown_where_what_ends_it_is_not_shared():
    tables = {"started": "family | event_date | episode_id\n a | 2024-03-01 | one"}
    value = facts("started").open_for_family()
    starts = covered([NORTH], ["started"])
    spec(tables, value, as_of="2024-04-01", coverage=starts, expected={"a": NOT_SHARED})
    spec(tables, value, as_of="2024-04-01", coverage=starts + covered([NORTH], ["stopped"]), expected={"a": 1})


def test_a_term_that_ended_is_known_from_a_delivery_after_it():
    value = seen.in_last(terms(1)).count_for_family()
    for until, expected in (("2024-02-15", NOT_SHARED), ("2024-02-16", 1)):
        spec(
            TABLE,
            value,
            as_of="2024-06-01",
            coverage=shared("2020-01-01", until),
            terms=terms_of("2024-01-08 2024-03-22", "2024-04-08 2024-07-19"),
            expected={"a": expected},
        )


def test_the_first_reason_is_given_where_several_parts_are_unknown():
    coverage = shared("2020-01-01", "2024-04-01")
    other = facts("started").count_for_family()
    spec(
        TABLE,
        seen.latest_for_family("amount") + other,
        as_of="2024-04-01",
        coverage=coverage,
        expected={"a": NOT_SHARED},
    )
    spec(TABLE, seen.latest_for_family("amount") + 1, as_of="2024-04-01", expected={"a": NOT_COLLECTED})


def test_coverage_beyond_the_far_end_of_all_data_is_no_reason_for_unknown():
    spec(TABLE, seen.count_for_family(), as_of="2024-04-01", coverage=covered([NORTH], ["seen"], LONG_AGO, FAR_OFF),
         expected={"a": 1})  # fmt: skip
