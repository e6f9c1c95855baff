"""The value of each measure for all families and dates of a shard."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from targeting.features import kernel
from targeting.features.dates import completed_years
from targeting.features.filters import EPISODE
from targeting.features.kernel import Episodes, FoldRule, VisibleRows
from targeting.features.matrix import Unknown
from targeting.features.plan import Measure, MeasureOperation, Selection
from targeting.features.programs import Values
from targeting.features.ranges import Ranges, since_birth
from targeting.features.shard_run import SelectedRows, ShardRun

Floats = NDArray[np.float64]
Wholes = NDArray[np.int64]

# Operations of which one row gives the value.
PAINTED: frozenset[MeasureOperation] = frozenset(
    {"latest", "earliest", "maximum", "minimum", "days_since_latest", "days_since_earliest"}
)

# Sums are of whole millionths, so that their order does not change them.
MILLION = 1_000_000


class Found(NamedTuple):
    """Numbers by family and date, and where the records hold what they are made from."""

    numbers: Floats
    recorded: NDArray[np.bool_] | bool


def run_measure(measure: Measure, run: ShardRun) -> Values:
    """Return a measure's values by family and date: unknown by coverage first, then where nothing was recorded."""
    found = _MEASURES[measure.operation](measure, run)
    recorded = np.where(found.recorded, np.int8(Unknown.KNOWN), np.int8(Unknown.NOT_COLLECTED))
    if not measure.selection.kind:
        return Values.where_known(found.numbers, recorded)
    unknown = run.reasons(measure.selection)
    if measure.ended_by:
        ends = np.minimum.reduce([run.reasons(selection) for selection in measure.ended_by])
        unknown = np.where(unknown == 0, ends, unknown)
    return Values.where_known(found.numbers, np.where(unknown == 0, recorded, unknown))


def _count(measure: Measure, run: ShardRun) -> Found:
    return Found(_number_of(run.rows(measure.selection), run).astype(np.float64), recorded=True)


def _exists(measure: Measure, run: ShardRun) -> Found:
    return Found((_number_of(run.rows(measure.selection), run) > 0).astype(np.float64), recorded=True)


def _sum(measure: Measure, run: ShardRun) -> Found:
    valued = rows_with_values(measure, run)
    total = kernel.accumulate(valued.visible, _millionths(valued.column(measure.columns[0])), run.size)
    without_facts = _number_of(run.rows(measure.selection), run) == 0
    return Found(total / MILLION, without_facts | (_number_of(valued, run) > 0))


def rows_with_values(measure: Measure, run: ShardRun) -> SelectedRows:
    """Return the rows of a measure that have a value in each column that it combines."""
    rows = run.rows(measure.selection)
    for name in measure.columns:
        rows = rows.with_value(name)
    return rows


def _number_of(rows: SelectedRows, run: ShardRun) -> Wholes:
    return kernel.accumulate(rows.visible, np.ones(len(rows.row), dtype=np.int64), run.size)


def _millionths(values: NDArray[Any]) -> Wholes:
    return np.rint(values * MILLION).astype(np.int64)


def painted_rows(measure: Measure, run: ShardRun) -> tuple[SelectedRows, NDArray[np.int32]]:
    """Return a painting measure's rows and, by family and date, the row that gives the value; -1 for none."""
    rows = rows_with_values(measure, run)
    return rows, kernel.paint(rows.visible, _order(measure, rows), run.size)


def _order(measure: Measure, rows: SelectedRows) -> Wholes:
    """Return the order in which the row painted last wins.

    Of facts of one day the one known later comes last, of those known on one day the greater, then by source: what the
    facts say, so that the same facts under other ids give the same value. An id decides between equal ones.
    """
    facts, row = rows.facts, rows.row
    value = [rows.column(name) for name in measure.columns]
    when = [facts.knowledge[row], facts.event[row]]
    said = [*when, *value] if measure.operation in ("maximum", "minimum") else [*value, *when]
    keys: list[NDArray[Any]] = [facts.fact_id[row], facts.source[row], *said]
    order = np.lexsort(keys)
    backwards = measure.operation in ("minimum", "earliest", "days_since_earliest")
    return np.ascontiguousarray(order[::-1] if backwards else order)


def _value_of_winner(measure: Measure, run: ShardRun) -> Found:
    rows, winner = painted_rows(measure, run)
    return Found(_picked(rows.column(measure.columns[0]), winner), winner >= 0)


def _days_since_winner(measure: Measure, run: ShardRun) -> Found:
    rows, winner = painted_rows(measure, run)
    return Found(run.as_of - _picked(rows.facts.event[rows.row], winner), winner >= 0)


