"""What a flag says of its rank: how sure it is, what changed since the list before, and the ledger that proves it."""

from datetime import date
from typing import Literal

from targeting.serving.publishable import Published

Cause = Literal["model", "linkage", "feed_outage", "ageing_out", "new_evidence"]
RankCause = Literal[Cause, "other_families", "capacity"]


class Places(Published):
    """Ranks from `best` to `worst`, both included."""

    best: int
    worst: int


class RankRange(Published):
    """Between which ranks a family plausibly lies, and what that comes from, each source by itself.

    `by_models`: the ranks that this model and others as good in validation give. `by_unknowns`: what all that is not
    known could do together, in nine of ten cases. Each is None where there is nothing to tell it from. `why` says the
    same in sentences.
    """

    best: int
    worst: int
    by_models: Places | None
    by_unknowns: Places | None
    sentence: str
    why: tuple[str, ...]


class NewRecords(Published):
    """How many of the records behind one reason were not known of anybody as of the list before."""

    indicator: str
    records: int
    sentence: str


class Change(Published):
    """What changed since the list before, that of `since`, with its `rank_before`.

    `newly_considered`: the list before was not drawn from this family; its rank is None then. `merged`: another family
    that it was drawn from has gone on as this one. `because` says what moved the family, in sentences.
    """

    since: date
    standing: Literal["considered", "merged", "newly_considered"]
    rank_before: int | None
    was_listed: bool
    new_records: tuple[NewRecords, ...]
    because: tuple[str, ...]
    sentence: str


class ReplayedValue(Published):
    """An indicator's value in a replay where it differs from the flag's own; None where it is unknown."""

    indicator: str
    value: float | None


class Replay(Published):
    """A family's margin after one more cause has come to bear, and its rank then among all who were ranked before.

    `values` are the indicators that differ from the flag's own, from which the margin comes out again.
    """

    cause: Cause
    margin: float
    rank: int
    values: tuple[ReplayedValue, ...]


class ScorePart(Published):
    """How far one cause moved the margin."""

    cause: Cause
    part: float


class RankPart(Published):
    """How many places one cause brought the family nearer to the line of the list, or past it; negative: further."""

    cause: RankCause
    places: int


class Before(Published):
    """Where a family stood on the list before: `family_id` is another's where that family has gone on as this one."""

    list_id: str
    family_id: str
    as_of_date: date
    margin: float
    rank: int
    capacity: int


class Ledger(Published):
    """What moved a family since the list before, a cause at a time in the order of `Cause`, the last being the present.

    Margins are whole multiples of 2^-40, so that their differences, and the sums of those, are exact: `score` sums to
    the margin now less that before, `places` to what `capacity` exceeds the rank by now less what it did before.
    """

    before: Before
    replays: tuple[Replay, ...]
    rank: int
    capacity: int
    score: tuple[ScorePart, ...]
    places: tuple[RankPart, ...]
