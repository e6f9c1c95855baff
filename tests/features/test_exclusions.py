"""Facts over whose time a spell of the same person lies are dropped, as far as the date knows of it."""

from datetime import date

import pytest
from slow_twin import Covered
from tables import spec, terms_of, world_of
from worlds import FAR_OFF, LONG_AGO, cells, matrix_of

from targeting.errors import TargetingError
from targeting.features import column, days, facts, in_order_for_family, months, terms

seen, started = facts("seen"), facts("started")
TERMS = terms_of("2023-09-04 2023-12-20", "2024-01-08 2024-03-28", "2024-04-15 2024-07-19")
TOLD = """
    family | person | event_date | amount | size
    a      | one    | 2024-03-28 | 20     | 100
    b      | two    | 2024-03-28 | 20     | 100
    c      | three  | 2024-03-28 | 20     | 100
    d      | four   | 2024-03-28 | 20     | 100
    e      | five   | 2024-03-28 | 20     | 100
    """
SPELLS = {
    "seen": TOLD,
    "started": """
        family | person | event_date | knowledge_date | episode_id | grade
        a      | one    | 2024-02-01 | 2024-04-10     | x          | a
        b      | two    | 2023-11-01 | 2023-11-02     | y          | a
        c      | three  | 2023-11-01 | 2023-11-02     | z          | b
        d      | four   | 2024-03-29 | 2024-03-30     | u          | a
        e      | other  | 2024-02-01 | 2024-02-02     | v          | a
        """,
    "ended": """
        family | person | event_date | knowledge_date | episode_id
        a      | one    | 2024-02-09 | 2024-04-20     | x
        b      | two    | 2024-01-08 | 2024-05-01     | y
        c      | three  | 2024-01-09 | 2024-01-10     | z
        """,
}
NOT_COLLECTED = (None, 2)


@pytest.mark.parametrize(
    ("as_of", "a", "b", "c"),
    [
        # a: a spell within the term counts from the day on which it is known, and goes on doing so when it has ended.
        # b: one that ended on the term's first day drops the term until that is known. c: it ended on the second.
        ("2024-04-10", 1, 0, 0),
        ("2024-04-11", 0, 0, 0),
        ("2024-04-21", 0, 0, 0),
        ("2024-05-02", 0, 1, 0),
    ],
)
def test_a_total_of_a_term_is_dropped_while_a_spell_in_that_term_is_known(as_of, a, b, c):
    spec(
        SPELLS,
        seen.except_during(started, over=terms(1)).count_for_family(),
        as_of=as_of,
        # d's spell began after the term; e's is another's.
        expected={"a": a, "b": b, "c": c, "d": 1, "e": 1},
        terms=TERMS,
    )


def test_a_fact_counts_again_once_a_spell_is_known_to_have_ended_before_its_time():
    tables = {
        "seen": "family | event_date\n a | 2024-03-28",
        "started": "family | event_date | knowledge_date | episode_id\n a | 2023-11-01 | 2024-04-10 | x",
        "ended": "family | event_date | knowledge_date | episode_id\n a | 2024-01-08 | 2024-05-01 | x",
    }
    world = world_of(tables, terms=TERMS)
    days_asked = [date(2024, 4, 1), date(2024, 4, 20), date(2024, 5, 2)]
    value = seen.except_during(started, over=terms(1)).count_for_family()
    found = cells(matrix_of(world, {"it": value}, days_asked))
    assert [found["a", day, "it"] for day in days_asked] == [(1, 0), (0, 0), (1, 0)]


def test_a_person_all_of_whose_facts_are_dropped_has_no_rate():
    rate = seen.except_during(started, over=terms(1)).rate("amount", "size").maximum_for_family()
    expected = {"a": NOT_COLLECTED, "b": 0.2, "c": NOT_COLLECTED, "d": 0.2}
    spec(SPELLS, rate, as_of="2024-05-02", expected=expected, terms=TERMS)


def test_spells_are_chosen_by_their_own_columns():
    chosen = seen.except_during(started.where(column("grade") == "a"), over=terms(1))
    spec(SPELLS, chosen.count_for_family(), as_of="2024-05-02", expected={"a": 0, "b": 1, "c": 1}, terms=TERMS)


@pytest.mark.parametrize(("over", "left"), [(days(10), 0), (days(9), 1), (months(1), 0), (terms(1), 0), (terms(3), 1)])
def test_a_facts_time_is_of_a_length_and_ends_on_its_day(over, left):
    tables = {
        "seen": "family | event_date\n a | 2024-03-01",
        "started": "family | event_date | episode_id\n a | 2024-02-21 | x",
        "ended": "family | event_date | episode_id\n a | 2024-02-21 | x",
    }
    # Only two terms had begun: of a time of three nothing is declared but its last day.
    value = seen.except_during(started, over=over).count_for_family()
    spec(tables, value, as_of="2024-05-02", expected={"a": left}, terms=TERMS)


@pytest.mark.parametrize(
    ("happened", "left"),
    [("2024-01-14", 1), ("2024-01-15", 0), ("2024-02-04", 0), ("2024-02-05", 1), ("2024-02-20", 0)],
)
def test_a_spell_with_no_end_of_its_own_lasts_until_the_next_of_what_ends_it(happened, left):
    tables = {
        "seen": f"family | event_date | flagged\n a | {happened} |\n a | 2024-01-15 | yes\n a | 2024-02-15 | yes",
        "stopped": "family | event_date | episode_id\n a | 2024-01-01 | x\n a | 2024-02-05 | x",
    }
    away = seen.where(column("flagged"))
    value = seen.except_where(column("flagged")).except_during(away, until=facts("stopped"), over=days(1))
    spec(tables, value.count_for_family(), as_of="2024-05-02", expected={"a": left})


def test_where_nobody_tells_of_spells_nothing_is_dropped_and_nothing_unknown():
    silent = (Covered("north", "seen", LONG_AGO, FAR_OFF),)
    value = seen.except_during(started, over=terms(1)).count_for_family()
    spec({"seen": TOLD}, value, as_of="2024-05-02", expected={"a": 1}, terms=TERMS, coverage=silent)


def test_what_is_dropped_neither_starts_nor_closes_an_order():
    value = in_order_for_family(seen.except_during(started, over=terms(1)), facts("ended"), within=months(3))
    spec(SPELLS, value, as_of="2024-05-02", expected={"a": 0, "b": 0}, terms=TERMS)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: seen.except_during("started", over=days(1)), r"takes facts\('..._started'\), or several joined by |"),
        (lambda: seen.except_during(started, over=1), r"a window needs a unit"),
        (lambda: seen.except_during(started.in_last(days(3)), over=days(1)), r"of the same person, whenever"),
        (lambda: seen.except_during(started, until=started.of_adults(), over=days(1)), r"of the same person, whenever"),
        (lambda: seen.except_during(started.of_adults(), over=days(1)), r"of the same person, whenever"),
    ],
)
def test_a_misused_exclusion_says_what_to_write(wrong, said):
    with pytest.raises(TargetingError, match=said):
        wrong()
