"""What a model must beat: a count, a points rule, a penalised logistic regression."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from targeting.models.estimator import Floats
from targeting.models.points import points
from targeting.training.definition import LogisticRegressionRule, TrainingDefinition
from targeting.training.rows import Rows

COUNT = "prior_count"
POINTS = "points_rule"
LOGISTIC_REGRESSION = "logistic_regression"
# The model in use, fitted again on the dates that taught the one that is judged.
CHAMPION = "model_in_use"


def baseline_scores(definition: TrainingDefinition, *, train: Rows, test: Rows) -> dict[str, Floats]:
    """Return the test rows' scores by each baseline that the definition declares; only one of them learns."""
    rules = definition.baselines
    scores = {}
    if rules.count is not None:
        scores[COUNT] = count_score(test, rules.count)
    if rules.points:
        scores[POINTS] = points(test.X, test.names, rules.points)
    if rules.logistic_regression is not None:
        scores[LOGISTIC_REGRESSION] = logistic_regression_score(rules.logistic_regression, train=train, test=test)
    return scores


def count_score(rows: Rows, indicator: str) -> Floats:
    """Return one indicator as a score. An unknown one ranks lowest: a paper list cannot count what it does not know."""
    values = rows.X[:, rows.names.index(indicator)]
    return np.where(np.isnan(values), -np.inf, values)


def logistic_regression_score(rule: LogisticRegressionRule, *, train: Rows, test: Rows) -> Floats:
    """Return log-odds by a logistic regression on all indicators.

    Unknown values become the median with a column that says so, counts are damped by their logarithm, and columns are
    scaled, so that the regression is given a fair chance.
    """
    medians = np.array([_median(column) for column in train.X.T])
    regression = make_pipeline(StandardScaler(), LogisticRegression(C=1 / rule.penalty, max_iter=300))
    fitted = regression.fit(_prepared(train.X, medians), train.y)
    return np.asarray(fitted.decision_function(_prepared(test.X, medians)), dtype=np.float64)


def _median(column: Floats) -> float:
    known = column[~np.isnan(column)]
    return float(np.median(known)) if len(known) else 0.0


def _prepared(X: Floats, medians: Floats) -> Floats:
    """Return damped values with the median where one is unknown, and a column of its own that says so."""
    unknown = np.isnan(X)
    return np.hstack([_damped(np.where(unknown, medians, X)), unknown])


def _damped(X: Floats) -> Floats:
    return np.asarray(np.sign(X) * np.log1p(np.abs(X)), dtype=np.float64)
