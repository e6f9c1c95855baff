"""Relatives as evidence of who is who: the parent of one child in two agencies, the child of one mother in two."""

import duckdb
import pyarrow as pa

from targeting.linkage.protection import ACROSS

# Records that relate to each other are two persons.
RELATED = """
select
    least(one.record, other.record) as "left", greatest(one.record, other.record) as "right",
    min(knowledge_date) - date '1970-01-01' as day
from relationships as said
join records as one on one.record_id = said.record_id
join records as other on other.record_id = said.other_record_id
where one.record <> other.record
group by all
order by all
"""

# Two records that are the same relative of one person, by whom they may be one person themselves.
CANDIDATES = f"""
with said as (
    select one.record, other.record as other, relationship, knowledge_date - date '1970-01-01' as day
    from relationships as row
    join records as one on one.record_id = row.record_id
    join records as other on other.record_id = row.other_record_id
),
ties as (
    select said.record, relationship as role, person, greatest(day, after) as after, until
    from said join assignments on assignments.record = said.other
    union
    select said.other, case when relationship = 'parent_of' then 'child_of' else relationship end, person,
        greatest(day, after), until
    from said join assignments using (record)
),
met as (
    select one.record, other.record as other, min(greatest(one.after, other.after)) as day
    from ties as one join ties as other using (role, person)
    where one.record < other.record and greatest(one.after, other.after) < least(one.until, other.until)
    group by all
),
linked as (
    select least(l.record, r.record) as record, greatest(l.record, r.record) as other, min(links.day) as day
    from links
    join versions as l on l.version = links."left"
    join versions as r on r.version = links."right"
    group by all
)
select l.version as "left", r.version as "right", greatest(met.day, l.day, r.day) as day
from met
left join linked on linked.record = met.record and linked.other = met.other
join versions as l on l.record = met.record
join versions as r on r.record = met.other
where coalesce(met.day < linked.day, true) and not {ACROSS}
order by "left", "right"
"""  # noqa: S608 - made of a condition of our own


def related_records(connection: duckdb.DuckDBPyConnection) -> dict[tuple[int, int], int]:
    """Return the pairs of records, the lower first, that an agency relates to each other, and since which day."""
    return {(left, right): day for left, right, day in connection.sql(RELATED).fetchall()}


def relatives_of_one_person(
    connection: duckdb.DuckDBPyConnection, *, assignments: pa.Table, links: pa.Table
) -> pa.Table:
    """Return pairs of versions, `left, right`, that are the same relative of one person, and since which `day`.

    `assignments` say which person each record is of. Pairs that `links` join by then are left out.
    """
    connection.register("assignments", assignments)
    connection.register("links", links)
    pairs = connection.sql(CANDIDATES).to_arrow_table()
    connection.unregister("links")
    connection.unregister("assignments")
    return pairs
