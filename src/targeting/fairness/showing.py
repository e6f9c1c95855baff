"""From estimates to what is shown: withheld where the disclosure plan says so, rounded where the policy does."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from targeting.fairness.counts import Counts
from targeting.fairness.definition import ALL, Disclosure
from targeting.fairness.disclosure import SMALL
from targeting.fairness.estimates import Estimate, Measured
from targeting.fairness.grouping import Grouping
from targeting.fairness.metrics import (
    AT_A_CUT,
    COMPARED,
    COUNTS,
    OF_SCORES,
    OVERALL,
    RATES,
    REPRESENTATION,
    split_comparison,
)
from targeting.fairness.results import WITHHELD, AttributeResult, GroupResult, Number, Shown
from targeting.fairness.withholding import Rows, Withheld

BASE = 5
EVERYONE = "All"


@dataclass(frozen=True, kw_only=True)
class Findings:
    """Everything found of one attribute, before disclosure control."""

    grouping: Grouping
    counts: Counts
    rows: Rows
    measured: Measured
    estimates: Mapping[str, Estimate]
    withheld: Withheld
    words: Mapping[str, str]

    def position(self, group: str) -> int | None:
        """Return where a group stands in the arrays, everyone last; None where it has no row."""
        names = (*self.grouping.names, ALL)
        return names.index(group) if group in names else None


def show_attribute(found: Findings, cuts: tuple[str, ...], disclosure: Disclosure) -> AttributeResult:
    """Return one attribute's groups and everyone as they are shown."""
    attribute = found.grouping.attribute
    return AttributeResult(
        name=attribute.name,
        reference=attribute.reference,
        reference_reason=attribute.reference_reason,
        groups=tuple(
            GroupResult(
                group=name,
                words=found.words.get(name, EVERYONE if name == ALL else name),
                overall=_metrics(found, at, 0, OVERALL, disclosure),
                cuts={text: _metrics(found, at, cut, AT_A_CUT, disclosure) for cut, text in enumerate(cuts)},
            )
            for at, name in enumerate((*found.grouping.names, ALL))
        ),
    )


def _metrics(found: Findings, group: int, cut: int, names: tuple[str, ...], disclosure: Disclosure) -> dict[str, Shown]:
    compared = [f"{name}_{how}" for name in names if name in COMPARED for how in ("ratio", "difference")]
    wanted = [*names, *(name for name in compared if name in found.estimates)]
    return {name: show(found, name, group, cut, disclosure) for name in wanted}


def show(found: Findings, metric: str, group: int, cut: int, disclosure: Disclosure) -> Shown:
    """Return one metric of one group at one cut as it is shown."""
    if found.withheld.is_withheld(metric, group, cut):
        return Shown(value=WITHHELD)
    if metric in COUNTS:
        return Shown(value=show_count(int(found.counts.of(metric)[group, cut]), disclosure))
    estimate, at = found.estimates[metric], (group, cut)
    value, lower, upper = (column[at] for column in (estimate.value, estimate.lower, estimate.upper))
    if disclosure == "round:5":
        value = _of_rounded_counts(found, metric, group, cut, value)
        lower, upper = np.minimum(np.round(lower, 2), value), np.maximum(np.round(upper, 2), value)
    digits = 3 if disclosure != "none" and _base(metric) in OF_SCORES else 8
    bounded = np.isfinite(lower) and np.isfinite(upper) and np.isfinite(value)
    return Shown(
        value=_number(value, digits),
        lower=_number(lower, digits) if bounded else None,
        upper=_number(upper, digits) if bounded else None,
        method=str(estimate.method[at]) if bounded else None,
    )


def _base(metric: str) -> str:
    return metric if metric in OF_SCORES or metric in RATES else split_comparison(metric)[0]


def _number(value: np.floating | float, digits: int) -> float | None:
    return round(float(value), digits) + 0.0 if np.isfinite(value) else None


def _of_rounded_counts(found: Findings, metric: str, group: int, cut: int, value: float) -> float:
    """Return a rate, or a comparison of rates, of the counts as they are shown, so that it gives no other away."""
    if metric == REPRESENTATION:
        parts = [_of_rounded_counts(found, name, group, cut, value) for name in ("share_of_list", "share_of_cohort")]
        return _quotient(*parts)
    if metric in RATES:
        numerator, denominator = RATES[metric].numerator, RATES[metric].denominator
        return _quotient(*(round_count(found.counts.of(count)[group, cut]) for count in (numerator, denominator)))
    base, how = split_comparison(metric)
    reference = found.grouping.reference
    if base not in RATES or reference is None or not np.isfinite(value):
        return float(np.round(value, 2))
    own, other = (_of_rounded_counts(found, base, each, cut, value) for each in (group, reference))
    return _quotient(own, other) if how == "ratio" else own - other


def _quotient(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator else float("nan")


def round_count(count: float) -> int:
    """Return a count to the nearest five, so that 3 and 7 are one away from theirs."""
    return BASE * int((count + BASE // 2) // BASE)


def show_count(count: int, disclosure: Disclosure) -> Number:
    """Return a count that is not withheld as it is shown."""
    return round_count(count) if disclosure == "round:5" else count


def show_total(count: int, disclosure: Disclosure) -> Number:
    """Return a count that no table has: `c` where it is small."""
    return WITHHELD if disclosure != "none" and 1 <= count <= SMALL else show_count(count, disclosure)
