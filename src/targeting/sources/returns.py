"""What a reader of a specified format makes of one file, and the tools that such readers share."""

import csv
import gzip
import re
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from targeting.records.codes import LAST_VERIFIED_YEAR
from targeting.sources.definition import Extract, FactFields, PersonFields, column, constant
from targeting.sources.interpreting import Part
from targeting.sources.raw_rows import ChunkSize, RawRows
from targeting.sources.reading import read_rows

YEAR_IN_NAME = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
# `a) `, `zz) `: the letters by which a template numbers its answers.
LETTERED = re.compile(r"^[a-z]{1,2}\)\s*", re.IGNORECASE)
# `6: Police`, `N1 - Abuse or Neglect`, `PR4 - Private provision`: a code and its meaning.
CODED = re.compile(r"^([A-Z]{0,4}\d{0,2}[A-Z]?)\s*(?::|\s-)\s*\S.*$")
HEADER_BYTES = 1 << 16
# Of a table of which something is kept for every row, because rows depend on each other: twenty times the episodes of
# a year's children looked after by the largest council.
MOST_ROWS = 1 << 20
ENGLISH_DAY = r"^(\d{1,2})/(\d{1,2})/(\d{4})( .*)?$"


Parts = tuple[Part, ...]


@dataclass(frozen=True)
class Return:
    """A file as its format's reader understood it: the day of which it speaks, how to read it, what is odd about it.

    `chunks` yields the parts, some rows at a time; called again it begins anew. `also_read` names other files of the
    delivery on which the parts depend. `noticed` tells what was odd about the rows that were last read.
    """

    as_of: date
    chunks: Callable[[], Iterator[Parts]]
    warnings: tuple[str, ...] = ()
    also_read: tuple[Path, ...] = ()
    noticed: Callable[[], tuple[str, ...]] = tuple


def together(parts: Iterable[Part], size: ChunkSize) -> Iterator[Parts]:
    """Yield the parts in chunks of so many rows at most, where no part alone has more; no name twice in a chunk."""
    chunk: dict[str, Part] = {}
    for part in parts:
        held = sum(len(each.rows) for each in chunk.values())
        if chunk and (part.name in chunk or held + len(part.rows) > size.rows):
            yield tuple(chunk.values())
            chunk = {}
        chunk[part.name] = part
    yield tuple(chunk.values())


def carrying(columns: Collection[str], *, encoding: str = "utf-8") -> Extract:
    """Return an extract that declares no more than which columns are wanted."""
    first = sorted(columns)[0]
    everything = FactFields(kind="row", person=first, event_date=constant(""), record_key=tuple(columns))
    return Extract(file="", facts=(everything,), encoding=encoding)


def sighted(*keys: str) -> tuple[PersonFields, ...]:
    """Return the mapping of columns that do no more than name persons."""
    return tuple(PersonFields(key=column(key)) for key in keys)


def read_chunks(
    path: Path, place: str, columns: Collection[str], size: ChunkSize, *, encoding: str = "utf-8"
) -> Iterator[RawRows]:
    """Yield the columns of a CSV or Parquet file, a chunk at a time."""
    yield from read_rows(path, place, carrying(columns, encoding=encoding), size)


def with_columns(rows: RawRows, added: Mapping[str, Sequence[str] | pa.Array]) -> RawRows:
    """Return the rows with further columns of text, in place of those of the same name."""
    table = rows.columns
    for name, values in added.items():
        texts = values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values, pa.string())
        if name in table.column_names:
            table = table.set_column(table.column_names.index(name), name, texts)
        else:
            table = table.append_column(name, texts)
    return RawRows(table, rows.lines, rows.malformed)


def texts(rows: RawRows, name: str) -> list[str]:
    """Return a column as stripped texts, empty where null."""
    stripped: list[str] = pc.fill_null(pc.utf8_trim_whitespace(rows.column(name)), "").to_pylist()
    return stripped


def with_iso_days(values: pa.Array) -> pa.Array:
    """Return texts with each day/month/year written as year-month-day; what is no such day stays as it is."""
    padded = pc.replace_substring_regex(values, r"^(\d)/", r"0\1/")
    padded = pc.replace_substring_regex(padded, r"^(\d\d)/(\d)/", r"\1/0\2/")
    return pc.replace_substring_regex(padded, ENGLISH_DAY, r"\3-\2-\1\4")


def cleaned(text: str) -> str:
    """Return the code or the word that a noisy answer holds: `a) WBRI` WBRI, `q) 6: Police` 6, `b) Female` Female."""
    answer = LETTERED.sub("", text.strip())
    coded = CODED.match(answer)
    return coded[1] if coded and coded[1] else answer


def header_of(path: Path, encoding: str = "utf-8") -> frozenset[str]:
    """Return the names of a CSV or Parquet file's columns; none where they cannot be told."""
    if path.suffix == ".parquet":
        try:
            return frozenset(pq.read_schema(path).names)
        except (pa.ArrowInvalid, OSError):
            return frozenset()
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            line: bytes = file.readline(HEADER_BYTES)
    except (OSError, EOFError, zlib.error):
        return frozenset()
    text = line.decode(encoding, errors="replace").removeprefix("\ufeff")
    return frozenset(name.strip() for name in next(csv.reader([text]), []))


def unverified_warnings(place: str, year: int) -> Iterator[str]:
    """Yield that the codes of a return's year were not compared with DfE's own, where they were not."""
    if year > LAST_VERIFIED_YEAR:
        yield f"{place}: the codes of {year} are taken to be those of {LAST_VERIFIED_YEAR}; that is not verified."


def year_warnings(place: str, year: int, latest: date | None) -> Iterator[str]:
    """Yield what speaks against a return's year: a year in the name of its file, dates that all lie before it."""
    named = [int(found) for found in YEAR_IN_NAME.findall(place)]
    if named and year not in named:
        yield f"{place}: the name says {named[-1]}, the return is of the year to 31 March {year}; its codes hold."
    if latest is not None and latest < date(year - 1, 4, 1):
        yield f"{place}: the latest date is {latest}, before the year to 31 March {year}. Is the return of that year?"


def unknown_codes(rows: RawRows, checked: Mapping[str, Callable[[str], bool]]) -> Counter[str]:
    """Return how many values of each of the columns are filled and no code."""
    return Counter(
        {name: sum(1 for text in texts(rows, name) if text and not is_code(text)) for name, is_code in checked.items()}
    )


def code_warnings(place: str, unknown: Mapping[str, int], year: int | None) -> Iterator[str]:
    """Yield how many values of columns that make no fact are no codes, of the year where one is given."""
    when = "" if year is None else f" of {year}"
    for name, count in unknown.items():
        if count:
            yield f"{place}: {count} of {name} no code{when}; nothing is made of that column."
