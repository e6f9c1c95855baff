"""How many families have something at all: what the watch asks of indicators that are 0 for nearly everybody."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from targeting.models.estimator import Floats
from targeting.training.definition import Bounds


@dataclass(frozen=True, kw_only=True)
class AboveNone:
    """In how many families an indicator is above 0, and of how many it is known: on each date before, and now.

    The population stability index hardly sees an indicator that is 0 for nearly everybody.
    """

    before: tuple[tuple[int, int], ...]
    after: tuple[int, int]

    @staticmethod
    def of(before: Sequence[Floats], after: Floats) -> "AboveNone":
        """Return the counts of an indicator's values on some dates before, and now."""
        return AboveNone(before=tuple(map(_above_and_known, before)), after=_above_and_known(after))

    @property
    def _by_share(self) -> list[tuple[float, tuple[int, int]]]:
        """Return the dates before of which anything is known, the one with the least share first."""
        return sorted((_share(each), each) for each in self.before if each[1])

    @property
    def is_nothing(self) -> bool:
        """Return whether nobody has any now: then records have stopped, or not come yet, sooner than needs have."""
        return not self.after[0]

    def is_beyond(self, bounds: Bounds, *, chance: float) -> bool:
        """Return whether the share is so many times that of any date before, beyond `chance` by Fisher's exact test."""
        dates, now = self._by_share, _share(self.after)
        if not dates or not self.after[1]:
            return False
        (least, lowest), (most, highest) = dates[0], dates[-1]
        if bounds[0] * least <= now <= bounds[1] * most:
            return False
        above, known = highest if now > most else lowest
        table = np.array([[above, known - above], [self.after[0], self.after[1] - self.after[0]]])
        return float(stats.fisher_exact(table).pvalue) < chance

    def __str__(self) -> str:
        shares = [share for share, _ in self._by_share] or [0.0]
        return f"Above 0 in {shares[0]:.1%} to {shares[-1]:.1%} of them, now in {_share(self.after):.1%}."


def _above_and_known(values: Floats) -> tuple[int, int]:
    return int((values > 0).sum()), int((~np.isnan(values)).sum())


def _share(counted: tuple[int, int]) -> float:
    return counted[0] / counted[1] if counted[1] else 0.0
