"""Plans run on a generation of the data, or on one shard: a design matrix, or the families of a cohort on a date."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from targeting.errors import DataError, TargetingError
from targeting.features.dates import as_dates, check_terms_reach, day_numbers
from targeting.features.kernel import Size
from targeting.features.matrix import Matrix, MatrixWriter, as_arrow, as_text
from targeting.features.measures import run_measure
from targeting.features.parallel import in_turn
from targeting.features.plan import Plan, PlannedCohort, Selection
from targeting.features.programs import Values, run_program
from targeting.features.shard_run import Days, ShardRun
from targeting.store.blocks import Shard
from targeting.store.generations import Generation

Number = TypeVar("Number", np.float64, np.int8)


def build_matrix(
    plan: Plan, generation: Generation, as_of_dates: Sequence[date], *, families: Sequence[str] | None = None
) -> Matrix:
    """Return the plan's indicators for the families in its cohort on each date, sorted by (as_of_date, family_id).

    `families` narrows to some families; the values are then the same to the bit. A plan without a cohort takes every
    family with a member on the date. Raises DataError where a family or a kind of fact is not in the generation, or
    where a date lies beyond the declared terms.
    """
    as_of = as_of_days(plan, as_of_dates)
    return _joined([_part(run) for run in runs(plan, generation, as_of, families)], plan.names, as_of)


def write_matrix(plan: Plan, generation: Generation, as_of_dates: Sequence[date], path: Path) -> int:
    """Write what `build_matrix` returns, sorted by family, in groups of rows, and return the number of rows.

    Only as many shards are held as there are processors. Raises as `build_matrix` does; nothing is left at `path` then.
    """
    as_of = as_of_days(plan, as_of_dates)
    with MatrixWriter(path, plan.names) as writer:
        for part in in_turn(_freed_part, runs(plan, generation, as_of, None)):
            family_id = as_text(part.families.tolist()).take(as_arrow(part.family, pa.int64()))
            writer.add(family_id, as_dates(as_of)[part.date], [*part.values, *part.unknown])
    return writer.rows


def select(
    plan: Plan, generation: Generation, as_of: date, *, families: Sequence[str] | None = None
) -> NDArray[np.str_]:
    """Return the families in the plan's cohort on a date, sorted. Raises as `build_matrix` does."""
    chosen = [in_cohort(run) for run in runs(plan, generation, as_of_days(plan, [as_of]), families)]
    return np.concatenate([np.empty(0, np.str_), *chosen])


def matrix_of(run: ShardRun) -> Matrix:
    """Return the indicators of one shard's families, as `build_matrix` does of a generation's."""
    return _joined([_part(run)], run.plan.names, run.as_of)


def in_cohort(run: ShardRun) -> NDArray[np.str_]:
    """Return one shard's families in the cohort on the run's first date, sorted; only what that needs is worked out."""
    return run.shard.family_ids[_chosen(run)[:, 0]]


def runs(plan: Plan, generation: Generation, as_of: Days, families: Sequence[str] | None) -> Iterator[ShardRun]:
    """Yield the plan on each shard of a generation, or on one of the named families alone; nothing for no families.

    Raises DataError where a family is not in the generation.
    """
    blank: ShardRun | None = None
    for shard in _shards(generation, families):
        blank = blank or ShardRun(plan, generation.coverage, shard, as_of)
        yield blank.on(shard)


def as_of_days(plan: Plan, as_of_dates: Sequence[date]) -> Days:
    """Return the different dates in ascending order, as days. Raises TargetingError for none, DataError past terms."""
    dates = sorted(set(as_of_dates))
    if not dates:
        raise TargetingError("no as-of date was given: name at least one, such as 2026-03-30.")
    if plan.terms:
        check_terms_reach(plan.terms, dates)
    return day_numbers(dates)


def _shards(generation: Generation, families: Sequence[str] | None) -> Iterator[Shard]:
    if families is None:
        yield from generation.shards()
    if not families:
        return
    try:
        yield generation.shard_with(families)
    except KeyError as error:
        raise DataError(
            f"of the {len(set(families))} families asked for, at least one is not in this generation of the data."
        ) from error


