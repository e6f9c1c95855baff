"""Signing in and out of the pages. Whatever tells who somebody is ends in the same session."""

from datetime import timedelta
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from targeting.serving.api.body import read_bounded
from targeting.serving.api.guard import COOKIE, PAGES, reader_of, session_in
from targeting.serving.api.problems import ProblemError
from targeting.serving.api.security import is_loopback
from targeting.serving.database.audit import AuditEvent
from targeting.serving.database.database import Database
from targeting.serving.database.sign_ins import Session, begin_session, end_session, person_of_link
from targeting.serving.pages.rendering import NO_STORE, SignedIn


def signed_in_of(request: Request) -> SignedIn | None:
    """Return who reads a page; None on one that anybody may read."""
    session: Session | None = getattr(request.state, "session", None)
    if session is None:
        return None
    return SignedIn(session.person.subject, session.person.role.replace("_", " "), session.csrf)


def check_csrf(request: Request, sent: str) -> None:
    """Raise ProblemError where a form does not carry its session's own token: another site may have sent it."""
    if sent != session_in(request).csrf:
        raise ProblemError("not-allowed", "The form was not made for this session. Open its page again.")


async def form_of(request: Request) -> dict[str, str]:
    """Return the fields of a form that was sent, the last of each name. Raises ProblemError where it is too large."""
    content = await read_bounded(request)
    return {name: values[-1] for name, values in parse_qs(content.decode("utf-8", "replace")).items()}


class SignInDesk:
    """Opens sessions by links that work once, and ends them."""

    def __init__(self, database: Database, *, session_hours: int) -> None:
        self._database, self._lasts = database, timedelta(hours=session_hours)

    async def sign_in(self, request: Request) -> Response:
        """Return the way to the first page, with a session. Raises ProblemError where the link does not hold."""
        session = await run_in_threadpool(self._begin, request.path_params["secret"], request.state.correlation_id)
        response = RedirectResponse("/", status_code=303, headers=NO_STORE)
        response.set_cookie(
            COOKIE,
            session,
            max_age=int(self._lasts.total_seconds()),
            secure=not is_loopback(request.headers.get("host", "")),
            httponly=True,
            samesite="lax",
        )
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

    def _begin(self, secret: str, request_id: str) -> str:
        with self._database.reading() as connection:
            person = person_of_link(connection, secret, self._database.clock())
        if person is None:
            raise ProblemError("unauthenticated", "The link was used, or its time is over.")
        event = AuditEvent(
            subject=person.subject, role=person.role, client=PAGES, action="sign_in", request_id=request_id
        )
        session = self._database.write(lambda w: begin_session(w, secret, lasts=self._lasts), audit=event)
        if session is None:
            raise ProblemError("unauthenticated", "The link was used, or its time is over.")
        return session
