"""The staging database: facts as the agencies delivered them, by person record, before linkage.

A DuckDB file of identity class, opened by loading and linking alone: one writer at a time, mode 0600. It names people
by pseudonymous `record_id`; what is known of them by name lies in the identities store.
"""

import os
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import MappingProxyType

import duckdb
import pyarrow as pa

from targeting.errors import DataError
from targeting.records.definition import FactKind
from targeting.store import files
from targeting.store.files import private_folder

FILE = "staging.duckdb"
PREFIX = "facts_"
# What DuckDB, SQLite and the operating system say where a disk, a quota or the allowed size of a file is exhausted.
NO_ROOM = re.compile(r"no space left|file too large|disk is full|disk i/o error|could not write|quota|offload", re.I)
NAME = re.compile(r"[a-z][a-z0-9_]*")

SQL_TYPES = MappingProxyType(
    {"code": "varchar", "integer": "bigint", "number": "double", "flag": "boolean", "date": "date"}
)
# Every fact has these; its kind's own columns follow.
FACT_COLUMNS = MappingProxyType(
    {
        "fact_id": "bigint",
        "record_id": "varchar",
        "event_date": "date",
        "knowledge_date": "date",
        "superseded_on": "date",
        "knowledge_basis": "varchar",
        "source": "varchar",
        "record_key": "varchar",
        "digest": "varchar",
        "line": "bigint",
    }
)
TABLES = """
create table if not exists deliveries (
    digest varchar primary key, source varchar, file varchar, extracted_on date, synthetic boolean,
    rows bigint, accepted bigint, quarantined bigint, content varchar, extract varchar);
create table if not exists sightings (record_id varchar, source varchar, known_from date, digest varchar);
create table if not exists relationships (
    source varchar, record_id varchar, other_record_id varchar, relationship varchar,
    started_on date, ended_on date, knowledge_date date, digest varchar);
create table if not exists quarantine (
    source varchar, file varchar, digest varchar, part varchar, line bigint, "column" varchar, rule varchar,
    expected varchar, shape varchar);
create table if not exists delivered_kinds (digest varchar, kind varchar);
create view if not exists person_records as
    select record_id, source, min(known_from) as known_from from sightings group by record_id, source;
"""


class Staging:
    """An open staging database; `open_staging` makes one."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        # What this connection has made already; given up with a transaction that fails.
        self._prepared: dict[str, FactKind] = {}
        self._knows_fact_ids = False

    def deliveries(self) -> pa.Table:
        """Return one row per file loaded: whence, of which day, and how many of its rows were taken."""
        return self.table("select * from deliveries order by source, extracted_on, file, digest")

    def person_records(self) -> pa.Table:
        """Return record_id, source and the first date on which the agency is known to have had the person."""
        return self.table("select * from person_records order by record_id, source")

    def relationships(self) -> pa.Table:
        """Return source, record_id, other_record_id, relationship, started_on, ended_on, knowledge_date.

        What an agency changed later (most often an end) is a further row, known later; so the row of a pair and
        relationship that counts on a date is the last known before it.
        """
        return self.table(
            """
            select source, record_id, other_record_id, relationship, started_on, ended_on, knowledge_date
            from relationships order by all
            """
        )

    def quarantine(self) -> pa.Table:
        """Return each fault of each rejected row: where, which rule, what would be right, the value's shape."""
        return self.table('select * from quarantine order by source, file, digest, part, line, "column", rule')

    def fact_kinds(self) -> tuple[str, ...]:
        """Return the kinds that have a table of facts, sorted."""
        names = self.connection.execute("select table_name from duckdb_tables() order by table_name").fetchall()
        return tuple(name.removeprefix(PREFIX) for (name,) in names if name.startswith(PREFIX))

    def facts(self, kind: str) -> pa.Table:
        """Return the facts of a kind in the order of their ids: `FACT_COLUMNS` and the kind's own.

        Raises KeyError where the kind has no table.
        """
        if kind not in self.fact_kinds():
            raise KeyError(kind)
        return self.table(f'select * from "{fact_table(kind)}" order by fact_id')  # noqa: S608

    def is_synthetic(self) -> bool | None:
        """Return whether what is loaded is synthetic; None before the first delivery."""
        flags: list[bool] = self.table("select distinct synthetic from deliveries")["synthetic"].to_pylist()
        return flags[0] if flags else None

    def inputs(self) -> Mapping[str, str]:
        """Return the SHA-256 of every file loaded, by source, date of extraction and name."""
        rows = self.connection.execute(
            "select source || '/' || extracted_on || '/' || file, content from deliveries order by all"
        ).fetchall()
        # One name may carry several contents on one day: the digest then tells them apart.
        names = [name for name, _ in rows]
        return {name if names.count(name) == 1 else f"{name}#{digest[:8]}": digest for name, digest in rows}

    def table(self, query: str, parameters: list[object] | None = None) -> pa.Table:
        """Return the rows of a query as one Arrow table."""
        return self.connection.sql(query, params=parameters or []).to_arrow_table()

    @contextmanager
    def readable(self, name: str, table: pa.Table) -> Iterator[None]:
        """Make an Arrow table readable to SQL by a name."""
        self.connection.register(name, table)
        try:
            yield
        finally:
            self.connection.unregister(name)

    @contextmanager
    def viewed(self, name: str, table: str, condition: str) -> Iterator[None]:
        """Make the rows of a temporary table on which a condition holds readable to SQL by another name."""
        self.connection.execute(f'create or replace temp view "{name}" as from "{table}" where {condition}')
        yield
        self.connection.execute(f'drop view "{name}"')

    def keep_temporarily(self, name: str, table: pa.Table, *, anew: bool) -> None:
        """Add an Arrow table to a temporary one, begun anew or not."""
        with self.readable("kept", table):
            if anew:
                self.connection.execute(f'create or replace temp table "{name}" as from kept')
            else:
                self.connection.execute(f'insert into "{name}" from kept')

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all that is done within, or nothing where it fails."""
        self.connection.begin()
        try:
            yield
            files.before("commit staging")
            self.connection.commit()
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        self._prepared, self._knows_fact_ids = {}, False
        try:
            self.connection.rollback()
        except duckdb.Error:
            # A database that could not write has given the transaction up already, and hides why behind this.
            return

    def prepare_facts(self, kind: FactKind) -> None:
        """Make the table of a kind's facts, or add the columns that the contract has gained.

        Raises DataError where a column's type has changed.
        """
        if self._prepared.get(kind.name) is not kind:
            self._prepare(kind)
            self._prepared[kind.name] = kind

    def _prepare(self, kind: FactKind) -> None:
        own = {column.name: SQL_TYPES[column.type] for column in kind.columns}
        wanted = {**FACT_COLUMNS, **own}
        columns = ", ".join(f'"{name}" {sql_type}' for name, sql_type in wanted.items())
        table = fact_table(kind.name)
        self.connection.execute(f'create table if not exists "{table}" ({columns})')
        held = dict(
            self.connection.execute(
                "select column_name, lower(data_type) from duckdb_columns() where table_name = ?", [table]
            ).fetchall()
        )
        for name, sql_type in own.items():
            _check_type(f"{kind.name}.{name}", held.get(name), sql_type)
            if name not in held:
                self.connection.execute(f'alter table "{table}" add column "{name}" {sql_type}')

    def know_fact_ids(self) -> None:
        """Make the ids of all facts readable to SQL as `fact_ids`; whoever adds or removes facts keeps it true."""
        if self._knows_fact_ids:
            return
        held = [f'select fact_id from "{fact_table(kind)}"' for kind in self.fact_kinds()]  # noqa: S608
        self.connection.execute("create or replace temp table fact_ids (fact_id bigint)")
        for query in held:
            self.connection.execute(f"insert into fact_ids {query}")
        self._knows_fact_ids = True


def _check_type(column: str, held: str | None, wanted: str) -> None:
    if held is not None and held != wanted:
        message = (
            f"{FILE}: {column} was loaded as {held}; the contract now says {wanted}. "
            "Load the extracts again into a new data folder."
        )
        raise DataError(message)


def fact_table(kind: str) -> str:
    """Return the name of the table that holds a kind's facts."""
    if not NAME.fullmatch(kind):
        message = f"{kind!r} cannot name a kind of fact: lower-case letters, digits and underscores, a letter first."
        raise ValueError(message)
    return PREFIX + kind


