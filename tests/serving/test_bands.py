"""Bands say both halves, and the same to every family in them."""

import numpy as np

from targeting.serving.bands import band_numbers, bands
from targeting.serving.sentences import Words

CUTS = (0.01, 0.03, 0.10, 0.20, 0.35)
WORDS = Words(outcome="needed help")


def test_a_probability_at_a_cut_lies_above_it() -> None:
    assert band_numbers(np.array([0.0, 0.0099, 0.01, 0.35, 0.99]), CUTS).tolist() == [0, 0, 1, 5, 5]


def test_a_band_speaks_of_the_mean_of_those_in_it() -> None:
    # In the band from .20 to .35: .21, .33 and .34, mean .293. In that from .03 to .10: .06.
    made = bands(np.array([0.21, 0.33, 0.34, 0.06]), CUTS, WORDS)
    assert [(band.about, band.of) for band in made] == [(0, 100), (2, 100), (6, 100), (2, 10), (3, 10), (7, 10)]
    assert made[4].sentence == "Of 10 families with records like these, about 3 needed help; 7 did not."
    assert (made[4].lower, made[4].upper) == (0.20, 0.35)


def test_a_band_without_families_speaks_of_its_middle() -> None:
    assert [band.about for band in bands(np.array([]), (0.5,), WORDS)] == [2, 8]
