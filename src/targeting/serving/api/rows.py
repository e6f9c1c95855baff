"""What a client is answered to the rows of a scoring job: a line of JSON each, with a score or a problem."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import lru_cache
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict

from targeting.errors import DataError
from targeting.serving.access.reader import Reader
from targeting.serving.api.body import JsonBody
from targeting.serving.api.problems import ProblemError, problem_details
from targeting.serving.database.scoring_jobs import ScoringJob
from targeting.serving.jobs.working import Answered, AnswerRows
from targeting.serving.reading import Reading, ReadScore
from targeting.serving.scores.answer import Score
from targeting.serving.scores.refusals import Refusal, Slug
from targeting.serving.scores.request import ScoreRequest
from targeting.serving.scores.scorer import Scorer
from targeting.store.kept import Kept

# Problems that may rest on who is held; all others are of the row alone.
OF_SOMEBODY = frozenset(f"/problems/{slug}" for slug in get_args(Slug))
# As many blocks' counts are kept as the jobs of a busy day have.
MOST_COUNTS = 10_000
# Of whom nothing is said to a subject who reads the lists of some panels, or of all.
HiddenFrom = Callable[[str, frozenset[str] | None], frozenset[str]]


class JobRow(BaseModel):
    """What is answered to one row of a job, the first of which is 0: either a score, or a problem by RFC 9457."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    row: int
    score: ReadScore | None
    problem: Mapping[str, Any] | None


class _Heading(BaseModel):
    """What stands before the rows of a block: from which families they were kept hidden, and how many have a score."""

    hidden: str
    scored: int


class _KeptRow(BaseModel):
    """A row's answer as it is kept, before it is known who reads it."""

    row: int
    score: Score | None
    problem: Mapping[str, Any] | None

    def rests_on_who_is_hidden(self, hidden: AbstractSet[str]) -> bool:
        """Return whether it could be another where `hidden` families are in place of those that were."""
        if self.problem is not None:
            return self.problem["type"] in OF_SOMEBODY
        return self.score is not None and (self.score.provisional or self.score.family_id in hidden)


def answering_rows(scorer: Scorer, hidden_from: HiddenFrom) -> AnswerRows:
    """Return what answers the rows of jobs, as they are kept; of hidden families it says what it says of none."""
    body = JsonBody(scorer.request_model)

    def answer(job: ScoringJob, lines: Sequence[bytes], first: int) -> Answered:
        hidden = hidden_from(job.subject, job.panels)
        answers = _answers(scorer, body, lines, job, hidden)
        scored = sum(isinstance(each, Score) for each in answers)
        heading = _Heading(hidden=_digest(hidden), scored=scored).model_dump_json().encode()
        return Answered((heading, *(_line(job.id, row, each) for row, each in enumerate(answers, first))), scored)

    return answer


