import itertools

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import binom, binomtest, chi2, t

from targeting.fairness.intervals import (
    for_few_clusters,
    koopman,
    newcombe,
    ratio_within_a_whole,
    wilson,
    wilson_of_few,
    z_of,
)

# Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3.
WILSON = """
81 | 263 | .2553 | .3662
15 | 148 | .0624 | .1605
 0 |  20 | .0000 | .1611
 1 |  29 | .0061 | .1718
"""

# Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10.
NEWCOMBE = """
56 | 70 | 48 | 80 |  .0524 |  .3339
 9 | 10 |  3 | 10 |  .1705 |  .8090
 6 |  7 |  2 |  7 |  .0582 |  .8062
 5 | 56 |  0 | 29 | -.0381 |  .1926
 0 | 10 |  0 | 20 | -.1611 |  .2775
 0 | 10 |  0 | 10 | -.2775 |  .2775
10 | 10 |  0 | 20 |  .6791 | 1.0000
10 | 10 |  0 | 10 |  .6075 | 1.0000
"""


def numbers(text):
    return [[float(cell) for cell in line.split("|")] for line in text.strip().splitlines()]


def array(value):
    return np.array([float(value)])


@pytest.mark.parametrize(("events", "n", "lower", "upper"), numbers(WILSON))
def test_wilson_gives_the_published_bounds(events, n, lower, upper):
    found = wilson(array(events / n), array(n))
    assert np.concatenate(found) == pytest.approx([lower, upper], abs=5e-5)


@pytest.mark.parametrize(("events", "n"), [(0, 1), (1, 1), (3, 7), (40, 41), (500, 1000)])
def test_wilson_agrees_with_scipy(events, n):
    expected = binomtest(events, n).proportion_ci(method="wilson")
    assert np.concatenate(wilson(array(events / n), array(n))) == pytest.approx([expected.low, expected.high])


@pytest.mark.parametrize("row", numbers(NEWCOMBE))
def test_newcombe_gives_the_published_bounds(row):
    events, n, others, other_n, lower, upper = row
    found = newcombe(array(events / n), array(n), array(others / other_n), array(other_n))
    assert np.concatenate(found) == pytest.approx([lower, upper], abs=5e-5)


def test_koopman_gives_the_bounds_of_its_paper():
    # Koopman (1984), Biometrics 40, 513-517: 36 of 40 against 16 of 80.
    lower, upper = koopman(array(36 / 40), array(40), array(16 / 80), array(80))
    assert (lower[0], upper[0]) == pytest.approx((2.94, 7.15), abs=0.005)


@pytest.mark.parametrize(
    ("events", "n", "others", "other_n"), [(3, 20, 8, 25), (1, 9, 7, 30), (0, 12, 5, 40), (4, 4, 9, 15)]
)
def test_koopman_holds_the_ratios_that_a_score_test_does_not_reject(events, n, others, other_n):
    lower, upper = koopman(array(events / n), array(n), array(others / other_n), array(other_n))
    for bound in (lower[0], upper[0]):
        if bound > 0:
            assert score_test(bound, events, n, others, other_n) == pytest.approx(chi2.ppf(0.95, 1), rel=1e-4)
    if events == 0:
        assert lower[0] == 0


