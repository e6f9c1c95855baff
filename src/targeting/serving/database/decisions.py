"""Decisions in the store: revisions are added and never changed, each beside its audit event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select

from targeting.serving.database.audit import instant
from targeting.serving.database.database import Writing
from targeting.serving.database.panel import check_no_conflict, open_correction
from targeting.serving.database.tables import decisions
from targeting.serving.decisions import Decision, RecordedDecision

UNDECIDED = 0


class StaleRevisionError(Exception):
    """Somebody else recorded a revision since the one that was read; `current` is the last one's number."""

    def __init__(self, current: int) -> None:
        super().__init__()
        self.current = current


@dataclass(frozen=True, kw_only=True)
class NewDecision:
    """What is to be recorded: of which flag, by whom, instead of which revision (0: none yet)."""

    flag_id: str
    list_id: str
    family_id: str
    subject: str
    role: str
    instead_of: int
    content: Decision


def record_decision(writing: Writing, new: NewDecision) -> RecordedDecision:
    """Return the new revision; a wrong record that it names becomes a task.

    Raises StaleRevisionError where `instead_of` is not the last one any more, ConflictError where whoever decides has
    a conflict of interest with the family.
    """
    held = revisions(writing.connection, new.flag_id)
    last = held[-1].revision if held else UNDECIDED
    if last != new.instead_of:
        raise StaleRevisionError(last)
    check_no_conflict(writing.connection, new.family_id, new.subject)
    row = {
        "flag_id": new.flag_id,
        "revision": last + 1,
        "seq": writing.seq,
        "at": instant(writing.at),
        "list_id": new.list_id,
        "family_id": new.family_id,
        "by_subject": new.subject,
        "by_role": new.role,
        "owner": new.content.owner,
        "content": new.content.model_dump_json(),
    }
    writing.connection.execute(insert(decisions).values(row))
    # A revision that says the same of the same record asks for nothing new.
    correction, before = new.content.correction, held[-1].content.correction if held else None
    if correction is not None and correction != before:
        open_correction(writing, correction, flag_id=new.flag_id, family_id=new.family_id, subject=new.subject)
    return _recorded(row)


def revision_of(connection: Connection, flag_id: str) -> int:
    """Return the number of a flag's last revision; 0 where nothing is decided yet."""
    asked = _of(flag_id).with_only_columns(decisions.c.revision).order_by(None)
    found = connection.execute(asked.order_by(decisions.c.revision.desc()).limit(1)).scalar_one_or_none()
    return UNDECIDED if found is None else found


def revisions(connection: Connection, flag_id: str) -> tuple[RecordedDecision, ...]:
    """Return every revision of a flag's decision, the first one first."""
    return tuple(_recorded(row._asdict()) for row in connection.execute(_of(flag_id)))


def decisions_on(connection: Connection, flag_ids: Sequence[str]) -> Mapping[str, tuple[RecordedDecision, ...]]:
    """Return every revision of some flags' decisions by flag, the first one first; nothing of those undecided."""
    found: dict[str, list[RecordedDecision]] = {each: [] for each in flag_ids}
    asked = select(decisions).where(decisions.c.flag_id.in_(list(flag_ids))).order_by(decisions.c.revision)
    for row in connection.execute(asked):
        found[row.flag_id].append(_recorded(row._asdict()))
    return {each: tuple(held) for each, held in found.items()}


def last_decisions_of(connection: Connection, family_ids: Sequence[str]) -> Mapping[str, tuple[RecordedDecision, ...]]:
    """Return the decision that holds of every flag that some families ever had, by family, the latest one first."""
    asked = select(decisions).where(decisions.c.family_id.in_(list(family_ids))).order_by(decisions.c.seq)
    last: dict[str, dict[str, RecordedDecision]] = {each: {} for each in family_ids}
    for row in connection.execute(asked):
        last[row.family_id].pop(row.flag_id, None)
        last[row.family_id][row.flag_id] = _recorded(row._asdict())
    return {family: tuple(reversed(held.values())) for family, held in last.items()}


def changed_since(connection: Connection, seq: int, *, limit: int) -> tuple[RecordedDecision, ...]:
    """Return the revisions recorded after the one of that sequence, in order: none is ever missed by who goes on so."""
    asked = select(decisions).where(decisions.c.seq > seq).order_by(decisions.c.seq).limit(limit)
    return tuple(_recorded(row._asdict()) for row in connection.execute(asked))


@dataclass(frozen=True)
class FamilyDecision:
    """What was last decided of one flag, and the family that it is of."""

    family_id: str
    recorded: RecordedDecision


def known_by(connection: Connection, at: datetime) -> tuple[FamilyDecision, ...]:
    """Return the last revision of each flag's decision that was recorded by a moment, in the order of recording."""
    asked = select(decisions).where(decisions.c.at <= instant(at)).order_by(decisions.c.seq)
    last = {row.flag_id: row for row in connection.execute(asked)}
    found = (FamilyDecision(row.family_id, _recorded(row._asdict())) for row in last.values())
    return tuple(sorted(found, key=lambda each: each.recorded.sequence))


def is_owner(connection: Connection, family_id: str, subject: str) -> bool:
    """Return whether the last decision on any flag of a family names somebody as who sees to it."""
    asked = select(decisions.c.flag_id, decisions.c.owner).where(decisions.c.family_id == family_id)
    last = {row.flag_id: row.owner for row in connection.execute(asked.order_by(decisions.c.revision))}
    return subject in last.values()


def _of(flag_id: str) -> Select[Any]:
    return select(decisions).where(decisions.c.flag_id == flag_id).order_by(decisions.c.revision)


def _recorded(row: Any) -> RecordedDecision:
    return RecordedDecision(
        flag_id=row["flag_id"],
        list_id=row["list_id"],
        revision=row["revision"],
        sequence=row["seq"],
        recorded_at=datetime.fromisoformat(row["at"]),
        recorded_by=row["by_subject"],
        role=row["by_role"],
        content=Decision.model_validate_json(row["content"]),
    )