class _Part(NamedTuple):
    """One shard's rows, sorted by (family, date), a column an indicator.

    `family` indexes the shard's `families`, `date` the as-of dates.
    """

    families: NDArray[np.str_]
    family: NDArray[np.int64]
    date: NDArray[np.int64]
    values: Sequence[NDArray[np.float64]]
    unknown: Sequence[NDArray[np.int8]]


def _freed_part(run: ShardRun) -> _Part:
    """Return one shard's rows; the facts of a kind are let go as soon as no other measure needs them."""
    told, measures = run.told, sorted(enumerate(run.plan.measures), key=lambda each: each[1].selection.kind)
    last = {selection.kind: number for number, measure in measures for selection in measure.selections}
    for number, measure in measures:
        value_of(told, number)
        for kind in {selection.kind for selection in measure.selections if last[selection.kind] == number}:
            told.forget(kind)
    return _part(run)


def value_of(run: ShardRun, measure: int) -> Values:
    """Return the values of one of the plan's measures by family and date, worked out once a run."""
    return run.once(("value", measure), lambda: run_measure(run.plan.measures[measure], run))


def values_of_all(run: ShardRun) -> list[Values]:
    """Return the values of all measures of the run's plan, by family and date."""
    return run.once("values", lambda: [value_of(run, measure) for measure in range(len(run.plan.measures))])


def values_of_indicators(run: ShardRun) -> Mapping[str, Values]:
    """Return the values of all indicators of the run's plan, by name, each by family and date."""
    return run.once("indicators", lambda: dict(_indicators(run)))


def _indicators(run: ShardRun) -> Iterator[tuple[str, Values]]:
    measures = values_of_all(run)
    for each in run.plan.indicators:
        yield each.name, run_program(each.program, measures)


def condition_of(run: ShardRun, cohort: PlannedCohort) -> Values:
    """Return the value of a cohort's condition by family and date; of the plan's measures only what it needs is run."""
    nothing = Values(np.empty(0), np.empty(0, dtype=np.int8))
    measures = [value_of(run, each) if each in cohort.measures else nothing for each in range(len(run.plan.measures))]
    return run_program(cohort.program, measures)


def _part(run: ShardRun) -> _Part:
    results, chosen = values_of_indicators(run.told).values(), _chosen(run)
    family, date = np.nonzero(chosen)
    cells = None if chosen.all() else np.flatnonzero(chosen)
    known = np.zeros(len(date), dtype=np.int8)
    return _Part(
        run.shard.family_ids,
        family,
        date,
        [_cells(result.numbers, cells, run.size) for result in results],
        [_cells(result.unknown, cells, run.size) if result.unknown.any() else known for result in results],
    )


def _cells(table: NDArray[Number], cells: NDArray[np.int64] | None, size: Size) -> NDArray[Number]:
    """Return some cells of a table by family and date, in their order; all of them for None."""
    whole = (table if table.shape == size else np.broadcast_to(table, size)).ravel()
    return whole if cells is None else whole[cells]


def _chosen(run: ShardRun) -> NDArray[np.bool_]:
    """Return who has a member and is in the cohort, by family and date."""
    present = run.count_members(Selection()) > 0
    return present if run.plan.cohort is None else present & (condition_of(run, run.plan.cohort).numbers == 1.0)


def _joined(parts: Sequence[_Part], names: tuple[str, ...], as_of: Days) -> Matrix:
    """Return the shards' rows as one matrix; shards come in the order of their families."""
    date = np.concatenate([np.empty(0, np.int64), *(part.date for part in parts)])
    order = np.argsort(date, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    values = np.empty((len(order), len(names)), order="F")
    unknown = np.empty(values.shape, dtype=np.int8, order="F")
    family_id = np.concatenate([np.empty(0, np.str_), *(part.families[part.family] for part in parts)])
    start = 0
    for part in parts:
        # Of one date the shards' rows stay together, and are copied whole.
        rows = slice(start, start + len(part.date))
        target = rows if len(as_of) == 1 else place[rows]
        for column in range(len(names)):
            values[target, column], unknown[target, column] = part.values[column], part.unknown[column]
        start += len(part.date)
    return Matrix(family_id[order], as_dates(as_of)[date[order]], names, values, unknown)
