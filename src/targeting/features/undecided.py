"""Families of whom it is not known whether they are in a cohort, because agencies that could tell were not asked."""

from collections.abc import Mapping

import numpy as np

from targeting.features.engine import condition_of, value_of
from targeting.features.matrix import Unknown
from targeting.features.plan import PlannedCohort, PlannedSource
from targeting.features.shard_run import ShardRun


def sources_to_ask(run: ShardRun) -> Mapping[str, tuple[PlannedSource, ...]]:
    """Return which sources were not asked about a family whose cohort on the run's first date turns on them, by family.

    A family that is known to be in the cohort, or not to be, has no entry, whoever was not asked; nor has one whose
    condition stays unknown whoever is asked, as where nobody shares a kind of fact.
    """
    cohort, shard = run.plan.cohort, run.shard
    if cohort is None or not shard.not_asked:
        return {}
    in_doubt = np.flatnonzero(np.broadcast_to(condition_of(run, cohort).unknown, run.size)[:, 0])
    wanted = {str(shard.family_ids[place]): _wanted(run, cohort, int(place)) for place in in_doubt}
    return {family: sources for family, sources in wanted.items() if sources}


def _wanted(run: ShardRun, cohort: PlannedCohort, place: int) -> tuple[PlannedSource, ...]:
    """Return the sources not asked about one family that measures which no asked source knows are drawn from."""
    silent = [each for each in cohort.measures if value_of(run, each).unknown[place, 0] == Unknown.NOT_LINKED]
    behind = {source for each in silent for drawn in run.plan.measures[each].valued for source in drawn.sources}
    family = str(run.shard.family_ids[place])
    return tuple(
        source
        for index, source in enumerate(run.plan.sources)
        if index in behind and (family, source.name) in run.shard.not_asked
    )
