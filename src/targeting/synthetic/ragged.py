"""Rows that belong to groups: expanding groups into their members, last values in time, without a loop."""

import numpy as np
from numpy.typing import NDArray

Indexes = NDArray[np.int64]


def offsets(counts: NDArray[np.integer]) -> Indexes:
    """Return where each group's rows begin, with the total at the end."""
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])


def expand(groups: NDArray[np.integer], starts: Indexes) -> tuple[Indexes, Indexes]:
    """Return, for each wanted group in turn, its position among `groups` and the rows that belong to it.

    `starts` holds where each group's rows begin, with the total at the end. A group wanted twice is given twice.
    """
    groups = np.asarray(groups, np.int64)
    counts = starts[groups + 1] - starts[groups]
    position = np.repeat(np.arange(groups.size), counts)
    first = np.repeat(starts[groups] - offsets(counts)[:-1], counts)
    return position, first + np.arange(position.size)


def one_of_each(position: Indexes, weights: NDArray[np.floating], waits: NDArray[np.floating]) -> Indexes:
    """Return one row for each distinct `position` (sorted): the one whose wait over its weight is least.

    With exponential waits rows are drawn by weight. Rows of weight 0 are never drawn;
    a position with no other has none.
    """
    allowed = np.flatnonzero(weights > 0)
    order = np.lexsort((waits[allowed] / weights[allowed], position[allowed]))
    ordered = allowed[order]
    first = np.ones(ordered.size, bool)
    first[1:] = position[ordered][1:] != position[ordered][:-1]
    return ordered[first]


def earliest(keys: NDArray[np.integer], values: NDArray[np.integer], size: int, missing: int) -> NDArray[np.int32]:
    """Return the least value of each key 0..size-1; `missing` where a key has none."""
    least = np.full(size, missing, np.int32)
    np.minimum.at(least, keys, values.astype(np.int32))
    return least
