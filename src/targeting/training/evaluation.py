"""How well scores rank families and how well probabilities hold, pooled over as-of dates and date by date.

A list is made on each date, so "the top per cent" is taken date by date and then pooled. Intervals draw families with
replacement: repeated dates of one family do not count as many families.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from targeting.models.estimator import Floats
from targeting.training.definition import Measures
from targeting.training.measures import (
    Curve,
    Estimate,
    Outcomes,
    Ranking,
    auc,
    average_precision,
    brier,
    calibration_in_the_large,
    calibration_line,
    curve,
    rank,
)
from targeting.training.rows import Codes, Days, Rows

Metrics = Mapping[str, float]
Interval = tuple[float, float]
Weighted = Callable[[Floats | None], dict[str, float]]


@dataclass(frozen=True)
class Scored:
    """Labelled rows with a score that ranks them and, where there is one, a probability."""

    family: Codes
    as_of_date: Days
    outcome: Outcomes
    score: Floats
    probability: Floats | None = None

    def on(self, day: np.datetime64) -> "Scored":
        """Return the rows of one date."""
        mask = self.as_of_date == day
        probability = None if self.probability is None else self.probability[mask]
        return Scored(self.family[mask], self.as_of_date[mask], self.outcome[mask], self.score[mask], probability)


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Measures by name: `pooled`, `by_date`, and 95 % intervals of some of the pooled ones."""

    pooled: Metrics
    by_date: Mapping[date, Metrics]
    intervals: Mapping[str, Interval]

    def to_json(self) -> dict[str, object]:
        """Return what is written as evidence."""
        return {
            "pooled": dict(self.pooled),
            "intervals": {name: list(bounds) for name, bounds in self.intervals.items()},
            "by_date": {day.isoformat(): dict(metrics) for day, metrics in self.by_date.items()},
        }


def scored(rows: Rows, score: Floats, probability: Floats | None = None) -> Scored:
    """Return labelled rows with their scores."""
    return Scored(rows.family, rows.as_of_date, rows.y, score, probability)


def evaluate(rows: Scored, measures: Measures, *, seed: int) -> Evaluation:
    """Return all measures of scored rows."""
    days = np.unique(rows.as_of_date)
    return Evaluation(
        pooled=_metrics(rows, measures),
        by_date={day.item(): _metrics(rows.on(day), measures) for day in days},
        intervals={
            **intervals(rows, key_measures(rows), replicates=measures.replicates, seed=seed),
            **{name: (held.low, held.high) for name, held in _calibration(rows).items()},
        },
    )


def estimated_auc(rows: Scored, measures: Measures, *, seed: int) -> Estimate:
    """Return the AUC of scored rows with its interval, and nothing else."""
    ranking = rank(rows.score)

    def measured(weights: Floats | None) -> dict[str, float]:
        return {"auc": auc(curve(ranking, rows.outcome, weights))}

    low, high = intervals(rows, measured, replicates=measures.replicates, seed=seed)["auc"]
    return Estimate(measured(None)["auc"], low, high)


def key_measures(rows: Scored) -> Weighted:
    """Return the measures that get an interval, as a function of the weights of rows."""
    ranking, lists = rank(rows.score), _Lists.of(rows)

    def measured(weights: Floats | None) -> dict[str, float]:
        held = curve(ranking, rows.outcome, weights)
        top = lists.in_top_percent(1, weights)
        return {"average_precision": average_precision(held), "auc": auc(held), "precision_at_1_percent": top.precision}

    return measured


def intervals(rows: Scored, measured: Weighted, *, replicates: int, seed: int) -> dict[str, Interval]:
    """Return 95 % percentile intervals over families drawn with replacement."""
    families, family = np.unique(rows.family, return_inverse=True)
    drawing = np.random.default_rng(seed)
    drawn = []
    for _ in range(replicates):
        chosen = drawing.integers(0, len(families), len(families))
        drawn.append(measured(np.bincount(chosen, minlength=len(families)).astype(np.float64)[family]))
    return {name: _percentiles(np.array([values[name] for values in drawn])) for name in drawn[0]}


