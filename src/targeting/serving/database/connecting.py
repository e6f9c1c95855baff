"""Engines to the service's own store: one that writes, one that cannot."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from targeting.errors import TargetingError
from targeting.store.files import PRIVATE_FILE, alone, private_folder

URL_VARIABLE = "TARGETING_DATABASE_URL"
FILE = "service.sqlite"
# Longer than any write takes, shorter than a client waits.
BUSY_MILLISECONDS = 10_000
SECONDS_TO_CONNECT = 5
# The one lock that whoever appends to the audit log holds on PostgreSQL: "targeting", as letters of a telephone.
ADVISORY_LOCK = 827438464


def database_url(data: Path) -> URL:
    """Return where the store lies: what TARGETING_DATABASE_URL names, else a SQLite file in the data folder.

    Raises TargetingError where the variable names no SQLite or PostgreSQL database.
    """
    named = os.environ.get(URL_VARIABLE)
    if named is None:
        return URL.create("sqlite", database=str(data / FILE))
    return parsed_url(named)


def parsed_url(named: str) -> URL:
    """Return a database's URL. Raises TargetingError, without the URL, which may hold a password."""
    expected = f"{URL_VARIABLE}: expected postgresql://USER@HOST/DATABASE or sqlite:////PATH."
    try:
        url = make_url(named)
    except ArgumentError:
        raise TargetingError(expected) from None
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        raise TargetingError(expected)
    return url


def writing_engine(url: URL, *, is_flushed: bool) -> Engine:
    """Return an engine whose every transaction may write, and waits its turn before it reads anything.

    `is_flushed`: a commit returns once it would outlive a power cut; otherwise it outlives the end of every process,
    and reaches the disk soon after.
    """
    if url.get_backend_name() == "postgresql":
        commit = f"-c synchronous_commit={'on' if is_flushed else 'off'}"
        engine = create_engine(
            url, pool_pre_ping=True, pool_size=2, connect_args=_bounded(f"{commit} -c lock_timeout={BUSY_MILLISECONDS}")
        )
        event.listen(engine, "begin", _begin_writing)
        return engine
    path = Path(str(url.database))
    _make_private(path)
    engine = create_engine(url, connect_args={"timeout": BUSY_MILLISECONDS / 1000}, pool_size=2)
    event.listen(engine, "connect", _preparing(path, synchronous="full" if is_flushed else "normal"))
    event.listen(engine, "begin", _begin_writing)
    return engine


def taking_turn(url: URL) -> str:
    """Return the statement by which a transaction that writes waits for those of others before it reads anything.

    One that read before would be refused where another wrote in between.
    """
    if url.get_backend_name() == "postgresql":
        return f"select pg_advisory_xact_lock({ADVISORY_LOCK})"
    return "begin immediate"


def journal_of(url: URL) -> Path | None:
    """Return the file that commits are first written to; None where a server looks after that."""
    return Path(f"{url.database}-wal") if url.get_backend_name() == "sqlite" else None


def reading_engine(url: URL) -> Engine:
    """Return an engine whose connections the database itself keeps from writing."""
    if url.get_backend_name() == "postgresql":
        return create_engine(url, pool_pre_ping=True, connect_args=_bounded("-c default_transaction_read_only=on"))
    engine = create_engine(url, connect_args={"timeout": BUSY_MILLISECONDS / 1000})
    event.listen(engine, "connect", _prepare_sqlite_to_read)
    return engine


def _bounded(options: str) -> dict[str, object]:
    """Return how PostgreSQL is connected to: a server that is away, or answers no more, is not waited for long."""
    return {"options": options, "connect_timeout": SECONDS_TO_CONNECT, "tcp_user_timeout": BUSY_MILLISECONDS}


def _make_private(path: Path) -> None:
    """Make an empty file that its owner alone may read: SQLite gives its journals the same mode."""
    private_folder(path.parent)
    path.touch(mode=PRIVATE_FILE)
    path.chmod(PRIVATE_FILE)


def _preparing(path: Path, *, synchronous: str) -> Callable[[Any, Any], None]:
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        # Of two that give a new file its journal at the same moment SQLite refuses one, however long it would wait.
        with alone(path):
            connection.execute("pragma journal_mode = wal").close()
        for pragma in (f"synchronous = {synchronous}", "foreign_keys = on"):
            connection.execute(f"pragma {pragma}").close()

    return prepare


def _prepare_sqlite_to_read(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    connection.execute("pragma query_only = on").close()


def _begin_writing(connection: Connection) -> None:
    connection.exec_driver_sql(taking_turn(connection.engine.url))
