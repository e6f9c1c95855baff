"""What lists and decisions say of each ward: counts of families, none of a few people among them."""

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.fairness.tables import SMALL
from targeting.serving.district.withholding import COUNTED, COUNTS, PATTERNS, atoms_of, hidden_counts

_PER = 1000


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


def figures_of(
    seen: Sequence[FamilySeen],
    areas: Mapping[str, Sequence[str]],
    *,
    known: Sequence[Collection[str]] = (),
    withhold: bool = True,
) -> Mapping[str, AreaFigures]:
    """Return the figures of each area, which is named with its wards, and of the whole district under the name ``.

    Counts of one to five families are withheld, and more where one could be worked out: all areas by one plan of the
    audit's own engine, so that wards and clusters do not give each other away. `known` are groups of wards each of
    which some reader knows family by family: nor is anything to be worked out by one who takes those away. `withhold`
    is off for what is public.
    """
    wards = sorted({each.ward for each in seen} | {ward for held in areas.values() for ward in held})
    place = {ward: number for number, ward in enumerate(wards)}
    members = np.array([*([ward in held for ward in wards] for held in areas.values()), [True] * len(wards)])
    told = _Told(
        ward=np.array([place[each.ward] for each in seen], dtype=np.int64),
        pattern=np.array([PATTERNS.index((each.stage, each.offer)) for each in seen], dtype=np.int64),
        probability=_numbers(each.probability for each in seen),
        days=_numbers(each.days for each in seen),
        contact_days=_numbers(each.contact_days for each in seen),
        covered=_numbers(each.covered for each in seen),
    )
    hidden = np.zeros((len(members), len(COUNTS)), dtype=np.bool_)
    if withhold:
        groups = np.array([[ward in group for ward in wards] for group in known], dtype=np.bool_).reshape(
            -1, len(wards)
        )
        hidden = hidden_counts(atoms_of(told.ward, told.pattern, len(wards)), members, groups)
    return {
        name: _figures(name, told, node[told.ward], withheld)
        for name, node, withheld in zip((*areas, ""), members, hidden.tolist(), strict=True)
    }


@dataclass(frozen=True)
class _Told:
    """Families as arrays: the numbers of ward and pattern; estimate, days and coverage, NaN where there is none."""

    ward: NDArray[np.int64]
    pattern: NDArray[np.int64]
    probability: NDArray[np.float64]
    days: NDArray[np.float64]
    contact_days: NDArray[np.float64]
    covered: NDArray[np.float64]


def _numbers(values: Iterable[float | None]) -> NDArray[np.float64]:
    return np.array([math.nan if each is None else each for each in values], dtype=np.float64)


def _figures(area: str, told: _Told, own: NDArray[np.bool_], withheld: Sequence[bool]) -> AreaFigures:
    counted = COUNTED[told.pattern[own]].sum(axis=0).tolist()
    shown = {name: None if hide else count for name, count, hide in zip(COUNTS, counted, withheld, strict=True)}
    offered, contacted = shown["offered"], shown["contacted"]
    return AreaFigures(
        area=area,
        **shown,
        waiting=None if offered is None or contacted is None else offered - contacted,
        need=_of_enough(np.mean, _PER * told.probability[own], shown["considered"]),
        coverage=_of_enough(np.mean, 100 * told.covered[own], shown["considered"]),
        days=_of_enough(np.median, told.days[own], shown["decided"]),
        contact_days=_of_enough(np.median, told.contact_days[own], contacted),
    )


def _of_enough(
    middle: Callable[[NDArray[np.float64]], np.float64], values: NDArray[np.float64], rests_on: int | None
) -> float | None:
    """Return the middle of the values that there are; None where they are few, or the count behind them withheld."""
    held = values[~np.isnan(values)]
    return float(middle(held)) if rests_on is not None and len(held) > SMALL else None
