"""The store as the rest of the service has it: it reads freely, and no write leaves without its audit event."""

import hmac
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection
from sqlalchemy.exc import SQLAlchemyError

from targeting.errors import TargetingError
from targeting.serving.database.audit import AuditChain, AuditEvent, AuditHead, head_of
from targeting.serving.database.connecting import URL_VARIABLE, database_url, journal_of, reading_engine, writing_engine
from targeting.serving.database.flushing import Flusher
from targeting.serving.database.group_commit import GroupCommit
from targeting.serving.database.migrating import migrate
from targeting.serving.database.recording import Recorder
from targeting.store.pseudonyms import derived_key

AUDIT_PURPOSE, LOG_PURPOSE = "audit log", "log"
CHARACTERS_IN_LOGS = 16
Result = TypeVar("Result")
Clock = Callable[[], datetime]


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Writing:
    """One transaction: its connection, when it is, and the number that its audit event gets."""

    connection: Connection
    at: datetime
    seq: int


class Database:
    """The store at one URL, migrated to this program's version when it is opened.

    Raises TargetingError where it was made by a newer program. Safe to use from several threads and processes.
    """

    def __init__(self, url: URL, *, key: bytes, clock: Clock = now) -> None:
        self.url, self.clock = url, clock
        self._writer = writing_engine(url, is_flushed=True)
        migrate(self._writer)
        self._recording, self._reader = writing_engine(url, is_flushed=False), reading_engine(url)
        self._chain = AuditChain(derived_key(key, AUDIT_PURPOSE))
        self._log_key = derived_key(key, LOG_PURPOSE)
        self._recorded = GroupCommit(Recorder(self._recording, self._chain, clock=clock).append)
        journal = journal_of(url)
        self._flusher = Flusher(journal) if journal is not None else None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that the database itself keeps from writing."""
        with self._reader.connect() as connection:
            yield connection

    def write(self, work: Callable[[Writing], Result], *, audit: AuditEvent) -> Result:
        """Return what `work` returns, once its writes and their event outlive a power cut; none where it raises."""
        with self._writer.begin() as connection:
            head, at = head_of(connection), self.clock()
            result = work(Writing(connection, at, head.seq + 1))
            self._chain.append(connection, [audit], after=head, at=at)
        return result

    def record(self, event: AuditEvent) -> None:
        """Return when an event outlives the end of every process; a power cut it outlives within a second.

        Events that other threads record meanwhile go into one commit.
        """
        self._recorded.add(event)
        if self._flusher is not None:
            self._flusher.note_write()

    def hashed(self, text: str) -> str:
        """Return what stands for a text in the service's log: equal for equal texts, undone by nobody."""
        return hmac.digest(self._log_key, text.encode(), "sha256").hex()[:CHARACTERS_IN_LOGS]

    def head(self) -> AuditHead:
        """Return the last event of the audit log."""
        with self.reading() as connection:
            return head_of(connection)

    def check_audit_log(self, heads: Sequence[AuditHead] = ()) -> AuditHead:
        """Return the head of a log that holds throughout. Raises DataError where it does not; see `AuditChain`."""
        with self.reading() as connection:
            return self._chain.check(connection, heads)

    def close(self) -> None:
        """Let go of every connection; what was recorded is on the disk."""
        if self._flusher is not None:
            self._flusher.close()
        self._writer.dispose()
        self._recording.dispose()
        self._reader.dispose()


def open_database(data: Path, *, key: bytes, clock: Clock = now) -> Database:
    """Return the store of a data folder; `key` is that of its identities, from which the log's own key follows.

    Raises TargetingError where it cannot be opened. What a database says of that may repeat a password: it is not told.
    """
    url = database_url(data)
    try:
        return Database(url, key=key, clock=clock)
    except (SQLAlchemyError, OSError) as error:
        raise TargetingError(_cannot_be_opened(url, error)) from None


def _cannot_be_opened(url: URL, error: Exception) -> str:
    if url.get_backend_name() == "postgresql":
        return (
            f"the database that {URL_VARIABLE} names cannot be opened ({type(error).__name__}): it has to take "
            "connections, let this user in, and let it make tables. `psql` with the same URL says more."
        )
    return (
        f"{url.database}, the service's own store, cannot be opened ({type(error).__name__}): its folder has to be "
        "writable, the disk may not be full, and the file has to be a SQLite database."
    )
