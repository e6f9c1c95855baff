"""What the operations give that replay facts in order, by hand; the slow twin agrees on every one."""

import pytest
from slow_twin import Covered
from tables import spec, terms_of
from worlds import FAR_OFF, LONG_AGO, source

from targeting.errors import TargetingError
from targeting.features import (
    change_from_own_past,
    change_from_previous_window,
    column,
    days,
    facts,
    in_order_for_family,
    months,
    people,
    terms,
    together_for_family,
)

seen, started = facts("seen"), facts("started")
a, b, c = (seen.where(column("grade") == grade) for grade in "abc")
NOT_SHARED, NOT_COLLECTED = (None, 1), (None, 2)


def test_the_longest_gap_lies_between_two_days_with_facts_that_are_known():
    table = """
        family | person | event_date | knowledge_date
        a      | one    | 2024-01-01 |
        a      | one    | 2024-01-11 |
        a      | two    | 2024-02-10 |
        a      | two    | 2024-02-10 |
        a      | two    | 2024-01-20 | 2024-03-01
        b      | three  | 2024-01-01 |
        b      | four   | 2024-01-01 |
        """
    gap = seen.longest_gap_for_family()
    spec(
        table, gap, as_of="2024-03-01", expected={"a": 30, "b": NOT_COLLECTED, "c": NOT_COLLECTED}, members="family\nc"
    )
    spec(table, gap, as_of="2024-03-02", expected={"a": 21})
    spec(
        table,
        seen.in_last(days(61)).longest_gap_for_family(),
        as_of="2024-03-02",
        expected={"a": 21, "b": NOT_COLLECTED},
    )
    spec(table, seen.in_last(days(30)).longest_gap_for_family(), as_of="2024-03-02", expected={"a": NOT_COLLECTED})


STATES = """
    family | person | event_date | knowledge_date | grade
    a      | one    | 2024-01-01 |                | a
    a      | one    | 2024-01-10 |                | b
    a      | one    | 2024-01-20 |                | b
    a      | two    | 2024-01-15 |                | b
    b      | three  | 2024-01-01 |                | b
    b      | three  | 2024-01-10 | 2024-02-01     | a
    c      | four   | 2024-01-01 |                | b
    c      | four   | 2024-01-02 |                |
    d      | five   | 2024-01-05 | 2024-01-05     | a
    d      | five   | 2024-01-05 | 2024-01-06     | b
    """


def test_a_state_is_that_of_the_latest_fact_of_any_member():
    state = seen.in_state_for_family(column("grade") == "b")
    expected = {"a": 1, "b": 1, "c": 0, "d": 1, "e": 0}
    spec(STATES, state, as_of="2024-02-01", expected=expected, members="family\ne")
    spec(STATES, state, as_of="2024-02-02", expected={"b": 0})
    spec(STATES, seen.in_state_for_family(column("grade") == "a"), as_of="2024-02-02", expected={"a": 0, "b": 1})


def test_the_days_that_an_episode_is_open_are_those_of_the_longest_open_one():
    tables = {
        "started": """
            family | event_date | episode_id
            a      | 2024-01-01 | one
            a      | 2024-01-11 | two
            a      | 2024-01-21 | three
            """,
        "ended": """
            family | event_date | knowledge_date | episode_id
            a      | 2024-01-15 | 2024-01-20     | one
            """,
    }
    for as_of, expected in (("2024-01-20", 19), ("2024-01-21", 10), ("2024-02-01", 21)):
        spec(tables, started.days_open_for_family(), as_of=as_of, expected={"a": expected})
    spec(tables, started.in_last(days(5)).days_open_for_family(), as_of="2024-02-01", expected={"a": NOT_COLLECTED})


