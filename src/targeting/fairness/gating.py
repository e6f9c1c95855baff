"""Gating comparisons: each one's figures, verdict and sentence."""

from collections.abc import Mapping

import numpy as np

from targeting.fairness.definition import Gating, Policy
from targeting.fairness.metrics import split_comparison
from targeting.fairness.results import WITHHELD, GatingResult, Shown
from targeting.fairness.sentences import Words, sentence
from targeting.fairness.showing import Findings, show
from targeting.fairness.verdicts import Comparison, judge


def judge_gating(gate: Gating, found_of: Mapping[str, Findings], policy: Policy) -> GatingResult:
    """Return one comparison's result. The verdict rests on exact figures, and what is withheld stays so beside it."""
    found = found_of[gate.attribute]
    reference = found.grouping.attribute.reference or ""
    cut = policy.cuts.index(gate.cut)
    group, against = found.position(gate.group), found.position(reference)
    comparison = _comparison(gate, found, group, cut)
    verdict = judge(comparison)
    metric = split_comparison(gate.measure)[0]

    def shown(measure: str, at: int | None) -> Shown:
        present = at is not None and measure in found.estimates
        return show(found, measure, at or 0, cut, policy.disclosure) if present else Shown()

    estimate, own, other = shown(gate.measure, group), shown(metric, group), shown(metric, against)
    withheld = WITHHELD in (estimate.value, own.value, other.value)
    words = Words(
        people="children" if policy.unit == "child" else "people",
        group=found.words.get(gate.group, gate.group),
        reference=found.words.get(reference, reference),
        measure=gate.measure,
        cut=gate.cut,
        group_value=_float(own),
        reference_value=_float(other),
        withheld=withheld,
    )
    return GatingResult(
        attribute=gate.attribute,
        group=gate.group,
        reference=reference,
        measure=gate.measure,
        cut=gate.cut,
        limit=gate.limit,
        verdict=verdict,
        sentence=sentence(_as_shown(comparison, estimate), verdict, words),
        estimate=estimate,
        group_value=own,
        reference_value=other,
        smallest_detectable_gap=WITHHELD if withheld else _rounded(comparison.smallest_detectable_gap),
        reason=gate.reason,
    )


def _comparison(gate: Gating, found: Findings, group: int | None, cut: int) -> Comparison:
    estimate = found.estimates.get(gate.measure)
    is_ratio = split_comparison(gate.measure)[1] == "ratio"
    if estimate is None or group is None:
        return Comparison(value=None, lower=None, upper=None, limit=gate.limit, is_ratio=is_ratio)
    value, lower, upper = (
        float(column[group, cut]) if np.isfinite(column[group, cut]) else None
        for column in (estimate.value, estimate.lower, estimate.upper)
    )
    return Comparison(value=value, lower=lower, upper=upper, limit=gate.limit, is_ratio=is_ratio)


def _as_shown(comparison: Comparison, shown: Shown) -> Comparison:
    """Return the comparison with the figures that may be shown, so that a sentence has no other."""
    return Comparison(
        value=_float(shown),
        lower=shown.lower,
        upper=shown.upper,
        limit=comparison.limit,
        is_ratio=comparison.is_ratio,
    )


def _float(shown: Shown) -> float | None:
    return None if shown.value is None or shown.value == WITHHELD else float(shown.value)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 8)
