"""CSV files read as rows of text, each with the line on which it stands, a chunk at a time."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from targeting.errors import DataError
from targeting.sources.definition import Extract
from targeting.sources.raw_rows import ChunkSize, MalformedRow, RawRows, check_columns, columns_of
from targeting.sources.row_ends import first_row_end, last_row_end, quotations
from targeting.sources.text_blocks import text_blocks

DELIMITERS = (",", ";", "|", "\t")
# A row longer than this is not a row: an unclosed quotation mark would make the rest of the file one.
LONGEST_ROW = 1 << 24
MOST_COLUMNS = 4096
USUAL_HEADER = 1 << 14


@dataclass(frozen=True)
class _Block:
    """Whole rows of a file, and the line on which they begin."""

    text: bytes
    line: int


def read_csv(path: Path, place: str, extract: Extract, size: ChunkSize) -> Iterator[RawRows]:
    """Yield the declared columns of a CSV file, or of a gzip of one where its name ends in `.gz`.

    Blank lines, and rows in which nothing is filled, are passed over. Raises DataError where the file as a whole is
    not what the extract declares.
    """
    delimiter = extract.delimiter
    blocks = _blocks(text_blocks(path, place, extract.encoding, size.bytes), place, delimiter)
    header, wanted = None, columns_of(extract)
    for block in blocks:
        body = block
        if header is None:
            header, body = _header(block, place, delimiter)
            _check_header(header, wanted, place, delimiter)
        yield from _rows_of(body, header, wanted, place, delimiter).in_chunks(size.rows)
    if header is None:
        message = f"{place}: the file is empty. Expected a header and rows."
        raise DataError(message)


def _blocks(texts: Iterable[bytes], place: str, delimiter: str) -> Iterator[_Block]:
    """Yield the text in blocks of whole rows, from the first line on that holds anything."""
    rest, line, is_begun = b"", 1, False
    for text in texts:
        rest += text
        if not is_begun:
            begun = rest.lstrip(b"\r\n")
            line += rest.count(b"\n", 0, len(rest) - len(begun))
            rest, is_begun = begun, bool(begun)
        quoted = quotations(rest, delimiter.encode())
        end = last_row_end(rest, quoted) or 0
        if end:
            yield _Block(rest[:end], line)
            line += rest.count(b"\n", 0, end)
            rest = rest[end:]
        if len(rest) > LONGEST_ROW:
            raise DataError(_endless(rest, line, place, delimiter))
    opened = quotations(rest, delimiter.encode()).covering(len(rest))
    if opened is not None:
        at = line + rest.count(b"\n", 0, opened)
        message = f"{place}:{at}: a quotation mark is opened and not closed. The file is cut off, or a quote is lone."
        raise DataError(message)
    if rest.strip():
        yield _Block(rest, line)


def _endless(rest: bytes, line: int, place: str, delimiter: str) -> str:
    limit = f"{LONGEST_ROW >> 20} MiB"
    opened = quotations(rest, delimiter.encode()).covering(len(rest))
    if opened is not None:
        at = line + rest.count(b"\n", 0, opened)
        return f"{place}:{at}: a quotation mark is opened and not closed within {limit}. A quote may be lone there."
    if b"\0" in rest[:LONGEST_ROW]:
        return f"{place}:{line}: holds NUL bytes and no end of a row within {limit}. Ask for the file again, as text."
    return f"{place}:{line}: cannot be read as rows parted by {delimiter!r}: one goes on for more than {limit}."


def _header(block: _Block, place: str, delimiter: str) -> tuple[list[str], _Block]:
    """Return the names of the columns, and the block without them."""
    begin = block.text[:USUAL_HEADER]
    end = first_row_end(begin, quotations(begin, delimiter.encode()))
    if end is None:
        end = first_row_end(block.text, quotations(block.text, delimiter.encode())) or len(block.text)
    line = block.text[:end].rstrip(b"\r\n")
    if b"\0" in line:
        message = f"{place}:{block.line}: holds NUL bytes. It may be utf-16: then declare encoding='utf-16-le'."
        raise DataError(message)
    if b"\r" in line and b'"' not in line:
        message = f"{place}:{block.line}: lines end in carriage returns alone. Ask for line feeds."
        raise DataError(message)
    if line.count(delimiter.encode()) >= MOST_COLUMNS:
        message = f"{place}:{block.line}: the header has more than {MOST_COLUMNS} columns."
        raise DataError(message)
    names = next(csv.reader(io.StringIO(line.decode(), newline=""), delimiter=delimiter))
    below = _Block(block.text[end:], block.line + block.text.count(b"\n", 0, end))
    return [name.strip() for name in names], below


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


def _rows_of(body: _Block, header: list[str], wanted: Sequence[str], place: str, delimiter: str) -> RawRows:
    try:
        rows = _rows(body.text, header, wanted, delimiter)
    except pa.ArrowInvalid:
        # Arrow's own message quotes the row.
        message = f"{place}:{body.line}: cannot be read as rows parted by {delimiter!r} from this line on."
        raise DataError(message) from None
    above = body.line - 1
    malformed = tuple(replace(row, line=row.line + above) for row in rows.malformed)
    return RawRows(rows.columns.select(wanted), rows.lines + above, malformed)


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
    first = {name: place for place, name in reversed(list(enumerate(header)))}
    names = [name if first[name] == place else f"{name}#{place}" for place, name in enumerate(header)]
    kept = list(wanted) if wanted is not header else names

    def skip(row: pa_csv.InvalidRow) -> str:
        bad.append(row)
        return "skip"

    table = pa_csv.read_csv(
        io.BytesIO(body),
        # One thread, so that the rows that do not fit come with their numbers.
        read_options=pa_csv.ReadOptions(use_threads=False, column_names=names, block_size=len(body) + 1),
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
    blank, lines = _blank(table), first[~is_bad]
    if not blank.any():
        return RawRows(table, lines, malformed)
    return RawRows(table.filter(pa.array(~blank)), lines[~blank], malformed)


def _line_breaks(table: pa.Table) -> NDArray[np.int64]:
    breaks = np.zeros(len(table), np.int64)
    for column in table.columns:
        breaks += pc.count_substring(column, "\n").to_numpy()
    return breaks


def _blank(table: pa.Table) -> NDArray[np.bool_]:
    blank = np.ones(len(table), np.bool_)
    for column in table.columns:
        if blank.any():
            blank &= pc.equal(column, "").to_numpy()
    return blank
