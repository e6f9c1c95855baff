"""One group after another beside all others: where does the same record mean less?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.fairness.clusters import clusters
from targeting.fairness.counts import patterns
from targeting.fairness.estimates import Measured, estimate
from targeting.fairness.intervals import LEVEL

Numbers = NDArray[np.float64]
Codes = NDArray[np.int64]

RATIO = "prevalence_ratio"
# The bounds of a level near 1 lie far out, and so need more draws than those of 95 %.
REPLICATES = 10_000
SEED = 20260329


@dataclass(frozen=True)
class AgainstRest:
    """By group: how often the outcome came, over how often it came to all others, with an interval; NaN for none.

    The intervals hold together: all groups are compared, and 95 times in 100 none of the intervals errs (Bonferroni).
    """

    ratio: Numbers
    lower: Numbers
    upper: Numbers

    @property
    def is_less(self) -> NDArray[np.bool_]:
        """Which groups have the outcome less often than all others by more than chance."""
        return np.asarray(self.upper < 1)


def against_the_rest(label: Codes, group: Codes, cluster: Codes, groups: int) -> AgainstRest:
    """Return how often rows of each group have the label, over all other rows; families are drawn whole."""
    told = [each for each in range(groups) if (group == each).any()]
    level = 1 - (1 - LEVEL) / max(len(told), 1)
    values = np.full((3, groups), np.nan)
    for each in told:
        values[:, each] = _one(label, group == each, cluster, level, each)
    return AgainstRest(*values)


def _one(label: Codes, mine: NDArray[np.bool_], cluster: Codes, level: float, seed: int) -> tuple[float, float, float]:
    nowhere = patterns([np.zeros(len(label), dtype=bool)])
    held = clusters(cluster, np.where(mine, 0, 1).astype(np.int64), label, nowhere, 2)
    measured = Measured(clusters=held, scores={}, reference=1, seed=(SEED, seed))
    found = estimate(measured, [RATIO], level=level, replicates=REPLICATES)[RATIO]
    return float(found.value[0, 0]), float(found.lower[0, 0]), float(found.upper[0, 0])
