"""The routes that read what is published, and those for whoever runs the service."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from targeting.serving.api import examples
from targeting.serving.api.documented import JSON, answers
from targeting.serving.api.metrics import MEDIA_TYPE as METRICS_TYPE
from targeting.serving.api.metrics import Metrics
from targeting.serving.api.paging import EmptyQuery, PagingQuery, page
from targeting.serving.api.rendering import Renderings
from targeting.serving.api.shapes import Alive, CurrentModel, Flags, Indicators, Lists, Ready, WeeklyList
from targeting.serving.contents import Flag

ListId = Annotated[str, Path(pattern="^l_[a-z2-7]{26}$", description="A list's id.", examples=[examples.LIST_ID])]
FlagId = Annotated[str, Path(pattern="^g_[a-z2-7]{26}$", description="A flag's id.", examples=[examples.FLAG_ID])]
NONE_PUBLISHED = "no-list-published"


def list_routes(renderings: Renderings) -> APIRouter:
    """Return the routes of lists and flags."""
    router = APIRouter(tags=["lists"])

    @router.get(
        "/v1/lists",
        operation_id="read_lists",
        summary="All published lists",
        response_model=Lists,
        responses=answers(
            "The latest date first; none before the first publication.", examples.LISTS, problems=["unknown-cursor"]
        ),
    )
    async def read_lists(paging: PagingQuery) -> Response:
        return _json(page(renderings.lists(), paging))

    @router.get(
        "/v1/lists/{list_id}",
        operation_id="read_list",
        summary="One list, without its flags",
        response_model=WeeklyList,
        responses=answers("The list. It never changes.", examples.LIST, problems=["unknown-list"]),
    )
    async def read_list(list_id: ListId, _query: EmptyQuery) -> Response:
        return _json(renderings.list(list_id))

    @router.get(
        "/v1/lists/{list_id}/flags",
        operation_id="read_flags",
        summary="The flags of a list, by rank",
        response_model=Flags,
        responses=answers(
            "The families on the list, each with its reasons.",
            examples.FLAGS,
            problems=["unknown-list", "unknown-cursor"],
        ),
    )
    async def read_flags(list_id: ListId, paging: PagingQuery) -> Response:
        return _json(page(renderings.flags(list_id), paging))

    @router.get(
        "/v1/flags/{flag_id}",
        operation_id="read_flag",
        summary="One family on one list",
        response_model=Flag,
        responses=answers("The flag. It never changes.", examples.FLAG, problems=["unknown-flag"]),
    )
    async def read_flag(flag_id: FlagId, _query: EmptyQuery) -> Response:
        return _json(renderings.flag(flag_id))

    return router


def model_routes(renderings: Renderings) -> APIRouter:
    """Return the routes of the model that made the current lists."""
    router = APIRouter(tags=["model"])

    @router.get(
        "/v1/models/current",
        operation_id="read_current_model",
        summary="The model that made the current lists",
        response_model=CurrentModel,
        responses=answers("What it is for, and by whose leave.", examples.MODEL, problems=[NONE_PUBLISHED]),
    )
    async def read_current_model(_query: EmptyQuery) -> Response:
        return _json(renderings.model())

    @router.get(
        "/v1/indicators",
        operation_id="read_indicators",
        summary="What the current model looks at",
        response_model=Indicators,
        responses=answers(
            "Its indicators, as declared.", examples.INDICATORS, problems=[NONE_PUBLISHED, "unknown-cursor"]
        ),
    )
    async def read_indicators(paging: PagingQuery) -> Response:
        return _json(page(renderings.indicators(), paging))

    return router


def operation_routes(renderings: Renderings, metrics: Metrics) -> APIRouter:
    """Return the routes for whoever runs the service."""
    router = APIRouter(tags=["operations"])

    @router.get(
        "/livez",
        operation_id="is_alive",
        summary="Whether the process answers",
        response_model=Alive,
        responses=answers("It does.", examples.ALIVE),
    )
    async def is_alive(_query: EmptyQuery) -> Response:
        return _json(Alive(status="alive").model_dump_json().encode())

    @router.get(
        "/readyz",
        operation_id="is_ready",
        summary="Whether what is published can be served",
        response_model=Ready,
        responses=answers("It can; also where nothing is published yet.", examples.READY),
    )
    async def is_ready(_query: EmptyQuery) -> Response:
        return _json(renderings.ready())

    @router.get(
        "/metrics",
        operation_id="read_metrics",
        summary="Figures for Prometheus",
        response_class=Response,
        responses=answers("Figures by route.", examples.METRICS, media_type="text/plain"),
    )
    async def read_metrics(_query: EmptyQuery) -> Response:
        return Response(metrics.text(), media_type=METRICS_TYPE)

    return router


def _json(content: bytes) -> Response:
    return Response(content, media_type=JSON)
