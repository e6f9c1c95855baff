"""Excel workbooks read as sheets of rows of text, row by row: no macro, link, entity or endless sheet is followed."""

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from targeting.errors import DataError

MOST_BYTES_UNPACKED = 1 << 26
MOST_ROWS = 1 << 20
MOST_COLUMNS = 256
READ_AT_ONCE = 1 << 20
# A document type in the encodings that XML may have.
DOCUMENT_TYPES = tuple(
    text.encode(encoding) for text in ("<!DOCTYPE", "<!ENTITY") for encoding in ("utf-8", "utf-16-le", "utf-16-be")
)
# Day 0 of Excel's calendar, which believes in 29 February 1900.
EXCEL_DAY_0 = date(1899, 12, 30)
EXCEL_DAYS = range(61, 73051)


# The line of a row, and a text a cell.
Row = tuple[int, tuple[str, ...]]


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, and its rows that hold anything, read once, before the next sheet is asked for."""

    name: str
    rows: Iterator[Row]


def read_workbook(path: Path, place: str, *, most_bytes: int = MOST_BYTES_UNPACKED) -> Iterator[Sheet]:
    """Yield the sheets of an .xlsx workbook: what its cells show, dates as YYYY-MM-DD, nothing where empty.

    A formula gives the value that was computed when the workbook was saved. Raises DataError where it is no workbook,
    is cut off, unpacks to more than `most_bytes`, or holds a document type or entities.
    """
    with _whole(place):
        _check_archive(path, place, most_bytes)
        workbook = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        try:
            # A text that stands once in the archive may be shown by every cell.
            room = _Room(place, most_bytes)
            for worksheet in workbook.worksheets:
                yield Sheet(worksheet.title, _rows(worksheet.title, worksheet.iter_rows(values_only=True), room))
        finally:
            workbook.close()


@contextmanager
def _whole(place: str) -> Iterator[None]:
    """Raise DataError where what is read within turns out to be no workbook, or a part of one."""
    try:
        yield
    except (zipfile.BadZipFile, InvalidFileException, LookupError, ValueError, EOFError, OSError, SyntaxError):
        message = f"{place}: not a whole Excel workbook (.xlsx). Open it in Excel, save it as .xlsx and send it again."
        raise DataError(message) from None


def _check_archive(path: Path, place: str, most_bytes: int) -> None:
    """Raise DataError where the archive would unpack to too much, or holds XML that no workbook needs."""
    unpacked = 0
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            # The sizes that an archive states are not believed.
            for chunk in _chunks(archive, member):
                unpacked += len(chunk)
                if unpacked > most_bytes:
                    message = f"{place}: unpacks to more than {most_bytes >> 20} MiB. Send the lists alone."
                    raise DataError(message)
                if member.filename.endswith((".xml", ".rels")) and _has_document_type(chunk):
                    message = f"{place}: holds a document type or entities, which no workbook has."
                    raise DataError(message)


def _chunks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield a member's content, each chunk with the last bytes of the one before."""
    tail = b""
    with archive.open(member) as file:
        while chunk := file.read(READ_AT_ONCE):
            yield tail + chunk
            tail = chunk[-32:]


def _has_document_type(text: bytes) -> bool:
    return any(mark in text for mark in DOCUMENT_TYPES)


class _Room:
    """How many characters the cells of a workbook may still show."""

    def __init__(self, place: str, characters: int) -> None:
        self.place, self._most, self._left = place, characters, characters

    def take(self, cells: Sequence[object]) -> None:
        """Raise DataError where the texts of a row are more than there is room for."""
        self._left -= sum(len(cell) for cell in cells if isinstance(cell, str))
        if self._left < 0:
            message = f"{self.place}: shows more than {self._most >> 20} MiB of text. Send the lists alone."
            raise DataError(message)


def _rows(name: str, cells: Iterator[Sequence[object]], room: _Room) -> Iterator[Row]:
    with _whole(room.place):
        for line, row in enumerate(cells, start=1):
            if line > MOST_ROWS:
                message = f"{room.place}: sheet {name!r} has more than {MOST_ROWS} rows."
                raise DataError(message)
            room.take(row[:MOST_COLUMNS])
            shown = tuple(cell_text(cell) for cell in row[:MOST_COLUMNS])
            if any(shown):
                yield line, shown


def cell_text(cell: object) -> str:
    """Return what a cell says: dates as YYYY-MM-DD, whole numbers without a point, Excel's errors as nothing."""
    if cell is None or isinstance(cell, time | timedelta):
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = " ".join(str(cell).split())
    return "" if text.startswith("#") else text


def day_of_number(text: str) -> str:
    """Return the date that Excel means by a number from 1900 to 2099, as YYYY-MM-DD; any other text as it is."""
    digits = text.split(".", maxsplit=1)[0]
    if not digits.isdigit() or int(digits) not in EXCEL_DAYS:
        return text
    return (EXCEL_DAY_0 + timedelta(days=int(digits))).isoformat()
