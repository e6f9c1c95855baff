"""SSDA903 returns: the annual return on looked-after children, one CSV file a table, each known by its columns."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from targeting.errors import DataError
from targeting.records.looked_after_codes import ADOPTED, FOOTING, KINSHIP_ORDERS
from targeting.sources.definition import Ssda903
from targeting.sources.deliveries import DeliveredFile
from targeting.sources.interpreting import Part
from targeting.sources.raw_rows import ChunkSize, RawRows, columns_of
from targeting.sources.returns import MOST_ROWS, Parts, Return, header_of, read_chunks, texts, with_columns
from targeting.sources.ssda903_mapping import (
    CHILD,
    EPISODES,
    HEADER,
    OC2,
    PREVIOUS_PERMANENCE,
    REFERENCE_DATE,
    REQUIRED,
    SOCIAL_WORKER,
    TABLES,
    UNACCOMPANIED,
    Table,
)
from targeting.sources.ssda903_noticing import Noticed
from targeting.sources.ssda903_periods import Periods, ends_of, periods_of, starts_of

SHORT_BREAKS = "short_breaks"
KINSHIP_BEFORE = {"P2": "special_guardianship", "P3": "child_arrangements"}
PERIODS_FROM = ("DECOM", "RNE", "DEC", "REC")

Flags = Sequence[str]


def read_ssda903(file: DeliveredFile, size: ChunkSize) -> Return:
    """Return the rows of one table of a return, which is read a chunk at a time.

    The return's year ends on the last 31 March before extraction, or in the year that the extract declares. A child's
    period of care is named by its first episode; where that lies in an earlier return, `continuing.py` finds the start
    that its end names. Raises DataError where the columns are those of no table, or there are more episodes than any
    council has.
    """
    declared = file.extract
    assert isinstance(declared, Ssda903)  # noqa: S101 - formats.py names this reader for no other class.
    as_of = _end_of_year(declared, file.delivery.extracted_on)
    table = _table_of(file.path, file.place, declared.encoding)
    siblings = _unaccompanied_files(file, declared) if table is EPISODES else ()
    last = [Noticed(table)]

    def chunks() -> Iterator[Parts]:
        last[0] = Noticed(table)
        yield from _chunks(_Delivered(file, table, declared.encoding, siblings), as_of, last[0], size)

    return Return(as_of, chunks, (), siblings, lambda: tuple(last[0].warnings(file.place, as_of.year)))


@dataclass(frozen=True)
class _Delivered:
    """A table as it was delivered, and the files of unaccompanied minors beside it."""

    file: DeliveredFile
    table: Table
    encoding: str
    beside: Sequence[Path]

    def rows(self, wanted: Iterable[str], size: ChunkSize) -> Iterator[RawRows]:
        return read_chunks(self.file.path, self.file.place, set(wanted), size, encoding=self.encoding)

    def periods(self, size: ChunkSize) -> Periods:
        return periods_of(_counted(self.rows((CHILD, *PERIODS_FROM), size), self.file.place))

    def unaccompanied(self, size: ChunkSize) -> frozenset[str]:
        """Return the children who stand in the tables of unaccompanied minors."""
        return frozenset(child for path in self.beside for child in self._children(path, size))

    def _children(self, path: Path, size: ChunkSize) -> Iterator[str]:
        place = f"{Path(self.file.place).parent.as_posix()}/{path.name}"
        for rows in _counted(read_chunks(path, place, {CHILD}, size, encoding=self.encoding), place):
            yield from texts(rows, CHILD)


def _counted(chunks: Iterator[RawRows], place: str) -> Iterator[RawRows]:
    """Yield the chunks; raises DataError where they have more rows than a return of any council would."""
    count = 0
    for rows in chunks:
        count += len(rows)
        if count > MOST_ROWS:
            message = f"{place}: more than {MOST_ROWS:,} rows, which no council's return has. Send a file a year."
            raise DataError(message)
        yield rows


def _chunks(delivered: _Delivered, as_of: date, noticed: Noticed, size: ChunkSize) -> Iterator[Parts]:
    table = delivered.table
    periods = delivered.periods(size) if table is EPISODES else None
    unaccompanied = delivered.unaccompanied(size)
    wanted = {*columns_of(table.mapping), *table.checked, *table.besides} - set(table.computed)
    first = 0
    for rows in delivered.rows(wanted, size):
        noticed.add(rows)
        computed = COMPUTED.get(table.name, _nothing)(_Read(rows, as_of, unaccompanied, periods, first))
        yield (Part(table.name, with_columns(rows, computed), table.mapping, (CHILD, *REQUIRED.get(table.name, ()))),)
        first += len(rows)


def _end_of_year(declared: Ssda903, extracted_on: date) -> date:
    if declared.year is not None:
        return date(declared.year, 3, 31)
    this_year = date(extracted_on.year, 3, 31)
    return this_year if this_year <= extracted_on else date(extracted_on.year - 1, 3, 31)


def _table_of(path: Path, place: str, encoding: str) -> Table:
    names = header_of(path, encoding)
    found = [table for table in TABLES if set(table.known_by) <= names and CHILD in names]
    if len(found) == 1:
        return found[0]
    known = "; ".join(f"{table.name}: {', '.join(table.known_by)}" for table in TABLES)
    message = (
        f"{place}: its columns are those of no table of the SSDA903 return. Tables are known by {CHILD} and {known}."
    )
    raise DataError(message)


def _unaccompanied_files(file: DeliveredFile, declared: Ssda903) -> tuple[Path, ...]:
    """Return the tables of unaccompanied minors that lie beside a table of episodes."""
    beside = sorted(path for path in file.path.parent.glob("*.csv") if path != file.path)
    known_by = {CHILD, *UNACCOMPANIED.known_by}
    return tuple(path for path in beside if known_by <= header_of(path, declared.encoding))


@dataclass(frozen=True)
class _Read:
    """Some of a table's rows, the first by its number; the day of the return, who came alone, all periods of care."""

    rows: RawRows
    as_of: date
    unaccompanied: frozenset[str]
    periods: Periods | None
    first: int

    def texts(self, name: str) -> list[str]:
        return texts(self.rows, name)


