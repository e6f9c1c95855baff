"""A panel's work in the store, beside its decisions: first views, wrong records, meetings. Rows are only ever added."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from targeting.errors import TargetingError
from targeting.serving.corrections import CorrectionTask, Step, Taken
from targeting.serving.database.audit import instant
from targeting.serving.database.database import Writing
from targeting.serving.database.panel_tables import correction_steps, corrections, first_views, meeting_entries
from targeting.serving.decisions import Choice, Correction
from targeting.serving.meetings import CONTENT, Content, Entry, Meeting, check_takes, meeting_after

CONFLICT, WITHDRAWN = "conflict", "conflict_withdrawn"


class ConflictError(TargetingError):
    """Somebody would decide on a family with which they have a conflict of interest."""


def record_first_view(writing: Writing, *, flag_id: str, subject: str, view: Choice) -> Choice:
    """Return the view that somebody took of a flag before seeing its band: the first one, whatever is sent later."""
    held = first_view_of(writing.connection, flag_id, subject)
    if held is not None:
        return held
    row = {"flag_id": flag_id, "by_subject": subject, "seq": writing.seq, "at": instant(writing.at), "view": view}
    writing.connection.execute(insert(first_views).values(row))
    return view


def first_view_of(connection: Connection, flag_id: str, subject: str) -> Choice | None:
    """Return the view that somebody took of a flag; None before it."""
    asked = select(first_views.c.view).where(first_views.c.flag_id == flag_id, first_views.c.by_subject == subject)
    found: Choice | None = connection.execute(asked).scalar_one_or_none()
    return found


def first_views_by(connection: Connection, flag_ids: Sequence[str], subject: str) -> Mapping[str, Choice]:
    """Return the views that somebody took of some flags, by flag."""
    table = first_views
    asked = select(table.c.flag_id, table.c.view).where(table.c.flag_id.in_(flag_ids), table.c.by_subject == subject)
    return {row.flag_id: row.view for row in connection.execute(asked)}


def check_no_conflict(connection: Connection, family_id: str, subject: str) -> None:
    """Raise ConflictError where somebody has entered a conflict of interest with a family."""
    if family_id in conflicts_of(connection, subject, [family_id]):
        raise ConflictError("A conflict of interest with this family was entered, so somebody else decides.")


def conflicts_of(connection: Connection, subject: str, family_ids: Iterable[str]) -> frozenset[str]:
    """Return the families among some with which somebody has a conflict of interest that was not withdrawn."""
    held = conflicts_with(connection, family_ids)
    return frozenset(family for family, entries in held.items() if subject in standing_in(entries))


def conflicts_with(connection: Connection, family_ids: Iterable[str]) -> Mapping[str, tuple[Entry, ...]]:
    """Return who entered or withdrew a conflict of interest with which of some families, whatever the meeting."""
    table = meeting_entries
    asked = select(table).where(table.c.kind.in_([CONFLICT, WITHDRAWN]), table.c.family_id.in_(list(family_ids)))
    found: dict[str, tuple[Entry, ...]] = {}
    for row in connection.execute(asked.order_by(table.c.seq)):
        found[row.family_id] = (*found.get(row.family_id, ()), _entry(row._asdict()))
    return found


def standing_in(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Return whose conflicts of interest with one family stand, by all that was entered of it, in order."""
    last = {each.by: each.content.kind for each in entries}
    return tuple(who for who, kind in last.items() if kind == CONFLICT)


def enter(writing: Writing, meeting_id: str, content: Content, *, subject: str, role: str) -> Meeting:
    """Return the meeting after something more was entered. Raises ClosedError where it takes no more of it."""
    before = meeting_of(writing.connection, meeting_id)
    check_takes(before, content)
    row = {
        "seq": writing.seq,
        "meeting_id": meeting_id,
        "at": instant(writing.at),
        "by_subject": subject,
        "by_role": role,
        "kind": content.kind,
        "flag_id": getattr(content, "flag_id", ""),
        "family_id": getattr(content, "family_id", ""),
        "content": content.model_dump_json(),
    }
    writing.connection.execute(insert(meeting_entries).values(row))
    return meeting_after((*before.entries, _entry(row)))


def meeting_of(connection: Connection, meeting_id: str) -> Meeting:
    """Return a meeting; one of which nothing was entered is empty."""
    return meetings_of(connection, [meeting_id])[meeting_id]


def meetings_of(connection: Connection, meeting_ids: Sequence[str]) -> Mapping[str, Meeting]:
    """Return some meetings by id."""
    table = meeting_entries
    asked = select(table).where(table.c.meeting_id.in_(list(meeting_ids))).order_by(table.c.seq)
    rows = [row._asdict() for row in connection.execute(asked)]
    return {each: meeting_after(_entry(row) for row in rows if row["meeting_id"] == each) for each in meeting_ids}


def open_correction(writing: Writing, correction: Correction, *, flag_id: str, family_id: str, subject: str) -> None:
    """Open a task for the agency whose record is wrong."""
    row = {
        "seq": writing.seq,
        "at": instant(writing.at),
        "flag_id": flag_id,
        "family_id": family_id,
        "by_subject": subject,
        "agency": correction.agency,
        "what": correction.what,
    }
    writing.connection.execute(insert(corrections).values(row))


def take_step(writing: Writing, number: int, *, step: Step, note: str, subject: str) -> None:
    """Note what became of a correction."""
    row = {"seq": writing.seq, "correction": number, "at": instant(writing.at), "by_subject": subject}
    writing.connection.execute(insert(correction_steps).values(row | {"step": step, "note": note}))


def correction_tasks(connection: Connection) -> tuple[CorrectionTask, ...]:
    """Return every record said to be wrong, the first one first, with the steps since."""
    steps: dict[int, list[Taken]] = {}
    for row in connection.execute(select(correction_steps).order_by(correction_steps.c.seq)):
        taken = Taken(step=row.step, note=row.note, by=row.by_subject, at=datetime.fromisoformat(row.at))
        steps.setdefault(row.correction, []).append(taken)
    found = connection.execute(select(corrections).order_by(corrections.c.seq))
    return tuple(_task(row._asdict(), tuple(steps.get(row.seq, ()))) for row in found)


def _task(row: Mapping[str, Any], steps: tuple[Taken, ...]) -> CorrectionTask:
    return CorrectionTask(
        number=row["seq"],
        opened_at=datetime.fromisoformat(row["at"]),
        opened_by=row["by_subject"],
        flag_id=row["flag_id"],
        family_id=row["family_id"],
        agency=row["agency"],
        what=row["what"],
        steps=steps,
    )


def _entry(row: Mapping[str, Any]) -> Entry:
    return Entry(
        sequence=row["seq"],
        at=datetime.fromisoformat(row["at"]),
        by=row["by_subject"],
        role=row["by_role"],
        content=CONTENT.validate_json(row["content"]),
    )
