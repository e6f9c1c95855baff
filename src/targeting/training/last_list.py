"""What a panel has without a new model: the order of the last list that was published before a date.

It is no order of the same records: whom a list named may have been helped, and the lists of an earlier model stand for
that model and for how old its scores are by the date.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from targeting.models.estimator import Floats
from targeting.training.rows import Rows


@dataclass(frozen=True, kw_only=True)
class PublishedOrder:
    """Everybody from whom the lists of one date were drawn, with the margin, or the points, by which they ranked."""

    as_of_date: date
    family_id: NDArray[np.str_]
    margin: Floats


def last_list_scores(orders: Sequence[PublishedOrder], ranked: Rows) -> Floats | None:
    """Return a score for each row by the last order published before its date; None where a date has none before it.

    The score is the share of those considered whom the family did not rank behind, since margins of two models cannot
    be compared. Who was not considered then ranks last: a list drawn by that order could not have named them.
    """
    whole = np.full(len(ranked), -np.inf)
    for day in ranked.dates:
        before = [order for order in orders if order.as_of_date < day]
        if not before:
            return None
        here = np.flatnonzero(ranked.is_on([day]))
        whole[here] = _standings(max(before, key=lambda each: each.as_of_date), ranked.family_id[here])
    return whole


def _standings(order: PublishedOrder, family_id: NDArray[np.str_]) -> Floats:
    rising = np.sort(order.margin)
    standing = np.searchsorted(rising, order.margin, side="right") / len(rising)
    share_of = dict(zip(order.family_id.tolist(), standing.tolist(), strict=True))
    return np.array([share_of.get(each, -np.inf) for each in family_id.tolist()], dtype=np.float64)
