"""Which rows decide a measure's value on a run's only date."""

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from targeting.features.measured_rows import PAINTED, painted_rows, rows_with_values
from targeting.features.plan import EPISODE, Measure, MeasureOperation
from targeting.features.replays import joint_rows, known_parts, part_reasons, rows_in_order_of_state
from targeting.features.selected_rows import SelectedRows
from targeting.features.shard_run import ShardRun

Wholes = NDArray[np.int64]


def deciding_rows(measure: Measure, run: ShardRun) -> Iterator[SelectedRows]:
    """Yield the rows that decide a measure, of one kind at a time; all its rows where each has a part in the value."""
    if measure.steps:
        yield from _joint_rows(measure, run)
    elif measure.operation in PAINTED:
        rows, winner = painted_rows(measure, run)
        yield rows.take(winner[winner >= 0])
    elif measure.operation in _DECIDING:
        yield _DECIDING[measure.operation](measure, run)
    else:
        yield rows_with_values(measure, run)


def _open_starts(measure: Measure, run: ShardRun) -> SelectedRows:
    starts = run.rows(measure.selection)
    last_end: dict[tuple[int, int, int], int] = {}
    for selection in measure.ended_by:
        for key, event in _episode_events(run.rows(selection)):
            last_end[key] = max(event, last_end.get(key, event))
    still_open = [key[2] < 0 or last_end.get(key, event - 1) < event for key, event in _episode_events(starts)]
    return starts.take(np.array(still_open, dtype=np.bool_))


def _episode_events(rows: SelectedRows) -> Iterator[tuple[tuple[int, int, int], int]]:
    columns = (rows.visible.family, rows.visible.person, rows.column(EPISODE), rows.event)
    for family, person, episode, event in zip(*(column.tolist() for column in columns), strict=True):
        yield (family, person, episode), event


def _longest_open(measure: Measure, run: ShardRun) -> SelectedRows:
    """Return the open starts of each family's earliest day."""
    starts = _open_starts(measure, run)
    event, family = starts.event, starts.visible.family
    first = np.full(run.size.families, np.iinfo(np.int32).max)
    np.minimum.at(first, family, event)
    return starts.take(event == first[family])


def _gap_rows(measure: Measure, run: ShardRun) -> SelectedRows:
    """Return the rows of the two days about each family's longest gap, the earliest of several."""
    rows = run.rows(measure.selection)
    days: dict[int, set[int]] = {}
    for family, day in zip(rows.visible.family.tolist(), rows.event.tolist(), strict=True):
        days.setdefault(family, set()).add(day)
    bounds = {family: _longest_gap_of(sorted(found)) for family, found in days.items()}
    among = zip(rows.visible.family.tolist(), rows.event.tolist(), strict=True)
    return rows.take(np.array([day in bounds[family] for family, day in among], dtype=np.bool_))


def _longest_gap_of(days: list[int]) -> tuple[int, ...]:
    """Return the two days about the longest gap, the earliest of several; nothing where there is none."""
    return max(pairwise(days), key=lambda gap: (gap[1] - gap[0], -gap[0]), default=())


def _state_rows(measure: Measure, run: ShardRun) -> SelectedRows:
    """Return each member's rows since a state that holds began; none of those in whom it does not hold."""
    rows, holds, order = rows_in_order_of_state(measure, run)
    kept: list[int] = []
    for _, places in groupby(order.tolist(), key=lambda row: (rows.visible.family[row], rows.visible.person[row])):
        latest_first = list(places)[::-1]
        until = next((n for n, row in enumerate(latest_first) if not holds[row]), len(latest_first))
        kept += latest_first[:until]
    return rows.take(np.array(kept, dtype=np.int64))


_DECIDING: Mapping[MeasureOperation, Callable[[Measure, ShardRun], SelectedRows]] = {
    "open": _open_starts,
    "days_open": _longest_open,
    "longest_gap": _gap_rows,
    "in_state": _state_rows,
}


class _Step(NamedTuple):
    """One row of a family's steps; `place` is its place among the joint rows."""

    event: int
    reach: int
    step: int
    place: int


def _joint_rows(measure: Measure, run: ShardRun) -> Iterator[SelectedRows]:
    joint = joint_rows(measure, run)
    behind = _chains if measure.operation == "in_order" else _clusters
    places = {step.place for rows in _by_family(measure, run) for step in behind(rows, len(measure.steps))}
    start = 0
    for rows in joint.selected:
        end = start + len(rows.row)
        yield rows.take(np.array(sorted(place - start for place in places if start <= place < end), dtype=np.int64))
        start = end


def _by_family(measure: Measure, run: ShardRun) -> Iterator[list[_Step]]:
    """Yield the rows of each family that count, in the order of their days."""
    joint = joint_rows(measure, run)
    counts = known_parts(part_reasons(measure, run))[joint.visible.family, 0] >> joint.steps.part & 1
    said = (joint.steps.event, joint.steps.reach, joint.steps.step, np.arange(len(counts)))
    steps = (_Step(*row) for row in zip(*(column.tolist() for column in said), strict=True))
    kept = sorted(each for each in zip(joint.visible.family.tolist(), steps, strict=True) if counts[each[1].place])
    for _, group in groupby(kept, key=lambda each: each[0]):
        yield [step for _, step in group]


def _clusters(rows: list[_Step], steps: int) -> Iterator[_Step]:
    """Yield the rows of every stretch, from one row as far as it reaches, that holds all steps."""
    for start in rows:
        near = [row for row in rows if start.event <= row.event <= start.reach]
        if len({row.step for row in near}) == steps:
            yield from near


def _chains(rows: list[_Step], steps: int) -> Iterator[_Step]:
    """Yield the rows of every chain of all steps, each on a later day than the one before."""
    chains: list[tuple[_Step, ...]] = [(row,) for row in rows if row.step == 0]
    for number in range(1, steps):
        followers = [row for row in rows if row.step == number]
        chains = [
            (*chain, row) for chain in chains for row in followers if chain[-1].event < row.event <= chain[0].reach
        ]
    for chain in chains:
        yield from chain
