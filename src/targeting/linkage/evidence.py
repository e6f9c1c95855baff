"""What is known of persons, by day: that they exist, their births and addresses, how they are related.

Days count from 1970-01-01. A row holds on as-of days after `after`, up to and including `until` where it has one.
"""

import duckdb
import pyarrow as pa

from targeting.linkage.definition import Linkage
from targeting.linkage.persons import OPEN

# Each version of a record, for as long as it stands and the record is the person's.
PERSON_VERSIONS = """
create temp table person_versions as
with standing as (
    select *, coalesce(lead(day) over (partition by record order by day), $open) as next_day from versions
)
select
    person,
    version.source,
    day as since,
    greatest(day, after) as after,
    least(next_day, until) as until,
    date_of_birth,
    expected_date_of_birth,
    nhs_number is not null as has_number,
    list_filter([case when uprn is not null then 'uprn:' || uprn end, dwelling], lambda key: key is not null) as home
from standing as version join assignments using (record)
where greatest(day, after) < least(next_day, until)
"""

# Of several dates of birth the most trusted counts: a source that is trusted for births, then a record with a valid
# NHS number, then what most records say, then what was known first. An expected date counts while there is no other.
BIRTHS = """
create temp table births as
with points as (
    select person, after as day from person_versions
    union
    select person, until from person_versions where until < $open
),
spans as (
    select person, day as after, coalesce(lead(day) over (partition by person order by day), $open) as until
    from points
),
said as (
    select
        span.person, span.after, span.until, date_of_birth,
        case when date_of_birth is null then expected_date_of_birth end as expected_date,
        count(*) as records,
        max(case when list_contains($trusted, source) then 2 else has_number::int end) as trust,
        min(since) as since
    from spans as span
    join person_versions as version
        on version.person = span.person and version.after <= span.after and span.after < version.until
    group by all
),
believed as (
    select person, after, until, coalesce(date_of_birth, expected_date) as birth, expected_date is not null as expected
    from said
    qualify row_number() over (
        partition by person, after
        order by date_of_birth is null, expected_date is null, trust desc, records desc, since, birth
    ) = 1
),
changes as (
    select *, coalesce(
        birth is distinct from lag(birth) over known or expected <> lag(expected) over known
            or after <> lag(until) over known, true
    ) as changed
    from believed
    window known as (partition by person order by after)
),
runs as (
    select *, sum(changed::int) over (partition by person order by after) as run from changes
)
select
    person, birth, expected, min(after)::int as after, max(until)::int as until,
    (birth + interval 18 year)::date - date '1970-01-01' as of_age_from
from runs
group by person, run, birth, expected
order by person, after
"""

# The address that was recorded last is where a person lives; one repeated changes nothing.
ADDRESSES = """
create temp table addresses as
with recorded as (
    select person, since, after::int as after, list_sort(list_distinct(flatten(list(home)))) as home
    from person_versions
    where len(home) > 0
    group by person, since, after
)
select * from recorded
qualify coalesce(home <> lag(home) over (partition by person order by since, after), true)
order by person, after, since
"""

# The day on which the persons last known at an address first reach the number that makes it communal.
COMMUNAL = """
create temp table communal_addresses as
with stays as (
    select home, after, coalesce(lead(after) over (partition by person order by after, since), $open) as until
    from addresses
),
changes as (
    select unnest(home) as address, after as day, 1 as change from stays where after < until
    union all
    select unnest(home), until, -1 from stays where after < until and until < $open
),
days as (select address, day, sum(change) as change from changes group by address, day)
select address, min(day)::int as day
from (select address, day, sum(change) over (partition by address order by day) as persons from days)
where persons >= $communal_from
group by address
"""

# What an agency said last of two records counts; an end of an earlier relationship says nothing of one begun since.
# Only `parent_of` has a direction. Most pairs are reported alike by several agencies: what the first report covers
# need not be said again.
RELATIONS = """
create temp table relations as
with said as (
    select
        one.record, other.record as other, relationship, knowledge_date - date '1970-01-01' as since,
        case when ended_on is not null then greatest(knowledge_date, ended_on) - date '1970-01-01' end as end_day
    from relationships as row
    join records as one on one.record_id = row.record_id
    join records as other on other.record_id = row.other_record_id
    where one.record <> other.record
    window so_far as (
        partition by one.record, other.record, relationship
        order by knowledge_date, ended_on nulls first, started_on
        rows between unbounded preceding and current row
    )
    qualify ended_on is null or coalesce(started_on >= max(started_on) over so_far, true)
),
followed as (
    select *, coalesce(lead(since) over last_said, $open) as next_day
    from said
    window last_said as (partition by record, other, relationship order by since, end_day nulls first)
),
states as (
    select record, other, relationship, false as ended, since, least(next_day, coalesce(end_day, next_day)) as until
    from followed
    union all
    select record, other, relationship, true, end_day, next_day from followed where end_day is not null
),
of_persons as (
    select
        relationship,
        case when relationship = 'parent_of' then one.person else least(one.person, other.person) end as person,
        case when relationship = 'parent_of' then other.person else greatest(one.person, other.person) end as other,
        ended,
        since,
        greatest(since, one.after, other.after)::int as after,
        least(state.until, one.until, other.until)::int as until
    from states as state
    join assignments as one on one.record = state.record
    join assignments as other on other.record = state.other
    where one.person <> other.person
),
lasting as (select * from of_persons where after < until),
covered as (
    select *,
        bool_or(ended) over pair as was_ended,
        row_number() over first_known as place,
        first_value(until) over first_known as first_until
    from lasting
    window pair as (partition by relationship, person, other),
        first_known as (partition by relationship, person, other order by after, until desc, since)
)
select relationship, person, other, ended, since, after, until
from covered
where place = 1 or was_ended or until > first_until
order by person, other, relationship, after, until, since
"""


def make_evidence(connection: duckdb.DuckDBPyConnection, linkage: Linkage, assignments: pa.Table) -> None:
    """Make the tables `births`, `addresses`, `communal_addresses` and `relations` of persons.

    Reads `versions`, `records` and `relationships`; `assignments` say which person each record is of.
    """
    connection.register("assignments", assignments)
    connection.execute(PERSON_VERSIONS, {"open": OPEN})
    connection.execute(BIRTHS, {"open": OPEN, "trusted": list(linkage.trusted_births)})
    connection.execute(ADDRESSES)
    connection.execute(COMMUNAL, {"open": OPEN, "communal_from": linkage.communal_from})
    connection.execute(RELATIONS, {"open": OPEN})
    connection.unregister("assignments")
