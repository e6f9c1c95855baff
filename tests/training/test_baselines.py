import numpy as np

from targeting.models.points import PointsRule, points
from targeting.training.baselines import baseline_scores, count_score, logistic_regression_score
from targeting.training.definition import Baselines, LogisticRegressionRule
from targeting.training.evaluation import scored
from targeting.training.measures import auc, curve, rank


def test_points_add_up_and_an_unknown_indicator_gives_none(rows, copied):
    few = copied(rows.where(np.arange(len(rows)) < 3))
    few.X[:] = [[2, 1, 0, 0, 0], [1, np.nan, 0, 0, 0], [np.nan, 3, 0, 0, 0]]
    rules = [
        PointsRule(indicator="referrals", at_least=1, points=2),
        PointsRule(indicator="referrals", at_least=2, points=1),
        PointsRule(indicator="incidents", at_least=1, points=1.5),
    ]
    assert points(few.X, few.names, rules).tolist() == [4.5, 2.0, 1.5]


def test_an_unknown_count_ranks_below_none(rows, copied):
    few = copied(rows.where(np.arange(len(rows)) < 3))
    few.X[:, 0] = [0, np.nan, 5]
    assert count_score(few, "referrals").tolist() == [0.0, -np.inf, 5.0]


def test_the_logistic_regression_learns_from_rows_with_unknown_values(rows):
    test = rows.is_on(rows.dates[-2:])
    score = logistic_regression_score(LogisticRegressionRule(), train=rows.where(~test), test=rows.where(test))
    held = scored(rows.where(test), score)
    assert auc(curve(rank(held.score), held.outcome)) > 0.68


def test_only_declared_baselines_are_made(rows, definition):
    declared = definition.model_copy(update={"baselines": Baselines(logistic_regression=None)})
    assert baseline_scores(declared, train=rows, test=rows) == {}
    assert list(baseline_scores(definition, train=rows, test=rows)) == [
        "prior_count",
        "points_rule",
        "logistic_regression",
    ]
