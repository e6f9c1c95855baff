"""The people of a district: which person each record is of, and which families they make, as known on every date."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from targeting.linkage.definition import Linkage
from targeting.linkage.evidence import make_evidence
from targeting.linkage.ids import founders, ids_of
from targeting.linkage.joining import Before, Joined, join_records
from targeting.linkage.memberships import make_memberships
from targeting.linkage.persons import OPEN
from targeting.linkage.protection import marks_of, protected_records
from targeting.linkage.reviews import DOUBTFUL, answers
from targeting.linkage.successions import families_gone, make_successions
from targeting.linkage.versions import make_versions
from targeting.store.contents import MEMBERSHIPS, PERSON_RECORDS, SUCCESSIONS
from targeting.store.staging import Staging

Progress = Callable[[str, int, int], None]
STEPS = ("reading records", "joining records into persons", "making families", "writing the generation")

# Who is who is worked out in memory alone: nothing of it is spilled to a disk.
IN_MEMORY = {"temp_directory": ""}


@dataclass(frozen=True)
class People:
    """Who is who, as known on every date.

    `assignments` has a row per record_id, source and person_id: the record is the person's on as-of days after
    `after`, up to and including `until` (dates; null `until`: open). Each record's `first` row holds for facts known
    before the record too. `memberships` are as a generation holds them. `links` counts pairs of versions of records
    found to be one person's. `doubtful` are pairs of records, with their weight, that somebody may be asked about;
    `successions` tell which family became which.
    """

    assignments: pa.Table
    memberships: pa.Table
    links: int = 0
    doubtful: pa.Table = field(default_factory=DOUBTFUL.empty_table)
    successions: pa.Table = field(default_factory=SUCCESSIONS.empty_table)

    @property
    def person_records(self) -> pa.Table:
        """Return whose each record is, by `PERSON_RECORDS`."""
        rows = self.assignments
        columns = (rows["record_id"], rows["person_id"], _next_day(rows["after"]), rows["until"])
        return pa.table(list(columns), schema=PERSON_RECORDS)


def each_person_alone(staging: Staging, identity_key: bytes) -> People:
    """Return every record as a person of its own, and every person as a family of one."""
    records = staging.person_records().sort_by([("known_from", "ascending"), ("record_id", "ascending")])
    persons = ids_of(records["record_id"].combine_chunks(), staging=staging, kind="person", identity_key=identity_key)
    families = ids_of(_founding(persons, 0), staging=staging, kind="family", identity_key=identity_key)
    count = len(records)
    never = pa.nulls(count, pa.date32())
    assignments = {
        "record_id": records["record_id"],
        "source": records["source"],
        "person_id": persons,
        "first": pa.repeat(pa.scalar(True), count),
        "after": records["known_from"],
        "until": never,
    }
    memberships = {
        "family_id": families,
        "person_id": persons,
        "is_child": pa.repeat(pa.scalar(False), count),
        "birth_date": never,
        "visible_from": _next_day(records["known_from"]),
        "visible_to": never,
    }
    return People(pa.table(assignments), pa.table(memberships, schema=MEMBERSHIPS))


def matched_people(
    staging: Staging, identities: pa.Table, *, linkage: Linkage, identity_key: bytes, progress: Progress
) -> People:
    """Return the persons that records of all agencies are of, and their families."""
    with closing(duckdb.connect(config=IN_MEMORY)) as connection:
        tell_step(progress, 0)
        versions_of(connection, staging, identities, linkage)
        tell_step(progress, 1)
        joined = join_records(connection, linkage, Before(founders(staging, "person"), answers(staging)))
        tell_step(progress, 2)
        make_evidence(connection, linkage, joined.assignments)
        make_memberships(connection, linkage)
        make_successions(connection, joined.assignments)
        memberships = connection.sql("select * from memberships order by all").to_arrow_table()
        successions = connection.sql("select * from successions order by all").to_arrow_table()
        records = connection.table("records").order("record").to_arrow_table()
    named = _named(joined, records, (memberships, successions), staging=staging, identity_key=identity_key)
    gone = families_gone(staging, named.assignments, named.memberships)
    return replace(named, successions=pa.concat_tables([named.successions, gone]))


def versions_of(
    connection: duckdb.DuckDBPyConnection, staging: Staging, identities: pa.Table, linkage: Linkage
) -> None:
    """Make the tables `versions`, `records` and `relationships` of all that is loaded, in an in-memory database."""
    make_versions(
        connection,
        identities=_with_births(identities, staging),
        person_records=staging.person_records(),
        relationships=staging.relationships(),
        linkage=linkage,
        marks=marks_of(staging),
    )


def tell_step(progress: Progress, number: int) -> None:
    """Tell that the step of that number begins."""
    progress(STEPS[number], number, len(STEPS))


def _with_births(identities: pa.Table, staging: Staging) -> pa.Table:
    """Return the identities and, where births are notified as facts, the dates of birth that those tell."""
    if "birth" not in staging.fact_kinds():
        return identities
    births = staging.table(
        """
        select record_id, source, knowledge_date as known_from, event_date as date_of_birth
        from facts_birth order by record_id, knowledge_date, event_date
        """
    )
    return pa.concat_tables([identities, births], promote_options="default")


def _named(
    joined: Joined, records: pa.Table, families: tuple[pa.Table, pa.Table], *, staging: Staging, identity_key: bytes
) -> People:
    """Return persons and families under the ids that they keep; `families` are memberships and successions."""
    memberships, successions = families
    persons = pc.unique(joined.assignments["person"]).sort()
    founding = joined.founders.take(persons)
    person_of = _lookup(persons, ids_of(founding, staging=staging, kind="person", identity_key=identity_key))
    made = _founding(person_of(memberships["founder"]), memberships["number"])
    distinct = pc.unique(made)
    family_of = _lookup(distinct, ids_of(distinct, staging=staging, kind="family", identity_key=identity_key))
    went, next_ones = (
        _founding(person_of(successions[f"{which}founder"]), successions[f"{which}number"]) for which in ("", "next_")
    )
    return People(
        assignments=_dated_assignments(joined.assignments, records, person_of(joined.assignments["person"])),
        memberships=_dated_memberships(memberships, family_of(made), person_of(memberships["person"])),
        links=joined.links,
        doubtful=_askable(joined, records["record_id"], protected_records(staging)),
        successions=_dated_successions(successions, family_of(went), family_of(next_ones)),
    )


def _lookup(keys: pa.Array, ids: pa.Array) -> Callable[[pa.Array | pa.ChunkedArray], pa.Array]:
    """Return a function from keys to the ids at their places."""

    def found(wanted: pa.Array | pa.ChunkedArray) -> pa.Array:
        places = pc.index_in(wanted, value_set=keys)
        return ids.take(places.combine_chunks() if isinstance(places, pa.ChunkedArray) else places)

    return found


def _dated_successions(rows: pa.Table, families: pa.Array, next_families: pa.Array) -> pa.Table:
    columns = {
        "family_id": families,
        "successor_id": next_families,
        "from_date": _next_day(_dates(rows["day"])),
        "how": rows["how"],
        "records": rows["records"],
    }
    return pa.table(columns, schema=SUCCESSIONS)


def _askable(joined: Joined, record_ids: pa.ChunkedArray, protected: pa.Array) -> pa.Table:
    """Return the doubtful pairs by record ids, but for those of protected records and of any that a mark parts."""
    barred = joined.marked | set(np.flatnonzero(pc.is_in(record_ids, value_set=protected).to_numpy()).tolist())
    rows = [row for row in joined.doubtful.to_pylist() if barred.isdisjoint((row["record"], row["other"]))]
    pairs = pa.Table.from_pylist(rows, schema=joined.doubtful.schema)
    ids = [record_ids.take(pairs[name]).combine_chunks() for name in ("record", "other")]
    return pa.table([*ids, pairs["weight"]], schema=DOUBTFUL)


def _founding(persons: pa.Array, numbers: pa.ChunkedArray | int) -> pa.Array:
    """Return what a family's id is made from: the person that founded it, and how many it had founded before."""
    texts = pa.scalar(str(numbers)) if isinstance(numbers, int) else pc.cast(numbers, pa.string()).combine_chunks()
    return pc.binary_join_element_wise(persons, texts, "/")


