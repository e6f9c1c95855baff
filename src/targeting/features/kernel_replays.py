"""The kernel's replays: the visible facts of each family, in order, on every date at once.

What is remembered of the rows before is held by date; a row touches the dates of its range alone.
"""

import numpy as np

from targeting.features.kernel import (
    ASKED,
    EPISODES,
    FLAG_TABLE,
    FLAGS,
    INDEX_TABLE,
    INDEXES,
    ROWS,
    SIZE,
    STEPS,
    WHOLES,
    Asked,
    Episodes,
    Flags,
    Indexes,
    Size,
    Steps,
    VisibleRows,
    Wholes,
    compiled,
)

# No day: later than any, so that the earliest of several days is their minimum.
NO_DAY = 2**31 - 1
NEVER = -(2**31)


@compiled(INDEX_TABLE, ROWS, EPISODES, ROWS, EPISODES, SIZE)
def open_since(starts: VisibleRows, started: Episodes, ends: VisibleRows, ended: Episodes, size: Size) -> Indexes:
    """Return the earliest visible start without a visible end of the same person and episode on its day or later.

    By family and date; NO_DAY where there is none. Starts and ends are sorted by (family, person, episode).
    """
    since = np.full((size.families, size.dates), np.int32(NO_DAY), dtype=np.int32)
    closed = np.zeros(size.dates, dtype=np.bool_)
    near = 0
    for row in range(len(starts.family)):
        closed[:] = False
        key = (starts.family[row], starts.person[row], started.episode[row])
        while near < len(ends.family) and (ends.family[near], ends.person[near], ended.episode[near]) < key:
            near += 1
        end = near
        while end < len(ends.family) and (ends.family[end], ends.person[end], ended.episode[end]) == key:
            if ended.episode[end] >= 0 and ended.event[end] >= started.event[row]:
                closed[ends.first[end] : ends.end[end]] = True
            end += 1
        for date in range(starts.first[row], starts.end[row]):
            if not closed[date]:
                since[starts.family[row], date] = min(since[starts.family[row], date], started.event[row])
    return since


@compiled(INDEX_TABLE, ROWS, INDEXES, WHOLES, SIZE)
def longest_gap(rows: VisibleRows, event: Indexes, order: Wholes, size: Size) -> Indexes:
    """Return the most days between two successive days with visible rows, by family and date.

    -1 where rows are visible of fewer than two days. `order` sorts by (family, event).
    """
    longest = np.full((size.families, size.dates), np.int32(-1), dtype=np.int32)
    before = np.full(size.dates, np.int32(NEVER), dtype=np.int32)
    for place in range(len(order)):
        row = order[place]
        family = rows.family[row]
        if place == 0 or rows.family[order[place - 1]] != family:
            before[:] = NEVER
        for date in range(rows.first[row], rows.end[row]):
            if before[date] != NEVER and event[row] > before[date]:
                longest[family, date] = max(longest[family, date], event[row] - before[date])
            before[date] = event[row]
    return longest


@compiled(FLAG_TABLE, ROWS, FLAGS, WHOLES, SIZE)
def latest_holds(rows: VisibleRows, holds: Flags, order: Wholes, size: Size) -> Flags:
    """Return whether the latest visible row of any person holds, by family and date.

    `order` sorts by (family, person), then puts the latest row last.
    """
    found = np.zeros((size.families, size.dates), dtype=np.bool_)
    latest = np.zeros(size.dates, dtype=np.bool_)
    for place in range(len(order)):
        row = order[place]
        family = rows.family[row]
        for date in range(rows.first[row], rows.end[row]):
            latest[date] = holds[row]
        is_last = place == len(order) - 1
        after = row if is_last else order[place + 1]
        if is_last or rows.family[after] != family or rows.person[after] != rows.person[row]:
            for date in range(size.dates):
                found[family, date] |= latest[date]
            latest[:] = False
    return found


@compiled(FLAG_TABLE, ROWS, STEPS, WHOLES, ASKED, SIZE)
def come_together(rows: VisibleRows, steps: Steps, order: Wholes, asked: Asked, size: Size) -> Flags:
    """Return whether visible rows of all steps asked for happened within reach of one another, by family and date.

    `order` sorts by (family, event).
    """
    found = np.zeros((size.families, size.dates), dtype=np.bool_)
    most = 1 + np.max(steps.step) if len(order) else 0
    reach = np.full((size.dates, most), np.int32(NEVER), dtype=np.int32)
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
    return found


@compiled(FLAG_TABLE, ROWS, STEPS, WHOLES, ASKED, SIZE)
def come_in_order(rows: VisibleRows, steps: Steps, order: Wholes, asked: Asked, size: Size) -> Flags:
    """Return whether visible rows of the steps asked for happened one after the other, all within reach of the first.

    As `come_together`, but `order` sorts by (family, event) and puts later steps of one day first, so that a row
    follows those of earlier days alone.
    """
    found = np.zeros((size.families, size.dates), dtype=np.bool_)
    most = 1 + np.max(steps.step) if len(order) else 0
    reach = np.full((size.dates, most), np.int32(NEVER), dtype=np.int32)
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
    return found
