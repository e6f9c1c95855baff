"""The queries that record a file in the staging database.

`incoming` holds what the file says and `this` its row of deliveries. {facts} is the table of a kind, {own} its own
columns, each behind a comma.
"""

# `loaded_as` orders the files of one day: the one loaded last corrects the others. `delivered_before` is the day of the
# delivery before, of the same extract: what it did not bear was not known on it.
DATED_DELIVERIES = """
select *, rowid as loaded_as, (
    select max(before.extracted_on) from deliveries as before
    where before.source = delivery.source and before.extract = delivery.extract
        and before.extracted_on < delivery.extracted_on
) as delivered_before
from deliveries as delivery
"""
THIS_DELIVERY = f"create or replace temp table this as {DATED_DELIVERIES} where digest = $digest"

# Whether no key was ever seen before, nor stands there twice: then there is nothing to compare with.
IS_ALL_NEW = """
select not exists (select 1 from incoming group by record_key having count(*) > 1)
    and not exists (from {facts} where record_key in (select record_key from incoming))
"""

WHAT_IS_HELD = f"""
create or replace temp table repeated as
    select record_key from incoming group by record_key having count(*) > 1;
create or replace temp table held as
    select {{facts}}.*, delivery.extracted_on as delivered_on, delivery.delivered_before, delivery.loaded_as
    from {{facts}} join ({DATED_DELIVERIES}) as delivery using (digest)
    where record_key in (select record_key from incoming);
create or replace temp table unchanged as
    select incoming.record_key from this, incoming join held using (record_key)
    where held.superseded_on is null
        -- An older file that is loaded late may have known the same earlier.
        and (this.extracted_on >= held.delivered_on or incoming.known >= held.knowledge_date)
        and row(incoming.record_id, incoming.event_date {{incoming_own}})
            is not distinct from row(held.record_id, held.event_date {{held_own}})
        and record_key not in (select record_key from repeated);
create or replace temp table contested as
    (select record_key from repeated union select record_key from held) except select record_key from unchanged;
"""  # noqa: S608 - made of constants alone.

IS_CONTESTED = "select 1 from contested limit 1"

# The record key is a keyed hash already: MD5 only spreads it over the bits of an id.
FACT_ID = """
(md5_number_lower(concat_ws(
    '|', '{kind}', record_key, event_date, knowledge_date, record_id, {attempt} {own}
)) >> {shift})::bigint
"""
# What was never seen before, once, under its first id.
NEW_FACTS = f"""
select {FACT_ID} as fact_id, * from (
    select record_id, event_date, known as knowledge_date, null::date as superseded_on,
        knowledge_basis, this.source, record_key, this.digest, line {{own}}
    from incoming, this {{which}}
)
"""  # noqa: S608 - made of constants alone.
ALL = ""
NEITHER_CONTESTED_NOR_UNCHANGED = """
    where record_key not in (select record_key from contested)
        and record_key not in (select record_key from unchanged)
"""