def _dated_assignments(rows: pa.Table, records: pa.Table, person_ids: pa.Array) -> pa.Table:
    record = rows["record"].to_numpy()
    return pa.table(
        {
            "record_id": records["record_id"].take(rows["record"]),
            "source": records["source"].take(rows["record"]),
            "person_id": person_ids,
            "first": np.diff(record, prepend=-1) != 0,
            "after": _dates(rows["after"]),
            "until": _dates(rows["until"]),
        }
    )


def _dated_memberships(rows: pa.Table, family_ids: pa.Array, person_ids: pa.Array) -> pa.Table:
    columns = {
        "family_id": family_ids,
        "person_id": person_ids,
        "is_child": rows["is_child"],
        "birth_date": rows["birth_date"],
        "visible_from": _next_day(_dates(rows["after"])),
        "visible_to": _dates(rows["until"]),
    }
    return pa.table(columns, schema=MEMBERSHIPS)


def _dates(days: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return days since 1970-01-01 as dates, null for an open end."""
    return pc.if_else(pc.equal(days, OPEN), pa.scalar(None, pa.int32()), days.cast(pa.int32())).cast(pa.date32())


def _next_day(dates: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.add(dates.cast(pa.int32()), pa.scalar(1, pa.int32())).cast(pa.date32())
