"""Every route's way in and out: who asks, whether they may, how often, for what; and the event that a view leaves."""

import math
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import replace
from typing import Any, TypeVar, cast

from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from targeting.serving.access.control import AccessControl
from targeting.serving.access.definition import Role
from targeting.serving.access.panels import panels_read
from targeting.serving.access.permissions import RIGHTS, Rule, rule_of
from targeting.serving.access.reader import NotAllowedError, Reader, check_may
from targeting.serving.access.tokens import Bearer, TokenError
from targeting.serving.api.conditional import conditional
from targeting.serving.api.problems import ProblemError
from targeting.serving.database.audit import Detail
from targeting.serving.database.sign_ins import Session, session_of
from targeting.serving.reading import Reading

COOKIE = "targeting-session"
PURPOSE = "targeting-purpose"
PAGES = "pages"
REALM = 'Bearer realm="targeting"'

Result = TypeVar("Result")
Handle = Callable[[Request], Awaitable[Response]]


class GuardedRoute(APIRoute):
    """A route with a rule. One without a rule cannot be made, so no service starts that has one."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request: by the guard of the app that the route became part of."""
        handle = super().get_route_handler()
        (method,) = sorted(self.methods or ())
        rule = rule_of(method, self.path)

        async def answer(request: Request) -> Response:
            guard: Guard = request.app.state.guard
            return await guard.answer(request, rule, handle)

        return answer


def reader_of(request: Request) -> Reader:
    """Return who asks; on a route whose rule lets nobody in unknown."""
    reader: Reader = request.state.reader
    return reader


def session_in(request: Request) -> Session:
    """Return the session of whoever asks for a page."""
    session: Session = request.state.session
    return session


def show(request: Request, *, what: str, families: Iterable[str], **details: Detail) -> None:
    """Return when the event that the answer shows some families is in the audit log.

    An answer that breaks off afterwards was not shown: the log then says more than was seen, never less.
    """
    guard: Guard = request.app.state.guard
    shown = tuple(dict.fromkeys(families))
    guard.keep(request, request.state.rule.action, what=what, families=shown, **details)
    request.state.is_shown, request.state.families = True, shown


async def answered_quickly(request: Request, answer: Callable[..., Result], *given: Any) -> Result:
    """Return what `answer` returns, which waits for nothing but the store.

    SQLite answers within a fraction of a millisecond: less than a change of thread takes. Another server is waited for
    in another thread.
    """
    guard: Guard = request.app.state.guard
    return answer(*given) if guard.is_store_local else await run_in_threadpool(answer, *given)


class NotShownError(Exception):
    """A route that shows families answered without saying so."""


class Guard:
    """Lets in whom the permission table lets in, and keeps what they saw."""

    def __init__(self, control: AccessControl, reading: Reading) -> None:
        self._control, self._reading = control, reading
        self.is_store_local = control.database.url.get_backend_name() == "sqlite"

    @property
    def control(self) -> AccessControl:
        """Return all that decides who may see what."""
        return self._control

    async def answer(self, request: Request, rule: Rule, handle: Handle) -> Response:
        """Return the route's answer, once the event of what it shows is durable."""
        if rule.scope is None:
            return await handle(request)
        reader = await (self._by_token(request) if rule.by == "token" else self._by_session(request))
        request.state.reader, request.state.rule, request.state.is_shown = reader, rule, False
        try:
            check_may(reader, rule)
            # After a new list or generation once: it may take a second, in which others are answered.
            if not self._reading.is_ready_for(reader):
                await run_in_threadpool(self._reading.make_ready_for, reader)
            response = await handle(request)
        except NotAllowedError as error:
            await run_in_threadpool(self.keep, request, f"refused {rule.action}")
            raise _not_allowed(str(error), rule) from None
        except ProblemError as problem:
            if rule.shows_families and problem.type.status == 409:
                await run_in_threadpool(self.keep, request, rule.action, answer=problem.type.slug)
            raise
        if rule.shows_families and response.status_code < 400 and not request.state.is_shown:
            raise NotShownError
        return conditional(request, response) if rule.by == "token" else response

    def keep(
        self, request: Request, action: str, *, what: str = "", families: tuple[str, ...] = (), **details: Detail
    ) -> None:
        """Return when the event that whoever asks did something is durable."""
        request_id = request.state.correlation_id
        did = reader_of(request).did(action, what=what, families=families, request_id=request_id, details=details)
        self._control.database.record(did)

    async def _by_token(self, request: Request) -> Reader:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unknown("The request brings no access token.", REALM)
        try:
            tokens = self._control.tokens
            bearer = tokens.checked(token)
            if bearer is None:
                bearer = await run_in_threadpool(tokens.check, token)
        except TokenError as error:
            raise _unknown(str(error), f'{REALM}, error="invalid_token", error_description="{error}"') from None
        self._check_rate(bearer)
        return replace(bearer.reader, purpose=_purpose(request, bearer))

    def _check_rate(self, bearer: Bearer) -> None:
        client = bearer.client
        wait = self._control.rates.wait(client.client_id, a_minute=client.requests_a_minute, now=time.monotonic())
        if wait > 0:
            headers = {"Retry-After": str(math.ceil(wait))}
            detail = f"The client may ask {client.requests_a_minute} times a minute."
            raise ProblemError("too-many-requests", detail, headers=headers)

    async def _by_session(self, request: Request) -> Reader:
        session = await run_in_threadpool(self._session, request.cookies.get(COOKIE, ""))
        if session is None:
            raise ProblemError("unauthenticated", "Nobody is signed in.")
        request.state.session = session
        role = cast(Role, session.person.role)
        return Reader(
            subject=session.person.subject,
            role=role,
            client=PAGES,
            scopes=RIGHTS[role].scopes,
            agency=session.person.agency,
            panels=panels_read(role, session.person.panels or None, self._control.panels),
        )

    def _session(self, secret: str) -> Session | None:
        database = self._control.database
        if not secret:
            return None
        with database.reading() as connection:
            return session_of(connection, secret, database.clock())


def _purpose(request: Request, bearer: Bearer) -> str:
    """Return for what a request is made: as its token says, else as its header says, else the client's only purpose."""
    named = bearer.purpose or request.headers.get(PURPOSE)
    allowed = bearer.client.purposes
    if named is None and len(allowed) == 1:
        return allowed[0]
    if named is None:
        raise ProblemError("purpose-not-allowed", f"The request does not say for what it is: {', '.join(allowed)}.")
    if named not in allowed:
        raise ProblemError("purpose-not-allowed", f"This client may ask for: {', '.join(allowed)}.")
    return named


def _unknown(detail: str, challenge: str) -> ProblemError:
    return ProblemError("unauthenticated", detail, headers={"WWW-Authenticate": challenge})


def _not_allowed(detail: str, rule: Rule) -> ProblemError:
    challenge = f'{REALM}, error="insufficient_scope", scope="{rule.scope}"'
    return ProblemError("not-allowed", detail, headers={"WWW-Authenticate": challenge} if rule.by == "token" else {})
