"""The route that finds a family by an id of any system, and its flags."""

from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from targeting.serving.api import examples
from targeting.serving.api.body import JsonBody
from targeting.serving.api.documented import JSON, REFERENCE, answers
from targeting.serving.api.guard import GuardedRoute, reader_of, show
from targeting.serving.api.paging import EmptyQuery
from targeting.serving.api.problems import ProblemError
from targeting.serving.api.scoring import UNREADABLE
from targeting.serving.api.shapes import FamilyFound, FlagOfFamily
from targeting.serving.reading import Reading
from targeting.serving.scores.refusals import Refusal
from targeting.serving.scores.request import FamilyIdentifier
from targeting.serving.scores.scorer import Scorer

_NOT_FOUND = ("no-list-published", "unknown-family", "unknown-person", "outside-cohort", "more-than-one-family")
_DESCRIBED: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {"schema": {"$ref": f"{REFERENCE}FamilyIdentifier"}, "example": examples.IDENTIFIER},
        },
    }
}


def family_routes(scorer: Scorer, reading: Reading) -> APIRouter:
    """Return the route that finds a family."""
    router, body = APIRouter(tags=["families"], route_class=GuardedRoute), JsonBody(FamilyIdentifier)

    @router.post(
        "/v1/families/lookup",
        operation_id="look_up_family",
        summary="A family by an id, and its flags",
        response_model=FamilyFound,
        responses=answers(
            "The family, and what it went on as where it has ended.",
            examples.FAMILY_FOUND,
            problems=[*_NOT_FOUND, *UNREADABLE],
        ),
        openapi_extra=_DESCRIBED,
    )
    async def look_up_family(request: Request, _query: EmptyQuery) -> Response:
        identifier = await body.read(request)
        try:
            found = await run_in_threadpool(_found, scorer, reading, request, identifier)
        except Refusal as refusal:
            raise ProblemError(refusal.slug, refusal.detail, extra=refusal.extra) from None
        return Response(found.model_dump_json().encode(), media_type=JSON)

    return router


def _found(scorer: Scorer, reading: Reading, request: Request, identifier: FamilyIdentifier) -> FamilyFound:
    reader = reader_of(request)
    meant = scorer.find(identifier, hidden=reading.hidden_from(reader))
    flags = tuple(
        FlagOfFamily(
            id=each.id,
            list_id=each.flag.list_id,
            as_of_date=each.on.head.as_of_date,
            expires_on=each.flag.expires_on,
        )
        for each in reading.flags_of(reader, {meant.family_id})
    )
    show(request, what=meant.family_id, families=[meant.family_id, *meant.successors])
    return FamilyFound(family_id=meant.family_id, as_of_date=meant.as_of_date, successors=meant.successors, flags=flags)
