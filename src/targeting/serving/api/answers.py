"""How an error is answered: as a problem to a program, as a page to a person, without anything of what was sent."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from targeting.errors import TargetingError
from targeting.serving.access.permissions import RULES
from targeting.serving.api.log import Log, where_raised
from targeting.serving.api.paging import Paging
from targeting.serving.api.problem_types import PROBLEM_TYPES
from targeting.serving.api.problems import ProblemError, invalid_request, problem_response
from targeting.serving.api.validation import invalid_parts

# Whoever asks for one of these is a program, whatever it says that it accepts.
FOR_PROGRAMS = ("/v1", "/livez", "/readyz", "/metrics", "/openapi.json")

MakePage = Callable[[Request, int], Response]
_GENERAL: Mapping[int, str] = {404: "not-found", 405: "method-not-allowed", 500: "unexpected"}


class Answers:
    """Answers to errors. `page` makes what a person reads for a request and a status."""

    def __init__(self, page: MakePage, log: Log) -> None:
        self._page = page
        self._log = log

    def to(self, request: Request, problem: ProblemError, headers: Mapping[str, str] | None = None) -> Response:
        """Return a problem, or a page where a person asks for one."""
        sent = {**problem.headers, **(headers or {})}
        if is_for_a_person(request):
            page = self._page(request, problem.type.status)
            page.headers.update(sent)
            return page
        return problem_response(problem, instance=instance_of(request), headers=sent)

    def to_fault(self, request: Request, fault: TargetingError) -> Response:
        """Return what is answered where something published cannot be read; the log says what."""
        # Its sentence tells the operator which file it is about; by the rule of such sentences, of no person.
        self._log.error("not ready", reason=str(fault), correlation_id=request.state.correlation_id)
        return self.to(request, ProblemError("not-ready", PROBLEM_TYPES["not-ready"].explanation))

    def handle_in(self, app: FastAPI) -> None:
        """Have an app answer every error that a route raises."""
        handlers: Mapping[type[Exception], Callable[[Request, Any], Awaitable[Response]]] = {
            ProblemError: self._problem,
            RequestValidationError: self._invalid,
            HTTPException: self._http,
            TargetingError: self._fault,
            SQLAlchemyError: self._store_failed,
            OSError: self._disk_failed,
        }
        for kind, handler in handlers.items():
            app.add_exception_handler(kind, handler)

    async def _problem(self, request: Request, problem: ProblemError) -> Response:
        return self.to(request, problem)

    async def _fault(self, request: Request, fault: TargetingError) -> Response:
        return self.to_fault(request, fault)

    async def _store_failed(self, request: Request, error: SQLAlchemyError) -> Response:
        # Its message holds what was to be written, so the log has its kind alone.
        self._log.error("store failed", error=type(error).__name__, correlation_id=request.state.correlation_id)
        return self.to(request, ProblemError("not-ready", PROBLEM_TYPES["not-ready"].explanation))

    async def _disk_failed(self, request: Request, error: OSError) -> Response:
        # A disk that is full, or that cannot be written; the file's name may say whose it is.
        reason = error.strerror or type(error).__name__
        raised, correlation_id = where_raised(error), request.state.correlation_id
        self._log.error("disk failed", reason=reason, raised=raised, correlation_id=correlation_id)
        return self.to(request, ProblemError("not-ready", PROBLEM_TYPES["not-ready"].explanation))

    async def _invalid(self, request: Request, error: RequestValidationError) -> Response:
        names = frozenset(request.path_params) | frozenset(Paging.model_fields)
        return self.to(request, invalid_request(invalid_parts(error.errors(), names)))

    async def _http(self, request: Request, error: HTTPException) -> Response:
        slug = _GENERAL.get(error.status_code, "unexpected")
        headers = {"Allow": _allowed(request)} if slug == "method-not-allowed" else error.headers
        return self.to(request, ProblemError(slug, PROBLEM_TYPES[slug].explanation), headers)


def _allowed(request: Request) -> str:
    """Return the methods that an address takes, each of which may be another route's."""
    path = request.scope["route"].path
    named = {method for method, of_path in RULES if of_path == path}
    return ", ".join(sorted(named | ({"HEAD"} if "GET" in named else set())))


def is_for_a_person(request: Request) -> bool:
    """Return whether an error is best answered by a page."""
    path = request.scope["path"]
    is_program = any(path == each or path.startswith(f"{each}/") for each in FOR_PROGRAMS)
    return not is_program and "text/html" in request.headers.get("accept", "")


def instance_of(request: Request) -> str:
    """Return what names this one request in a problem, and finds it in the log."""
    return f"urn:uuid:{request.state.correlation_id}"
