"""What a model must beat: a count, a points rule, a penalised logistic regression; a glass box where declared."""

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from targeting.models.estimator import Floats
from targeting.models.points import points
from targeting.training.challenger import explainable_boosting_score
from targeting.training.definition import LogisticRegressionRule, TrainingDefinition
from targeting.training.rows import Rows, distinct_unknowns, thinning

COUNT = "prior_count"
POINTS = "points_rule"
LOGISTIC_REGRESSION = "logistic_regression"
EXPLAINABLE_BOOSTING = "explainable_boosting"
# The order of the last list that was published before a date, where there is one before every date.
LAST_LIST = "last_list"
# The model in use, fitted again on the dates that taught the one that is judged.
CHAMPION = "model_in_use"


def baseline_scores(definition: TrainingDefinition, *, train: Rows, test: Rows) -> dict[str, Floats]:
    """Return the test rows' scores by each baseline that the definition declares; two of them learn from `train`."""
    rules = definition.baselines
    scores = {}
    if rules.count is not None:
        scores[COUNT] = count_score(test, rules.count)
    if rules.points:
        scores[POINTS] = points(test.X, test.names, rules.points)
    if rules.logistic_regression is not None:
        kept, weights = thinning(train.y, share=definition.non_events_kept, seed=definition.seed)
        scores[LOGISTIC_REGRESSION] = logistic_regression_score(
            rules.logistic_regression, train=train.where(kept), test=test, weights=weights
        )
    if rules.explainable_boosting is not None:
        scores[EXPLAINABLE_BOOSTING] = explainable_boosting_score(
            rules.explainable_boosting, train=train, test=test, seed=definition.seed, threads=definition.threads
        )
    return scores


def count_score(rows: Rows, indicator: str) -> Floats:
    """Return one indicator as a score. An unknown one ranks lowest: a paper list cannot count what it does not know."""
    values = rows.column(indicator)
    return np.where(np.isnan(values), -np.inf, values)


def logistic_regression_score(
    rule: LogisticRegressionRule, *, train: Rows, test: Rows, weights: Floats | None = None
) -> Floats:
    """Return log-odds by a logistic regression on all indicators, of rows that may have weights.

    Unknown values become the median, with a column that says so for the indicators that are unknown together; counts
    are damped by their logarithm, and columns are scaled, so that the regression is given a fair chance.
    """
    X = train.X
    medians = np.array([_median(column) for column in X.T])
    patterns = distinct_unknowns(train)
    # The columns are made for the regression alone, so that it may scale them where they lie.
    scaler = StandardScaler(copy=False)
    regression = make_pipeline(scaler, LogisticRegression(C=1 / rule.penalty, max_iter=300))
    columns = _prepared(X, medians, patterns)
    del X
    fitted = regression.fit(columns, train.y, logisticregression__sample_weight=weights)
    return np.asarray(fitted.decision_function(_prepared(test.X, medians, patterns)), dtype=np.float64)


def _median(column: Floats) -> float:
    known = column[~np.isnan(column)]
    return float(np.median(known)) if len(known) else 0.0


def _prepared(X: Floats, medians: Floats, patterns: Sequence[int]) -> Floats:
    """Return damped values with the median where one is unknown, and a column for each pattern of unknown ones."""
    width = X.shape[1]
    made = np.empty((len(X), width + len(patterns)))
    for column in range(width):
        known = np.where(np.isnan(X[:, column]), medians[column], X[:, column])
        made[:, column] = np.sign(known) * np.log1p(np.abs(known))
    for place, column in enumerate(patterns, start=width):
        made[:, place] = np.isnan(X[:, column])
    return made
