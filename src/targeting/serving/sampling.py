"""A sample of families without a place, heavier near the line: what a list alone can never tell."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from targeting.serving.published import PublishedList

# Strata by rank, in times the capacity: of each as many are drawn, so the few near the line more often.
BOUNDS = (2, 5, 20)
Z = 1.959963984540054


@dataclass(frozen=True)
class Stratum:
    """Families without a place from one rank up to another: how many, and how many of them are drawn."""

    first_rank: int
    last_rank: int
    families: int
    drawn: int
    probability: float


@dataclass(frozen=True)
class Drawn:
    """A family that is drawn for a person to look at, and how likely that was."""

    family_id: str
    rank: int
    inclusion_probability: float


@dataclass(frozen=True)
class Sample:
    """Who is drawn from one list. `reach` is half the 95 % interval of the share of need among those without a place.

    It is foreseen from the calibrated probabilities: no sample of this size can say it more exactly.
    """

    strata: tuple[Stratum, ...]
    drawn: tuple[Drawn, ...]
    reach: float


def draw_sample(on: PublishedList, size: int) -> Sample:
    """Return at most `size` families of a list that have no place and no rest, drawn by their ids: always the same.

    A stratified sample without replacement; the inclusion probability is drawn over all of the stratum.
    """
    aside = {flag.family_id for flag in on.flags} | {each.family_id for each in on.resting}
    ids = np.array(on.considered["family_id"].to_pylist(), dtype=np.str_)
    able = ~np.isin(ids, sorted(aside))
    rank = on.considered["rank"].to_numpy()[able]
    ids, probability = ids[able], on.considered["probability"].to_numpy()[able]
    number = np.searchsorted(np.array(BOUNDS) * max(on.head.capacity, 1), rank, side="left")
    groups = [np.flatnonzero(number == each) for each in range(len(BOUNDS) + 1)]
    sizes = _shared(size, [len(each) for each in groups])
    pairs = [(rows, drawn) for rows, drawn in zip(groups, sizes, strict=True) if len(rows)]
    chosen = [_first_by_draw(on.head.id, ids, rows, drawn) for rows, drawn in pairs]
    return Sample(
        strata=tuple(_stratum(rank, probability, rows, drawn) for rows, drawn in pairs),
        drawn=tuple(
            Drawn(str(ids[row]), int(rank[row]), drawn / len(rows))
            for (rows, drawn), those in zip(pairs, chosen, strict=True)
            for row in sorted(those, key=lambda one: int(rank[one]))
        ),
        reach=_reach([(len(rows), drawn, float(probability[rows].mean())) for rows, drawn in pairs]),
    )


def _shared(size: int, able: Sequence[int]) -> list[int]:
    """Return how many are drawn of each stratum: as many of each, more of others where one is small."""
    drawn = [0] * len(able)
    for _ in range(min(size, sum(able))):
        open_ones = [each for each in range(len(able)) if drawn[each] < able[each]]
        drawn[min(open_ones, key=lambda each: (drawn[each], each))] += 1
    return drawn


def _first_by_draw(list_id: str, ids: NDArray[np.str_], rows: NDArray[np.int64], drawn: int) -> list[int]:
    """Return the rows that come first when each draws a number that follows from list and family alone."""
    numbers = {row: blake2b(f"{list_id} {ids[row]}".encode(), digest_size=8).digest() for row in rows.tolist()}
    return sorted(numbers, key=numbers.__getitem__)[:drawn]


def _stratum(rank: NDArray[np.int64], probability: NDArray[np.float64], rows: NDArray[np.int64], drawn: int) -> Stratum:
    mean = float(probability[rows].mean())
    return Stratum(int(rank[rows].min()), int(rank[rows].max()), len(rows), drawn, mean)


def _reach(strata: Sequence[tuple[int, int, float]]) -> float:
    """Return half the width of the interval. Cochran, Sampling Techniques (1977), 5.6; 1 where none is drawn."""
    total = sum(families for families, _, _ in strata)
    # Where points order a list, no probability is known.
    if not total or any(not drawn or math.isnan(share) for _, drawn, share in strata):
        return 1.0
    variance = sum(
        (families / total) ** 2 * share * (1 - share) / drawn * (1 - drawn / families)
        for families, drawn, share in strata
    )
    return min(1.0, Z * math.sqrt(variance))
