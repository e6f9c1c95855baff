"""Scoring jobs in the store: asked for, claimed by one worker at a time, done block by block, forgotten."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, or_, select, update

from targeting.serving.database.audit import instant
from targeting.serving.database.database import Writing
from targeting.serving.database.tables import scoring_jobs

Status = Literal["waiting", "running", "ended", "failed"]
UNDER_WAY: tuple[Status, ...] = ("waiting", "running")
# A worker that was killed holds its claim no longer than this; a block takes some seconds.
CLAIM_HOLDS = timedelta(minutes=1)
_TABLE = scoring_jobs


@dataclass(frozen=True, kw_only=True)
class ScoringJob:
    """A job as the store has it. `lists` are the ids of those that all its rows are answered from.

    `panels` are those of whose families alone it tells; None: of all.
    `rows_scored` of `rows_done` have a score, the others a problem. `ended_at` is None while it is under way.
    """

    id: str
    client: str
    subject: str
    at: datetime
    lists: tuple[str, ...]
    panels: frozenset[str] | None
    status: Status
    rows: int
    rows_done: int
    rows_scored: int
    blocks: int
    blocks_done: int
    ended_at: datetime | None
    forget_at: datetime


class NothingToClaimError(Exception):
    """No job waits, or another worker was faster."""


class LostClaimError(Exception):
    """The job was taken back, or another worker goes on with it; what was done since is not counted."""


@dataclass(frozen=True)
class NewJob:
    """A job to be added: how many rows it has, in how many blocks, the lists and panels as `ScoringJob` has them."""

    id: str
    lists: tuple[str, ...]
    panels: frozenset[str] | None
    rows: int
    blocks: int


def add_job(writing: Writing, new: NewJob, *, client: str, subject: str, holds: timedelta) -> ScoringJob:
    """Return a job that now waits, and is forgotten after `holds`."""
    row = {
        "job_id": new.id,
        "client": client,
        "subject": subject,
        "at": instant(writing.at),
        "lists": json.dumps(new.lists),
        "panels": json.dumps(sorted(new.panels) if new.panels is not None else None),
        "status": "waiting",
        "rows": new.rows,
        "blocks": new.blocks,
        **dict.fromkeys(("rows_done", "rows_scored", "blocks_done"), 0),
        **dict.fromkeys(("claimed_by", "claimed_until", "ended_at"), ""),
        "forget_at": instant(writing.at + holds),
    }
    writing.connection.execute(insert(_TABLE).values(row))
    return cast(ScoringJob, job_of(writing.connection, new.id))


def job_of(connection: Connection, job_id: str) -> ScoringJob | None:
    """Return a job; None where there is none, or it is forgotten."""
    found = connection.execute(select(_TABLE).where(_TABLE.c.job_id == job_id)).one_or_none()
    return _job(found) if found else None


def count_under_way(connection: Connection, client: str) -> int:
    """Return how many jobs of a client wait or run."""
    of_client = select(func.count()).where(_TABLE.c.client == client, _TABLE.c.status.in_(UNDER_WAY))
    return connection.execute(of_client).scalar_one()


def next_job(connection: Connection, at: datetime) -> ScoringJob | None:
    """Return the oldest job that nobody works on: it waits, or whoever had claimed it is gone; None where none does."""
    asked = select(_TABLE).where(_is_free(at)).order_by(_TABLE.c.at, _TABLE.c.job_id).limit(1)
    found = connection.execute(asked).one_or_none()
    return _job(found) if found else None


def claim(writing: Writing, job_id: str, worker: str) -> ScoringJob:
    """Return a job that is the worker's for a while. Raises NothingToClaimError where another was faster."""
    until = instant(writing.at + CLAIM_HOLDS)
    claimed = update(_TABLE).where(_TABLE.c.job_id == job_id, _is_free(writing.at))
    if not writing.connection.execute(
        claimed.values(status="running", claimed_by=worker, claimed_until=until)
    ).rowcount:
        raise NothingToClaimError
    job = job_of(writing.connection, job_id)
    if job is None:
        raise NothingToClaimError
    return job


def note_block(writing: Writing, job: ScoringJob, worker: str, *, rows: int, scored: int) -> ScoringJob:
    """Return the job with one more block done, and the claim held longer; after the last block it has ended.

    Raises LostClaimError where the worker holds it no longer.
    """
    is_last = job.blocks_done + 1 >= job.blocks
    _change(
        writing,
        job,
        worker,
        rows_done=job.rows_done + rows,
        rows_scored=job.rows_scored + scored,
        blocks_done=job.blocks_done + 1,
        claimed_until=instant(writing.at + CLAIM_HOLDS),
        **({"status": "ended", "ended_at": instant(writing.at)} if is_last else {}),
    )
    return cast(ScoringJob, job_of(writing.connection, job.id))


def release(writing: Writing, job: ScoringJob, worker: str) -> None:
    """Let another worker go on at once. Raises LostClaimError where the worker holds the job no longer."""
    _change(writing, job, worker, status="waiting", claimed_by="", claimed_until="")


def note_failure(writing: Writing, job: ScoringJob, worker: str) -> None:
    """Note that a job cannot be ended. Raises LostClaimError where the worker holds it no longer."""
    _change(writing, job, worker, status="failed", ended_at=instant(writing.at))


def past_retention(connection: Connection, at: datetime) -> tuple[str, ...]:
    """Return the jobs whose time is over, whatever became of them."""
    asked = select(_TABLE.c.job_id).where(_TABLE.c.forget_at <= instant(at)).order_by(_TABLE.c.job_id)
    return tuple(connection.execute(asked).scalars())


def forget(writing: Writing, job_id: str) -> None:
    """Remove a job; whoever works on it finds that out at the end of the block."""
    writing.connection.execute(delete(_TABLE).where(_TABLE.c.job_id == job_id))


def _is_free(at: datetime) -> ColumnElement[bool]:
    left = (_TABLE.c.status == "running") & (_TABLE.c.claimed_until <= instant(at))
    return or_(_TABLE.c.status == "waiting", left) & (_TABLE.c.forget_at > instant(at))


def _change(writing: Writing, job: ScoringJob, worker: str, **values: Any) -> None:
    held = (_TABLE.c.job_id == job.id, _TABLE.c.status == "running", _TABLE.c.claimed_by == worker)
    if not writing.connection.execute(update(_TABLE).where(*held).values(**values)).rowcount:
        raise LostClaimError


def _job(row: Row[Any]) -> ScoringJob:
    counts = {name: getattr(row, name) for name in ("rows", "rows_done", "rows_scored", "blocks", "blocks_done")}
    return ScoringJob(
        id=row.job_id,
        client=row.client,
        subject=row.subject,
        at=datetime.fromisoformat(row.at),
        lists=tuple(json.loads(row.lists)),
        panels=None if (panels := json.loads(row.panels)) is None else frozenset(panels),
        status=row.status,
        ended_at=datetime.fromisoformat(row.ended_at) if row.ended_at else None,
        forget_at=datetime.fromisoformat(row.forget_at),
        **counts,
    )
