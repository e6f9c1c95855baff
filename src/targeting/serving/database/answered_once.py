"""Requests that may be sent again: what was answered the first time is answered again, and nothing is done twice."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert, select

from targeting.serving.database.audit import instant
from targeting.serving.database.database import Writing
from targeting.serving.database.tables import idempotency_keys

KEPT = timedelta(hours=24)
_TABLE = idempotency_keys


@dataclass(frozen=True)
class RequestKey:
    """By which name a client may send a request again, and a digest of what it asks."""

    client: str
    subject: str
    key: str
    request_digest: str


@dataclass(frozen=True)
class Answered:
    """What was answered to a request."""

    status: int
    etag: str
    body: bytes


class AnsweredBefore(Exception):  # noqa: N818 - no error: the first answer, which is sent again.
    """The request was answered before; nothing more is written."""

    def __init__(self, answered: Answered) -> None:
        super().__init__()
        self.answered = answered


class AnotherRequestError(Exception):
    """The key was used for another request."""


def request_digest(method: str, path: str, body: bytes, headers: Mapping[str, str]) -> str:
    """Return a digest of all that makes a request what it is."""
    told = json.dumps([method, path, dict(sorted(headers.items()))]).encode()
    return hashlib.sha256(told + b"\0" + body).hexdigest()


def check_not_answered(writing: Writing, key: RequestKey) -> None:
    """Raise AnsweredBefore where a request was answered already, AnotherRequestError where its key served another."""
    connection = writing.connection
    connection.execute(delete(_TABLE).where(_TABLE.c.expires_at <= instant(writing.at)))
    found = connection.execute(select(_TABLE).where(*_is(key))).one_or_none()
    if found is None:
        return
    if found.request_digest != key.request_digest:
        raise AnotherRequestError
    raise AnsweredBefore(Answered(found.status, found.etag, found.body.encode()))


def keep_answer(writing: Writing, key: RequestKey, answered: Answered) -> None:
    """Keep what is answered to a request for a day, in the transaction that does what it asks."""
    row: dict[str, Any] = {
        "client": key.client,
        "subject": key.subject,
        "key": key.key,
        "request_digest": key.request_digest,
        "status": answered.status,
        "etag": answered.etag,
        "body": answered.body.decode(),
        "expires_at": instant(writing.at + KEPT),
    }
    writing.connection.execute(insert(_TABLE).values(row))


def _is(key: RequestKey) -> tuple[Any, ...]:
    return _TABLE.c.client == key.client, _TABLE.c.subject == key.subject, _TABLE.c.key == key.key
