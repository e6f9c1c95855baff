import numpy as np

from targeting.models.estimator import EstimatorSettings
from targeting.training.controls import exchange_futures, missingness_scores, shuffled_futures_scores
from targeting.training.measures import auc, curve, rank


def _halves(rows):
    later = rows.is_on(rows.dates[-4:])
    return rows.where(~later), rows.where(later)


def _auc(score, rows):
    return auc(curve(rank(score), rows.y))


def test_exchanged_futures_keep_each_dates_outcomes_and_no_familys(rows):
    exchanged = exchange_futures(rows, seed=1)
    assert [exchanged.on([day]).events for day in rows.dates] == [rows.on([day]).events for day in rows.dates]
    assert np.array_equal(exchanged.X, rows.X, equal_nan=True)
    assert (exchanged.y[rows.y == 1] == 1).mean() < 0.3


def test_a_model_of_exchanged_futures_finds_nothing(rows):
    train, test = _halves(rows)
    settings = EstimatorSettings(names=rows.names, directions=(None,) * 5, seed=1, threads=2)
    mixed_train, mixed_test = exchange_futures(train, seed=1), exchange_futures(test, seed=2)
    score = shuffled_futures_scores(train=mixed_train, test=mixed_test, settings=settings)
    assert abs(_auc(score, mixed_test) - 0.5) < 0.07


def test_what_is_unknown_says_nothing_where_it_came_by_chance(rows):
    train, test = _halves(rows)
    assert abs(_auc(missingness_scores(train=train, test=test, seed=1, threads=2), test) - 0.5) < 0.07


def test_what_is_unknown_is_found_where_it_betrays_the_outcome(rows, copied):
    train, test = map(copied, _halves(rows))
    for held in (train, test):
        held.unknown[:, 1] = np.where(held.y == 1, 2, 0)
    assert _auc(missingness_scores(train=train, test=test, seed=1, threads=2), test) > 0.95


def test_where_all_is_known_nothing_is_ranked(rows, copied):
    train, test = map(copied, _halves(rows))
    for held in (train, test):
        held.unknown[:] = 0
    assert not missingness_scores(train=train, test=test, seed=1, threads=2).any()
