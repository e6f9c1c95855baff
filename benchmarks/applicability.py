"""Where an indicator has somebody to tell of: what is unknown apart from what is not applicable.

A family without a child of school age has no attendance that anybody could share. Its value is as unknown as any other,
and stays so in the matrix (decision 3); but it is no silence of an agency. Registers say whom an agency should hold, by
age. Only `missingness` asks this.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from targeting.features import kernel_operators, ranges
from targeting.features.dates import as_dates, latest_birth, window_bounds
from targeting.features.engine import as_of_days, runs
from targeting.features.kernel import VisibleRows
from targeting.features.matrix import Matrix, Unknown
from targeting.features.plan import Measure, Plan, PlannedIndicator, Selection
from targeting.features.ranges import Indexes, Ranges
from targeting.features.shard_run import NO_AMOUNTS, Days, ShardRun, expected_in_register
from targeting.features.windows import Window
from targeting.store.blocks import MISSING_DAY, MemberRows
from targeting.store.generations import Generation

Flags = NDArray[np.bool_]

# No window reaches further back; before the terms that are declared nobody was of any age.
FIRST_DAY = np.int32(-25_567)


class Asked(NamedTuple):
    """The children of whom facts are asked, any of some ranges of age, and the window over which they had that age."""

    roles: tuple[Selection, ...]
    window: Window | None


def unknown_where_applicable(plan: Plan, generation: Generation, matrix: Matrix) -> NDArray[np.int8]:
    """Return the codes of Unknown of a plan's matrix; 0 also where nothing was collected and nothing could be.

    Nothing could be where no member of the family was, over the whole window, of an age that a register of the sources
    holds. Reasons of coverage stay: what was not shared, not linked or is expired would be asked of somebody.
    """
    unknown = matrix.unknown.copy()
    for run in runs(plan, generation, as_of_days(plan, np.unique(matrix.as_of_date).tolist()), None):
        rows, family, date = _rows_of(matrix, run)
        for column, indicator in enumerate(plan.indicators):
            could_be = np.logical_and.reduce([_has_child(run, each) for each in asked_of(plan, indicator)])
            is_empty = (unknown[rows, column] == Unknown.NOT_COLLECTED) & ~np.broadcast_to(could_be, run.size)[
                family, date
            ]
            unknown[rows[is_empty], column] = Unknown.KNOWN
    return unknown


def asked_of(plan: Plan, indicator: PlannedIndicator) -> list[Asked]:
    """Return of whom each measure of an indicator asks; nothing for one that a source without a register may answer."""
    measures = [plan.measures[step.measure] for step in indicator.program if step.operation == "measure"]
    return [asked for asked in (_asked(plan, each) for each in dict.fromkeys(measures)) if asked is not None]


def _asked(plan: Plan, measure: Measure) -> Asked | None:
    selection = measure.selection
    sources = [plan.sources[index] for index in selection.sources]
    if not selection.kind or any(source.register_months is None for source in sources):
        return None
    roles = (expected_in_register(source, selection) for source in sources)
    return Asked(tuple(dict.fromkeys(role for role in roles if role is not None)), selection.window)


def _has_child(run: ShardRun, asked: Asked) -> Flags:
    """Return by family and date whether a member was of one of the ages from the window's first day on."""
    return run.once(("asked", asked), lambda: np.logical_or.reduce([_count(run, asked, role) for role in asked.roles]))


def _count(run: ShardRun, asked: Asked, role: Selection) -> Flags:
    members = run.shard.members
    aged = _aged_throughout(members, role, _window_starts(run, asked.window), run.as_of)
    kept = np.flatnonzero(aged.first < aged.end)
    rows = VisibleRows(members.family[kept], members.person[kept], *aged.take(kept))
    return kernel_operators.accumulate(rows, NO_AMOUNTS, NO_AMOUNTS, run.size) > 0


def _aged_throughout(members: MemberRows, role: Selection, since: Days, as_of: Days) -> Ranges:
    """Return on which dates each member belongs and was of a role's ages from a day before each date on.

    `since` holds that day of each as-of date. Who has no birth date is of every age that a child may have.
    """
    born = members.birth != MISSING_DAY
    always = np.where(members.is_child != 0, len(as_of), 0)
    return ranges.membership_ranges(members, as_of).narrowed(
        first=np.where(born, _birthday(members.birth, role.from_months, since), 0).astype(np.int32),
        end=np.where(born, _birthday(members.birth, role.below_months, as_of), always).astype(np.int32),
    )


def _birthday(birth: Days, months: int, as_of: Days) -> Indexes:
    reached: Indexes = kernel_operators.count_before(latest_birth(as_of, months), birth, 0)
    return reached


def _window_starts(run: ShardRun, window: Window | None) -> Days:
    if window is None:
        return run.as_of
    return np.maximum(window_bounds(window, run.as_of, run.plan.terms)[0], FIRST_DAY)


def _rows_of(matrix: Matrix, run: ShardRun) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the matrix's rows of a shard's families, and the place of each row's family and date in the run."""
    families = run.shard.family_ids
    place = np.minimum(np.searchsorted(families, matrix.family_id), len(families) - 1)
    rows = np.flatnonzero(families[place] == matrix.family_id)
    date = np.searchsorted(as_dates(run.as_of), matrix.as_of_date[rows])
    return rows, place[rows], date
