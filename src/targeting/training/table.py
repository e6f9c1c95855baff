"""The design matrix of a training, one shard after the other: beside the table itself no more is held than one shard.

`build_matrix` holds every shard's part until it joins them, a second table at once. Here it is first asked who is in
the cohort on which date, which takes little; then each shard's rows are written where they belong, row after row, as
they are gathered later on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np

from targeting.features.engine import as_of_days, build_matrix, matrix_of, runs
from targeting.features.matrix import Matrix
from targeting.features.plan import Instruction, Plan
from targeting.store.generations import Generation

# On so many dates the measures of a shard fit into little memory, which costs less to clear than its facts to read.
DATES_AT_ONCE = 10


def build_table(plan: Plan, generation: Generation, as_of_dates: Sequence[date]) -> Matrix:
    """Return what `build_matrix` returns, to the bit; nobody may write into it. Raises as that does."""
    keys = build_keys(plan, generation, as_of_dates)
    values = np.empty((len(keys), len(plan.names)))
    unknown = np.empty(values.shape, dtype=np.int8)
    next_row = dict(zip(*np.unique(keys.as_of_date, return_index=True), strict=True))
    for part in _parts(plan, generation, as_of_dates):
        # Of one date, the families of a shard come together, after those of the shard before it.
        days, starts = np.unique(part.as_of_date, return_index=True)
        for day, (start, end) in zip(days, pairwise([*starts, len(part)]), strict=True):
            rows = slice(next_row[day], next_row[day] + end - start)
            values[rows], unknown[rows] = part.values[start:end], part.unknown[start:end]
            next_row[day] = rows.stop
    for table in (values, unknown):
        table.setflags(write=False)
    return replace(keys, names=plan.names, values=values, unknown=unknown)


def _parts(plan: Plan, generation: Generation, as_of_dates: Sequence[date]) -> Iterator[Matrix]:
    """Yield the matrix of each shard on some of the dates, those of one date in the order of the shards."""
    as_of = as_of_days(plan, as_of_dates)
    for start in range(0, len(as_of), DATES_AT_ONCE):
        for run in runs(plan, generation, as_of[start : start + DATES_AT_ONCE], None):
            yield matrix_of(run)


def build_keys(plan: Plan, generation: Generation, as_of_dates: Sequence[date]) -> Matrix:
    """Return the rows of a plan's matrix without its indicators: which families are in the cohort on which date."""
    return build_matrix(_cohort_alone(plan), generation, as_of_dates)


def _cohort_alone(plan: Plan) -> Plan:
    """Return a plan with the same cohort, the measures that it needs, and no indicator."""
    if plan.cohort is None:
        return replace(plan, indicators=(), measures=())
    needed = sorted(plan.cohort.measures)

    def renumbered(step: Instruction) -> Instruction:
        return replace(step, measure=needed.index(step.measure)) if step.operation == "measure" else step

    return replace(
        plan,
        indicators=(),
        measures=tuple(plan.measures[at] for at in needed),
        cohort=replace(plan.cohort, program=tuple(map(renumbered, plan.cohort.program))),
    )
