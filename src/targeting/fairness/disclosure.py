"""Which counts an audit withholds, so that none of a few people is shown or can be worked out.

Small counts are withheld, and so are small differences between nested cuts. Then, as long as a reader could narrow a
small count down by adding and subtracting what is still shown, one more count is withheld: the same one of another
group, and if that does not help the next wider count. What is withheld never depends on chance, and one plan serves
every output.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from targeting.fairness.inference import WANDERINGS, Cell, Reader
from targeting.fairness.tables import SMALL, Tables, small_cells

__all__ = ["SMALL", "closed", "of_few", "withheld"]

Mask = NDArray[np.bool_]

_TRIED_AT_ONCE = 6


def withheld(tables: Tables, already: Mask | None = None) -> tuple[Mask, tuple[Cell, ...]]:
    """Return which counts to withhold, by (node, column), and the small counts for whose sake.

    `already`: those that are withheld whatever these tables say.
    """
    small = tuple(small_cells(tables))
    few = of_few(small, (len(tables.members), 2 + 2 * tables.cuts))
    hidden = closed(few if already is None else few | already, tables.cuts)
    reader = Reader(tables.atoms, tables.members, tables.vectors, small)
    if small:
        reader.exchange(hidden)
        reader.wander(hidden, least_width=SMALL - 1, times=WANDERINGS)
    for index in sorted(range(len(small)), key=lambda at: (small[at].columns, small[at].node)):
        hidden = _keep_unknown(index, small[index], hidden, tables, reader)
    return hidden, small


def of_few(small: Sequence[Cell], shape: tuple[int, ...]) -> Mask:
    """Return which counts are themselves small, by (node, column)."""
    hidden = np.zeros(shape, dtype=bool)
    for cell in small:
        if len(cell.columns) == 1:
            hidden[cell.node, cell.columns[0]] = True
    return hidden


def closed(hidden: Mask, cuts: int) -> Mask:
    """Return what is withheld with all that would give it away, or is given away with it."""
    hidden = hidden | hidden[-1]
    hidden = hidden | hidden[:, :1]
    within = hidden[:, 1:2] | hidden[:, 2 : 2 + cuts]
    return np.concatenate([hidden[:, : 2 + cuts], hidden[:, 2 + cuts :] | within], axis=1)


def _keep_unknown(index: int, cell: Cell, hidden: Mask, tables: Tables, reader: Reader) -> Mask:
    """Return what is withheld with as much more as keeps one small count unknown."""
    while reader.is_known_too_well(index, least_width=SMALL - 1):
        reader.exchange(hidden)
        if not reader.is_known_too_well(index, least_width=SMALL - 1):
            break
        reach = reader.reach(index, hidden)
        reader.learn(reach.tables)
        if not reader.is_known_too_well(index, least_width=SMALL - 1):
            break
        choices = _choices(cell, hidden, reach.bound_by, tables)
        if not choices:
            break
        hidden = _first_that_suffices(index, hidden, choices, tables, reader)
    return hidden


def _first_that_suffices(
    index: int, hidden: Mask, choices: Sequence[tuple[int, int]], tables: Tables, reader: Reader
) -> Mask:
    """Return what is withheld with one choice more: the first by which the count is unknown, or the first of all."""
    for choice in choices[:_TRIED_AT_ONCE]:
        more, seen = _with(hidden, choice, tables.cuts), reader.seen
        reader.exchange(more)
        if reader.is_known_too_well(index, least_width=SMALL - 1):
            reader.learn(reader.reach(index, more).tables)
        if not reader.is_known_too_well(index, least_width=SMALL - 1):
            return more
        reader.seen = seen
    return _with(hidden, choices[0], tables.cuts)


def _with(hidden: Mask, choice: tuple[int, int], cuts: int) -> Mask:
    more = hidden.copy()
    more[choice] = True
    return closed(more, cuts)


def _choices(cell: Cell, hidden: Mask, bound_by: Mask, tables: Tables) -> list[tuple[int, int]]:
    """Return the shown counts by which a small count is known, the least loss first.

    Everyone's are left: they tell least of a group, and every other table would have to follow.
    """
    own = [(cell.node, column) for column in cell.columns if not hidden[cell.node, column]]
    if len(own) == len(cell.columns):
        return sorted(own, key=lambda choice: _loss(choice, tables))
    bound = [(int(node), int(column)) for node, column in np.argwhere(bound_by & ~hidden) if node < len(hidden) - 1]
    return sorted(bound, key=lambda choice: _loss(choice, tables))


def _loss(choice: tuple[int, int], tables: Tables) -> tuple[bool, int, bool, int, tuple[int, int]]:
    """Return what it costs to withhold a count: of a group or at a cut that gates; a wider count; a larger group."""
    node, column = choice
    cut = (column - 2) % tables.cuts
    width = 0 if column >= 2 + tables.cuts else 1 if column >= 2 else 3 - column
    gates = column >= 2 and bool(tables.precious_cuts[cut])
    size = tables.size(node) if column < 2 else tables.rows_at(cut) + tables.size(node)
    return bool(tables.precious[node]), width, gates, size, choice
