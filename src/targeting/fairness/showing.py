"""From estimates to what is shown: withheld where the disclosure plan says so, rounded where the policy does."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from targeting.fairness.counts import Counts, round_counts
from targeting.fairness.definition import ALL, Disclosure
from targeting.fairness.estimates import Estimate, Measured, estimate_rounded
from targeting.fairness.grouping import Grouping
from targeting.fairness.metrics import (
    AT_A_CUT,
    COMPARED,
    COUNTS,
    OF_SCORES,
    OVERALL,
    RATES,
    split_comparison,
)
from targeting.fairness.results import WITHHELD, AttributeResult, GroupResult, Number, Shown
from targeting.fairness.tables import SMALL
from targeting.fairness.withholding import Rows, Withheld

EVERYONE = "All"
WITHIN = 5


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

    @cached_property
    def about(self) -> Counts:
        """The counts with those that are told to within five as they are told; none lies beyond a wider one."""
        held, told, cuts = self.counts, self.withheld.least + WITHIN, self.counts.tp.shape[1]
        n, positives = (
            np.where(np.isnan(told[:, [at]]), exact, told[:, [at]]) for at, exact in ((0, held.n), (1, held.positives))
        )
        selected, tp = (
            np.where(np.isnan(part), exact, part)
            for part, exact in ((told[:, 2 : 2 + cuts], held.selected), (told[:, 2 + cuts :], held.tp))
        )
        positives, selected = np.minimum(positives, n), np.minimum(selected, n)
        least = np.maximum(positives + selected - n, 0)
        return Counts(n, positives, selected, np.clip(tp, least, np.minimum(positives, selected)))

    @cached_property
    def estimates_about(self) -> Mapping[str, Estimate]:
        """The metrics as they follow from the counts as they are told."""
        return estimate_rounded(self.measured, self.about)

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
    is_about = found.withheld.is_about(metric, group, cut)
    if metric in COUNTS:
        counts = found.about if is_about else found.counts
        return Shown(
            value=show_count(int(counts.of(metric)[group, cut]), disclosure), within=WITHIN if is_about else None
        )
    estimate, at = (found.estimates_about if is_about else found.estimates)[metric], (group, cut)
    value, lower, upper = (column[at] for column in (estimate.value, estimate.lower, estimate.upper))
    digits = _digits(metric, disclosure)
    bounded = np.isfinite(lower) and np.isfinite(upper) and np.isfinite(value)
    return Shown(
        value=_number(value, digits),
        lower=_number(lower, digits) if bounded else None,
        upper=_number(upper, digits) if bounded else None,
        method=str(estimate.method[at]) if bounded else None,
        within=WITHIN if is_about else None,
    )


def _base(metric: str) -> str:
    return metric if metric in OF_SCORES or metric in RATES else split_comparison(metric)[0]


def _digits(metric: str, disclosure: Disclosure) -> int:
    """Return how finely a metric is shown: one of scores more coarsely, as exact scores would tell who is who."""
    if _base(metric) not in OF_SCORES or disclosure == "none":
        return 8
    return 2 if disclosure == "round:5" else 3


def _number(value: np.floating | float, digits: int) -> float | None:
    return round(float(value), digits) + 0.0 if np.isfinite(value) else None


def show_count(count: int, disclosure: Disclosure) -> Number:
    """Return a count that is not withheld as it is shown."""
    return int(round_counts(np.array(float(count)))) if disclosure == "round:5" else count


def show_total(count: int, disclosure: Disclosure) -> Number:
    """Return a count that no table has: `c` where it is small."""
    return WITHHELD if disclosure != "none" and 1 <= count <= SMALL else show_count(count, disclosure)
