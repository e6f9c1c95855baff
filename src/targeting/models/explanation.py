"""Why this margin: exact TreeSHAP of one family, against the cohort of its list."""

from dataclasses import dataclass

import numpy as np

from targeting.models.estimator import Booster, Floats

REFERENCE = "reference"


@dataclass(frozen=True)
class Explanation:
    """Parts of margins, one row a family: `parts[i].sum() + reference == margin[i] - cohort_mean`.

    `parts` has a column for each of `names`. `reference` is the model's base value less the cohort's mean margin:
    one number, the same for every family of the list.
    """

    names: tuple[str, ...]
    parts: Floats
    reference: float
    cohort_mean: float

    def of_row(self, row: int) -> dict[str, float]:
        """Return one family's parts by name, with `reference` last."""
        return {**dict(zip(self.names, self.parts[row].tolist(), strict=True)), REFERENCE: self.reference}


def contributions(booster: Booster, X: Floats, *, threads: int = 1) -> Floats:
    """Return TreeSHAP values, shape (rows, indicators + 1): the last column is the model's base value.

    Each row sums to its margin. A few hundred rows a second: meant for a list, not for a cohort.
    Lundberg and others, From local explanations to global understanding (2020), algorithm 2.
    """
    if not len(X):
        return np.empty((0, len(booster.names) + 1))
    values = booster.trees.predict(X, pred_contrib=True, num_threads=threads)
    return np.asarray(values, dtype=np.float64)


def explain(booster: Booster, X: Floats, *, cohort_mean: float, threads: int = 1) -> Explanation:
    """Return the parts of each row's margin less `cohort_mean`, the mean margin of the list's cohort."""
    values = contributions(booster, X, threads=threads)
    base = float(values[0, -1]) if len(values) else cohort_mean
    return Explanation(booster.names, values[:, :-1], base - cohort_mean, cohort_mean)
