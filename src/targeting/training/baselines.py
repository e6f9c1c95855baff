"""What a model must beat: a count, a points rule, a penalised logistic regression."""

from collections.abc import Sequence

import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from targeting.models.estimator import Floats
from targeting.training.definition import LogisticRegressionRule, PointsRule, TrainingDefinition
from targeting.training.rows import Rows

COUNT = "prior_count"
POINTS = "points_rule"
LOGISTIC_REGRESSION = "logistic_regression"


def baseline_scores(definition: TrainingDefinition, *, train: Rows, test: Rows) -> dict[str, Floats]:
    """Return the test rows' scores by each baseline that the definition declares; only one of them learns."""
    rules = definition.baselines
    scores = {}
    if rules.count is not None:
        scores[COUNT] = count_score(test, rules.count)
    if rules.points:
        scores[POINTS] = points_score(test, rules.points)
    if rules.logistic_regression is not None:
        scores[LOGISTIC_REGRESSION] = logistic_regression_score(rules.logistic_regression, train=train, test=test)
    return scores


def count_score(rows: Rows, indicator: str) -> Floats:
    """Return one indicator as a score. An unknown one ranks lowest: a paper list cannot count what it does not know."""
    values = rows.X[:, rows.names.index(indicator)]
    return np.where(np.isnan(values), -np.inf, values)


def points_score(rows: Rows, rules: Sequence[PointsRule]) -> Floats:
    """Return each row's points. An unknown indicator gives none."""
    points = np.zeros(len(rows))
    for rule in rules:
        points += rule.points * (rows.X[:, rows.names.index(rule.indicator)] >= rule.at_least)
    return points


def logistic_regression_score(rule: LogisticRegressionRule, *, train: Rows, test: Rows) -> Floats:
    """Return log-odds by a logistic regression on all indicators.

    Unknown values become the median with a column that says so, counts are damped by their logarithm, and columns are
    scaled, so that the regression is given a fair chance.
    """
    fitted = _pipeline(rule).fit(_damped(train.X), train.y)
    return np.asarray(fitted.decision_function(_damped(test.X)), dtype=np.float64)


def _pipeline(rule: LogisticRegressionRule) -> Pipeline:
    return make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        StandardScaler(),
        LogisticRegression(C=1 / rule.penalty, max_iter=300),
    )


def _damped(X: Floats) -> Floats:
    return np.asarray(np.sign(X) * np.log1p(np.abs(X)), dtype=np.float64)