NEEDS = """
    family | person | event_date | knowledge_date | grade
    a      | one    | 2024-01-31 |                | a
    a      | two    | 2024-02-29 |                | b
    a      | one    | 2024-03-10 |                | c
    b      | three  | 2024-01-31 |                | a
    b      | three  | 2024-03-01 |                | b
    c      | four   | 2024-01-01 |                | b
    c      | four   | 2024-01-01 |                | a
    d      | five   | 2024-01-02 | 2024-06-01     | a
    d      | five   | 2024-01-03 |                | b
    e      | six    | 2024-01-01 |                | a
    e      | six    | 2024-01-09 |                | b
    e      | six    | 2024-01-10 |                | a
    """


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (together_for_family(a, b, within=months(1)), {"a": 1, "b": 0, "c": 1, "d": 0, "e": 1, "f": 0}),
        (together_for_family(b, a, within=days(29)), {"a": 1, "b": 0, "c": 1, "e": 1}),
        (together_for_family(a, b, within=days(28)), {"a": 0, "b": 0, "c": 1, "e": 1}),
        (together_for_family(a, b, c, within=days(39)), {"a": 1, "b": 0, "c": 0}),
        (together_for_family(a, b, c, within=days(38)), {"a": 0}),
        (together_for_family(a, b | c, within=days(28)), {"a": 0, "b": 0, "c": 1}),
        (together_for_family(a | b, b | c, within=days(10)), {"a": 1, "b": 1, "c": 1}),
        (in_order_for_family(a, b, within=months(1)), {"a": 1, "b": 0, "c": 0, "d": 0, "e": 1, "f": 0}),
        (in_order_for_family(b, a, within=months(1)), {"a": 0, "b": 0, "c": 0, "e": 1}),
        (in_order_for_family(b, a, within=days(1)), {"e": 1}),
        (in_order_for_family(a, b, within=days(7)), {"e": 0}),
        (in_order_for_family(a, b, a, within=days(9)), {"e": 1}),
        (in_order_for_family(a, b, a, within=days(8)), {"e": 0}),
        (in_order_for_family(a, a, within=days(9)), {"a": 0, "e": 1}),
        (in_order_for_family(a, b, c, within=days(39)), {"a": 1, "e": 0}),
    ],
)
def test_needs_come_together_or_in_order_within_a_length(value, expected):
    spec(NEEDS, value, as_of="2024-04-01", expected=expected, members="family\nf")


NORTH, SOUTH = source("north", ["seen"]), source("south", ["started"])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (together_for_family(a, b, within=days(10)), {"a": 1, "b": 0, "c": 0}),
        (together_for_family(a, started, within=days(10)), {"a": NOT_SHARED, "b": 0, "c": NOT_SHARED}),
        (together_for_family(a, b | started, within=days(10)), {"a": 1, "b": 0, "c": NOT_SHARED}),
        (together_for_family(a, b, started, within=days(10)), {"a": NOT_SHARED, "b": 0, "c": 0}),
        (together_for_family(started, started, within=days(10)), {"a": NOT_SHARED, "b": NOT_SHARED, "c": NOT_SHARED}),
        (in_order_for_family(b, a, started, within=days(10)), {"a": 0, "b": 0, "c": 0}),
        (in_order_for_family(a, started, b, within=days(10)), {"a": NOT_SHARED, "b": 0, "c": 0}),
    ],
)
def test_what_is_not_known_leaves_open_only_what_it_could_decide(value, expected):
    tables = {
        "seen": """
            family | event_date | grade
            a      | 2024-01-01 | a
            a      | 2024-01-05 | b
            b      | 2024-01-05 | b
            c      | 2024-01-01 | a
            """,
        "started": "family | event_date | episode_id\n a | 2024-01-03 | one",
    }
    coverage = (Covered("north", "seen", LONG_AGO, FAR_OFF),)
    spec(tables, value, as_of="2024-04-01", expected=expected, sources=(NORTH, SOUTH), coverage=coverage)


