"""Annex A workbooks: eleven lists of children, a sheet each, with headings and codes as councils write them."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, islice

import numpy as np
import pyarrow as pa

from targeting.errors import DataError
from targeting.records.codes import PRIMARY_NEED
from targeting.sources.annex_a_mapping import (
    CASE_STATUS,
    CHILD,
    DATES,
    IN_NEED_PLAN,
    LEGAL_STATUS,
    MAPPINGS,
    MAY_BE_ABSENT,
    NAMED,
    READ_BESIDES,
    REFERENCE_DATE,
    REQUIRED,
    UNACCOMPANIED,
)
from targeting.sources.deliveries import DeliveredFile
from targeting.sources.interpreting import Part
from targeting.sources.raw_rows import ChunkSize, RawRows, check_columns, columns_of
from targeting.sources.returns import (
    Parts,
    Return,
    cleaned,
    code_warnings,
    together,
    unknown_codes,
    with_iso_days,
)
from targeting.sources.workbooks import Row, Sheet, day_of_number, read_workbook

COMPUTED = frozenset({REFERENCE_DATE, "LegalBasis", "IsInNeedPlan"}) | {n for named in NAMED.values() for n in named}
# The heading stands in one of the first rows: some councils write a title above it.
FIRST_ROWS = 10
YES = ("yes", "y", "true", "1")
NEED = "Primary Need Code"
NEEDS = frozenset(code.casefold() for code in PRIMARY_NEED.codes)

Cells = tuple[str, ...]


@dataclass
class _Noticed:
    """What is odd about a workbook and worth a sentence, by the list that it concerns; known once it is read."""

    unread: list[str] = field(default_factory=list)
    sheets: Counter[str] = field(default_factory=Counter)
    unknown_needs: Counter[str] = field(default_factory=Counter)

    def warnings(self, place: str) -> Iterator[str]:
        for name in self.unread:
            yield f"{place}: sheet {name!r} is no list of Annex A; it is left unread."
        for name, sheets in self.sheets.items():
            if sheets > 1:
                yield f"{place}: {sheets} sheets are {name}; all of them are read."
        yield from code_warnings(f"{place}: List 6", self.unknown_needs, None)
        missing = [name for name in MAPPINGS if name not in self.sheets]
        if missing:
            yield f"{place}: no sheet for {', '.join(missing)}."


def read_annex_a(file: DeliveredFile, size: ChunkSize) -> Return:
    """Return the rows of all lists of a workbook, which speaks of the day of its extraction; they are read row by row.

    Headings are matched without regard to case, spaces, quotation marks and punctuation. Sheets that are no list of
    Annex A are passed over and told. Reading raises DataError where no list is found or a list lacks a column.
    """
    last = [_Noticed()]

    def chunks() -> Iterator[Parts]:
        last[0] = _Noticed()
        yield from together(_parts(file, last[0], size), size)

    as_of = file.delivery.extracted_on
    return Return(as_of, chunks, noticed=lambda: tuple(last[0].warnings(file.place)))


def _parts(file: DeliveredFile, noticed: _Noticed, size: ChunkSize) -> Iterator[Part]:
    for sheet in read_workbook(file.path, file.place):
        name = _list_of(sheet.name)
        if name is None:
            noticed.unread.append(sheet.name)
            continue
        noticed.sheets[name] += 1
        for rows in _rows(sheet, name, f"{file.place}: {name}", file.delivery.extracted_on, size):
            if name == "List 6":
                noticed.unknown_needs.update(unknown_codes(rows, {NEED: lambda text: text.casefold() in NEEDS}))
            yield Part(name, rows, MAPPINGS[name], REQUIRED[name])
    if not noticed.sheets:
        message = f"{file.place}: no sheet is a list of Annex A. Expected sheets named List 1 to List 11."
        raise DataError(message)


def _list_of(sheet: str) -> str | None:
    number = re.search(r"list\s*_?(\d{1,2})\b", sheet, re.IGNORECASE)
    name = f"List {int(number[1])}" if number else ""
    return name if name in MAPPINGS else None


def folded(heading: str) -> str:
    """Return a heading as letters and digits alone, so that two spellings of one are equal."""
    plain = unicodedata.normalize("NFKD", heading).casefold()
    return "".join(character for character in plain if character.isalnum())


def _wanted(name: str) -> tuple[str, ...]:
    columns = {*columns_of(MAPPINGS[name]), *READ_BESIDES.get(name, ())}
    return tuple(sorted(columns - COMPUTED))


def _rows(sheet: Sheet, name: str, place: str, as_of: date, size: ChunkSize) -> Iterator[RawRows]:
    """Yield the rows of a list, a chunk at a time, one chunk at least."""
    wanted = _wanted(name)
    heading, below = _heading(sheet, wanted)
    places = {folded(text): position for position, text in reversed(list(enumerate(heading)))}
    found = [column for column in wanted if folded(column) in places]
    check_columns(found, [column for column in wanted if column not in MAY_BE_ABSENT], place)
    for rows in _in_chunks(below, size):
        taken = {column: [_cell(cells, places.get(folded(column))) for _, cells in rows] for column in wanted}
        columns = {column: _cleaned(column, values) for column, values in taken.items()}
        columns |= _computed(name, columns, len(rows), as_of)
        table = pa.table({column: pa.array(values, pa.string()) for column, values in columns.items()})
        yield RawRows(table, np.asarray([line for line, _ in rows], np.int64))


def _heading(sheet: Sheet, wanted: Sequence[str]) -> tuple[Cells, Iterator[Row]]:
    """Return the row that bears most of the wanted headings, and the rows below it."""
    first = list(islice(sheet.rows, FIRST_ROWS))
    names = {folded(column) for column in wanted}
    best = max(
        range(len(first)),
        key=lambda row: (len(names & {folded(text) for text in first[row][1]}), -row),
        default=None,
    )
    return ((), iter(())) if best is None else (first[best][1], chain(first[best + 1 :], sheet.rows))


def _in_chunks(rows: Iterator[Row], size: ChunkSize) -> Iterator[list[Row]]:
    """Yield the rows, at most so many and so much text at a time; an empty list where there are none."""
    chunk: list[Row] = []
    is_first, text = True, 0
    for row in rows:
        chunk.append(row)
        text += sum(map(len, row[1]))
        if len(chunk) == size.rows or text >= size.bytes:
            yield chunk
            is_first, chunk, text = False, [], 0
    if chunk or is_first:
        yield chunk


def _cell(cells: Sequence[str], position: int | None) -> str:
    return cells[position] if position is not None and position < len(cells) else ""


def _cleaned(column: str, values: Sequence[str]) -> list[str]:
    if column in DATES:
        days: list[str] = with_iso_days(pa.array([day_of_number(value) for value in values], pa.string())).to_pylist()
        return days
    return list(values) if column == CHILD else [cleaned(value) for value in values]


def _computed(name: str, columns: Mapping[str, Sequence[str]], rows: int, as_of: date) -> dict[str, list[str]]:
    computed = {REFERENCE_DATE: [as_of.isoformat()] * rows}
    for own, parts in NAMED.get(name, {}).items():
        computed[own] = ["/".join(values) for values in zip(*(columns[part] for part in parts), strict=True)]
    if name == "List 6":
        computed["IsInNeedPlan"] = [
            "yes" if status.casefold() == IN_NEED_PLAN else "no" for status in columns[CASE_STATUS]
        ]
    if name == "List 8":
        computed["LegalBasis"] = [
            "uasc" if alone.casefold() in YES and status not in ("V3", "V4") else status
            for status, alone in zip(columns[LEGAL_STATUS], columns[UNACCOMPANIED], strict=True)
        ]
    return computed
