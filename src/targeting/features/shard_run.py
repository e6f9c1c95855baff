"""A plan's selections on one shard: which rows count on which of the as-of dates, each worked out once."""

from collections import defaultdict
from collections.abc import Callable, Hashable
from functools import cached_property, reduce
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from targeting.errors import DataError
from targeting.features import kernel_exclusions, kernel_operators, ranges
from targeting.features.coverage import Codes, Flags, reasons
from targeting.features.dates import time_before
from targeting.features.filters import selected
from targeting.features.kernel import Kept, Keys, Narrowing, Size, Spells, Times, VisibleRows, room_for
from targeting.features.plan import Exclusion, Plan, PlannedSource, Selection, children_aged
from targeting.features.plan_dates import PlanDates
from targeting.features.ranges import Aged, Ranges
from targeting.features.selected_rows import SelectedMembers, SelectedRows, by_episode, columns_of
from targeting.store.blocks import MISSING_DAY, FactRows, LinkRows, MemberRows, Shard
from targeting.store.generations import SourceCoverage
from targeting.store.left_out import without_left_out

Days = NDArray[np.int32]
Counts = NDArray[np.int64]
Indexes = NDArray[np.int32]
Made = TypeVar("Made")

# The kernel takes each row for 1 where there are no amounts.
NO_AMOUNTS = np.empty(0, dtype=np.int64)
NOBODY = np.zeros((1, 1), dtype=np.bool_)
NO_FLAGS = np.empty(0, dtype=np.bool_)
NO_RANGES = Ranges(np.empty(0, np.int32), np.empty(0, np.int32))
NO_ROWS = room_for(0)
NOT_MADE = object()


