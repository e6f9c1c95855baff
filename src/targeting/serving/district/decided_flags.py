"""Which flags somebody has decided, as the district's figures need it: read once, then only what is new."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import NamedTuple

from targeting.serving.database.database import Database
from targeting.serving.database.decisions import changed_since
from targeting.serving.decisions import RecordedDecision

# So many revisions are read at once.
_AT_ONCE = 1000


@dataclass(frozen=True)
class DecidedFlag:
    """When a flag was first decided (UTC), and what its last revision says: without a word of what was written."""

    first_on: date
    has_outcome: bool
    awaits_contact: bool
    contacted_on: date | None


class _Revision(NamedTuple):
    """Which revision was read last."""

    sequence: int
    flag_id: str
    revision: int
    recorded_at: str


class DecidedFlags:
    """The decided flags of a store. One thread at a time may ask.

    Revisions are added and never changed, so what was read stays true as long as the last of it stands where it stood;
    where it does not, another store was put in its place, and everything is read anew.
    """

    def __init__(self) -> None:
        self._last: _Revision | None = None
        self._held: dict[str, DecidedFlag] = {}

    def now(self, database: Database) -> dict[str, DecidedFlag]:
        """Return every decided flag by its id, as of this moment: a new object where anything changed."""
        new = _after(self._last, database)
        if new is None:
            self._last, self._held = None, {}
            new = _after(None, database) or []
        if new:
            self._held = _with(self._held, new)
            self._last = _which(new[-1])
        return self._held


def _after(last: _Revision | None, database: Database) -> list[RecordedDecision] | None:
    """Return the revisions recorded after one, in order; None where that one is not there any more."""
    found: list[RecordedDecision] = []
    sequence = last.sequence - 1 if last else 0
    with database.reading() as connection:
        while some := changed_since(connection, sequence, limit=_AT_ONCE):
            found += some
            sequence = some[-1].sequence
    if last is None:
        return found
    return found[1:] if found and _which(found[0]) == last else None


def _which(recorded: RecordedDecision) -> _Revision:
    return _Revision(recorded.sequence, recorded.flag_id, recorded.revision, recorded.recorded_at.isoformat())


def _with(held: dict[str, DecidedFlag], new: list[RecordedDecision]) -> dict[str, DecidedFlag]:
    """Return the decided flags with some revisions more, which are in the order of recording."""
    told = dict(held)
    for flag_id, some in groupby(sorted(new, key=lambda each: each.flag_id), key=lambda each: each.flag_id):
        revisions = list(some)
        said, dates = revisions[-1].content, [each.recorded_at.date() for each in revisions]
        first_on = min([*dates, *([told[flag_id].first_on] if flag_id in told else [])])
        told[flag_id] = DecidedFlag(
            first_on=first_on,
            has_outcome=any(each.outcome != "not_known" for each in said.follow_ups),
            awaits_contact=said.awaits_contact,
            contacted_on=said.first_contact.contacted_on if said.first_contact else None,
        )
    return told
