"""Fit one model with frozen hyperparameters: a booster, and a calibrator from margins out of fold."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

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
from targeting.training.rows import Mask, Rows, family_folds, thinning


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

    def margins_without(learnt: Mask, held_out: Mask) -> Floats:
        some = thinned(rows.where(learnt), settings, share=calibration.non_events_kept)
        booster = train_booster(some, recipe.parameters, rounds=recipe.rounds)
        return margins_of(booster, rows.where(held_out), threads=settings.threads)

    folds = family_folds(rows, folds=calibration.folds, seed=settings.seed)
    out_of_fold = cross_fitted_margins(folds, margins_without)
    choice = None
    if calibration.method == "chosen":
        choice = choose_calibration(out_of_fold, rows.y, folds=folds, family=rows.family)
    method = choice.method if choice is not None else calibration.method
    calibrator = fit_calibrator(out_of_fold, rows.y, method=method)  # type: ignore[arg-type]
    return Fitted(fit_booster(rows, recipe, settings=settings), calibrator, choice)


def margins_of(booster: Booster, rows: Rows, *, threads: int, columns: Mask | None = None) -> Floats:
    """Return the margins of rows, a block at a time: together they may be another large table.

    `columns` are the indicators that the booster learnt from; None is all of them.
    """
    tables = (block.X if columns is None else block.X[:, columns] for block in rows.blocks())
    return np.concatenate([np.empty(0), *(margins(booster, X, threads=threads) for X in tables)])


def fit_booster(
    rows: Rows,
    recipe: Recipe,
    *,
    settings: EstimatorSettings,
    columns: Mask | None = None,
    weights: Floats | None = None,
) -> Booster:
    """Return a booster of labelled rows: of every event, and of the share of the others that the settings keep.

    `columns` are the indicators that the settings name, where they are not all; `weights` are of all rows.
    """
    learnt = thinned(rows, settings, share=settings.non_events_kept, columns=columns, weights=weights)
    return train_booster(learnt, recipe.parameters, rounds=recipe.rounds)


def thinned(
    rows: Rows,
    settings: EstimatorSettings,
    *,
    share: float,
    columns: Mask | None = None,
    weights: Floats | None = None,
) -> TrainingRows:
    """Return every event and a share of the other rows, weighted up to all of them, on top of `weights` if given."""
    chosen, own = thinning(rows.y, share=share, seed=settings.seed)
    kept = rows.where(chosen)
    X = kept.X if columns is None else kept.X[:, columns]
    weighed = own if weights is None else own * weights[chosen]
    return TrainingRows(X, kept.y, settings=settings, weights=weighed)
