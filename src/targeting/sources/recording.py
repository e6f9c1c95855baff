"""What a file says, recorded in the staging database: new facts, corrections of old ones, nothing twice.

A fact is named by its record key. Delivered again with the same values it is the same fact. Delivered with other values
it is a correction: the old version is superseded on the day on which the new one was known, and both stay. The new
version is known from its own date of knowledge where that lies after the delivery before, which still bore the old
values, else from the day of its own extraction: a correction changes nothing before it could have been known. Versions
are ordered by the day of extraction, in whatever order their deliveries are loaded; of two files of one day that differ
in what was known on one day, the one loaded last holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

import pyarrow as pa

from targeting.records.contract import Contract
from targeting.records.definition import FactKind
from targeting.sources import recording_sql as sql
from targeting.sources.continuing import continue_periods, name_as_returned
from targeting.sources.spool import FACTS, FAULTS, RELATIONSHIPS, SIGHTINGS, Spool
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


def record(stores: Stores, spool: Spool, digest: str, *, continued: str | None = None) -> None:
    """Record what a file says; `digest` names its row of deliveries, which exists already.

    `continued` names the source where the file is a return whose periods of care may have begun in an earlier one.

    Called within a transaction of the staging database. The identities are written before: those without a delivery
    are forgotten at the next load, while a delivery without its identities would pass for a whole one.
    """
    staging = stores.staging
    begin_recording(staging, digest)
    if continued is not None:
        name_as_returned(staging, continued)
    for name in spool.kinds:
        for is_filled in spool.portions(FACTS + name):
            record_incoming(staging, stores.contract[name], is_filled=is_filled)
    for name, query in (
        (SIGHTINGS, sql.SIGHTINGS),
        (RELATIONSHIPS, sql.RELATIONSHIPS),
        (FAULTS, sql.QUARANTINE),
    ):
        for is_filled in spool.portions(name):
            if is_filled:
                staging.connection.execute(query)
    if continued is not None:
        continue_periods(staging, continued)


def begin_recording(staging: Staging, digest: str) -> None:
    """Name the delivery whose rows are recorded next."""
    staging.connection.execute(sql.THIS_DELIVERY, {"digest": digest})


def record_facts(staging: Staging, kind: FactKind, facts: pa.Table, *, bits: int = FACT_ID_BITS) -> None:
    """Record the facts of one kind that the file named by `begin_recording` makes; `bits`: the length of an id."""
    with staging.readable("incoming", facts):
        record_incoming(staging, kind, is_filled=len(facts) > 0, bits=bits)


def record_incoming(staging: Staging, kind: FactKind, *, is_filled: bool, bits: int = FACT_ID_BITS) -> None:
    """Record the facts of one kind that SQL reads as `incoming`."""
    staging.prepare_facts(kind)
    if not is_filled:
        return
    staging.know_fact_ids()
    names = _names(kind) | {"kind": kind.name, "shift": str(UNSIGNED_BITS - bits), "attempt": "0"}
    rows = _rows_of_their_own(staging, names, _arriving(staging, names))
    staging.connection.execute(sql.INSERT.format(**names, rows=rows))


def _arriving(staging: Staging, names: Mapping[str, str]) -> str:
    """Return the query of the rows to insert: what was never seen before, and all versions of what is contested."""
    connection = staging.connection
    ((is_all_new,),) = connection.execute(sql.IS_ALL_NEW.format(**names)).fetchall()
    if is_all_new:
        return sql.NEW_FACTS.format(**names, which=sql.ALL)
    connection.execute(sql.WHAT_IS_HELD.format(**names))
    new = sql.NEW_FACTS.format(**names, which=sql.NEITHER_CONTESTED_NOR_UNCHANGED)
    if connection.execute(sql.IS_CONTESTED).fetchone() is None:
        return new
    connection.execute(sql.VERSIONS.format(**names))
    connection.execute(sql.FORGET_CONTESTED.format(**names))
    return new + sql.AND_VERSIONS


def _names(kind: FactKind) -> dict[str, str]:
    own = [column.name for column in kind.columns]
    return {
        "facts": f'"{fact_table(kind.name)}"',
        "common": ", ".join(FACT_COLUMNS),
        "own": "".join(f', "{name}"' for name in own),
        "incoming_own": "".join(f', incoming."{name}"' for name in own),
        "held_own": "".join(f', held."{name}"' for name in own),
    }


def _rows_of_their_own(staging: Staging, names: Mapping[str, str], rows: str) -> str:
    """Return the query of the rows, each with an id that no other fact has, whatever its kind; `coming` holds the ids.

    Two ids are so rarely equal that only then the rows are written twice.
    """
    connection = staging.connection
    for attempt in count(1):
        connection.execute(sql.COMING.format(rows=rows))
        if connection.execute(f"{sql.TAKEN} limit 1").fetchone() is None:
            break
        connection.execute(sql.TO_BE_GIVEN_ANEW)
        if attempt == 1:
            connection.execute(sql.RENAMED.format(rows=rows))
            rows = sql.FROM_RENAMED
        connection.execute(sql.GIVE_ANEW.format(**{**names, "attempt": str(attempt)}))
    return rows
