"""The district's mappings read what the synthetic agencies hand over, to the last row."""

import duckdb
import pyarrow.parquet as pq
import pytest

from targeting.records.contract import contract
from targeting.sources.definition import Extract, Field, PersonFields
from targeting.sources.loading import load

FACTS = "select table_name from information_schema.tables where table_name like 'facts_%' order by 1"


def fields_of(extract: Extract) -> set[str]:
    """Return every column that an extract's mapping names."""
    named: set[str] = set()
    fields: list[Field | None] = []
    for person in extract.persons:
        fields += [getattr(person, name) for name in PersonFields.__dataclass_fields__]
    for fact in extract.facts:
        fields += [fact.event_date, fact.knowledge_date, *fact.values.values()]
        named |= {fact.person, *fact.record_key}
    for tie in extract.relationships:
        fields += [tie.relationship, tie.started_on, tie.ended_on, tie.knowledge_date]
        named |= {tie.person, tie.other}
    return named | {field.column for field in fields if field and field.column}


def columns_of(path, extract: Extract) -> set[str]:
    if path.suffix == ".parquet":
        return set(pq.read_schema(path).names)
    header = path.read_text(encoding=extract.encoding).splitlines()[0]
    return {name.strip('"') for name in header.split(extract.delimiter)}


def test_every_mapped_file_and_column_exists(small, sources):
    for source in sources:
        for extract in source.extracts:
            path = small / source.folder / extract.file
            assert fields_of(extract) <= columns_of(path, extract), path


def test_every_file_is_mapped(small, sources):
    for source in sources:
        written = {path.name for path in (small / source.folder).iterdir()} - {"delivery.toml"}
        assert written == {extract.file for extract in source.extracts}


def test_every_source_says_under_what_and_until_when_it_is_shared(sources):
    for source in sources:
        assert "early_help" in source.purposes
        assert all((source.controller, source.gateway, source.confidentiality, source.may_show_to))
        assert "invented" in source.agreement.reference
        assert source.agreement.expires_on.isoformat() > "2026-12-31"


def test_feeds_start_in_different_years(sources):
    assert {min(coverage.shared_from for coverage in source.coverage).year for source in sources} == {2019, 2020, 2021}


@pytest.fixture(scope="module")
def loaded(small, sources, tmp_path_factory):
    """Return what loading made of the small district: its report, and the staged facts to be asked."""
    data = tmp_path_factory.mktemp("data")
    report = load(small, data=data, sources=sources, contract=contract(), identity_key=b"k" * 32)
    (staging,) = data.glob("*.duckdb")
    with duckdb.connect(str(staging), read_only=True) as connection:
        yield report, connection


def test_all_rows_are_accepted(loaded, sources):
    report, _ = loaded
    assert len(report.files) == sum(len(source.extracts) for source in sources)
    assert sum(file.rows for file in report.files) > 20_000
    assert [file for file in report.files if file.quarantined] == []


def mapped(sources):
    return {fact.kind for source in sources for extract in source.extracts for fact in extract.facts}


def test_every_kind_that_a_source_maps_but_rare_ones_occurs(loaded, sources):
    _, connection = loaded
    there = {name.removeprefix("facts_") for (name,) in connection.execute(FACTS).fetchall()}
    rare = {"died", "permanent_exclusion", "pre_proceedings_started"}
    filled = {
        kind
        for kind in there
        if connection.execute(f"select count(*) from facts_{kind}").fetchall()[0][0]  # noqa: S608
    }
    assert filled | rare == mapped(sources)


def test_nothing_is_known_before_it_happened_or_after_the_extract(loaded):
    _, connection = loaded
    for (table,) in connection.execute(FACTS).fetchall():
        wrong = connection.execute(
            f"select count(*) from {table} where knowledge_date < event_date or knowledge_date > '2026-03-29'"  # noqa: S608
        ).fetchall()
        assert wrong == [(0,)], table


def test_no_fact_is_older_than_its_feed(loaded, sources):
    _, connection = loaded
    for (table,) in connection.execute(FACTS).fetchall():
        kind = table.removeprefix("facts_")
        for source in sources:
            starts = [c.shared_from for c in source.coverage if kind in c.kinds] or [source.coverage[0].shared_from]
            first = connection.execute(
                f"select min(event_date) from {table} where source = ?",  # noqa: S608
                [source.name],
            ).fetchall()[0][0]
            assert first is None or first >= max(starts), (table, source.name)


def test_everyone_a_fact_concerns_is_on_record_by_the_day_it_is_known(loaded):
    _, connection = loaded
    for (table,) in connection.execute(FACTS).fetchall():
        wrong = connection.execute(
            f"select count(*) from {table} fact left join person_records person using (source, record_id) "  # noqa: S608
            "where person.record_id is null or person.known_from > fact.knowledge_date"
        ).fetchall()
        assert wrong == [(0,)], table


def test_an_end_follows_its_beginning_by_a_day_at_least(loaded, sources):
    _, connection = loaded
    for kind in contract().values():
        if not kind.ends or kind.name not in mapped(sources):
            continue
        wrong = connection.execute(
            f"select count(*) from facts_{kind.name} last join facts_{kind.ends} first "  # noqa: S608
            "using (source, episode_id) where last.event_date <= first.event_date"
        ).fetchall()
        assert wrong == [(0,)], kind.name


def test_terms_of_the_pandemic_have_no_attendance(loaded):
    _, connection = loaded
    terms = {
        day.isoformat() for (day,) in connection.execute("select event_date from facts_attendance_term").fetchall()
    }
    assert not terms & {"2020-04-03", "2020-07-20", "2021-03-26"}
    assert {"2019-12-20", "2020-12-18", "2021-07-23", "2025-12-19"} <= terms
