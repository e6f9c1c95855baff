"""The move to a new case system on 1 April 2019: what came across, what was lost, who was entered twice.

Headers came: referrals with their closure, protection plans, letters before proceedings, periods of care, back to April
2015; what was open then bears that day. In-need plans still open were opened anew on the day of the move.
Contacts, assessments, enquiries and the plans of closed cases stayed behind, and so did some closed referrals, which
fitted no person. The old system's days of entry were lost: all that came was entered on the day of the move. Some
people whose old cases were closed were later taken down anew, under a second number.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from targeting.synthetic import identities
from targeting.synthetic.calendar import FIRST_DAY, HISTORY_START, NEVER, Days
from targeting.synthetic.columns import rows_where
from targeting.synthetic.episodes import Episodes, Referrals
from targeting.synthetic.identities import Register

# Assumptions: closed referrals that were lost; people with a closed old case who have a second number.
_LOST = 0.05
_TWO_NUMBERS = 0.06


def ended_on(rows: Referrals | Episodes) -> Days:
    """Return the day on which each case or episode ended; NEVER where it did not."""
    return np.minimum(rows.nfa_on, rows.closed_on) if isinstance(rows, Referrals) else rows.end


def ended_before(rows: Referrals | Episodes) -> NDArray[np.bool_]:
    """Return which cases and episodes had ended by the day of the move."""
    return np.asarray(ended_on(rows) < FIRST_DAY)


def referrals_that_came(referrals: Referrals, rng: np.random.Generator) -> Referrals:
    """Return the referrals that came across, entered on the day of the move, and those made since."""
    lost = ended_before(referrals) & ((rng.random(referrals.start.size) < _LOST) | (referrals.start < HISTORY_START))
    kept = rows_where(referrals, ~lost)
    return replace(
        kept,
        start=_since(kept.start, HISTORY_START),
        recorded=_entered(kept.start, kept.recorded),
        nfa_recorded=_entered(kept.nfa_on, kept.nfa_recorded),
        closed_recorded=_entered(kept.closed_on, kept.closed_recorded),
    )


def episodes_that_came(rows: Episodes, since: int = HISTORY_START) -> Episodes:
    """Return episodes with what had begun or ended by the day of the move entered on that day.

    What ended before `since` stayed behind; what began before it and went on bears that day.
    """
    kept = rows_where(rows, rows.end >= since)
    return replace(
        kept,
        start=_since(kept.start, since),
        recorded=_entered(kept.start, kept.recorded),
        end=np.where(kept.end == NEVER, NEVER, np.maximum(kept.end, _since(kept.start, since) + 1)).astype(np.int32),
        end_recorded=_entered(kept.end, kept.end_recorded),
    )


def _since(start: Days, since: int) -> Days:
    return np.maximum(start, since).astype(np.int32)


def _entered(event: Days, recorded: Days) -> Days:
    return np.where(event < FIRST_DAY, FIRST_DAY, recorded).astype(np.int32)


@dataclass(frozen=True)
class CaseNumbers:
    """The case system's people by their numbers; `old` holds those who have a second one, from the old system."""

    register: Register
    old: Register

    def references(self, person: NDArray[np.int64]) -> pa.Array:
        """Return the numbers under which people are worked with since the move."""
        return self.register.references(person)

    def of_rows(self, rows: Referrals | Episodes) -> pa.Array:
        """Return the numbers under which cases and episodes are held: what came across closed keeps the old one."""
        place = self.old.rows(rows.person)
        under_old = ended_before(rows) & (place >= 0)
        old = self.old.reference.take(pa.array(place, mask=~under_old))
        return pc.coalesce(old, self.references(rows.person))


def case_numbers(
    people: int,
    moved: Sequence[Referrals | Episodes],
    since: Sequence[tuple[NDArray[np.int64], Days]],
    rng: np.random.Generator,
) -> CaseNumbers:
    """Return everyone's numbers: `moved` holds what came across, `since` tells who was seen after the move and when.

    Nobody has two numbers whose case was open on the day of the move, or who was not seen again.
    """
    came, still_open, again = (np.zeros(people, bool) for _ in range(3))
    for rows in moved:
        old = rows.start < FIRST_DAY
        came[rows.person[old]] = True
        still_open[rows.person[old & ~ended_before(rows)]] = True
    for person, _ in since:
        again[person] = True
    twice = came & again & ~still_open & (rng.random(people) < _TWO_NUMBERS)
    once = np.flatnonzero(came & ~twice)
    day_of_move = (once, np.full(once.size, FIRST_DAY, np.int32))
    register = identities.register(people, [*since, day_of_move], "", 8, rng)
    both = np.flatnonzero(twice)
    return CaseNumbers(register, identities.register(people, [(both, np.full(both.size, FIRST_DAY))], "S", 7, rng))
