"""What a plan asks of its dates whatever the shard: the days of windows, and until when sources may be used."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from tables import terms_of, world_of
from worlds import SMALL_CONTRACT, indicator, rules_of, source

from targeting.features import compile_plan, days, facts, months, terms
from targeting.features.dates import day_numbers
from targeting.features.expressions import Expression
from targeting.features.plan_dates import PlanDates
from targeting.sources.definition import Agreement

seen = facts("seen")
TERMS = terms_of("2023-09-04 2023-12-15", "2024-01-08 2024-03-22")
DATES = day_numbers([date(2024, 3, 23), date(2024, 4, 1), date(2024, 4, 2)])
SOURCES = (
    source("north", SMALL_CONTRACT, agreement=Agreement(reference="A1", expires_on=date(2024, 4, 1))),
    source("south", ["seen"], agreement=Agreement(reference="A2", expires_on=date(2023, 1, 1))),
)
WORLD = replace(world_of({}), sources=SOURCES, terms=TERMS)


def dates_of(value: Expression, as_of: np.ndarray) -> PlanDates:
    plan = compile_plan([indicator(value)], cohort=None, rules=rules_of(WORLD))
    return PlanDates(plan, (), as_of, as_of)


@pytest.mark.parametrize(
    ("windowed", "first_day", "day_after"),
    [
        (seen.in_last(days(10)), "2024-03-22", "2024-04-01"),
        (seen.in_last(months(1)), "2024-03-01", "2024-04-01"),
        (seen.between(months(6), days(28)), "2023-10-01", "2024-03-04"),
        (seen.in_last(terms(1)), "2024-01-08", "2024-03-23"),
        (seen.in_last(terms(2)), "2023-09-04", "2024-03-23"),
    ],
)
def test_of_one_date_a_window_is_its_two_days_and_its_tables_say_the_same(windowed, first_day, day_after):
    dates = dates_of(windowed.count_for_family(), DATES[1:2])
    window = dates.narrower(dates.plan.measures[0].selection).window
    first, after = day_numbers([date.fromisoformat(first_day), date.fromisoformat(day_after)]).tolist()
    assert (window.since, window.until) == (first, after)
    opened = window.opens[np.clip(np.array([first, after - 1, after]) - window.opens_from, 0, len(window.opens) - 1)]
    closed = window.closes[np.clip(np.array([first - 1, first, after]) - window.closes_from, 0, len(window.closes) - 1)]
    assert opened.tolist() == [0, 0, 1]
    assert closed.tolist() == [0, 1, 1]


def test_a_window_of_more_terms_than_had_ended_has_no_day():
    dates = dates_of(seen.in_last(terms(2)).count_for_family(), day_numbers([date(2024, 2, 1)]))
    window = dates.narrower(dates.plan.measures[0].selection).window
    assert window.since == window.until


def test_without_a_window_every_day_is_in_it():
    dates = dates_of(seen.count_for_family(), DATES)
    by_filter, by_role, window = dates.narrower(dates.plan.measures[0].selection)
    assert (by_filter, by_role, len(window.opens), len(window.closes)) == (False, False, 0, 0)
    assert window.since < DATES[0] < window.until


def test_a_source_may_be_used_up_to_the_last_day_of_its_agreement():
    dates = dates_of(seen.count_for_family(), DATES)
    selection = dates.plan.measures[0].selection
    assert dates.usable_until(selection, ["south", "of no plan", "north"]).tolist() == [0, 0, 2]
