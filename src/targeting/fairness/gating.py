"""Gating comparisons: each one's figures, verdict and sentence."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from targeting.fairness.clusters import clusters
from targeting.fairness.counts import Counts, RoundedCounts, patterns
from targeting.fairness.definition import Gating, Policy
from targeting.fairness.estimates import Estimate, Measured, estimate, estimate_rounded
from targeting.fairness.intervals import z_of
from targeting.fairness.metrics import split_comparison
from targeting.fairness.results import WITHHELD, GatingResult, Shown, Verdict
from targeting.fairness.scoring import Spread
from targeting.fairness.sentences import Words, sentence
from targeting.fairness.showing import Findings, show
from targeting.fairness.verdicts import Comparison, judge

# The bounds of a level near 1 lie far out, and so need more draws than those of 95 %.
REPLICATES = 10_000


@dataclass(frozen=True)
class _Gate:
    """A gating comparison with what was found of its attribute; positions are None where a group has no row."""

    declared: Gating
    found: Findings
    policy: Policy
    judged: Estimate | None

    @property
    def cut(self) -> int:
        return self.policy.cuts.index(self.declared.cut)

    @property
    def reference(self) -> str:
        return self.found.grouping.attribute.reference or ""

    @property
    def position(self) -> int | None:
        return self.found.position(self.declared.group)

    def shown(self, measure: str, at: int | None) -> Shown:
        """Return a figure as it may be shown; nothing where a group has no row."""
        if at is None or measure not in self.found.estimates:
            return Shown()
        return show(self.found, measure, at, self.cut, self.policy.disclosure)

    def shown_as_judged(self) -> Shown:
        """Return the comparison with the interval by which it is judged, as it may be shown."""
        if self.position is None or self.judged is None:
            return Shown()
        everywhere = _everywhere(self.judged, self.found.counts.tp.shape)
        found = replace(self.found, estimates={**self.found.estimates, self.declared.measure: everywhere})
        return show(found, self.declared.measure, self.position, self.cut, self.policy.disclosure)

    def comparison(self) -> Comparison:
        """Return the exact figures, for the verdict."""
        empty = Comparison(value=None, lower=None, upper=None, limit=self.declared.limit, is_ratio=self._is_ratio)
        empty = replace(empty, z=z_of(self.policy.gating_level))
        if self.position is None or self.judged is None:
            return empty
        columns = (self.judged.value, self.judged.lower, self.judged.upper)
        value, lower, upper = (float(column[0, 0]) for column in columns)
        return replace(empty, value=_finite(value), lower=_finite(lower), upper=_finite(upper))

    @property
    def _is_ratio(self) -> bool:
        return split_comparison(self.declared.measure)[1] == "ratio"


def judge_gating(declared: Gating, found_of: Mapping[str, Findings], policy: Policy) -> GatingResult:
    """Return one comparison's result.

    The verdict rests on exact figures (on those of rounded counts, where such are shown) at the level of all
    comparisons together. Where a figure that it rests on is withheld it is `cannot tell`, whatever that figure is:
    nobody could check another one, and it would say something of the few.
    """
    found = found_of[declared.attribute]
    gate = _Gate(declared, found, policy, _judged(declared, found, policy))
    metric = split_comparison(declared.measure)[0]
    own, other = gate.shown(metric, gate.position), gate.shown(metric, found.position(gate.reference))
    alone, judged = gate.shown(declared.measure, gate.position), gate.shown_as_judged()
    withheld = WITHHELD in (own.value, other.value)
    comparison = gate.comparison()
    verdict: Verdict = "cannot tell" if withheld else judge(comparison)
    return GatingResult(
        attribute=declared.attribute,
        group=declared.group,
        reference=gate.reference,
        measure=declared.measure,
        cut=declared.cut,
        limit=declared.limit,
        verdict=verdict,
        sentence=sentence(_as_shown(comparison, judged), verdict, _words(gate, own, other)),
        estimate=alone,
        group_value=own,
        reference_value=other,
        judged=judged,
        level=round(policy.gating_level, 8),
        foreseen_gap=declared.detectable,
        smallest_detectable_gap=WITHHELD if withheld else _to_eight_digits(comparison.smallest_detectable_gap),
        reason=declared.reason,
    )


def _everywhere(alone: Estimate, shape: tuple[int, ...]) -> Estimate:
    """Return the estimate of one group at one cut as if of all."""
    columns = (alone.value, alone.lower, alone.upper, alone.method)
    return Estimate(*(np.broadcast_to(column[0, 0], shape) for column in columns))


def _judged(declared: Gating, found: Findings, policy: Policy) -> Estimate | None:
    """Return the comparison at the level of all together: the group first, then the reference, at its one cut."""
    group, reference = found.position(declared.group), found.grouping.reference
    if group is None or reference is None:
        return None
    alone = _of_two(found, group, reference, policy.cuts.index(declared.cut))
    names, level = [declared.measure], policy.gating_level
    rounded = _rounded(declared, found, (group, reference), policy)
    if rounded is not None:
        return estimate_rounded(alone, rounded, names, level=level)[declared.measure]
    return estimate(alone, names, level=level, replicates=REPLICATES)[declared.measure]


def _rounded(declared: Gating, found: Findings, two: tuple[int, int], policy: Policy) -> Counts | None:
    """Return the rounded counts that a comparison is to follow from; None where it follows from exact ones."""
    cut = policy.cuts.index(declared.cut)
    is_about = found.withheld.is_about(declared.measure, two[0], cut)
    if policy.disclosure != "round:5" and not is_about:
        return None
    of = found.about if is_about else RoundedCounts.of_exact(found.counts)
    kept = np.ix_([*two, two[0], -1], [cut])
    return type(of)(*(getattr(of, name)[kept] for name in ("n", "positives", "selected", "tp")))


def _of_two(found: Findings, group: int, reference: int, cut: int) -> Measured:
    """Return two groups, and all others as a third, at one cut: far fewer kinds of family to draw from."""
    rows, code = found.rows, found.grouping.code
    listed = patterns([rows.patterns.listed[rows.patterns.of_row, cut]])
    groups = np.where(code == group, 0, np.where(code == reference, 1, 2))
    kept = [group, reference, group, -1]
    return Measured(
        clusters=clusters(rows.cluster, groups, rows.label, listed, 3),
        scores={name: Spread(held.value[kept], held.influence[kept]) for name, held in found.measured.scores.items()},
        reference=1,
        seed=(*found.measured.seed, group, cut),
    )


def _words(gate: _Gate, own: Shown, other: Shown) -> Words:
    declared, found = gate.declared, gate.found
    names = [found.words.get(name, name) for name in (declared.group, gate.reference)]
    return Words(
        people="children" if gate.policy.unit == "child" else "people",
        group=names[0],
        reference=names[1],
        measure=declared.measure,
        cut=declared.cut,
        group_value=_float(own),
        reference_value=_float(other),
        withheld=tuple(name for name, shown in zip(names, (own, other), strict=True) if shown.value == WITHHELD),
        comparisons=len(gate.policy.gating),
        foreseen_gap=declared.detectable,
    )


def _as_shown(comparison: Comparison, shown: Shown) -> Comparison:
    """Return the comparison with the figures that may be shown, so that a sentence has no other."""
    return replace(comparison, value=_float(shown), lower=shown.lower, upper=shown.upper)


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _float(shown: Shown) -> float | None:
    return None if shown.value is None or shown.value == WITHHELD else float(shown.value)


def _to_eight_digits(value: float | None) -> float | None:
    return None if value is None else round(value, 8)