class ShardRun:
    """One shard under one plan for ascending as-of dates. What several measures need is worked out once.

    `shared_on` are other dates, one for each, as of which what the sources share and may be used for is judged.
    """

    def __init__(
        self,
        plan: Plan,
        coverage: tuple[SourceCoverage, ...],
        shard: Shard,
        as_of: Days,
        *,
        shared_on: Days | None = None,
    ) -> None:
        self.plan, self.shard, self.as_of = plan, shard, as_of
        self.size = Size(len(shard.family_ids), len(as_of))
        self._dates = PlanDates(plan, coverage, as_of, as_of if shared_on is None else shared_on)
        self._made: defaultdict[str, dict[Hashable, Any]] = defaultdict(dict)

    @property
    def told(self) -> "ShardRun":
        """The run that indicators are worked out on: without the facts of people who objected; itself without any."""
        return self._without_left_out or self

    @cached_property
    def _without_left_out(self) -> "ShardRun | None":
        # Not the run itself: what refers to itself is kept, with all that it made, until the collector comes round.
        shard = without_left_out(self.shard)
        return None if shard is self.shard else self.on(shard)

    def on(self, shard: Shard) -> "ShardRun":
        """Return the same plan for the same dates on another shard; what follows from these alone is made once."""
        other = ShardRun(self.plan, self._dates.coverage.coverage, shard, self.as_of)
        other._dates = self._dates
        return other

    def rows(self, selection: Selection) -> SelectedRows:
        """Return the facts of a selection that count on any of the dates."""
        return self.once(("rows", selection), lambda: self._rows(selection), of=selection.kind)

    def count(self, selection: Selection) -> Counts:
        """Return how many facts of a selection count, by family and date; rows are made where others need them."""
        return self.once(("number", selection), lambda: self._number(selection), of=selection.kind)

    def members(self, role: Selection) -> SelectedMembers:
        """Return the members in a selection's role, with the dates on which they are."""
        return self.once(("members", role.role), lambda: self._in_role(self.shard.members, role))

    def count_members(self, role: Selection) -> Counts:
        """Return how many members are in a selection's role, by family and date."""
        return self.once(("count", role.role), lambda: self._count(self.members(role)))

    def known(self, kind: str, name: str) -> NDArray[np.bool_] | None:
        """Return which of a kind's rows have a value in a column; None where all have."""
        return self.once(("known", name), lambda: _known(self._facts(kind), name), of=kind)

    def amounts(self, kind: str, name: str) -> Counts:
        """Return a column of all of a kind's rows in millionths; 0 where the value is missing."""
        facts = self._facts(kind)
        return self.once(("amounts", name), lambda: kernel_operators.millionths(facts.columns[name]), of=kind)

    def values(self, kind: str, name: str) -> Indexes:
        """Return a column of all of a kind's rows, its different values numbered from 0."""
        return self.once(("values", name), lambda: _numbered(self._facts(kind), name), of=kind)

    def keys(self, kind: str, columns: tuple[str, ...], *, value_first: bool, backwards: bool) -> Keys:
        """Return by what a kind's facts are ordered, by the column named if any; their ids, if they matter, are not."""
        facts = self._facts(kind)
        value = self.once(("value", columns), lambda: _floats(facts, columns), of=kind)
        return Keys(facts.event, facts.knowledge, value, facts.source, NO_AMOUNTS, value_first, backwards)

    def reasons(self, selection: Selection) -> Codes:
        """Return the codes of Unknown that coverage, agreements and registers give, by family and date."""
        key = ("reasons", selection.unfiltered)
        return self.once(key, lambda: self._of_all(self._reasons(selection)), of=selection.kind)

    def _of_all(self, codes: Codes) -> Codes:
        return codes if codes.shape == self.size else np.broadcast_to(codes, self.size)

    def _reasons(self, selection: Selection) -> Codes:
        unlinked = [self._unlinked(self.plan.sources[each], selection) for each in selection.sources]
        if all(each is None for each in unlinked):
            return self._dates.coverage.codes_of(selection)
        return reasons(self._dates.coverage.of(selection), [NOBODY if each is None else each for each in unlinked])

    def could_tell(self, selection: Selection) -> Flags:
        """Return by family and date whether a source shared the kind since the window began, and was asked."""
        could = NOBODY
        for source, began, expired in self._dates.coverage.began(selection):
            not_asked = self._not_asked(source, selection)
            could = could | ((began & ~expired)[None, :] & ~(NOBODY if not_asked is None else not_asked))
        return could

    def forget(self, kind: str) -> None:
        """Forget the rows of a kind and what was worked out of them, where no measure needs them any more."""
        self._made.pop(kind, None)

    def once(self, key: Hashable, make: Callable[[], Made], *, of: str = "") -> Made:
        """Return what was made under a key in this run, making it the first time.

        What was made of the rows of a kind, and is nobody's value, is forgotten with them.
        """
        made = self._made[of]
        found = made.get(key, NOT_MADE)
        if found is NOT_MADE:
            found = made[key] = make()
        return cast(Made, found)

    def _rows(self, selection: Selection) -> SelectedRows:
        held = self._held(selection)
        if not len(held.row):
            return held
        by = self._narrowing(selection)
        if not by.narrows:
            return held
        return SelectedRows.of(held.facts, kernel_operators.narrow(held.visible, held.row, held.event, by, self.size))

    def _number(self, selection: Selection) -> Counts:
        if selection in self.plan.made:
            return self.number_of(self.rows(selection))
        held = self._held(selection)
        if not len(held.row):
            return np.zeros(self.size, dtype=np.int64)
        by = self._narrowing(selection)
        return kernel_operators.count_narrowed(held.visible, held.row, held.event, by, self.size)

    def number_of(self, rows: SelectedRows) -> Counts:
        """Return how many of some rows count, by family and date."""
        return kernel_operators.accumulate(rows.visible, rows.row, NO_AMOUNTS, self.size)

    def _narrowing(self, selection: Selection) -> Narrowing:
        by_filter, by_role, window = self._dates.narrower(selection)
        keep = self._keep(selection) if by_filter else NO_FLAGS
        first, end = self._role_ranges(selection) if by_role else NO_RANGES
        return Narrowing(keep, first, end, *window)

    def _held(self, selection: Selection) -> SelectedRows:
        """Return the rows from which a selection's are narrowed: those of a wider one, else all it may see."""
        wider = self.plan.wider[selection]
        if wider is None:
            key = ("all", selection.sources, selection.exclusions)
            return self.once(key, lambda: self._all_rows(selection), of=selection.kind)
        return self.rows(wider)

    def _all_rows(self, selection: Selection) -> SelectedRows:
        """Return the rows of a selection's kind that its sources may tell on any date and no spell drops."""
        facts = self._facts(selection.kind)
        held = SelectedRows.of(facts, self._usable(selection, facts) if len(facts) else NO_ROWS)
        return reduce(self._outside, selection.exclusions, held)

    def _usable(self, selection: Selection, facts: FactRows) -> Kept:
        table = self._dates.table
        visible = self.once("visible", lambda: ranges.visible_ranges(facts, table), of=selection.kind)
        rows = VisibleRows(facts.family, facts.person, *visible)
        until = self._dates.usable_until(selection, self.shard.sources)
        return kernel_operators.usable(rows, facts.event, facts.source, until)

    def _outside(self, held: SelectedRows, exclusion: Exclusion) -> SelectedRows:
        """Return rows without those dates on which a spell of the same person lies over a row's time."""
        starts = self.rows(exclusion.starts)
        if not len(starts.row) or not len(held.row):
            return held
        times = Times(time_before(held.event, exclusion.over, self.plan.terms), held.event)
        told = by_episode([starts], has_episodes=exclusion.has_episodes)
        ended = by_episode([self.rows(each) for each in exclusion.ends], has_episodes=exclusion.has_episodes)
        kept = kernel_exclusions.outside(held.visible, times, Spells(*told), Spells(*ended))
        return SelectedRows.of(held.facts, kept._replace(which=held.row[kept.which]))

    def _keep(self, selection: Selection) -> NDArray[np.bool_]:
        """Return which of a kind's rows a selection's filter keeps."""
        facts = self._facts(selection.kind)
        key = ("filter", selection.filter)
        return self.once(key, lambda: selected(selection.filter, columns_of(facts)), of=selection.kind)

    def _role_ranges(self, selection: Selection) -> Ranges:
        """Return on which dates the person of each held row has a selection's role."""
        wider = self.plan.wider[selection]
        key = ("role", selection.sources, selection.exclusions, wider, selection.role)
        return self.once(key, lambda: self._aged(self._held(selection), selection), of=selection.kind)

    def _aged(self, held: SelectedRows, selection: Selection) -> Ranges:
        always = Ranges(np.zeros(len(held.row), np.int32), np.full(len(held.row), self.size.dates, dtype=np.int32))
        birth = held.facts.birth[held.row]
        # Who is a child matters where a birth is not known.
        is_child = held.facts.is_child[held.row] if (birth == MISSING_DAY).any() else np.zeros(len(birth), np.int8)
        return ranges.in_role(always, Aged(birth, is_child), selection, self.as_of)

    def _facts(self, kind: str) -> FactRows:
        return self.once("facts", lambda: self._read(kind), of=kind)

    def _read(self, kind: str) -> FactRows:
        try:
            return self.shard.facts(kind, self.plan.columns[kind])
        except KeyError as error:
            raise DataError(
                f"this generation of the data holds no {kind!r} with "
                f"{', '.join(self.plan.columns[kind]) or 'its dates'}, which the plan uses: load and link again with "
                "the declarations that the plan was made from."
            ) from error

    def _unlinked(self, source: PlannedSource, selection: Selection) -> Flags | None:
        """Return where a source cannot say anything of a family: it was not asked, or its register has no child of it.

        None where it can of every family: it was asked, and its register, if any, need hold nobody whom this concerns.
        """
        not_asked, expected = self._not_asked(source, selection), expected_in_register(source, selection)
        if expected is None:
            return not_asked
        missing = self.once(("unlinked", source.name, expected), lambda: self._missing_from(source, expected))
        return missing if not_asked is None else missing | not_asked

    def _not_asked(self, source: PlannedSource, selection: Selection) -> Flags | None:
        """Return where a source was not asked about a family with somebody whom this concerns; None for nowhere.

        Of a family without a young child nobody need be asked what young children do.
        """
        families = self.once(("not asked", source.name), lambda: _not_asked(source, self.shard))
        return None if families is None else families & (self.count_members(selection.role) > 0)

    def _missing_from(self, source: PlannedSource, expected: Selection) -> Flags:
        links = self.shard.links
        known_as = self.shard.sources.index(source.name) if source.name in self.shard.sources else -1
        linked = self._count(self._in_role(links, expected, links.source == known_as))
        return (self.count_members(expected) > 0) & (linked == 0)

    def _in_role(
        self, rows: MemberRows | LinkRows, role: Selection, among: NDArray[np.bool_] | None = None
    ) -> SelectedMembers:
        held = self.once(("held", type(rows)), lambda: ranges.membership_ranges(rows, self.as_of))
        narrowed = ranges.in_role(held, Aged(rows.birth, rows.is_child), role, self.as_of)
        kept = np.flatnonzero((narrowed.first < narrowed.end) & (True if among is None else among))
        return SelectedMembers(rows.birth[kept], _visible_rows(rows, kept, narrowed.take(kept)))

    def _count(self, people: SelectedMembers) -> Counts:
        return kernel_operators.accumulate(people.visible, NO_AMOUNTS, NO_AMOUNTS, self.size)


