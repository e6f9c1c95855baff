"""The off switch: flags of a model suspended, and the suspension lifted, each kept for ever."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from targeting.serving.database.audit import instant
from targeting.serving.database.database import Writing
from targeting.serving.database.tables import suspensions


@dataclass(frozen=True)
class Suspension:
    """Since when the flags of a model are suspended, by whom, and why."""

    model: str
    since: datetime
    why: str
    by: str


def record_suspension(writing: Writing, *, model: str, is_suspended: bool, why: str, by: str) -> None:
    """Suspend the flags of a model, or lift the suspension."""
    row = {"seq": writing.seq, "at": instant(writing.at), "model": model, "why": why, "by_subject": by}
    writing.connection.execute(insert(suspensions).values(row | {"is_suspended": int(is_suspended)}))


def suspension_of(connection: Connection, model: str) -> Suspension | None:
    """Return the suspension of a model's flags; None where they hold."""
    asked = select(suspensions).where(suspensions.c.model == model).order_by(suspensions.c.seq.desc()).limit(1)
    found = connection.execute(asked).one_or_none()
    if found is None or not found.is_suspended:
        return None
    return Suspension(model, datetime.fromisoformat(found.at), found.why, found.by_subject)
