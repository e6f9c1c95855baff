"""The kernel's operators: how rows, each visible on a range of as-of dates, become values of families.

*Accumulate* adds where the range begins and takes away where it ends; *paint* writes on each date of the range. Rows
are sorted by (family, person), and `fact` says which fact of the kind each is. Sums are of whole numbers, so that a
date alone and the same date among many give the same bits. What replays facts in order lies in
`kernel_replays`, what folds a value of each person in `kernel_folds`. Where there is no row nothing is called: of one
family most kinds of fact have none.
"""

import numpy as np

from targeting.features import kernel_one_date
from targeting.features.kernel import (
    Days,
    Floats,
    Indexes,
    IndexTable,
    Kept,
    Keys,
    Narrowing,
    Size,
    Sources,
    VisibleRows,
    Wholes,
    WholeTable,
    compiled,
    room_for,
)
from targeting.features.kernel_native import Inner

# Sums are of whole millionths, so that their order does not change them.
MILLION = 1_000_000
NO_DAY = np.int32(-(2**31))
# So many are searched for sooner than a table of days is made.
FEW = 1000


@Inner
def _place(places: Indexes, first_day: int, day: int) -> int:
    """Return what a table of places has for a day; a day beyond its ends has that of the end."""
    return int(places[min(max(day - first_day, 0), len(places) - 1)])


def count_before(days: Indexes, among: Indexes, later: int) -> Indexes:
    """Return how many of the ascending days come before each of others, those taken as so many days later.

    Where the others are many they are looked up by the day, which is faster than to search for each.
    """
    span = int(days[-1]) - int(days[0])
    if len(among) <= max(span, FEW):
        return np.searchsorted(days, among.astype(np.int64) + later).astype(np.int32)
    counts = np.empty(len(among), dtype=np.int32)
    _count_before_into(days, among, later, np.zeros(span + 1, dtype=np.int32), counts)
    return counts


@compiled
def _count_before_into(days: Indexes, among: Indexes, later: int, before: Indexes, counts: Indexes) -> None:
    """Write the counts; `before` is room, of zeros, for those of each day from the first to the last."""
    first, last = np.int64(days[0]), np.int64(days[-1])
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
        else:
            counts[row] = before[day - first]


def millionths(values: Floats) -> Wholes:
    """Return values in whole millionths; 0 where a value is missing."""
    found = np.zeros(len(values), dtype=np.int64)
    _millionths_into(values, found)
    return found


@compiled
def _millionths_into(values: Floats, found: Wholes) -> None:
    for row in range(len(values)):
        if not np.isnan(values[row]):
            found[row] = np.int64(np.rint(values[row] * MILLION))


def visible(facts: Days, places: Indexes, first_day: int) -> tuple[Indexes, Indexes]:
    """Return the first date that comes after a fact's event and not before it is visible, and the first after it is.

    `places` has by the day, from `first_day` on, how many dates are no later.
    """
    first, end = np.empty_like(facts.event), np.empty_like(facts.event)
    if len(first):
        _visible_into(facts, places, first_day, first, end)
    return first, end


@compiled
def _visible_into(facts: Days, places: Indexes, first_day: int, first: Indexes, end: Indexes) -> None:
    for row in range(len(facts.event)):
        first[row] = _place(places, first_day, max(int(facts.visible_from[row]) - 1, int(facts.event[row])))
        end[row] = _place(places, first_day, int(facts.visible_to[row]))


def usable(rows: VisibleRows, event: Indexes, source: Sources, until: Indexes) -> Kept:
    """Return the rows that count on any date before the one from which their source may not be used."""
    kept = room_for(len(event))
    return kept.first_of(_usable_into(rows, event, source, until, kept) if len(event) else 0)


@compiled
def _usable_into(rows: VisibleRows, event: Indexes, source: Sources, until: Indexes, found: Kept) -> int:
    kept = 0
    for row in range(len(event)):
        ends = min(rows.end[row], until[source[row]])
        found.which[kept], found.event[kept] = row, event[row]
        found.first[kept], found.end[kept] = rows.first[row], ends
        found.family[kept], found.person[kept] = rows.family[row], rows.person[row]
        # Without a branch, which would often be guessed wrongly: what is not kept is written over.
        kept += rows.first[row] < ends
    return kept


def narrow(rows: VisibleRows, fact: Wholes, event: Indexes, by: Narrowing, size: Size) -> Kept:
    """Return the facts of the rows that still count on any date."""
    room = room_for(len(event))
    narrow_into = kernel_one_date.narrow if kernel_one_date.is_simple(by, size) else _narrow_into
    kept = narrow_into(rows, fact, event, by, room)
    for part in room:
        # Where it lies: what is left of the room is free for what is made next.
        part.resize(kept, refcheck=False)
    return room


@Inner
def _narrowed(rows: VisibleRows, event: Indexes, by: Narrowing, row: int) -> tuple[int, int]:
    """Return from which date on and up to which a row counts, as far as neither its fact nor its filter decides."""
    begins, ends = rows.first[row], rows.end[row]
    if len(by.first) > 0:
        begins, ends = max(begins, by.first[row]), min(ends, by.end[row])
    if len(by.opens) > 0:
        begins = max(begins, np.int32(_place(by.opens, by.opens_from, event[row])))
        ends = min(ends, np.int32(_place(by.closes, by.closes_from, event[row])))
    return begins, ends


