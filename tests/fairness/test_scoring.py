import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score

from targeting.fairness.scoring import METRICS, Scored, spread


def made(n, seed, digits=2):
    """Rows with many tied scores, three a family."""
    random = np.random.default_rng(seed)
    score = np.clip(np.round(random.beta(2, 5, n), digits), 0.01, 0.99)
    label = (random.random(n) < score).astype(float)
    return Scored(score, label, np.arange(n) // 3)


def value(metric, score, label):
    return METRICS[metric](
        Scored(np.array(score, dtype=float), np.array(label, dtype=float), np.arange(len(score)))
    ).value


@pytest.mark.parametrize("seed", range(5))
def test_auc_and_average_precision_are_scikit_learns(seed):
    rows = made(80, seed)
    assert METRICS["auc"](rows).value == pytest.approx(roc_auc_score(rows.label, rows.score))
    assert METRICS["average_precision"](rows).value == pytest.approx(average_precision_score(rows.label, rows.score))


def test_the_slope_is_that_of_a_logistic_regression_on_the_log_odds():
    rows = made(400, 3)
    log_odds = np.log(rows.score / (1 - rows.score))[:, None]
    fitted = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(log_odds, rows.label)
    assert METRICS["calibration_slope"](rows).value == pytest.approx(fitted.coef_[0, 0], rel=1e-4)


def test_calibration_in_the_large_is_outcomes_over_those_expected():
    assert value("calibration_in_the_large", [0.1, 0.2, 0.2], [1, 0, 0]) == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("metric", "score", "label"),
    [
        ("auc", [0.1, 0.2], [1, 1]),
        ("auc", [0.1, 0.2], [0, 0]),
        ("average_precision", [0.1, 0.2], [0, 0]),
        ("calibration_in_the_large", [0.0, 0.0], [0, 1]),
        ("calibration_slope", [0.0, 0.5], [0, 1]),
        ("calibration_slope", [0.3, 0.3], [0, 1]),
        ("calibration_slope", [0.3, 0.4], [1, 1]),
        ("calibration_slope", [0.1, 0.2, 0.3, 0.4], [0, 0, 1, 1]),
        ("calibration_slope", [0.1, 0.2, 0.3, 0.4], [1, 1, 0, 0]),
    ],
)
def test_what_is_not_defined_has_no_value(metric, score, label):
    assert np.isnan(value(metric, score, label))


@pytest.mark.parametrize("metric", METRICS)
def test_influence_is_the_change_as_a_rows_weight_changes(metric):
    rows = made(60, 11)
    copies = 400
    for row in (0, 7, 31):
        weighted = np.repeat(np.arange(60), copies)
        more = np.append(weighted, row)
        change = value(metric, rows.score[more], rows.label[more]) - value(metric, rows.score, rows.label)
        expected = METRICS[metric](rows).influence[row] / copies
        assert change == pytest.approx(expected, rel=0.02, abs=1e-7)


def test_standard_errors_are_those_of_families_drawn_with_replacement():
    rows = made(600, 5)
    group = np.arange(600) % 2
    random = np.random.default_rng(2)
    drawn = np.array([resampled(rows, group, random) for _ in range(400)])
    found = spread("auc", rows, group, 2)
    assert found.standard_error() == pytest.approx(drawn.std(axis=0), rel=0.15)
    apart = (drawn[:, 0] - drawn[:, 1]).std()
    assert found.standard_error_against(1)[0] == pytest.approx(apart, rel=0.15)


def resampled(rows, group, random):
    families = random.integers(0, 200, 200)
    at = (families[:, None] * 3 + np.arange(3)).ravel()
    parts = (at[group[at] == 0], at[group[at] == 1], at)
    return [value("auc", rows.score[part], rows.label[part]) for part in parts]
