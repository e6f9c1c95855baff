"""Families whose whereabouts nobody may learn from us: refuge, witness protection, staff and panel members.

Their records are joined like all others, for that is how every agency's record of them is found. What is found stays
with the staging database: no membership, fact, record or id of theirs is written into a generation, so that no list,
page, matrix or answer of the API can hold any.
"""

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from targeting.linkage.people import People
from targeting.linkage.protection import KIND
from targeting.store.staging import Staging

# Whoever is marked, and all who belong to a family of theirs since the protection began: an adult who left it before
# is not among them.
SEALED = """
with marks as (
    select record_id, min(event_date) as since from facts_identity_protected
    where handling = 'sealed' and superseded_on is null group by record_id
),
marked as (
    select person_id, min(since) as since from known_assignments join marks using (record_id)
    where until is null group by person_id
),
families as (
    select family_id, min(since) as since from known_memberships join marked using (person_id)
    where coalesce(visible_to >= since, true) group by family_id
)
select person_id from marked
union
select person_id from known_memberships join families using (family_id) where coalesce(visible_to >= since, true)
order by person_id
"""


def sealed_persons(staging: Staging, people: People) -> pa.Array:
    """Return the ids of all who are sealed, sorted: the marked, and the families they have had since."""
    if KIND not in staging.fact_kinds():
        return pa.array([], pa.string())
    connection = staging.connection
    connection.register("known_assignments", people.assignments)
    connection.register("known_memberships", people.memberships)
    sealed = staging.table(SEALED)["person_id"].combine_chunks()
    connection.unregister("known_assignments")
    connection.unregister("known_memberships")
    return sealed


def without(people: People, persons: pa.Array) -> People:
    """Return the people without those persons, their records, their families, and pairs to review of their records."""
    rows, members = people.assignments, people.memberships
    theirs = pc.is_in(rows["person_id"], value_set=persons)
    records = rows.filter(pc.and_(theirs, pc.is_null(rows["until"])))["record_id"]
    kept_rows = rows.filter(pc.invert(pc.or_(theirs, _among(rows, "record_id", records))))
    kept_members = members.filter(pc.invert(_among(members, "person_id", persons)))
    ended = pc.invert(pc.is_in(members["family_id"], value_set=kept_members["family_id"]))
    return replace(
        people,
        assignments=kept_rows,
        memberships=kept_members,
        doubtful=_neither(people.doubtful, ("record_id", "other_record_id"), records),
        successions=_neither(people.successions, ("family_id", "successor_id"), members["family_id"].filter(ended)),
    )


def _neither(rows: pa.Table, columns: tuple[str, str], values: pa.ChunkedArray) -> pa.Table:
    """Return the rows of which neither column holds one of the values."""
    one, other = (_among(rows, column, values) for column in columns)
    return rows.filter(pc.invert(pc.or_(one, other)))


def _among(rows: pa.Table, column: str, values: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.is_in(rows[column], value_set=values)
