"""The ledger of a flag: what moved its margin and its place since the list before, each part summing exactly."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from targeting.models.bundle import Bundle
from targeting.serving.contents import IndicatorValue
from targeting.serving.moved import Before as StoodBefore
from targeting.serving.moved import Cause, Ledger, RankPart, Replay, ReplayedValue, ScorePart
from targeting.serving.past import Before, Standing
from targeting.serving.replays import CAUSES, Replays, in_steps

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ranked:
    """Where a family stands now: its values, its margin, its rank, and the capacity of its list."""

    values: Floats
    margin: float
    rank: int
    capacity: int


def ledgers(replays: Replays, ranked: Sequence[Ranked], standings: Sequence[Standing]) -> tuple[Ledger, ...]:
    """Return the ledger of each family, who was considered before, in the order of the replays' shard."""
    bundle = replays.week.made_from.bundle
    values = replays.values([each.family_id for each in standings])
    margins = {cause: bundle.margins(rows).tolist() for cause, rows in values.items()}
    before = _Before(replays.before, replays.margins_of_all_then(), replays.week.plan.names)
    made = []
    for row, (one, standing) in enumerate(zip(ranked, standings, strict=True)):
        reached = [_Reached(cause, values[cause][row], margins[cause][row]) for cause in CAUSES[:-1]]
        reached.append(_Reached(CAUSES[-1], one.values, one.margin))
        made.append(before.ledger(one, standing, reached))
    return tuple(made)


@dataclass(frozen=True)
class _Reached:
    """What a family has once a cause has come to bear."""

    cause: Cause
    values: Floats
    margin: float


@dataclass(frozen=True)
class _Before:
    """Everybody whom the list before was drawn from, by the model of now on the records of then."""

    before: Before
    margins: Floats
    names: Sequence[str]

    def ledger(self, ranked: Ranked, standing: Standing, reached: Sequence[_Reached]) -> Ledger:
        """Return the ledger of one family."""
        head = self.before.head
        stood = StoodBefore(
            list_id=head.id,
            family_id=standing.family_id,
            as_of_date=head.as_of_date,
            margin=in_steps(standing.margin),
            rank=standing.rank,
            capacity=head.capacity,
        )
        replays = tuple(self._replay(each, ranked, standing) for each in reached)
        return Ledger(
            before=stood,
            replays=replays,
            rank=ranked.rank,
            capacity=ranked.capacity,
            score=score_parts(stood, replays),
            places=rank_parts(stood, replays, rank=ranked.rank, capacity=ranked.capacity),
        )

    def _replay(self, reached: _Reached, ranked: Ranked, standing: Standing) -> Replay:
        return Replay(
            cause=reached.cause,
            margin=in_steps(reached.margin),
            rank=self._rank(reached.margin, standing.family_id),
            values=_different(self.names, reached.values, ranked.values),
        )

    def _rank(self, margin: float, family_id: str) -> int:
        """Return the rank that a family with this margin would have had among all others; equal ones by family."""
        family = self.before.family_id
        ahead = (self.margins > margin) | ((self.margins == margin) & (family < family_id))
        return 1 + int(np.count_nonzero(ahead & (family != family_id)))


def score_parts(before: StoodBefore, replays: Sequence[Replay]) -> tuple[ScorePart, ...]:
    """Return how far each cause moved the margin; exact, for margins are whole multiples of a power of two."""
    margins = [before.margin, *(each.margin for each in replays)]
    return tuple(
        ScorePart(cause=each.cause, part=after - earlier)
        for each, (earlier, after) in zip(replays, pairwise(margins), strict=True)
    )


def rank_parts(before: StoodBefore, replays: Sequence[Replay], *, rank: int, capacity: int) -> tuple[RankPart, ...]:
    """Return how many places each cause brought the family nearer to the line, then other families, then capacity."""
    ranks = [before.rank, *(each.rank for each in replays)]
    return (
        *(
            RankPart(cause=each.cause, places=earlier - after)
            for each, (earlier, after) in zip(replays, pairwise(ranks), strict=True)
        ),
        RankPart(cause="other_families", places=ranks[-1] - rank),
        RankPart(cause="capacity", places=capacity - before.capacity),
    )


def ledger_faults(
    ledger: Ledger, values: Sequence[IndicatorValue], margin: float, rank: int, bundle: Bundle
) -> Iterator[str]:
    """Yield what of a ledger does not come out again from the values that it stores."""
    before, replays = ledger.before, ledger.replays
    if tuple(each.cause for each in replays) != CAUSES or ledger.rank != rank:
        yield "the ledger does not lead from the list before to the flag"
        return
    rows = np.array([_row(values, each) for each in replays])
    if [in_steps(each) for each in bundle.margins(rows).tolist()] != [each.margin for each in replays]:
        yield "a margin of the ledger comes out different"
    if replays[-1].margin != in_steps(margin):
        yield "the ledger does not end at the margin"
    if ledger.score != score_parts(before, replays):
        yield "the parts of the ledger come out different"
    if ledger.places != rank_parts(before, replays, rank=ledger.rank, capacity=ledger.capacity):
        yield "the places of the ledger come out different"
    if math.fsum(each.part for each in ledger.score) != replays[-1].margin - before.margin:
        yield "the parts of the ledger do not sum"


def _row(values: Sequence[IndicatorValue], replay: Replay) -> list[float]:
    own = {each.name: each.value for each in values}
    own |= {each.indicator: each.value for each in replay.values}
    return [math.nan if value is None else value for value in own.values()]


def _different(names: Sequence[str], row: Floats, own: Floats) -> tuple[ReplayedValue, ...]:
    differs = np.flatnonzero(~((row == own) | (np.isnan(row) & np.isnan(own))))
    return tuple(
        ReplayedValue(indicator=names[place], value=None if np.isnan(row[place]) else float(row[place]))
        for place in differs.tolist()
    )


def cause_of(ledger: Ledger, cause: Cause) -> tuple[float, int]:
    """Return how far a cause moved the margin, and how many places."""
    part = next(each.part for each in ledger.score if each.cause == cause)
    return part, next(each.places for each in ledger.places if each.cause == cause)
