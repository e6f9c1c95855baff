"""Annex A workbooks: eleven lists of children, a sheet each, with headings and codes as councils write them."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

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
from targeting.sources.returns import Return, cleaned, code_warnings, in_chunks, with_iso_days
from targeting.sources.workbooks import Sheet, day_of_number, read_workbook

COMPUTED = frozenset({REFERENCE_DATE, "LegalBasis", "IsInNeedPlan"}) | {n for named in NAMED.values() for n in named}
# The heading stands in one of the first rows: some councils write a title above it.
FIRST_ROWS = 10
YES = ("yes", "y", "true", "1")

Row = tuple[int, Mapping[str, str]]


def read_annex_a(file: DeliveredFile, size: ChunkSize) -> Return:
    """Return the rows of all lists of a workbook, which speaks of the day of its extraction.

    Headings are matched without regard to case, spaces, quotation marks and punctuation. Sheets that are no list of
    Annex A are passed over and told. Raises DataError where no list is found or a list lacks a column.
    """
    sheets = read_workbook(file.path, file.place)
    as_of = file.delivery.extracted_on
    parts, warnings = [], []
    for sheet in sheets:
        name = _list_of(sheet)
        if name is None:
            warnings.append(f"{file.place}: sheet {sheet.name!r} is no list of Annex A; it is left unread.")
            continue
        place = f"{file.place}: {name}"
        rows = _rows(sheet, name, place, as_of)
        parts.append(Part(name, rows, MAPPINGS[name], REQUIRED[name]))
        warnings += _warnings(place, name, rows)
    if not parts:
        message = f"{file.place}: no sheet is a list of Annex A. Expected sheets named List 1 to List 11."
        raise DataError(message)
    missing = [name for name in MAPPINGS if name not in {part.name for part in parts}]
    if missing:
        warnings.append(f"{file.place}: no sheet for {', '.join(missing)}.")
    return Return(as_of, in_chunks(parts, size), tuple(warnings))


def _list_of(sheet: Sheet) -> str | None:
    number = re.search(r"list\s*_?(\d{1,2})\b", sheet.name, re.IGNORECASE)
    name = f"List {int(number[1])}" if number else ""
    return name if name in MAPPINGS else None


def folded(heading: str) -> str:
    """Return a heading as letters and digits alone, so that two spellings of one are equal."""
    plain = unicodedata.normalize("NFKD", heading).casefold()
    return "".join(character for character in plain if character.isalnum())


def _wanted(name: str) -> tuple[str, ...]:
    columns = {*columns_of(MAPPINGS[name]), *READ_BESIDES.get(name, ())}
    return tuple(sorted(columns - COMPUTED))


def _rows(sheet: Sheet, name: str, place: str, as_of: date) -> RawRows:
    wanted = _wanted(name)
    heading, below = _heading(sheet, wanted)
    places = {folded(text): position for position, text in reversed(list(enumerate(heading)))}
    found = [column for column in wanted if folded(column) in places]
    check_columns(found, [column for column in wanted if column not in MAY_BE_ABSENT], place)
    taken = {column: [_cell(cells, places.get(folded(column))) for _, cells in below] for column in wanted}
    columns = {column: _cleaned(column, values) for column, values in taken.items()}
    columns |= _computed(name, columns, len(below), as_of)
    table = pa.table({column: pa.array(values, pa.string()) for column, values in columns.items()})
    lines = np.asarray([line for line, _ in below], np.int64)
    return RawRows(table.select(list(columns)), lines)


def _heading(sheet: Sheet, wanted: Sequence[str]) -> tuple[tuple[str, ...], Sequence[tuple[int, tuple[str, ...]]]]:
    """Return the row that bears most of the wanted headings, and the rows below it."""
    names = {folded(column) for column in wanted}
    best = max(
        range(min(FIRST_ROWS, len(sheet.rows))),
        key=lambda row: (len(names & {folded(text) for text in sheet.rows[row][1]}), -row),
        default=None,
    )
    return ((), ()) if best is None else (sheet.rows[best][1], sheet.rows[best + 1 :])


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


def _warnings(place: str, name: str, rows: RawRows) -> Iterator[str]:
    if name == "List 6":
        known = {code.casefold() for code in PRIMARY_NEED.codes}
        checked = {"Primary Need Code": lambda text: text.casefold() in known}
        yield from code_warnings(place, rows, checked, None)
