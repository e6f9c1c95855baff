"""Why nothing was recorded: it could concern nobody in the family, or it could and was not collected (decision 3)."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from targeting.features import kernel_operators, ranges
from targeting.features.coverage import Codes
from targeting.features.dates import window_bounds
from targeting.features.kernel import VisibleRows
from targeting.features.matrix import Unknown
from targeting.features.plan import Plan, Selection
from targeting.features.ranges import Ranges
from targeting.features.selected_rows import SelectedMembers
from targeting.features.shard_run import NO_AMOUNTS, Days, ShardRun, expected_in_register
from targeting.features.windows import Window
from targeting.store.blocks import MISSING_DAY

Flags = NDArray[np.bool_]

# No window that a source could share begins earlier; where too few terms are declared, one has no first day at all.
FIRST_DAY = np.int32(-25_567)
UNBORN = Selection(who="unborn")


class Concerned(NamedTuple):
    """The members of whom a source could tell: in a role on the date; with a window, from its start on."""

    role: Selection
    window: Window | None


def why_unrecorded(selection: Selection, run: ShardRun) -> Codes:
    """Return the code of Unknown by family and date for where a selection has nothing of what a measure is made from.

    Not applicable where none of its sources could have told of any member, by their role and the register's ages.
    """
    return run.once(("why unrecorded", selection.unfiltered), lambda: _why(selection, run))


def _why(selection: Selection, run: ShardRun) -> Codes:
    concerned = np.zeros(run.size, dtype=np.bool_)
    for each in dict.fromkeys(concerned_by(selection, run.plan)):
        concerned |= _has_somebody(each, run)
    return np.where(concerned, np.int8(Unknown.NOT_COLLECTED), np.int8(Unknown.NOT_APPLICABLE))


def concerned_by(selection: Selection, plan: Plan) -> Iterator[Concerned]:
    """Yield of whom each source could tell; one whose register holds nobody of the selection's ages, of nobody.

    Members alone have no source: linkage tells of everybody in the role.
    """
    if not selection.kind:
        yield Concerned(selection.role, None)
    for source in (plan.sources[index] for index in selection.sources):
        expected = expected_in_register(source, selection)
        if source.register_months is None:
            yield Concerned(selection.role, None)
        elif expected is not None:
            yield Concerned(expected, selection.window if expected.from_months else None)
            # Who keeps a register from birth on, as midwives do, is told of the child before.
            if expected.from_months == 0 and selection.who in {"everyone", "unborn"}:
                yield Concerned(UNBORN, None)


def _has_somebody(each: Concerned, run: ShardRun) -> Flags:
    """Return by family and date whether any member is concerned; who has no birth date is a child of every age."""
    if each.role.who != "children":
        return run.count_members(each.role) > 0
    return run.once(("concerned", each), lambda: _has_child(each, run))


def _has_child(each: Concerned, run: ShardRun) -> Flags:
    below = each.role.below_months
    birth, held = run.once(("children below", below), lambda: _children_below(below, run))
    aged = Ranges(held.first, held.end).narrowed(
        first=ranges.birthday(birth, each.role.from_months, _first_days(each.window, run))
    )
    kept = np.flatnonzero(aged.first < aged.end)
    rows = VisibleRows(held.family[kept], held.person[kept], *aged.take(kept))
    return kernel_operators.accumulate(rows, NO_AMOUNTS, NO_AMOUNTS, run.size) > 0


def _children_below(months: int, run: ShardRun) -> SelectedMembers:
    """Return the members who are below an age on some date; a child without a birth date is, and has reached any."""
    members = run.shard.members
    aged = np.where(members.is_child != 0, len(run.as_of), 0)
    ends = np.where(members.birth != MISSING_DAY, ranges.birthday(members.birth, months, run.as_of), aged)
    held = ranges.membership_ranges(members, run.as_of).narrowed(end=ends.astype(np.int32))
    kept = np.flatnonzero(held.first < held.end)
    visible = VisibleRows(members.family[kept], members.person[kept], *held.take(kept))
    return SelectedMembers(members.birth[kept], visible)


def _first_days(window: Window | None, run: ShardRun) -> Days:
    if window is None:
        return run.as_of
    return np.maximum(window_bounds(window, run.as_of, run.plan.terms)[0], FIRST_DAY)
