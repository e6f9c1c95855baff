"""CIN Census returns: DfE's XML read as rows of text.

One row a child, a disability, a referral (CINdetails), an assessment, a factor, a section 47 enquiry, a child in need
plan, a child protection plan and a review of one. Elements are read in any order, with or without a namespace; text
between elements is passed over and told, as real returns hold some.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from targeting.errors import DataError
from targeting.sources.cin_mapping import COLLECTED_FROM, MAPPINGS, PERSON, REQUIRED
from targeting.sources.cin_noticing import Noticed, return_warnings, year_warnings
from targeting.sources.cin_parsing import RowsOfReturn, parsed
from targeting.sources.cin_rows import Element, Row
from targeting.sources.interpreting import Part
from targeting.sources.raw_rows import ChunkSize, RawRows, columns_of


@dataclass(frozen=True)
class CinReturn:
    """A census return: the date to which it refers, what is odd about its header, and how to read its rows.

    `chunks` yields the parts of the return, some children at a time; called again it begins anew. `noticed` tells what
    was odd about what it last read.
    """

    reference_date: date
    warnings: tuple[str, ...]
    chunks: Callable[[], Iterator[tuple[Part, ...]]]
    noticed: Callable[[], tuple[str, ...]]


def read_cin_census(path: Path, place: str, size: ChunkSize) -> CinReturn:
    """Return a CIN Census return, of which no more than its header is read yet.

    Raises DataError, naming `place`, where it has no header of a CIN Census with a reference date; so does reading its
    rows where it is cut off, not XML, holds a document type or entities, or no children.
    """
    header = _header(path, place)
    reference_date = _reference_date(header, place)
    last = [Noticed()]

    def chunks() -> Iterator[tuple[Part, ...]]:
        rows = RowsOfReturn()
        last[0] = rows.noticed
        yield from _chunks(path, place, rows, size, reference_date)

    return CinReturn(
        reference_date=reference_date,
        warnings=tuple(_header_warnings(header, reference_date, place)),
        chunks=chunks,
        noticed=lambda: tuple(return_warnings(last[0], place)),
    )


def _header(path: Path, place: str) -> Element:
    """Return the header, wherever it stands: nothing behind it is read."""
    rows = RowsOfReturn()
    for _ in parsed(path, place, rows):
        rows.rows.clear()
        if rows.header is not None:
            break
    if rows.root != "Message" or rows.header is None or rows.header.value("Collection") not in ("CIN", ""):
        message = f"{place}: not a CIN Census return. Expected a Message with a Header whose Collection is CIN."
        raise DataError(message)
    return rows.header


def _chunks(
    path: Path, place: str, rows: RowsOfReturn, size: ChunkSize, reference_date: date
) -> Iterator[tuple[Part, ...]]:
    is_empty = True
    for _ in parsed(path, place, rows):
        if len(rows.rows) >= size.rows:
            yield _parts(rows.taken(), reference_date)
            is_empty = False
    if rows.rows:
        yield _parts(rows.taken(), reference_date)
    elif is_empty:
        message = f"{place}: no Child in the return. Ask for it again, with its children."
        raise DataError(message)


def _parts(rows: Sequence[Row], reference_date: date) -> tuple[Part, ...]:
    parts = (_part(name, rows, reference_date) for name in MAPPINGS)
    # What a census did not ask for, it does not cover.
    return tuple(part for part in parts if len(part.rows) or COLLECTED_FROM.get(part.name, 0) <= reference_date.year)


def _part(name: str, rows: Sequence[Row], reference_date: date) -> Part:
    mapping = MAPPINGS[name]
    chosen = [(line, {**row, "ReferenceDate": reference_date.isoformat()}) for part, line, row in rows if part == name]
    columns = {tag: pa.array([row[tag] for _, row in chosen], pa.string()) for tag in columns_of(mapping)}
    lines = np.asarray([line for line, _ in chosen], np.int64)
    return Part(name, RawRows(pa.table(columns), lines), mapping, required=(PERSON, *REQUIRED.get(name, ())))


def _reference_date(header: Element, place: str) -> date:
    text = header.value("ReferenceDate")
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = f"{place}: no ReferenceDate in the header. Expected the date to which the return refers, YYYY-MM-DD."
        raise DataError(message) from None


def _header_warnings(header: Element, reference_date: date, place: str) -> Iterator[str]:
    year = header.value("Year")
    if year != str(reference_date.year):
        yield (
            f"{place}: the header says year {year or 'nothing'}, the reference date is {reference_date}; "
            f"the codes of {reference_date.year} hold."
        )
    yield from year_warnings(reference_date.year, place)