def test_facts_of_either_kind_are_one_need():
    tables = {"seen": "family | event_date\n a | 2024-01-01", "started": "family | event_date\n b | 2024-01-01"}
    spec(tables, (seen | started).exists_for_family(), as_of="2024-02-01", expected={"a": 1, "b": 1, "c": 0},
         members="family\nc")  # fmt: skip


COUNTS = """
    family | event_date | amount | size
    a      | 2023-08-15 | 1      | 10
    a      | 2023-11-15 | 1      | 10
    a      | 2023-12-15 | 1      | 10
    a      | 2024-02-15 | 4      | 10
    a      | 2024-03-15 | 2      | 20
    a      | 2024-03-16 | 1      | 10
    """

last_month = seen.in_last(months(1))
last_month_of_1 = last_month.where(column("amount") == 1)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (change_from_previous_window(last_month.count_for_family()), 1),
        (change_from_previous_window(seen.in_last(months(3)).count_for_family()), 1),
        (change_from_own_past(seen.in_last(months(3)).count_for_family(), windows=2), 1.5),
        (change_from_own_past(seen.in_last(months(1)).count_for_family(), windows=5), 2 - 3 / 5),
        (change_from_previous_window(seen.in_last(months(1)).rate("amount", "size").maximum_for_family()), 0.1 - 0.4),
        (change_from_previous_window(seen.in_last(days(1)).rate("amount", "size").maximum_for_family()), NOT_COLLECTED),
        (
            change_from_previous_window(
                seen.in_last(months(3)).count_for_family() + seen.in_last(months(3)).count_for_family() + 1
            ),
            2,
        ),
        (change_from_previous_window(together_for_family(last_month, last_month_of_1, within=days(1))), 1),
    ],
)
def test_a_change_is_the_value_less_that_of_the_windows_before(value, expected):
    spec(COUNTS, value, as_of="2024-04-01", expected={"a": expected})


def test_a_change_over_terms_compares_the_last_term_with_the_one_before():
    declared = terms_of("2023-09-04 2023-12-20", "2024-01-08 2024-03-28")
    value = change_from_previous_window(seen.in_last(terms(1)).sum_for_family("amount"))
    spec(COUNTS, value, as_of="2024-04-01", expected={"a": 7 - 2}, terms=declared)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: together_for_family(a, within=days(3)), r"takes two or three kinds of facts, not 1"),
        (lambda: in_order_for_family(a, b, c, a, within=days(3)), r"takes two or three kinds of facts, not 4"),
        (lambda: together_for_family(a, b.exists_for_family(), within=days(3)), r"not yet made into a value"),
        (lambda: together_for_family(a, b, within=6), r"needs a unit: write days\(6\), weeks\(6\) or months\(6\)"),
        (lambda: in_order_for_family(a, b, within=terms(1)), r"terms have no fixed length"),
        (lambda: together_for_family(a, b, within=days(0)), r"holds nothing: give a length from 1 up"),
        (lambda: a | 1, r"facts are joined by \| with other facts"),
        (lambda: bool(a | b), r"facts joined by \| are no value yet"),
        (lambda: seen.in_state_for_family("b"), r"filtered by a condition on its columns"),
        (lambda: change_from_previous_window(seen.count_for_family()), r"a change needs one window, the same for all"),
        (
            lambda: change_from_previous_window(seen.between(days(9), days(3)).count_for_family()),
            r"a change needs one window",
        ),
        (
            lambda: change_from_previous_window(
                seen.in_last(days(9)).count_for_family() + people.all().count_for_family()
            ),
            r"leave people out of a change",
        ),
        (lambda: change_from_previous_window(seen.in_last(days(9))), r"a change is that of a value: end the facts"),
        (
            lambda: change_from_own_past(seen.in_last(days(9)).count_for_family(), windows=0),
            r"takes a whole number from 1 up",
        ),
    ],
)
def test_a_misuse_of_the_replays_says_what_to_write(wrong, said):
    with pytest.raises(TargetingError, match=said):
        wrong()
