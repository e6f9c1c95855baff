"""What lists and decisions say of each ward: counts of families, none of a few people among them."""

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.fairness.tables import SMALL
from targeting.serving.district.withholding import COUNTED, COUNTS, PATTERNS, atoms_of, hidden_counts

_PER = 1000

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class FamilySeen:
    """One family, told once: its ward (empty: none known), how far it came, and the days from its list to a decision.

    `offer`: 0 where no help was offered, 1 where it was, 2 where somebody also spoke with the family about it, so many
    days after its list (`contact_days`). `probability` is the calibrated one of the latest lists, `covered` which share
    of what their model asks of records some agency could tell; None where it is on none of them.
    """

    ward: str
    stage: int
    probability: float | None = None
    days: int | None = None
    offer: int = 0
    contact_days: int | None = None
    covered: float | None = None


@dataclass(frozen=True, kw_only=True)
class AreaFigures:
    """What is said of one area; None where it is withheld. `need` is of 1,000 families, by the lists' estimates.

    `coverage` is in per cent: of what is asked of records, how much agencies could tell, the mean of the families.
    `waiting` are those offered help with whom nobody has spoken yet, as far as is told. `days` and `contact_days` are
    the medians from a list's date to the decision and to the first contact, where they are of six families or more.
    """

    area: str
    considered: int | None
    flagged: int | None
    decided: int | None
    outcomes: int | None
    offered: int | None
    contacted: int | None
    waiting: int | None
    need: float | None
    coverage: float | None
    days: float | None
    contact_days: float | None


@dataclass(frozen=True)
class Families:
    """All families as arrays: the ward of each (empty: none known); estimate and coverage, NaN where there is none."""

    ward: NDArray[np.str_]
    probability: Numbers
    covered: Numbers


@dataclass(frozen=True)
class Areas:
    """What no decision changes of some areas, the whole district last, under the name ``.

    `ward` numbers the wards, `families` counts those of each, `members` says which wards make an area, `known` which
    are a group of wards that some reader knows family by family. `need` and `coverage` are of each area; None where
    they would be of a few.
    """

    names: tuple[str, ...]
    ward: Mapping[str, int]
    families: Ints
    members: Bools
    known: Bools
    need: tuple[float | None, ...]
    coverage: tuple[float | None, ...]


def figures_of(
    seen: Sequence[FamilySeen],
    areas: Mapping[str, Sequence[str]],
    *,
    known: Sequence[Collection[str]] = (),
    withhold: bool = True,
) -> Mapping[str, AreaFigures]:
    """Return the figures of each area, as `figures_on` does, of families that are all told one by one."""
    families = Families(
        ward=np.array([each.ward for each in seen], dtype=np.str_),
        probability=_numbers(each.probability for each in seen),
        covered=_numbers(each.covered for each in seen),
    )
    return figures_on(areas_of(families, areas, known=known), seen, withhold=withhold)


def areas_of(families: Families, areas: Mapping[str, Sequence[str]], *, known: Sequence[Collection[str]] = ()) -> Areas:
    """Return what no decision changes of each area, which is named with its wards, and of the whole district."""
    held, of = np.unique(families.ward, return_inverse=True)
    wards = sorted({*held.tolist(), *(ward for each in areas.values() for ward in each)})
    place = {ward: number for number, ward in enumerate(wards)}
    number = np.array([place[each] for each in held.tolist()], dtype=np.int64)[of]
    members = np.array([*([ward in held for ward in wards] for held in areas.values()), [True] * len(wards)])
    return Areas(
        names=(*areas, ""),
        ward=place,
        families=np.bincount(number, minlength=len(wards)),
        members=members,
        known=np.array([[ward in group for ward in wards] for group in known], dtype=np.bool_).reshape(-1, len(wards)),
        need=tuple(_of_enough(np.mean, _PER * families.probability[own[number]]) for own in members),
        coverage=tuple(_of_enough(np.mean, 100 * families.covered[own[number]]) for own in members),
    )


def figures_on(areas: Areas, seen: Sequence[FamilySeen], *, withhold: bool = True) -> Mapping[str, AreaFigures]:
    """Return the figures of each area; `seen` are the families that came further than to be considered.

    Counts of one to five families are withheld, and more where one could be worked out: all areas by one plan of the
    audit's own engine, so that wards and clusters do not give each other away. Nor is anything to be worked out by one
    who takes away the families of a group of wards that is known. `withhold` is off for what is public. What it takes
    does not depend on how many families there are.
    """
    told = _Told(
        ward=np.array([areas.ward[each.ward] for each in seen], dtype=np.int64),
        pattern=np.array([PATTERNS.index((each.stage, each.offer)) for each in seen], dtype=np.int64),
        days=_numbers(each.days for each in seen),
        contact_days=_numbers(each.contact_days for each in seen),
    )
    atoms = atoms_of(told.ward, told.pattern, areas.families)
    hidden = np.zeros((len(areas.members), len(COUNTS)), dtype=np.bool_)
    if withhold:
        hidden = hidden_counts(atoms, areas.members, areas.known)
    counted = (areas.members.astype(np.int64) @ atoms @ COUNTED).tolist()
    return {
        name: _figures(areas, node, told, counted[node], withheld)
        for node, (name, withheld) in enumerate(zip(areas.names, hidden.tolist(), strict=True))
    }


@dataclass(frozen=True)
class _Told:
    """Families as arrays: the numbers of ward and pattern; days until a decision, and a contact, NaN where none was."""

    ward: Ints
    pattern: Ints
    days: Numbers
    contact_days: Numbers


def _numbers(values: Iterable[float | None]) -> Numbers:
    return np.array([math.nan if each is None else each for each in values], dtype=np.float64)


def _figures(areas: Areas, node: int, told: _Told, counted: Sequence[int], withheld: Sequence[bool]) -> AreaFigures:
    shown = {name: None if hide else count for name, count, hide in zip(COUNTS, counted, withheld, strict=True)}
    offered, contacted, own = shown["offered"], shown["contacted"], areas.members[node][told.ward]
    return AreaFigures(
        area=areas.names[node],
        **shown,
        waiting=None if offered is None or contacted is None else offered - contacted,
        need=None if shown["considered"] is None else areas.need[node],
        coverage=None if shown["considered"] is None else areas.coverage[node],
        days=None if shown["decided"] is None else _of_enough(np.median, told.days[own]),
        contact_days=None if contacted is None else _of_enough(np.median, told.contact_days[own]),
    )


def _of_enough(middle: Callable[[Numbers], np.float64], values: Numbers) -> float | None:
    """Return the middle of the values that there are; None where they are few."""
    held = values[~np.isnan(values)]
    return float(middle(held)) if len(held) > SMALL else None
