"""Compiled functions are given what their hints say, see all of it, and refuse anything else."""

from typing import NamedTuple

import numpy as np
import pytest

from targeting.features.kernel import Episodes, FloatTable, Indexes, Spells, VisibleRows, Wholes, compiled
from targeting.features.kernel_native import Inner


class Rule(NamedTuple):
    factor: float
    is_doubled: bool


@Inner
def product(amount: float, rule: Rule) -> float:
    return amount * rule.factor * (2 if rule.is_doubled else 1)


@compiled
def scale_into(table: FloatTable, rule: Rule, spells: Spells) -> int:
    for row in range(table.shape[0]):
        for column in range(table.shape[1]):
            table[row, column] = product(table[row, column], rule)
    return 100 * spells.visible.end[0] + spells.told.event[1]


@compiled
def first_of(values: Wholes) -> int:
    if len(values) == 0:
        raise ValueError
    return values[0]


@compiled
def fill(values: Indexes) -> None:
    values[:] = 7


def indexes(*values: int) -> Indexes:
    return np.array(values, dtype=np.int32)


SPELLS = Spells(VisibleRows(*(indexes(1),) * 3, indexes(9)), Episodes(indexes(2), indexes(3, 4)))


@pytest.mark.parametrize(("is_doubled", "expected"), [(False, [[2.5, 5.0, 7.5]]), (True, [[5.0, 10.0, 15.0]])])
def test_numbers_tables_and_tuples_within_tuples_arrive_in_their_places(is_doubled, expected):
    table = np.array([[1.0, 2.0, 3.0]])
    assert scale_into(table, Rule(2.5, is_doubled), SPELLS) == 904
    assert table.tolist() == expected


def test_a_function_that_returns_nothing_writes_to_what_it_is_given():
    values = indexes(1, 2)
    assert fill(values) == 0
    assert values.tolist() == [7, 7]
    assert fill(indexes()) == 0


def test_an_array_that_may_not_be_written_is_read():
    values = np.array([5, 6])
    values.flags.writeable = False
    assert first_of(values) == 5


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (np.array([1], dtype=np.int32), "int32"),
        (np.array([1.0]), "float64"),
        (np.array([[1]]), r"by \(1, 1\)"),
        (np.array([1, 2, 3])[::2], r"strides \(16,\)"),
    ],
)
def test_an_array_of_another_type_or_shape_is_refused(values, told):
    with pytest.raises(TypeError, match=rf"the kernel takes int64 of 1 dimension\(s\), not .*{told}"):
        first_of(values)


def test_another_number_of_arguments_is_refused():
    with pytest.raises(ValueError, match="shorter"):
        first_of()


def test_a_function_that_fails_says_so():
    with pytest.raises(RuntimeError, match=r"first_of failed\."):
        first_of(np.empty(0, dtype=np.int64))


def test_a_function_that_needs_the_compilers_own_runtime_is_refused():
    def draw(values: Wholes) -> int:
        return int(np.random.random() * len(values))

    with pytest.raises(
        TypeError, match=r"draw calls numba_get_np_random_state.*, which numba's own runtime has alone\."
    ):
        compiled(draw)
