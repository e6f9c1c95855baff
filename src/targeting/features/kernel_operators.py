"""The kernel's operators: how rows, each visible on a range of as-of dates, become values of families.

*Accumulate* adds where the range begins and takes away where it ends; *paint* writes on each date of the range. Rows
are sorted by (family, person), and `fact` says which fact of the kind each is. Sums are of whole numbers, so that a
date alone and the same date among many give the same bits. What replays facts in order lies in
`kernel_replays`, what folds a value of each person in `kernel_folds`.
"""

import numpy as np

from targeting.features.kernel import (
    FLAG,
    INDEX_TABLE,
    INDEXES,
    KEYS,
    NARROWED,
    NARROWING,
    NUMBER,
    READ_FLOATS,
    READ_INDEXES,
    ROWS,
    SIZE,
    SOURCES,
    USABLE,
    WHOLE,
    WHOLE_TABLE,
    WHOLES,
    Floats,
    Indexes,
    Keys,
    Narrowing,
    Size,
    Sources,
    VisibleRows,
    Wholes,
    compiled,
)

# Sums are of whole millionths, so that their order does not change them.
MILLION = 1_000_000
NO_DAY = np.int32(-(2**31))


@compiled(WHOLE, INDEXES, WHOLE, WHOLE)
def _place(places: Indexes, first_day: int, day: int) -> int:
    """Return what a table of places has for a day; a day beyond its ends has that of the end."""
    return int(places[min(max(day - first_day, 0), len(places) - 1)])


@compiled(INDEXES, READ_INDEXES, READ_INDEXES, WHOLE)
def count_before(days: Indexes, among: Indexes, later: int) -> Indexes:
    """Return how many of the ascending days come before each of others, those taken as so many days later.

    Where the others are many they are looked up by the day, which is faster than to search for each.
    """
    counts = np.empty(len(among), dtype=np.int32)
    first, last = np.int64(days[0]), np.int64(days[-1])
    is_looked_up = last - first < len(among)
    before = np.zeros(last - first + 1 if is_looked_up else 0, dtype=np.int32)
    if is_looked_up:
        for day in days:
            before[day - first] += 1
        so_far = 0
        for place in range(len(before)):
            so_far, before[place] = so_far + before[place], so_far
    for row in range(len(among)):
        day = np.int64(among[row]) + later
        if day <= first:
            counts[row] = 0
        elif day > last:
            counts[row] = len(days)
        elif is_looked_up:
            counts[row] = before[day - first]
        else:
            counts[row] = np.searchsorted(days, day)
    return counts


@compiled(WHOLES, READ_FLOATS)
def millionths(values: Floats) -> Wholes:
    """Return values in whole millionths; 0 where a value is missing."""
    found = np.zeros(len(values), dtype=np.int64)
    for row in range(len(values)):
        if not np.isnan(values[row]):
            found[row] = np.int64(np.rint(values[row] * MILLION))
    return found


@compiled(USABLE, ROWS, INDEXES, SOURCES, INDEXES)
def usable(
    rows: VisibleRows, event: Indexes, source: Sources, until: Indexes
) -> tuple[Wholes, Indexes, Indexes, Indexes, Indexes, Indexes]:
    """Return which rows count on any date before the one from which their source may not be used.

    Then the day of their event, their family and person, and the narrowed range of dates.
    """
    which = np.empty(len(event), dtype=np.int64)
    on, family, person = np.empty_like(event), np.empty_like(event), np.empty_like(event)
    first, end = np.empty_like(event), np.empty_like(event)
    kept = 0
    for row in range(len(event)):
        ends = min(rows.end[row], until[source[row]])
        which[kept], on[kept], first[kept], end[kept] = row, event[row], rows.first[row], ends
        family[kept], person[kept] = rows.family[row], rows.person[row]
        # Without a branch, which would often be guessed wrongly: what is not kept is written over.
        kept += rows.first[row] < ends
    return which[:kept], on[:kept], family[:kept], person[:kept], first[:kept], end[:kept]


@compiled(NARROWED, ROWS, WHOLES, INDEXES, NARROWING)
def narrow(
    rows: VisibleRows, fact: Wholes, event: Indexes, by: Narrowing
) -> tuple[Wholes, Indexes, Indexes, Indexes, Indexes]:
    """Return the facts of the rows that still count on any date, their family and person, and the narrowed range."""
    which = np.empty(len(event), dtype=np.int64)
    family, person = np.empty_like(event), np.empty_like(event)
    first, end = np.empty_like(event), np.empty_like(event)
    kept = 0
    for row in range(len(event)):
        begins, ends = rows.first[row], rows.end[row]
        if len(by.first) > 0:
            begins, ends = max(begins, by.first[row]), min(ends, by.end[row])
        if len(by.opens) > 0:
            begins = max(begins, np.int32(_place(by.opens, by.opens_from, event[row])))
            ends = min(ends, np.int32(_place(by.closes, by.closes_from, event[row])))
        which[kept], first[kept], end[kept] = fact[row], begins, ends
        family[kept], person[kept] = rows.family[row], rows.person[row]
        kept += (begins < ends) & (len(by.keep) == 0 or by.keep[fact[row]])
    if 2 * kept > len(event):
        return which[:kept], family[:kept], person[:kept], first[:kept], end[:kept]
    return which[:kept].copy(), family[:kept].copy(), person[:kept].copy(), first[:kept].copy(), end[:kept].copy()


