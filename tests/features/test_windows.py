"""Windows by hand: [as_of - length, as_of), calendar months and years clipped to the month's end, terms that ended."""

from datetime import date

import numpy as np
import pytest
from tables import spec, terms_of, world_of
from worlds import cells, indicator, matrix_of, rules_of

from targeting.errors import DataError, TargetingError
from targeting.features import column, compile_plan, days, facts, months, terms, weeks, years
from targeting.features.dates import add_months, as_dates, completed_years, day_numbers, latest_birth

seen = facts("seen")

TERMS = terms_of("2023-09-04 2023-12-15", "2024-01-08 2024-03-22", "2024-04-08 2024-07-19", "2024-09-02 2024-12-20")


@pytest.mark.parametrize(
    ("length", "as_of", "first_day_within"),
    [
        (days(10), "2024-03-01", "2024-02-20"),
        (weeks(2), "2024-03-01", "2024-02-16"),
        (months(1), "2024-03-31", "2024-02-29"),
        (months(1), "2023-03-31", "2023-02-28"),
        (months(1), "2024-03-29", "2024-02-29"),
        (months(6), "2024-08-31", "2024-02-29"),
        (months(12), "2024-02-29", "2023-02-28"),
        (months(14), "2024-02-15", "2022-12-15"),
        (years(1), "2024-02-29", "2023-02-28"),
        (years(4), "2024-02-29", "2020-02-29"),
        (terms(1), "2024-07-19", "2024-01-08"),
        (terms(1), "2024-07-20", "2024-04-08"),
        (terms(2), "2024-07-20", "2024-01-08"),
    ],
)
def test_a_window_begins_on_the_first_day_that_is_within_it(length, as_of, first_day_within):
    before = str(date.fromisoformat(first_day_within).toordinal() - 1)
    day_before = date.fromordinal(int(before)).isoformat()
    spec(
        f"""
        family | event_date
        in     | {first_day_within}
        out    | {day_before}
        """,
        seen.in_last(length).count_for_family(),
        as_of=as_of,
        expected={"in": 1, "out": 0},
        terms=TERMS,
    )


def test_a_window_between_two_lengths_ends_before_the_day_of_the_shorter_one():
    spec(
        """
        family | event_date
        a      | 2023-12-30
        b      | 2023-12-31
        c      | 2024-02-28
        d      | 2024-02-29
        """,
        seen.between(months(3), months(1)).count_for_family(),
        as_of="2024-03-31",
        expected={"a": 0, "b": 1, "c": 1, "d": 0},
    )


def test_terms_between_two_numbers_of_terms_leave_out_the_last_ones():
    spec(
        """
        family | event_date
        a      | 2023-09-04
        b      | 2024-03-22
        c      | 2024-03-23
        d      | 2024-04-08
        """,
        seen.between(terms(3), terms(1)).count_for_family(),
        as_of="2024-08-01",
        expected={"a": 1, "b": 1, "c": 0, "d": 0},
        terms=TERMS,
    )


def test_fewer_terms_than_asked_for_before_the_date_are_not_shared():
    spec(
        """
        family | event_date
        a      | 2023-10-01
        """,
        seen.in_last(terms(2)).count_for_family(),
        as_of="2024-01-15",
        expected={"a": (None, 1)},
        terms=TERMS,
    )


def test_a_date_beyond_the_declared_terms_is_refused():
    with pytest.raises(DataError, match=r"terms end on 2024-12-20, and 2025-03-01 is asked for: add the terms up to"):
        spec(
            "family | event_date\n a | 2024-10-01",
            seen.in_last(terms(1)).count_for_family(),
            as_of="2025-03-01",
            expected={"a": 0},
            terms=TERMS,
        )


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: seen.in_last(6), r"write days\(6\), weeks\(6\) or months\(6\)"),
        (lambda: seen.in_last("6 months"), r"a window is a length of time, such as days\(28\)"),
        (lambda: months(0), r"months\(...\) takes a whole number from 1 up, such as months\(6\)"),
        (lambda: weeks(1.5), r"weeks\(...\) takes a whole number"),
        (lambda: seen.between(months(3), months(6)), r"write .between\(months\(6\), months\(3\)\)"),
        (lambda: seen.between(terms(3), months(1)), r"from terms to terms, or from days to days"),
        (lambda: seen.in_last(days(7)).in_last(days(3)), r"facts have one window"),
    ],
)
def test_a_window_that_makes_no_sense_says_what_to_write(wrong, said):
    with pytest.raises(TargetingError, match=said):
        wrong()


