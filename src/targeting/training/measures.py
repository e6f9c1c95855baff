"""Measures of a ranking and of probabilities, over weighted rows. Tied scores share what lies between them.

Every measure of a ranking is read from one curve: how many rows, and how many with the outcome, stand at or above each
distinct score. Weights let a bootstrap draw families many times without copying rows.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.models.calibration import sigmoid
from targeting.models.estimator import Floats

Outcomes = NDArray[np.int8]
Codes = NDArray[np.int64]

# The outcome of a row that takes its place on a list and is counted nowhere else.
NOT_KNOWN = np.int8(-1)


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Ranking:
    """Rows from the highest score down; `ends` are the last positions of each distinct score."""

    order: NDArray[np.int64]
    ends: NDArray[np.int64]


@dataclass(frozen=True)
class Curve:
    """What stands at or above each distinct score, highest first, by weight.

    `places` counts all rows, `listed` those whose outcome is known, `events` those that had it.
    """

    places: Floats
    listed: Floats
    events: Floats

    @property
    def total(self) -> float:
        """Return the weight of all rows whose outcome is known."""
        return float(self.listed[-1]) if len(self.listed) else 0.0

    @property
    def total_places(self) -> float:
        """Return the weight of all rows."""
        return float(self.places[-1]) if len(self.places) else 0.0

    @property
    def total_events(self) -> float:
        """Return the weight of all rows with the outcome."""
        return float(self.events[-1]) if len(self.events) else 0.0

    def events_in_top(self, count: float) -> float:
        """Return the outcomes among the first `count` rows; rows tied at the line count by their share."""
        return float(np.interp(count, np.r_[0.0, self.places], np.r_[0.0, self.events]))

    def listed_in_top(self, count: float) -> float:
        """Return how many of the first `count` rows have a known outcome; rows tied at the line by their share."""
        return float(np.interp(count, np.r_[0.0, self.places], np.r_[0.0, self.listed]))

    def tied_at(self, count: float) -> float:
        """Return how many rows share the score at the line after `count`, on both sides of it; 0 where none does."""
        at = int(np.searchsorted(self.places, count))
        if at >= len(self.places) or self.places[at] == count:
            return 0.0
        return float(self.places[at] - (self.places[at - 1] if at else 0.0))


def rank(scores: Floats) -> Ranking:
    """Return rows by falling score. Scores are numbers, infinite ones included, never NaN."""
    order = np.argsort(-scores, kind="stable")
    falling = scores[order]
    falls = np.flatnonzero(falling[1:] != falling[:-1])
    return Ranking(order, np.r_[falls, len(scores) - 1].astype(np.int64) if len(scores) else falls)


def curve(ranking: Ranking, outcomes: Outcomes, weights: Floats | None = None) -> Curve:
    """Return the curve of a ranking."""
    falling = outcomes[ranking.order]
    weight = np.ones(len(falling)) if weights is None else weights[ranking.order]
    held = (weight, weight * (falling != NOT_KNOWN), weight * (falling == 1))
    return Curve(*(np.cumsum(each)[ranking.ends] for each in held))


def average_precision(held: Curve) -> float:
    """Return the area under the precision-recall steps; NaN without an event. As scikit-learn defines it."""
    if held.total_events == 0:
        return float("nan")
    precision = np.divide(held.events, held.listed, out=np.zeros_like(held.events), where=held.listed > 0)
    return float(np.sum(np.diff(held.events, prepend=0.0) * precision) / held.total_events)


def auc(held: Curve) -> float:
    """Return the chance that a row with the outcome stands above one without, ties half; NaN with one class alone."""
    others = held.listed - held.events
    pairs = held.total_events * (held.total - held.total_events)
    if pairs == 0:
        return float("nan")
    middle = held.events - np.diff(held.events, prepend=0.0) / 2
    return float(np.sum(np.diff(others, prepend=0.0) * middle) / pairs)


def brier(probability: Floats, outcomes: Outcomes) -> float:
    """Return the mean squared distance of probability and outcome."""
    return float(np.mean((probability - outcomes) ** 2))


def calibration_in_the_large(probability: Floats, outcomes: Outcomes, clusters: Codes) -> Estimate:
    """Return observed over expected outcomes: 1 is right, above 1 more happened than was said."""
    expected = float(probability.sum())
    surprises = np.bincount(clusters, weights=outcomes - probability)
    return _estimate(float(outcomes.sum()) / expected, float(np.sqrt(np.sum(surprises**2))) / expected)


def calibration_line(probability: Floats, outcomes: Outcomes, clusters: Codes) -> tuple[Estimate, Estimate]:
    """Return slope and intercept of the outcome's log-odds on the probability's: (1, 0) is right.

    A slope below 1 says that high probabilities are too high and low ones too low. Cox (1958), with errors robust to
    clusters (Liang and Zeger 1986). NaN where one class alone, one probability alone or a perfect separation leaves it
    undefined.
    """
    design = np.column_stack([_log_odds(probability), np.ones(len(probability))])
    line = _logistic_line(design, outcomes)
    if line is None:
        return _estimate(np.nan, np.nan), _estimate(np.nan, np.nan)
    slope_error, intercept_error = _clustered_errors(design, outcomes, line, clusters)
    return _estimate(line[0], slope_error), _estimate(line[1], intercept_error)


def wilson_lower(events: Floats, rows: Floats, *, z: float = 1.96) -> Floats:
    """Return the lower Wilson bound of a proportion. Wilson (1927)."""
    share = events / rows
    centre = share + z**2 / (2 * rows)
    spread = z * np.sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2))
    return np.asarray((centre - spread) / (1 + z**2 / rows), dtype=np.float64)


def _log_odds(probability: Floats) -> Floats:
    clipped = np.clip(probability, 1e-12, 1 - 1e-12)
    return np.asarray(np.log(clipped / (1 - clipped)), dtype=np.float64)


def _logistic_line(design: Floats, outcomes: Outcomes, *, steps: int = 60) -> Floats | None:
    """Return the most likely line by Newton's method, each step halved until it climbs; None where there is none."""
    line = np.array([1.0, 0.0])
    if not 0 < outcomes.sum() < len(outcomes) or np.ptp(design[:, 0]) == 0:
        return None
    for _ in range(steps):
        surprise, curvature = _surprise_and_curvature(design, outcomes, line)
        if np.linalg.cond(curvature) > 1e12:
            return None
        step = np.linalg.solve(curvature, design.T @ surprise)
        while _likelihood(design, outcomes, line + step) < _likelihood(design, outcomes, line) - 1e-9:
            step /= 2
        line += step
        if np.abs(step).max() < 1e-9:
            return line
    return None


def _likelihood(design: Floats, outcomes: Outcomes, line: Floats) -> float:
    log_odds = design @ line
    return float(np.sum(outcomes * log_odds - np.logaddexp(0.0, log_odds)))


def _surprise_and_curvature(design: Floats, outcomes: Outcomes, line: Floats) -> tuple[Floats, Floats]:
    fitted = sigmoid(design @ line)
    return outcomes - fitted, (design * (fitted * (1 - fitted))[:, None]).T @ design


def _clustered_errors(design: Floats, outcomes: Outcomes, line: Floats, clusters: Codes) -> Floats:
    surprise, curvature = _surprise_and_curvature(design, outcomes, line)
    scores = np.column_stack([np.bincount(clusters, weights=column * surprise) for column in design.T])
    bread = np.linalg.inv(curvature)
    return np.asarray(np.sqrt(np.diag(bread @ (scores.T @ scores) @ bread)), dtype=np.float64)


def _estimate(value: float, error: float) -> Estimate:
    return Estimate(float(value), float(value - 1.96 * error), float(value + 1.96 * error))
