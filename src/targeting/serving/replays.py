"""A family's values replayed a cause at a time, from the list before to the present, by the one kernel.

- `model`: the model of now, on the records and the date of the list before.
- `linkage`: the members and agency links of now, with the facts known as of then, on the date of then.
- `feed_outage`: what agencies share as of now, in place of what they shared then.
- `ageing_out`: windows and ages as of now, over the facts known as of then.
- `new_evidence`: the present; what was recorded, corrected or closed since.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from targeting.features.dates import day_numbers
from targeting.features.engine import matrix_of
from targeting.features.plan import Plan
from targeting.features.shard_run import Days, ShardRun
from targeting.serving.moved import Cause
from targeting.serving.past import Before
from targeting.serving.week import Week
from targeting.store.blocks import Shard
from targeting.store.known_then import as_known_then, kept_in_memory
from targeting.store.manifest import SourceCoverage

Floats = NDArray[np.float64]

# A margin counts in whole multiples of this, some 1e-12: differences of such numbers below 2^12 are exact.
STEP = 2.0**-40
CAUSES: tuple[Cause, ...] = ("model", "linkage", "feed_outage", "ageing_out", "new_evidence")


def in_steps(margin: float) -> float:
    """Return a margin rounded to a whole multiple of `STEP`, so that sums and differences of such are exact."""
    return round(margin / STEP) * STEP


@dataclass(frozen=True)
class Replays:
    """Families of a week replayed from the list before. `shard` holds the families as they are now."""

    week: Week
    before: Before
    shard: Shard

    @cached_property
    def _plan(self) -> Plan:
        # Whether a family would have been in the cohort then is no question of its values.
        return replace(self.week.plan, cohort=None)

    @cached_property
    def _then(self) -> Days:
        return day_numbers([self.before.head.as_of_date])

    @cached_property
    def _now(self) -> Days:
        return day_numbers([self.week.as_of_date])

    def values(self, was: Sequence[str]) -> Mapping[Cause, Floats]:
        """Return the values of the shard's families after each cause but the last, a row a family.

        `was` names which family of the list before each of them was.
        """
        then, now = self.before.generation.coverage, self.week.made_from.generation.coverage
        known = kept_in_memory(
            as_known_then(self.shard, self.before.then(self.week.as_of_date), members_on=self._now[0])
        )
        return {
            "model": self._as_of_then(was),
            "linkage": self._run(known, then, self._then),
            "feed_outage": self._run(known, now, self._then, shared_on=self._now),
            "ageing_out": self._run(known, now, self._now),
        }

    def _as_of_then(self, was: Sequence[str]) -> Floats:
        generation = self.before.generation
        held = self.before.shard(generation.shard_with(was))
        values = self._run(held, generation.coverage, self._then)
        return values[np.searchsorted(held.family_ids, np.asarray(was, dtype=np.str_))]

    def _run(
        self, shard: Shard, coverage: tuple[SourceCoverage, ...], as_of: Days, *, shared_on: Days | None = None
    ) -> Floats:
        return matrix_of(ShardRun(self._plan, coverage, shard, as_of, shared_on=shared_on)).values

    def margins_of_all_then(self) -> Floats:
        """Return the margins that the model of now gives to all whom the list before was drawn from, in their order."""
        if self.before.head.provenance.bundle_digest == self.week.made_from.bundle.digest:
            return self.before.margin
        found = [self._margins_then(shard) for shard in self.before.generation.shards()]
        family_id = np.concatenate([families for families, _ in found])
        margins = np.concatenate([margins for _, margins in found])
        return margins[np.searchsorted(family_id, self.before.family_id)]

    def _margins_then(self, shard: Shard) -> tuple[NDArray[np.str_], Floats]:
        coverage = self.before.generation.coverage
        matrix = matrix_of(ShardRun(self._plan, coverage, self.before.shard(shard), self._then))
        return matrix.family_id, self.week.made_from.bundle.margins(matrix.values)