def _nothing(_read: _Read) -> Mapping[str, Flags]:
    return {}


def _dated(read: _Read) -> Mapping[str, Flags]:
    return {REFERENCE_DATE: [read.as_of.isoformat()] * len(read.rows)}


def _answers(read: _Read) -> Mapping[str, Flags]:
    pairs = zip(read.texts("SDQ_SCORE"), read.texts("SDQ_REASON"), strict=True)
    return {**_dated(read), "IsAnswered": _flags(bool(score or why) for score, why in pairs)}


def _spells(read: _Read) -> Mapping[str, Flags]:
    parts = zip(*(read.texts(name) for name in (CHILD, "SW_ID", "SW_DECOM")), strict=True)
    return {"Spell": ["/".join(part) for part in parts]}


def _permanence(read: _Read) -> Mapping[str, Flags]:
    before = read.texts("PREV_PERM")
    return {
        "Order": [KINSHIP_BEFORE.get(code, "") for code in before],
        "IsKinship": _flags(code in KINSHIP_BEFORE for code in before),
        "IsAdopted": _flags(code == "P1" for code in before),
    }


def _episodes(read: _Read) -> Mapping[str, Flags]:
    children, reasons = read.texts(CHILD), read.texts("REC")
    return {
        "Period": [] if read.periods is None else read.periods.names(children, read.first),
        "StartsCare": _flags(starts_of(read.rows)),
        "EndsCare": _flags(ends_of(read.rows)),
        "Footing": [
            _footing(status, is_alone=child in read.unaccompanied)
            for status, child in zip(read.texts("LS"), children, strict=True)
        ],
        "PlacementChanged": _flags(bool(reason) for reason in read.texts("REASON_PLACE_CHANGE")),
        "Order": [KINSHIP_ORDERS.get(reason, "") for reason in reasons],
        "IsKinship": _flags(reason in KINSHIP_ORDERS for reason in reasons),
        "IsAdopted": _flags(reason in ADOPTED for reason in reasons),
        "IsDead": _flags(reason == "E2" for reason in reasons),
    }


def _footing(status: str, *, is_alone: bool) -> str:
    footing = FOOTING.get(status, status)
    return "unaccompanied" if is_alone and footing != SHORT_BREAKS else footing


def _flags(values: Iterable[bool]) -> list[str]:
    return ["yes" if value else "no" for value in values]


COMPUTED: Mapping[str, Callable[[_Read], Mapping[str, Flags]]] = {
    HEADER.name: _dated,
    OC2.name: _answers,
    EPISODES.name: _episodes,
    PREVIOUS_PERMANENCE.name: _permanence,
    SOCIAL_WORKER.name: _spells,
}
