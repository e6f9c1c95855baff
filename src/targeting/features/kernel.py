"""The compiled kernel: what its functions are given.

`kernel_operators` accumulates and paints, `kernel_folds` folds a value of each person, `kernel_replays` replays facts
in order, `kernel_exclusions` drops rows over which a spell lies.

A row counts for the dates `first[row]` up to, not including, `end[row]`, which index the as-of dates.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from targeting.features.kernel_compiling import compiler

Indexes = NDArray[np.int32]
Wholes = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Sources = NDArray[np.int16]


class VisibleRows(NamedTuple):
    """Whose each row is, and on which of the as-of dates it counts."""

    family: Indexes
    person: Indexes
    first: Indexes
    end: Indexes


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

    parts: Wholes
    steps: Wholes


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

    persons: Floats
    total: Floats
    maximum: Floats
    minimum: Floats
    reaching: Floats


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
    source: NDArray[np.int16]
    fact_id: Wholes
    value_first: bool
    backwards: bool


class Narrowing(NamedTuple):
    """What rows are narrowed to: facts to keep, a range each, and a window; an empty array narrows nothing.

    `opens` and `closes` say by the day of an event, from the days `opens_from` and `closes_from` on, which date is the
    first whose window holds it, and which the first that no longer does.
    """

    keep: Flags
    first: Indexes
    end: Indexes
    opens: Indexes
    opens_from: int
    closes: Indexes
    closes_from: int

    @property
    def narrows(self) -> bool:
        """Whether it narrows rows at all."""
        return any(map(len, (self.keep, self.first, self.opens)))


compiled = compiler(sorted(Path(__file__).parent.glob("kernel*.py")))

# Signatures: one array, or an array by family and date.
INDEXES, WHOLES, FLOATS, FLAGS = types.int32[::1], types.int64[::1], types.float64[::1], types.bool_[::1]
SOURCES = types.int16[::1]
# Arrays that may not be written either, as those of a file are.
READ_INDEXES, READ_FLOATS = (types.Array(each, 1, "C", readonly=True) for each in (types.int32, types.float64))
INDEX_TABLE, WHOLE_TABLE, FLAG_TABLE = types.int32[:, ::1], types.int64[:, ::1], types.bool_[:, ::1]
FLOAT_TABLE = types.float64[:, ::1]
FOLDED = types.NamedUniTuple(FLOAT_TABLE, 5, Folded)
SUMS = types.NamedUniTuple(WHOLES, 2, Sums)
WHOLE, NUMBER, FLAG, NOTHING = types.int64, types.float64, types.bool_, types.none
ROWS = types.NamedUniTuple(INDEXES, 4, VisibleRows)
TIMES = types.NamedUniTuple(INDEXES, 2, Times)
EPISODES = types.NamedUniTuple(INDEXES, 2, Episodes)
SPELLS = types.NamedTuple((ROWS, EPISODES), Spells)
NEAR = types.NamedUniTuple(types.int64, 3, Near)
SIZE = types.NamedUniTuple(types.int64, 2, Size)
STEPS = types.NamedUniTuple(INDEXES, 4, Steps)
ASKED = types.NamedUniTuple(WHOLE_TABLE, 2, Asked)
RULE = types.NamedTuple((WHOLE, NUMBER, FLAG), FoldRule)
PERSON = types.NamedTuple((types.int32, WHOLE, WHOLE), Person)
KEYS = types.NamedTuple((INDEXES, INDEXES, FLOATS, SOURCES, WHOLES, FLAG, FLAG), Keys)
NARROWING = types.NamedTuple((FLAGS, INDEXES, INDEXES, INDEXES, WHOLE, INDEXES, WHOLE), Narrowing)
NARROWED = types.Tuple((WHOLES, INDEXES, INDEXES, INDEXES, INDEXES))
USABLE = types.Tuple((WHOLES, INDEXES, INDEXES, INDEXES, INDEXES, INDEXES))
