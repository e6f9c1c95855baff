"""The rows that count on any of the as-of dates: of a selection, of all that it is narrowed from, of members."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from targeting.features.filters import Columns, selected
from targeting.features.kernel import Episodes, Kept, VisibleRows
from targeting.features.plan import EPISODE, FilterStep
from targeting.store.blocks import FactRows

Days = NDArray[np.int32]


class SelectedRows(NamedTuple):
    """The facts of a selection that count on any date, and the days of their events.

    `row` indexes the kind's rows of the shard.
    """

    facts: FactRows
    row: NDArray[np.int64]
    event: Days
    visible: VisibleRows

    @classmethod
    def of(cls, facts: FactRows, kept: Kept) -> "SelectedRows":
        """Return the rows of a kind that an operator kept."""
        return cls(facts, kept.which, kept.event, VisibleRows(*kept[2:]))

    def take(self, which: NDArray[Any]) -> "SelectedRows":
        """Return some of the rows, named by a mask or by indexes."""
        visible = VisibleRows(*(part[which] for part in self.visible))
        return SelectedRows(self.facts, self.row[which], self.event[which], visible)

    def column(self, name: str) -> NDArray[Any]:
        """Return the values of a column, in the order of the rows."""
        return self.facts.columns[name][self.row]

    def holding(self, steps: tuple[FilterStep, ...]) -> NDArray[np.bool_]:
        """Return which of the rows fulfil a filter."""
        return selected(steps, columns_of(self.facts))[self.row]


class SelectedMembers(NamedTuple):
    """The members or agency links of a selection that count on any date."""

    birth: Days
    visible: VisibleRows


def columns_of(facts: FactRows) -> Columns:
    """Return the columns that a filter may test."""
    return Columns(facts.columns, facts.vocabularies, len(facts))


def by_episode(selected: Sequence[SelectedRows], *, has_episodes: bool = True) -> tuple[VisibleRows, Episodes]:
    """Return whose the rows of some selections are, when they count, and which episode each starts or ends.

    Sorted by family, person and episode. Without episodes all of a person are of one.
    """
    visible = [np.concatenate([_NONE, *(rows.visible[part] for rows in selected)]) for part in range(4)]
    event = np.concatenate([_NONE, *(rows.event for rows in selected)])
    told = [rows.column(EPISODE) if has_episodes else np.zeros(len(rows.row), np.int32) for rows in selected]
    episode = np.concatenate([_NONE, *told])
    order = np.lexsort((episode, visible[1], visible[0]))
    return VisibleRows(*(part[order] for part in visible)), Episodes(episode[order], event[order])


_NONE = np.empty(0, dtype=np.int32)
