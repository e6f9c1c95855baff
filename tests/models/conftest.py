"""A small model, made once: two hundred families, three indicators, one of them partly unknown."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from targeting.models.bundle import BundleContents, Origin
from targeting.models.calibration import Calibrator
from targeting.models.estimator import Booster, EstimatorSettings, TrainingRows, train_booster

NAMES = ("referrals", "incidents", "age")


@dataclass(frozen=True)
class Made:
    """Rows, their labels, and the booster that learnt from them."""

    X: NDArray[np.float64]
    y: NDArray[np.int8]
    booster: Booster


def _train(X: NDArray[np.float64], y: NDArray[np.int8]) -> Booster:
    settings = EstimatorSettings(names=NAMES, directions=("raises", "raises", None), seed=5, threads=2)
    rows = TrainingRows(X, y, settings=settings)
    return train_booster(rows, {"learning_rate": 0.2, "num_leaves": 6, "min_data_in_leaf": 5}, rounds=12)


@pytest.fixture(scope="session")
def train():
    return _train


@pytest.fixture(scope="session")
def made():
    drawing = np.random.default_rng(1)
    X = np.column_stack([drawing.poisson(1.0, 200), drawing.poisson(0.7, 200), drawing.integers(0, 18, 200)])
    X = X.astype(np.float64)
    y = (drawing.random(200) < 1 / (1 + np.exp(2.5 - X[:, 0] - X[:, 1]))).astype(np.int8)
    X[drawing.random(200) < 0.2, 1] = np.nan
    return Made(X, y, _train(X, y))


@pytest.fixture(scope="session")
def origin():
    return Origin(
        model="escalation",
        title="Families whose needs may escalate",
        purpose="early_help",
        forbidden_uses=("enforcement", "refusing a service"),
        owner="Head of early help",
        cohort="not_open",
        outcome="escalation",
        tier="council",
        as_of_dates=("2023-01-01", "2024-01-01"),
        generation="g1",
        data_digest="d" * 64,
        synthetic=True,
        declarations="e" * 64,
        code_version="0.1.0",
        trainer="Tess",
    )


@pytest.fixture(scope="session")
def contents(made, origin):
    return BundleContents(
        origin=origin,
        booster=made.booster,
        calibrator=Calibrator("sigmoid", (-1.0,), (-2.0,), 0.9),
        plan_json='{"indicators": []}',
        evidence={"gates.json": b'[{"name": "calibrated", "passed": true, "detail": "as it should be"}]'},
    )
