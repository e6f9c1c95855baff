"""What surrounds every request: an id, the log, the figures, the headers, and the answer to what nobody foresaw."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from targeting.errors import TargetingError
from targeting.serving.api.answers import Answers
from targeting.serving.api.log import Log, where_raised
from targeting.serving.api.metrics import Metrics
from targeting.serving.api.problem_types import PROBLEM_TYPES
from targeting.serving.api.problems import ProblemError
from targeting.serving.api.security import is_named, make_nonce, security_headers

CORRELATION = "x-correlation-id"
NO_ROUTE = "none"
# Answered whatever is published.
ABOUT_NOBODY = ("/livez", "/metrics", "/openapi.json", "/problems", "/assets/")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
# What the log and the figures show where the client left before there was an answer.
CLIENT_LEFT = 499
# A line names so many families at most; the audit log names them all.
MOST_FAMILIES = 10


class BrokenOffError(Exception):
    """A response that had begun could not be finished; the log says why."""


@dataclass(frozen=True)
class Watch:
    """What a watched app answers, logs and counts with.

    `templates` has the address of each endpoint with its gaps unfilled (`/v1/flags/{flag_id}`). `check` raises
    TargetingError where nothing published may be shown any longer. `hashed` makes what stands for somebody in the log.
    """

    answers: Answers
    log: Log
    metrics: Metrics
    templates: Mapping[Any, str]
    check: Callable[[], None]
    hashed: Callable[[str], str]
    hosts: frozenset[str] = frozenset()

    def route_of(self, scope: Scope) -> str:
        """Return the template that a request came to, never its own address: that has what the client sent."""
        return self.templates.get(scope.get("endpoint"), NO_ROUTE)


class Watching:
    """Surrounds an app. A request that came by no name of the service goes no further."""

    def __init__(self, app: ASGIApp, watch: Watch) -> None:
        self._app = app
        self._watch = watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; what is no request (start and stop of the server) goes on untouched."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, send, correlation_id=str(uuid4()), nonce=make_nonce())
        scope.setdefault("state", {}).update(correlation_id=exchange.correlation_id, csp_nonce=exchange.nonce)
        started = time.perf_counter()
        try:
            await self._answer(exchange, receive)
        finally:
            self._tell(exchange, time.perf_counter() - started)

    async def _answer(self, exchange: "_Exchange", receive: Receive) -> None:
        request = Request(exchange.scope, receive)
        try:
            if not is_named(request.headers.get("host", ""), self._watch.hosts):
                await self._send(exchange, request, receive, "misdirected")
                return
            if not request.scope["path"].startswith(ABOUT_NOBODY):
                self._watch.check()
            await self._app(exchange.scope, receive, exchange.send)
        except ClientDisconnect:
            return
        except TargetingError as fault:
            await self._watch.answers.to_fault(request, fault)(exchange.scope, receive, exchange.send)
        # Whatever is raised here is a bug: it is told where it was raised, and nothing of what it was about.
        except Exception as error:
            self._watch.log.error(
                "unexpected",
                error=type(error).__name__,
                raised=where_raised(error),
                correlation_id=exchange.correlation_id,
            )
            if exchange.status != CLIENT_LEFT:
                raise BrokenOffError from None
            await self._send(exchange, request, receive, "unexpected")

    async def _send(self, exchange: "_Exchange", request: Request, receive: Receive, slug: str) -> None:
        response = self._watch.answers.to(request, ProblemError(slug, PROBLEM_TYPES[slug].explanation))
        await response(exchange.scope, receive, exchange.send)

    def _tell(self, exchange: "_Exchange", seconds: float) -> None:
        method, route = exchange.method, self._watch.route_of(exchange.scope)
        self._watch.metrics.answered(method=method, route=route, status=exchange.status, seconds=seconds)
        self._watch.log.info(
            "request",
            method=method,
            route=route,
            status=exchange.status,
            milliseconds=round(seconds * 1000, 2),
            correlation_id=exchange.correlation_id,
            **self._whom(exchange.scope["state"]),
        )

    def _whom(self, state: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return who asked, and which families were shown, as keyed hashes; nothing where nobody was known."""
        reader = state.get("reader")
        if reader is None:
            return {}
        hashed, families = self._watch.hashed, state.get("families", ())
        told = {"client": hashed(reader.client), "subject": hashed(reader.subject)}
        shown = {"families": [hashed(each) for each in families[:MOST_FAMILIES]]} if families else {}
        return {**told, **shown}


class _Exchange:
    """One request and what was answered to it so far. A request for the head alone is asked as the whole."""

    def __init__(self, scope: Scope, send: Send, *, correlation_id: str, nonce: str) -> None:
        self.scope = scope
        self.correlation_id = correlation_id
        self.nonce = nonce
        self.status = CLIENT_LEFT
        self.method = scope["method"] if scope["method"] in METHODS else "other"
        self._send = send
        self._head_alone = scope["method"] == "HEAD"
        if self._head_alone:
            scope["method"] = "GET"

    async def send(self, message: Message) -> None:
        """Pass on a part of the response, with the headers that every response has."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers[CORRELATION] = self.correlation_id
            for name, value in security_headers(self.nonce).items():
                headers.setdefault(name, value)
        elif self._head_alone and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)
