"""A plan's selections on one shard: which rows count on which of the as-of dates, each worked out once."""

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from targeting.errors import DataError
from targeting.features import kernel, ranges
from targeting.features.coverage import Codes, CoverageDates, Flags, reasons
from targeting.features.dates import day_number, window_bounds
from targeting.features.filters import EPISODE, Columns, selected
from targeting.features.kernel import Size, VisibleRows
from targeting.features.plan import Plan, PlannedSource, Selection
from targeting.features.ranges import Aged, Ranges
from targeting.store.blocks import FactRows, LinkRows, MemberRows, Shard
from targeting.store.generations import SourceCoverage

Days = NDArray[np.int32]
Counts = NDArray[np.int64]
Made = TypeVar("Made")


class SelectedRows(NamedTuple):
    """The facts of a selection that count on any date; `row` indexes the kind's rows of the shard."""

    facts: FactRows
    row: NDArray[np.int64]
    visible: VisibleRows

    def take(self, which: NDArray[Any]) -> "SelectedRows":
        """Return some of the rows, named by a mask or by indexes."""
        return SelectedRows(self.facts, self.row[which], VisibleRows(*(part[which] for part in self.visible)))

    def column(self, name: str) -> NDArray[Any]:
        """Return the values of a column, in the order of the rows."""
        return self.facts.columns[name][self.row]

    def with_value(self, name: str) -> "SelectedRows":
        """Return the rows that have a value in a column."""
        return self.take(_columns(self.facts).known(name)[self.row])


class SelectedMembers(NamedTuple):
    """The members or agency links of a selection that count on any date."""

    birth: Days
    visible: VisibleRows


