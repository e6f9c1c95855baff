import numpy as np
import pytest

from targeting.training.by_group import evaluate_groups
from targeting.training.definition import Measures
from targeting.training.evaluation import Scored


@pytest.fixture
def world():
    drawing = np.random.default_rng(4)
    families, dates = 500, 2
    score = np.tile(drawing.normal(-1.5, 1.0, families), dates)
    probability = 1 / (1 + np.exp(-score))
    outcome = (drawing.random(len(score)) < probability).astype(np.int8)
    days = np.repeat(np.datetime64("2025-01-06") + 56 * np.arange(dates), families)
    return Scored(np.tile(np.arange(families), dates), days, outcome, score, probability)


def test_a_group_is_judged_on_lists_that_were_cut_for_everybody(world):
    measures = Measures(replicates=30, capacity=3)
    young = world.family < 200
    found = evaluate_groups(world, {"young": young, "everybody": np.ones(1000, dtype=bool)}, measures, seed=1)
    listed = _named_by_hand(world, 3)
    event = {family for family, outcome in zip(world.family.tolist(), world.outcome.tolist(), strict=True) if outcome}
    for name, mask in (("young", young), ("everybody", np.ones(1000, dtype=bool))):
        mine = set(world.family[mask].tolist())
        assert found[name]["recall_in_52_weeks"] == len(listed & event & mine) / len(event & mine)
        low, high = found[name]["intervals"]["average_precision"]
        assert low <= found[name]["average_precision"] <= high


def _named_by_hand(world, capacity):
    """Each list stands for eight weeks, and has eight times the capacity of places."""
    named = set()
    for day in np.unique(world.as_of_date):
        here = world.as_of_date == day
        order = np.argsort(-world.score[here])
        fresh = [family for family in world.family[here][order].tolist() if family not in named]
        named |= set(fresh[: 8 * capacity])
    return named


def test_a_group_too_small_to_judge_tells_its_number_and_nothing_else(world):
    found = evaluate_groups(world, {"few": world.family < 30, "nobody": world.family < 0}, Measures(), seed=1)
    assert found == {"few": {"families": 30, "enough": False}, "nobody": {"families": 0, "enough": False}}
