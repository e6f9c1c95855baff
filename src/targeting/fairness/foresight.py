"""The smallest gap that each gating comparison could show, computed before a model is trained.

What is known by then is who the groups are, how many of them had the outcome on earlier dates, and how many places a
list has; not who will be on it. So a list is taken to hold each group in proportion, and a family to be listed, and to
have the outcome, as one. What comes out is therefore cautious: a little larger than what the data will show.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.fairness.cuts import Cut, parse_cut
from targeting.fairness.definition import Gating, Policy
from targeting.fairness.grouping import Grouping
from targeting.fairness.intervals import z_of
from targeting.fairness.metrics import RATES, split_comparison
from targeting.fairness.verdicts import detectable

Codes = NDArray[np.int64]
Numbers = NDArray[np.float64]

LEAST_IS_TOLD_AT = 0.5


@dataclass(frozen=True)
class History:
    """Rows of as many earlier lists as the audit will have: family, list, what takes a place, and label (0 or 1)."""

    cluster: Codes
    list_code: Codes
    place: Codes
    label: Codes


@dataclass(frozen=True)
class Foreseen:
    """One comparison's smallest detectable gap (a difference, or a factor), and how many people it would be out of.

    None where it cannot be said: for metrics of scores, at cuts by score, and where a group has no row.
    """

    gating: Gating
    gap: float | None
    group_n: float
    reference_n: float

    def to_json(self) -> dict[str, object]:
        """Return what a command prints."""
        named = self.gating.model_dump(include={"attribute", "group", "measure", "cut", "limit"})
        return {**named, "detectable": None if self.gap is None else round(self.gap, 3)}


def foresee(policy: Policy, groupings: Sequence[Grouping], history: History) -> tuple[Foreseen, ...]:
    """Return what each gating comparison of a policy will be able to show, in declared order."""
    by_name = {each.attribute.name: each for each in groupings}
    return tuple(_foreseen(gating, by_name[gating.attribute], history, policy) for gating in policy.gating)


def _foreseen(gating: Gating, groups: Grouping, history: History, policy: Policy) -> Foreseen:
    metric, how = split_comparison(gating.measure)
    share = _share_listed(parse_cut(gating.cut), history, policy.capacity)
    if metric not in RATES or groups.reference is None or gating.group not in groups.names:
        return Foreseen(gating, None, 0.0, 0.0)
    own, other = (
        _effective(groups.code == code, metric, share, history)
        for code in (groups.names.index(gating.group), groups.reference)
    )
    return Foreseen(gating, _gap(gating, how, (own, other), z_of(policy.gating_level)), own, other)


def _share_listed(cut: Cut, history: History, capacity: int | None) -> float | None:
    """Return the part of all places that a cut lists; None where only scores could tell."""
    if cut.kind == "score":
        return None
    if cut.kind == "share":
        return float(cut.amount) / 100
    places = np.unique(np.column_stack([history.list_code, history.place]), axis=0)
    of_each_list = float(np.bincount(places[:, 0]).mean())
    wanted = float(cut.amount) * ((capacity or 0) if cut.kind == "weeks" else 1)
    return min(1.0, wanted / of_each_list)


def _effective(members: NDArray[np.bool_], metric: str, share: float | None, history: History) -> float:
    """Return how many independent people a rate of a group will be out of, on the lists to come; 0 for unknown."""
    rate, label = RATES[metric], history.label == 1
    among = {"positives": label, "negatives": ~label}.get(rate.denominator, np.ones(len(label), dtype=bool))
    listed = 0.0 if share is None else share
    part = {"selected": listed, "not_selected": listed and 1 - listed}.get(rate.denominator, 1.0)
    rows = members & among
    per_family = np.bincount(history.cluster[rows])
    if not len(per_family):
        return 0.0
    return part * float(per_family.sum() ** 2 / (per_family.astype(np.float64) ** 2).sum())


def _gap(gating: Gating, how: str, numbers: tuple[float, float], z: float) -> float | None:
    if min(numbers) <= 0:
        return None
    rate = gating.expected or LEAST_IS_TOLD_AT
    spread = (1 - rate) / rate if how == "ratio" else rate * (1 - rate)
    gap = detectable(math.sqrt(sum(spread / n for n in numbers)), z)
    return math.exp(min(gap, 700.0)) if how == "ratio" else gap
