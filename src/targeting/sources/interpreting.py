"""Rows of a file made into what is recorded of them, and into what is wrong with the others."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from targeting.sources.context import Context
from targeting.sources.converting import Invalid
from targeting.sources.definition import Extract
from targeting.sources.earlier_chunks import Earlier
from targeting.sources.facts_of_rows import FactRowsRead, read_facts
from targeting.sources.faults import (
    FAULTS,
    BrokenRule,
    Mask,
    affected,
    broken,
    fault_table,
    malformed_table,
    missing_values,
)
from targeting.sources.people_of_rows import PersonRowsRead, RelationshipRowsRead, read_persons, read_relationships
from targeting.sources.raw_rows import RawRows
from targeting.sources.record_keys import KeyedRows
from targeting.sources.row_reader import RowReader
from targeting.store.blocks import OPEN_DAY, Days
from targeting.store.identities import IDENTITIES

RowsRead = FactRowsRead | PersonRowsRead | RelationshipRowsRead

NOT_TEXT = Invalid("a NUL byte", "text without NUL bytes")
TELLS_NOTHING = Invalid("tells nothing", "a value here: without one no record comes of the row")
SIGHTINGS = pa.schema([("record_id", pa.string()), ("known", pa.date32())])
RELATIONSHIPS = pa.schema(
    [
        ("record_id", pa.string()),
        ("other_record_id", pa.string()),
        ("relationship", pa.string()),
        ("started_on", pa.date32()),
        ("ended_on", pa.date32()),
        ("known", pa.date32()),
    ]
)
# Rejected rows are kept as delivered, with their line behind this name, which no column of an extract has.
LINE = "\x00line"
# Those whose fields could not be told apart lie in a part of their own.
UNREAD = "\x00unread"
MALFORMED = pa.schema([("line", pa.int64()), ("fields", pa.int64()), ("expected", pa.int64()), ("text", pa.string())])


@dataclass(frozen=True)
class Part:
    """Rows of one shape in a file, and what they mean: a CSV file is one part, an XML file has one an element.

    `required` columns are filled on every row, or the row is rejected.
    """

    name: str
    rows: RawRows
    extract: Extract
    required: tuple[str, ...] = ()


@dataclass(frozen=True)
class Interpreted:
    """What a file, or a part of it, says.

    `facts` by kind; `persons` by `IDENTITIES`; `sightings` tells from when each person record is known. `faults` are
    those of the rejected rows, which `rejected` keeps as they were delivered, by part. `failed_checks` counts the
    numbers that were left out, by what they are called. `undated` counts the rows taken that name somebody and have no
    date of any of their facts. `keyed` is what the record keys of each fact name.
    """

    rows: int
    facts: Mapping[str, pa.Table]
    persons: pa.Table
    relationships: pa.Table
    sightings: pa.Table
    faults: pa.Table
    rejected: Mapping[str, pa.Table]
    failed_checks: Mapping[str, int]
    undated: int
    keyed: tuple[KeyedRows, ...]

    @property
    def quarantined(self) -> int:
        """How many rows are rejected."""
        return sum(len(table) for table in self.rejected.values())


def interpret(parts: Sequence[Part], context: Context, earlier: Earlier | None = None) -> Interpreted:
    """Return what the rows of all parts say: a row with any fault makes nothing and is rejected whole.

    `earlier` is what the chunks of the same file before these parts have told, None where there are no others.
    """
    read = [_interpret(part, context, earlier) for part in parts]
    kinds = list(dict.fromkeys(kind for one in read for kind in one.facts))
    checks: Counter[str] = Counter()
    for one in read:
        checks.update(one.failed_checks)
    return Interpreted(
        rows=sum(one.rows for one in read),
        facts={kind: pa.concat_tables([one.facts[kind] for one in read if kind in one.facts]) for kind in kinds},
        persons=pa.concat_tables([IDENTITIES.empty_table(), *(one.persons for one in read)]),
        relationships=pa.concat_tables([RELATIONSHIPS.empty_table(), *(one.relationships for one in read)]),
        sightings=_first_sightings([one.sightings for one in read]),
        faults=pa.concat_tables([_PART_FAULTS.empty_table(), *(one.faults for one in read)]),
        rejected={name: table for one in read for name, table in one.rejected.items()},
        failed_checks=checks,
        undated=sum(one.undated for one in read),
        keyed=tuple(keyed for one in read for keyed in one.keyed),
    )


def _interpret(part: Part, context: Context, earlier: Earlier | None) -> Interpreted:
    raw, reader = part.rows, RowReader(part.rows, context, earlier)
    facts = [read_facts(fields, reader, f"{part.name}/{number}") for number, fields in enumerate(part.extract.facts)]
    persons = [read_persons(fields, reader) for fields in part.extract.persons]
    relationships = [read_relationships(fields, reader) for fields in part.extract.relationships]
    reads: list[RowsRead] = [*facts, *persons, *relationships]
    rules = [rule for read in reads for rule in read.broken]
    rules += [rule for name in part.required for rule in missing_values(reader.texts(name), _everywhere(raw))]
    rules += [rule for name in raw.columns.column_names for rule in _not_text(name, raw.column(name))]
    rules += _telling_nothing(part, reads, reader, ~affected(rules, len(raw)))
    good = ~affected(rules, len(raw))
    tables = _fact_tables(facts, good, raw.lines)
    people = _person_table(persons, good, _earliest_fact(facts, len(raw)), context)
    related = pa.concat_tables([RELATIONSHIPS.empty_table(), *(one.table(_rows(one, good)) for one in relationships)])
    faults = pa.concat_tables([fault_table(rules, raw.lines), malformed_table(raw.malformed)])
    return Interpreted(
        rows=len(raw) + len(raw.malformed),
        facts=tables,
        persons=people,
        relationships=related,
        sightings=_sightings(tables, people, related),
        faults=faults.append_column("part", pa.repeat(part.name, len(faults))),
        rejected=_rejected(part, np.flatnonzero(~good)),
        failed_checks=_failed_checks(persons, good),
        undated=_undated(facts, good),
        keyed=tuple(one.keyed for one in facts if one.keyed is not None),
    )


def _telling_nothing(part: Part, reads: Sequence[RowsRead], reader: RowReader, good: Mask) -> Iterator[BrokenRule]:
    """Yield the rows, of those with no other fault, that hold something and make nothing.

    They have no date of any fact, and name nobody. A row that `when` leaves out has its date.
    """
    made = [read.dated if isinstance(read, FactRowsRead) else read.present for read in reads]
    if not made:
        return
    holds = [pc.is_valid(column).to_numpy() for column in part.rows.columns.columns]
    where = good & np.any(holds, axis=0) & ~np.any(made, axis=0)
    for name in _told_by(part.extract):
        texts = reader.texts(name)
        yield from broken(texts, TELLS_NOTHING, where & ~texts.is_filled)


def _told_by(extract: Extract) -> Sequence[str]:
    """Return the columns that are to be filled for the first thing that an extract's rows may tell of."""
    if extract.facts:
        return (extract.facts[0].event_date.column or "",)
    if extract.persons:
        return (extract.persons[0].key.column or "",)
    return [each for tie in extract.relationships[:1] for each in (tie.person, tie.other)]


