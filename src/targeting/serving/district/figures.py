"""What lists and decisions say of each ward: counts of families, none of a few people among them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.fairness.tables import SMALL, People, Tables
from targeting.fairness.within_five import plan_of

# How far one family came: considered, flagged, decided, with an outcome noted. Each holds all those after it.
STAGES = ("considered", "flagged", "decided", "outcomes")
_PER = 1000


@dataclass(frozen=True)
class FamilySeen:
    """One family, told once: its ward (empty: none known), how far it came, and the days from its list to a decision.

    `probability` is the calibrated one of the latest lists; None where it is on none of them.
    """

    ward: str
    stage: int
    probability: float | None = None
    days: int | None = None


@dataclass(frozen=True, kw_only=True)
class AreaFigures:
    """What is said of one area; None where it is withheld. `need` is of 1,000 families, by the lists' estimates.

    `days` is the median from a list's date to the decision, where at least six families were decided.
    """

    area: str
    considered: int | None
    flagged: int | None
    decided: int | None
    outcomes: int | None
    need: float | None
    days: float | None


def figures_of(
    seen: Sequence[FamilySeen], areas: Mapping[str, Sequence[str]], *, withhold: bool = True
) -> Mapping[str, AreaFigures]:
    """Return the figures of each area, which is named with its wards, and of the whole district under the name ``.

    Counts of one to five families are withheld, and more where one could be worked out: all areas by one plan of the
    audit's own engine, so that wards and clusters do not give each other away. `withhold` is off for what is public.
    """
    wards = sorted({each.ward for each in seen} | {ward for held in areas.values() for ward in held})
    place = {ward: number for number, ward in enumerate(wards)}
    members = np.array([*([ward in held for ward in wards] for held in areas.values()), [True] * len(wards)])
    told = _Told(
        ward=np.array([place[each.ward] for each in seen], dtype=np.int64),
        stage=np.array([each.stage for each in seen], dtype=np.int64),
        probability=np.array([_number(each.probability) for each in seen], dtype=np.float64),
        days=np.array([_number(each.days) for each in seen], dtype=np.float64),
    )
    hidden = _hidden(told.ward, told.stage, members) if withhold else np.zeros((len(members), len(STAGES)), np.bool_)
    return {
        name: _figures(name, told, node[told.ward], withheld)
        for name, node, withheld in zip((*areas, ""), members, hidden.tolist(), strict=True)
    }


@dataclass(frozen=True)
class _Told:
    """Families as arrays: the number of the ward, the stage, estimate and days, NaN where there is none."""

    ward: NDArray[np.int64]
    stage: NDArray[np.int64]
    probability: NDArray[np.float64]
    days: NDArray[np.float64]


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _hidden(ward: NDArray[np.int64], stage: NDArray[np.int64], members: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which counts to withhold, by area and stage.

    To the engine a family that was decided is a positive; flags and outcomes are cuts, one within the other.
    """
    flagged, decided, outcome = (stage >= each for each in (1, 2, 3))
    pattern = flagged.astype(np.int64) + outcome
    atoms = np.zeros((members.shape[1], 3, 2), dtype=np.int64)
    np.add.at(atoms, (ward, pattern, decided.astype(np.int64)), 1)
    of_atom = np.ravel_multi_index((ward, pattern, decided.astype(np.int64)), atoms.shape)
    families = np.arange(len(ward))
    tables = Tables(
        atoms=atoms,
        listed=np.array([[False, False], [True, False], [True, True]]),
        members=members,
        precious=np.zeros(len(members), dtype=np.bool_),
        precious_cuts=np.zeros(2, dtype=np.bool_),
        people=People(atom=of_atom, entity=families, cluster=families),
    )
    n, positives, flags, outcomes, decided_flags, decided_outcomes = plan_of(tables).hidden.T
    return np.array([n, flags, positives | decided_flags, outcomes | decided_outcomes]).T


def _figures(area: str, told: _Told, own: NDArray[np.bool_], withheld: Sequence[bool]) -> AreaFigures:
    stages = told.stage[own]
    counts = [int((stages >= stage).sum()) for stage in range(len(STAGES))]
    considered, flagged, decided, outcomes = (
        None if hide else count for count, hide in zip(counts, withheld, strict=True)
    )
    estimates, days = (each[own][~np.isnan(each[own])] for each in (told.probability, told.days))
    return AreaFigures(
        area=area,
        considered=considered,
        flagged=flagged,
        decided=decided,
        outcomes=outcomes,
        need=_PER * float(np.mean(estimates)) if considered is not None and len(estimates) > SMALL else None,
        days=float(np.median(days)) if decided is not None and len(days) > SMALL else None,
    )
