import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from targeting.errors import DataError
from targeting.models.calibration import Calibrator, calibrator_from_json, calibrator_to_json, sigmoid
from targeting.models.calibration_fitting import (
    LEAST_SLOPE,
    choose_calibration,
    cross_fitted_margins,
    fit_calibrator,
)

METHODS = ("sigmoid", "isotonic")
margin_lists = st.lists(st.floats(-8, 8), min_size=8, max_size=60)


def _labels(margins, seed):
    return (np.random.default_rng(seed).random(len(margins)) < expit(margins)).astype(np.int8)


@settings(max_examples=30, deadline=None)
@given(margins=margin_lists, seed=st.integers(0, 9), method=st.sampled_from(METHODS))
def test_whatever_was_fitted_a_higher_margin_has_a_higher_probability(margins, seed, method):
    held = np.array(margins)
    calibrator = fit_calibrator(held, _labels(held, seed), method=method)
    asked = np.linspace(-12, 12, 200)
    assert (np.diff(calibrator.calibrated_log_odds(asked)) > 0).all()
    assert (np.diff(calibrator.probability(asked)) >= 0).all()


@settings(max_examples=10, deadline=None)
@given(margins=margin_lists, seed=st.integers(0, 9), method=st.sampled_from(METHODS))
def test_a_calibrator_read_from_its_json_is_the_same(margins, seed, method):
    held = np.array(margins)
    calibrator = fit_calibrator(held, _labels(held, seed), method=method)
    assert calibrator_from_json(calibrator_to_json(calibrator)) == calibrator


def test_margins_that_differ_by_next_to_nothing_are_one():
    """Between 0 and 3e-218 no line has a finite slope: two of four at either had the outcome, none of four at -1."""
    margins = np.array([-1.0] * 4 + [0.0, 0.0, 3e-218, 3e-218])
    calibrator = fit_calibrator(margins, np.array([0, 0, 0, 0, 0, 0, 1, 1], dtype=np.int8), method="isotonic")
    assert calibrator.margins == (-1.0, 0.0)
    assert sigmoid(np.array(calibrator.log_odds)) == pytest.approx([1 / 16, 1 / 2])


@pytest.mark.parametrize("method", METHODS)
def test_margins_that_say_twice_too_much_are_halved(method):
    drawing = np.random.default_rng(3)
    truth = drawing.normal(-2, 1, 30_000)
    labels = (drawing.random(30_000) < expit(truth)).astype(np.int8)
    calibrator = fit_calibrator(2 * truth, labels, method=method)
    asked = np.array([-3.0, -2.0, -1.0])
    assert calibrator.probability(2 * asked) == pytest.approx(expit(asked), rel=0.12)


def test_isotonic_joins_the_centres_of_its_blocks():
    # Rates 0/2, then 1/2 pooled over two margins out of order, then 2/2; 0 and 1 stop at half an event of six.
    margins = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
    calibrator = fit_calibrator(margins, np.array([0, 0, 1, 0, 1, 1], dtype=np.int8), method="isotonic")
    assert calibrator.margins == (0.5, 2.5, 4.5)
    assert sigmoid(np.array(calibrator.log_odds)) == pytest.approx([1 / 12, 1 / 2, 11 / 12])


def test_margins_worse_than_chance_keep_their_order_and_tell_the_base_rate():
    margins, labels = np.array([0.0, 1.0, 2.0, 3.0]), np.array([1, 1, 0, 0], dtype=np.int8)
    calibrator = fit_calibrator(margins, labels, method="sigmoid")
    assert calibrator.slope == LEAST_SLOPE
    assert calibrator.probability(margins) == pytest.approx([0.5] * 4, abs=0.01)


def test_margins_out_of_fold_come_from_a_booster_that_saw_no_row_of_the_fold():
    folds = np.array([0, 1, 0, 2, 1])

    def number_of_rows_learnt_from(learnt, held_out):
        assert not (set(folds[learnt]) & set(folds[held_out]))
        return np.full(held_out.sum(), float(learnt.sum()))

    assert cross_fitted_margins(folds, number_of_rows_learnt_from).tolist() == [3.0, 3.0, 3.0, 4.0, 3.0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"log_odds": [0.0, -1.0]}, "does not increase strictly"),
        ({"margins": [1.0, 1.0]}, "does not increase strictly"),
        ({"slope": 0.0}, "does not increase strictly"),
        ({"slope": None}, "cannot be read"),
        ({"margins": [], "log_odds": []}, "does not increase strictly"),
    ],
)
def test_a_calibrator_that_would_change_the_order_is_not_read(change, message):
    held = json.loads(calibrator_to_json(Calibrator("isotonic", (0.0, 1.0), (-1.0, 0.0), 1.0)))
    with pytest.raises(DataError, match=message):
        calibrator_from_json(json.dumps({**held, **change}))


def test_probabilities_at_both_ends_do_not_overflow():
    assert sigmoid(np.array([-800.0, 0.0, 800.0])).tolist() == [0.0, 0.5, 1.0]


def _families(seed, margins_of):
    """Return margins, outcomes, folds and families of 3,000 families on two dates."""
    drawing = np.random.default_rng(seed)
    truth = drawing.normal(-2, 1.5, 6000)
    family = np.arange(6000) % 3000
    outcome = (drawing.random(6000) < 1 / (1 + np.exp(-truth))).astype(np.int8)
    return margins_of(truth), outcome, (family % 3).astype(np.int64), family.astype(np.int64)


@pytest.mark.parametrize(
    ("margins_of", "chosen"),
    [
        (lambda truth: truth, "none"),
        (lambda truth: 2.5 * truth + 1, "sigmoid"),
        (lambda truth: np.where(truth < -2, 8 * (truth + 2) - 2, truth), "isotonic"),
    ],
    ids=["right already", "too sure", "bent"],
)
def test_the_calibration_that_the_evidence_asks_for_is_chosen(margins_of, chosen):
    margins, outcome, folds, family = _families(1, margins_of)
    choice = choose_calibration(margins, outcome, folds=folds, family=family)
    assert choice.method == chosen
    assert choice.behind[chosen] == (0.0, 0.0)
    # A simpler method stays where a more flexible one is better by less than a standard error.
    assert choice.log_loss[chosen] <= min(choice.log_loss.values()) + max(each[1] for each in choice.behind.values())


def test_without_calibration_the_margin_is_the_log_odds():
    fitted = fit_calibrator(np.array([-1.0, 2.0]), np.array([0, 1], dtype=np.int8), method="none")
    assert fitted.calibrated_log_odds(np.array([-3.0, 0.5])).tolist() == [-3.0, 0.5]
    assert calibrator_from_json(calibrator_to_json(fitted)) == fitted
