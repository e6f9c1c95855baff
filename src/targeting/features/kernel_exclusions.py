"""The kernel's exclusions: rows without the dates on which a spell of the same person lies over their time."""

import numpy as np

from targeting.features.kernel import Kept, Near, Spells, Times, VisibleRows, compiled, room_for
from targeting.features.kernel_native import Inner


@Inner
def _is_of(rows: VisibleRows, row: int, others: VisibleRows, other: int) -> bool:
    """Return whether another row is there, and of the same family and person."""
    if other >= len(others.family):
        return False
    return bool(rows.family[row] == others.family[other] and rows.person[row] == others.person[other])


@Inner
def _first_of(rows: VisibleRows, row: int, others: VisibleRows, near: int) -> int:
    """Return the first place from `near` on of others, sorted alike, that is of the row's person or a later one."""
    key = (rows.family[row], rows.person[row])
    while near < len(others.family) and (others.family[near], others.person[near]) < key:
        near += 1
    return near


@Inner
def _was_over(starts: Spells, ends: Spells, near: Near, day: int, date: int) -> bool:
    """Return whether a spell that started before a day was over by then, by an end that is visible on a date."""
    episode, event = starts.told.episode[near.start], starts.told.event[near.start]
    if event >= day:
        return False
    end = near.end
    while _is_of(starts.visible, near.start, ends.visible, end):
        is_visible = ends.visible.first[end] <= date < ends.visible.end[end]
        is_its_own = ends.told.episode[end] >= 0 and ends.told.episode[end] == episode
        if is_visible and is_its_own and event <= ends.told.event[end] <= day:
            return True
        end += 1
    return False


@Inner
def _lies_over(  # noqa: PLR0913, PLR0917 - numba takes no keywords here.
    rows: VisibleRows, times: Times, starts: Spells, ends: Spells, near: Near, date: int
) -> bool:
    """Return whether a spell of a row's person lies over its time, as far as is visible on a date."""
    start, day = near.start, times.first[near.row]
    while _is_of(rows, near.row, starts.visible, start):
        is_visible = starts.visible.first[start] <= date < starts.visible.end[start]
        has_begun = starts.told.event[start] <= times.last[near.row]
        if is_visible and has_begun and not _was_over(starts, ends, Near(near.row, start, near.end), day, date):
            return True
        start += 1
    return False


def outside(rows: VisibleRows, times: Times, starts: Spells, ends: Spells) -> Kept:
    """Return the rows that still count on any date, in their order; the last day of their time is that of the event.

    A row does not count on a date on which a start is visible, on the last day of its time or before, unless it was
    before the first day and a visible end, on that day or before, ended it. All are sorted by family and person. A row
    that counts, does not, and counts again is there twice.
    """
    room = room_for(len(rows.family))
    kept = _outside_into(rows, times, starts, ends, room)
    if kept > len(rows.family):
        room = room_for(kept)
        _outside_into(rows, times, starts, ends, room)
    return Kept._make(part.copy() for part in room.first_of(kept))


@compiled
def _outside_into(rows: VisibleRows, times: Times, starts: Spells, ends: Spells, found: Kept) -> int:
    """Write the rows as far as there is room, and return how many there are."""
    kept, near = 0, Near(0, 0, 0)
    for row in range(len(rows.family)):
        near = Near(row, _first_of(rows, row, starts.visible, near.start), _first_of(rows, row, ends.visible, near.end))
        begins = rows.first[row]
        for date in range(rows.first[row], rows.end[row] + 1):
            if date < rows.end[row] and not _lies_over(rows, times, starts, ends, near, date):
                continue
            if begins < date:
                if kept < len(found.which):
                    found.which[kept], found.event[kept] = row, times.last[row]
                    found.family[kept], found.person[kept] = rows.family[row], rows.person[row]
                    found.first[kept], found.end[kept] = begins, date
                kept += 1
            begins = np.int32(date + 1)
    return kept
