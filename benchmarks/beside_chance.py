"""How well an order of families foretells an outcome, beside the same scores exchanged between families at random."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from benchmarks.indicators import REPLICATES, average_precision
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Foretold(NamedTuple):
    """Average precision and AUC of an order, the former of exchanged scores and the latter of draws a replicate."""

    average_precision: float
    by_chance: Floats
    auc: float
    drawn: Floats


def foretold(label: Floats, score: Floats, family: NDArray[np.int64]) -> Foretold:
    """Return how well a score foretells a label, 0 or 1 a row; `family` says whose row it is."""
    even, auc = np.ones(len(label)), _Auc(label, score)
    by_chance, drawn = np.empty(REPLICATES), np.empty(REPLICATES)
    for seed in range(REPLICATES):
        random = np.random.default_rng(seed)
        drawn[seed] = auc.weighed(random.poisson(1.0, family.max() + 1)[family])
        by_chance[seed] = average_precision(label, _exchanged(score, family, random))(even)
    return Foretold(average_precision(label, score)(even), by_chance, auc.weighed(even), drawn)


def pooled(each: Sequence[Foretold]) -> Foretold:
    """Return the mean over districts, replicate by replicate: chance has no part in one of what it has in another."""
    return Foretold(*(np.mean(held, axis=0) for held in zip(*each, strict=True)))


def shown(told: Foretold) -> dict[str, float]:
    """Return the figures of an order; chance reaches no more in 97.5 % of exchanges, the AUC's interval is of 95 %."""
    low, high = np.quantile(told.drawn, (0.025, 0.975))
    figures = {
        "average_precision": told.average_precision,
        "chance": told.by_chance.mean(),
        "chance_reaches": np.quantile(told.by_chance, 0.975),
        "exceeded_by_chance": np.mean(told.by_chance >= told.average_precision),
        "auc": told.auc,
        "auc_lower": low,
        "auc_upper": high,
    }
    return {name: round(float(value), 5) for name, value in figures.items()}


def _exchanged(score: Floats, family: NDArray[np.int64], random: np.random.Generator) -> Floats:
    """Return scores of which each family has those of another, as many as it has rows, the other's again if fewer."""
    order = np.argsort(family, kind="stable")
    starts, counts = np.unique(family[order], return_index=True, return_counts=True)[1:]
    other = random.permutation(len(starts))
    within = np.arange(len(family)) - np.repeat(starts, counts)
    taken = np.repeat(starts[other], counts) + within % np.repeat(counts[other], counts)
    given = np.empty_like(score)
    given[order] = score[order][taken]
    return given


class _Auc:
    """The area under the curve of a score for weights of the rows; the rows are sorted once."""

    def __init__(self, label: Floats, score: Floats) -> None:
        self._steps, self._label = np.unique(score, return_inverse=True)[1], label

    def weighed(self, weights: NDArray[Any]) -> float:
        positive = np.bincount(self._steps, weights * self._label)
        negative = np.bincount(self._steps, weights * (1 - self._label))
        below = np.cumsum(negative) - negative / 2
        return float((positive * below).sum() / (positive.sum() * negative.sum()))
