"""The audit log: events that are only ever appended, each bound to the one before by a keyed hash."""

import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from targeting.errors import DataError
from targeting.serving.database.tables import audit_events

Detail = str | int | bool | None
BEFORE_THE_FIRST = "0" * 64
HEAD = select(audit_events.c.seq, audit_events.c.mac).order_by(audit_events.c.seq.desc()).limit(1)
INSERT = insert(audit_events)
_BOUND = tuple(column.name for column in audit_events.columns if column.name != "mac")


@dataclass(frozen=True, kw_only=True)
class AuditEvent:
    """Who did what, with which families, for what. No name, no text of a decision: pseudonyms and words alone.

    `what` is the id of a list, flag or family, or empty; `families` are all whose records were shown or written.
    """

    subject: str
    role: str
    client: str
    action: str
    what: str = ""
    families: tuple[str, ...] = ()
    purpose: str = ""
    request_id: str = ""
    details: Mapping[str, Detail] = field(default_factory=dict)


@dataclass(frozen=True)
class AuditHead:
    """The last event: what is copied elsewhere, so that a log cut short is noticed. Before the first, seq is 0."""

    seq: int
    mac: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.mac}"


NO_EVENT = AuditHead(0, BEFORE_THE_FIRST)


class AuditChain:
    """Appends events and checks them, with the key that binds them."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def append(self, connection: Connection, events: Sequence[AuditEvent], *, after: AuditHead, at: datetime) -> None:
        """Append events behind `after`, which is the head within the connection's own transaction."""
        connection.execute(INSERT, self.rows(events, after=after, at=at))

    def rows(self, events: Sequence[AuditEvent], *, after: AuditHead, at: datetime) -> list[dict[str, Any]]:
        """Return the rows of events behind `after`, each bound to the one before."""
        rows, head = [], after
        for each in events:
            row = _row(each, head, at)
            head = AuditHead(row["seq"], self.mac_of(row))
            rows.append({**row, "mac": head.mac})
        return rows

    def check(self, connection: Connection, heads: Iterable[AuditHead] = ()) -> AuditHead:
        """Return the head of a log that holds from its first event to its last, and contains the given heads.

        Raises DataError that names the first event that was changed, removed or forged, or the head that is missing.
        """
        found, wanted = NO_EVENT, {head.seq: head.mac for head in heads}
        streamed = connection.execution_options(yield_per=1000)
        for row in streamed.execute(select(audit_events).order_by(audit_events.c.seq)):
            found = self._checked(row, found)
            if not hmac.compare_digest(wanted.pop(found.seq, found.mac), found.mac):
                raise DataError(f"audit log: event {found.seq} is not the one that was published as its head.")
        missing = [seq for seq in wanted if seq > 0]
        if missing:
            raise DataError(f"audit log: it ends with event {found.seq}, but event {max(missing)} was once its head.")
        return found

    def mac_of(self, row: Mapping[str, Any]) -> str:
        """Return the keyed hash of one event's row, which holds the hash of the one before."""
        text = json.dumps([row[name] for name in _BOUND], ensure_ascii=False, separators=(",", ":"))
        return hmac.digest(self._key, text.encode(), "sha256").hex()

    def _checked(self, row: Row[Any], before: AuditHead) -> AuditHead:
        held = row._asdict()
        if held["seq"] != before.seq + 1:
            raise DataError(f"audit log: event {before.seq + 1} is missing.")
        is_whole = held["previous"] == before.mac and hmac.compare_digest(self.mac_of(held), held["mac"])
        if not is_whole:
            raise DataError(f"audit log: event {held['seq']} was changed, or was not written with this key.")
        return AuditHead(held["seq"], held["mac"])


def head_of(connection: Connection) -> AuditHead:
    """Return the last event of the log."""
    found = connection.execute(HEAD).one_or_none()
    return AuditHead(found.seq, found.mac) if found else NO_EVENT


def instant(at: datetime) -> str:
    """Return a moment as the store keeps it: UTC, to the microsecond, so that texts sort as moments do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _row(event: AuditEvent, before: AuditHead, at: datetime) -> dict[str, Any]:
    return {
        "seq": before.seq + 1,
        "at": instant(at),
        "subject": event.subject,
        "role": event.role,
        "client": event.client,
        "action": event.action,
        "what": event.what,
        "families": json.dumps(event.families),
        "purpose": event.purpose,
        "request_id": event.request_id,
        "details": json.dumps(dict(event.details), sort_keys=True),
        "previous": before.mac,
    }
