"""Signing in and out of the pages. Whatever tells who somebody is ends in the same session."""

import os
import secrets
from datetime import timedelta
from typing import Any, cast
from urllib.parse import parse_qs

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from targeting.serving.access.definition import Role
from targeting.serving.access.openid import RETURN_PATH, OpenIdProvider, ProviderAwayError, SignInError
from targeting.serving.api.body import read_bounded
from targeting.serving.api.guard import COOKIE, PAGES, Guard, reader_of, session_in
from targeting.serving.api.problems import ProblemError
from targeting.serving.api.security import is_loopback
from targeting.serving.database.audit import AuditEvent
from targeting.serving.database.database import Database
from targeting.serving.database.sign_ins import (
    Person,
    Session,
    begin_session,
    begin_session_of,
    end_session,
    person_of_link,
)
from targeting.serving.pages.rendering import NO_STORE, Page, SignedIn, navigation_of, render
from targeting.serving.reading import Reading

# In the environment: the client's own secret, as the provider gave it out; none for a public client.
SECRET_VARIABLE = "TARGETING_SIGN_IN_SECRET"  # noqa: S105
# Keeps the secret of a sign-in that was begun, until the provider sends the browser back.
BEGUN_COOKIE = "targeting-sign-in"
SECONDS_TO_SIGN_IN = 600
BEGUN_PATH = "/sign-in"
GONE = (
    "Each sign-in link works once, within twelve hours. This one was used, its time is over, or part of it is missing. "
    "Ask whoever gave it to you for another."
)


class OtherSessionError(ProblemError):
    """A form that was not made for the session that sends it: another site may have sent it, or an older page."""

    def __init__(self) -> None:
        super().__init__("not-allowed", "The form was not made for this session. Open its page again.")


def signed_in_of(request: Request) -> SignedIn | None:
    """Return who reads a page; None on one that anybody may read."""
    session: Session | None = getattr(request.state, "session", None)
    if session is None:
        return None
    guard: Guard = request.app.state.guard
    person, role, read = session.person, cast(Role, session.person.role), reader_of(request).panels
    titles = tuple(guard.control.panels.get(each, each) for each in sorted(read)) if read is not None else None
    is_named = person.subject == guard.control.declared.protected_identities_manager
    navigation = navigation_of(role, is_named_manager=is_named)
    return SignedIn(person.subject, role.replace("_", " "), titles, session.csrf, navigation)


def check_csrf(request: Request, sent: str) -> None:
    """Raise OtherSessionError where a form does not carry its session's own token."""
    if sent != session_in(request).csrf:
        raise OtherSessionError


async def form_of(request: Request) -> dict[str, str]:
    """Return the fields of a form that was sent, the last of each name. Raises ProblemError where it is too large."""
    content = await read_bounded(request)
    return {name: values[-1] for name, values in parse_qs(content.decode("utf-8", "replace")).items()}


def add_sign_in(router: APIRouter, reading: Reading, *, district: str) -> None:
    """Add to the pages' routes how one signs in and out: by links, and by the OpenID provider that is declared."""
    declared, database = reading.declared, reading.database
    provider = None
    if declared.sign_in is not None:
        secret = os.environ.get(SECRET_VARIABLE, "")
        provider = OpenIdProvider(declared.sign_in, client_secret=secret, clock=database.clock)
    desk = SignInDesk(database, session_hours=declared.session_hours, provider=provider, district=district)
    # A link's secret may not stand where the provider sends people back to, so that address comes first.
    for path, endpoint in {"/sign-in": desk.begin, RETURN_PATH: desk.back, "/sign-in/{secret}": desk.sign_in}.items():
        router.add_api_route(path, endpoint, name=path, response_class=HTMLResponse, include_in_schema=False)
    router.add_api_route("/sign-out", desk.sign_out, methods=["POST"], include_in_schema=False)


