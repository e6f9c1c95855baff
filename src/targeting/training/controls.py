"""Negative controls: models that must find nothing; if they find something, the data or the split has a fault."""

from dataclasses import replace

import numpy as np

from targeting.models.estimator import Booster, EstimatorSettings, Floats, TrainingRows, margins, train_booster
from targeting.training.fitting import margins_of
from targeting.training.rows import Rows, distinct_unknowns

_PARAMETERS = {"learning_rate": 0.1, "num_leaves": 15, "min_data_in_leaf": 50}
_ROUNDS = 60


def missingness_scores(*, train: Rows, test: Rows, seed: int, threads: int) -> Floats:
    """Return test rows' margins by a model that sees only which indicators are unknown, and why."""
    columns = distinct_unknowns(train)
    if not columns:
        return np.zeros(len(test))
    settings = EstimatorSettings(
        names=tuple(train.names[column] for column in columns),
        directions=(None,) * len(columns),
        seed=seed,
        threads=threads,
    )
    booster = _learnt(TrainingRows(_codes(train, columns), train.y, settings=settings))
    return margins(booster, _codes(test, columns), threads=threads)


def shuffled_futures_scores(*, train: Rows, test: Rows, settings: EstimatorSettings) -> Floats:
    """Return test rows' margins by a model of all indicators, on rows whose futures were exchanged."""
    booster = _learnt(TrainingRows(train.X, train.y, settings=settings))
    return margins_of(booster, test, threads=settings.threads)


def exchange_futures(rows: Rows, *, seed: int) -> Rows:
    """Return the same rows, each with the outcome of another family of its date."""
    drawing = np.random.default_rng(seed)
    exchanged = rows.y.copy()
    for day in np.unique(rows.as_of_date):
        at = np.flatnonzero(rows.as_of_date == day)
        exchanged[at] = rows.y[drawing.permutation(at)]
    return replace(rows, y=exchanged)


def _codes(rows: Rows, columns: list[int]) -> Floats:
    return np.stack([rows.table.unknown[rows.at, column] for column in columns], axis=1).astype(np.float64)


def _learnt(rows: TrainingRows) -> Booster:
    return train_booster(rows, _PARAMETERS, rounds=_ROUNDS)
