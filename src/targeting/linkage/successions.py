"""Which family became which: families that ended and where their members went on, and families that split off.

Families are carried on by most members in common and keep their ids. Where two become one, or one becomes two, that is
said with the day, so that whoever holds the id of a family that is no more can ask for its successor.
"""

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from targeting.linkage.persons import OPEN
from targeting.store.contents import SUCCESSIONS
from targeting.store.staging import Staging

# The records of a family's members are followed rather than the members: persons are joined and parted as well.
FOLLOWED = """
create temp table successions as
with stays as (
    select member.founder, member.number, record, greatest(member."after", held."after") as "after",
        least(member.until, held.until) as until
    from memberships as member join assignments as held using (person)
    where greatest(member."after", held."after") < least(member.until, held.until)
),
families as (
    select founder, number, min("after") as first_day, max(until) as last_day from stays group by founder, number
),
ended as (
    select gone.founder, gone.number, went.founder as next_founder, went.number as next_number, last_day as day,
        'went_on_as' as how, count(distinct record) as records
    from families as gone
    join stays as was on was.founder = gone.founder and was.number = gone.number and was.until = last_day
    join stays as went using (record)
    where last_day < $open and went."after" <= last_day and last_day < went.until
    group by all
),
split as (
    select old.founder, old.number, young.founder as next_founder, young.number as next_number,
        young.first_day as day,
        'split_off' as how, count(distinct record) as records
    from families as young
    join stays as joins
        on joins.founder = young.founder and joins.number = young.number and joins."after" = young.first_day
    join stays as old using (record)
    join families as goes_on on goes_on.founder = old.founder and goes_on.number = old.number
    where (old.founder, old.number) <> (young.founder, young.number)
        and old."after" < young.first_day and young.first_day <= old.until and goes_on.last_day > young.first_day
    group by all
)
select * from ended union all select * from split
"""

GONE_TABLE = "create table if not exists families_gone (family_id varchar primary key, noticed_on date)"
NOTICED = """
insert into families_gone
select id, (select max(extracted_on) from deliveries) from ids
where kind = 'family' and id not in (select family_id from current_families)
on conflict do nothing
"""
# A family that a later `link` no longer makes: its founder's record is followed to where the person is now.
GONE = """
select gone.id as family_id, member.family_id as successor_id, noticed_on + 1 as from_date,
    'went_on_as' as how, count(distinct held.record_id) as records
from ids as gone
join families_gone on families_gone.family_id = gone.id
join ids as person on person.kind = 'person' and person.id = split_part(gone.founder, '/', 1)
join current_assignments as held on held.record_id = person.founder
join current_memberships as member using (person_id)
where gone.kind = 'family' and gone.id not in (select family_id from current_families)
    and held.until is null and member.visible_to is null
group by all
order by family_id, successor_id
"""


def make_successions(connection: duckdb.DuckDBPyConnection, assignments: pa.Table) -> None:
    """Make the table `successions` of an in-memory database: families by founder and number, the day, and how.

    Reads `memberships`; `assignments` say which person each record is of.
    """
    connection.register("assignments", assignments)
    connection.execute(FOLLOWED, {"open": OPEN})
    connection.unregister("assignments")


def families_gone(staging: Staging, assignments: pa.Table, memberships: pa.Table) -> pa.Table:
    """Return, by `SUCCESSIONS`, where families went on that were known once and are no longer made.

    The day is that of the last delivery when it was first noticed.
    """
    connection = staging.connection
    tables = {
        "current_assignments": assignments,
        "current_memberships": memberships,
        "current_families": pa.table({"family_id": pc.unique(memberships["family_id"])}),
    }
    for name, table in tables.items():
        connection.register(name, table)
    connection.execute(GONE_TABLE)
    connection.execute(NOTICED)
    gone = staging.table(GONE).cast(SUCCESSIONS)
    for name in tables:
        connection.unregister(name)
    return gone


def successors(successions: pa.Table, family_id: str) -> tuple[str, ...]:
    """Return the families that go on from one that has ended, through those that have ended since, sorted.

    None where the family still stands, or nothing is known of where its members went.
    """
    went = successions.filter(pc.equal(successions["how"], "went_on_as"))
    next_of: dict[str, set[str]] = {}
    for one, other in zip(went["family_id"].to_pylist(), went["successor_id"].to_pylist(), strict=True):
        next_of.setdefault(one, set()).add(other)
    found, reached = set(next_of.get(family_id, ())), {family_id}
    while ended := {one for one in found if one in next_of and one not in reached}:
        reached |= ended
        found = (found - ended) | {other for one in ended for other in next_of[one] if other not in reached}
    return tuple(sorted(found))