# All versions of what is held already or told more than once. Of a fact that is held, a file's older versions are
# what was known before; only the last one, and those known since the last delivery, are news.
VERSIONS = f"""
create or replace temp table versions as
with latest as (
    select record_key, max(delivered_on) as delivered_on from held group by record_key
),
told as (
    select incoming.*, this.source, this.digest, this.extracted_on as delivered_on, this.delivered_before,
        this.loaded_as,
        row_number() over (partition by record_key order by known desc, line desc) as place_from_last
    from incoming, this
    where record_key in (select record_key from contested)
),
observed as (
    select record_key, record_id, event_date, known, knowledge_basis, source, digest, line,
        told.delivered_on, delivered_before, loaded_as {{own}}
    from told left join latest using (record_key)
    where latest.delivered_on is null or known > latest.delivered_on or place_from_last = 1
    union all
    select record_key, record_id, event_date, knowledge_date, knowledge_basis, source, digest, line,
        delivered_on, delivered_before, loaded_as {{own}}
    from held where record_key in (select record_key from contested)
),
compared as (
    select *, row(record_id, event_date {{own}}) as content, lag(content) over versions as content_before
    from observed
    window versions as (partition by record_key order by delivered_on, known, loaded_as, line)
),
changed as (
    select *, lag(delivered_on) over versions as version_before
    from compared where content_before is distinct from content
    window versions as (partition by record_key order by delivered_on, known, loaded_as, line)
),
dated as (
    select *, max(
        case when version_before is null or version_before = delivered_on or known > delivered_before
        then known else delivered_on end
    ) over (
        partition by record_key order by delivered_on, known, loaded_as, line rows unbounded preceding
    ) as knowledge_date
    from changed
)
select {FACT_ID} as fact_id, record_id, event_date, knowledge_date,
    lead(knowledge_date) over versions as superseded_on,
    case when knowledge_date = known then knowledge_basis else 'delivered' end as knowledge_basis,
    source, record_key, digest, line {{own}}
from dated
window versions as (partition by record_key order by delivered_on, known, loaded_as, line)
"""  # noqa: S608 - made of constants alone.

AND_VERSIONS = " union all from versions"
FORGET_CONTESTED = """
delete from fact_ids where fact_id in (
    select fact_id from {facts} where record_key in (select record_key from contested)
);
delete from {facts} where record_key in (select record_key from contested)
"""

# The ids of all that is about to be inserted, which must be nobody else's.
COMING = "create or replace temp table coming as select fact_id from ({rows})"
TAKEN = """
select fact_id from coming group by fact_id having count(*) > 1 or fact_id = 0
union select fact_id from fact_ids where fact_id in (select fact_id from coming)
"""
TO_BE_GIVEN_ANEW = f"create or replace temp table taken as {TAKEN}"
RENAMED = "create or replace temp table renamed as {rows}"
GIVE_ANEW = f"update renamed set fact_id = {FACT_ID} where fact_id in (select fact_id from taken)"  # noqa: S608
FROM_RENAMED = "from renamed"

INSERT = """
insert into {facts} ({common} {own}) select {common} {own} from ({rows});
insert into fact_ids from coming
"""

SIGHTINGS = """
insert into sightings
    select told.record_id, this.source, told.known, this.digest
    from (select record_id, min(known) as known from incoming group by record_id) as told cross join this
    left join (
        select record_id, min(known_from) as known_from
        from sightings where source = (select source from this) group by record_id
    ) as before using (record_id)
    where before.known_from is null or told.known < before.known_from
"""

# An end cannot be known before it comes: until then the relationship stands as open.
RELATIONSHIPS = """
insert into relationships
with told as (
    select incoming.* replace (null::date as ended_on) from incoming where ended_on > known
    union all
    select incoming.* replace (greatest(known, least(coalesce(ended_on, known), this.extracted_on)) as known)
    from incoming, this
),
before as (
    select distinct record_id, other_record_id, relationship, started_on
    from relationships where source = (select source from this)
)
select distinct this.source, told.record_id, told.other_record_id, told.relationship, told.started_on, told.ended_on,
    case when before.record_id is null or told.known > this.delivered_before then told.known else this.extracted_on end
        as knowledge_date,
    this.digest
from told cross join this
left join before on before.record_id = told.record_id
    and before.other_record_id = told.other_record_id and before.relationship = told.relationship
    and before.started_on is not distinct from told.started_on
where not exists (
    from relationships as held
    where held.source = this.source and held.record_id = told.record_id
        and held.other_record_id = told.other_record_id and held.relationship = told.relationship
        and held.started_on is not distinct from told.started_on and held.ended_on is not distinct from told.ended_on
)
"""

QUARANTINE = """
insert into quarantine
    select this.source, this.file, this.digest, part, line, "column", rule, expected, shape
    from incoming cross join this
"""
