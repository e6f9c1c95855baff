"""Objections in the store: revisions are added and never changed, each beside its audit event."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, insert, select

from targeting.errors import TargetingError
from targeting.serving.database.audit import instant
from targeting.serving.database.database import Writing
from targeting.serving.database.tables import objections

State = Literal["open", "upheld", "refused"]
IN_FORCE: tuple[State, ...] = ("open", "upheld")


@dataclass(frozen=True, kw_only=True)
class Objection:
    """One revision of a person's objection. Who it is stands here by pseudonym, and nowhere else."""

    number: int
    revision: int
    recorded_at: datetime
    person_id: str
    record_id: str
    state: State
    recorded_by: str
    because: str


@dataclass(frozen=True)
class Signed:
    """Who records something, in which role."""

    subject: str
    role: str


def record_objection(writing: Writing, *, person_id: str, record_id: str, by: Signed) -> Objection:
    """Return a new objection, open. Raises TargetingError where the person has one in force already."""
    for each in known_objections(writing.connection, writing.at):
        if each.state in IN_FORCE and person_id == each.person_id:
            raise TargetingError(f"this person's objection {each.number} is {each.state} already; it holds.")
    row = {"number": writing.seq, "revision": 1, "person_id": person_id, "record_id": record_id}
    return _add(writing, {**row, "state": "open", "because": ""}, by)


def decide_objection(writing: Writing, number: int, state: State, *, because: str, by: Signed) -> Objection:
    """Return an objection's next revision. Raises TargetingError where there is none of that number."""
    held = {each.number: each for each in known_objections(writing.connection, writing.at)}
    if number not in held:
        those = f"Those taken down: {', '.join(map(str, held))}." if held else "None was taken down yet."
        raise TargetingError(f"there is no objection {number}. {those}")
    last = held[number]
    row = {"number": number, "revision": last.revision + 1, "person_id": last.person_id, "record_id": last.record_id}
    return _add(writing, {**row, "state": state, "because": because}, by)


def known_objections(connection: Connection, at: datetime) -> tuple[Objection, ...]:
    """Return the last revision of each objection that was recorded by a moment, by number."""
    asked = select(objections).where(objections.c.at <= instant(at)).order_by(objections.c.seq)
    last = {row.number: _objection(row._asdict()) for row in connection.execute(asked)}
    return tuple(last[number] for number in sorted(last))


def _add(writing: Writing, own: dict[str, Any], by: Signed) -> Objection:
    row = {**own, "seq": writing.seq, "at": instant(writing.at), "by_subject": by.subject, "by_role": by.role}
    writing.connection.execute(insert(objections).values(row))
    return _objection(row)


def _objection(row: dict[str, Any]) -> Objection:
    return Objection(
        number=row["number"],
        revision=row["revision"],
        recorded_at=datetime.fromisoformat(row["at"]),
        person_id=row["person_id"],
        record_id=row["record_id"],
        state=row["state"],
        recorded_by=row["by_subject"],
        because=row["because"],
    )
