"""What a file says, recorded in the staging database: new facts, corrections of old ones, nothing twice.

A fact is named by its record key. Delivered again with the same values it is the same fact. Delivered with other values
it is a correction: the old version is superseded on the day on which the new one was known, and both stay. The new
version is known from its own date of knowledge where that lies after the delivery before, which still bore the old
values, else from the day of its own extraction: a correction changes nothing before it could have been known. Versions
are ordered by the day of extraction, in whatever order their deliveries are loaded.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

import pyarrow as pa

from targeting.records.contract import Contract
from targeting.records.definition import FactKind
from targeting.sources import recording_sql as sql
from targeting.sources.interpreting import Interpreted
from targeting.store.identities import Identities
from targeting.store.staging import FACT_COLUMNS, Staging, fact_table

UNSIGNED_BITS = 64
FACT_ID_BITS = 63


@dataclass(frozen=True)
class Stores:
    """Where what is read goes, and by what it is read."""

    staging: Staging
    identities: Identities
    contract: Contract
    identity_key: bytes


def record(stores: Stores, said: Interpreted, digest: str) -> None:
    """Record what a file says; `digest` names its row of deliveries, which exists already.

    Called within a transaction of the staging database. The identities are written before its end: those without a
    delivery are forgotten at the next load, while a delivery without its identities would pass for a whole one.
    """
    staging = stores.staging
    begin_recording(staging, digest)
    for name, facts in said.facts.items():
        record_facts(staging, stores.contract[name], facts)
    for query, table in (
        (sql.SIGHTINGS, said.sightings),
        (sql.RELATIONSHIPS, said.relationships),
        (sql.QUARANTINE, said.faults),
    ):
        if len(table):
            with _incoming(staging, table):
                staging.connection.execute(query)
    stores.identities.append(digest, said.persons)


def begin_recording(staging: Staging, digest: str) -> None:
    """Name the delivery whose rows are recorded next."""
    for statement in sql.THIS_DELIVERY.split(";"):
        staging.connection.execute(statement, {"digest": digest} if "$digest" in statement else None)


def record_facts(staging: Staging, kind: FactKind, facts: pa.Table, *, bits: int = FACT_ID_BITS) -> None:
    """Record the facts of one kind that the file named by `begin_recording` makes; `bits`: the length of an id."""
    staging.prepare_facts(kind)
    if not len(facts):
        return
    names = _names(kind)
    with _incoming(staging, facts):
        for query in (sql.WHAT_IS_HELD, sql.NEW_FACTS, sql.VERSIONS, sql.FORGET_CONTESTED):
            staging.connection.execute(query.format(**names))
        _give_ids(staging, kind, bits)
        staging.connection.execute(sql.INSERT.format(**names))


def _names(kind: FactKind) -> dict[str, str]:
    own = [column.name for column in kind.columns]
    return {
        "facts": f'"{fact_table(kind.name)}"',
        "common": ", ".join(FACT_COLUMNS),
        "own": "".join(f', "{name}"' for name in own),
        "incoming_own": "".join(f', incoming."{name}"' for name in own),
        "held_own": "".join(f', held."{name}"' for name in own),
    }


def _give_ids(staging: Staging, kind: FactKind, bits: int) -> None:
    """Give each arriving fact an id that no other fact has, whatever its kind."""
    tables = [sql.HELD_IDS.format(facts=fact_table(name)) for name in staging.fact_kinds()]
    taken = sql.TAKEN_IDS.format(all_facts=" union all ".join(tables))
    own = _names(kind)["own"]
    staging.connection.execute("create or replace temp table taken as select 0::bigint as fact_id")
    for attempt in count():
        values = {"kind": kind.name, "attempt": attempt, "shift": UNSIGNED_BITS - bits}
        staging.connection.execute(sql.FACT_IDS.format(own=own), values)
        staging.connection.execute(taken)
        if not len(staging.table("select fact_id from taken")):
            return


@contextmanager
def _incoming(staging: Staging, table: pa.Table) -> Iterator[None]:
    """Make an Arrow table readable to SQL as `incoming`."""
    staging.connection.register("incoming", table)
    try:
        yield
    finally:
        staging.connection.unregister("incoming")
