"""What is unknown because nobody shared it, an agreement ran out, no child is in the register, or nobody asked."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from targeting.features.dates import day_number, window_bounds
from targeting.features.matrix import Unknown
from targeting.features.plan import Plan, PlannedSource, Selection
from targeting.features.windows import Window
from targeting.store.generations import SourceCoverage

Days = NDArray[np.int32]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int8]


class SourceDates(NamedTuple):
    """Of one source and selection, by as-of date: whether what it shared reaches over the window, and may be used."""

    source: PlannedSource
    covered: Flags
    expired: Flags


@dataclass(frozen=True)
class CoverageDates:
    """What the sources of a plan shared, over a set of as-of dates."""

    plan: Plan
    coverage: tuple[SourceCoverage, ...]
    as_of: Days
    found: dict[Hashable, list[SourceDates]] = field(default_factory=dict, compare=False, repr=False)
    codes: dict[Hashable, Codes] = field(default_factory=dict, compare=False, repr=False)

    def of(self, selection: Selection) -> list[SourceDates]:
        """Return each source of a selection with the dates on which its window is covered and its agreement expired."""
        key = (selection.kind, selection.sources, selection.window)
        if key not in self.found:
            self.found[key] = [self._source_dates(self.plan.sources[index], selection) for index in selection.sources]
        return self.found[key]

    def codes_of(self, selection: Selection) -> Codes:
        """Return the codes of Unknown by date, of shape (1, dates), where no source of a selection has a register."""
        key = (selection.kind, selection.sources, selection.window)
        if key not in self.codes:
            sources = self.of(selection)
            self.codes[key] = reasons(sources, [np.zeros((1, 1), dtype=np.bool_)] * len(sources))
        return self.codes[key]

    def began(self, selection: Selection) -> list[SourceDates]:
        """Return each source with the dates before whose window it shared the kind and still does, gaps left aside."""
        return [self._source_dates(self.plan.sources[index], selection, gaps=True) for index in selection.sources]

    def _source_dates(self, source: PlannedSource, selection: Selection, *, gaps: bool = False) -> SourceDates:
        entries = [entry for entry in self.coverage if (entry.source, entry.kind) == (source.name, selection.kind)]
        size = (len(entries), len(self.as_of))
        before, current = np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.bool_)
        for row, entry in enumerate(entries):
            before[row], current[row] = self._is_before(entry, selection), self._is_current(entry, source, selection)
        some = np.logical_or.reduce
        covered = some(before) & some(current) if gaps else some(before & current)
        return SourceDates(source, covered, self.as_of > day_number(source.expires_on))

    def _is_before(self, entry: SourceCoverage, selection: Selection) -> Flags:
        """Return on which dates the window begins within what was shared; without a window, some of the past was."""
        shared_from = day_number(entry.shared_from)
        if selection.window is None:
            return shared_from < self.as_of
        return self._bounds(selection.window)[0] >= shared_from

    def _is_current(self, entry: SourceCoverage, source: PlannedSource, selection: Selection) -> Flags:
        """Return on which dates what was shared reaches to the window's end, or without one to the date.

        A feed that was last delivered within the source's `current_days` is taken to reach the as-of date.
        """
        ends = self.as_of if selection.window is None else self._bounds(selection.window)[1]
        return ends - 1 <= day_number(entry.until) + source.current_days

    def _bounds(self, window: Window) -> tuple[Days, Days]:
        return window_bounds(window, self.as_of, self.plan.terms)


def reasons(sources: Iterable[SourceDates], unlinked: Iterable[Flags]) -> Codes:
    """Return the codes of Unknown by family and date: 0 where at least one source can say.

    `unlinked` says for each source, by family and date, that it cannot say anything of the family: no child whom its
    register should hold is found in it, or it was not asked of somebody whom it concerns.
    """
    known = usable = expired = np.zeros((1, 1), dtype=np.bool_)
    for dates, without in zip(sources, unlinked, strict=True):
        may_use = (dates.covered & ~dates.expired)[None, :]
        known = known | (may_use & ~without)
        usable = usable | may_use
        expired = expired | (dates.covered & dates.expired)[None, :]
    codes = np.where(expired, Unknown.EXPIRED, Unknown.NOT_SHARED)
    codes = np.where(usable, Unknown.NOT_LINKED, codes)
    return np.where(known, Unknown.KNOWN, codes).astype(np.int8)
