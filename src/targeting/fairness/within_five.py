"""What is withheld of an audit's counts, and what is told to within five instead."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.fairness.disclosure import closed, of_few, withheld
from targeting.fairness.inference import WANDERINGS, WIDTH, Cell, Reader
from targeting.fairness.tables import SMALL, Comparison, Tables

Mask = NDArray[np.bool_]
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Plan:
    """Which counts to withhold, and `least` of those that are told to within five (NaN for others), by (node, column).

    Columns are n, positives, selected at each cut, tp at each cut. Where positives are withheld so are negatives, and
    where tp is, so are fp, fn and tn.
    """

    hidden: Mask
    least: Numbers


def plan_of(tables: Tables) -> Plan:
    """Return what to withhold of tables that share their rows.

    A count that a gating comparison rests on, and that is withheld for the sake of a few others alone, is told to
    within five instead wherever that keeps every small count as unknown: a comparison of two large groups shall not be
    lost to a few people who are in neither.
    """
    hidden, small = withheld(tables)
    least = np.full(hidden.shape, np.nan)
    for comparison in tables.comparisons:
        more = least.copy()
        for node, column in _lost(comparison, hidden, small, tables):
            more[node, column] = _least(node, column, comparison, hidden, tables)
        told = np.isfinite(more)
        if (told != np.isfinite(least)).any() and _is_safe(hidden & ~told, more, small, tables):
            least = more
    return Plan(hidden & ~np.isfinite(least), least)


def _lost(comparison: Comparison, hidden: Mask, small: Sequence[Cell], tables: Tables) -> tuple[tuple[int, int], ...]:
    """Return the counts for want of which a comparison is lost; none where one cannot be told to within five.

    With a count come the wider ones that are withheld too, which would follow from it and what is left of them.
    """
    own = closed(of_few(small, hidden.shape), tables.cuts)
    wanted = {(node, wider) for node, column in comparison.counts for wider in _wider(column, tables.cuts)}
    lost = tuple(sorted(at for at in wanted if hidden[at]))
    told = [not own[at] and np.isfinite(_least(*at, comparison, hidden, tables)) for at in lost]
    return lost if all(told) else ()


def _least(node: int, column: int, comparison: Comparison, hidden: Mask, tables: Tables) -> float:
    """Return the least that a count could be, were those of its attribute who are withheld beside it fewer than ten.

    It follows from what is shown: everyone less the groups that are. NaN where they are ten or more, and so nothing in
    it depends on how many of the fewer than ten they are.
    """
    counts = tables.counts(column)
    others = [each for each in comparison.groups if each != node]
    few = sum(counts[each] for each in others if hidden[each, column])
    shown = sum(counts[each] for each in others if not hidden[each, column])
    return float(counts[-1] - shown - WIDTH + 1) if few < WIDTH else float("nan")


def _wider(column: int, cuts: int) -> tuple[int, ...]:
    """Return a column with those of the counts that hold what it counts."""
    if column < 2 + cuts:
        return (0,) if column == 0 else (0, column)
    return 0, 1, column - cuts, column


def _is_safe(hidden: Mask, least: Numbers, small: Sequence[Cell], tables: Tables) -> bool:
    """Return whether every small count stays unknown to one who knows some counts to within five."""
    reader = Reader(tables.atoms, tables.members, tables.vectors, small, least)
    reader.wander(hidden, least_width=SMALL - 1, times=WANDERINGS)
    for index in range(len(small)):
        if reader.is_known_too_well(index, least_width=SMALL - 1):
            reader.learn(reader.reach(index, hidden).tables)
        if reader.is_known_too_well(index, least_width=SMALL - 1):
            return False
    return True
