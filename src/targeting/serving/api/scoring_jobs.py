"""The routes of scoring jobs: ask about many families at once, see how far it is, read the answers, take it back."""

import email.message
import hashlib
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain
from tempfile import TemporaryFile
from typing import IO, Annotated, Any

from fastapi import APIRouter, Path
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from targeting.serving.api import examples
from targeting.serving.api.body import bounded, check_sent_plain, in_time
from targeting.serving.api.documented import JSON, REFERENCE, accepted, answers, removed, streamed
from targeting.serving.api.guard import GuardedRoute, reader_of, show
from targeting.serving.api.once import PARAMETER, UnderWay, request_key
from targeting.serving.api.paging import EmptyQuery
from targeting.serving.api.problems import ProblemError
from targeting.serving.api.rows import JobRows
from targeting.serving.api.shapes import Job, job
from targeting.serving.database.answered_once import (
    Answered,
    AnsweredBefore,
    RequestKey,
    check_not_answered,
    keep_answer,
)
from targeting.serving.database.database import Writing
from targeting.serving.database.scoring_jobs import NewJob, ScoringJob, add_job, count_under_way, forget, job_of
from targeting.serving.jobs.files import JobFiles, new_job_id
from targeting.serving.jobs.rows import NDJSON, PARQUET, TooManyRowsError, UnreadableRowsError, blocks_of
from targeting.serving.reading import Reading
from targeting.serving.scores.refusals import Refusal
from targeting.serving.scores.scorer import Scorer

MOST_BYTES, MOST_SECONDS = 256 << 20, 600.0
MOST_UNDER_WAY = 10
PATH = "/v1/scoring-jobs"
JobId = Annotated[str, Path(pattern="^j_[a-z2-7]{26}$", description="A job's id.", examples=[examples.JOB_ID])]
_NOT_MADE = (
    "no-list-published",
    "under-way",
    "key-used",
    "too-many-jobs",
    "not-rows",
    "unreadable-body",
    "too-slow",
    "body-too-large",
)


def scoring_job_routes(scorer: Scorer, reading: Reading) -> APIRouter:
    """Return the routes of scoring jobs."""
    router, office = APIRouter(tags=["scoring jobs"], route_class=GuardedRoute), Office(scorer, reading)
    _add_making(router, office)
    _add_reading(router, office)
    _add_taking_back(router, office)
    return router


def _add_making(router: APIRouter, office: "Office") -> None:
    @router.post(
        PATH,
        operation_id="make_scoring_job",
        summary="Ask about many families at once",
        status_code=202,
        response_model=Job,
        responses=accepted(
            "The job, which waits. `Location` is its address.", examples.JOB, problems=_NOT_MADE, links=_LINKS
        ),
        openapi_extra=_DESCRIBED,
    )
    async def make_scoring_job(request: Request, _query: EmptyQuery) -> Response:
        media_type, digest = _media_type(request), hashlib.sha256()
        # It has no name, so that nothing of it is left wherever the process ends.
        with TemporaryFile() as file:
            async with in_time(MOST_SECONDS):
                async for part in bounded(request, most_bytes=MOST_BYTES):
                    digest.update(part)
                    file.write(part)
            file.seek(0)
            return await run_in_threadpool(office.make, request, file, media_type, digest.digest())


def _add_reading(router: APIRouter, office: "Office") -> None:
    @router.get(
        f"{PATH}/{{job_id}}",
        operation_id="read_scoring_job",
        summary="How far a scoring job is",
        response_model=Job,
        responses=answers("The job.", examples.JOB, problems=["unknown-job"]),
    )
    async def read_scoring_job(request: Request, job_id: JobId, _query: EmptyQuery) -> Response:
        return _json(await run_in_threadpool(office.counted, request, job_id))

    @router.get(
        f"{PATH}/{{job_id}}/results",
        operation_id="read_scoring_results",
        summary="The answers to the rows done so far, in their order",
        response_class=StreamingResponse,
        responses=streamed(
            "A line of JSON a row, by the schema JobRow.",
            examples.RESULTS,
            problems=["unknown-job"],
            line="JobRow",
            media_type=NDJSON,
        ),
    )
    async def read_scoring_results(request: Request, job_id: JobId, _query: EmptyQuery) -> Response:
        return await run_in_threadpool(office.results, request, job_id)


def _add_taking_back(router: APIRouter, office: "Office") -> None:
    @router.delete(
        f"{PATH}/{{job_id}}",
        operation_id="cancel_scoring_job",
        summary="Cancel a scoring job, and remove what was asked and answered",
        status_code=204,
        responses=removed("It is gone.", problems=["unknown-job"]),
    )
    async def cancel_scoring_job(request: Request, job_id: JobId, _query: EmptyQuery) -> Response:
        await run_in_threadpool(office.cancel, request, job_id)
        return Response(status_code=204)


