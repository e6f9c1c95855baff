"""Metrics of the scores themselves, with how much each cluster of rows moves them.

A cluster's influence is the change of a metric as that cluster's weight changes. Their sum of squares is the metric's
variance over clusters, to which that of the clustered bootstrap tends as replicates grow (the infinitesimal jackknife,
Efron 1982; for the AUC it is that of Obuchowski 1997). No row is resampled, so nothing depends on a seed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Codes = NDArray[np.int64]

_STEPS = 60


@dataclass(frozen=True)
class Scored:
    """Rows of one group: score, label (0 or 1) and cluster."""

    score: Numbers
    label: Numbers
    cluster: Codes


@dataclass(frozen=True)
class Functional:
    """A metric's value and the influence of each row on it; both NaN where the metric is not defined."""

    value: float
    influence: Numbers


def _undefined(rows: Scored) -> Functional:
    return Functional(float("nan"), np.full(len(rows.score), np.nan))


def calibration_in_the_large(rows: Scored) -> Functional:
    """Return outcomes over expected outcomes; undefined where the scores add up to nothing."""
    expected = rows.score.sum()
    if expected == 0:
        return _undefined(rows)
    value = float(rows.label.sum() / expected)
    return Functional(value, (rows.label - value * rows.score) / expected)


def auc(rows: Scored) -> Functional:
    """Return the area under the ROC curve, ties half; undefined without both kinds of row."""
    positive, negative = rows.score[rows.label == 1], rows.score[rows.label == 0]
    if not len(positive) or not len(negative):
        return _undefined(rows)
    beaten = _below(rows.score, negative)
    beating = 1 - _below(rows.score, positive)
    value = float(beaten[rows.label == 1].mean())
    influence = np.where(rows.label == 1, (beaten - value) / len(positive), (beating - value) / len(negative))
    return Functional(value, influence)


def _below(scores: Numbers, others: Numbers) -> Numbers:
    """Return, for each score, the share of `others` that lie below it, those equal counted half."""
    others = np.sort(others)
    sides = np.searchsorted(others, scores, "left") + np.searchsorted(others, scores, "right")
    return np.asarray(sides / (2 * len(others)), dtype=np.float64)


def average_precision(rows: Scored) -> Functional:
    """Return precision averaged over outcomes from the highest score down, tied scores as one step."""
    positives = rows.label.sum()
    if positives == 0:
        return _undefined(rows)
    _, step, size = np.unique(-rows.score, return_inverse=True, return_counts=True)
    found = np.bincount(step, weights=rows.label)
    listed, found_so_far = np.cumsum(size), np.cumsum(found)
    precision = found_so_far / listed
    value = float((found * precision).sum() / positives)
    later = _from_here_on(found / listed), _from_here_on(found * found_so_far / listed**2)
    gain = rows.label * (precision[step] + later[0][step] - value) - later[1][step]
    return Functional(value, gain / positives)


def _from_here_on(values: Numbers) -> Numbers:
    return np.cumsum(values[::-1])[::-1]


def calibration_slope(rows: Scored) -> Functional:
    """Return the slope of the outcome's log-odds on the score's (Cox 1958).

    Undefined where a score is 0 or 1 (its log-odds are infinite), where all scores or all labels are equal, and where
    a score parts the labels without an error.
    """
    if rows.score.min() <= 0 or rows.score.max() >= 1 or np.ptp(rows.score) == 0 or np.ptp(rows.label) == 0:
        return _undefined(rows)
    if max(_least(rows, 1), _least(rows, 0)) >= 1:
        return _undefined(rows)
    design = np.column_stack([np.log(rows.score / (1 - rows.score)), np.ones(len(rows.score))])
    return _logistic_slope(rows, design)


def _least(rows: Scored, label: int) -> float:
    """Return the share of rows of the other label that every row of `label` lies at or above."""
    return float((rows.score[rows.label != label] <= rows.score[rows.label == label].min()).mean())


def _logistic_slope(rows: Scored, design: Numbers) -> Functional:
    line = np.array([1.0, 0.0])
    for _ in range(_STEPS):
        fitted = 1 / (1 + np.exp(-np.clip(design @ line, -500, 500)))
        information = (design * (fitted * (1 - fitted))[:, None]).T @ design
        if np.linalg.cond(information) > 1e14:
            return _undefined(rows)
        step = np.linalg.solve(information, design.T @ (rows.label - fitted))
        line = line + step
        if np.abs(step).max() < 1e-11:
            influence = np.linalg.solve(information, (design * (rows.label - fitted)[:, None]).T)[0]
            return Functional(float(line[0]), influence)
    return _undefined(rows)


METRICS: Mapping[str, Callable[[Scored], Functional]] = MappingProxyType(
    {
        "calibration_in_the_large": calibration_in_the_large,
        "calibration_slope": calibration_slope,
        "auc": auc,
        "average_precision": average_precision,
    }
)


@dataclass(frozen=True)
class Spread:
    """A metric by group (everyone last) and the influence of each cluster on it, of shape (group, cluster)."""

    value: Numbers
    influence: Numbers

    def standard_error(self) -> Numbers:
        """Return the standard error by group."""
        return np.sqrt((self.influence**2).sum(axis=1))

    def standard_error_against(self, reference: int, *, logarithm: bool = False) -> Numbers:
        """Return that of each group's difference from a reference group, or of the logarithm of their ratio."""
        scale = self.value[:, None] if logarithm else np.ones((len(self.value), 1))
        with np.errstate(invalid="ignore", divide="ignore"):
            relative = self.influence / scale
            return np.sqrt(((relative - relative[reference]) ** 2).sum(axis=1))


def spread(metric: str, rows: Scored, group: Codes, groups: int) -> Spread:
    """Return a metric for each group and for everyone. A group without rows has NaN."""
    clusters = int(rows.cluster.max(initial=-1)) + 1
    members = [np.flatnonzero(group == code) for code in range(groups)]
    found = [_of(METRICS[metric], rows, at, clusters) for at in (*members, np.arange(len(group)))]
    return Spread(np.array([value for value, _ in found]), np.array([influence for _, influence in found]))


def _of(measure: Callable[[Scored], Functional], rows: Scored, at: Codes, clusters: int) -> tuple[float, Numbers]:
    if not len(at):
        return float("nan"), np.full(clusters, np.nan)
    part = Scored(rows.score[at], rows.label[at], rows.cluster[at])
    functional = measure(part)
    moved = np.bincount(part.cluster, weights=functional.influence, minlength=clusters)
    return functional.value, moved.astype(np.float64)
