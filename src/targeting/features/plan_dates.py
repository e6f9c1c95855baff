"""A plan on its as-of dates: what follows from these alone, worked out once for all shards."""

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from targeting.features import ranges
from targeting.features.coverage import CoverageDates
from targeting.features.dates import day_number, window_bounds
from targeting.features.kernel import EVERY_DAY, WindowDays
from targeting.features.plan import Plan, Selection
from targeting.features.windows import Window
from targeting.store.generations import SourceCoverage

Days = NDArray[np.int32]
Indexes = NDArray[np.int32]

EVERYTHING = Selection()


class Narrower(NamedTuple):
    """In what a selection is narrower than the rows that its own are taken from."""

    by_filter: bool
    by_role: bool
    window: WindowDays


class PlanDates:
    """What a plan asks of ascending as-of dates, whatever the shard.

    `shared_on` are other dates, one for each, as of which what the sources share and may be used for is judged.
    """

    def __init__(self, plan: Plan, coverage: tuple[SourceCoverage, ...], as_of: Days, shared_on: Days) -> None:
        self.plan, self.as_of = plan, as_of
        self.coverage = CoverageDates(plan, coverage, shared_on)
        self._shared_on = shared_on
        self._narrower: dict[Selection, Narrower] = {}
        self._windows: dict[Window, WindowDays] = {}

    @cached_property
    def table(self) -> ranges.Table:
        """How many dates are no later than each day, as `ranges.table_of` tells it."""
        return ranges.table_of(self.as_of)

    def usable_until(self, selection: Selection, sources: Sequence[str]) -> Indexes:
        """Return for each source of a shard the first date on which a selection may not use its facts, as an index."""
        until = np.zeros(len(sources), dtype=np.int32)
        for index in selection.sources:
            name = self.plan.sources[index].name
            if name in sources:
                until[sources.index(name)] = self._expired_from[index]
        return until

    @cached_property
    def _expired_from(self) -> Indexes:
        """The first date on which an agreement has ended, of each of the plan's sources."""
        last_days = np.array([day_number(each.expires_on) for each in self.plan.sources], dtype=np.int32)
        return np.searchsorted(self._shared_on, last_days, side="right").astype(np.int32)

    def narrower(self, selection: Selection) -> Narrower:
        """Return in what a selection is narrower than the wider one whose rows it is taken from, or than all rows."""
        if selection not in self._narrower:
            self._narrower[selection] = self._than(self.plan.wider[selection] or EVERYTHING, selection)
        return self._narrower[selection]

    def _than(self, wider: Selection, selection: Selection) -> Narrower:
        window = None if selection.window == wider.window else selection.window
        return Narrower(selection.filter != wider.filter, selection.role != wider.role, self._days_of(window))

    def _days_of(self, window: Window | None) -> WindowDays:
        if window is None:
            return EVERY_DAY
        if window not in self._windows:
            starts, ends = window_bounds(window, self.as_of, self.plan.terms)
            tables = (*ranges.table_of(ends), *ranges.table_of(starts))
            self._windows[window] = WindowDays(*tables, int(starts[0]), int(ends[0]))
        return self._windows[window]