def _not_text(name: str, texts: pa.Array) -> Iterator[BrokenRule]:
    """Yield the rows in which a column holds a NUL byte: no text does, and some programs end it there."""
    content = texts.buffers()[2]
    if content is None or b"\0" not in content.to_pybytes():
        return
    rows = np.flatnonzero(pc.fill_null(pc.match_substring(texts, "\0"), False).to_numpy(zero_copy_only=False))
    if len(rows):
        yield BrokenRule(name, NOT_TEXT, rows, texts)


_PART_FAULTS = FAULTS.append(pa.field("part", pa.string()))


def _everywhere(raw: RawRows) -> Mask:
    return np.ones(len(raw), np.bool_)


def _rows(read: RowsRead, good: Mask) -> NDArray[np.int64]:
    return np.flatnonzero(read.present & good)


def _undated(facts: Sequence[FactRowsRead], good: Mask) -> int:
    return int(np.count_nonzero(good & ~np.any([read.dated for read in facts], axis=0))) if facts else 0


def _fact_tables(facts: Sequence[FactRowsRead], good: Mask, lines: NDArray[np.int64]) -> dict[str, pa.Table]:
    tables: dict[str, list[pa.Table]] = {}
    for read in facts:
        tables.setdefault(read.kind.name, []).append(read.table(_rows(read, good), lines))
    return {kind: pa.concat_tables(those) for kind, those in tables.items()}


def _earliest_fact(facts: Sequence[FactRowsRead], rows: int) -> Days:
    earliest = np.full(rows, OPEN_DAY, np.int32)
    for read in facts:
        earliest = np.where(read.present, np.minimum(earliest, read.known), earliest)
    return earliest


def _person_table(persons: Sequence[PersonRowsRead], good: Mask, earliest: Days, context: Context) -> pa.Table:
    tables = [read.table(_rows(read, good), earliest, context) for read in persons]
    return pa.concat_tables([IDENTITIES.empty_table(), *tables])


def _sightings(facts: Mapping[str, pa.Table], persons: pa.Table, relationships: pa.Table) -> pa.Table:
    """Return from when each person record is known: the earliest of all that names it."""
    named = [table.select(SIGHTINGS.names) for table in facts.values()]
    named.append(persons.select(["record_id", "known_from"]).rename_columns(SIGHTINGS.names))
    for side in ("record_id", "other_record_id"):
        named.append(relationships.select([side, "known"]).rename_columns(SIGHTINGS.names))
    return _first_sightings(named)


def _first_sightings(sightings: Iterable[pa.Table]) -> pa.Table:
    together = pa.concat_tables([SIGHTINGS.empty_table(), *sightings])
    first = together.group_by("record_id", use_threads=False).aggregate([("known", "min")])
    return first.rename_columns(SIGHTINGS.names)


def _rejected(part: Part, rows: NDArray[np.int64]) -> dict[str, pa.Table]:
    taken = part.rows.taken(rows)
    read = taken.columns.append_column(LINE, pa.array(taken.lines))
    unread = pa.Table.from_pylist([vars(row) for row in part.rows.malformed], schema=MALFORMED)
    return {name: table for name, table in ((part.name, read), (part.name + UNREAD, unread)) if len(table)}


def _failed_checks(persons: Iterable[PersonRowsRead], good: Mask) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for read in persons:
        counts.update(read.failed_checks(_rows(read, good)))
    return dict(counts)
