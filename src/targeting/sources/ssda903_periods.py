"""To which period of care each episode of an SSDA903 return belongs, whatever chunk of the table tells of it.

The episodes of one child may lie anywhere in the table, so that a few bytes of each are kept; the rows themselves are
read a chunk at a time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from targeting.sources.converting import column_values, date_reader
from targeting.sources.definition import Field
from targeting.sources.faults import Mask
from targeting.sources.raw_rows import RawRows
from targeting.sources.returns import texts
from targeting.sources.ssda903_mapping import CHILD, DAY
from targeting.store.blocks import MISSING_DAY, Days
from targeting.store.vocabularies import days

FOLLOWED_AT_ONCE = "X1"
NO_PERIOD, BEFORE, SINCE, AFTER = range(4)


@dataclass(frozen=True)
class Periods:
    """The period of each episode, in the order of the table: how it is told, and by which day."""

    told_by: NDArray[np.int8]
    day: Days

    def names(self, children: Sequence[str], first: int) -> list[str]:
        """Return the names of the periods of the rows from the `first` on, whose children these are.

        A period is named by the child and the day on which it began; where that lies in an earlier return, by the end
        before it or by nothing. Empty where child or day cannot be told.
        """
        rows = slice(first, first + len(children))
        told = zip(children, self.told_by[rows].tolist(), self.day[rows].tolist(), strict=True)
        return [_name(*each) for each in told]


def _name(child: str, told_by: int, day: int) -> str:
    if told_by == NO_PERIOD:
        return ""
    if told_by == BEFORE:
        return f"{child}/before"
    began = date.fromordinal(date(1970, 1, 1).toordinal() + day).strftime(DAY)
    return f"{child}/{began}" if told_by == SINCE else f"{child}/after {began}"


def starts_of(rows: RawRows) -> list[bool]:
    """Return which episodes begin a period of care."""
    return [reason == "S" for reason in texts(rows, "RNE")]


def ends_of(rows: RawRows) -> list[bool]:
    """Return which episodes end a period of care: those that another followed at once do not."""
    pairs = zip(texts(rows, "DEC"), texts(rows, "REC"), strict=True)
    return [bool(when and why) and why != FOLLOWED_AT_ONCE for when, why in pairs]


def days_of(rows: RawRows, name: str) -> Days:
    """Return a column of dates as days since 1970-01-01, MISSING_DAY where none can be read."""
    read = column_values(Field(column=name), rows.column(name), date_reader(DAY), pa.date32())
    return days(read.values, missing=MISSING_DAY)


def periods_of(chunks: Iterable[RawRows]) -> Periods:
    """Return the periods of all episodes of a table; it is read to its end, and some bytes a row are kept."""
    numbers: dict[str, int] = {}
    found = [_episodes(rows, numbers) for rows in chunks]
    child, day, starts, ends = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return _periods(child, day, starts, ends)


def _episodes(rows: RawRows, numbers: dict[str, int]) -> tuple[NDArray[np.int32], Days, Mask, Mask]:
    """Return each row's child, by the number that it has in this table, its first day, whether it starts and ends."""
    children = [numbers.setdefault(child, len(numbers)) if child else -1 for child in texts(rows, CHILD)]
    return (
        np.array(children, np.int32),
        days_of(rows, "DECOM"),
        np.array(starts_of(rows), np.bool_),
        np.array(ends_of(rows), np.bool_),
    )


def _periods(child: NDArray[np.int32], day: Days, starts: Mask, ends: Mask) -> Periods:
    """Return the period of each row: of a child's episodes, by day, each goes on with what the last start or end left.

    An episode that starts a period is of its own; one behind an end is of a period of which no start is known.
    """
    told_by, told_on = np.full(len(child), NO_PERIOD, np.int8), np.full(len(child), MISSING_DAY, np.int32)
    rows = np.flatnonzero((child >= 0) & (day != MISSING_DAY))
    rows = rows[np.lexsort((rows, day[rows], child[rows]))]
    is_first = np.ones(len(rows), np.bool_)
    is_first[1:] = child[rows[1:]] != child[rows[:-1]]
    before = np.concatenate([rows[:1], rows[:-1]])
    is_start, is_after = starts[rows], ends[before] & ~is_first
    by = np.select([is_start, is_first, is_after], [SINCE, BEFORE, AFTER], NO_PERIOD)
    on = np.where(is_start, day[rows], day[before])
    # What was told last holds on.
    last = np.maximum.accumulate(np.where(by == NO_PERIOD, 0, np.arange(len(rows))))
    told_by[rows], told_on[rows] = by[last], on[last]
    return Periods(told_by, told_on)
