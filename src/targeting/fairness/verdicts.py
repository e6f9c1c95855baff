"""Verdicts on gating comparisons: what the interval says of the gap and of the limit."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import norm

from targeting.fairness.intervals import Z
from targeting.fairness.results import Verdict

POWER = 0.8
_POWER = float(norm.ppf(POWER))
GRAVEST_FIRST: tuple[Verdict, ...] = ("fail", "cannot tell", "concern", "pass")


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A gap between a group and its reference with its interval; None where not defined. A ratio, or a difference.

    `z` is how many standard errors the interval reaches either way.
    """

    value: float | None
    lower: float | None
    upper: float | None
    limit: float
    is_ratio: bool
    z: float = Z

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The interval on a scale on which no gap is 0: logarithms of ratios; None without one."""
        if self.lower is None or self.upper is None or self.value is None:
            return None
        return self._scaled(self.lower), self._scaled(self.upper)

    @property
    def allowed(self) -> float:
        """The limit on that scale; a ratio's holds either way up, so 0.8 and 1.25 are one limit."""
        return abs(self._scaled(self.limit))

    @property
    def smallest_detectable_gap(self) -> float | None:
        """The true gap (or factor) that data as precise as these would tell from none four times in five."""
        if self.bounds is None or not all(map(math.isfinite, self.bounds)):
            return None
        gap = detectable((self.bounds[1] - self.bounds[0]) / (2 * self.z), self.z)
        return math.exp(min(gap, 700.0)) if self.is_ratio else gap

    @property
    def times_more_data(self) -> float | None:
        """How many times the data would show a gap as large as the limit; None where that cannot be said."""
        gap = self.smallest_detectable_gap
        return None if gap is None else (abs(self._scaled(gap)) / self.allowed) ** 2

    def _scaled(self, value: float) -> float:
        if not self.is_ratio:
            return value
        return math.log(value) if value > 0 else -math.inf


def detectable(standard_error: float, z: float) -> float:
    """Return the gap that an interval of so many standard errors would tell from none four times in five."""
    return (_POWER + z) * standard_error


def judge(comparison: Comparison) -> Verdict:
    """Return the verdict on a gap.

    Pass: the whole interval lies within the limit. Fail: the whole interval lies beyond it. Concern: there is a gap,
    and it may be beyond. Cannot tell: neither no gap nor one beyond the limit can be excluded, or there is no
    interval at all.
    """
    if comparison.bounds is None:
        return "cannot tell"
    lower, upper = comparison.bounds
    if -comparison.allowed <= lower and upper <= comparison.allowed:
        return "pass"
    if lower > comparison.allowed or upper < -comparison.allowed:
        return "fail"
    return "cannot tell" if lower <= 0 <= upper else "concern"


def overall_verdict(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the verdict on the whole: the gravest one; with no comparison named, nothing can be told."""
    return next((verdict for verdict in GRAVEST_FIRST if verdict in verdicts), "cannot tell")