class JobRows:
    """The rows of jobs as one reader after another may see them, by what holds when they are read."""

    def __init__(self, scorer: Scorer, reading: Reading) -> None:
        self._scorer, self._reading = scorer, reading
        self._body = JsonBody(scorer.request_model)
        self._counts: Kept[tuple[str, int, str], int] = Kept(MOST_COUNTS)

    def of_block(self, job: ScoringJob, number: int, reader: Reader) -> list[JobRow]:
        """Return the rows of one block.

        Where other families are hidden from the reader than were when it was answered, each row on which that could
        bear is answered anew, from the same lists.
        """
        hidden = self._reading.hidden_from(reader)
        return [self._read(job, reader, each) for each in self._kept_for(job, number, hidden)]

    def counted_for(self, job: ScoringJob, reader: Reader) -> ScoringJob:
        """Return a job whose count of rows with a score is of what the reader may know."""
        hidden = self._reading.hidden_from(reader)
        return replace(job, rows_scored=sum(self._scored(job, number, hidden) for number in range(job.blocks_done)))

    def _scored(self, job: ScoringJob, number: int, hidden: frozenset[str]) -> int:
        def count() -> int:
            heading, _ = self._block(job, number)
            if heading.hidden == _digest(hidden):
                return heading.scored
            return sum(each.score is not None for each in self._kept_for(job, number, hidden))

        try:
            return self._counts.get((job.id, number, _digest(hidden)), count)
        # Its answers are gone, as those of a job are that a restored store still knows: none of them can be read.
        except DataError:
            return 0

    def _block(self, job: ScoringJob, number: int) -> tuple[_Heading, list[bytes]]:
        heading, *lines = self._scorer.files_of(job.id).read("answers", number)
        return _Heading.model_validate_json(heading), lines

    def _kept_for(self, job: ScoringJob, number: int, hidden: frozenset[str]) -> list[_KeptRow]:
        heading, lines = self._block(job, number)
        kept = [_KeptRow.model_validate_json(line) for line in lines]
        if heading.hidden == _digest(hidden):
            return kept
        places = [place for place, each in enumerate(kept) if each.rests_on_who_is_hidden(hidden)]
        asked = self._scorer.files_of(job.id).read("rows", number) if places else []
        answers = _answers(self._scorer, self._body, [asked[place] for place in places], job, hidden)
        for place, answer in zip(places, answers, strict=True):
            kept[place] = _KeptRow.model_validate_json(_line(job.id, kept[place].row, answer))
        return kept

    def _read(self, job: ScoringJob, reader: Reader, kept: _KeptRow) -> JobRow:
        if kept.score is None:
            return JobRow(row=kept.row, score=None, problem=kept.problem)
        suspended = self._reading.suspension(kept.score.provenance.model)
        if suspended is None:
            return JobRow(row=kept.row, score=self._reading.read_score(reader, kept.score), problem=None)
        said = ProblemError("suspended", f"Suspended since {suspended.on:%d %B %Y}: {suspended.reason}")
        return JobRow(row=kept.row, score=None, problem=_problem(job.id, kept.row, said))


def _answers(
    scorer: Scorer, body: JsonBody[ScoreRequest], lines: Sequence[bytes], job: ScoringJob, hidden: frozenset[str]
) -> list[Score | Refusal | ProblemError]:
    """Return what is answered to each of some rows of a job, from its lists."""
    parsed = [_parsed(body, line) for line in lines]
    fitting = [each for each in parsed if isinstance(each, ScoreRequest)]
    scores = iter(scorer.score_all(fitting, lists=job.lists, hidden=hidden) if fitting else ())
    return [next(scores) if isinstance(each, ScoreRequest) else each for each in parsed]


def _parsed(body: JsonBody[ScoreRequest], line: bytes) -> ScoreRequest | ProblemError:
    try:
        return body.parse(line)
    except ProblemError as problem:
        return problem


def _line(job_id: str, row: int, answer: Score | Refusal | ProblemError) -> bytes:
    if isinstance(answer, Score):
        return b'{"row":%d,"score":%b,"problem":null}' % (row, answer.model_dump_json().encode())
    problem = _as_problem(answer) if isinstance(answer, Refusal) else answer
    held = {"row": row, "score": None, "problem": _problem(job_id, row, problem)}
    return json.dumps(held, ensure_ascii=False).encode()


@lru_cache(maxsize=4)
def _digest(hidden: frozenset[str]) -> str:
    """Return what is the same for the same families, and of no use to whoever does not know them."""
    return hashlib.sha256("\n".join(sorted(hidden)).encode()).hexdigest()


def _as_problem(refusal: Refusal) -> ProblemError:
    return ProblemError(refusal.slug, refusal.detail, extra=refusal.extra)


def _problem(job_id: str, row: int, problem: ProblemError) -> Mapping[str, Any]:
    return problem_details(problem, instance=f"/v1/scoring-jobs/{job_id}/results#{row}")
