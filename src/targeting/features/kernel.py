"""The compiled kernel: what its functions are given.

`kernel_operators` accumulates and paints, `kernel_folds` folds a value of each person, `kernel_replays` replays facts
in order, `kernel_exclusions` drops rows over which a spell lies.

A row counts for the dates `first[row]` up to, not including, `end[row]`, which index the as-of dates.
"""

from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from targeting.features.kernel_native import compiler

# Arrays of one dimension, and tables: by family and date where nothing else is said.
Indexes = NDArray[np.int32]
Wholes = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Sources = NDArray[np.int16]
IndexTable = Annotated[Indexes, 2]
WholeTable = Annotated[Wholes, 2]
FloatTable = Annotated[Floats, 2]
FlagTable = Annotated[Flags, 2]


class VisibleRows(NamedTuple):
    """Whose each row is, and on which of the as-of dates it counts."""

    family: Indexes
    person: Indexes
    first: Indexes
    end: Indexes


class Days(NamedTuple):
    """The day of each fact's event, and the first and the last as-of day on which it may count."""

    event: Indexes
    visible_from: Indexes
    visible_to: Indexes


class Episodes(NamedTuple):
    """Which episode each row starts or ends, and on which day; -1 where the episode is not known."""

    episode: Indexes
    event: Indexes


class Spells(NamedTuple):
    """What starts or ends spells: whose and when it counts, of which episode and day."""

    visible: VisibleRows
    told: Episodes


class Near(NamedTuple):
    """A row, and the first start and end that are of its person or a later one."""

    row: int
    start: int
    end: int


class Steps(NamedTuple):
    """Of which part and step each row is, on which day, and until which day what comes with it may happen."""

    part: Indexes
    step: Indexes
    event: Indexes
    reach: Indexes


class Times(NamedTuple):
    """The first and the last day of the time of which each row tells."""

    first: Indexes
    last: Indexes


class Asked(NamedTuple):
    """Bits by family and date: which parts' rows count, and which steps have to be there."""

    parts: WholeTable
    steps: WholeTable


class Size(NamedTuple):
    """How many families and dates there are."""

    families: int
    dates: int


class FoldRule(NamedTuple):
    """What a person's value is divided by (0: the sum of `bottom`), which value is reached, whether all are summed."""

    divisor: int
    at_least: float
    is_summed: bool


class Folded(NamedTuple):
    """By family and date: how many persons have a value, its sum, maximum, minimum, and how many reach one."""

    persons: FloatTable
    total: FloatTable
    maximum: FloatTable
    minimum: FloatTable
    reaching: FloatTable


class Sums(NamedTuple):
    """Of one person what begins and ends to count on each date, to be added up; one date more than there are."""

    top: Wholes
    bottom: Wholes


class Person(NamedTuple):
    """Of which family a person is, and the dates from the first on which any of their rows counts up to an end."""

    family: int
    begins: int
    ends: int


class Keys(NamedTuple):
    """By what facts are ordered: their dates, then their values (if not empty), or the values first."""

    event: Indexes
    knowledge: Indexes
    value: Floats
    source: Sources
    fact_id: Wholes
    value_first: bool
    backwards: bool


class Kept(NamedTuple):
    """The rows that an operator keeps: which they are, the day of their event, whose they are and when they count."""

    which: Wholes
    event: Indexes
    family: Indexes
    person: Indexes
    first: Indexes
    end: Indexes

    def first_of(self, rows: int) -> "Kept":
        """Return so many of the first rows."""
        return Kept._make(part[:rows] for part in self)


class WindowDays(NamedTuple):
    """The days of a window before each date.

    `opens` and `closes` say by the day of an event, from the days `opens_from` and `closes_from` on, which date is the
    first whose window holds it, and which the first that no longer does; both are empty for every day. `since` is the
    first day of the first date's window, `until` the first after it.
    """

    opens: Indexes
    opens_from: int
    closes: Indexes
    closes_from: int
    since: int
    until: int


EVERY_DAY = WindowDays(np.empty(0, np.int32), 0, np.empty(0, np.int32), 0, since=-(2**31 - 1), until=2**31 - 1)


class Narrowing(NamedTuple):
    """What rows are narrowed to: facts to keep, a range each, and the days of a window (`WindowDays`).

    Empty arrays narrow nothing.
    """

    keep: Flags
    first: Indexes
    end: Indexes
    opens: Indexes
    opens_from: int
    closes: Indexes
    closes_from: int
    since: int
    until: int

    @property
    def narrows(self) -> bool:
        """Whether it narrows rows at all."""
        return any(map(len, (self.keep, self.first, self.opens)))


compiled = compiler(sorted(Path(__file__).parent.glob("kernel*.py")))


def room_for(rows: int) -> Kept:
    """Return room for so many rows, to be written to."""
    return Kept(np.empty(rows, dtype=np.int64), *(np.empty(rows, dtype=np.int32) for _ in range(5)))
