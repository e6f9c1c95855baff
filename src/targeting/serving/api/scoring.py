"""The route that answers about one family: as it is held, or with records that the request brings."""

from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from targeting.serving.api.body import JsonBody
from targeting.serving.api.documented import JSON, REFERENCE, answers
from targeting.serving.api.examples import SCORE
from targeting.serving.api.guard import GuardedRoute, answered_quickly, reader_of, show
from targeting.serving.api.paging import EmptyQuery
from targeting.serving.api.problems import ProblemError
from targeting.serving.reading import Reading, ReadScore
from targeting.serving.scores.answer import Score
from targeting.serving.scores.refusals import Refusal
from targeting.serving.scores.request import ScoreRequest
from targeting.serving.scores.scorer import Scorer

REFUSALS = (
    *("no-list-published", "unknown-family", "unknown-person", "outside-cohort", "front-door", "more-than-one-family"),
    *("date-not-usable", "person-not-usable", "record-not-usable", "source-not-usable", "sources-not-asked"),
    "suspended",
)
UNREADABLE = ("unreadable-body", "too-slow", "body-too-large", "not-json")


def scoring_routes(scorer: Scorer, reading: Reading) -> APIRouter:
    """Return the route that scores one family."""
    router, body = APIRouter(tags=["scores"], route_class=GuardedRoute), JsonBody(scorer.request_model)

    @router.post(
        "/v1/scores",
        operation_id="make_score",
        summary="The score of one family",
        response_model=ReadScore,
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
            score = await _answered(scorer, reading, request, sent)
        except Refusal as refusal:
            raise ProblemError(refusal.slug, refusal.detail, extra=refusal.extra) from None
        return Response(score.model_dump_json().encode(), media_type=JSON)

    return router


async def _answered(scorer: Scorer, reading: Reading, request: Request, sent: ScoreRequest) -> ReadScore:
    """Return a score as whoever asks may see it; one that was made before without a change of thread."""
    told = await answered_quickly(request, _made_before, scorer, reading, request, sent)
    if told is not None:
        return told
    return await run_in_threadpool(_made_now, scorer, reading, request, sent)


def _made_before(scorer: Scorer, reading: Reading, request: Request, sent: ScoreRequest) -> ReadScore | None:
    made = scorer.made(sent, hidden=reading.hidden_from(reader_of(request)))
    return _shown(reading, request, made) if made is not None else None


def _made_now(scorer: Scorer, reading: Reading, request: Request, sent: ScoreRequest) -> ReadScore:
    return _shown(reading, request, scorer.score(sent, hidden=reading.hidden_from(reader_of(request))))


def _shown(reading: Reading, request: Request, score: Score) -> ReadScore:
    """Return a score as whoever asks may see it. Raises Refusal where its model's flags are suspended."""
    reader = reader_of(request)
    suspended = reading.suspension(score.provenance.model)
    if suspended is not None:
        raise Refusal("suspended", f"Suspended since {suspended.on:%d %B %Y}: {suspended.reason}")
    families = [score.family_id] if score.family_id else []
    show(request, what=score.flag_id or "", families=families, score=score.id, provisional=score.provisional)
    return reading.read_score(reader, score)


def _described(model: str) -> dict[str, Any]:
    return {"required": True, "content": {JSON: {"schema": {"$ref": f"{REFERENCE}{model}"}}}}
