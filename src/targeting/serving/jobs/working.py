"""Works jobs off: claims one, answers it block by block, forgets what is past its time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from targeting.errors import TargetingError
from targeting.serving.database.audit import AuditEvent
from targeting.serving.database.database import Database
from targeting.serving.database.scoring_jobs import (
    LostClaimError,
    NothingToClaimError,
    ScoringJob,
    claim,
    forget,
    job_of,
    next_job,
    note_block,
    note_failure,
    past_retention,
    release,
)
from targeting.serving.jobs.files import JobFiles, jobs_on_disk

CLIENT, ROLE = "scoring jobs", "administrator"
MOST_TO_RECEIVE = timedelta(hours=1)


@dataclass(frozen=True)
class Answered:
    """What is answered to a block, in lines that whoever made them reads, and how many of the rows have a score."""

    lines: tuple[bytes, ...]
    scored: int


# Answers rows of a job, the first of which has the number given.
AnswerRows = Callable[[ScoringJob, Sequence[bytes], int], Answered]


class JobWorker:
    """One worker over a data folder and its store. `name` is its own: no other claims by it.

    Whatever it is killed at, the job goes on: a block is counted once its answers are on the disk, and is answered anew
    where they were not.
    """

    def __init__(self, data: Path, database: Database, *, key: bytes, name: str, answer: AnswerRows) -> None:
        self._data, self._database, self._key, self._name = data, database, key, name
        self._answer = answer
        self._job: ScoringJob | None = None

    def work_on(self) -> bool:
        """Do one block of one job; return whether there was anything to do.

        A job whose answers cannot be given (what made its lists is gone) is noted as failed.
        """
        job = self._job or self._claimed()
        self._job = None
        if job is None:
            return False
        try:
            self._job = self._one_block(job)
        except LostClaimError:
            return True
        except TargetingError:
            self._note_failure(job)
        # A bug: whoever runs the worker is told, and the job is not tried for ever.
        except Exception:
            self._note_failure(job)
            raise
        return True

    def let_go(self) -> None:
        """Let another worker go on with the job at once."""
        job, self._job = self._job, None
        if job is None:
            return
        try:
            self._database.write(lambda writing: release(writing, job, self._name), audit=self._did("release", job.id))
        except LostClaimError:
            return

    def forget_the_past(self) -> None:
        """Remove the jobs whose time is over, with their rows and answers.

        A folder without its job is one that is being written this moment or, after an hour, what a request left that
        was killed before it was acknowledged.
        """
        with self._database.reading() as connection:
            over = past_retention(connection, self._database.clock())
        for job_id in over:
            self._files(job_id).remove()
            self._database.write(partial(forget, job_id=job_id), audit=self._did("forget", job_id))
        for job_id in jobs_on_disk(self._data):
            with self._database.reading() as connection:
                job = job_of(connection, job_id)
            files = self._files(job_id)
            if job is None and files.begun_at() + MOST_TO_RECEIVE < self._database.clock():
                files.remove()

    def _claimed(self) -> ScoringJob | None:
        with self._database.reading() as connection:
            job = next_job(connection, self._database.clock())
        if job is None:
            return None
        try:
            return self._database.write(
                lambda writing: claim(writing, job.id, self._name), audit=self._did("claim", job.id)
            )
        except NothingToClaimError:
            return None

    def _one_block(self, job: ScoringJob) -> ScoringJob | None:
        """Return the job where there is more of it. Raises LostClaimError where it is no longer this worker's."""
        number, files = job.blocks_done, self._files(job.id)
        rows = files.read("rows", number)
        answered = self._answer(job, rows, job.rows_done)
        files.write("answers", number, answered.lines)
        done = self._database.write(
            lambda writing: note_block(writing, job, self._name, rows=len(rows), scored=answered.scored),
            audit=self._did("score_rows", job.id, rows=len(rows), scored=answered.scored),
        )
        return done if done.status == "running" else None

    def _note_failure(self, job: ScoringJob) -> None:
        try:
            self._database.write(
                lambda writing: note_failure(writing, job, self._name), audit=self._did("fail", job.id)
            )
        except LostClaimError:
            return

    def _files(self, job_id: str) -> JobFiles:
        return JobFiles(self._data, job_id, key=self._key)

    def _did(self, what: str, job_id: str, **details: int) -> AuditEvent:
        action = f"{what}_job" if what != "score_rows" else what
        return AuditEvent(subject=self._name, role=ROLE, client=CLIENT, action=action, what=job_id, details=details)
