"""Disclosure control of a whole audit: attributes made from one another are withheld together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.fairness.counts import Patterns
from targeting.fairness.definition import Attribute, Policy
from targeting.fairness.estimates import ENOUGH
from targeting.fairness.grouping import Grouping
from targeting.fairness.metrics import COMPARISONS, OF_RANKING, Count, counts_behind, split_comparison
from targeting.fairness.tables import Comparison, People, Tables
from targeting.fairness.within_five import Plan, plan_of

Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]
Numbers = NDArray[np.float64]

FEWEST_SCORES = 50


@dataclass(frozen=True)
class Rows:
    """The rows counted: whose they are, in which family, their label, and how they are listed."""

    entity: Codes
    cluster: Codes
    label: Codes
    score: Numbers
    patterns: Patterns


@dataclass(frozen=True)
class Withheld:
    """What is withheld of one attribute: counts by (group, column), everyone last (columns as in `Tables`).

    `telling` marks groups in which the place of each outcome in the ranking can be read from a metric of the scores,
    having few scores or few outcomes: there, with a tp withheld, such a metric is withheld too. `least` is that of
    counts that are told to within five, NaN of others.
    """

    hidden: Mask
    least: Numbers
    telling: Mask
    reference: int | None

    @property
    def about(self) -> Mask:
        """Which counts are told to within five."""
        return np.isfinite(self.least)

    def is_withheld(self, metric: str, group: int, cut: int) -> bool:
        """Return whether a metric rests on a count that is withheld, of the group or of what it is compared with."""
        if metric in COMPARISONS:
            metric = split_comparison(metric)[0]
            against = [] if self.reference is None else [self.reference]
            return any(self.is_withheld(metric, each, cut) for each in (group, *against))
        covered = self.hidden | self.about
        if metric in OF_RANKING and self.telling[group] and covered[group, 2 + self._cuts :].any():
            return True
        return any(self._is_of(self.hidden, count, group, cut) for count in counts_behind(metric))

    def is_about(self, metric: str, group: int, cut: int) -> bool:
        """Return whether a metric rests on a count that is told to within five."""
        if metric in COMPARISONS:
            metric = split_comparison(metric)[0]
            against = [] if self.reference is None else [self.reference]
            return any(self.is_about(metric, each, cut) for each in (group, *against))
        return any(self._is_of(self.about, count, group, cut) for count in counts_behind(metric))

    @property
    def _cuts(self) -> int:
        return (self.hidden.shape[1] - 2) // 2

    def _is_of(self, mask: Mask, count: Count, group: int, cut: int) -> bool:
        everyones: dict[Count, int] = {"all_n": 0, "all_selected": 2 + cut}
        column = everyones.get(count, _column(count, cut, self._cuts))
        return bool(mask[-1 if count in ("all_n", "all_selected") else group, column])


def withhold(groupings: Sequence[Grouping], rows: Rows, policy: Policy) -> Mapping[str, Withheld]:
    """Return what to withhold of each attribute; nothing where the policy says that the data are public."""
    columns = 2 + 2 * rows.patterns.listed.shape[1]
    nothing = {each.attribute.name: np.zeros((len(each.names) + 1, columns), dtype=bool) for each in groupings}
    plans = {name: Plan(none, np.full(none.shape, np.nan)) for name, none in nothing.items()}
    if policy.disclosure != "none":
        for family in _families(groupings):
            plans |= _of_family(family, rows, policy)
    return {each.attribute.name: _withheld(each, plans[each.attribute.name], rows) for each in groupings}


def _withheld(each: Grouping, plan: Plan, rows: Rows) -> Withheld:
    return Withheld(plan.hidden, plan.least, _telling(each, rows), each.reference)


def _telling(each: Grouping, rows: Rows) -> Mask:
    groups = [each.code == group for group in range(len(each.names))] + [np.ones(len(each.code), dtype=bool)]
    return np.array([_tells(rows.score[group], rows.label[group]) for group in groups])


def _tells(score: Numbers, label: Codes) -> bool:
    positives = int(label.sum())
    return min(positives, len(label) - positives) < ENOUGH or len(np.unique(score)) < FEWEST_SCORES


def _families(groupings: Sequence[Grouping]) -> list[list[Grouping]]:
    """Return attributes in sets that share a column, straight or through an intersection."""
    columns = {each.attribute.name: each.attribute.column for each in groupings}
    families: list[tuple[set[str | None], list[Grouping]]] = []
    for each in groupings:
        made_of = _made_of(each.attribute, columns)
        joined = [family for family in families if family[0] & made_of]
        families = [family for family in families if not family[0] & made_of]
        together = made_of.union(*(family[0] for family in joined))
        families.append((together, [member for family in joined for member in family[1]] + [each]))
    return [members for _, members in families]


def _made_of(attribute: Attribute, columns: Mapping[str, str | None]) -> set[str | None]:
    return {columns[name] for name in attribute.intersection} or {attribute.column}


def _of_family(family: Sequence[Grouping], rows: Rows, policy: Policy) -> dict[str, Plan]:
    codes, classes = np.unique(np.column_stack([each.code for each in family]), axis=0, return_inverse=True)
    classes = classes.reshape(-1)
    members = [
        [codes[:, at] == group for group in range(len(grouping.names))] + [np.ones(len(codes), dtype=bool)]
        for at, grouping in enumerate(family)
    ]
    nodes, node_of = _distinct([mask for masks in members for mask in masks])
    listed = rows.patterns.listed
    atom = (classes * len(listed) + rows.patterns.of_row) * 2 + rows.label
    tables = Tables(
        atoms=np.bincount(atom, minlength=len(codes) * len(listed) * 2).reshape(len(codes), len(listed), 2),
        listed=listed,
        members=nodes,
        precious=_precious(family, node_of, len(nodes), policy),
        precious_cuts=np.isin(policy.cuts, [gating.cut for gating in policy.gating]),
        people=People(atom, rows.entity, rows.cluster),
        comparisons=_comparisons(family, node_of, policy) if policy.disclosure == "suppress" else (),
    )
    plan = plan_of(tables)
    ends = np.cumsum([len(masks) for masks in members])
    return {
        grouping.attribute.name: Plan(
            plan.hidden[node_of[end - len(masks) : end]], plan.least[node_of[end - len(masks) : end]]
        )
        for grouping, masks, end in zip(family, members, ends, strict=True)
    }


def _distinct(masks: Sequence[Mask]) -> tuple[Mask, Codes]:
    """Return the distinct masks, that of everyone last, and which one each is."""
    keys = [mask.tobytes() for mask in masks]
    everyone = np.ones_like(masks[0]).tobytes()
    ordered = [*dict.fromkeys(key for key in keys if key != everyone), everyone]
    distinct = np.array([np.frombuffer(key, dtype=bool) for key in ordered])
    return distinct, np.array([ordered.index(key) for key in keys], dtype=np.int64)


def _comparisons(family: Sequence[Grouping], node_of: Codes, policy: Policy) -> tuple[Comparison, ...]:
    """Return what each gating comparison of a family of attributes rests on: counts of the group and the reference."""
    starts = np.cumsum([0, *(len(each.names) + 1 for each in family)])
    found = []
    for gating in policy.gating:
        metric, cut = split_comparison(gating.measure)[0], policy.cuts.index(gating.cut)
        for grouping, start in zip(family, starts.tolist(), strict=False):
            if grouping.attribute.name == gating.attribute and gating.group in grouping.names:
                groups = [grouping.names.index(gating.group), grouping.reference]
                nodes = [int(node_of[start + group]) for group in groups if group is not None]
                columns = {_column(count, cut, len(policy.cuts)) for count in counts_behind(metric)} - {None}
                counts = frozenset((node, column) for node in nodes for column in columns if column is not None)
                all_groups = node_of[start : start + len(grouping.names)]
                found.append(Comparison(counts, tuple(all_groups.tolist())))
    return tuple(found)


def _column(count: Count, cut: int, cuts: int) -> int | None:
    """Return the column that shows a count of a group; None for one of everyone."""
    if count in ("all_n", "all_selected"):
        return None
    return {"n": 0, "positives": 1, "negatives": 1, "selected": 2 + cut, "not_selected": 2 + cut}.get(
        count, 2 + cuts + cut
    )


def _precious(family: Sequence[Grouping], node_of: Codes, nodes: int, policy: Policy) -> Mask:
    """Mark the groups that gating comparisons name and those that groups are compared with."""
    named = {(gating.attribute, gating.group) for gating in policy.gating}
    precious = np.zeros(nodes, dtype=bool)
    at = 0
    for grouping in family:
        for name in grouping.names:
            wanted = name == grouping.attribute.reference or (grouping.attribute.name, name) in named
            precious[node_of[at]] |= wanted
            at += 1
        at += 1
    return precious
