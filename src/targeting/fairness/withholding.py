"""Disclosure control of a whole audit: attributes made from one another are withheld together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.fairness.counts import Patterns
from targeting.fairness.definition import Attribute, Policy
from targeting.fairness.disclosure import People, Tables, withheld
from targeting.fairness.estimates import ENOUGH
from targeting.fairness.grouping import Grouping
from targeting.fairness.metrics import COMPARISONS, OF_RANKING, Count, counts_behind, split_comparison

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
    having few scores or few outcomes: there, with a tp withheld, such a metric is withheld too.
    """

    hidden: Mask
    telling: Mask
    reference: int | None

    def is_withheld(self, metric: str, group: int, cut: int) -> bool:
        """Return whether a metric rests on a count that is withheld, of the group or of what it is compared with."""
        if metric in COMPARISONS:
            metric = split_comparison(metric)[0]
            against = [] if self.reference is None else [self.reference]
            return any(self.is_withheld(metric, each, cut) for each in (group, *against))
        if metric in OF_RANKING and self.telling[group] and self.hidden[group, 2 + self._cuts :].any():
            return True
        return any(self._is_hidden(count, group, cut) for count in counts_behind(metric))

    @property
    def _cuts(self) -> int:
        return (self.hidden.shape[1] - 2) // 2

    def _is_hidden(self, count: Count, group: int, cut: int) -> bool:
        column = {"n": 0, "all_n": 0, "positives": 1, "negatives": 1}.get(count)
        if column is None:
            column = 2 + cut if count in ("selected", "not_selected", "all_selected") else 2 + self._cuts + cut
        return bool(self.hidden[-1 if count in ("all_n", "all_selected") else group, column])


def withhold(groupings: Sequence[Grouping], rows: Rows, policy: Policy) -> Mapping[str, Withheld]:
    """Return what to withhold of each attribute; nothing where the policy says that the data are public."""
    columns = 2 + 2 * rows.patterns.listed.shape[1]
    hidden = {each.attribute.name: np.zeros((len(each.names) + 1, columns), dtype=bool) for each in groupings}
    if policy.disclosure != "none":
        for family in _families(groupings):
            hidden |= _of_family(family, rows, policy)
    return {
        each.attribute.name: Withheld(hidden[each.attribute.name], _telling(each, rows), each.reference)
        for each in groupings
    }


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


def _of_family(family: Sequence[Grouping], rows: Rows, policy: Policy) -> dict[str, Mask]:
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
    )
    hidden = withheld(tables)
    ends = np.cumsum([len(masks) for masks in members])
    return {
        grouping.attribute.name: hidden[node_of[end - len(masks) : end]]
        for grouping, masks, end in zip(family, members, ends, strict=True)
    }


def _distinct(masks: Sequence[Mask]) -> tuple[Mask, Codes]:
    """Return the distinct masks, that of everyone last, and which one each is."""
    keys = [mask.tobytes() for mask in masks]
    everyone = np.ones_like(masks[0]).tobytes()
    ordered = [*dict.fromkeys(key for key in keys if key != everyone), everyone]
    distinct = np.array([np.frombuffer(key, dtype=bool) for key in ordered])
    return distinct, np.array([ordered.index(key) for key in keys], dtype=np.int64)


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
