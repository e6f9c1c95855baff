"""The route that answers about one family: as it is held, or with records that the request brings."""

from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from targeting.serving.api.body import JsonBody
from targeting.serving.api.documented import JSON, REFERENCE, answers
from targeting.serving.api.examples import SCORE
from targeting.serving.api.paging import EmptyQuery
from targeting.serving.api.problems import ProblemError
from targeting.serving.scores.answer import Score
from targeting.serving.scores.refusals import Refusal
from targeting.serving.scores.scorer import Scorer

REFUSALS = (
    *("no-list-published", "unknown-family", "unknown-person", "outside-cohort", "front-door", "more-than-one-family"),
    *("date-not-usable", "person-not-usable", "record-not-usable"),
)
UNREADABLE = ("unreadable-body", "body-too-large", "not-json")


def scoring_routes(scorer: Scorer) -> APIRouter:
    """Return the route that scores one family."""
    router, body = APIRouter(tags=["scores"]), JsonBody(scorer.request_model)

    @router.post(
        "/v1/scores",
        operation_id="make_score",
        summary="The score of one family",
        response_model=Score,
        responses=answers(
            "The current list's own score; with records, a provisional one.",
            SCORE,
            problems=[*UNREADABLE, *REFUSALS],
        ),
        openapi_extra={"requestBody": _described(scorer.request_model.__name__)},
    )
    async def make_score(request: Request, _query: EmptyQuery) -> Response:
        sent = await body.read(request)
        try:
            score = await run_in_threadpool(scorer.score, sent)
        except Refusal as refusal:
            raise ProblemError(refusal.slug, refusal.detail, extra=refusal.extra) from None
        return Response(score.model_dump_json().encode(), media_type=JSON)

    return router


def _described(model: str) -> dict[str, Any]:
    return {"required": True, "content": {JSON: {"schema": {"$ref": f"{REFERENCE}{model}"}}}}
