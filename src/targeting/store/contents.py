"""What a generation is written from: tables of facts, memberships and agency links."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from targeting.records.contract import Contract
from targeting.records.definition import Column, ColumnType, FactKind
from targeting.store.manifest import SourceCoverage

ARROW_TYPES = {
    "code": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "flag": pa.bool_(),
    "date": pa.date32(),
}
MEMBERSHIPS = pa.schema(
    [
        ("family_id", pa.string()),
        ("person_id", pa.string()),
        ("is_child", pa.bool_()),
        ("birth_date", pa.date32()),
        ("visible_from", pa.date32()),
        ("visible_to", pa.date32()),
    ]
)
SUCCESSIONS = pa.schema(
    [
        ("family_id", pa.string()),
        ("successor_id", pa.string()),
        ("from_date", pa.date32()),
        ("how", pa.string()),
        ("records", pa.int64()),
    ]
)
AGENCY_LINKS = pa.schema([("person_id", pa.string()), ("source", pa.string()), ("known_from", pa.date32())])
PERSON_RECORDS = pa.schema(
    [
        ("record_id", pa.string()),
        ("person_id", pa.string()),
        ("visible_from", pa.date32()),
        ("visible_to", pa.date32()),
    ]
)


@dataclass(frozen=True)
class GenerationContents:
    """What a generation is written from.

    `facts` has one table a kind (`fact_schema`); `memberships` one row per range of as-of dates (both ends included,
    null: open) on which a person belongs to a family; `agency_links` from when a person is in an agency's records.
    `inputs` are the digests of the deliveries. `person_records` says whose an agency's record of a person is, one row
    per range of as-of dates, ranges as in `memberships`. `successions` have a row for each family that `went_on_as`
    another when it ended, or from which one `split_off`: the first as-of date of it, and of how many person records.
    """

    facts: Mapping[str, pa.Table]
    memberships: pa.Table
    agency_links: pa.Table
    coverage: tuple[SourceCoverage, ...]
    contract: Contract
    synthetic: bool
    inputs: Mapping[str, str]
    successions: pa.Table = field(default_factory=SUCCESSIONS.empty_table)
    person_records: pa.Table = field(default_factory=PERSON_RECORDS.empty_table)


def fact_schema(kind: FactKind) -> pa.Schema:
    """Return the columns of a kind's facts in a generation: those that every fact has, then the kind's own."""
    return schema_of({column.name: column.type for column in kind.columns})


def schema_of(own: Mapping[str, ColumnType]) -> pa.Schema:
    """Return the columns of facts whose own ones have the given types in the contract."""
    common = [
        ("fact_id", pa.int64()),
        ("person_id", pa.string()),
        ("event_date", pa.date32()),
        ("knowledge_date", pa.date32()),
        ("superseded_on", pa.date32()),
        ("knowledge_basis", pa.string()),
        ("source", pa.string()),
    ]
    return pa.schema(common + [(name, ARROW_TYPES[column_type]) for name, column_type in own.items()])


def arrow_type(column: Column) -> pa.DataType:
    """Return the Arrow type of a column's values."""
    return ARROW_TYPES[column.type]
