"""The routes of decisions: read what is decided of a flag, decide, and follow what others decided."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from targeting.serving.access.reader import Reader
from targeting.serving.api import examples
from targeting.serving.api.body import JsonBody
from targeting.serving.api.conditional import names
from targeting.serving.api.documented import JSON, REFERENCE, answers
from targeting.serving.api.guard import GuardedRoute, answered_quickly, reader_of, show
from targeting.serving.api.once import PARAMETER, UnderWay, request_key
from targeting.serving.api.paging import MOST_ITEMS, USUAL_ITEMS, EmptyQuery, NoQuery, whole_number
from targeting.serving.api.problems import ProblemError
from targeting.serving.api.routes import FlagId, flag_for, flag_shown
from targeting.serving.api.scoring import UNREADABLE
from targeting.serving.api.shapes import Decisions, DecisionStanding, Revisions
from targeting.serving.database.answered_once import (
    Answered,
    AnsweredBefore,
    RequestKey,
    check_not_answered,
    keep_answer,
)
from targeting.serving.database.audit import head_of
from targeting.serving.database.database import Writing
from targeting.serving.database.decisions import (
    NewDecision,
    StaleRevisionError,
    changed_since,
    record_decision,
    revision_of,
    revisions,
)
from targeting.serving.database.panel import ConflictError
from targeting.serving.decisions import Decision, RecordedDecision
from targeting.serving.flow import LONDON
from targeting.serving.library import Found
from targeting.serving.reading import Reading

_SEQUENCE = re.compile(r"[0-9]{1,15}")
PRECONDITION = "If-Match"
_NOT_WRITTEN = (
    *("unknown-flag", "decision-not-usable", "under-way", "stale", "key-used", "precondition-required"),
    *UNREADABLE,
)


class Since(NoQuery):
    """From where a client goes on, and how far."""

    limit: Annotated[int, Field(ge=1, le=MOST_ITEMS, description="How many at most.", examples=[10]), whole_number] = (
        USUAL_ITEMS
    )
    cursor: Annotated[
        str,
        Field(
            pattern=f"^{_SEQUENCE.pattern}$",
            default_factory=lambda: "0",
            description="`next_cursor` of the answer before. Without one, from the first decision on.",
            examples=["0"],
        ),
    ]


def decision_routes(reading: Reading) -> APIRouter:
    """Return the routes of decisions."""
    router, desk = APIRouter(tags=["decisions"], route_class=GuardedRoute), Desk(reading)
    _add_reading(router, desk, reading)
    _add_writing(router, desk, reading)
    return router


def _add_reading(router: APIRouter, desk: "Desk", reading: Reading) -> None:
    @router.get(
        "/v1/decisions",
        operation_id="read_decisions",
        summary="What was decided, in the order in which it was recorded",
        response_model=Decisions,
        responses=answers("Decisions after the cursor.", examples.DECISIONS, problems=["unknown-cursor"]),
    )
    async def read_decisions(request: Request, since: Annotated[Since, Query()]) -> Response:
        return await answered_quickly(request, desk.changed, request, since)

    @router.get(
        "/v1/flags/{flag_id}/decision",
        operation_id="read_decision",
        summary="What is decided of a flag",
        response_model=DecisionStanding,
        responses=answers("The last revision.", examples.DECISION_STANDING, problems=["unknown-flag"]),
    )
    async def read_decision(request: Request, flag_id: FlagId, _query: EmptyQuery) -> Response:
        return await answered_quickly(request, lambda: desk.standing(flag_shown(reading, request, flag_id)))

    @router.get(
        "/v1/flags/{flag_id}/decision/revisions",
        operation_id="read_revisions",
        summary="Every revision of a flag's decision",
        response_model=Revisions,
        responses=answers("The first one first.", examples.REVISIONS, problems=["unknown-flag"]),
    )
    async def read_revisions(request: Request, flag_id: FlagId, _query: EmptyQuery) -> Response:
        return await answered_quickly(request, lambda: desk.revisions(flag_shown(reading, request, flag_id)))


def _add_writing(router: APIRouter, desk: "Desk", reading: Reading) -> None:
    @router.put(
        "/v1/flags/{flag_id}/decision",
        operation_id="write_decision",
        summary="Decide, or revise what was decided",
        response_model=DecisionStanding,
        responses=answers("The decision as it was recorded.", examples.DECISION_STANDING, problems=_NOT_WRITTEN),
        openapi_extra=_DESCRIBED,
    )
    async def write_decision(request: Request, flag_id: FlagId, _query: EmptyQuery) -> Response:
        found = await answered_quickly(request, flag_for, reading, request, flag_id)
        content = await desk.body.read_bytes(request)
        return await run_in_threadpool(desk.decide, request, found, content)


class Desk:
    """Reads and writes decisions for one worker."""

    def __init__(self, reading: Reading) -> None:
        self.body = JsonBody(Decision)
        self._reading = reading
        self._under_way = UnderWay()

    def changed(self, request: Request, since: Since) -> Response:
        """Return what was recorded after a cursor, of the lists and families that the reader may see.

        Raises ProblemError where nothing was recorded up to the cursor yet: the store is an earlier one, restored from
        a backup, and whoever went on from there would miss what is decided anew.
        """
        reader, after = reader_of(request), int(since.cursor)
        with self._reading.database.reading() as connection:
            found = changed_since(connection, after, limit=since.limit)
            if not found and after > head_of(connection).seq:
                raise ProblemError("unknown-cursor", "Nothing was recorded up to that cursor: begin without one.")
        seen = {each.flag_id: self._reading.may_see(reader, each.flag_id) for each in found}
        shown = [each for each in found if seen[each.flag_id] is not None]
        families = [flag.flag.family_id for flag in seen.values() if flag is not None]
        show(request, what="", families=families, decisions=len(shown))
        cursor = str(found[-1].sequence) if found else since.cursor
        return _json(Decisions(items=tuple(shown), next_cursor=cursor).model_dump_json().encode())

    def standing(self, found: Found) -> Response:
        """Return what is decided of a flag, with the ETag that a revision of it needs."""
        held = self._revisions(found)
        return _standing(found.flag.id, held[-1] if held else None)

    def revisions(self, found: Found) -> Response:
        """Return every revision of a flag's decision."""
        return _json(Revisions(items=self._revisions(found)).model_dump_json().encode())

    def decide(self, request: Request, found: Found, content: bytes) -> Response:
        """Return the decision as recorded, or what was answered when the same request came before.

        Raises ProblemError where it cannot be recorded.
        """
        precondition = request.headers.get(PRECONDITION)
        if precondition is None:
            raise ProblemError("precondition-required", "Read the decision first, and send its ETag as If-Match.")
        decision = self.body.parse(content)
        today = self._reading.database.clock().astimezone(LONDON).date()
        listed_on = found.on.head.as_of_date
        if faults := (*decision.faults(), *decision.contact_faults(listed_on=listed_on, today=today)):
            raise ProblemError("decision-not-usable", " ".join(faults), extra={"faults": list(faults)})
        key = request_key(request, content, said={PRECONDITION: precondition})
        with self._under_way.one_at_a_time(key):
            return self._write(request, found, decision, key)

    def _write(self, request: Request, found: Found, decision: Decision, key: RequestKey | None) -> Response:
        reader, precondition = reader_of(request), request.headers[PRECONDITION]

        def work(writing: Writing) -> Response:
            if key is not None:
                check_not_answered(writing, key)
            last = revision_of(writing.connection, found.flag.id)
            if not names(precondition, _etag(last)) or precondition.strip() == "*":
                raise StaleRevisionError(last)
            response = _standing(found.flag.id, record_decision(writing, _new(found, reader, decision, last)))
            if key is not None:
                keep_answer(writing, key, Answered(200, _etag(last + 1), bytes(response.body)))
            return response

        audit = reader.did(
            "write_decision",
            what=found.flag.id,
            families=[found.flag.family_id],
            request_id=request.state.correlation_id,
            details={"decision": decision.decision},
        )
        try:
            return self._reading.database.write(work, audit=audit)
        except StaleRevisionError as stale:
            detail = f"The decision is at revision {stale.current} now, which If-Match does not name."
            raise ProblemError("stale", detail) from None
        except ConflictError as conflict:
            raise ProblemError("not-allowed", str(conflict)) from None
        except AnsweredBefore as before:
            return _json(before.answered.body, etag=before.answered.etag)

    def _revisions(self, found: Found) -> tuple[RecordedDecision, ...]:
        with self._reading.database.reading() as connection:
            return revisions(connection, found.flag.id)


def _new(found: Found, reader: Reader, decision: Decision, last: int) -> NewDecision:
    return NewDecision(
        flag_id=found.flag.id,
        list_id=found.flag.list_id,
        family_id=found.flag.family_id,
        subject=reader.subject,
        role=reader.role,
        instead_of=last,
        content=decision,
    )


def _standing(flag_id: str, last: RecordedDecision | None) -> Response:
    revision = last.revision if last is not None else 0
    standing = DecisionStanding(flag_id=flag_id, revision=revision, decision=last)
    return _json(standing.model_dump_json().encode(), etag=_etag(revision))


def _etag(revision: int) -> str:
    return f'"r{revision}"'


def _json(content: bytes, *, etag: str = "") -> Response:
    return Response(content, media_type=JSON, headers={"etag": etag} if etag else None)


_DESCRIBED: dict[str, Any] = {
    "requestBody": {"required": True, "content": {JSON: {"schema": {"$ref": f"{REFERENCE}Decision"}}}},
    "parameters": [
        {
            "name": PRECONDITION,
            "in": "header",
            "required": True,
            "description": "The ETag of the decision that this one replaces.",
            "schema": {"type": "string"},
            "example": '"r0"',
        },
        PARAMETER,
    ],
}
