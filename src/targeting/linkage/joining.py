"""Records of all agencies joined into persons: by what they say, then by whom they are related to."""

from dataclasses import dataclass, field

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from targeting.linkage.agreement import describe
from targeting.linkage.answers import NO_ANSWERS, Answers, answers_by_record
from targeting.linkage.contradictions import COMPARED, NEVER_ONE_PERSON, UNFORGIVABLE
from targeting.linkage.definition import Linkage
from targeting.linkage.kin import related_records, relatives_of_one_person
from targeting.linkage.matching import LINKS, find_links, link_relatives, make_linker
from targeting.linkage.persons import OPEN, Links, Refusals, Versions, assign_persons, groups_of, ranks
from targeting.linkage.protection import kept_apart

# Every two versions of different records that links, whenever known, connect.
GROUPED = """
create or replace temp view grouped as
select version, record, "group" from versions join version_groups using (version)
"""
CONNECTED = """
create or replace temp view connected_pairs as
select l.version as "left", r.version as "right"
from grouped as l join grouped as r on l."group" = r."group" and l.record < r.record
"""
REFUSED = f"""
select "left", "right", {UNFORGIVABLE["two valid NHS numbers"]} as is_for_good
from ({describe("connected_pairs", COMPARED)}) where {NEVER_ONE_PERSON}
"""  # noqa: S608 - made of conditions of our own
DOUBTFUL = pa.schema([("record", pa.int64()), ("other", pa.int64()), ("weight", pa.float64())])


@dataclass(frozen=True)
class Before:
    """What was settled before: the records that gave a person its id, and what somebody answered of two records."""

    named: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))
    answers: pa.Table = field(default_factory=NO_ANSWERS.empty_table)


@dataclass(frozen=True)
class Joined:
    """Records joined into persons: `assignments` by number of record and of person, and the links that joined them.

    `founders` has the record that founded each person, at the person's number. `doubtful` are pairs of records that
    were nearly joined, by `DOUBTFUL`; `marked` the numbers of the records that a mark keeps apart from some other.
    """

    assignments: pa.Table
    founders: pa.Array
    links: int
    doubtful: pa.Table
    marked: frozenset[int]


def join_records(connection: duckdb.DuckDBPyConnection, linkage: Linkage, before: Before | None = None) -> Joined:
    """Return which person each record is of, as known on every day.

    Reads `versions`, `records` and `relationships`.
    """
    before = before or Before()
    record_ids = connection.table("records").order("record").to_arrow_table()["record_id"]
    versions = _versions(connection)
    answers = answers_by_record(connection, before.answers)
    rank = ranks(versions, pc.is_in(record_ids, value_set=before.named).to_numpy())
    joining = _Joining(connection, versions, rank, related_records(connection), answers)
    linker = make_linker(connection, linkage)
    found = find_links(linker, connection, linkage)
    links = pa.concat_tables([found.links, _answered(versions, answers)])
    relatives = relatives_of_one_person(connection, assignments=joining.assignments(links).table, links=links)
    kin = link_relatives(linker, connection, linkage, relatives)
    links = pa.concat_tables([links, kin.links])
    assigned = joining.assignments(links)
    doubtful = pa.concat_tables([found.doubtful, kin.doubtful])
    return Joined(
        assignments=assigned.table,
        founders=record_ids.combine_chunks().take(pa.array(np.argsort(rank))),
        links=len(links),
        doubtful=_doubtful(versions, doubtful, assigned.table, answers),
        marked=frozenset(record for pair in assigned.apart for record in pair),
    )


def _versions(connection: duckdb.DuckDBPyConnection) -> Versions:
    columns = connection.sql("select record, day from versions order by version").fetchnumpy()
    return Versions(columns["record"].astype(np.int64), columns["day"].astype(np.int64))


@dataclass(frozen=True)
class _Assigned:
    table: pa.Table
    apart: frozenset[tuple[int, int]]


@dataclass(frozen=True)
class _Joining:
    """What joins records but for the links."""

    connection: duckdb.DuckDBPyConnection
    versions: Versions
    rank: NDArray[np.int64]
    related: dict[tuple[int, int], int]
    answers: Answers

    def assignments(self, links: pa.Table) -> _Assigned:
        pairs = Links(*(links[name].to_numpy() for name in LINKS.names))
        groups = groups_of(self.versions, pairs)
        apart = kept_apart(self.connection, groups)
        refused = _refused(self.connection, groups[self.versions.record])
        refusals = Refusals(versions=refused, related=self.related, apart=apart, answers=self.answers)
        return _Assigned(assign_persons(self.versions, pairs, refusals=refusals, rank=self.rank), apart)


def _refused(connection: duckdb.DuckDBPyConnection, group_of_version: NDArray[np.int64]) -> dict[tuple[int, int], bool]:
    """Return the pairs of versions that cannot be one person's though links lead from one to the other."""
    versions = np.arange(len(group_of_version))
    connection.register("version_groups", pa.table({"version": versions, "group": group_of_version}))
    connection.execute(GROUPED)
    connection.execute(CONNECTED)
    rows = connection.sql(REFUSED).fetchall()
    connection.unregister("version_groups")
    return {(left, right): is_for_good for left, right, is_for_good in rows}


def _answered(versions: Versions, answers: Answers) -> pa.Table:
    """Return links, stronger than any other, between records of which somebody said that they are one person's."""
    first = np.searchsorted(versions.record, np.arange(versions.records)).tolist()
    rows = [
        (first[record], first[other], float(OPEN), day)
        for (record, other), said in answers.items()
        for day, are_one in said
        if are_one
    ]
    return pa.Table.from_pylist([dict(zip(LINKS.names, row, strict=True)) for row in rows], schema=LINKS)


def _doubtful(versions: Versions, pairs: pa.Table, assignments: pa.Table, answers: Answers) -> pa.Table:
    """Return the doubtful pairs of records of which nobody was asked, the strongest of every two persons."""
    last = assignments.filter(pc.equal(assignments["until"], OPEN)).sort_by("record")["person"].to_numpy()
    ends = np.sort(np.stack([versions.record[pairs[name].to_numpy()] for name in ("left", "right")]), axis=0)
    strongest: dict[frozenset[int], tuple[float, int, int]] = {}
    for record, other, weight in zip(*ends.tolist(), pairs["weight"].to_pylist(), strict=True):
        persons = frozenset((int(last[record]), int(last[other])))
        if len(persons) > 1 and (record, other) not in answers:
            strongest[persons] = max((weight, -record, -other), strongest.get(persons, (weight, -record, -other)))
    rows = sorted((-record, -other, weight) for weight, record, other in strongest.values())
    return pa.Table.from_pylist([dict(zip(DOUBTFUL.names, row, strict=True)) for row in rows], schema=DOUBTFUL)
