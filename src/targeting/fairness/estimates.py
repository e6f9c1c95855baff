"""Metrics of one attribute's groups at every cut, with intervals and comparisons with the reference group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.fairness.clusters import Clusters
from targeting.fairness.counts import Counts, divide, round_counts
from targeting.fairness.intervals import (
    LEVEL,
    Bounds,
    for_few_clusters,
    koopman,
    newcombe,
    ratio_within_a_whole,
    wilson_of_few,
    z_of,
)
from targeting.fairness.metrics import COMPARISONS, RATES, REPRESENTATION, Rate, split_comparison
from targeting.fairness.scoring import Spread

Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]

REPLICATES = 1000
ENOUGH = 20
ON_LOG_SCALE = ("calibration_in_the_large",)
_COHORT = ("share_of_cohort",)
ON_LOGIT_SCALE = ("auc", "average_precision")


@dataclass(frozen=True)
class Estimate:
    """Values and bounds by (group, cut), NaN where there is none, and by which method the bounds were had."""

    value: Numbers
    lower: Numbers
    upper: Numbers
    method: NDArray[np.str_]


@dataclass(frozen=True)
class Measured:
    """What is known of one attribute: its clusters' counts, and the metrics of its scores."""

    clusters: Clusters
    scores: Mapping[str, Spread]
    reference: int | None
    seed: tuple[int, ...]

    @property
    def metrics(self) -> tuple[str, ...]:
        """All metrics that can be estimated, comparisons among them where there is a reference."""
        plain = (*RATES, REPRESENTATION, *self.scores)
        compared = [name for name in COMPARISONS if split_comparison(name)[0] in plain]
        return plain if self.reference is None else (*plain, *compared)


@dataclass(frozen=True)
class _Rates:
    """Counts, and for each rate its values, its values in every replicate, and what it is effectively out of."""

    counts: Counts
    value: Mapping[str, Numbers]
    drawn: Mapping[str, Numbers]
    effective_n: Mapping[str, Numbers]
    judged_n: Mapping[str, Numbers]
    level: float

    @property
    def z(self) -> float:
        """How many standard errors an interval of the level reaches either way."""
        return z_of(self.level)

    def is_enough(self, name: str) -> Mask:
        """Return where a rate counts enough, and enough else, to be resampled.

        What is enough is judged on the effective number: twenty rows of four families are no twenty.
        """
        name = "share_of_list" if name == REPRESENTATION else name
        n, share = self.effective_n[name], self.value[name]
        return np.asarray(np.minimum(share, 1 - share) * n >= ENOUGH - 1e-9)


def estimate(
    measured: Measured, names: Sequence[str] | None = None, *, level: float = LEVEL, replicates: int = REPLICATES
) -> dict[str, Estimate]:
    """Return metrics by name (none named: all), each by (group, cut), everyone last, with intervals of a level."""
    wanted = measured.metrics if names is None else tuple(names)
    rates = _rates(measured, wanted, level, replicates)
    return {name: _estimate(name, measured, rates) for name in wanted}


def estimate_rounded(
    measured: Measured, counts: Counts, names: Sequence[str] | None = None, *, level: float = LEVEL
) -> dict[str, Estimate]:
    """Return metrics by name (none named: all) as they follow from rounded `counts` alone, and so their intervals.

    An interval of the exact counts would tell which of the counts it is that was rounded. Those of rates are the
    intervals for few (Wilson, Newcombe, Koopman) of the rounded counts; what families have in common enters as a
    design effect rounded up to a half. Metrics of scores are rounded where they are shown.
    """
    wanted = measured.metrics if names is None else tuple(names)
    rates = _rounded_rates(measured, counts, wanted, level)
    return {name: _estimate(name, measured, rates) for name in wanted}


def _estimate(name: str, measured: Measured, rates: _Rates) -> Estimate:
    if name in COMPARISONS:
        metric, how = split_comparison(name)
        return _against_itself(_compare(metric, how, measured, rates), how, int(measured.reference or 0))
    if name in measured.scores:
        return _of_scores(name, measured.scores[name], rates)
    return _representation(rates) if name == REPRESENTATION else _rate(rates, name)


def _rates(measured: Measured, wanted: Sequence[str], level: float, replicates: int) -> _Rates:
    drawn = measured.clusters.resampled(replicates, measured.seed)
    counts = measured.clusters.counts()
    names, both = _needed(wanted)
    effective = {name: measured.clusters.effective_n(name) for name in names}
    return _Rates(
        counts=counts,
        value={name: counts.rate(name) for name in {*both, *_COHORT}},
        drawn={name: drawn.rate(name) for name in both},
        effective_n=effective,
        judged_n={
            name: for_few_clusters(n, measured.clusters.number_with(RATES[name].denominator), z_of(level))
            for name, n in effective.items()
        },
        level=level,
    )


