"""How an indicator's values lie over the families of a date, and of whom they are unknown. No small number is shown.

A number of one to five families is withheld (None). Where a single number is withheld, or those withheld sum to five or
fewer, the smallest that is left is withheld too, so that the total gives nothing away.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from targeting.fairness.definition import Policy
from targeting.fairness.disclosure import SMALL
from targeting.fairness.grouping import grouping
from targeting.features import Matrix
from targeting.features.matrix import Unknown
from targeting.store.generations import Generation
from targeting.training.audit_attributes import People, values_of
from targeting.training.audit_units import members_of, units

Masks = Mapping[str, NDArray[np.bool_]]
Groups = Mapping[str, Masks]

REASONS: Mapping[Unknown, str] = MappingProxyType(
    {
        Unknown.NOT_SHARED: "not shared",
        Unknown.NOT_COLLECTED: "not collected",
        Unknown.NOT_LINKED: "not linked",
        Unknown.EXPIRED: "agreement expired",
        Unknown.NOT_APPLICABLE: "not applicable",
    }
)
_SHARES = (0.0, 0.05, 0.10, 0.20, 0.50)
_QUARTERS = (0.0, 0.25, 0.50, 0.75)
_MOST = 4


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """How many families have which values of one indicator; None where a number is withheld.

    `values` and `unknown` count all `families` once each. `unknown_of_group` gives, by attribute and group, the share
    of families unknown among those with a member of the group; None where too few are known or unknown to say.
    """

    indicator: str
    families: int
    values: Mapping[str, int | None]
    unknown: Mapping[str, int | None]
    unknown_of_group: Mapping[str, Mapping[str, float | None]]

    def to_json(self) -> dict[str, Any]:
        """Return what is printed and written as evidence."""
        return asdict(self)


def withheld(counts: Sequence[int]) -> tuple[int | None, ...]:
    """Return counts of parts that sum to a known whole, those withheld None."""
    hidden = {place for place, count in enumerate(counts) if 0 < count <= SMALL}
    while hidden and (len(hidden) == 1 or sum(counts[place] for place in hidden) <= SMALL):
        left = [place for place, count in enumerate(counts) if place not in hidden and count > 0]
        if not left:
            break
        hidden.add(min(left, key=lambda place: (counts[place], place)))
    return tuple(None if place in hidden else count for place, count in enumerate(counts))


def withheld_by_group(of: Sequence[int], rest: Sequence[int]) -> tuple[int | None, ...]:
    """Return how many of each group are of it; None where they or the others of the group are few, or tell of few."""
    shown = [a if b is not None else None for a, b in zip(withheld(of), withheld(rest), strict=True)]
    left = [place for place, count in enumerate(shown) if count]
    if shown.count(None) == 1 and left:
        shown[min(left, key=lambda place: (of[place], place))] = None
    return tuple(shown)


def distributions(matrix: Matrix, groups: Groups = MappingProxyType({})) -> tuple[Distribution, ...]:
    """Return the distribution of each indicator over the rows of a matrix, all of one date."""
    return tuple(_distribution(matrix, place, groups) for place in range(len(matrix.names)))


def _distribution(matrix: Matrix, place: int, groups: Groups) -> Distribution:
    unknown = matrix.unknown[:, place]
    parts = _parts(matrix.values[unknown == 0, place])
    reasons = {words: int((unknown == reason).sum()) for reason, words in REASONS.items()}
    shown = withheld((*parts.values(), *reasons.values()))
    return Distribution(
        indicator=matrix.names[place],
        families=len(matrix),
        values=dict(zip(parts, shown, strict=False)),
        unknown=dict(zip(reasons, shown[len(parts) :], strict=True)),
        unknown_of_group={
            name: {group: _share(unknown != 0, mask) for group, mask in masks.items()} for name, masks in groups.items()
        },
    )


def _share(of: NDArray[np.bool_], among: NDArray[np.bool_]) -> float | None:
    """Return a share to the whole per cent; None where one to five families are, or are not, of it."""
    mine, whole = int((of & among).sum()), int(among.sum())
    if whole <= SMALL or 0 < mine <= SMALL or 0 < whole - mine <= SMALL:
        return None
    return round(mine / whole, 2)


def _parts(values: NDArray[np.float64]) -> dict[str, int]:
    """Return the known values in at most six parts: none and some, whole numbers, shares, or a fall and a rise."""
    if len(values) == 0:
        return {}
    if values.min() < 0:
        return {name: int((np.sign(values) == sign).sum()) for name, sign in (("fell", -1), ("same", 0), ("rose", 1))}
    if (values == np.rint(values)).all():
        return _whole_numbers(values)
    edges = _SHARES if values.max() <= 1 and np.median(values[values > 0]) < 1 / 2 else _QUARTERS
    return _between(values, edges if values.max() <= 1 else (0.0, *np.quantile(values, (0.25, 0.5, 0.75)).round(1)))


def _whole_numbers(values: NDArray[np.float64]) -> dict[str, int]:
    if values.max() <= 1:
        return {"no, or none": int((values == 0).sum()), "yes, or one": int((values == 1).sum())}
    counts = {f"{number}": int((values == number).sum()) for number in range(_MOST)}
    return {**counts, f"{_MOST} or more": int((values >= _MOST).sum())}


def _between(values: NDArray[np.float64], edges: Sequence[float]) -> dict[str, int]:
    """Return how many values are 0, then above each edge up to the next."""
    parts = {"0": int((values == 0).sum())}
    for low, high in zip(edges, (*edges[1:], np.inf), strict=True):
        name = f"above {low:g}" if high == np.inf else f"above {low:g}, to {high:g}"
        parts[name] = int(((values > low) & (values <= high)).sum())
    return parts


def family_groups(matrix: Matrix, generation: Generation, policy: Policy) -> Groups:
    """Return, by audited attribute and group, which rows' families have a member of it whom the policy counts.

    A family of children in two groups is in both. Attributes that cross others are left out; of several of one column
    the last declared is taken, for two groupings of the same people would tell what either withholds.
    """
    as_of = matrix.as_of_date.astype("datetime64[D]").astype(np.int32)
    members = members_of(matrix.family_id, as_of, generation.memberships())
    people = People(members, units(members, policy.unit), generation)
    last = {each.column: each for each in policy.audited if each.column is not None}
    columns = {each.name: each for each in last.values()}
    values = {name: values_of(each, people) for name, each in columns.items()}
    groups: dict[str, Masks] = {}
    for name, attribute in columns.items():
        found = grouping(attribute, values, columns)
        groups[name] = {
            group: np.bincount(people.persons.scored[found.code == code], minlength=len(matrix)) > 0
            for code, group in enumerate(found.names)
        }
    return groups
