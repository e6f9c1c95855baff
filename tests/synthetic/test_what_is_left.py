"""Trees taught the attainable itself: no family is scored by trees that it taught."""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from targeting.commands.bench import find_benchmark
from targeting.models.estimator import EstimatorSettings

FAMILIES, DATES = 500, 4


@pytest.fixture(scope="module")
def taught_chances():
    package = find_benchmark("regret", Path(__file__).parents[2]).__module__.rpartition(".")[0]
    return import_module(f"{package}.taught_chances")


def test_families_are_scored_by_trees_that_the_other_half_taught(taught_chances):
    """Each half has its own order of the same indicator; trees of one half give the other the wrong one."""
    drawing = np.random.default_rng(4)
    family = np.tile(np.arange(FAMILIES), DATES)
    draw = drawing.random(FAMILIES)
    half = taught_chances._half(draw, family)
    X = drawing.normal(size=(len(family), 2))
    chance = 1 / (1 + np.exp(3 - np.where(half == 0, X[:, 0], -X[:, 0])))
    taught = taught_chances.Taught(X=X, chance=chance, happened=chance, draw=draw[family], half=half)
    settings = EstimatorSettings(names=("a", "b"), directions=(None, None), seed=1, threads=1)
    parameters = {
        **settings.parameters({"min_data_in_leaf": 20, "learning_rate": 0.1}),
        "objective": "cross_entropy",
        "metric": "cross_entropy",
    }
    judged = taught_chances.Judged(X=X[:FAMILIES], at=np.arange(FAMILIES), half=half[:FAMILIES])
    score = taught_chances._scores(taught, taught.draw < 1, taught.chance, judged, parameters)
    assert 0 < half.mean() < 1
    assert ((score > 0) & (score < 1)).all()
    assert spearmanr(score, chance[:FAMILIES]).statistic < -0.9


def test_what_linkage_does_not_have_ranks_behind_all(taught_chances):
    drawing = np.random.default_rng(5)
    half = np.tile([0, 1], 200)
    X, draw = drawing.normal(size=(400, 1)), drawing.random(400)
    taught = taught_chances.Taught(X=X, chance=np.full(400, 0.1), happened=np.zeros(400), draw=draw, half=half)
    settings = EstimatorSettings(names=("a",), directions=(None,), seed=1, threads=1)
    parameters = {**settings.parameters({}), "objective": "cross_entropy", "metric": "cross_entropy"}
    judged = taught_chances.Judged(X=X[:2], at=np.array([1, 3]), half=np.array([0, 1, 0, 1]))
    score = taught_chances._scores(taught, draw < 1, taught.chance, judged, parameters)
    assert score[[0, 2]].tolist() == [-1.0, -1.0]
    assert (score[[1, 3]] > 0).all()
