"""The routes that read what is published, and those for whoever runs the service."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from targeting.serving.access.reader import Reader
from targeting.serving.api import examples
from targeting.serving.api.documented import JSON, answers
from targeting.serving.api.guard import GuardedRoute, answered_quickly, reader_of, show
from targeting.serving.api.metrics import MEDIA_TYPE as METRICS_TYPE
from targeting.serving.api.metrics import Metrics
from targeting.serving.api.paging import EmptyQuery, Item, Paging, PagingQuery, page, shown_of
from targeting.serving.api.problems import ProblemError
from targeting.serving.api.rendering import Renderings
from targeting.serving.api.shapes import Alive, CurrentModel, Flags, Indicators, LatestAudit, Lists, Ready, WeeklyList
from targeting.serving.library import Found
from targeting.serving.published import PublishedList
from targeting.serving.reading import ReadFlag, Reading

ListId = Annotated[str, Path(pattern="^l_[a-z2-7]{26}$", description="A list's id.", examples=[examples.LIST_ID])]
FlagId = Annotated[str, Path(pattern="^g_[a-z2-7]{26}$", description="A flag's id.", examples=[examples.FLAG_ID])]
NONE_PUBLISHED = "no-list-published"


def list_routes(renderings: Renderings, reading: Reading) -> APIRouter:
    """Return the routes of lists and flags."""
    router = APIRouter(tags=["lists"], route_class=GuardedRoute)
    _add_lists(router, renderings, reading)
    _add_flags(router, reading)
    return router


def _add_lists(router: APIRouter, renderings: Renderings, reading: Reading) -> None:
    @router.get(
        "/v1/lists",
        operation_id="read_lists",
        summary="All published lists",
        response_model=Lists,
        responses=answers(
            "The latest date first; none before the first publication.", examples.LISTS, problems=["unknown-cursor"]
        ),
    )
    async def read_lists(request: Request, paging: PagingQuery) -> Response:
        return await answered_quickly(request, _lists, renderings, reading, reader_of(request), paging)

    @router.get(
        "/v1/lists/{list_id}",
        operation_id="read_list",
        summary="One list, without its flags",
        response_model=WeeklyList,
        responses=answers("The list. It never changes.", examples.LIST, problems=["unknown-list"]),
    )
    async def read_list(request: Request, list_id: ListId, _query: EmptyQuery) -> Response:
        return await answered_quickly(request, _list_alone, renderings, reading, request, list_id)


def _add_flags(router: APIRouter, reading: Reading) -> None:
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
    async def read_flags(request: Request, list_id: ListId, paging: PagingQuery) -> Response:
        return await answered_quickly(request, _flags, reading, request, list_id, paging)

    @router.get(
        "/v1/flags/{flag_id}",
        operation_id="read_flag",
        summary="One family on one list",
        response_model=ReadFlag,
        responses=answers(
            "The flag. What was published of it never changes.", examples.FLAG, problems=["unknown-flag"]
        ),
    )
    async def read_flag(request: Request, flag_id: FlagId, _query: EmptyQuery) -> Response:
        return await answered_quickly(request, _flag, reading, request, flag_id)


def flag_shown(reading: Reading, request: Request, flag_id: str) -> Found:
    """Return a flag that is shown to whoever asks. Raises ProblemError where there is none for them."""
    found = flag_for(reading, request, flag_id)
    show(request, what=flag_id, families=[found.flag.family_id])
    return found


def flag_for(reading: Reading, request: Request, flag_id: str) -> Found:
    """Return a flag that whoever asks may see. Raises ProblemError where there is none for them."""
    found = reading.flag(reader_of(request), flag_id)
    if found is None:
        raise ProblemError("unknown-flag", "No published list has that flag.")
    return found


def _flag(reading: Reading, request: Request, flag_id: str) -> Response:
    found = flag_shown(reading, request, flag_id)
    return _json(reading.read_flag(reader_of(request), found.on, found.flag).model_dump_json().encode())


def _flags(reading: Reading, request: Request, list_id: str, paging: Paging) -> Response:
    published, reader = _list(reading, request, list_id), reader_of(request)
    on_page = shown_of([Item(each.id, b"") for each in reading.flags(reader, published)], paging)
    wanted = {each.id for each in on_page.items}
    flags = [each for each in published.flags if each.id in wanted]
    show(request, what=published.head.id, families=(each.family_id for each in flags))
    read = [reading.read_flag(reader, published, each) for each in flags]
    return _json(on_page.json([each.model_dump_json().encode() for each in read]))


def _lists(renderings: Renderings, reading: Reading, reader: Reader, paging: Paging) -> Response:
    seen = partial(reading.ids_of, reader)
    return _json(page([renderings.list(each, seen) for each in reading.lists(reader)], paging))


def _list_alone(renderings: Renderings, reading: Reading, request: Request, list_id: str) -> Response:
    seen = partial(reading.ids_of, reader_of(request))
    return _json(renderings.list(_list(reading, request, list_id), seen).json)


def _list(reading: Reading, request: Request, list_id: str) -> PublishedList:
    found = reading.list(reader_of(request), list_id)
    if found is None:
        raise ProblemError("unknown-list", "No list with that id is published.")
    return found


def model_routes(renderings: Renderings, reading: Reading) -> APIRouter:
    """Return the routes of the model that made the current lists."""
    router = APIRouter(tags=["model"], route_class=GuardedRoute)

    @router.get(
        "/v1/models/current",
        operation_id="read_current_model",
        summary="The model that made the current lists",
        response_model=CurrentModel,
        responses=answers("What it is for, and by whose leave.", examples.MODEL, problems=[NONE_PUBLISHED]),
    )
    async def read_current_model(request: Request, _query: EmptyQuery) -> Response:
        return _json(await run_in_threadpool(renderings.model, partial(reading.ids_of, reader_of(request))))

    @router.get(
        "/v1/audits/latest",
        operation_id="read_latest_audit",
        summary="The fairness audit of the current model",
        response_model=LatestAudit,
        responses=answers("Verdict and figures.", examples.AUDIT, problems=[NONE_PUBLISHED]),
    )
    async def read_latest_audit(_query: EmptyQuery) -> Response:
        return _json(await run_in_threadpool(renderings.audit))

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
        return _json(page(await run_in_threadpool(renderings.indicators), paging))

    return router


def operation_routes(renderings: Renderings, reading: Reading, metrics: Metrics) -> APIRouter:
    """Return the routes for whoever runs the service."""
    router = APIRouter(tags=["operations"], route_class=GuardedRoute)

    @router.get(
        "/livez",
        operation_id="is_alive",
        summary="Whether the process answers",
        response_model=Alive,
        responses=answers("It does.", examples.ALIVE, anybody=True),
    )
    async def is_alive(_query: EmptyQuery) -> Response:
        return _json(Alive(status="alive").model_dump_json().encode())

    @router.get(
        "/readyz",
        operation_id="is_ready",
        summary="Whether what is published can be served",
        response_model=Ready,
        responses=answers("It can; also where nothing is published yet.", examples.READY, anybody=True),
    )
    async def is_ready(request: Request, _query: EmptyQuery) -> Response:
        # Nothing is shown that the store does not keep: where it is away, nobody is to be sent here.
        await answered_quickly(request, reading.database.head)
        return _json(renderings.ready())

    @router.get(
        "/metrics",
        operation_id="read_metrics",
        summary="Figures for Prometheus",
        response_class=Response,
        responses=answers("Figures by route.", examples.METRICS, media_type="text/plain", anybody=True),
    )
    async def read_metrics(_query: EmptyQuery) -> Response:
        return Response(metrics.text(), media_type=METRICS_TYPE)

    return router


def _json(content: bytes) -> Response:
    return Response(content, media_type=JSON)
