"""Intervals of a proportion, of a difference and of a ratio of two, for counts too small to resample.

All take proportions with the number they are out of, which may be an effective one and so not whole, and work
elementwise on arrays; where there is nothing to count, bounds are NaN. `z` is the normal quantile of the level, by
default that of 95 %.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri, ndtr, ndtri, stdtrit

Numbers = NDArray[np.float64]
Bounds = tuple[Numbers, Numbers]

LEVEL = 0.95
Z = float(ndtri(0.975))
FEW = 3
_HALVINGS = 50


def z_of(level: float) -> float:
    """Return how many standard errors lie either side of the middle of an interval of a level."""
    return float(ndtri((1 + level) / 2))


def wilson(share: Numbers, n: Numbers, z: float = Z) -> Bounds:
    """Return the score interval of a proportion. Wilson (1927); method 3 of Newcombe (1998, Stat Med 17, 857)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = share + z**2 / (2 * n)
        spread = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
        scale = 1 + z**2 / n
        lower, upper = (centre - spread) / scale, (centre + spread) / scale
    return np.where(share == 0, 0.0, lower), np.where(share == 1, 1.0, upper)


def wilson_of_few(share: Numbers, n: Numbers, z: float = Z) -> Bounds:
    """Return the score interval of a proportion, mended where it is known to fall short.

    With one to three counted (or not counted), Wilson's bound next to 0 (or 1) excludes shares that it should hold;
    the exact bound of a Poisson count takes its place. Brown, Cai and DasGupta (2001, Stat Science 16, 101), 4.1.1.
    """
    lower, upper = wilson(share, n, z)
    return np.minimum(lower, _least_of_few(share, n, z)), np.maximum(upper, 1 - _least_of_few(1 - share, n, z))


def _least_of_few(share: Numbers, n: Numbers, z: float) -> Numbers:
    with np.errstate(invalid="ignore", divide="ignore"):
        counted = share * n
        exact = chdtri(2 * counted, 1 - 2 * ndtr(-z)) / 2 / n
        return np.where((counted > 0) & (counted <= FEW + 1e-9), exact, np.inf)


def for_few_clusters(n: Numbers, clusters: Numbers, z: float = Z) -> Numbers:
    """Return an effective number made smaller for being estimated from few clusters.

    Korn and Graubard (1998, Survey Methodology 24, 193): Student's quantile in the place of the normal one.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        quantile = stdtrit(np.maximum(clusters - 1, 1), ndtr(z))
        return np.asarray(n * (z / quantile) ** 2)


def newcombe(share: Numbers, n: Numbers, reference: Numbers, reference_n: Numbers, z: float = Z) -> Bounds:
    """Return the interval of `share - reference`, of two independent proportions.

    Method 10 of Newcombe (1998, Stat Med 17, 873): their Wilson bounds, joined.
    """
    lower, upper = wilson(share, n, z)
    reference_lower, reference_upper = wilson(reference, reference_n, z)
    gap = share - reference
    down = np.sqrt((share - lower) ** 2 + (reference_upper - reference) ** 2)
    up = np.sqrt((upper - share) ** 2 + (reference - reference_lower) ** 2)
    return gap - down, gap + up


def koopman(share: Numbers, n: Numbers, reference: Numbers, reference_n: Numbers, z: float = Z) -> Bounds:
    """Return the interval of `share / reference`, of two independent proportions.

    Koopman (1984, Biometrics 40, 513): the ratios that a score test does not reject. The upper bound is
    infinite where the reference counts nothing, and both are NaN where neither does.
    """
    known = (n > 0) & (reference_n > 0) & (share + reference > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        start = np.clip(np.log(share / reference), -20, 20)

        def rejected(log_ratio: Numbers) -> NDArray[np.bool_]:
            return _score_statistic(np.exp(log_ratio), share, n, reference, reference_n) > z**2

        lower, upper = np.exp(_edges(start, 25.0, rejected))
    lower = np.where(share == 0, 0.0, lower)
    upper = np.where(reference == 0, np.inf, upper)
    return np.where(known, lower, np.nan), np.where(known, upper, np.nan)


def _edges(inside: Numbers, reach: float, rejected: Callable[[Numbers], NDArray[np.bool_]]) -> Numbers:
    """Return the least and the greatest value that is not rejected, between `inside` and `reach` either way of 0."""
    within = np.stack([inside, inside])
    beyond = np.stack([np.full_like(inside, -reach), np.full_like(inside, reach)])
    for _ in range(_HALVINGS):
        middle = (within + beyond) / 2
        out = rejected(middle)
        within, beyond = np.where(out, within, middle), np.where(out, middle, beyond)
    return np.asarray((within + beyond) / 2)


def _score_statistic(ratio: Numbers, share: Numbers, n: Numbers, reference: Numbers, reference_n: Numbers) -> Numbers:
    """Return the squared score statistic of a ratio, at the likeliest proportions that have it."""
    positives, reference_positives = share * n, reference * reference_n
    middle = ratio * (n + reference_positives) + positives + reference_n
    root = np.sqrt(np.maximum(middle**2 - 4 * ratio * (n + reference_n) * (positives + reference_positives), 0.0))
    fitted = (middle - root) / (2 * (n + reference_n))
    reference_fitted = fitted / ratio
    return _pearson(positives, n, fitted) + _pearson(reference_positives, reference_n, reference_fitted)


def _pearson(positives: Numbers, n: Numbers, fitted: Numbers) -> Numbers:
    """Return how far a count lies from a fitted proportion; nothing where both are all or none."""
    variance = n * fitted * (1 - fitted)
    apart = (positives - n * fitted) ** 2
    return np.where(apart < 1e-18, 0.0, apart / np.maximum(variance, 1e-300))


def ratio_within_a_whole(part: Numbers, reference: Numbers, effective_n: Numbers, z: float = Z) -> Bounds:
    """Return the interval of `part / reference`, two parts of one whole, given what the two add up to.

    The part's share of the two is a proportion with a Wilson interval; its odds are the ratio. `effective_n` is out
    of the two together.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        lower, upper = wilson(part / (part + reference), effective_n, z)
        return lower / (1 - lower), np.where(upper == 1, np.inf, upper / (1 - upper))
