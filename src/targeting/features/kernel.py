"""The compiled kernel: how rows, each visible on a range of as-of dates, become values of families.

A row counts for the dates `first[row]` up to, not including, `end[row]`, which index the as-of dates. *Accumulate* adds
where the range begins and takes away where it ends; *paint* writes on each date of the range. Rows are sorted by
(family, person). Sums are of whole numbers, so that a date alone and the same date among many give the same bits.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np
from llvmlite.binding import get_host_cpu_features, get_host_cpu_name
from numba import config, njit, types
from numpy.typing import NDArray

from targeting.features.kernel_cache import cache_folder

Indexes = NDArray[np.int32]
Wholes = NDArray[np.int64]
Floats = NDArray[np.float64]


class VisibleRows(NamedTuple):
    """Whose each row is, and on which of the as-of dates it counts."""

    family: Indexes
    person: Indexes
    first: Indexes
    end: Indexes


class Episodes(NamedTuple):
    """Which episode each row starts or ends, and on which day; -1 where the episode is not known."""

    episode: Indexes
    event: Indexes


class Size(NamedTuple):
    """How many families and dates there are."""

    families: int
    dates: int


class FoldRule(NamedTuple):
    """What a person's value is divided by (0: by the sum of `bottom`), and which value is counted as reached."""

    divisor: int
    at_least: float


FOLDER = cache_folder(
    Path(__file__), (numba.__version__, np.__version__, get_host_cpu_name(), get_host_cpu_features().flatten())
)

_INT32S, _INT64S = types.int32[::1], types.int64[::1]
_ROWS = types.NamedUniTuple(_INT32S, 4, VisibleRows)
_EPISODES = types.NamedUniTuple(_INT32S, 2, Episodes)
_SIZE = types.NamedUniTuple(types.int64, 2, Size)
_RULE = types.NamedTuple((types.int64, types.float64), FoldRule)