def test_months_are_added_as_the_calendar_does_with_days_clipped_to_the_month():
    start = day_numbers([date(2024, 1, 31), date(2023, 1, 30), date(2024, 2, 29), date(1969, 12, 31)])
    assert as_dates(add_months(start, 1)).tolist() == [
        date(2024, 2, 29),
        date(2023, 2, 28),
        date(2024, 3, 29),
        date(1970, 1, 31),
    ]
    assert as_dates(add_months(start, -12)).tolist() == [
        date(2023, 1, 31),
        date(2022, 1, 30),
        date(2023, 2, 28),
        date(1968, 12, 31),
    ]


def test_the_latest_birth_of_an_age_is_the_last_whose_birthday_has_come():
    as_of = day_numbers([date(2024, 2, 28), date(2024, 2, 29), date(2025, 2, 28), date(2024, 3, 31), date(2023, 4, 30)])
    births = np.arange(day_numbers([date(2022, 1, 1)])[0], day_numbers([date(2025, 3, 1)])[0], dtype=np.int32)
    for months_old in (1, 12, 13):
        by_hand = [births[add_months(births, months_old) <= day].max() for day in as_of]
        assert latest_birth(as_of, months_old).tolist() == by_hand


def test_ages_are_completed_years():
    birth = day_numbers([date(2000, 2, 29)] * 3 + [date(2000, 3, 1)] * 2)
    on = day_numbers([date(2001, 2, 27), date(2001, 2, 28), date(2004, 2, 29), date(2018, 2, 28), date(2018, 3, 1)])
    assert completed_years(birth, on).tolist() == [0, 1, 4, 17, 18]


GRADED = seen.where(column("grade") == "a")
NESTED = {
    "ever": (seen.count_for_family(), 5),
    "year": (seen.in_last(months(12)).count_for_family(), 4),
    "months": (seen.in_last(months(3)).count_for_family(), 2),
    "earlier": (seen.between(months(6), months(1)).count_for_family(), 2),
    "graded": (GRADED.in_last(months(3)).count_for_family(), 1),
    "graded_year": (GRADED.in_last(months(12)).count_for_family(), 2),
    "children": (GRADED.of_children(0, 5).in_last(months(3)).count_for_family(), 0),
    "two_terms": (seen.in_last(terms(2)).count_for_family(), None),
    "one_term": (seen.in_last(terms(1)).count_for_family(), 2),
}


def test_a_selection_counts_the_same_beside_wider_ones_from_which_it_is_narrowed():
    world = world_of(
        {
            "seen": """
            family | event_date | grade
            a      | 2022-10-01 | a
            a      | 2023-02-01 | a
            a      | 2023-10-01 | b
            a      | 2023-11-01 | a
            a      | 2024-01-01 | b
            """
        },
        "family | birth\n a | 2010-01-01",
        terms=TERMS,
    )
    day = date(2024, 1, 15)
    plan = compile_plan([indicator(value, name) for name, (value, _) in NESTED.items()], cohort=None,
                        rules=rules_of(world))  # fmt: skip
    narrowed = sum(wider is not None for wider in plan.wider.values())
    assert narrowed == len(NESTED) - 1
    together = cells(matrix_of(world, {name: value for name, (value, _) in NESTED.items()}, [day]))
    for name, (value, expected) in NESTED.items():
        alone = cells(matrix_of(world, {name: value}, [day]))
        assert alone["a", day, name] == together["a", day, name] == (expected, 0 if expected is not None else 1)
