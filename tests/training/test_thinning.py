"""A share of the rows without an event, weighted up, stands for all of them."""

import numpy as np

from targeting.training.rows import thinning


def test_every_event_is_kept_and_the_other_rows_weigh_as_much_as_all_of_them():
    kept, weights = thinning(np.array([1] * 30 + [0] * 970, np.int8), share=0.2, seed=3)
    assert kept[:30].all()
    assert 140 < kept[30:].sum() < 250
    assert (weights[:30] == 1).all()
    assert (weights[30:] == 5).all()


def test_all_rows_are_kept_as_they_are_where_the_share_is_one():
    kept, weights = thinning(np.array([1, 0, 0], np.int8), share=1.0, seed=3)
    assert kept.all()
    assert weights.tolist() == [1, 1, 1]
