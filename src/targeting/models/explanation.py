"""Why this margin: exact TreeSHAP of families, against the cohort of their list."""

from collections.abc import MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from lightgbm import Booster as Trees

from targeting.models.estimator import Booster, Floats
from targeting.models.forest import UnusualModelError, read_forest
from targeting.models.look_up_kernel import add_parts
from targeting.models.look_ups import LookUps, look_ups

REFERENCE = "reference"
# So many rows at a time: their columns fit the processor's caches, and their number outweighs making the tables.
_ROWS = 8192


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


@dataclass(frozen=True)
class Way:
    """How a model is explained: by look-ups or, where there are none, by LightGBM; `why_not` then says why."""

    look_ups: LookUps | None
    why_not: str = ""


def explained_by(booster: Booster) -> Way:
    """Return how a model is explained, found out once for each booster: some tenths of a second for a large one.

    A model of LightGBM that is a plain sum of trees, no path of which has more than ten columns, is looked up.
    """
    if booster.trees not in _WAYS:
        _WAYS[booster.trees] = _way(booster)
    return _WAYS[booster.trees]


_WAYS: MutableMapping[Trees, Way] = WeakKeyDictionary()


def _way(booster: Booster) -> Way:
    try:
        return Way(look_ups(read_forest(booster.text)))
    except UnusualModelError as unusual:
        return Way(None, str(unusual))


def contributions(booster: Booster, X: Floats, *, threads: int = 1) -> Floats:
    """Return TreeSHAP values, shape (rows, indicators + 1): the last column is the model's base value.

    Each row sums to its margin. The same row has the same bits, alone or among others, with any number of threads.
    Equal to LightGBM's own to 1e-9, and about a hundred times as fast where there are thousands of rows.
    Lundberg and others, From local explanations to global understanding (2020), algorithm 2.
    """
    if not len(X):
        return np.empty((0, len(booster.names) + 1))
    held = explained_by(booster).look_ups
    if held is None or X.shape[1] != held.columns:
        # Rows of another width are refused by LightGBM, which says so.
        return np.asarray(booster.trees.predict(X, pred_contrib=True, num_threads=threads), dtype=np.float64)
    return _looked_up(held, np.ascontiguousarray(X, dtype=np.float64), threads)


def _looked_up(held: LookUps, X: Floats, threads: int) -> Floats:
    values = np.empty((len(X), held.columns + 1))
    values[:, -1] = held.base

    def add(start: int) -> None:
        rows = slice(start, start + _ROWS)
        add_parts(held.splits, held.subtrees, held.leaves, X[rows], values[rows])

    if len(X) <= _ROWS:
        add(0)
        return values
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(add, range(0, len(X), _ROWS)))
    return values


def explain(booster: Booster, X: Floats, *, cohort_mean: float, threads: int = 1) -> Explanation:
    """Return the parts of each row's margin less `cohort_mean`, the mean margin of the list's cohort."""
    values = contributions(booster, X, threads=threads)
    base = float(values[0, -1]) if len(values) else cohort_mean
    return Explanation(booster.names, values[:, :-1], base - cohort_mean, cohort_mean)
