"""SSDA903 returns: the annual return on looked-after children, one CSV file a table, each known by its columns."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from targeting.errors import DataError
from targeting.records.looked_after_codes import ADOPTED, FOOTING, KINSHIP_ORDERS
from targeting.sources.definition import Ssda903
from targeting.sources.deliveries import DeliveredFile
from targeting.sources.interpreting import Part
from targeting.sources.raw_rows import ChunkSize, RawRows, columns_of
from targeting.sources.returns import (
    Return,
    code_warnings,
    duplicate_warnings,
    header_of,
    in_chunks,
    read_table,
    texts,
    with_columns,
    year_warnings,
)
from targeting.sources.ssda903_mapping import (
    CHILD,
    DAY,
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

FOLLOWED_AT_ONCE = "X1"
SHORT_BREAKS = "short_breaks"
BEFORE = {"P2": "special_guardianship", "P3": "child_arrangements"}

Flags = Sequence[str]


def read_ssda903(file: DeliveredFile, size: ChunkSize) -> Return:
    """Return the rows of one table of a return.

    The return's year ends on the last 31 March before extraction, or in the year that the extract declares. A child's
    period of care is named by its first episode; where that lies in an earlier return, `continuing.py` finds the start
    that its end names. Raises DataError where the columns are those of no table.
    """
    declared = file.extract
    assert isinstance(declared, Ssda903)  # noqa: S101 - formats.py names this reader for no other class.
    as_of = _end_of_year(declared, file.delivery.extracted_on)
    table = _table_of(file.path, file.place, declared.encoding)
    wanted = {*columns_of(table.mapping), *table.checked, *table.besides} - set(table.computed)
    rows = read_table(file.path, file.place, wanted, encoding=declared.encoding)
    siblings = _unaccompanied_files(file, declared) if table is EPISODES else ()
    unaccompanied = frozenset(child for path in siblings for child in _children(path, file.place, declared.encoding))
    warnings = [
        *year_warnings(file.place, as_of.year, _latest(rows, table)),
        *code_warnings(file.place, rows, table.checked, as_of.year),
        *duplicate_warnings(file.place, rows),
    ]
    if table is EPISODES:
        warnings += _episode_warnings(file.place, rows)
    computed = COMPUTED.get(table.name, _nothing)(_Read(rows, as_of, unaccompanied))
    part = Part(table.name, with_columns(rows, computed), table.mapping, (CHILD, *REQUIRED.get(table.name, ())))
    return Return(as_of, in_chunks((part,), size), tuple(warnings), tuple(siblings))


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


def _children(path: Path, place: str, encoding: str) -> list[str]:
    return texts(read_table(path, f"{Path(place).parent.as_posix()}/{path.name}", {CHILD}, encoding=encoding), CHILD)


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, DAY).date()  # noqa: DTZ007
    except ValueError:
        return None


def _latest(rows: RawRows, table: Table) -> date | None:
    days = [_day(text) for name in table.latest_of for text in texts(rows, name)]
    return max((day for day in days if day is not None), default=None)


def _episode_warnings(place: str, rows: RawRows) -> list[str]:
    undated = sum(1 for why, when in zip(texts(rows, "REC"), texts(rows, "DEC"), strict=True) if why and not when)
    message = f"{place}: {undated} episodes say why they ended (REC) and not when (DEC); they are taken as open."
    return [message] if undated else []


@dataclass(frozen=True)
class _Read:
    """A table's rows, the day of the return, and the children who came unaccompanied."""

    rows: RawRows
    as_of: date
    unaccompanied: frozenset[str]

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
        "Order": [BEFORE.get(code, "") for code in before],
        "IsKinship": _flags(code in BEFORE for code in before),
        "IsAdopted": _flags(code == "P1" for code in before),
    }


def _episodes(read: _Read) -> Mapping[str, Flags]:
    children, reasons, ended = read.texts(CHILD), read.texts("REC"), read.texts("DEC")
    starts = [reason == "S" for reason in read.texts("RNE")]
    ends = [bool(when and why) and why != FOLLOWED_AT_ONCE for when, why in zip(ended, reasons, strict=True)]
    return {
        "Period": _periods(children, read.texts("DECOM"), starts, ends),
        "StartsCare": _flags(starts),
        "EndsCare": _flags(ends),
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


def _periods(children: Flags, begun: Flags, starts: Sequence[bool], ends: Sequence[bool]) -> list[str]:
    """Return the name of the period of care to which each episode belongs: the child and the day on which it began."""
    by_child: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for row, (child, text) in enumerate(zip(children, begun, strict=True)):
        day = _day(text)
        if child and day is not None:
            by_child[child].append((day, row))
    names = [""] * len(children)
    for child, episodes in by_child.items():
        period = f"{child}/before"
        for _, row in sorted(episodes):
            if starts[row]:
                period = f"{child}/{begun[row]}"
            names[row] = period
            if ends[row]:
                period = f"{child}/after {begun[row]}"
    return names


COMPUTED: Mapping[str, Callable[[_Read], Mapping[str, Flags]]] = {
    HEADER.name: _dated,
    OC2.name: _answers,
    EPISODES.name: _episodes,
    PREVIOUS_PERMANENCE.name: _permanence,
    SOCIAL_WORKER.name: _spells,
}
