"""Bands of calibrated probability, in words."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from targeting.serving.contents import Band
from targeting.serving.sentences import Words, frequency, frequency_sentence

Floats = NDArray[np.float64]


def band_numbers(probability: Floats, cuts: Sequence[float]) -> NDArray[np.int64]:
    """Return each probability's band, 0 below the first cut; a probability at a cut lies above it."""
    return np.searchsorted(np.asarray(cuts), probability, side="right").astype(np.int64)


def bands(probability: Floats, cuts: Sequence[float], words: Words) -> tuple[Band, ...]:
    """Return each band with its sentence, which speaks of the mean of `probability` among those in it.

    All families of a band so read one sentence. A band in which nobody is speaks of its middle.
    """
    number = band_numbers(probability, cuts)
    edges = enumerate(pairwise((0.0, *cuts, 1.0)))
    return tuple(_band(probability[number == index], lower, upper, words) for index, (lower, upper) in edges)


def _band(inside: Floats, lower: float, upper: float, words: Words) -> Band:
    about, of = frequency(math.fsum(inside) / len(inside) if len(inside) else (lower + upper) / 2)
    return Band(lower=lower, upper=upper, about=about, of=of, sentence=frequency_sentence(about, of, words))
