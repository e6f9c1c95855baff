"""What measures are made from: the rows of a selection that have values, in which order, and which of them decides."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from targeting.features import kernel_operators
from targeting.features.kernel import Keys
from targeting.features.plan import Measure, MeasureOperation
from targeting.features.selected_rows import SelectedRows
from targeting.features.shard_run import ShardRun

Floats = NDArray[np.float64]
Wholes = NDArray[np.int64]

# Operations of which one row gives the value.
PAINTED: frozenset[MeasureOperation] = frozenset(
    {"latest", "earliest", "maximum", "minimum", "days_since_latest", "days_since_earliest"}
)


class Found(NamedTuple):
    """Numbers by family and date, and where the records hold what they are made from."""

    numbers: Floats
    recorded: NDArray[np.bool_] | bool


def rows_with_values(measure: Measure, run: ShardRun) -> SelectedRows:
    """Return the rows of a measure that have a value in each column that it combines."""
    rows = run.rows(measure.selection)
    for name in measure.columns:
        known = run.known(measure.selection.kind, name)
        rows = rows if known is None else rows.take(known[rows.row])
    return rows


def painted_rows(measure: Measure, run: ShardRun) -> tuple[SelectedRows, NDArray[np.int32]]:
    """Return a painting measure's rows and, by family and date, the row that gives the value; -1 for none."""
    rows = rows_with_values(measure, run)
    keys = _keys(measure, run)._replace(fact_id=rows.facts.fact_id)
    return rows, kernel_operators.paint(rows.visible, rows.row, keys, run.size)


def painted_values(measure: Measure, run: ShardRun) -> Found:
    """Return the values of the rows that `painted_rows` names: of those alike in all but their ids any has them."""
    rows = rows_with_values(measure, run)
    winner = kernel_operators.paint(rows.visible, rows.row, _keys(measure, run), run.size)
    return Found(_picked(rows, rows.facts.columns[measure.columns[0]], winner), winner >= 0)


def _keys(measure: Measure, run: ShardRun) -> Keys:
    return run.keys(
        measure.selection.kind,
        measure.columns,
        value_first=measure.operation in ("maximum", "minimum"),
        backwards=measure.operation in ("minimum", "earliest", "days_since_earliest"),
    )


def _picked(rows: SelectedRows, values: NDArray[Any], winner: NDArray[np.int32]) -> Floats:
    """Return what the rows that decide have among the values of all their kind's facts; NaN where none does (-1)."""
    if not len(rows.row):
        return np.full(winner.shape, np.nan)
    return np.where(winner >= 0, values[rows.row[winner]], np.nan)


def divided(total: Floats, count: NDArray[Any]) -> Floats:
    """Return means; 0 where there is nothing to count."""
    return np.divide(total, count, out=np.zeros_like(total), where=count > 0)