class ShardRun:
    """One shard under one plan for ascending as-of dates. What several measures need is worked out once."""

    def __init__(self, plan: Plan, coverage: tuple[SourceCoverage, ...], shard: Shard, as_of: Days) -> None:
        self.plan, self.shard, self.as_of = plan, shard, as_of
        self.size = Size(len(shard.family_ids), len(as_of))
        self._coverage = CoverageDates(plan, coverage, as_of)
        self._columns = columns_of(plan)
        self._made: dict[Hashable, Any] = {}

    def rows(self, selection: Selection) -> SelectedRows:
        """Return the facts of a selection that count on any of the dates."""
        return self.once(("rows", selection), lambda: self._rows(selection))

    def members(self, role: Selection) -> SelectedMembers:
        """Return the members in a selection's role, with the dates on which they are."""
        return self.once(("members", role_of(role)), lambda: self._in_role(self.shard.members, role))

    def count_members(self, role: Selection) -> Counts:
        """Return how many members are in a selection's role, by family and date."""
        return self.once(("count", role_of(role)), lambda: self._count(self.members(role)))

    def reasons(self, selection: Selection) -> Codes:
        """Return the codes of Unknown that coverage, agreements and registers give, by family and date."""
        sources = self._coverage.of(selection)
        codes = reasons(sources, [self._unlinked(dates.source, selection) for dates in sources])
        return np.broadcast_to(codes, self.size)

    def once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return what was made under a key in this run, making it the first time."""
        if key not in self._made:
            self._made[key] = make()
        return cast(Made, self._made[key])

    def _rows(self, selection: Selection) -> SelectedRows:
        facts = self._facts(selection.kind)
        wanted = np.flatnonzero(selected(selection.filter, _columns(facts)))
        narrowed = self._visible(selection.kind).take(wanted)
        narrowed = narrowed.narrowed(end=self._usable_until(selection)[facts.source[wanted]])
        if selection.window is not None:
            bounds = window_bounds(selection.window, self.as_of, self.plan.terms)
            narrowed = ranges.in_window(narrowed, facts.event[wanted], *bounds)
        people = Aged(facts.birth[wanted], facts.is_child[wanted])
        narrowed = ranges.in_role(narrowed, people, selection, self.as_of)
        kept = np.flatnonzero(narrowed.first < narrowed.end)
        return SelectedRows(facts, wanted[kept], _visible_rows(facts, wanted[kept], narrowed.take(kept)))

    def _visible(self, kind: str) -> Ranges:
        facts = self._facts(kind)
        return self.once(("visible", kind), lambda: ranges.visible_ranges(facts, self.as_of))

    def _facts(self, kind: str) -> FactRows:
        return self.once(("facts", kind), lambda: self._read(kind))

    def _read(self, kind: str) -> FactRows:
        try:
            return self.shard.facts(kind, self._columns[kind])
        except KeyError as error:
            raise DataError(
                f"this generation of the data holds no {kind!r} with {', '.join(self._columns[kind]) or 'its dates'}, "
                "which the plan uses: load and link again with the declarations that the plan was made from."
            ) from error

    def _usable_until(self, selection: Selection) -> NDArray[np.int32]:
        """Return for each source of the shard the first date on which its facts may not be used, as an index."""
        until = np.zeros(len(self.shard.sources), dtype=np.int32)
        for source in (self.plan.sources[index] for index in selection.sources):
            if source.name in self.shard.sources:
                last = np.searchsorted(self.as_of, day_number(source.expires_on), side="right")
                until[self.shard.sources.index(source.name)] = last
        return until

    def _unlinked(self, source: PlannedSource, selection: Selection) -> Flags:
        """Return where children are of an age for the source's register and none of them is found in it."""
        expected = _expected(source, selection)
        if expected is None:
            return np.zeros((1, 1), dtype=np.bool_)
        return self.once(("unlinked", source.name, expected), lambda: self._missing_from(source, expected))

    def _missing_from(self, source: PlannedSource, expected: Selection) -> Flags:
        links = self.shard.links
        known_as = self.shard.sources.index(source.name) if source.name in self.shard.sources else -1
        linked = self._count(self._in_role(links, expected, links.source == known_as))
        return (self.count_members(expected) > 0) & (linked == 0)

    def _in_role(
        self, rows: MemberRows | LinkRows, role: Selection, among: NDArray[np.bool_] | None = None
    ) -> SelectedMembers:
        held = ranges.membership_ranges(rows, self.as_of)
        narrowed = ranges.in_role(held, Aged(rows.birth, rows.is_child), role, self.as_of)
        kept = np.flatnonzero((narrowed.first < narrowed.end) & (True if among is None else among))
        return SelectedMembers(rows.birth[kept], _visible_rows(rows, kept, narrowed.take(kept)))

    def _count(self, people: SelectedMembers) -> Counts:
        return kernel.accumulate(people.visible, np.ones(len(people.birth), dtype=np.int64), self.size)


def columns_of(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Return the columns that a plan reads of each kind that it reads."""
    needed: dict[str, set[str]] = {}
    for measure in plan.measures:
        own = {EPISODE} if measure.operation == "open" else set(measure.columns)
        for selection in (measure.selection, *measure.ended_by):
            if selection.kind:
                tested = {step.column for step in selection.filter if step.column}
                needed.setdefault(selection.kind, set()).update(own | tested)
    return {kind: tuple(sorted(columns)) for kind, columns in needed.items()}


def role_of(selection: Selection) -> Selection:
    """Return the role of a selection alone."""
    return Selection(who=selection.who, from_months=selection.from_months, below_months=selection.below_months)


def _expected(source: PlannedSource, selection: Selection) -> Selection | None:
    """Return the children whom a selection could concern and the source's register should hold; None for nobody."""
    if source.register_months is None:
        return None
    first, below = source.register_months
    if selection.who == "children":
        first, below = max(first, selection.from_months), min(below, selection.below_months)
    return Selection(who="children", from_months=first, below_months=below) if first < below else None


def _columns(facts: FactRows) -> Columns:
    return Columns(facts.columns, facts.vocabularies, len(facts))


def _visible_rows(rows: FactRows | MemberRows | LinkRows, which: NDArray[np.int64], counts: Ranges) -> VisibleRows:
    return VisibleRows(rows.family[which], rows.person[which], counts.first, counts.end)
