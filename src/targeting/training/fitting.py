"""Fit one model with frozen hyperparameters: a booster, and a calibrator from margins out of fold."""

from dataclasses import dataclass

from targeting.models.calibration import Calibrator
from targeting.models.calibration_fitting import cross_fitted_margins, fit_calibrator
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
from targeting.training.rows import Mask, Rows, family_folds


@dataclass(frozen=True)
class Recipe:
    """Hyperparameters as found, with the number of trees; both frozen from here on."""

    parameters: Parameters
    rounds: int


@dataclass(frozen=True)
class Fitted:
    """A booster and the calibrator of its margins."""

    booster: Booster
    calibrator: Calibrator


def fit(rows: Rows, recipe: Recipe, *, settings: EstimatorSettings, calibration: CalibrationRule) -> Fitted:
    """Return a booster of all rows, and a calibrator from boosters that did not see the families they speak of."""

    def margins_of(learnt: Mask, held_out: Mask) -> Floats:
        booster = train_booster(
            TrainingRows(rows.X[learnt], rows.y[learnt], settings=settings), recipe.parameters, rounds=recipe.rounds
        )
        return margins(booster, rows.X[held_out], threads=settings.threads)

    folds = family_folds(rows, folds=calibration.folds, seed=settings.seed)
    calibrator = fit_calibrator(cross_fitted_margins(folds, margins_of), rows.y, method=calibration.method)
    whole = TrainingRows(rows.X, rows.y, settings=settings)
    return Fitted(train_booster(whole, recipe.parameters, rounds=recipe.rounds), calibrator)
