"""Measures that replay facts in order: open episodes, gaps, states, and what comes together or in order."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from targeting.features import kernel_replays
from targeting.features.coverage import Codes
from targeting.features.dates import later
from targeting.features.kernel import Asked, Steps, VisibleRows
from targeting.features.kernel_replays import NO_DAY
from targeting.features.measured_rows import Found
from targeting.features.plan import Measure, MeasureOperation, Selection
from targeting.features.programs import Values, first_reason
from targeting.features.selected_rows import SelectedRows, by_episode
from targeting.features.shard_run import ShardRun

Days = NDArray[np.int32]
Wholes = NDArray[np.int64]


def _open(measure: Measure, run: ShardRun) -> Found:
    return Found((_open_since(measure, run) != NO_DAY).astype(np.float64), recorded=True)


def _days_open(measure: Measure, run: ShardRun) -> Found:
    since = _open_since(measure, run)
    return Found((run.as_of - since).astype(np.float64), since != NO_DAY)


def _open_since(measure: Measure, run: ShardRun) -> Days:
    starts, ends = [run.rows(measure.selection)], [run.rows(selection) for selection in measure.ended_by]
    since: Days = kernel_replays.open_since(*by_episode(starts), *by_episode(ends), run.size)
    return since


def _longest_gap(measure: Measure, run: ShardRun) -> Found:
    rows = run.rows(measure.selection)
    order = np.lexsort((rows.event, rows.visible.family))
    longest = kernel_replays.longest_gap(rows.visible, rows.event, order, run.size)
    return Found(longest.astype(np.float64), longest >= 0)


def _in_state(measure: Measure, run: ShardRun) -> Found:
    rows, holds, order = rows_in_order_of_state(measure, run)
    found = kernel_replays.latest_holds(rows.visible, holds, order, run.size)
    return Found(found.astype(np.float64), recorded=True)


def rows_in_order_of_state(measure: Measure, run: ShardRun) -> tuple[SelectedRows, NDArray[np.bool_], Wholes]:
    """Return the rows of a state, whether each fulfils it, and their order: by family and person, the latest last.

    Of facts of one day the one known later comes last, of those known on one day one that fulfils the state.
    """
    rows = run.rows(measure.selection)
    holds = rows.holding(measure.state)
    keys = (holds, rows.facts.knowledge[rows.row], rows.event, rows.visible.person, rows.visible.family)
    return rows, holds, np.lexsort(keys)


class JointRows(NamedTuple):
    """The rows of all steps, one after the other as `selected` holds them."""

    selected: Sequence[SelectedRows]
    visible: VisibleRows
    steps: Steps


def joint_rows(measure: Measure, run: ShardRun) -> JointRows:
    """Return the rows of a measure's steps, each with its part, its step and how far it reaches."""
    if measure.within is None:
        raise ValueError(f"{measure.operation} has no length within which its steps come.")
    selected = [run.rows(selection) for _, selection in _parts(measure)]
    lengths = [len(rows.row) for rows in selected]
    event = np.concatenate([rows.event for rows in selected])
    steps = Steps(
        part=np.repeat(np.arange(len(lengths), dtype=np.int32), lengths),
        step=np.repeat(np.array([step for step, _ in _parts(measure)], dtype=np.int32), lengths),
        event=event,
        reach=later(event, measure.within),
    )
    return JointRows(
        selected, VisibleRows(*map(np.concatenate, zip(*(rows.visible for rows in selected), strict=True))), steps
    )


def _parts(measure: Measure) -> Iterator[tuple[int, Selection]]:
    """Yield each selection with the number of its step."""
    return chain.from_iterable(((step, each) for each in selections) for step, selections in enumerate(measure.steps))


def run_joint(measure: Measure, run: ShardRun) -> Values:
    """Return whether steps come together or in order, by family and date.

    Facts of a selection that cannot say do not count. Where the steps that are wholly known come together by
    themselves, what is not known could decide: there the value is unknown unless all come together without it.
    """
    reasons = part_reasons(measure, run)
    known = known_parts(reasons)
    joint = joint_rows(measure, run)
    sure = _steps_known(measure, known)
    found = _replayed(measure, joint, Asked(known, np.full_like(known, (1 << len(measure.steps)) - 1)), run)
    possible = (sure == 0) | _replayed(measure, joint, Asked(known, sure), run)
    unknown = np.where(possible & ~found, reduce(first_reason, reasons), np.int8(0))
    return Values.where_known(found.astype(np.float64), unknown)


def part_reasons(measure: Measure, run: ShardRun) -> list[Codes]:
    """Return for each selection of the steps the codes of Unknown by family and date."""
    return [run.reasons(selection) for _, selection in _parts(measure)]


def known_parts(reasons: Sequence[Codes]) -> Wholes:
    """Return by family and date, as bits, which selections can say."""
    bits = [(codes == 0).astype(np.int64) << part for part, codes in enumerate(reasons)]
    return np.ascontiguousarray(sum(bits, start=np.zeros_like(bits[0])))


def _steps_known(measure: Measure, known: Wholes) -> Wholes:
    """Return by family and date, as bits, the steps all of whose selections can say."""
    steps, parts = np.zeros_like(known), list(_parts(measure))
    for number in range(len(measure.steps)):
        wanted = sum(1 << part for part, (step, _) in enumerate(parts) if step == number)
        steps |= ((known & wanted) == wanted).astype(np.int64) << number
    return steps


def _replayed(measure: Measure, joint: JointRows, asked: Asked, run: ShardRun) -> NDArray[np.bool_]:
    replay = kernel_replays.come_in_order if measure.operation == "in_order" else kernel_replays.come_together
    order = np.lexsort((-joint.steps.step, joint.steps.event, joint.visible.family))
    found: NDArray[np.bool_] = replay(joint.visible, joint.steps, order, asked, run.size)
    return found


REPLAYED: Mapping[MeasureOperation, Callable[[Measure, ShardRun], Found]] = {
    "open": _open,
    "days_open": _days_open,
    "longest_gap": _longest_gap,
    "in_state": _in_state,
}
