"""Each agency's record of a person as it stood from one day to the next, made comparable."""

from dataclasses import asdict

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from targeting.linkage.definition import Linkage
from targeting.linkage.names import KnownNames, comparable, known_names
from targeting.linkage.places import place_of, street_of
from targeting.linkage.protection import MARKS, RECORDS, VERSIONS
from targeting.store.identities import IDENTITIES

NAMES = pa.schema(
    [
        ("written", pa.string()),
        ("text", pa.string()),
        ("sound", pa.string()),
        ("core", pa.string()),
        ("core_sounds", pa.list_(pa.string())),
        ("roots", pa.list_(pa.string())),
        ("is_common", pa.bool_()),
    ]
)

PLACES = pa.schema([("written", pa.string()), ("street", pa.string()), ("locality", pa.string())])
# No agency's extract has an email address; a labelled file may, and lack much else.
COLUMNS = pa.schema([*IDENTITIES, ("email", pa.string())])

# A form filled with one of these days holds no date of birth.
ROWS = """
create temp table identity_rows as
select
    record_id,
    known_from,
    recorded_on,
    nullif(trim(given_name), '') as given_name,
    nullif(trim(family_name), '') as family_name,
    case
        when date_of_birth not in (date '1800-01-01', date '1900-01-01', date '1901-01-01') then date_of_birth
    end as date_of_birth,
    expected_date_of_birth,
    case when sex in ('1', '2') then sex end as sex,
    nhs_number,
    upn,
    nullif(trim(lower(email)), '') as email,
    case when coalesce(uprn, postcode, road.street, town.locality) is not null then {
        'uprn': nullif(ltrim(trim(uprn), '0'), ''),
        'postcode': nullif(regexp_replace(upper(postcode), '[^A-Z0-9]', '', 'g'), ''),
        'house': nullif(regexp_replace(
            lower(coalesce(house_number, regexp_extract(identity.street, '^\\s*(\\d+\\s?[a-zA-Z]?)\\b', 1))),
            '[^a-z0-9]', '', 'g'), ''),
        'street': road.street,
        'locality': town.locality
    } end as address
from identity
left join places as road on road.written = identity.street
left join places as town on town.written = identity.locality
"""

# Whoever is a child's parent was born some years before it, by the latest of the dates that the child's records hold.
PARENTS = """
create temp table parent_rows as
select
    said.record_id,
    greatest(said.knowledge_date, child.known_from) as known_from,
    (coalesce(child.date_of_birth, child.expected_date_of_birth) - interval 12 year)::date as born_by
from relationships as said join identity_rows as child on child.record_id = said.other_record_id
where relationship = 'parent_of' and born_by is not null
"""

# A record of which nothing is said still exists from the day the agency had it. What a later delivery leaves out is
# still known from before; an address is replaced whole. Rows that change nothing make no version.
AS_KNOWN = """
create temp table as_known as
with rows as (
    from identity_rows
    union all by name
    from parent_rows
    union all by name
    select record_id, known_from from person_records
),
filled as (
    select
        record_id,
        known_from,
        {
            'given_name': last_value(given_name ignore nulls) over known,
            'family_name': last_value(family_name ignore nulls) over known,
            'date_of_birth': last_value(date_of_birth ignore nulls) over known,
            'expected_date_of_birth': last_value(expected_date_of_birth ignore nulls) over known,
            'born_by': max(born_by) over known,
            'sex': last_value(sex ignore nulls) over known,
            'nhs_number': last_value(nhs_number ignore nulls) over known,
            'upn': last_value(upn ignore nulls) over known,
            'email': last_value(email ignore nulls) over known,
            'address': last_value(address ignore nulls) over known
        } as identity,
        lead(known_from) over known is distinct from known_from as last_of_the_day
    from rows
    window known as (
        partition by record_id
        order by known_from, recorded_on nulls first, given_name, family_name, date_of_birth,
            expected_date_of_birth, born_by, sex, nhs_number, upn, email, address
        rows between unbounded preceding and current row
    )
)
select record_id, known_from, unnest(identity)
from filled
where last_of_the_day
window by_day as (partition by record_id order by known_from)
qualify identity is distinct from lag(identity) over by_day or row_number() over by_day = 1
"""

# The day from which two records bear a given name. A slip of the key is made once.
BEARERS = """
create temp table bearers as
with bearing as (
    select given.core, record_id, min(known_from) as known_from
    from as_known join names as given on given.written = given_name
    group by all
)
select core, known_from - date '1970-01-01' as day
from bearing
qualify row_number() over (partition by core order by known_from, record_id) = 2
"""