def _picked(values: NDArray[Any], winner: NDArray[np.int32]) -> Floats:
    return np.append(values.astype(np.float64), np.nan)[winner]


def _distinct(measure: Measure, run: ShardRun) -> Found:
    rows = rows_with_values(measure, run)
    _, value = np.unique(rows.column(measure.columns[0]), return_inverse=True)
    value = value.astype(np.int64)
    count = kernel.count_distinct(rows.visible, value, np.lexsort((value, rows.visible.family)), run.size)
    return Found(count.astype(np.float64), recorded=True)


def _open(measure: Measure, run: ShardRun) -> Found:
    starts, started = _episodes(measure.selection, run)
    parts = [_episodes(selection, run) for selection in measure.ended_by]
    ends = VisibleRows(*map(np.concatenate, zip(*(visible for visible, _ in parts), strict=True)))
    ended = Episodes(*map(np.concatenate, zip(*(episodes for _, episodes in parts), strict=True)))
    count = kernel.count_open(*_sorted(starts, started), *_sorted(ends, ended), run.size)
    return Found((count > 0).astype(np.float64), recorded=True)


def _episodes(selection: Selection, run: ShardRun) -> tuple[VisibleRows, Episodes]:
    rows = run.rows(selection)
    return rows.visible, Episodes(rows.column(EPISODE), rows.facts.event[rows.row])


def _sorted(visible: VisibleRows, episodes: Episodes) -> tuple[VisibleRows, Episodes]:
    order = np.lexsort((episodes.episode, visible.person, visible.family))
    return VisibleRows(*(part[order] for part in visible)), Episodes(*(part[order] for part in episodes))


def _rate(measure: Measure, run: ShardRun) -> Found:
    above, below = measure.columns
    rows = rows_with_values(measure, run)
    top, bottom = _millionths(rows.column(above)), _millionths(rows.column(below))
    persons, total, maximum, minimum, reaching = kernel.fold(
        rows.visible, top, bottom, FoldRule(0, measure.at_least), run.size
    )
    folds = {"maximum": maximum, "minimum": minimum, "mean": _divided(total, persons), "count_at_least": reaching}
    return Found(folds[measure.fold], persons > 0)


def _each(measure: Measure, run: ShardRun) -> Found:
    """Fold a count or sum of each member in the selection's role, 0 for those without facts."""
    rows = rows_with_values(measure, run)
    ones = np.ones(len(rows.row), dtype=np.int64)
    top = _millionths(rows.column(measure.columns[0])) if measure.columns else ones * MILLION
    persons, total, maximum, minimum, reaching = kernel.fold(
        rows.visible, top, ones, FoldRule(MILLION, measure.at_least), run.size
    )
    members = run.count_members(measure.selection)
    if measure.fold == "count_at_least":
        return Found(reaching, recorded=True)
    if measure.fold == "mean":
        return Found(_divided(total, members), members > 0)
    extreme, other = (maximum, np.maximum) if measure.fold == "maximum" else (minimum, np.minimum)
    return Found(np.where(persons < members, other(extreme, 0.0), extreme), members > 0)


def _divided(total: Floats, count: NDArray[Any]) -> Floats:
    return np.divide(total, count, out=np.zeros_like(total), where=count > 0)


def _people_count(measure: Measure, run: ShardRun) -> Found:
    return Found(run.count_members(measure.selection).astype(np.float64), recorded=True)


def _age(measure: Measure, run: ShardRun) -> Found:
    birth, visible = run.members(measure.selection)
    born = since_birth(Ranges(visible.first, visible.end), birth, run.as_of)
    order = np.argsort(birth, kind="stable")
    youngest_last = order if measure.operation == "people_youngest_age" else order[::-1]
    rows = VisibleRows(visible.family, visible.person, born.first, born.end)
    winner = kernel.paint(rows, np.ascontiguousarray(youngest_last), run.size)
    family, date = np.nonzero(winner >= 0)
    ages = np.zeros(run.size)
    ages[family, date] = completed_years(birth[winner[family, date]], run.as_of[date])
    return Found(ages, winner >= 0)


_MEASURES: Mapping[MeasureOperation, Callable[[Measure, ShardRun], Found]] = {
    "count": _count,
    "exists": _exists,
    "sum": _sum,
    "latest": _value_of_winner,
    "earliest": _value_of_winner,
    "maximum": _value_of_winner,
    "minimum": _value_of_winner,
    "distinct": _distinct,
    "days_since_latest": _days_since_winner,
    "days_since_earliest": _days_since_winner,
    "open": _open,
    "rate": _rate,
    "count_each": _each,
    "sum_each": _each,
    "people_count": _people_count,
    "people_youngest_age": _age,
    "people_oldest_age": _age,
}
