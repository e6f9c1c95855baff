import numpy as np
import pytest

from targeting.models.definition import MAXIMUM_DEPTH
from targeting.models.estimator import (
    EstimatorSettings,
    TrainingRows,
    booster_from_text,
    margins,
    train_booster,
)


def test_equal_rows_seed_and_threads_give_an_equal_booster_to_the_byte(made, train):
    assert train(made.X, made.y).text == made.booster.text


def test_a_booster_read_from_its_text_is_the_same_booster(made):
    again = booster_from_text(made.booster.text)
    assert again.text == made.booster.text
    assert again.names == ("referrals", "incidents", "age")
    assert np.array_equal(margins(again, made.X), margins(made.booster, made.X))


def test_margins_do_not_depend_on_the_number_of_threads_or_the_rows_beside(made):
    alone = np.concatenate([margins(made.booster, made.X[i : i + 1]) for i in range(len(made.X))])
    assert np.array_equal(alone, margins(made.booster, made.X, threads=2))


def test_no_rows_have_no_margins(made):
    assert margins(made.booster, np.empty((0, 3))).shape == (0,)


@pytest.mark.parametrize("column", [0, 1], ids=["referrals", "incidents"])
def test_an_indicator_that_raises_never_lowers_a_margin(made, column):
    rows = np.repeat(made.X[:50], 6, axis=0)
    rows[:, column] = np.tile(np.arange(6.0), 50)
    assert (np.diff(margins(made.booster, rows).reshape(50, 6), axis=1) >= 0).all()


def test_an_unknown_value_is_learnt_as_such_and_is_not_zero():
    X = np.repeat([[0.0], [1.0], [np.nan]], 100, axis=0)
    y = np.repeat([0, 0, 1], 100).astype(np.int8)
    settings = EstimatorSettings(names=("absence",), directions=(None,), seed=1, threads=1)
    booster = train_booster(TrainingRows(X, y, settings=settings), {}, rounds=5)
    zero, one, unknown = margins(booster, np.array([[0.0], [1.0], [np.nan]]))
    assert unknown > max(zero, one)


def test_an_indicator_that_was_never_unknown_is_told_from_one_that_was(made):
    """Of `incidents` a fifth is unknown; of the others nothing is, and an unknown value is taken for 0."""
    assert made.booster.asked_about == {"referrals": False, "incidents": True, "age": False}
    row = np.array([[2.0, 1.0, 0.0]])
    assert margins(made.booster, np.array([[2.0, 1.0, np.nan]])) == margins(made.booster, row)


def test_trees_are_shallow_enough_to_be_explained_exactly(made):
    settings = EstimatorSettings(names=("a",), directions=(None,), seed=1, threads=1)
    assert settings.parameters({})["max_depth"] <= MAXIMUM_DEPTH == 10