@pytest.mark.parametrize(("n", "other_n"), [(5, 8), (10, 30), (30, 12)])
def test_koopman_at_small_numbers_is_the_score_test_turned_round(n, other_n):
    """Every pair of counts, beside the ratios found by walking outwards until the slow score test rejects."""
    for events, others in itertools.product((0, 1, 2, n // 2, n), (1, 2, other_n // 2, other_n)):
        found = koopman(array(events / n), array(n), array(others / other_n), array(other_n))
        expected = turned_round(events, n, others, other_n)
        assert [bound[0] for bound in found] == pytest.approx(expected, rel=2e-3), (events, others)


def turned_round(events, n, others, other_n):
    """Return the least and the greatest ratio that the score test does not reject; 0 where it rejects none so small."""
    ratio = max(events, 0.5) / n / (others / other_n)

    def beyond(logarithm):
        return score_test(np.exp(logarithm), events, n, others, other_n) - chi2.ppf(0.95, 1)

    middle = np.log(ratio)
    lower = 0.0 if events == 0 else np.exp(brentq(beyond, middle - 9, middle))
    inside = middle if events else next(at for at in np.arange(middle, -12, -0.25) if beyond(at) < 0)
    return [lower, np.exp(brentq(beyond, inside, inside + 12))]


def score_test(ratio, events, n, others, other_n):
    """Return the squared score statistic, its nuisance proportion found by searching the likelihood."""

    def likelihood(p):
        own = ratio * p
        return -sum(
            count * np.log(share) if count else 0.0
            for count, share in ((events, own), (n - events, 1 - own), (others, p), (other_n - others, 1 - p))
        )

    p = minimize_scalar(
        likelihood, bounds=(1e-9, min(1, 1 / ratio) - 1e-9), options={"xatol": 1e-12}, method="bounded"
    ).x
    q = ratio * p
    gap = (events / n - ratio * others / other_n) ** 2
    return gap / (q * (1 - q) / n + ratio**2 * p * (1 - p) / other_n)


def test_a_ratio_to_nothing_has_no_upper_bound_and_a_ratio_of_nothings_none_at_all():
    lower, upper = koopman(np.array([0.5, 0.0]), np.array([10.0, 10.0]), np.array([0.0, 0.0]), np.array([10.0, 10.0]))
    assert lower[0] > 0
    assert np.isinf(upper[0])
    assert np.isnan([lower[1], upper[1]]).all()


def test_two_parts_of_a_whole_have_the_odds_of_their_share():
    lower, upper = ratio_within_a_whole(array(30), array(10), array(40))
    expected = binomtest(30, 40).proportion_ci(method="wilson")
    assert (lower[0], upper[0]) == pytest.approx(
        (expected.low / (1 - expected.low), expected.high / (1 - expected.high))
    )


def test_nobody_has_no_bounds():
    assert np.isnan(np.concatenate(wilson(np.array([np.nan]), array(0)))).all()


# Brown, Cai and DasGupta (2001), table 5 for a level of .95: the least share that a count of x is told of, times n.
@pytest.mark.parametrize(("events", "least"), [(1, 0.051), (2, 0.355), (3, 0.818)])
def test_few_events_have_the_poisson_bound_where_it_is_wider(events, least):
    lower, upper = wilson_of_few(array(events / 50), array(50))
    plain = wilson(array(events / 50), array(50))
    assert lower[0] == pytest.approx(least / 50, abs=1e-5)
    assert (lower[0] < plain[0][0], upper[0]) == (True, pytest.approx(plain[1][0]))
    mirrored = wilson_of_few(array(1 - events / 50), array(50))
    assert (1 - mirrored[1][0], 1 - mirrored[0][0]) == pytest.approx((lower[0], upper[0]))


def test_more_than_three_events_and_none_keep_wilsons_bounds():
    for events in (0, 4, 25, 50):
        found, plain = (np.concatenate(each(array(events / 50), array(50))) for each in (wilson_of_few, wilson))
        assert found == pytest.approx(plain)


@pytest.mark.parametrize("n", [20, 30, 50, 100])
def test_a_rare_event_is_covered_where_wilson_falls_short(n):
    counts = np.arange(n + 1)
    rate = 0.17 / n
    held = [
        float(binom.pmf(counts, n, rate)[(lower <= rate) & (rate <= upper)].sum())
        for lower, upper in (each(counts / n, np.full(n + 1, float(n))) for each in (wilson, wilson_of_few))
    ]
    assert held[0] < 0.9
    assert held[1] > 0.97


def test_a_number_judged_from_few_clusters_is_worth_less_by_students_quantile():
    found = for_few_clusters(np.array([100.0, 100.0, 0.0]), np.array([6.0, 1000.0, 0.0]))
    assert found[0] == pytest.approx(100 * (z_of(0.95) / t.ppf(0.975, 5)) ** 2)
    assert found[1] == pytest.approx(100, rel=0.01)
    assert found[2] == 0
