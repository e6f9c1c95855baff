"""CSV files read as rows of text, each with the line on which it stands."""

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from targeting.errors import DataError
from targeting.sources.definition import Extract
from targeting.sources.raw_rows import MalformedRow, RawRows, check_columns, columns_of

DELIMITERS = (",", ";", "|", "\t")
UTF_8 = "utf-8"
# A value longer than this is not a value: an unclosed quotation mark would make the rest of the file one.
BLOCK = 1 << 24


def read_csv(path: Path, place: str, extract: Extract) -> RawRows:
    """Return the declared columns of a CSV file, or of a gzip of one where its name ends in `.gz`.

    Blank lines, and rows in which nothing is filled, are passed over. Raises DataError where the file as a whole is
    not what the extract declares.
    """
    return _read_csv(_decoded(_content(path, place), place, extract.encoding), place, extract)


def _content(path: Path, place: str) -> bytes:
    content = path.read_bytes()
    if path.suffix != ".gz":
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        message = f"{place}: not a whole gzip file. Ask the agency to send it again."
        raise DataError(message) from None


def _decoded(content: bytes, place: str, encoding: str) -> bytes:
    """Return the content as UTF-8 without a byte order mark."""
    if not content.strip():
        message = f"{place}: the file is empty. Expected a header and rows."
        raise DataError(message)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"{place}:{line}: not {encoding}. Declare the encoding that the agency writes, such as cp1252."
        raise DataError(message) from None
    plain = content if _is_utf_8(encoding) else text.encode()
    return plain.removeprefix(codecs.BOM_UTF8)


def _is_utf_8(encoding: str) -> bool:
    return codecs.lookup(encoding).name == UTF_8


def _read_csv(content: bytes, place: str, extract: Extract) -> RawRows:
    if content.count(b'"') % 2:
        message = f"{place}: a quotation mark is opened and not closed. The file is cut off, or a quote is not doubled."
        raise DataError(message)
    start = len(content) - len(content.lstrip(b"\r\n"))
    end = content.find(b"\n", start) + 1 or len(content)
    header = _header(content[start:end], extract.delimiter)
    wanted = columns_of(extract)
    _check_header(header, wanted, place, extract.delimiter)
    try:
        rows = _rows(content[end:], header, wanted, extract.delimiter)
    except pa.ArrowInvalid:
        # Arrow's own message quotes the row.
        message = f"{place}: cannot be read as rows parted by {extract.delimiter!r}: a value goes on for megabytes."
        raise DataError(message) from None
    above = content.count(b"\n", 0, end)
    malformed = tuple(replace(row, line=row.line + above) for row in rows.malformed)
    return RawRows(rows.columns.select(wanted), rows.lines + above, malformed)


def _header(line: bytes, delimiter: str) -> list[str]:
    names = next(csv.reader(io.StringIO(line.decode()), delimiter=delimiter))
    return [name.strip() for name in names]


def _check_header(header: Sequence[str], wanted: Sequence[str], place: str, delimiter: str) -> None:
    other = [mark for mark in DELIMITERS if mark != delimiter and mark in header[0]]
    if len(header) == 1 and other and wanted[0] not in header:
        message = f"{place}: the header has one column and holds {other[0]!r}. Declare delimiter={other[0]!r}."
        raise DataError(message)
    check_columns(header, wanted, place)
    repeated = sorted({name for name in wanted if header.count(name) > 1})
    if repeated:
        message = f"{place}: more than one column is named {', '.join(repeated)}. Expected each name once."
        raise DataError(message)


def _rows(body: bytes, header: list[str], wanted: Sequence[str], delimiter: str) -> RawRows:
    """Return the rows of a body without its header, lines counted from 1."""
    if not body.strip(b"\r\n"):
        return RawRows(pa.table({name: pa.array([], pa.string()) for name in wanted}), np.empty(0, np.int64))
    table, bad = _parsed(body, header, wanted, delimiter)
    lines = body.count(b"\n") + (not body.endswith(b"\n"))
    if len(table) + len(bad) != lines or _blank(table).any():
        # Some values span lines, or lines are blank: all columns are needed to count them.
        table, bad = _parsed(body, header, header, delimiter)
    return _numbered(table, bad, len(header))


def _parsed(
    body: bytes, header: list[str], wanted: Sequence[str], delimiter: str
) -> tuple[pa.Table, list[pa_csv.InvalidRow]]:
    bad: list[pa_csv.InvalidRow] = []
    names = [name if header.index(name) == place else f"{name}#{place}" for place, name in enumerate(header)]
    kept = list(wanted) if wanted is not header else names

    def skip(row: pa_csv.InvalidRow) -> str:
        bad.append(row)
        return "skip"

    table = pa_csv.read_csv(
        io.BytesIO(body),
        # One thread, so that the rows that do not fit come with their numbers.
        read_options=pa_csv.ReadOptions(use_threads=False, column_names=names, block_size=BLOCK),
        parse_options=pa_csv.ParseOptions(
            delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=skip
        ),
        convert_options=pa_csv.ConvertOptions(include_columns=kept, column_types=dict.fromkeys(names, pa.string())),
    )
    return table, bad


def _numbered(table: pa.Table, bad: Sequence[pa_csv.InvalidRow], fields: int) -> RawRows:
    """Return the rows that are not blank, each with the line on which it begins."""
    is_bad = np.zeros(len(table) + len(bad), np.bool_)
    is_bad[np.array([row.number - 1 for row in bad], np.int64)] = True
    height = np.ones(len(is_bad), np.int64)
    height[~is_bad] += _line_breaks(table)
    height[is_bad] += np.array([row.text.count("\n") for row in bad], np.int64)
    first = np.cumsum(height) - height + 1
    malformed = tuple(
        MalformedRow(int(line), row.actual_columns, fields, row.text)
        for line, row in zip(first[is_bad], bad, strict=True)
    )
    filled = np.flatnonzero(~_blank(table))
    return RawRows(table.take(pa.array(filled)), first[~is_bad][filled], malformed)


def _line_breaks(table: pa.Table) -> NDArray[np.int64]:
    breaks = np.zeros(len(table), np.int64)
    for column in table.columns:
        breaks += pc.count_substring(column, "\n").to_numpy()
    return breaks


def _blank(table: pa.Table) -> NDArray[np.bool_]:
    blank = np.ones(len(table), np.bool_)
    for column in table.columns:
        blank &= pc.equal(column, "").to_numpy()
    return blank