@compiled
def _narrow_into(rows: VisibleRows, fact: Wholes, event: Indexes, by: Narrowing, found: Kept) -> int:
    kept = 0
    for row in range(len(event)):
        begins, ends = _narrowed(rows, event, by, row)
        found.which[kept], found.event[kept], found.first[kept], found.end[kept] = fact[row], event[row], begins, ends
        found.family[kept], found.person[kept] = rows.family[row], rows.person[row]
        kept += (begins < ends) & (len(by.keep) == 0 or by.keep[fact[row]])
    return kept


def count_narrowed(rows: VisibleRows, fact: Wholes, event: Indexes, by: Narrowing, size: Size) -> Wholes:
    """Return how many rows `narrow` would keep, by family and date, without making them."""
    total = np.zeros(size, dtype=np.int64)
    if len(event) and kernel_one_date.is_simple(by, size):
        kernel_one_date.count(rows, fact, event, by, total)
    elif len(event):
        _count_narrowed_into(rows, fact, event, by, total)
    return total


@compiled
def _count_narrowed_into(rows: VisibleRows, fact: Wholes, event: Indexes, by: Narrowing, total: WholeTable) -> None:
    families, dates = total.shape
    for row in range(len(event)):
        begins, ends = _narrowed(rows, event, by, row)
        counts = np.int64((begins < ends) & (len(by.keep) == 0 or by.keep[fact[row]]))
        # Without a branch, as above: what does not count adds nothing, wherever.
        total[rows.family[row], min(begins, dates - 1)] += counts
        if dates > 1:
            total[rows.family[row], min(ends, dates - 1)] -= counts * (ends < dates)
    for family in range(families):
        for date in range(1, dates):
            total[family, date] += total[family, date - 1]


def accumulate(rows: VisibleRows, fact: Wholes, amounts: Wholes, size: Size) -> Wholes:
    """Return the sum of the visible rows' amounts, by family and date; their number where there are no amounts."""
    total = np.zeros(size, dtype=np.int64)
    if len(rows.family):
        _accumulate_into(rows, fact, amounts, total)
    return total


@compiled
def _accumulate_into(rows: VisibleRows, fact: Wholes, amounts: Wholes, total: WholeTable) -> None:
    families, dates = total.shape
    for row in range(len(rows.family)):
        amount = amounts[fact[row]] if len(amounts) > 0 else 1
        total[rows.family[row], rows.first[row]] += amount
        if rows.end[row] < dates:
            total[rows.family[row], rows.end[row]] -= amount
    for family in range(families):
        for date in range(1, dates):
            total[family, date] += total[family, date - 1]


@Inner
def _compared(one: float, other: float) -> int:
    """Return 1 where one is greater, -1 where it is smaller, 0 where neither is."""
    return int(one > other) - int(one < other)


@Inner
def _comes_after(keys: Keys, one: int, other: int) -> bool:
    """Return whether a fact comes after another: later, known later, greater, of a later source or id, in this order.

    Where values come first, the greater one does.
    """
    if keys.value_first and _compared(keys.value[one], keys.value[other]) != 0:
        return bool(keys.value[one] > keys.value[other])
    if keys.event[one] != keys.event[other]:
        return bool(keys.event[one] > keys.event[other])
    if keys.knowledge[one] != keys.knowledge[other]:
        return bool(keys.knowledge[one] > keys.knowledge[other])
    if len(keys.value) > 0 and _compared(keys.value[one], keys.value[other]) != 0:
        return bool(keys.value[one] > keys.value[other])
    if keys.source[one] != keys.source[other]:
        return bool(keys.source[one] > keys.source[other])
    return bool(len(keys.fact_id) > 0 and keys.fact_id[one] > keys.fact_id[other])


def paint(rows: VisibleRows, fact: Wholes, keys: Keys, size: Size) -> Indexes:
    """Return the visible row whose fact comes last, or first where the keys say so, by family and date; -1 for none.

    What the facts say decides, so that the same facts under other ids give the same value; an id between equal ones.
    """
    winner = np.full(size, -1, dtype=np.int32)
    if len(rows.family):
        _paint_into(rows, fact, keys, winner)
    return winner


@compiled
def _paint_into(rows: VisibleRows, fact: Wholes, keys: Keys, winner: IndexTable) -> None:
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


def paint_days(rows: VisibleRows, event: Indexes, backwards: bool, size: Size) -> Indexes:
    """Return the last day of the visible rows' events, or minus the first, by family and date; NO_DAY for none."""
    last = np.full(size, NO_DAY, dtype=np.int32)
    if len(rows.family):
        _paint_days_into(rows, event, -1 if backwards else 1, last)
    return last


@compiled
def _paint_days_into(rows: VisibleRows, event: Indexes, sign: int, last: IndexTable) -> None:
    for row in range(len(rows.family)):
        day = np.int32(sign) * event[row]
        for date in range(rows.first[row], rows.end[row]):
            last[rows.family[row], date] = max(last[rows.family[row], date], day)


def count_distinct(rows: VisibleRows, fact: Wholes, value: Indexes, size: Size) -> Wholes:
    """Return how many different values the visible rows have, by family and date; values are whole, from 0 up."""
    count = np.zeros(size, dtype=np.int64)
    if len(rows.family):
        counted_for = np.full((size.dates, 1 + int(np.max(value))), -1, dtype=np.int32)
        _count_distinct_into(rows, fact, value, counted_for, count)
    return count


@compiled
def _count_distinct_into(
    rows: VisibleRows, fact: Wholes, value: Indexes, counted_for: IndexTable, count: WholeTable
) -> None:
    """Write the counts; `counted_for` says by date and value for which family it was counted last."""
    for row in range(len(rows.family)):
        family, said = rows.family[row], value[fact[row]]
        for date in range(rows.first[row], rows.end[row]):
            if counted_for[date, said] != family:
                counted_for[date, said] = family
                count[family, date] += 1