def _compiled(returns: Any, *parameters: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function for one signature, kept in FOLDER alone; numba's own setting is left as it was."""

    def compile_one(function: Callable[..., Any]) -> Any:
        before = config.CACHE_DIR
        config.CACHE_DIR = str(FOLDER or "")
        try:
            return njit(returns(*parameters), nogil=True, cache=FOLDER is not None)(function)
        finally:
            config.CACHE_DIR = before

    return compile_one


@_compiled(types.int64[:, ::1], _ROWS, _INT64S, _SIZE)
def accumulate(rows: VisibleRows, amounts: Wholes, size: Size) -> Wholes:
    """Return the sum of the visible rows' amounts, by family and date."""
    total = np.zeros((size.families, size.dates), dtype=np.int64)
    for row in range(len(rows.family)):
        total[rows.family[row], rows.first[row]] += amounts[row]
        if rows.end[row] < size.dates:
            total[rows.family[row], rows.end[row]] -= amounts[row]
    for family in range(size.families):
        for date in range(1, size.dates):
            total[family, date] += total[family, date - 1]
    return total


@_compiled(types.int32[:, ::1], _ROWS, _INT64S, _SIZE)
def paint(rows: VisibleRows, order: Wholes, size: Size) -> Indexes:
    """Return the visible row that comes last in `order`, by family and date; -1 where none is visible."""
    winner = np.full((size.families, size.dates), np.int32(-1), dtype=np.int32)
    for row in order:
        for date in range(rows.first[row], rows.end[row]):
            winner[rows.family[row], date] = row
    return winner


@_compiled(types.int64[:, ::1], _ROWS, _INT64S, _INT64S, _SIZE)
def count_distinct(rows: VisibleRows, value: Wholes, order: Wholes, size: Size) -> Wholes:
    """Return how many different values the visible rows have, by family and date; `order` sorts by (family, value)."""
    count = np.zeros((size.families, size.dates), dtype=np.int64)
    counted = np.zeros(size.dates, dtype=np.bool_)
    for place in range(len(order)):
        row, before = order[place], order[place - 1]
        if place == 0 or rows.family[row] != rows.family[before] or value[row] != value[before]:
            counted[:] = False
        for date in range(rows.first[row], rows.end[row]):
            if not counted[date]:
                counted[date] = True
                count[rows.family[row], date] += 1
    return count


@_compiled(types.int64, _ROWS)
def _most_persons(rows: VisibleRows) -> int:
    """Return the greatest number of persons in one family."""
    most, persons = 0, 0
    for row in range(len(rows.family)):
        is_new = row == 0 or rows.family[row] != rows.family[row - 1]
        if is_new or rows.person[row] != rows.person[row - 1]:
            persons = 1 if is_new else persons + 1
            most = max(most, persons)
    return most


@_compiled(types.float64, types.float64[::1])
def _sum_by_size(values: Floats) -> float:
    """Return the sum, the smallest first: rounding then depends on the values alone. Sorts them in place."""
    if len(values) > 2:
        values.sort()
    total = 0.0
    for value in values:
        total += value
    return total


@_compiled(types.UniTuple(types.float64[:, ::1], 5), _ROWS, _INT64S, _INT64S, _RULE, _SIZE)
def fold(
    rows: VisibleRows, top: Wholes, bottom: Wholes, rule: FoldRule, size: Size
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Return, by family and date, how many persons have a value, its sum, maximum, minimum, and how many reach it.

    A person's value is the sum of `top` among the visible rows, divided as the rule says. A person whose sum of
    `bottom` is not above 0 has none. The order of persons changes no bit.
    """
    persons = np.zeros((size.families, size.dates))
    total = np.zeros((size.families, size.dates))
    maximum = np.full((size.families, size.dates), -np.inf)
    minimum = np.full((size.families, size.dates), np.inf)
    reaching = np.zeros((size.families, size.dates))
    tops = np.zeros(size.dates + 1, dtype=np.int64)
    bottoms = np.zeros(size.dates + 1, dtype=np.int64)
    values = np.empty((size.dates, _most_persons(rows)))
    last = len(rows.family) - 1
    for row in range(last + 1):
        family = rows.family[row]
        tops[rows.first[row]] += top[row]
        tops[rows.end[row]] -= top[row]
        bottoms[rows.first[row]] += bottom[row]
        bottoms[rows.end[row]] -= bottom[row]
        if row < last and rows.family[row + 1] == family and rows.person[row + 1] == rows.person[row]:
            continue
        above, below = 0, 0
        for date in range(size.dates):
            above += tops[date]
            below += bottoms[date]
            if below > 0:
                value = above / (rule.divisor if rule.divisor > 0 else below)
                values[date, int(persons[family, date])] = value
                persons[family, date] += 1
                maximum[family, date] = max(maximum[family, date], value)
                minimum[family, date] = min(minimum[family, date], value)
                reaching[family, date] += value >= rule.at_least
        tops[:] = 0
        bottoms[:] = 0
        if row == last or rows.family[row + 1] != family:
            for date in range(size.dates):
                total[family, date] = _sum_by_size(values[date, : int(persons[family, date])])
    return persons, total, maximum, minimum, reaching


@_compiled(types.int64[:, ::1], _ROWS, _EPISODES, _ROWS, _EPISODES, _SIZE)
def count_open(starts: VisibleRows, started: Episodes, ends: VisibleRows, ended: Episodes, size: Size) -> Wholes:
    """Return how many visible starts have no visible end of the same person and episode on their day or later.

    Starts and ends are sorted by (family, person, episode).
    """
    count = np.zeros((size.families, size.dates), dtype=np.int64)
    closed = np.zeros(size.dates, dtype=np.bool_)
    near = 0
    for row in range(len(starts.family)):
        closed[:] = False
        key = (starts.family[row], starts.person[row], started.episode[row])
        while near < len(ends.family) and (ends.family[near], ends.person[near], ended.episode[near]) < key:
            near += 1
        end = near
        while end < len(ends.family) and (ends.family[end], ends.person[end], ended.episode[end]) == key:
            if ended.episode[end] >= 0 and ended.event[end] >= started.event[row]:
                closed[ends.first[end] : ends.end[end]] = True
            end += 1
        for date in range(starts.first[row], starts.end[row]):
            if not closed[date]:
                count[starts.family[row], date] += 1
    return count
