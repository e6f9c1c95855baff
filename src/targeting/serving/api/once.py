"""Requests that may be sent again by a key of the client's: done once, and answered as before."""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from starlette.requests import Request

from targeting.serving.api.guard import reader_of
from targeting.serving.api.problems import InvalidPart, ProblemError, invalid_request
from targeting.serving.database.answered_once import AnotherRequestError, RequestKey, request_digest

IDEMPOTENCY = "Idempotency-Key"
_KEY = re.compile(r"[\x21-\x7e]{1,200}")

PARAMETER: dict[str, Any] = {
    "name": IDEMPOTENCY,
    "in": "header",
    "required": False,
    "description": "Any name for this request: sent again with it within a day, it is answered as before.",
    "schema": {"type": "string", "pattern": f"^{_KEY.pattern}$"},
    "example": "6f1ed002-ab5b-4f4e-9a5c-0d7c7a1b9f3e",
}


class UnderWay:
    """The keyed requests that one worker is answering now; other workers' take their turn at the database."""

    def __init__(self) -> None:
        self._names: set[tuple[str, str, str]] = set()
        self._lock = threading.Lock()

    @contextmanager
    def one_at_a_time(self, key: RequestKey | None) -> Iterator[None]:
        """Raise ProblemError where a request with this key is under way, or its key served another request."""
        if key is None:
            yield
            return
        name = key.client, key.subject, key.key
        with self._lock:
            if name in self._names:
                raise ProblemError("under-way", "The same request is being answered now.")
            self._names.add(name)
        try:
            yield
        except AnotherRequestError:
            raise ProblemError("key-used", "This Idempotency-Key was sent with another request.") from None
        finally:
            self._names.discard(name)


def request_key(request: Request, content: bytes, *, said: Mapping[str, str]) -> RequestKey | None:
    """Return by which key a request may be sent again, None where it names none; `content` stands for its body.

    `said` are the headers that belong to what it asks. Raises ProblemError where the key is none.
    """
    named = request.headers.get(IDEMPOTENCY)
    if named is None:
        return None
    if not _KEY.fullmatch(named):
        where = f"header.{IDEMPOTENCY}"
        raise invalid_request([InvalidPart(where=where, message="Has to be 1 to 200 printable ASCII characters")])
    reader = reader_of(request)
    digest = request_digest(request.method, request.url.path, content, said)
    return RequestKey(reader.client, reader.subject, named, digest)