def _rounded_rates(measured: Measured, counts: Counts, wanted: Sequence[str], level: float) -> _Rates:
    """Return the same of rounded counts, with nothing drawn, so that no interval is of the exact ones."""
    exact = measured.clusters.counts()
    names, both = _needed(wanted)
    effective = {name: _of_rounded(name, measured, exact, counts) for name in names}
    clusters = {name: round_counts(measured.clusters.number_with(RATES[name].denominator)) for name in names}
    return _Rates(
        counts=counts,
        value={name: counts.rate(name) for name in {*both, *_COHORT}},
        drawn={name: np.full((1, *exact.n.shape), np.nan) for name in both},
        effective_n=effective,
        judged_n={name: for_few_clusters(n, clusters[name], z_of(level)) for name, n in effective.items()},
        level=level,
    )


def _of_rounded(name: str, measured: Measured, exact: Counts, counts: Counts) -> Numbers:
    """Return how many independent rows a rate of rounded counts is out of, the design effect rounded up to a half."""
    effect = divide(exact.of(RATES[name].denominator), measured.clusters.effective_n(name))
    return divide(counts.of(RATES[name].denominator), np.ceil(2 * effect - 1e-9) / 2)


def _needed(wanted: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the rates behind the metrics wanted, and these with the share of the list against the cohort."""
    metrics = {split_comparison(name)[0] if name in COMPARISONS else name for name in wanted} | {"prevalence"}
    of_list = {"share_of_list"} if REPRESENTATION in metrics else set()
    names = [name for name in RATES if name in metrics | of_list]
    return names, [*names, *(each for each in (REPRESENTATION,) if each in metrics)]


def _rate(rates: _Rates, name: str) -> Estimate:
    small = wilson_of_few(rates.value[name], rates.judged_n[name], rates.z)
    return _choose(rates, (rates.value[name], rates.drawn[name]), rates.is_enough(name), (small, "wilson"))


def _representation(rates: _Rates) -> Estimate:
    """The group's share of the cohort is taken as it is; what is uncertain is its share of the list."""
    lower, upper = wilson_of_few(rates.value["share_of_list"], rates.judged_n["share_of_list"], rates.z)
    cohort = rates.value["share_of_cohort"]
    small = divide(lower, cohort), divide(upper, cohort)
    enough = rates.is_enough(REPRESENTATION)
    return _choose(rates, (rates.value[REPRESENTATION], rates.drawn[REPRESENTATION]), enough, (small, "wilson"))


def _choose(rates: _Rates, held: tuple[Numbers, Numbers], enough: Mask, small: tuple[Bounds, str]) -> Estimate:
    """Return a value with the bootstrap's bounds where there is enough to resample, else with those of few."""
    value, drawn = held
    lower, upper = np.quantile(drawn, [(1 - rates.level) / 2, (1 + rates.level) / 2], axis=0)
    enough = enough & np.isfinite(lower) & np.isfinite(upper)
    (small_lower, small_upper), name = small
    method = np.where(enough, "bootstrap", name)
    return _where_defined(value, np.where(enough, lower, small_lower), np.where(enough, upper, small_upper), method)


def _where_defined(value: Numbers, lower: Numbers, upper: Numbers, method: NDArray[np.str_]) -> Estimate:
    value = np.where(np.isfinite(value), value, np.nan)
    bounded = np.isfinite(value) & np.isfinite(lower) & np.isfinite(upper)
    return Estimate(
        value, np.where(bounded, lower, np.nan), np.where(bounded, upper, np.nan), np.where(bounded, method, "")
    )


def _of_scores(name: str, spread: Spread, rates: _Rates) -> Estimate:
    """A metric of scores has an interval where there is enough; one of calibration in the large always has one."""
    error, cuts = spread.standard_error(), rates.counts.tp.shape[1]
    lower, upper = _on_scale(name, spread.value, error, rates.z)
    method = np.where(_enough_for_scores(rates), "jackknife", "")
    if name == "calibration_in_the_large":
        observed = rates.value["prevalence"][:, 0]
        of_observed = divide(spread.value, observed)
        small = wilson_of_few(observed, rates.judged_n["prevalence"][:, 0], rates.z)
        lower, upper = (
            np.where(method == "", bound * of_observed, wide) for bound, wide in zip(small, (lower, upper), strict=True)
        )
        method = np.where(method == "", "wilson", method)
    lower, upper = (np.where(method == "", np.nan, bound) for bound in (lower, upper))
    return _where_defined(*(_at_every_cut(column, cuts) for column in (spread.value, lower, upper, method)))


def _enough_for_scores(rates: _Rates) -> Mask:
    return rates.is_enough("prevalence")[:, 0]


def _at_every_cut(column: NDArray, cuts: int) -> NDArray:  # type: ignore[type-arg]
    return np.broadcast_to(column[:, None], (len(column), cuts))


def _on_scale(name: str, value: Numbers, error: Numbers, z: float) -> Bounds:
    """Return bounds on the scale on which the metric's error is nearest to normal, within its own range."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        if name in ON_LOGIT_SCALE:
            middle, spread = np.log(value / (1 - value)), z * error / (value * (1 - value))
            bounds = (1 / (1 + np.exp(-(middle + sign * spread))) for sign in (-1, 1))
        elif name in ON_LOG_SCALE:
            bounds = (value * np.exp(sign * z * error / value) for sign in (-1, 1))
        else:
            bounds = (value + sign * z * error for sign in (-1, 1))
        lower, upper = bounds
    return lower, upper


def _compare(name: str, how: str, measured: Measured, rates: _Rates) -> Estimate:
    if name in measured.scores:
        return _compare_scores(how, measured.scores[name], measured, rates)
    reference = measured.reference
    value, drawn = (_gap(how, values, reference) for values in (rates.value[name], rates.drawn[name]))
    enough = rates.is_enough(name)
    enough = enough & enough[reference]
    few = ~(enough & np.isfinite(drawn).all(axis=0))
    return _choose(rates, (value, drawn), enough, _small_comparison(name, how, reference, rates, few))


def _gap(how: str, values: Numbers, reference: int | None) -> Numbers:
    against = values[..., reference, :][..., None, :]
    return divide(values, np.broadcast_to(against, values.shape)) if how == "ratio" else values - against


def _small_comparison(
    name: str, how: str, reference: int | None, rates: _Rates, few: Mask
) -> tuple[tuple[Numbers, Numbers], str]:
    """Return the bounds of comparisons of `few`, and by which method they were had; NaN for all others."""
    against = [np.broadcast_to(values[reference], few.shape) for values in (rates.value[name], rates.judged_n[name])]
    held = [values[few] for values in (rates.value[name], rates.judged_n[name], *against)]
    found, method = _of_few(RATES[name], how, held, rates.z)
    bounds = np.full((2, *few.shape), np.nan)
    bounds[:, few] = found
    return (bounds[0], bounds[1]), method


def _of_few(rate: Rate, how: str, held: Sequence[Numbers], z: float) -> tuple[Bounds, str]:
    """Return the bounds of comparisons, each share and the number it is out of beside those of its reference."""
    share, n, against, against_n = held
    if rate.is_share_of_all:
        return _parts_of_a_whole(how, share, against, n, z), "wilson"
    if how == "ratio":
        return koopman(share, n, against, against_n, z), "koopman"
    return newcombe(share, n, against, against_n, z), "newcombe"


def _parts_of_a_whole(how: str, share: Numbers, against: Numbers, n: Numbers, z: float) -> Bounds:
    both = share + against
    lower, upper = ratio_within_a_whole(share, against, n * both, z)
    if how == "ratio":
        return lower, upper
    with np.errstate(invalid="ignore"):
        return tuple(both * np.where(np.isinf(ratio), 1.0, (ratio - 1) / (ratio + 1)) for ratio in (lower, upper))  # type: ignore[return-value]


def _compare_scores(how: str, spread: Spread, measured: Measured, rates: _Rates) -> Estimate:
    reference = int(measured.reference or 0)
    enough = _enough_for_scores(rates)
    against = spread.value[reference]
    error, z = spread.standard_error_against(reference, logarithm=how == "ratio"), rates.z
    with np.errstate(invalid="ignore", divide="ignore"):
        value = spread.value / against if how == "ratio" else spread.value - against
        bounds = [value * np.exp(s * z * error) if how == "ratio" else value + s * z * error for s in (-1, 1)]
    method = np.where(enough & enough[reference], "jackknife", "")
    lower, upper = (np.where(method == "", np.nan, bound) for bound in bounds)
    cuts = rates.counts.tp.shape[1]
    return _where_defined(*(_at_every_cut(column, cuts) for column in (value, lower, upper, method)))


def _against_itself(compared: Estimate, how: str, reference: int) -> Estimate:
    """The reference is even with itself, where it is defined; everyone is compared with nobody, being no group."""
    value, lower, upper = (np.array(column) for column in (compared.value, compared.lower, compared.upper))
    method = np.array(compared.method)
    value[reference] = np.where(np.isfinite(value[reference]), 1.0 if how == "ratio" else 0.0, np.nan)
    for column in (lower, upper):
        column[[reference, -1]] = np.nan
    value[-1], method[[reference, -1]] = np.nan, ""
    return Estimate(value, lower, upper, method)
