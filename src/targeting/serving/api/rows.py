"""What a client is answered to the rows of a scoring job: a line of JSON each, with a score or a problem."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from targeting.serving.access.reader import Reader
from targeting.serving.api.body import JsonBody
from targeting.serving.api.problem_types import PROBLEM_TYPES
from targeting.serving.api.problems import ProblemError, problem_details
from targeting.serving.database.scoring_jobs import ScoringJob
from targeting.serving.jobs.working import Answered, AnswerRows
from targeting.serving.reading import Reading, ReadScore
from targeting.serving.scores.answer import Score
from targeting.serving.scores.refusals import Refusal
from targeting.serving.scores.request import ScoreRequest
from targeting.serving.scores.scorer import Scorer

# Problems that tell of somebody who is held, and those from which they are not to be told apart.
OF_SOMEBODY = frozenset(
    f"/problems/{slug}"
    for slug in ("outside-cohort", "front-door", "more-than-one-family", "unknown-family", "unknown-person")
)
# Of whom nothing is said to a subject who reads the lists of some panels, or of all.
HiddenFrom = Callable[[str, frozenset[str] | None], frozenset[str]]


class JobRow(BaseModel):
    """What is answered to one row of a job, the first of which is 0: either a score, or a problem by RFC 9457."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    row: int
    score: ReadScore | None
    problem: Mapping[str, Any] | None


class _Kept(BaseModel):
    """A row's answer as it is kept, before it is known who reads it."""

    row: int
    score: Score | None
    problem: Mapping[str, Any] | None


def answering_rows(scorer: Scorer, hidden_from: HiddenFrom) -> AnswerRows:
    """Return what answers the rows of jobs, as they are kept; of hidden families it says what it says of none."""
    body = JsonBody(scorer.request_model)

    def answer(job: ScoringJob, lines: Sequence[bytes], first: int) -> Answered:
        parsed = [_parsed(body, line) for line in lines]
        fitting = [each for each in parsed if isinstance(each, ScoreRequest)]
        scores = iter(scorer.score_all(fitting, lists=job.lists, sealed=hidden_from(job.subject, job.panels)))
        answers = [next(scores) if isinstance(each, ScoreRequest) else each for each in parsed]
        kept = tuple(_kept(job.id, row, each) for row, each in enumerate(answers, first))
        return Answered(kept, sum(isinstance(each, Score) for each in answers))

    return answer


def rows_read(lines: Sequence[bytes], reading: Reading, reader: Reader, job: ScoringJob) -> Iterator[JobRow]:
    """Yield the rows that were kept as the reader may see them, by what holds now.

    A problem that was kept does not say whose it is: where the job told of more panels than the reader reads, every
    one that tells of somebody is as if nobody were held.
    """
    sealed, tells_of_more = reading.hidden_from(reader), _tells_of_more(job, reader)
    for line in lines:
        kept = _Kept.model_validate_json(line)
        refusal = _refusal(kept.score, reading, sealed) if kept.score is not None else None
        if kept.problem is not None and tells_of_more and kept.problem["type"] in OF_SOMEBODY:
            refusal = _unknown()
        if kept.score is None or refusal is not None:
            problem = kept.problem if refusal is None else _problem(job.id, kept.row, _as_problem(refusal))
            yield JobRow(row=kept.row, score=None, problem=problem)
        else:
            yield JobRow(row=kept.row, score=reading.read_score(reader, kept.score), problem=None)


def _parsed(body: JsonBody[ScoreRequest], line: bytes) -> ScoreRequest | ProblemError:
    try:
        return body.parse(line)
    except ProblemError as problem:
        return problem


def _kept(job_id: str, row: int, answer: Score | Refusal | ProblemError) -> bytes:
    if isinstance(answer, Score):
        return b'{"row":%d,"score":%b,"problem":null}' % (row, answer.model_dump_json().encode())
    problem = _as_problem(answer) if isinstance(answer, Refusal) else answer
    held = {"row": row, "score": None, "problem": _problem(job_id, row, problem)}
    return json.dumps(held, ensure_ascii=False).encode()


def _refusal(score: Score, reading: Reading, sealed: frozenset[str]) -> Refusal | None:
    """Return why a score is not read any more that was made a while ago; None where it is."""
    # First, as whoever is hidden has no score to be suspended.
    if score.family_id in sealed:
        return _unknown()
    suspended = reading.suspension(score.provenance.model)
    if suspended is not None:
        return Refusal("suspended", f"Suspended since {suspended.on:%d %B %Y}: {suspended.reason}")
    return None


def _unknown() -> Refusal:
    return Refusal("unknown-family", PROBLEM_TYPES["unknown-family"].explanation)


def _tells_of_more(job: ScoringJob, reader: Reader) -> bool:
    """Return whether a job told of families of panels whose lists the reader does not read now."""
    return reader.panels is not None and (job.panels is None or not job.panels <= reader.panels)


def _as_problem(refusal: Refusal) -> ProblemError:
    return ProblemError(refusal.slug, refusal.detail, extra=refusal.extra)


def _problem(job_id: str, row: int, problem: ProblemError) -> Mapping[str, Any]:
    return problem_details(problem, instance=f"/v1/scoring-jobs/{job_id}/results#{row}")
