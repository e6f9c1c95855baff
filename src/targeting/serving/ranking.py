"""Who is on a list: the greatest margins, with places kept for families never known."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, order=True)
class Place:
    """One family's place: its rank among all considered, its row, and whether a kept place brought it here."""

    rank: int
    row: int
    kept_place: bool


def ranked(margins: Floats, family_ids: NDArray[np.str_]) -> NDArray[np.int64]:
    """Return the rows by rank: the greatest margin first, equal margins by family id."""
    return np.lexsort((family_ids, -margins))


def rank_of_each(order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the rank of each row, 1 for the first of `order`."""
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(1, len(order) + 1)
    return rank


def places(
    margins: Floats, family_ids: NDArray[np.str_], *, capacity: int, never_known: NDArray[np.bool_], kept: int
) -> tuple[Place, ...]:
    """Return who is listed, by rank: at most `capacity`, of them at least `kept` never known, where there are so many.

    Families rank by margin, the greatest first, equal margins by family id. A kept place that no never-known family
    fills goes to the next family by rank.
    """
    order = ranked(margins, family_ids)
    top, rest = order[:capacity], order[capacity:]
    wanted = max(0, min(kept, capacity) - int(never_known[top].sum()))
    brought_in = rest[never_known[rest]][:wanted]
    known = top[~never_known[top]]
    left_out = known[len(known) - len(brought_in) :]
    rank = rank_of_each(order)
    stay = [Place(int(rank[row]), int(row), False) for row in top if row not in set(left_out.tolist())]
    return tuple(sorted(stay + [Place(int(rank[row]), int(row), True) for row in brought_in]))
