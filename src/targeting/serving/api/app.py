"""The whole service over one folder of published lists: the interface, the pages, and what surrounds both."""

from collections.abc import Iterable
from datetime import UTC, datetime

from fastapi import APIRouter, Depends, FastAPI
from starlette.routing import Route

from targeting.serving.api.answers import Answers
from targeting.serving.api.document import description_routes
from targeting.serving.api.interface import interface_routes
from targeting.serving.api.log import Clock, make_log
from targeting.serving.api.metrics import Metrics
from targeting.serving.api.paging import sent_once
from targeting.serving.api.problems import PROBLEM_TYPES
from targeting.serving.api.rendering import Renderings
from targeting.serving.api.watching import Watch, Watching
from targeting.serving.pages.routes import error_page, make_pages
from targeting.serving.scores.scorer import Scorer
from targeting.serving.served import Served


def _now() -> datetime:
    return datetime.now(UTC)


def make_app(served: Served, scorer: Scorer, *, clock: Clock = _now) -> FastAPI:
    """Return the service. `clock` tells the log the time; no answer depends on it.

    Raises AssetsNotBuiltError where the pages' stylesheet is missing.
    """
    renderings, metrics, log = Renderings(served), Metrics(), make_log(clock)
    interface = interface_routes(renderings, scorer, metrics)
    routers = [*interface, description_routes(interface, body=scorer.request_model)]
    pages = make_pages(served, PROBLEM_TYPES)
    app = FastAPI(title="Targeting", openapi_url=None, redirect_slashes=False)
    for router in routers:
        app.include_router(router, dependencies=[Depends(sent_once)])
    app.include_router(pages)
    answers = Answers(lambda status: error_page(served, status=status), log)
    answers.handle_in(app)
    watch = Watch(
        answers=answers,
        log=log,
        metrics=metrics,
        templates=_templates([*routers, pages]),
        check=renderings.check_synthetic,
    )
    app.add_middleware(Watching, watch=watch)
    return app


def _templates(routers: Iterable[APIRouter]) -> dict[object, str]:
    """Return the address of each endpoint, its gaps unfilled."""
    routes = [route for router in routers for route in router.routes if isinstance(route, Route)]
    return {route.endpoint: route.path for route in routes}
