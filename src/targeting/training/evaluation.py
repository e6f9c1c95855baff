"""How well scores rank families and how well probabilities hold, pooled over as-of dates and date by date.

A list is made on each date, so "the top per cent" is taken date by date and then pooled. A row whose outcome is not
known takes its place on the list and is counted nowhere else. Intervals draw families with replacement: repeated dates
of one family do not count as many families.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from targeting.models.estimator import Floats
from targeting.training.definition import Measures
from targeting.training.listing import WEEKS, Lists, Size, distinct, listed_rows, percent, places, top
from targeting.training.measures import (
    NOT_KNOWN,
    Curve,
    Estimate,
    Outcomes,
    auc,
    average_precision,
    brier,
    calibration_in_the_large,
    calibration_line,
    curve,
    rank,
)
from targeting.training.rows import Codes, Days, Mask, Rows

Metrics = Mapping[str, float]
Interval = tuple[float, float]
# A measure of rows whose families have been drawn so many times; None for each once.
Weighted = Callable[[Floats | None], dict[str, float]]

# Where a panel might draw a line: the cuts of the bands that it reads.
THRESHOLDS = (0.01, 0.03, 0.10, 0.20, 0.35)


@dataclass(frozen=True)
class Scored:
    """Rows with a score that ranks them and, where there is one, a probability; `outcome` may be NOT_KNOWN."""

    family: Codes
    as_of_date: Days
    outcome: Outcomes
    score: Floats
    probability: Floats | None = None

    def where(self, mask: Mask) -> "Scored":
        """Return the rows that a mask keeps."""
        probability = None if self.probability is None else self.probability[mask]
        return Scored(self.family[mask], self.as_of_date[mask], self.outcome[mask], self.score[mask], probability)

    def on(self, day: np.datetime64) -> "Scored":
        """Return the rows of one date."""
        return self.where(self.as_of_date == day)

    @property
    def known(self) -> "Scored":
        """Return the rows whose outcome is known."""
        return self.where(self.outcome != NOT_KNOWN)


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Measures by name: `pooled`, `by_date`, and 95 % intervals of some of the pooled ones.

    `drawn` has the values of those over the families drawn, draw by draw: evaluations of the same families and seed
    have the same draws, so that their difference is that of pairs.
    """

    pooled: Metrics
    by_date: Mapping[date, Metrics]
    intervals: Mapping[str, Interval]
    drawn: Mapping[str, Floats] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """Return what is written as evidence."""
        return {
            "pooled": dict(self.pooled),
            "intervals": {name: list(bounds) for name, bounds in self.intervals.items()},
            "by_date": {day.isoformat(): dict(metrics) for day, metrics in self.by_date.items()},
        }


def scored(rows: Rows, score: Floats, probability: Floats | None = None) -> Scored:
    """Return rows with their scores."""
    return Scored(rows.family, rows.as_of_date, rows.y, score, probability)


def evaluate(rows: Scored, measures: Measures, *, seed: int) -> Evaluation:
    """Return all measures of scored rows."""
    measured = key_measures(rows, measures)
    drawn = draws(rows, measured, replicates=measures.replicates, seed=seed)
    return Evaluation(
        pooled=_metrics(rows, measures) | measured(None),
        by_date={day.item(): _metrics(rows.on(day), measures) for day in np.unique(rows.as_of_date)},
        intervals={
            **{name: percentiles(values) for name, values in drawn.items()},
            **{name: (held.low, held.high) for name, held in _calibration(rows).items()},
        },
        drawn=drawn,
    )


def estimated_auc(rows: Scored, measures: Measures, *, seed: int) -> Estimate:
    """Return the AUC of scored rows with its interval, and nothing else."""
    ranking = rank(rows.score)

    def measured(weights: Floats | None) -> dict[str, float]:
        return {"auc": auc(curve(ranking, rows.outcome, weights))}

    low, high = percentiles(draws(rows, measured, replicates=measures.replicates, seed=seed)["auc"])
    return Estimate(measured(None)["auc"], low, high)


def key_measures(rows: Scored, measures: Measures) -> Weighted:
    """Return the measures that get an interval, as a function of the weights of rows."""
    ranking, lists = rank(rows.score), Lists.of(rows.as_of_date, rows.score, rows.outcome)
    sizes, over_weeks = _sizes(measures), _over_weeks(rows, measures)

    def measured(weights: Floats | None) -> dict[str, float]:
        held, curves = curve(ranking, rows.outcome, weights), lists.curves(weights)
        found = {"average_precision": average_precision(held), "auc": auc(held)}
        for at, size in sizes.items():
            found |= top(curves, size).to_measures(f"at_{at}")
        return found | over_weeks(weights)

    return measured