@contextmanager
def open_staging(data: Path, *, memory: str | None = None) -> Iterator[Staging]:
    """Open the staging database of a data folder, made where missing, for this process alone.

    Beyond `memory` (such as `256MiB`; None: most of the machine's) queries spill to the data folder. Raises DataError
    where another process has it open, and says which.
    """
    private_folder(data)
    # DuckDB makes its journal and its spill files by itself: the mask keeps those private too.
    mask = os.umask(0o077)
    try:
        with closing(_connected(data / FILE)) as connection:
            connection.execute(TABLES)
            if memory is not None:
                connection.execute("set memory_limit = $memory", {"memory": memory})
                # Rows are sorted where they are read.
                connection.execute("set preserve_insertion_order = false")
            yield Staging(connection)
    finally:
        os.umask(mask)


@contextmanager
def read_staging(data: Path, *, memory: str) -> Iterator[Staging]:
    """Open the staging database of a data folder to be read: others may read it meanwhile, and nothing is made.

    Raises DataError where another process writes to it, and says which.
    """
    settings = {"memory_limit": memory, "preserve_insertion_order": "false"}
    with closing(_connected(data / FILE, read_only=True, **settings)) as connection:
        yield Staging(connection)


class NoRoomError(DataError):
    """There is no space left for what is to be written; what was written before stands."""


@contextmanager
def room_in(data: Path) -> Iterator[None]:
    """Raise NoRoomError, naming the data folder, where a file in it cannot be written for want of space."""
    try:
        yield
    except (duckdb.Error, sqlite3.Error, OSError) as error:
        if not NO_ROOM.search(str(error)):
            raise
        message = f"no space left in {data}. Make room and load again: what is loaded already is not read twice."
        raise NoRoomError(message) from None


def _connected(path: Path, *, read_only: bool = False, **settings: str) -> duckdb.DuckDBPyConnection:
    try:
        if not path.exists() and not read_only:
            _make(path)
        return duckdb.connect(str(path), read_only=read_only, config=dict(settings))
    except duckdb.IOException as error:
        if "lock" not in str(error).lower():
            raise
        holder = re.search(r"PID (\d+)", str(error))
        who = f"process {holder[1]}" if holder else "another process"
        message = f"{path}: open in {who}; one load or link runs at a time. Wait until it has ended."
        raise DataError(message) from None


def _make(path: Path) -> None:
    """Make an empty database that is whole or absent."""
    unfinished = path.with_name(f".{path.name}-new")
    unfinished.unlink(missing_ok=True)
    duckdb.connect(str(unfinished)).close()
    files.before(f"rename {path.name}")
    unfinished.replace(path)
    files.flush_folder(path.parent)
