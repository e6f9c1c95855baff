"""Whoever was adopted, or whose gender was recognised, has an identity that no search may join to the one before.

A record bears the mark and the day. Records from before the day and from after it are never compared, nor are any
others that links would bring together through them, nor is anyone asked about them.
"""

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from targeting.store.staging import Staging

KIND = "identity_protected"
MARKS = pa.schema([("record_id", pa.string()), ("marked_on", pa.date32())])
MARKED = """
select record_id, max(event_date) as marked_on from facts_identity_protected
where handling = 'never_joined' and superseded_on is null group by record_id order by record_id
"""
PROTECTED = "select distinct record_id from facts_identity_protected where superseded_on is null order by record_id"

# Of a record without a mark it counts when an agency first had it; of one with a mark, what it said last.
RECORDS = """
create table records as
select
    record, record_id, source, min(day) as first_day, any_value(marked_on) - date '1970-01-01' as marked_on,
    max(day) >= any_value(marked_on) - date '1970-01-01' as is_after
from plain_versions left join marks using (record_id)
group by record, record_id, source
order by record
"""
# A record that was changed to the new identity is not looked at as it was before.
VERSIONS = """
create table versions as
select version.*, first_day, marked_on, is_after, coalesce(is_after and day < marked_on, false) as is_former
from plain_versions as version join records using (record)
order by version
"""

# On tables `l` and `r`, versions both: one is of before, one of after.
ACROSS = (
    "(l.is_former or r.is_former"
    " or coalesce(l.is_after <> coalesce(r.is_after, r.first_day >= l.marked_on), false)"
    " or coalesce(r.is_after <> coalesce(l.is_after, l.first_day >= r.marked_on), false))"
)

# Whatever a mark is connected with falls on one side of it or the other.
APART = """
with marked as (
    select distinct "group", marked_on as marked_day
    from records join groups using (record) where marked_on is not null
),
sides as (
    select marked."group", marked_day, record, coalesce(is_after, first_day >= marked_day) as is_after
    from marked join groups using ("group") join records using (record)
)
select distinct l.record, r.record
from sides as l join sides as r on l."group" = r."group" and l.marked_day = r.marked_day and l.record < r.record
where l.is_after <> r.is_after
"""


def marks_of(staging: Staging) -> pa.Table:
    """Return the records whose person has had another identity since a day, by `MARKS`."""
    if KIND not in staging.fact_kinds():
        return MARKS.empty_table()
    return staging.table(MARKED).cast(MARKS)


def protected_records(staging: Staging) -> pa.Array:
    """Return the records of all whose identity is protected, in whatever way: nobody is asked about them."""
    if KIND not in staging.fact_kinds():
        return pa.array([], pa.string())
    return staging.table(PROTECTED)["record_id"].combine_chunks()


def kept_apart(connection: duckdb.DuckDBPyConnection, groups: NDArray[np.int64]) -> frozenset[tuple[int, int]]:
    """Return the pairs of records that links, whenever known, would bring together across a mark.

    `groups` has the number of the group that links connect each record with.
    """
    connection.register("groups", pa.table({"record": np.arange(len(groups)), "group": groups}))
    pairs = connection.sql(APART).fetchall()
    connection.unregister("groups")
    return frozenset(pairs)