def calibration_bins(rows: Scored, *, bins: int = 10) -> list[dict[str, float]]:
    """Return mean probability and observed share in groups of equal size, from the lowest probability up."""
    if rows.probability is None:
        return []
    groups = np.array_split(np.argsort(rows.probability, kind="stable"), bins)
    return [
        {
            "n": len(group),
            "expected": float(rows.probability[group].mean()),
            "observed": float(rows.outcome[group].mean()),
        }
        for group in groups
        if len(group)
    ]


def precision_recall_points(rows: Scored, *, points: int = 200) -> list[dict[str, float]]:
    """Return precision by recall at so many places down the ranking, evenly spaced in recall."""
    held = curve(rank(rows.score), rows.outcome)
    if held.total_events == 0:
        return []
    wanted = np.linspace(0, held.total_events, points + 1)[1:]
    at = np.unique(np.searchsorted(held.events, wanted))
    return [
        {"recall": float(held.events[i] / held.total_events), "precision": float(held.events[i] / held.listed[i])}
        for i in at
    ]


@dataclass(frozen=True)
class _Top:
    """The top of every date's list together."""

    listed: float
    found: float
    events: float

    @property
    def precision(self) -> float:
        return self.found / self.listed if self.listed else float("nan")

    @property
    def recall(self) -> float:
        return self.found / self.events if self.events else float("nan")


@dataclass(frozen=True)
class _Lists:
    """Each date's ranking, with where its rows stand."""

    outcome: Outcomes
    rankings: tuple[Ranking, ...]

    @staticmethod
    def of(rows: Scored) -> "_Lists":
        rankings = []
        for day in np.unique(rows.as_of_date):
            at = np.flatnonzero(rows.as_of_date == day)
            ranking = rank(rows.score[at])
            rankings.append(Ranking(at[ranking.order], ranking.ends))
        return _Lists(rows.outcome, tuple(rankings))

    def in_top_percent(self, percent: float, weights: Floats | None = None) -> _Top:
        return self._top(lambda held: max(1.0, float(np.round(held.total * percent / 100))), weights)

    def in_top(self, count: int) -> _Top:
        return self._top(lambda held: min(float(count), held.total), None)

    def _top(self, size: Callable[[Curve], float], weights: Floats | None) -> _Top:
        curves = [curve(ranking, self.outcome, weights) for ranking in self.rankings]
        return _Top(
            listed=sum(size(held) for held in curves),
            found=sum(held.events_in_top(size(held)) for held in curves),
            events=sum(held.total_events for held in curves),
        )


def _metrics(rows: Scored, measures: Measures) -> dict[str, float]:
    held = curve(rank(rows.score), rows.outcome)
    found = {
        "n": float(len(rows.outcome)),
        "families": float(len(np.unique(rows.family))),
        "events": held.total_events,
        "prevalence": float(rows.outcome.mean()),
        "average_precision": average_precision(held),
        "auc": auc(held),
    }
    return {**found, **_at_the_top(rows, measures), **_of_probabilities(rows)}


def _at_the_top(rows: Scored, measures: Measures) -> dict[str, float]:
    lists = _Lists.of(rows)
    tops = {f"{percent:g}_percent": lists.in_top_percent(percent) for percent in measures.top_percent}
    tops["capacity"] = lists.in_top(measures.capacity)
    return {
        name: value
        for at, top in tops.items()
        for name, value in ((f"precision_at_{at}", top.precision), (f"recall_at_{at}", top.recall))
    }


def _of_probabilities(rows: Scored) -> dict[str, float]:
    if rows.probability is None:
        return {}
    brier_score = {"brier": brier(rows.probability, rows.outcome)}
    return brier_score | {name: held.value for name, held in _calibration(rows).items()}


def _calibration(rows: Scored) -> dict[str, Estimate]:
    if rows.probability is None:
        return {}
    slope, intercept = calibration_line(rows.probability, rows.outcome, rows.family)
    return {
        "calibration_in_the_large": calibration_in_the_large(rows.probability, rows.outcome, rows.family),
        "calibration_slope": slope,
        "calibration_intercept": intercept,
    }


def _percentiles(values: Floats) -> Interval:
    kept = values[~np.isnan(values)]
    if not len(kept):
        return float("nan"), float("nan")
    low, high = np.percentile(kept, [2.5, 97.5])
    return float(low), float(high)
