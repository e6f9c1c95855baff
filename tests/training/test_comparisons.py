from dataclasses import replace

import numpy as np
import pytest

from targeting.training.comparisons import Comparison, beats_by_hand, compare, not_worse, verdict
from targeting.training.definition import GateLimits, Measures
from targeting.training.evaluation import Scored, evaluate

LIMITS = GateLimits()
MEASURES = Measures(replicates=200, top_percent=(10,), capacity=5)
FAMILIES, DATES = 600, 4


@pytest.fixture(scope="module")
def world():
    """Families on four dates; `truth` says how likely the outcome is, and stays with the family."""
    drawing = np.random.default_rng(3)
    truth = np.tile(drawing.normal(-2.5, 1.5, FAMILIES), DATES)
    outcome = (drawing.random(len(truth)) < 1 / (1 + np.exp(-truth))).astype(np.int8)
    days = np.repeat(np.datetime64("2024-01-01") + 56 * np.arange(DATES), FAMILIES)

    def evaluated(score):
        return evaluate(Scored(np.tile(np.arange(FAMILIES), DATES), days, outcome, score), MEASURES, seed=1)

    return truth, evaluated, drawing


def _compared(world, **noise):
    truth, evaluated, _ = world
    others = {name: evaluated(truth + np.random.default_rng(9).normal(0, of, len(truth))) for name, of in noise.items()}
    return compare(evaluated(truth), others, LIMITS)


def test_a_pair_has_a_narrower_interval_than_two_models_apart(world):
    truth, evaluated, _ = world
    ours, theirs = evaluated(truth), evaluated(truth + np.random.default_rng(9).normal(0, 0.2, len(truth)))
    (pair,) = compare(ours, {"points_rule": theirs}, LIMITS)
    apart = ours.intervals["average_precision"]
    assert pair.high - pair.low < 0.5 * (apart[1] - apart[0])


def test_the_interval_of_a_pair_is_that_of_families_drawn_for_both(world):
    """The same draws made slowly: families as lists of rows, drawn by name."""
    truth, evaluated, _ = world
    from sklearn.metrics import average_precision_score  # noqa: PLC0415

    other = truth + np.random.default_rng(9).normal(0, 2.0, len(truth))
    ours, theirs = evaluated(truth), evaluated(other)
    (pair,) = compare(ours, {"points_rule": theirs}, LIMITS)
    drawing, differences = np.random.default_rng(1), []
    outcome = _outcome(world)
    for _ in range(200):
        chosen = drawing.integers(0, FAMILIES, FAMILIES)
        rows = (chosen[:, None] + FAMILIES * np.arange(DATES)).ravel()
        scores = [average_precision_score(outcome[rows], score[rows]) for score in (truth, other)]
        differences.append(scores[0] - scores[1])
    assert (pair.low, pair.high) == pytest.approx(tuple(np.percentile(differences, [2.5, 97.5])))


def _outcome(world):
    drawing = np.random.default_rng(3)
    truth = np.tile(drawing.normal(-2.5, 1.5, FAMILIES), DATES)
    return (drawing.random(len(truth)) < 1 / (1 + np.exp(-truth))).astype(np.int8)


def test_a_model_that_clearly_beats_what_is_done_by_hand_may_order_the_list(world):
    compared = _compared(world, points_rule=3.0, prior_count=6.0, logistic_regression=0.1)
    said = verdict(compared, LIMITS, points_declared=True)
    assert (said.deploy, said.order) == (True, "model")
    assert said.sentence == (
        "The model may order the list: it clearly beats the points rule and the number of earlier referrals. It is not "
        "clearly better than the logistic regression, whose list would be about as good. Whoever signs accepts that no "
        "more than this is gained."
    )
    assert beats_by_hand(compared, LIMITS).passed
    assert not_worse(compared, LIMITS).passed


