import numpy as np
import pytest

from targeting.training.definition import Measures
from targeting.training.evaluation import Scored, evaluate, net_benefit
from targeting.training.listing import Lists, distinct, listed_rows, places, top
from targeting.training.measures import NOT_KNOWN

# Three lists of four families.
#  family  0    1    2    3
SCORES = [[9.0, 8.0, 7.0, 1.0], [9.0, 8.0, 7.0, 1.0], [1.0, 8.0, 7.0, 9.0]]
OUTCOMES = [[1, 0, 0, 0], [NOT_KNOWN, 0, 0, 0], [0, 0, 1, 0]]
FAMILY = np.tile(np.arange(4), 3)


def _flat(table, kind):
    return np.array(table, dtype=kind).ravel()


def test_a_row_whose_outcome_is_not_known_takes_its_place_and_is_counted_nowhere_else():
    scores, outcomes = np.array([3.0, 2.0, 1.0]), np.array([NOT_KNOWN, 1, 0], dtype=np.int8)
    days = np.repeat(np.datetime64("2025-01-06"), 3)
    curves = Lists.of(days, scores, outcomes).curves()
    first, two = (top(curves, places(count)) for count in (1, 2))
    assert (first.listed, first.found, first.events) == (0.0, 0.0, 1.0)
    assert (two.listed, two.precision, two.recall) == (1.0, 1.0, 1.0)


@pytest.fixture
def one_place():
    """Dates a week apart: at a capacity of one a week each list has one place."""
    return np.repeat(np.datetime64("2025-01-06") + 7 * np.arange(3), 4)


def test_places_go_to_families_not_yet_named_and_each_counts_once(one_place):
    score, outcome = _flat(SCORES, float), _flat(OUTCOMES, np.int8)
    listed = listed_rows(FAMILY, one_place, score, capacity=1)[13]
    # The first list names family 0, the second the next best, 1, the third 3.
    assert sorted(set(FAMILY[listed].tolist())) == [0, 1, 3]
    found = distinct(FAMILY, one_place, outcome, listed, weeks=13).top(np.ones(4))
    # Of 0, 1 and 3 one had the outcome (0); of those with it, 0 and 2, one is listed.
    assert (found.listed, found.found, found.events) == (3.0, 1.0, 2.0)
    assert found.to_measures("in_13_weeks") == {
        "precision_in_13_weeks": pytest.approx(1 / 3),
        "recall_in_13_weeks": 0.5,
        "reviewed_per_outcome_in_13_weeks": 3.0,
    }


def test_a_family_drawn_twice_counts_twice(one_place):
    listed = listed_rows(FAMILY, one_place, _flat(SCORES, float), capacity=1)[13]
    found = distinct(FAMILY, one_place, _flat(OUTCOMES, np.int8), listed, weeks=13).top(np.array([2.0, 0, 1, 0]))
    assert (found.listed, found.found, found.events) == (2.0, 2.0, 3.0)


def test_every_measure_at_a_cut_has_an_interval_that_holds_it():
    drawing = np.random.default_rng(1)
    family = np.tile(np.arange(300), 3)
    score = drawing.normal(size=900)
    outcome = (drawing.random(900) < 1 / (1 + np.exp(2 - score))).astype(np.int8)
    outcome[::17] = NOT_KNOWN
    days = np.repeat(np.datetime64("2025-01-06") + 56 * np.arange(3), 300)
    found = evaluate(Scored(family, days, outcome, score), Measures(replicates=60, capacity=3), seed=1)
    for name in ("average_precision", "precision_at_2_percent", "recall_at_10_percent", "recall_in_13_weeks"):
        low, high = found.intervals[name]
        assert low <= found.pooled[name] <= high, name
    assert found.pooled["not_known"] == len(outcome[::17])
    assert found.pooled["n"] == 900 - len(outcome[::17])


def test_ties_at_the_line_are_counted():
    score = np.array([5.0, 4, 4, 4, 1])
    rows = Scored(np.arange(5), np.repeat(np.datetime64("2025-01-06"), 5), np.array([1, 0, 1, 0, 0], np.int8), score)
    tied = [evaluate(rows, Measures(replicates=20, capacity=n), seed=1).pooled["tied_at_capacity"] for n in (1, 2, 4)]
    assert tied == [0.0, 3.0, 0.0]


def test_net_benefit_is_true_positives_less_false_ones_at_the_odds_of_the_threshold():
    probability = np.array([0.5, 0.2, 0.15, 0.02])
    rows = Scored(
        np.arange(4),
        np.repeat(np.datetime64("2025-01-06"), 4),
        np.array([1, 0, 1, 0], np.int8),
        probability,
        probability,
    )
    at_tenth = next(each for each in net_benefit(rows) if each["threshold"] == 0.10)
    assert at_tenth["model"] == pytest.approx((2 - 1 / 9) / 4)
    assert at_tenth["everyone"] == pytest.approx((2 - 2 / 9) / 4)
