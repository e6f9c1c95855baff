"""On which of the as-of dates a row counts: visibility first, then what an indicator narrows it to.

A range is two arrays of indexes into the as-of dates, `first` and `end` (not included); all that narrows a range keeps
it whole, for windows and ages only ever move forward.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from targeting.features import kernel, kernel_operators
from targeting.features.dates import BEFORE_ALL, latest_birth
from targeting.features.plan import Selection
from targeting.features.roles import ADULT_AGE
from targeting.store.blocks import MISSING_DAY, FactRows, LinkRows, MemberRows

Days = NDArray[np.int32]
Indexes = NDArray[np.int32]
# A number by the day, and the first day of which it tells.
Table = tuple[Indexes, int]

ADULT_MONTHS = 12 * ADULT_AGE


class Ranges(NamedTuple):
    """The as-of dates `first` up to, not including, `end`, one pair a row; empty where `first >= end`."""

    first: Indexes
    end: Indexes

    def narrowed(self, first: Indexes | None = None, end: Indexes | None = None) -> "Ranges":
        """Return what these ranges share with others, each open where it is None."""
        return Ranges(
            self.first if first is None else np.maximum(self.first, first),
            self.end if end is None else np.minimum(self.end, end),
        )

    def take(self, which: NDArray[np.int64]) -> "Ranges":
        """Return the ranges of the rows named by indexes."""
        return Ranges(self.first[which], self.end[which])


class Aged(NamedTuple):
    """Birth dates, MISSING_DAY where not known, and the role that linkage gave."""

    birth: Days
    is_child: NDArray[np.int8]


def visible_ranges(facts: FactRows, table: Table) -> Ranges:
    """Return on which dates each fact is visible: this function alone holds the condition, and no author writes it.

    A fact counts on a date when it was known before it, had not been corrected, its person belonged to the family (the
    store keeps these three as `visible_from` and `visible_to`, both included), and it happened before the date.
    `table` is that of the dates (`table_of`).
    """
    days = kernel.Days(facts.event, facts.visible_from, facts.visible_to)
    return Ranges(*kernel_operators.visible(days, *table))


def membership_ranges(rows: MemberRows | LinkRows, as_of: Days) -> Ranges:
    """Return on which dates each membership or agency link holds."""
    return Ranges(_index(as_of, rows.visible_from, "left"), _index(as_of, rows.visible_to, "right"))


def table_of(days: Days) -> Table:
    """Return how many of the ascending days are no later than each day, and the first day that the table tells of.

    A day before the table's first has what the first has, one after its last has all.
    """
    real = days[days != BEFORE_ALL]
    first = int(real[0]) - 1 if len(real) else 0
    last = int(real[-1]) if len(real) else 0
    return _index(days, np.arange(first, last + 1, dtype=np.int32), "right"), first


def in_role(ranges: Ranges, rows: Aged, selection: Selection, as_of: Days) -> Ranges:
    """Return the ranges cut to the dates on which each row's person has the selection's role and age."""
    if selection.who == "everyone":
        return ranges
    born = rows.birth != MISSING_DAY
    aged = _aged(rows.birth, selection, as_of)
    if born.all():
        return ranges.narrowed(aged.first, aged.end)
    when_not_known = np.where(_counts_without_birth(rows, selection), len(as_of), 0)
    return ranges.narrowed(
        first=np.where(born, aged.first, 0).astype(np.int32),
        end=np.where(born, aged.end, when_not_known).astype(np.int32),
    )


def _aged(birth: Days, selection: Selection, as_of: Days) -> Ranges:
    always = np.full(len(birth), len(as_of), dtype=np.int32)
    if selection.who == "unborn":
        return Ranges(np.zeros_like(always), birthday(birth, 0, as_of))
    if selection.who == "adults":
        return Ranges(birthday(birth, ADULT_MONTHS, as_of), always)
    return Ranges(birthday(birth, selection.from_months, as_of), birthday(birth, selection.below_months, as_of))


def _counts_without_birth(rows: Aged, selection: Selection) -> NDArray[np.bool_]:
    if selection.who == "adults":
        return rows.is_child == 0
    all_ages = selection.who == "children" and selection.from_months == 0 and selection.below_months == ADULT_MONTHS
    return (rows.is_child != 0) & all_ages


def since_birth(ranges: Ranges, birth: Days, as_of: Days) -> Ranges:
    """Return the ranges cut to the dates on which each person is born; empty where no birth date is known."""
    born = np.where(birth != MISSING_DAY, birthday(birth, 0, as_of), len(as_of))
    return ranges.narrowed(first=born.astype(np.int32))


def birthday(birth: Days, months: int, as_of: Days) -> Indexes:
    """Return the first date on which each person has reached an age, as an index; 0 where no birth date is known."""
    return _index(latest_birth(as_of, months), birth, "left")


def _index(days: Days, among: Days, side: Literal["left", "right"]) -> Indexes:
    """Return how many of the ascending days come before each of others; on the right side, or fall on it."""
    counts: Indexes = kernel_operators.count_before(days, among, int(side == "right"))
    return counts