PLAIN_VERSIONS = """
create temp table plain_versions as
select
    row_number() over (order by known.record_id, known.known_from) - 1 as version,
    dense_rank() over (order by known.record_id) - 1 as record,
    known.record_id,
    person.source,
    known.known_from - date '1970-01-01' as day,
    given.text as given,
    given.sound as given_sound,
    given.core as given_core,
    given.core_sounds as given_core_sounds,
    given.roots as given_roots,
    given.is_common as given_is_common,
    bearers.day as given_borne_by_two,
    given.core_sounds[1] as given_key,
    left(given.core_sounds[1], 1) as given_initial,
    left(family.sound, 1) as family_initial,
    family.text as family,
    family.sound as family_sound,
    family.core_sounds as family_sounds,
    array_to_string(list_sort(list_distinct(given.core_sounds || family.core_sounds)), ' ') as name_sounds,
    known.date_of_birth,
    strftime(known.date_of_birth, '%Y%m%d') as born,
    year(known.date_of_birth) as birth_year,
    month(known.date_of_birth) as birth_month,
    day(known.date_of_birth) as birth_day,
    known.expected_date_of_birth,
    case when known.date_of_birth is null then known.expected_date_of_birth end as expected,
    known.born_by,
    known.sex,
    known.nhs_number,
    known.upn,
    known.address.uprn as uprn,
    known.address.postcode as postcode,
    known.address.house as house,
    known.address.street as street,
    known.address.locality as locality,
    known.address.postcode || '/' || known.address.house as dwelling,
    case when coalesce(known.address.uprn, known.address.postcode, known.address.house) is null then true end
        as no_address,
    case when not list_contains($home_towns, known.address.locality) then known.address.locality end as other_town,
    known.email,
    left(known.email, 5) as email_start
from as_known as known
join person_records as person using (record_id)
left join names as given on given.written = known.given_name
left join bearers on bearers.core = given.core
left join names as family on family.written = known.family_name
"""


def make_versions(  # noqa: PLR0913 - what is known of records, each table by its name.
    connection: duckdb.DuckDBPyConnection,
    *,
    identities: pa.Table,
    person_records: pa.Table,
    relationships: pa.Table,
    linkage: Linkage,
    marks: pa.Table | None = None,
) -> None:
    """Make the tables `versions`, `records` and `relationships` of an in-memory database.

    `versions` has a row for each day on which a record's identity changed; `records` one a record. `marks` are records
    that another identity was given, by `protection.MARKS`.

    `version` and `record` count from 0 in the order of (record_id, day); `day` counts from 1970-01-01. A version holds
    what was known of the person on that day, with names and addresses made comparable.
    """
    tables = {
        "identity": pa.concat_tables([identities, COLUMNS.empty_table()], promote_options="default"),
        "person_records": person_records,
        "relationships": relationships,
        "names": _names(identities, known_names(linkage.nicknames, linkage.common_names)),
        "places": _places(identities),
        "marks": MARKS.empty_table() if marks is None else marks,
    }
    for name, table in tables.items():
        connection.register(name, table)
    for query in (ROWS, PARENTS, AS_KNOWN, BEARERS):
        connection.execute(query)
    connection.execute(PLAIN_VERSIONS, {"home_towns": home_towns(linkage)})
    connection.execute(RECORDS)
    connection.execute(VERSIONS)
    for name in ("identity", "person_records", "names", "places", "marks"):
        connection.unregister(name)


def home_towns(linkage: Linkage) -> list[str]:
    """Return the towns that most records name: to have one of them in common tells two records from few others."""
    shares = linkage.name_frequencies.get("locality", {})
    return [place_of(town) or "" for town, share in shares.items() if share >= 0.5]


def _names(identities: pa.Table, known: KnownNames) -> pa.Table:
    written = set(_distinct(identities["given_name"])) | set(_distinct(identities["family_name"]))
    made = ((name, comparable(name, known)) for name in sorted({text.strip() for text in written}))
    rows = [{"written": name, **asdict(name_made)} for name, name_made in made if name_made is not None]
    return pa.Table.from_pylist(rows, schema=NAMES)


def _places(identities: pa.Table) -> pa.Table:
    written = sorted(set(_distinct(identities["street"])) | set(_distinct(identities["locality"])))
    rows = [(text, street_of(text), place_of(text)) for text in written]
    return pa.Table.from_pylist([dict(zip(PLACES.names, row, strict=True)) for row in rows], schema=PLACES)


def _distinct(column: pa.ChunkedArray) -> list[str]:
    return pc.drop_null(pc.unique(column)).to_pylist()
