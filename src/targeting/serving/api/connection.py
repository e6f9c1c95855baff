"""One connection by HTTP/1.1: what cannot be read is told as a problem, and one that asks nothing is ended."""

import asyncio
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from targeting.serving.api.problem_types import PROBLEM_TYPES
from targeting.serving.api.problems import ProblemError, problem_response
from targeting.serving.api.security import make_nonce, security_headers

# As long as a body may take: whoever sends less than a request's head in it keeps no connection.
SECONDS_FOR_HEAD = 30.0


class Connection(H11Protocol):
    """What uvicorn reads requests with. Until a request is whole there is none that the app could answer."""

    _due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin, and wait for a head."""
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on. A head that is not whole yet has as long as the first one had."""
        super().data_received(data)
        self._look_at_head()

    def on_response_complete(self) -> None:
        """Go on with what was sent behind the request that is answered now."""
        super().on_response_complete()
        self._look_at_head()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's own words.
        """Tell that what came cannot be read, unless something is being answered: then no more can be said."""
        self._refuse("unreadable-request")

    def _look_at_head(self) -> None:
        if self.conn.their_state is not h11.IDLE or self.transport.is_closing() or self._is_kept_alive():
            self._stop_waiting()
        elif self._due is None:
            self._wait_for_head()

    def _is_kept_alive(self) -> bool:
        """Return whether uvicorn itself ends the connection, for nothing has come since the last answer."""
        return self.timeout_keep_alive_task is not None and not self._has_begun()

    def _has_begun(self) -> bool:
        return bool(self.conn.trailing_data[0])

    def _wait_for_head(self) -> None:
        self._due = self.loop.call_later(SECONDS_FOR_HEAD, self._end_waiting)

    def _stop_waiting(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _end_waiting(self) -> None:
        self._due = None
        if self._has_begun():
            self._refuse("too-slow")
        else:
            self.transport.close()

    def _refuse(self, slug: str) -> None:
        # Where an answer has begun, or only its head was asked for, h11 lets no other follow.
        with suppress(h11.LocalProtocolError):
            self._send(ProblemError(slug, PROBLEM_TYPES[slug].explanation))
        self.transport.close()

    def _send(self, problem: ProblemError) -> None:
        correlation_id = str(uuid4())
        self.logger.warning("%s: no request was read, %s", problem.type.slug, correlation_id)
        surrounding = {**security_headers(make_nonce()), "x-correlation-id": correlation_id, "connection": "close"}
        response = problem_response(problem, instance=f"urn:uuid:{correlation_id}", headers=surrounding)
        status = HTTPStatus(response.status_code)
        head = h11.Response(status_code=status, headers=response.raw_headers, reason=status.phrase.encode())
        for event in (head, h11.Data(data=bytes(response.body)), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