class SignInDesk:
    """Opens sessions, by links that work once or by the district's OpenID provider, and ends them."""

    def __init__(
        self, database: Database, *, session_hours: int, provider: OpenIdProvider | None, district: str
    ) -> None:
        self._database, self._lasts = database, timedelta(hours=session_hours)
        self._provider, self._district = provider, district

    async def sign_in(self, request: Request) -> Response:
        """Return the way to the first page, with a session; a page that says so where the link does not hold."""
        secret, before = request.path_params["secret"], request.cookies.get(COOKIE, "")
        session = await run_in_threadpool(self._begin, secret, before, request.state.correlation_id)
        return self._opened(request, session) if session else self._gone()

    async def begin(self, request: Request) -> Response:
        """Return the way to the provider; the browser keeps a secret from which all follows that makes it safe."""
        if self._provider is None:
            raise HTTPException(404)
        secret = secrets.token_urlsafe(32)
        try:
            address = await run_in_threadpool(self._provider.address_for, secret)
        except ProviderAwayError as error:
            return self._refused(str(error), status=503)
        response = RedirectResponse(address, status_code=303, headers=NO_STORE)
        kept = _kept_by(request, BEGUN_COOKIE, lasts=timedelta(seconds=SECONDS_TO_SIGN_IN))
        response.set_cookie(value=secret, path=BEGUN_PATH, **kept)
        return response

    async def back(self, request: Request) -> Response:
        """Return the way to the first page, with a session, for whom the provider sent back; else why there is none."""
        if self._provider is None:
            raise HTTPException(404)
        secret, returned = request.cookies.get(BEGUN_COOKIE, ""), dict(request.query_params)
        try:
            person = await run_in_threadpool(self._provider.person, secret, returned)
        except SignInError as error:
            response = self._refused(str(error), status=503 if isinstance(error, ProviderAwayError) else 403)
        else:
            before, request_id = request.cookies.get(COOKIE, ""), request.state.correlation_id
            response = self._opened(request, await run_in_threadpool(self._open, person, before, request_id))
        response.delete_cookie(BEGUN_COOKIE, path=BEGUN_PATH, httponly=True, samesite="lax")
        return response

    async def sign_out(self, request: Request) -> Response:
        """Return the way to the first page, the session ended. Raises ProblemError for a form of another site."""
        check_csrf(request, (await form_of(request)).get("csrf", ""))
        event = reader_of(request).did("sign_out", request_id=request.state.correlation_id)
        secret = request.cookies[COOKIE]
        await run_in_threadpool(lambda: self._database.write(lambda w: end_session(w, secret), audit=event))
        response = RedirectResponse("/", status_code=303, headers=NO_STORE)
        response.delete_cookie(COOKIE, httponly=True, samesite="lax")
        return response

    def _begin(self, secret: str, before: str, request_id: str) -> str | None:
        with self._database.reading() as connection:
            person = person_of_link(connection, secret, self._database.clock())
        if person is None:
            return None
        return self._database.write(
            lambda w: begin_session(w, secret, lasts=self._lasts, instead_of=before),
            audit=_signed_in(person, request_id),
        )

    def _open(self, person: Person, before: str, request_id: str) -> str:
        return self._database.write(
            lambda w: begin_session_of(w, person, lasts=self._lasts, instead_of=before),
            audit=_signed_in(person, request_id),
        )

    def _opened(self, request: Request, session: str) -> Response:
        response = RedirectResponse("/", status_code=303, headers=NO_STORE)
        response.set_cookie(value=session, **_kept_by(request, COOKIE, lasts=self._lasts))
        return response

    def _gone(self) -> Response:
        onward = "Go on, if you are signed in already"
        told = {"heading": "This link no longer signs you in", "why": GONE, "back": "/", "onward": onward}
        return render(Page(template="refused.html", values=told, status=401), district=self._district)

    def _refused(self, why: str, *, status: int) -> Response:
        shown = Page(template="not_signed_in.html", values={"why": why}, status=status)
        return render(shown, district=self._district)


def _kept_by(request: Request, name: str, *, lasts: timedelta) -> dict[str, Any]:
    """Return how a browser keeps a cookie: from every script, for these pages alone, over TLS beyond this computer."""
    secure = not is_loopback(request.headers.get("host", ""))
    return {
        "key": name,
        "max_age": int(lasts.total_seconds()),
        "secure": secure,
        "httponly": True,
        "samesite": "lax",
    }


def _signed_in(person: Person, request_id: str) -> AuditEvent:
    return AuditEvent(subject=person.subject, role=person.role, client=PAGES, action="sign_in", request_id=request_id)
