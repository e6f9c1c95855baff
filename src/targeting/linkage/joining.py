"""Records of all agencies joined into persons: by what they say, then by whom they are related to."""

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from targeting.linkage.agreement import NEVER_ONE_PERSON, of_tables
from targeting.linkage.definition import Linkage
from targeting.linkage.kin import related_records, relatives_of_one_person
from targeting.linkage.matching import find_links, link_relatives, make_linker
from targeting.linkage.persons import Links, Refusals, Versions, assign_persons, groups_of, ranks

NEVER = of_tables(NEVER_ONE_PERSON)


@dataclass(frozen=True)
class Joined:
    """Records joined into persons: `assignments` by number of record and of person, and the links that joined them.

    `founders` has the record that founded each person, at the person's number.
    """

    assignments: pa.Table
    founders: pa.Array
    links: int


def join_records(connection: duckdb.DuckDBPyConnection, linkage: Linkage, named: pa.Array) -> Joined:
    """Return which person each record is of, as known on every day.

    Reads `versions`, `records` and `relationships`. `named` are the records that gave a person its id before.
    """
    versions = _versions(connection)
    record_ids = connection.table("records").order("record").to_arrow_table()["record_id"]
    rank = ranks(versions, pc.is_in(record_ids, value_set=named).to_numpy())
    related = related_records(connection)
    linker = make_linker(connection, linkage)
    links = find_links(linker, connection, linkage)
    assignments = _assignments(connection, versions, links, rank=rank, related=related)
    relatives = relatives_of_one_person(connection, assignments=assignments, links=links)
    links = pa.concat_tables([links, link_relatives(linker, connection, linkage, relatives)])
    return Joined(
        assignments=_assignments(connection, versions, links, rank=rank, related=related),
        founders=record_ids.combine_chunks().take(pa.array(np.argsort(rank))),
        links=len(links),
    )


def _versions(connection: duckdb.DuckDBPyConnection) -> Versions:
    columns = connection.sql("select record, day from versions order by version").fetchnumpy()
    return Versions(columns["record"].astype(np.int64), columns["day"].astype(np.int64))


def _assignments(
    connection: duckdb.DuckDBPyConnection,
    versions: Versions,
    links: pa.Table,
    *,
    rank: NDArray[np.int64],
    related: dict[tuple[int, int], int],
) -> pa.Table:
    pairs = Links(*(links[name].to_numpy() for name in links.column_names))
    groups = groups_of(versions, pairs)
    refusals = Refusals(_refused(connection, groups[versions.record]), related)
    return assign_persons(versions, pairs, refusals=refusals, rank=rank)


def _refused(connection: duckdb.DuckDBPyConnection, group_of_version: NDArray[np.int64]) -> set[tuple[int, int]]:
    """Return the pairs of versions that cannot be one person's though links lead from one to the other."""
    versions = np.arange(len(group_of_version))
    connection.register("groups", pa.table({"version": versions, "group": group_of_version}))
    grouped = connection.sql("select * from versions join groups using (version)")
    never = f'l."group" = r."group" and l.record < r.record and {NEVER}'
    pairs = grouped.set_alias("l").join(grouped.set_alias("r"), never).project("l.version, r.version").fetchall()
    connection.unregister("groups")
    return set(pairs)