@compiled(WHOLE_TABLE, ROWS, WHOLES, WHOLES, SIZE)
def accumulate(rows: VisibleRows, fact: Wholes, amounts: Wholes, size: Size) -> Wholes:
    """Return the sum of the visible rows' amounts, by family and date; their number where there are no amounts."""
    total = np.zeros((size.families, size.dates), dtype=np.int64)
    for row in range(len(rows.family)):
        amount = amounts[fact[row]] if len(amounts) > 0 else 1
        total[rows.family[row], rows.first[row]] += amount
        if rows.end[row] < size.dates:
            total[rows.family[row], rows.end[row]] -= amount
    for family in range(size.families):
        for date in range(1, size.dates):
            total[family, date] += total[family, date - 1]
    return total


@compiled(WHOLE, NUMBER, NUMBER)
def _compared(one: float, other: float) -> int:
    """Return 1 where one is greater, -1 where it is smaller, 0 where neither is."""
    return int(one > other) - int(one < other)


@compiled(FLAG, KEYS, WHOLE, WHOLE)
def _comes_after(keys: Keys, one: int, other: int) -> bool:
    """Return whether a fact comes after another: later, known later, greater, of a later source or id, in this order.

    Where values come first, the greater one does.
    """
    by_value = _compared(keys.value[one], keys.value[other]) if len(keys.value) > 0 else 0
    if keys.value_first and by_value != 0:
        return by_value > 0
    if keys.event[one] != keys.event[other]:
        return bool(keys.event[one] > keys.event[other])
    if keys.knowledge[one] != keys.knowledge[other]:
        return bool(keys.knowledge[one] > keys.knowledge[other])
    if by_value != 0:
        return by_value > 0
    if keys.source[one] != keys.source[other]:
        return bool(keys.source[one] > keys.source[other])
    return bool(keys.fact_id[one] > keys.fact_id[other])


@compiled(INDEX_TABLE, ROWS, WHOLES, KEYS, SIZE)
def paint(rows: VisibleRows, fact: Wholes, keys: Keys, size: Size) -> Indexes:
    """Return the visible row whose fact comes last, or first where the keys say so, by family and date; -1 for none.

    What the facts say decides, so that the same facts under other ids give the same value; an id between equal ones.
    """
    winner = np.full((size.families, size.dates), np.int32(-1), dtype=np.int32)
    for row in range(len(rows.family)):
        family = rows.family[row]
        before, wins = -1, True
        for date in range(rows.first[row], rows.end[row]):
            held = winner[family, date]
            if held != before:
                before = held
                one, other = (fact[held], fact[row]) if keys.backwards else (fact[row], fact[held])
                wins = _comes_after(keys, one, other)
            if held < 0 or wins:
                winner[family, date] = row
    return winner


@compiled(INDEX_TABLE, ROWS, WHOLES, INDEXES, FLAG, SIZE)
def paint_days(rows: VisibleRows, fact: Wholes, event: Indexes, backwards: bool, size: Size) -> Indexes:
    """Return the last day of the visible rows' events, or minus the first, by family and date; NO_DAY for none."""
    last = np.full((size.families, size.dates), NO_DAY, dtype=np.int32)
    sign = np.int32(-1 if backwards else 1)
    for row in range(len(rows.family)):
        day = sign * event[fact[row]]
        for date in range(rows.first[row], rows.end[row]):
            last[rows.family[row], date] = max(last[rows.family[row], date], day)
    return last


@compiled(WHOLE_TABLE, ROWS, WHOLES, INDEXES, SIZE)
def count_distinct(rows: VisibleRows, fact: Wholes, value: Indexes, size: Size) -> Wholes:
    """Return how many different values the visible rows have, by family and date; values are whole, from 0 up."""
    count = np.zeros((size.families, size.dates), dtype=np.int64)
    most = 1 + np.max(value) if len(value) > 0 else 0
    counted_for = np.full((size.dates, most), np.int32(-1), dtype=np.int32)
    for row in range(len(rows.family)):
        family, said = rows.family[row], value[fact[row]]
        for date in range(rows.first[row], rows.end[row]):
            if counted_for[date, said] != family:
                counted_for[date, said] = family
                count[family, date] += 1
    return count