class Office:
    """Takes jobs, and gives them back to the client and subject that they are of, and to nobody else."""

    def __init__(self, scorer: Scorer, reading: Reading) -> None:
        self._scorer, self._reading, self._rows = scorer, reading, JobRows(scorer, reading)
        self._under_way = UnderWay()

    def make(self, request: Request, file: IO[bytes], media_type: str, digest: bytes) -> Response:
        """Return the job that waits, once its rows are on the disk; what was answered when it was asked for before.

        Raises ProblemError where it cannot be taken.
        """
        key = request_key(request, digest, said={"Content-Type": media_type})
        with self._under_way.one_at_a_time(key):
            try:
                lists = self._scorer.current_lists()
            except Refusal as refusal:
                raise ProblemError(refusal.slug, refusal.detail) from None
            job_id = new_job_id()
            files = self._files(job_id)
            try:
                rows, blocks = _kept(files, file, media_type)
                return self._added(request, NewJob(job_id, lists, reader_of(request).panels, rows, blocks), key)
            except BaseException as error:
                files.remove()
                if isinstance(error, AnsweredBefore):
                    return _accepted(error.answered.body)
                raise

    def held(self, request: Request, job_id: str) -> ScoringJob:
        """Return a job of whoever asks. Raises ProblemError where there is none."""
        reader = reader_of(request)
        with self._reading.database.reading() as connection:
            found = job_of(connection, job_id)
        if found is None or (found.client, found.subject) != (reader.client, reader.subject):
            raise ProblemError("unknown-job", "There is no such scoring job.")
        return found

    def counted(self, request: Request, job_id: str) -> ScoringJob:
        """Return what `held` does, its rows with a score counted as whoever asks may know."""
        return self._rows.counted_for(self.held(request, job_id), reader_of(request))

    def results(self, request: Request, job_id: str) -> Response:
        """Return the answers of a job, block by block; each block is sent once the event of whom it shows is kept."""
        blocks = self._blocks(request, self.held(request, job_id))
        first = next(blocks, None)
        if first is None:
            show(request, what=job_id, families=())
        return StreamingResponse(chain([first or b""], blocks), media_type=NDJSON)

    def cancel(self, request: Request, job_id: str) -> None:
        """Forget a job of whoever asks, and remove its files. Raises ProblemError where there is none."""
        self.held(request, job_id)
        audit = reader_of(request).did("cancel_job", what=job_id, request_id=request.state.correlation_id)
        self._reading.database.write(lambda writing: forget(writing, job_id), audit=audit)
        self._files(job_id).remove()

    def _added(self, request: Request, made: NewJob, key: RequestKey | None) -> Response:
        reader = reader_of(request)

        def work(writing: Writing) -> bytes:
            if key is not None:
                check_not_answered(writing, key)
            if count_under_way(writing.connection, reader.client) >= MOST_UNDER_WAY:
                detail = f"The client has {MOST_UNDER_WAY} scoring jobs that wait or run."
                raise ProblemError("too-many-jobs", detail, headers={"Retry-After": "60"})
            added = add_job(
                writing,
                made,
                client=reader.client,
                subject=reader.subject,
                holds=timedelta(hours=self._reading.declared.scoring_job_hours),
            )
            body = job(added).model_dump_json().encode()
            if key is not None:
                keep_answer(writing, key, Answered(202, "", body))
            return body

        audit = reader.did(
            "make_job", what=made.id, request_id=request.state.correlation_id, details={"rows": made.rows}
        )
        return _accepted(self._reading.database.write(work, audit=audit))

    def _blocks(self, request: Request, held: ScoringJob) -> Iterator[bytes]:
        for number in range(held.blocks_done):
            rows = self._rows.of_block(held, number, reader_of(request))
            families = [row.score.family_id for row in rows if row.score is not None and row.score.family_id]
            # Whose score is provisional may be in no family that is held: its id alone finds the answer again.
            provisional = [row.score.id for row in rows if row.score is not None and row.score.provisional]
            show(request, what=held.id, families=families, rows=len(rows), provisional=" ".join(provisional))
            yield b"".join(row.model_dump_json().encode() + b"\n" for row in rows)

    def _files(self, job_id: str) -> JobFiles:
        return self._scorer.files_of(job_id)


def _kept(files: JobFiles, file: IO[bytes], media_type: str) -> tuple[int, int]:
    """Return how many rows, in how many blocks, were kept. Raises ProblemError where they cannot be read."""
    rows, blocks = 0, 0
    files.begin()
    try:
        for block in blocks_of(file, media_type):
            files.write("rows", blocks, block)
            rows, blocks = rows + len(block), blocks + 1
    except UnreadableRowsError as error:
        raise ProblemError("unreadable-body", str(error)) from None
    except TooManyRowsError as error:
        raise ProblemError("body-too-large", str(error)) from None
    return rows, blocks


def _media_type(request: Request) -> str:
    check_sent_plain(request, "not-rows")
    header = email.message.Message()
    header["content-type"] = request.headers.get("content-type", "")
    found = header.get_content_type()
    if found not in (NDJSON, PARQUET) or header.get_content_charset("utf-8") != "utf-8":
        raise ProblemError("not-rows", f"The header Content-Type has to be {NDJSON} or {PARQUET}.")
    return found


def _accepted(body: bytes) -> Response:
    made = Job.model_validate_json(body)
    return Response(body, status_code=202, media_type=JSON, headers={"Location": f"{PATH}/{made.id}"})


def _json(held: ScoringJob) -> Response:
    return Response(job(held).model_dump_json().encode(), media_type=JSON)


_LINKS = {
    name: {"operationId": name, "parameters": {"job_id": "$response.body#/id"}}
    for name in ("read_scoring_job", "read_scoring_results", "cancel_scoring_job")
}
_DESCRIBED: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "Rows, each the body of a POST to /v1/scores on one line of NDJSON; or Parquet, each row a "
        "family by an id: the columns `system` and `value`.",
        "content": {
            NDJSON: {
                "schema": {
                    "type": "string",
                    "contentMediaType": NDJSON,
                    "contentSchema": {"$ref": f"{REFERENCE}ScoreRequest"},
                },
                "example": examples.ROWS,
            },
            PARQUET: {"schema": {"type": "string", "contentMediaType": PARQUET}},
        },
    },
    "parameters": [PARAMETER],
}