@pytest.mark.parametrize(
    ("high", "told"),
    [
        (0.002, "the model loses 4.0% of its average precision, which may be chance; up to 10% is allowed."),
        (-0.001, "the model loses 4.0% of its average precision, beyond chance; up to 10% is allowed."),
    ],
)
def test_whoever_signs_reads_that_a_simpler_model_had_the_better_list_and_by_how_much(high, told):
    """.096 against .100; the interval reaches above 0, or does not."""
    behind = Comparison(
        other="logistic_regression", ours=0.096, theirs=0.1, difference=-0.004, low=-0.009, high=high, margin=0.01
    )
    beaten = Comparison(
        other="points_rule", ours=0.096, theirs=0.06, difference=0.036, low=0.03, high=0.04, margin=0.006
    )
    said = verdict((beaten, behind), LIMITS, points_declared=True)
    assert said.deploy
    assert said.sentence == (
        f"The model may order the list: it clearly beats the points rule. Here the logistic regression had the better "
        f"list: {told} Ask for the reason, and whether the simpler order should be kept. Whoever signs accepts that no "
        "more than this is gained."
    )


def test_a_model_no_better_than_the_points_rule_is_not_deployed_and_the_points_rule_orders_the_list(world):
    compared = _compared(world, points_rule=0.05, prior_count=6.0)
    said = verdict(compared, LIMITS, points_declared=True)
    assert (said.deploy, said.order) == (False, "points_rule")
    assert said.sentence == (
        "Do not deploy: it does not clearly beat the points rule. The points rule is the list's order."
    )
    gate = beats_by_hand(compared, LIMITS)
    assert not gate.passed
    assert gate.detail.endswith("Not clearly beaten: points rule.")


def test_without_a_points_rule_nothing_takes_the_models_place(world):
    said = verdict(_compared(world, prior_count=0.05), LIMITS, points_declared=False)
    assert said.order == "none"
    assert said.sentence.endswith("No points rule is declared instead.")


def test_a_model_clearly_worse_than_the_one_in_use_is_not_deployed(world):
    truth, evaluated, _ = world
    worse = evaluated(truth + np.random.default_rng(9).normal(0, 3.0, len(truth)))
    by_chance = evaluated(np.random.default_rng(8).normal(0, 1, len(truth)))
    compared = compare(worse, {"model_in_use": evaluated(truth), "points_rule": by_chance}, LIMITS)
    said = verdict(compared, LIMITS, points_declared=True)
    assert said.sentence.startswith("Do not deploy: it may be worse than the model in use by more than is allowed (")
    assert "of its average precision may be lost, 10% is allowed). The points rule" in said.sentence
    assert not not_worse(compared, LIMITS).passed


def test_where_too_few_outcomes_leave_it_open_the_verdict_says_what_may_be_lost_and_what_would_tell():
    """.0895 against .0922, and the interval reaches from -.0158 to .0084: 17% of .0922 may be lost."""
    behind = Comparison(
        other="logistic_regression",
        ours=0.0895,
        theirs=0.0922,
        difference=-0.0027,
        low=-0.0158,
        high=0.0084,
        margin=0.00922,
    )
    beaten = replace(behind, other="points_rule", theirs=0.05, difference=0.0395, low=0.03, high=0.05, margin=0.005)
    assert verdict((beaten, behind), LIMITS, points_declared=True).sentence == (
        "Do not deploy: it may be worse than the logistic regression by more than is allowed (17% of its average "
        "precision may be lost, 10% is allowed; more outcomes would tell). The points rule is the list's order."
    )


def test_where_nothing_that_a_panel_could_do_by_hand_was_declared_the_model_is_not_deployed(world):
    compared = _compared(world, logistic_regression=6.0)
    said = verdict(compared, LIMITS, points_declared=False)
    assert not said.deploy
    assert said.sentence == (
        "Do not deploy: no order that a panel could make by hand stands beside it. No points rule is declared instead."
    )
    gate = beats_by_hand(compared, LIMITS)
    assert not gate.passed
    assert gate.detail == (
        "No order that a panel could make by hand stands beside it. Declare a count or points in [baselines]."
    )
