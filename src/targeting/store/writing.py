"""The files of a generation, in a fixed order of rows: the same contents, the same bytes."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from targeting.records.definition import FactKind
from targeting.store.blocks import FactRows, LinkRows, MemberRows
from targeting.store.contents import (
    AGENCY_LINKS,
    MEMBERSHIPS,
    PERSON_RECORDS,
    SUCCESSIONS,
    GenerationContents,
    fact_schema,
)
from targeting.store.explosion import Population, explode_facts, explode_links, members, population
from targeting.store.files import sha256_of
from targeting.store.manifest import KindContents, Manifest, ShardContents, contract_fingerprint
from targeting.store.shards import Cut, column_types, cut_rows, cuts, shard_folder, write_rows, write_table
from targeting.store.vocabularies import Encoding, distinct, encoding, write_vocabularies


def write_files(folder: Path, contents: GenerationContents, families_per_shard: int) -> Manifest:
    """Write everything but the manifest below `folder`, which is empty; return the manifest."""
    facts = _ordered_facts(contents)
    sources = _sources(contents)
    people = population(contents.memberships.select(MEMBERSHIPS.names).cast(MEMBERSHIPS))
    code = encoding(facts, contents.contract, sources)
    _write_tables(folder, contents, facts)
    write_vocabularies(folder, code.vocabularies)
    shards = _write_shards(folder, contents, facts, (people, code), families_per_shard)
    return Manifest(
        synthetic=contents.synthetic,
        coverage=tuple(sorted(contents.coverage)),
        inputs=dict(contents.inputs),
        contract=contract_fingerprint(contents.contract),
        sources=sources,
        kinds={
            name: KindContents(len(facts.get(name, ())), column_types(kind)) for name, kind in contents.contract.items()
        },
        shards=shards,
        files={str(path.relative_to(folder)): sha256_of(path) for path in _files(folder)},
    )


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _ordered_facts(contents: GenerationContents) -> dict[str, pa.Table]:
    """Return the facts of every kind that has any, in a fixed order."""
    unknown = sorted(set(contents.facts) - set(contents.contract))
    if unknown:
        message = f"facts of kinds that the contract does not have: {', '.join(unknown)}."
        raise ValueError(message)
    return {
        name: _ordered(contents.facts[name], kind)
        for name, kind in contents.contract.items()
        if contents.facts.get(name)
    }


def _ordered(facts: pa.Table, kind: FactKind) -> pa.Table:
    schema = fact_schema(kind)
    # A fact that linkage moves from one person to another is two rows, and may come back to the first.
    order = [(name, "ascending") for name in ("person_id", "event_date", "fact_id", "knowledge_date")]
    return facts.select(schema.names).cast(schema).sort_by(order)


def _sources(contents: GenerationContents) -> tuple[str, ...]:
    named = {entry.source for entry in contents.coverage}
    for table in (contents.agency_links, *contents.facts.values()):
        named |= set(distinct(table["source"].cast(pa.string())).to_pylist())
    return tuple(sorted(named))


def _write_tables(folder: Path, contents: GenerationContents, facts: Mapping[str, pa.Table]) -> None:
    (folder / "facts").mkdir()
    for name, table in facts.items():
        write_table(folder / "facts" / f"{name}.parquet", table, unique=("fact_id",))
    for name, schema, table in (
        ("memberships", MEMBERSHIPS, contents.memberships),
        ("agency_links", AGENCY_LINKS, contents.agency_links),
        ("successions", SUCCESSIONS, contents.successions),
        ("person_records", PERSON_RECORDS, contents.person_records),
    ):
        rows = table.select(schema.names).cast(schema)
        write_table(folder / f"{name}.parquet", rows.sort_by([(column, "ascending") for column in schema.names]))


def _write_shards(
    folder: Path,
    contents: GenerationContents,
    facts: Mapping[str, pa.Table],
    encoded: tuple[Population, Encoding],
    families_per_shard: int,
) -> tuple[ShardContents, ...]:
    people, code = encoded
    member_rows = members(people)
    plan = tuple(cuts(member_rows, len(people.family_ids), families_per_shard))
    for number, cut in enumerate(plan):
        _write_people(folder / shard_folder(number), people, cut)
    _write_kind(folder, "members", plan, member_rows)
    _write_kind(folder, "links", plan, explode_links(contents.agency_links, people, code.sources))
    for name, table in facts.items():
        _write_kind(folder, name, plan, explode_facts(contents.contract[name], table, people, code))
    return tuple(ShardContents(people.family_ids[cut.first].as_py(), cut.last - cut.first) for cut in plan)


def _write_people(folder: Path, people: Population, cut: Cut) -> None:
    folder.mkdir(parents=True)
    families = people.family_ids.slice(cut.first, cut.last - cut.first)
    write_table(folder / "families.parquet", pa.table({"family_id": families}))
    write_table(folder / "persons.parquet", pa.table({"person_id": people.person_ids.take(pa.array(cut.persons))}))


def _write_kind(folder: Path, name: str, plan: Sequence[Cut], rows: FactRows | MemberRows | LinkRows) -> None:
    for number, cut in enumerate(plan):
        columns = cut_rows(rows, cut)
        if len(columns["family"]) or name in ("members", "links"):
            write_rows(folder / shard_folder(number) / f"{name}.parquet", columns)
