"""The whole service over one folder of published lists: the interface, the pages, and what surrounds both."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

from fastapi import APIRouter, Depends, FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from targeting.serving.access.control import AccessControl
from targeting.serving.api.answers import Answers
from targeting.serving.api.document import description_routes
from targeting.serving.api.guard import Guard
from targeting.serving.api.interface import interface_routes
from targeting.serving.api.log import make_log
from targeting.serving.api.metrics import Metrics
from targeting.serving.api.paging import sent_once
from targeting.serving.api.problem_types import PROBLEM_TYPES
from targeting.serving.api.rendering import Renderings
from targeting.serving.api.watching import Watch, Watching
from targeting.serving.pages.routes import error_page, make_pages
from targeting.serving.pages.sign_in import signed_in_of
from targeting.serving.reading import Reading
from targeting.serving.scores.scorer import Scorer
from targeting.serving.served import Served


def _nothing() -> None:
    """Find nothing wrong."""


def make_app(served: Served, scorer: Scorer, control: AccessControl) -> FastAPI:
    """Return the service; whoever asks is let in, or not, by `control`.

    Raises AssetsNotBuiltError where the pages' stylesheet is missing.
    """
    renderings, metrics, log = Renderings(served), Metrics(), make_log(control.database.clock)
    reading = Reading(served, control)
    interface = interface_routes(renderings, reading, scorer, metrics)
    routers = [*interface, description_routes(interface, body=scorer.request_model)]
    pages = make_pages(served, reading, PROBLEM_TYPES)
    app = FastAPI(title="Targeting", openapi_url=None, redirect_slashes=False, lifespan=_lifespan(control))
    for router in routers:
        app.include_router(router, dependencies=[Depends(sent_once)])
    app.include_router(pages)
    answers = Answers(partial(_error_page, served, control.declared.sign_in is not None), log)
    answers.handle_in(app)
    watch = Watch(
        answers=answers,
        log=log,
        metrics=metrics,
        templates=_templates([*routers, pages]),
        check=served.check_lists_are_synthetic if control.is_synthetic else _nothing,
        hashed=control.database.hashed,
        hosts=frozenset(control.declared.hosts),
    )
    app.state.guard, app.state.interface, app.state.scorer = Guard(control, reading), interface, scorer
    app.add_middleware(Watching, watch=watch)
    return app


def _error_page(served: Served, signs_in: bool, request: Request, status: int) -> Response:
    was_sent = request.method == "POST"
    return error_page(served, status=status, signs_in=signs_in, signed_in=signed_in_of(request), was_sent=was_sent)


def _lifespan(control: AccessControl) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        # Once every request is answered: what they showed is in the audit log.
        control.database.close()

    return lifespan


def _templates(routers: Iterable[APIRouter]) -> dict[object, str]:
    """Return the address of each endpoint, its gaps unfilled."""
    routes = [route for router in routers for route in router.routes if isinstance(route, Route)]
    return {route.endpoint: route.path for route in routes}
