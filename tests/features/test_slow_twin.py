"""The engine equals its slow twin, plain Python straight from the definitions, on random worlds and indicators."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_worlds import DAYS, OPERATIONS, as_of_dates, combinations, every_operation, worlds
from slow_twin import families_on, value_of
from worlds import cells, matrix_of

from targeting.features.matrix import Unknown

SETTINGS = settings(
    max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)


def test_every_operation_equals_the_slow_twin_known_or_unknown_for_every_reason():
    told = set()

    @settings(SETTINGS, max_examples=50)
    @given(worlds(), every_operation(), combinations(), combinations(), as_of_dates)
    def compare(world, values, first, second, dates):
        assert set(values) == set(OPERATIONS)
        values = values | {"first": first, "second": second}
        found = cells(matrix_of(world, values, dates))
        expected = {
            (family, day, name): value_of(value, world, family, day)
            for day in dates
            for family in families_on(world, day)
            for name, value in values.items()
        }
        assert found == expected
        told.update(why for _, why in found.values())

    compare()
    assert told == set(Unknown)


@SETTINGS
@given(worlds(), combinations(), as_of_dates)
def test_the_rows_are_the_families_in_the_cohort_by_date_and_family(world, value, dates):
    cohort = value > 0
    matrix = matrix_of(world, {"it": value}, dates, cohort=cohort)
    rows = list(zip(matrix.as_of_date.tolist(), matrix.family_id.tolist(), strict=True))
    assert rows == [
        (day, family)
        for day in dates
        for family in families_on(world, day)
        if value_of(cohort, world, family, day) == (1.0, 0)
    ]


@settings(SETTINGS, max_examples=12)
@given(worlds(), every_operation(), as_of_dates)
def test_one_family_and_one_date_alone_are_the_same_to_the_bit(world, values, dates):
    together = matrix_of(world, values, dates)
    for row in range(len(together)):
        family, day = together.family_id[row], together.as_of_date[row].astype(object)
        alone = matrix_of(world, values, [day], families=[str(family)])
        assert alone.values.tobytes() == together.values[row].tobytes()
        assert alone.unknown.tobytes() == together.unknown[row].tobytes()


@settings(SETTINGS, max_examples=6)
@given(worlds(), every_operation(), st.sampled_from(DAYS))
def test_a_date_alone_is_the_same_to_the_bit_as_among_24(world, values, day):
    assert len(DAYS) == 24
    among = matrix_of(world, values, DAYS)
    among = among.rows(among.as_of_date == np.datetime64(day))
    alone = matrix_of(world, values, [day])
    assert alone.family_id.tolist() == among.family_id.tolist()
    assert alone.values.tobytes() == np.asfortranarray(among.values).tobytes()
    assert alone.unknown.tobytes() == np.asfortranarray(among.unknown).tobytes()
