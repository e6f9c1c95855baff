"""The forward filter of a household's chain: what recorded evidence makes of its state, and what is to be expected.

A belief holds, for each household, the chance of every vulnerability, stage and combination of needs: shape (rows,
vulnerabilities, stages, needs). In a fortnight it is first weighed by the likelihood of what was seen in it, then it
moves: the needs by the stage before, the stage by the needs after. Sizes are free, so that a tiny chain can be
counted out by hand.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Move:
    """How some rows move in a fortnight, by vulnerability.

    `needs` is P(needs after | stage before, needs before), (vulnerabilities, stages, needs, needs); `stages` is
    P(stage after, and what was recorded of the change | stage before, needs after), (.., stages, needs, stages).
    """

    rows: Rows
    needs: Floats
    stages: Floats


@dataclass(frozen=True)
class Fortnight:
    """One fortnight: which rows enter with which prior, the likelihood of what was seen, how each row moves.

    Every row that has entered is in exactly one of `moves`.
    """

    entering: Rows
    prior: Floats
    likelihood: Floats
    moves: Sequence[Move]


def filtered(shape: tuple[int, int, int, int], fortnights: Iterable[Fortnight]) -> Floats:
    """Return the belief after some fortnights; zero for rows that never entered. Raises where evidence cannot be."""
    belief = np.zeros(shape)
    for fortnight in fortnights:
        belief[fortnight.entering] = fortnight.prior
        belief = moved(belief * fortnight.likelihood, fortnight.moves)
        belief = normalised(belief, np.concatenate([move.rows for move in fortnight.moves]))
    return belief


def moved(belief: Floats, moves: Sequence[Move]) -> Floats:
    """Return the belief a fortnight on; zero for the rows that no move names."""
    after = np.zeros_like(belief)
    for move in moves:
        by_stage = np.matmul(belief[move.rows].transpose(1, 2, 0, 3), move.needs)
        by_needs = np.matmul(by_stage.transpose(0, 3, 2, 1), move.stages.transpose(0, 2, 1, 3))
        after[move.rows] = by_needs.transpose(2, 0, 3, 1)
    return after


def normalised(belief: Floats, rows: Rows) -> Floats:
    """Return the belief with some rows summing to one. Raises ValueError where a row has no state left."""
    mass = belief[rows].sum(axis=(1, 2, 3))
    if not (mass > 0).all():
        raise ValueError(f"{int((mass <= 0).sum())} of {rows.size} households' records fit no state of the chain.")
    belief[rows] /= mass[:, None, None, None]
    return belief


def first_entries(
    belief: Floats, ahead: Iterable[Sequence[Move]], *, absorbing: int, stays: Floats | float = 1.0
) -> Floats:
    """Return the chance of a first entry into the stages from `absorbing` on, by row and fortnight ahead.

    What the belief holds in those stages already counts for nothing. `stays` is the chance that a household is still
    there at the end of a fortnight, of those at its start.
    """
    belief = belief.copy()
    belief[:, :, absorbing:] = 0.0
    entered = []
    for moves in ahead:
        belief = moved(belief, moves) * stays
        entered.append(belief[:, :, absorbing:].sum(axis=(1, 2, 3)))
        belief[:, :, absorbing:] = 0.0
    return np.stack(entered, axis=1)
