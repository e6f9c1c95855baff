"""The estimator: LightGBM, whose margin ranks families.

An unknown value stays NaN: the trees learn on which side it goes, where any was unknown. Equal inputs, seed and threads
give equal bytes.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

# Threads that wait sleep instead of spinning: beside any other busy process spinning makes training many times slower.
# OpenMP reads it when LightGBM is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
from numpy.typing import NDArray

from targeting.errors import TargetingError

try:
    import lightgbm
except OSError as error:
    raise TargetingError(
        "LightGBM cannot be loaded: it needs the OpenMP runtime, Debian's package libgomp1. "
        "scripts/install-debian-packages installs it."
    ) from error

Floats = NDArray[np.float64]
Direction = Literal["raises", "lowers"] | None
Parameters = Mapping[str, float | int]

_LOSS = "binary_logloss"
_SIGNS: Mapping[Direction, int] = {"raises": 1, "lowers": -1, None: 0}
_FIXED: Mapping[str, object] = {
    "objective": "binary",
    "metric": _LOSS,
    "deterministic": True,
    "force_row_wise": True,
    "feature_pre_filter": False,
    "bagging_freq": 1,
    "monotone_constraints_method": "intermediate",
    "verbosity": -1,
}
_DEFAULTS: Mapping[str, object] = {"max_depth": 6, "num_leaves": 31, "bagging_fraction": 1.0}


@dataclass(frozen=True)
class Booster:
    """A trained model: trees over indicators in the order of `names`."""

    trees: lightgbm.Booster
    names: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return LightGBM's own text, from which `booster_from_text` makes an equal model."""
        return str(self.trees.model_to_string())

    @property
    def rounds(self) -> int:
        """Return the number of trees."""
        return int(self.trees.num_trees())

    @property
    def asked_about(self) -> dict[str, bool]:
        """Return the indicators that the trees ask about, and of each whether it was unknown of any row that taught.

        Where none was, LightGBM has not learnt on which side an unknown value goes, and takes it for 0.
        """
        nodes = self.trees.trees_to_dataframe()
        asked = nodes[nodes["split_feature"].notna()]
        taught = dict(zip(asked["split_feature"], asked["missing_type"] != "None", strict=True))
        return {name: bool(taught[name]) for name in self.names if name in taught}


@dataclass(frozen=True, kw_only=True)
class EstimatorSettings:
    """All that makes two trainings on the same rows equal.

    `non_events_kept` is the share of rows without an event from which a model is fitted, weighted up to all of them.
    """

    names: tuple[str, ...]
    directions: tuple[Direction, ...]
    seed: int
    threads: int
    non_events_kept: float = 1.0

    def parameters(self, chosen: Parameters) -> dict[str, object]:
        """Return LightGBM's parameters: the fixed ones, the chosen hyperparameters, signs and seed."""
        signs = [_SIGNS[direction] for direction in self.directions]
        constraints = {"monotone_constraints": signs} if any(signs) else {}
        return {**_DEFAULTS, **chosen, **_FIXED, **constraints, "seed": self.seed, "num_threads": self.threads}


@dataclass(frozen=True)
class Stopping:
    """At most `rounds` trees, and no more after `patience` rounds without a smaller log loss."""

    rounds: int
    patience: int


class TrainingRows:
    """Rows binned once by LightGBM, from which any number of boosters learns. Binning keeps no copy of `X`."""

    def __init__(
        self, X: Floats, y: NDArray[np.int8], *, settings: EstimatorSettings, weights: Floats | None = None
    ) -> None:
        self.settings = settings
        self.binned = lightgbm.Dataset(
            X,
            label=y,
            weight=weights,
            feature_name=list(settings.names),
            params=settings.parameters({}),
            free_raw_data=True,
        ).construct()

    def judged_by(self, X: Floats, y: NDArray[np.int8]) -> lightgbm.Dataset:
        """Return rows that judge boosters of these rows, binned alike."""
        return self.binned.create_valid(X, label=y, params=self.settings.parameters({})).construct()


def train_booster(rows: TrainingRows, parameters: Parameters, *, rounds: int) -> Booster:
    """Return a booster of exactly `rounds` trees."""
    trees = lightgbm.train(rows.settings.parameters(parameters), rows.binned, num_boost_round=rounds)
    return booster_from_text(trees.model_to_string())


def stop_early(rows: TrainingRows, parameters: Parameters, *, judge: lightgbm.Dataset, stopping: Stopping) -> Booster:
    """Return a booster with the number of trees whose log loss on `judge` was least.

    Log loss moves smoothly from tree to tree where average precision jumps, so it stops in a steadier place.
    """
    trees = lightgbm.train(
        rows.settings.parameters(parameters),
        rows.binned,
        stopping.rounds,
        valid_sets=[judge],
        callbacks=[lightgbm.early_stopping(stopping.patience, verbose=False)],
    )
    return booster_from_text(trees.model_to_string(num_iteration=trees.best_iteration))


def booster_from_text(text: str) -> Booster:
    """Return the booster that LightGBM's text describes; the text names its indicators in order."""
    trees = lightgbm.Booster(model_str=text)
    return Booster(trees, tuple(trees.feature_name()))


def margins(booster: Booster, X: Floats, *, threads: int = 1) -> Floats:
    """Return each row's margin, the log-odds before calibration, by which families are ranked."""
    if not len(X):
        return np.empty(0)
    return np.asarray(booster.trees.predict(X, raw_score=True, num_threads=threads), dtype=np.float64)
