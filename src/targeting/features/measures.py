"""The value of each measure for all families and dates of a shard."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from targeting.features import kernel_folds, kernel_operators
from targeting.features.applicability import why_unrecorded
from targeting.features.coverage import Codes
from targeting.features.dates import completed_years
from targeting.features.kernel import FoldRule, Keys, VisibleRows
from targeting.features.kernel_operators import MILLION, NO_DAY
from targeting.features.matrix import Unknown
from targeting.features.measured_rows import Found, divided, painted_values, rows_with_values
from targeting.features.plan import Measure, MeasureOperation
from targeting.features.programs import Values
from targeting.features.ranges import Ranges, since_birth
from targeting.features.replays import REPLAYED, run_joint
from targeting.features.shard_run import NO_AMOUNTS, ShardRun

Floats = NDArray[np.float64]
Wholes = NDArray[np.int64]


def run_measure(measure: Measure, run: ShardRun) -> Values:
    """Return a measure's values by family and date: unknown by coverage first, then where nothing was recorded."""
    if measure.steps:
        return run_joint(measure, run)
    if measure.operation == "silent":
        return _silent(measure, run)
    found = _MEASURES[measure.operation](measure, run)
    unknown = _reasons(measure, run)
    if found.recorded is not True:
        unrecorded = (unknown == 0) & ~found.recorded
        if unrecorded.any():
            unknown = np.where(unrecorded, why_unrecorded(measure.selection, run), unknown)
    return Values.where_known(found.numbers, unknown) if unknown.any() else Values(found.numbers, unknown)


def _silent(measure: Measure, run: ShardRun) -> Values:
    """Return whether silence proves something, by family and date: never unknown."""
    silent = (run.count(measure.selection) == 0) & run.could_tell(measure.selection)
    return Values(silent.astype(np.float64), np.broadcast_to(np.int8(Unknown.KNOWN), run.size))


def _reasons(measure: Measure, run: ShardRun) -> Codes:
    """Return why coverage leaves a measure unknown, by family and date; 0 for members, whom linkage knows."""
    if not measure.selection.kind:
        return np.broadcast_to(np.int8(Unknown.KNOWN), run.size)
    unknown = run.reasons(measure.selection)
    if not measure.ended_by:
        return unknown
    ends = np.minimum.reduce([run.reasons(selection) for selection in measure.ended_by])
    return np.where(unknown == 0, ends, unknown)


def _count(measure: Measure, run: ShardRun) -> Found:
    return Found(run.count(measure.selection).astype(np.float64), recorded=True)


def _exists(measure: Measure, run: ShardRun) -> Found:
    return Found((run.count(measure.selection) > 0).astype(np.float64), recorded=True)


def _sum(measure: Measure, run: ShardRun) -> Found:
    rows, valued = run.rows(measure.selection), rows_with_values(measure, run)
    amounts = run.amounts(measure.selection.kind, measure.columns[0])
    total = kernel_operators.accumulate(valued.visible, valued.row, amounts, run.size) / MILLION
    if len(valued.row) == len(rows.row):
        return Found(total, recorded=True)
    return Found(total, (run.count(measure.selection) == 0) | (run.number_of(valued) > 0))


def _days_since(measure: Measure, run: ShardRun) -> Found:
    """Return the days since the latest or earliest event; which of the facts of one day decides is all the same."""
    rows, backwards = run.rows(measure.selection), measure.operation == "days_since_earliest"
    last = kernel_operators.paint_days(rows.visible, rows.event, backwards, run.size)
    recorded = last != NO_DAY
    return Found(np.where(recorded, run.as_of - (-last if backwards else last), np.nan), recorded)


def _distinct(measure: Measure, run: ShardRun) -> Found:
    rows, values = rows_with_values(measure, run), run.values(measure.selection.kind, measure.columns[0])
    return Found(
        kernel_operators.count_distinct(rows.visible, rows.row, values, run.size).astype(np.float64), recorded=True
    )


def _rate(measure: Measure, run: ShardRun) -> Found:
    above, below = measure.columns
    persons, total, maximum, minimum, reaching = _folded(measure, run, (above, below), divisor=0)
    folds = {"maximum": maximum, "minimum": minimum, "mean": divided(total, persons), "count_at_least": reaching}
    return Found(folds[measure.fold], persons > 0)


def _folded(measure: Measure, run: ShardRun, columns: tuple[str, ...], *, divisor: int) -> tuple[Floats, ...]:
    rows, kind = rows_with_values(measure, run), measure.selection.kind
    top, bottom = [*(run.amounts(kind, name) for name in columns), NO_AMOUNTS, NO_AMOUNTS][:2]
    rule = FoldRule(divisor, measure.at_least, measure.fold == "mean")
    folded: tuple[Floats, ...] = kernel_folds.fold(rows.visible, rows.row, top, bottom, rule, run.size)
    return folded


def _each(measure: Measure, run: ShardRun) -> Found:
    """Fold a count or sum of each member in the selection's role, 0 for those without facts."""
    divisor = MILLION if measure.columns else 1
    persons, total, maximum, minimum, reaching = _folded(measure, run, measure.columns, divisor=divisor)
    members = run.count_members(measure.selection)
    if measure.fold == "count_at_least":
        return Found(reaching, recorded=True)
    if measure.fold == "mean":
        return Found(divided(total, members), members > 0)
    extreme, other = (maximum, np.maximum) if measure.fold == "maximum" else (minimum, np.minimum)
    return Found(np.where(persons < members, other(extreme, 0.0), extreme), members > 0)


def _people_count(measure: Measure, run: ShardRun) -> Found:
    return Found(run.count_members(measure.selection).astype(np.float64), recorded=True)


def _age(measure: Measure, run: ShardRun) -> Found:
    birth, visible = run.members(measure.selection)
    born = since_birth(Ranges(visible.first, visible.end), birth, run.as_of)
    rows = VisibleRows(visible.family, visible.person, born.first, born.end)
    place = np.arange(len(birth))
    keys = Keys(birth, birth, np.empty(0), np.zeros(len(birth), np.int16), place, value_first=False, backwards=False)
    winner = kernel_operators.paint(rows, place, keys, run.size)
    family, date = np.nonzero(winner >= 0)
    ages = np.zeros(run.size)
    ages[family, date] = completed_years(birth[winner[family, date]], run.as_of[date])
    return Found(ages, winner >= 0)


_MEASURES: Mapping[MeasureOperation, Callable[[Measure, ShardRun], Found]] = {
    **REPLAYED,
    "count": _count,
    "exists": _exists,
    "sum": _sum,
    "latest": painted_values,
    "earliest": painted_values,
    "maximum": painted_values,
    "minimum": painted_values,
    "distinct": _distinct,
    "days_since_latest": _days_since,
    "days_since_earliest": _days_since,
    "rate": _rate,
    "count_each": _each,
    "sum_each": _each,
    "people_count": _people_count,
    "people_youngest_age": _age,
}
