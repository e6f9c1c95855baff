import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.metrics import average_precision_score, roc_auc_score

from targeting.training.measures import (
    auc,
    average_precision,
    brier,
    calibration_in_the_large,
    calibration_line,
    curve,
    rank,
    wilson_lower,
)

rankings = st.lists(st.tuples(st.integers(0, 6), st.booleans(), st.integers(1, 3)), min_size=4, max_size=40).filter(
    lambda rows: {row[1] for row in rows} == {True, False}
)


@settings(max_examples=60, deadline=None)
@given(rows=rankings)
def test_auc_and_average_precision_are_those_of_scikit_learn_ties_and_weights_included(rows):
    scores, outcomes, weights = (np.array(column, dtype=np.float64) for column in zip(*rows, strict=True))
    held = curve(rank(scores), outcomes.astype(np.int8), weights)
    assert auc(held) == pytest.approx(roc_auc_score(outcomes, scores, sample_weight=weights))
    assert average_precision(held) == pytest.approx(average_precision_score(outcomes, scores, sample_weight=weights))


def test_a_weight_of_two_is_the_row_twice():
    scores, outcomes = np.array([3.0, 2.0, 2.0, 1.0]), np.array([1, 0, 1, 0], dtype=np.int8)
    weighted = curve(rank(scores), outcomes, np.array([1.0, 2.0, 1.0, 0.0]))
    repeated = curve(rank(scores[[0, 1, 1, 2]]), outcomes[[0, 1, 1, 2]])
    assert weighted.events_in_top(2) == repeated.events_in_top(2)
    assert average_precision(weighted) == average_precision(repeated)


def test_rows_tied_at_the_line_count_by_their_share():
    # One row above, then four tied of which two have the outcome: three places take 1 + 2 * 2 / 4.
    held = curve(rank(np.array([9.0, 5, 5, 5, 5, 1])), np.array([1, 1, 0, 1, 0, 0], dtype=np.int8))
    assert held.events_in_top(3) == 2.0
    assert [held.events_in_top(places) for places in (0, 1, 5, 6, 99)] == [0, 1, 3, 3, 3]


def test_scores_without_end_are_ranked_and_tied_like_others():
    held = curve(rank(np.array([-np.inf, 1.0, -np.inf])), np.array([1, 1, 0], dtype=np.int8))
    assert held.events_in_top(2) == 1.5


@pytest.mark.parametrize("outcomes", [[0, 0, 0], [1, 1, 1]])
def test_one_class_alone_has_no_auc(outcomes):
    assert np.isnan(auc(curve(rank(np.array([1.0, 2.0, 3.0])), np.array(outcomes, dtype=np.int8))))


def test_brier_and_observed_over_expected_by_hand():
    probability, outcomes = np.array([0.5, 0.25, 0.25]), np.array([1, 0, 1], dtype=np.int8)
    assert brier(probability, outcomes) == pytest.approx((0.25 + 0.0625 + 0.5625) / 3)
    assert calibration_in_the_large(probability, outcomes, np.arange(3)).value == 2.0


def test_the_calibration_line_finds_by_how_much_log_odds_say_too_much():
    drawing = np.random.default_rng(2)
    truth = drawing.normal(-1.5, 1.0, 40_000)
    outcomes = (drawing.random(40_000) < expit(truth)).astype(np.int8)
    slope, intercept = calibration_line(expit(2 * truth + 0.6), outcomes, np.arange(40_000))
    assert slope.low < 0.5 < slope.high
    assert intercept.low < -0.3 < intercept.high
    assert slope.high - slope.low < 0.06


def test_rows_repeated_in_a_family_do_not_narrow_the_interval():
    drawing = np.random.default_rng(2)
    probability = expit(drawing.normal(-1, 1, 500))
    outcomes = (drawing.random(500) < probability).astype(np.int8)
    alone = calibration_in_the_large(probability, outcomes, np.arange(500))
    families = np.tile(np.arange(500), 9)
    repeated = calibration_in_the_large(np.tile(probability, 9), np.tile(outcomes, 9), families)
    assert (repeated.low, repeated.high) == pytest.approx((alone.low, alone.high))
    line = calibration_line(probability, outcomes, np.arange(500))[0]
    again = calibration_line(np.tile(probability, 9), np.tile(outcomes, 9), families)[0]
    assert (again.low, again.high) == pytest.approx((line.low, line.high))


@pytest.mark.parametrize(
    ("probability", "outcomes"),
    [
        ([0.1, 0.2, 0.3, 0.4], [0, 0, 0, 0]),
        ([0.2, 0.2, 0.2, 0.2], [0, 1, 0, 0]),
        ([0.1, 0.2, 0.3, 0.4], [0, 0, 1, 1]),
    ],
    ids=["one class", "one probability", "separated"],
)
def test_a_calibration_line_that_is_not_defined_is_not_a_number(probability, outcomes):
    slope, intercept = calibration_line(np.array(probability), np.array(outcomes, dtype=np.int8), np.arange(4))
    assert np.isnan([slope.value, slope.low, intercept.value, intercept.high]).all()


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(st.tuples(st.sampled_from([0.01, 0.2, 0.4, 0.7]), st.integers(0, 1)), min_size=2, max_size=30))
def test_the_calibration_line_is_found_or_said_to_be_undefined(rows):
    probability, outcomes = np.array([row[0] for row in rows]), np.array([row[1] for row in rows], dtype=np.int8)
    slope, intercept = calibration_line(probability, outcomes, np.arange(len(rows)))
    if not np.isnan(slope.value):
        # At the most likely line what was expected is what was observed.
        log_odds = np.log(probability / (1 - probability))
        assert expit(slope.value * log_odds + intercept.value).sum() == pytest.approx(outcomes.sum(), abs=1e-6)


def test_the_wilson_bound_is_that_of_the_published_formula():
    # 8 of 10: (0.8 + 0.19208 - 1.96 * sqrt(0.016 + 0.009604)) / 1.38416
    assert wilson_lower(np.array([8.0]), np.array([10.0]))[0] == pytest.approx(0.4902, abs=5e-5)
