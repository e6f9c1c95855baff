"""Fit a calibrator on margins out of fold: none, Platt's sigmoid or centred isotonic regression; choose by evidence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from targeting.models.calibration import CalibrationMethod, Calibrator
from targeting.models.estimator import Floats

Labels = NDArray[np.int8]
Folds = NDArray[np.int64]
Mask = NDArray[np.bool_]

# A slope at or below this means margins that rank no better than chance: the order is kept, the probability is flat.
LEAST_SLOPE = 0.01
_DECIMALS = 9
METHODS: tuple[CalibrationMethod, ...] = ("none", "sigmoid", "isotonic")


@dataclass(frozen=True)
class CalibrationChoice:
    """The method chosen, and what each reached: mean log loss on families it was not fitted on.

    `behind` is how much worse each is than the chosen one, with the standard error of that over families.
    """

    method: CalibrationMethod
    log_loss: Mapping[CalibrationMethod, float]
    behind: Mapping[CalibrationMethod, tuple[float, float]]


def fit_calibrator(margins: Floats, labels: Labels, *, method: CalibrationMethod) -> Calibrator:
    """Return a calibrator fitted on margins of rows that their booster has not seen."""
    if method == "none":
        return Calibrator("none", (0.0,), (0.0,), 1.0)
    line = _fit_sigmoid(margins, labels)
    return line if method == "sigmoid" else _fit_isotonic(margins, labels, slope=line.slope)


def cross_fitted_margins(folds: Folds, margins_of: Callable[[Mask, Mask], Floats]) -> Floats:
    """Return each row's margin from a booster that saw no row of its fold.

    `margins_of(learnt, held_out)` trains on the first mask and returns margins of the second. Folds keep a family's
    rows together, or its other dates would betray it.
    """
    out_of_fold = np.full(len(folds), np.nan)
    for fold in np.unique(folds):
        held_out = folds == fold
        out_of_fold[held_out] = margins_of(~held_out, held_out)
    return out_of_fold


def choose_calibration(margins: Floats, labels: Labels, *, folds: Folds, family: Folds) -> CalibrationChoice:
    """Return the method with the least log loss on folds of families that it was not fitted on.

    From the simplest to the most flexible, a method takes the place of a simpler one where it is better by more than a
    standard error of the difference, families being the clusters: flexibility has to earn its place.
    """
    losses = {method: _log_losses(margins, labels, folds, method) for method in METHODS}
    chosen = METHODS[0]
    for method in METHODS[1:]:
        gain, error = _mean_difference(losses[chosen] - losses[method], family)
        chosen = method if gain > error else chosen
    behind = {name: _mean_difference(held - losses[chosen], family) for name, held in losses.items()}
    return CalibrationChoice(chosen, {name: float(held.mean()) for name, held in losses.items()}, behind)


def _log_losses(margins: Floats, labels: Labels, folds: Folds, method: CalibrationMethod) -> Floats:
    log_odds = np.empty(len(margins))
    for fold in np.unique(folds):
        judged = folds == fold
        fitted = fit_calibrator(margins[~judged], labels[~judged], method=method)
        log_odds[judged] = fitted.calibrated_log_odds(margins[judged])
    return np.asarray(np.logaddexp(0.0, log_odds) - labels * log_odds, dtype=np.float64)


def _mean_difference(differences: Floats, family: Folds) -> tuple[float, float]:
    """Return the mean and its standard error, a family being one draw."""
    mean = float(differences.mean())
    surprises = np.bincount(family, weights=differences - mean)
    return mean, float(np.sqrt(np.sum(surprises**2)) / len(differences))


def _fit_sigmoid(margins: Floats, labels: Labels) -> Calibrator:
    """Fit Platt's line. One class alone has no finite fit: the base rate is then that of one more row of each."""
    centre = float(np.mean(margins))
    if 0 < labels.sum() < len(labels):
        fitted = LogisticRegression(C=np.inf).fit(margins.reshape(-1, 1), labels)
        slope, at_zero = float(fitted.coef_[0, 0]), float(fitted.intercept_[0])
        if slope > LEAST_SLOPE:
            return Calibrator("sigmoid", (centre,), (at_zero + slope * centre,), slope)
    rate = (labels.sum() + 1.0) / (len(labels) + 2.0)
    return Calibrator("sigmoid", (centre,), (float(np.log(rate / (1 - rate))),), LEAST_SLOPE)


def _fit_isotonic(margins: Floats, labels: Labels, *, slope: float) -> Calibrator:
    """Fit isotonic regression and join the centres of its blocks, so that it rises strictly.

    Oron and Flournoy, Centered isotonic regression (2017). Rates of 0 and 1 stop at half an event.
    """
    least = 0.5 / max(len(labels), 1)
    # Margins nearer to each other than this are one: between them no line has a finite slope.
    held = np.round(margins, _DECIMALS)
    fitted = IsotonicRegression(y_min=least, y_max=1 - least).fit_transform(held, labels)
    rates, block = np.unique(fitted, return_inverse=True)
    centres = np.bincount(block, weights=held) / np.bincount(block)
    return Calibrator("isotonic", tuple(centres.tolist()), tuple(np.log(rates / (1 - rates)).tolist()), slope)