def expected_in_register(source: PlannedSource, selection: Selection) -> Selection | None:
    """Return the children whom a selection could concern and the source's register should hold; None for nobody."""
    if source.register_months is None:
        return None
    first, below = source.register_months
    if selection.who == "children":
        first, below = max(first, selection.from_months), min(below, selection.below_months)
    return children_aged(first, below) if first < below else None


def _not_asked(source: PlannedSource, shard: Shard) -> Flags | None:
    """Return about which families a source was not asked, of shape (families, 1); None where about all it was."""
    if not shard.not_asked:
        return None
    families = [(family, source.name) in shard.not_asked for family in shard.family_ids.tolist()]
    return np.array(families)[:, None] if any(families) else None


def _visible_rows(rows: FactRows | MemberRows | LinkRows, which: NDArray[np.int64], counts: Ranges) -> VisibleRows:
    return VisibleRows(rows.family[which], rows.person[which], counts.first, counts.end)


def _known(facts: FactRows, name: str) -> NDArray[np.bool_] | None:
    values = facts.columns[name]
    # A number is missing most seldom: to ask for any is faster than to ask each.
    if values.dtype.kind == "f" and not np.isnan(np.min(values, initial=0.0)):
        return None
    known = columns_of(facts).known(name)
    return None if known.all() else known


def _numbered(facts: FactRows, name: str) -> Indexes:
    if name in facts.vocabularies:
        return np.maximum(facts.columns[name], 0)
    return np.unique(facts.columns[name], return_inverse=True)[1].astype(np.int32)


def _floats(facts: FactRows, columns: tuple[str, ...]) -> NDArray[np.float64]:
    if not columns:
        return np.empty(0)
    return np.ascontiguousarray(facts.columns[columns[0]], dtype=np.float64)
