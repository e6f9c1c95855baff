"""Rows of text as an agency delivered them, and the columns that an extract wants of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from targeting.errors import DataError, what_exists
from targeting.sources.definition import Extract


@dataclass(frozen=True)
class ChunkSize:
    """How much of a file is held at once: at most so many rows, and so many bytes of text where no row is longer."""

    rows: int = 1 << 16
    bytes: int = 1 << 22


@dataclass(frozen=True)
class MalformedRow:
    """A row with more or fewer fields than the header: it cannot be told which value belongs to which column."""

    line: int
    fields: int
    expected: int
    text: str


@dataclass(frozen=True)
class RawRows:
    """Rows of text, a column each; null and empty alike mean no value."""

    columns: pa.Table
    lines: NDArray[np.int64]
    malformed: tuple[MalformedRow, ...] = ()

    def __len__(self) -> int:
        return len(self.lines)

    def column(self, name: str) -> pa.Array:
        """Return one column whole; a null array of text where the column holds nothing."""
        return self.columns[name].combine_chunks()

    def taken(self, rows: NDArray[np.int64]) -> "RawRows":
        """Return the rows of those indexes, without the malformed ones."""
        return RawRows(self.columns.take(pa.array(rows)), self.lines[rows])

    def in_chunks(self, rows: int) -> Iterator["RawRows"]:
        """Yield the rows, at most so many at a time; the malformed ones come with the first."""
        yield RawRows(self.columns.slice(0, rows), self.lines[:rows], self.malformed)
        for start in range(rows, len(self), rows):
            yield RawRows(self.columns.slice(start, rows), self.lines[start : start + rows])


def columns_of(extract: Extract) -> tuple[str, ...]:
    """Return the columns that an extract declares, in the order of their names."""
    fields = [field for person in extract.persons for field in vars(person).values()]
    for fact in extract.facts:
        fields += [fact.event_date, fact.knowledge_date, fact.when, *fact.values.values()]
    for relation in extract.relationships:
        fields += [relation.relationship, relation.started_on, relation.ended_on, relation.knowledge_date]
    names = {field.column for field in fields if field is not None and field.column is not None}
    names |= {fact.person for fact in extract.facts} | {key for fact in extract.facts for key in fact.record_key}
    names |= {name for relation in extract.relationships for name in (relation.person, relation.other)}
    return tuple(sorted(names))


def check_columns(existing: Sequence[str], wanted: Sequence[str], place: str) -> None:
    """Raise DataError, with the columns that exist, where one that is wanted does not."""
    missing = [name for name in wanted if name not in existing]
    if missing:
        message = f"{place}: no column {', '.join(map(repr, missing))}. {what_exists(missing[0], existing)}"
        raise DataError(message)
