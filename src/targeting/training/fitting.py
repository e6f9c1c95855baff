"""Fit one model with frozen hyperparameters: a booster, and a calibrator from margins out of fold."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from targeting.models.calibration import Calibrator
from targeting.models.calibration_fitting import (
    CalibrationChoice,
    choose_calibration,
    cross_fitted_margins,
    fit_calibrator,
)
from targeting.models.estimator import (
    Booster,
    EstimatorSettings,
    Floats,
    Parameters,
    TrainingRows,
    margins,
    train_booster,
)
from targeting.training.definition import CalibrationRule
from targeting.training.rows import ROWS_AT_ONCE, Mask, Rows, family_folds, thinning

Places = NDArray[np.intp]


@dataclass(frozen=True)
class Recipe:
    """Hyperparameters as found, with the number of trees; both frozen from here on."""

    parameters: Parameters
    rounds: int


def recipe_of(search: Mapping[str, Any]) -> Recipe:
    """Return the best recipe of a training's evidence, `search.json`."""
    best = next(trial for trial in search["trials"] if trial["number"] == search["best"])
    return Recipe(best["parameters"], int(best["rounds"]))


@dataclass(frozen=True)
class Fitted:
    """A booster and the calibrator of its margins; `choice` is the evidence by which its method was chosen, if it was.

    A calibrator's probabilities on the scale of log-odds rank as margins do, and agree between boosters.
    """

    booster: Booster
    calibrator: Calibrator
    choice: CalibrationChoice | None = None


def fit(rows: Rows, recipe: Recipe, *, settings: EstimatorSettings, calibration: CalibrationRule) -> Fitted:
    """Return a booster of all rows, and a calibrator from boosters that did not see the families they speak of.

    Those learn from every event and the share of other rows that the calibration keeps, weighted up.
    """

    def margins_of(learnt: Mask, held_out: Mask) -> Floats:
        some = thinned(rows, settings, share=calibration.non_events_kept, seed=settings.seed, among=learnt)
        booster = train_booster(some, recipe.parameters, rounds=recipe.rounds)
        return _margins_at(booster, rows, np.flatnonzero(held_out), threads=settings.threads)

    folds = family_folds(rows, folds=calibration.folds, seed=settings.seed)
    out_of_fold = cross_fitted_margins(folds, margins_of)
    choice = None
    if calibration.method == "chosen":
        choice = choose_calibration(out_of_fold, rows.y, folds=folds, family=rows.family)
    method = choice.method if choice is not None else calibration.method
    calibrator = fit_calibrator(out_of_fold, rows.y, method=method)  # type: ignore[arg-type]
    return Fitted(fit_booster(rows, recipe, settings=settings), calibrator, choice)


def _margins_at(booster: Booster, rows: Rows, places: Places, *, threads: int) -> Floats:
    """Return the margins of the rows at some places, a block at a time: together they would be another large table."""
    blocks = [places[start : start + ROWS_AT_ONCE] for start in range(0, len(places), ROWS_AT_ONCE)]
    return np.concatenate([np.empty(0), *(margins(booster, rows.X[each], threads=threads) for each in blocks)])


def fit_booster(rows: Rows, recipe: Recipe, *, settings: EstimatorSettings) -> Booster:
    """Return a booster of labelled rows: of every event, and of the share of the others that the settings keep."""
    learnt = thinned(rows, settings, share=settings.non_events_kept, seed=settings.seed)
    return train_booster(learnt, recipe.parameters, rounds=recipe.rounds)


def thinned(
    rows: Rows, settings: EstimatorSettings, *, share: float, seed: int, among: Mask | None = None
) -> TrainingRows:
    """Return rows, or those `among` them, with every event and a share of the others, weighted up to all of them."""
    places = np.arange(len(rows)) if among is None else np.flatnonzero(among)
    chosen, weights = thinning(rows.y[places], share=share, seed=seed)
    kept = places[chosen]
    return TrainingRows(rows.X[kept], rows.y[kept], settings=settings, weights=weights)
