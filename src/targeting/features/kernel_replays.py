"""The kernel's replays: the visible facts of each family, in order, on every date at once.

What is remembered of the rows before is held by date; a row touches the dates of its range alone.
"""

import numpy as np

from targeting.features.kernel import (
    Asked,
    Episodes,
    Flags,
    FlagTable,
    Indexes,
    IndexTable,
    Size,
    Spells,
    Steps,
    VisibleRows,
    Wholes,
    compiled,
)

# No day: later than any, so that the earliest of several days is their minimum.
NO_DAY = 2**31 - 1
NEVER = -(2**31)


def open_since(starts: VisibleRows, started: Episodes, ends: VisibleRows, ended: Episodes, size: Size) -> Indexes:
    """Return the earliest visible start without a visible end of the same person and episode on its day or later.

    By family and date; NO_DAY where there is none. Starts and ends are sorted by (family, person, episode).
    """
    since = np.full(size, NO_DAY, dtype=np.int32)
    if len(starts.family):
        _open_since_into(Spells(starts, started), Spells(ends, ended), np.zeros(size.dates, dtype=np.bool_), since)
    return since


@compiled
def _open_since_into(starts: Spells, ends: Spells, closed: Flags, since: IndexTable) -> None:
    """Write the days; `closed` is room for the dates on which an episode is closed."""
    near, (who, began), (whose, ended) = 0, starts, ends
    for row in range(len(who.family)):
        closed[:] = False
        key = (who.family[row], who.person[row], began.episode[row])
        while near < len(whose.family) and (whose.family[near], whose.person[near], ended.episode[near]) < key:
            near += 1
        end = near
        while end < len(whose.family) and (whose.family[end], whose.person[end], ended.episode[end]) == key:
            if ended.episode[end] >= 0 and ended.event[end] >= began.event[row]:
                closed[whose.first[end] : whose.end[end]] = True
            end += 1
        for date in range(who.first[row], who.end[row]):
            if not closed[date]:
                since[who.family[row], date] = min(since[who.family[row], date], began.event[row])


def longest_gap(rows: VisibleRows, event: Indexes, order: Wholes, size: Size) -> Indexes:
    """Return the most days between two successive days with visible rows, by family and date.

    -1 where rows are visible of fewer than two days. `order` sorts by (family, event).
    """
    longest = np.full(size, -1, dtype=np.int32)
    if len(order):
        _longest_gap_into(rows, event, order, np.full(size.dates, NEVER, dtype=np.int32), longest)
    return longest


@compiled
def _longest_gap_into(rows: VisibleRows, event: Indexes, order: Wholes, before: Indexes, longest: IndexTable) -> None:
    """Write the gaps; `before` is room for the day of the row before, by date."""
    for place in range(len(order)):
        row = order[place]
        family = rows.family[row]
        if place == 0 or rows.family[order[place - 1]] != family:
            before[:] = NEVER
        for date in range(rows.first[row], rows.end[row]):
            if before[date] != NEVER and event[row] > before[date]:
                longest[family, date] = max(longest[family, date], event[row] - before[date])
            before[date] = event[row]


def latest_holds(rows: VisibleRows, holds: Flags, order: Wholes, size: Size) -> Flags:
    """Return whether the latest visible row of any person holds, by family and date.

    `order` sorts by (family, person), then puts the latest row last.
    """
    found = np.zeros(size, dtype=np.bool_)
    if len(order):
        _latest_holds_into(rows, holds, order, np.zeros(size.dates, dtype=np.bool_), found)
    return found


@compiled
def _latest_holds_into(rows: VisibleRows, holds: Flags, order: Wholes, latest: Flags, found: FlagTable) -> None:
    """Write what was found; `latest` is room for a person's latest row, by date."""
    for place in range(len(order)):
        row = order[place]
        family = rows.family[row]
        for date in range(rows.first[row], rows.end[row]):
            latest[date] = holds[row]
        is_last = place == len(order) - 1
        after = row if is_last else order[place + 1]
        if is_last or rows.family[after] != family or rows.person[after] != rows.person[row]:
            for date in range(len(latest)):
                found[family, date] |= latest[date]
            latest[:] = False


def come_together(rows: VisibleRows, steps: Steps, order: Wholes, asked: Asked, size: Size) -> Flags:
    """Return whether visible rows of all steps asked for happened within reach of one another, by family and date.

    `order` sorts by (family, event).
    """
    found = np.zeros(size, dtype=np.bool_)
    if len(order):
        _come_together_into(rows, steps, order, asked, _never(steps, size), found)
    return found


@compiled
def _come_together_into(  # noqa: PLR0913, PLR0917 - the parts of one operation.
    rows: VisibleRows, steps: Steps, order: Wholes, asked: Asked, reach: IndexTable, found: FlagTable
) -> None:
    """Write what was found; `reach` is room for how far each step's latest row reaches, by date and step."""
    most = reach.shape[1]
    for place in range(len(order)):
        row = order[place]
        family = rows.family[row]
        if place == 0 or rows.family[order[place - 1]] != family:
            reach[:] = NEVER
        for date in range(rows.first[row], rows.end[row]):
            if not (asked.parts[family, date] >> steps.part[row]) & 1:
                continue
            reach[date, steps.step[row]] = steps.reach[row]
            are_all = True
            for step in range(64):
                if (asked.steps[family, date] >> step) & 1 and (step >= most or reach[date, step] < steps.event[row]):
                    are_all = False
                    break
            found[family, date] |= are_all


def come_in_order(rows: VisibleRows, steps: Steps, order: Wholes, asked: Asked, size: Size) -> Flags:
    """Return whether visible rows of the steps asked for happened one after the other, all within reach of the first.

    As `come_together`, but `order` sorts by (family, event) and puts later steps of one day first, so that a row
    follows those of earlier days alone.
    """
    found = np.zeros(size, dtype=np.bool_)
    if len(order):
        _come_in_order_into(rows, steps, order, asked, _never(steps, size), found)
    return found


@compiled
def _come_in_order_into(  # noqa: PLR0913, PLR0917 - the parts of one operation.
    rows: VisibleRows, steps: Steps, order: Wholes, asked: Asked, reach: IndexTable, found: FlagTable
) -> None:
    """Write what was found; `reach` is room for how far what a step follows reaches, by date and step."""
    for place in range(len(order)):
        row = order[place]
        family, step = rows.family[row], steps.step[row]
        if place == 0 or rows.family[order[place - 1]] != family:
            reach[:] = NEVER
        for date in range(rows.first[row], rows.end[row]):
            if not (asked.parts[family, date] >> steps.part[row]) & (asked.steps[family, date] >> step) & 1:
                continue
            before = step - 1
            while before >= 0 and not (asked.steps[family, date] >> before) & 1:
                before -= 1
            furthest = steps.reach[row] if before < 0 else reach[date, before]
            if furthest >= steps.event[row]:
                reach[date, step] = max(reach[date, step], furthest)
                found[family, date] |= asked.steps[family, date] >> (step + 1) == 0


def _never(steps: Steps, size: Size) -> Indexes:
    """Return room by date and step, which nothing has reached yet."""
    return np.full((size.dates, 1 + int(np.max(steps.step))), NEVER, dtype=np.int32)