def draws(rows: Scored, measured: Weighted, *, replicates: int, seed: int) -> dict[str, Floats]:
    """Return each measure over families drawn with replacement, draw by draw."""
    families, family = np.unique(rows.family, return_inverse=True)
    drawing = np.random.default_rng(seed)
    drawn = []
    for _ in range(replicates):
        chosen = drawing.integers(0, len(families), len(families))
        drawn.append(measured(np.bincount(chosen, minlength=len(families)).astype(np.float64)[family]))
    return {name: np.array([values[name] for values in drawn]) for name in drawn[0]}


def percentiles(values: Floats) -> Interval:
    """Return the 95 % percentile interval of drawn values; NaN where none is defined."""
    kept = values[~np.isnan(values)]
    if not len(kept):
        return float("nan"), float("nan")
    low, high = np.percentile(kept, [2.5, 97.5])
    return float(low), float(high)


def calibration_bins(rows: Scored, *, bins: int = 10) -> list[dict[str, float]]:
    """Return mean probability and observed share in groups of equal size, from the lowest probability up."""
    held = rows.known
    if held.probability is None:
        return []
    groups = np.array_split(np.argsort(held.probability, kind="stable"), bins)
    return [
        {
            "n": len(group),
            "expected": float(held.probability[group].mean()),
            "observed": float(held.outcome[group].mean()),
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


def net_benefit(rows: Scored) -> list[dict[str, float]]:
    """Return, at each threshold of probability, the net benefit of the model and of looking at everyone.

    True positives less false ones weighted by the odds of the threshold, a row: Vickers and Elkin (2006). Looking at
    nobody has 0.
    """
    held = rows.known
    if held.probability is None or not len(held.outcome):
        return []
    found = []
    for threshold in THRESHOLDS:
        odds = threshold / (1 - threshold)
        worth = np.where(held.outcome == 1, 1.0, -odds)
        above = held.probability >= threshold
        found.append({"threshold": threshold, "model": float((worth * above).mean()), "everyone": float(worth.mean())})
    return found


def _sizes(measures: Measures) -> dict[str, Size]:
    named = {f"{amount:g}_percent": percent(amount) for amount in measures.top_percent}
    return {**named, "capacity": places(measures.capacity)}


def _over_weeks(rows: Scored, measures: Measures) -> Weighted:
    """Return the measures over distinct families that weeks of lists name; the lists stay as they were made."""
    listed = listed_rows(rows.family, rows.as_of_date, rows.score, capacity=measures.capacity)
    named = {weeks: distinct(rows.family, rows.as_of_date, rows.outcome, listed[weeks], weeks=weeks) for weeks in WEEKS}
    families = int(rows.family.max(initial=0)) + 1

    def measured(weights: Floats | None) -> dict[str, float]:
        of_family = np.ones(families)
        if weights is not None:
            of_family[rows.family] = weights
        found: dict[str, float] = {}
        for weeks, each in named.items():
            found |= each.top(of_family).to_measures(f"in_{weeks}_weeks")
        return found

    return measured


def _metrics(rows: Scored, measures: Measures) -> dict[str, float]:
    held, known = curve(rank(rows.score), rows.outcome), rows.known
    found = {
        "n": held.total,
        "not_known": held.total_places - held.total,
        "families": float(len(np.unique(known.family))),
        "events": held.total_events,
        "prevalence": held.total_events / held.total if held.total else float("nan"),
        "average_precision": average_precision(held),
        "auc": auc(held),
    }
    return {**found, **_at_the_top(rows, measures), **_of_probabilities(rows)}


def _at_the_top(rows: Scored, measures: Measures) -> dict[str, float]:
    curves: list[Curve] = Lists.of(rows.as_of_date, rows.score, rows.outcome).curves()
    found: dict[str, float] = {}
    for at, size in _sizes(measures).items():
        found |= top(curves, size).to_measures(f"at_{at}")
    tied = sum(held.tied_at(places(measures.capacity)(held)) for held in curves)
    return {**found, "tied_at_capacity": tied}


def _of_probabilities(rows: Scored) -> dict[str, float]:
    held = rows.known
    if held.probability is None:
        return {}
    brier_score = {"brier": brier(held.probability, held.outcome)}
    return brier_score | {name: each.value for name, each in _calibration(rows).items()}


def _calibration(rows: Scored) -> dict[str, Estimate]:
    held = rows.known
    if held.probability is None:
        return {}
    slope, intercept = calibration_line(held.probability, held.outcome, held.family)
    return {
        "calibration_in_the_large": calibration_in_the_large(held.probability, held.outcome, held.family),
        "calibration_slope": slope,
        "calibration_intercept": intercept,
    }
