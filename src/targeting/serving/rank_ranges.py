"""How sure a rank is: by models as good in validation, and by what is not known of the family.

Each source is told by itself. Models rank the families within ten times the list's capacity, and as far down as the
last family listed; those below are taken to stay there, so a range near that end is told too narrow. A gap is filled
with what is known of other families considered, all indicators of one gap from one family, so that they fit together.
What nobody has recorded yet stays as it is. A gap in something that is withheld of most cannot be told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from targeting.features.matrix import NO_GAP
from targeting.serving.contents import Unknown
from targeting.serving.drawing import Draw
from targeting.serving.moved import Places
from targeting.serving.ranking import Place, rank_of_each, ranked
from targeting.serving.week import Week

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

TIMES_CAPACITY = 10
# So many other families fill a gap, spread evenly over those considered by their pseudonyms, which is at random.
DONORS = 200
FEWEST_DONORS = 20
# What is known of hardly anybody is known because it is so: abuse that assessments found, where police share nothing.
LEAST_KNOWN = 0.05
# Of the fillings, a twentieth is left out at either end: what nine in ten would give.
LEFT_OUT = 20


@dataclass(frozen=True)
class Ranges:
    """Ranks of one list's families, by other models and with gaps filled."""

    draw: Draw

    @property
    def _week(self) -> Week:
        return self.draw.week

    @cached_property
    def _pool(self) -> Rows:
        """The rows of the draw whose families are ranked by every model."""
        last = max([place.rank for place in self.draw.listed], default=0)
        order = ranked(self._margins, self._family_id)
        return order[: max(last, TIMES_CAPACITY * self.draw.kind.capacity(self.draw.panel))]

    @cached_property
    def _margins(self) -> Floats:
        return self._week.margins[self.draw.rows]

    @cached_property
    def _family_id(self) -> NDArray[np.str_]:
        return self._week.matrix.family_id[self.draw.rows]

    @cached_property
    def _by_other_models(self) -> NDArray[np.int64]:
        """The rank of each family of the pool by each other model, shape (models, families of the pool)."""
        values = np.ascontiguousarray(self._week.matrix.values[self.draw.rows[self._pool]])
        families = self._family_id[self._pool]
        found = [
            rank_of_each(ranked(each, families)) for each in self._week.made_from.bundle.margins_of_as_good(values)
        ]
        return np.array(found, dtype=np.int64).reshape(-1, len(self._pool))

    def by_models(self, place: Place) -> Places | None:
        """Return the ranks that this model and those as good give; None where there are no others."""
        if not len(self._by_other_models):
            return None
        (column,) = np.flatnonzero(self._pool == place.row)
        given = [place.rank, *self._by_other_models[:, column].tolist()]
        return Places(best=min(given), worst=max(given))

    def by_gaps(self, place: Place, gaps: Sequence[Unknown]) -> tuple[tuple[Places | None, ...], Places | None]:
        """Return the ranks that each gap by itself could give, and all of them together.

        None for a gap that cannot be told, and for all together where none can.
        """
        filled = [self._filling(gap) for gap in gaps]
        able = [each for each in filled if len(each[1])]
        alone = tuple(self._could_place(place, [each]) if len(each[1]) else None for each in filled)
        return alone, self._could_place(place, able) if able else None

    @cached_property
    def _fillings(self) -> dict[tuple[str, ...], tuple[Rows, Rows]]:
        """What fills each gap, by its indicators: many families have the same."""
        return {}

    def _filling(self, gap: Unknown) -> tuple[Rows, Rows]:
        if gap.indicators not in self._fillings:
            columns = self._columns(gap)
            self._fillings[gap.indicators] = columns, self._donors(columns)
        return self._fillings[gap.indicators]

    def _columns(self, gap: Unknown) -> Rows:
        """Return those of a gap's columns that enough families know; none where something is withheld from most.

        What nobody has recorded yet, such as a term's attendance, is no gap of this family's alone and stays as it is;
        so does what concerns nobody in the other families.
        """
        names = self._week.matrix.names
        columns = np.array([names.index(each) for each in gap.indicators], dtype=np.int64)
        codes = self._week.matrix.unknown[self.draw.rows[:, None], columns]
        known, no_gap = (np.count_nonzero(each, axis=0) for each in (codes == 0, np.isin(codes, NO_GAP)))
        able = known >= max(FEWEST_DONORS, LEAST_KNOWN * len(codes))
        is_withheld = ~able & (2 * no_gap < len(codes) - known)
        return columns[:0] if is_withheld.any() else columns[able]

    def _donors(self, columns: Rows) -> Rows:
        """Return rows of the matrix that know all of some columns; none where too few do."""
        able = self.draw.rows[~self._week.matrix.unknown[self.draw.rows[:, None], columns].any(axis=1)]
        if not len(columns) or len(able) < FEWEST_DONORS:
            return able[:0]
        return able[np.arange(DONORS) * len(able) // DONORS]

    def _could_place(self, place: Place, filled: Sequence[tuple[Rows, Rows]]) -> Places:
        values = self._week.matrix.values
        rows = np.repeat(values[[self.draw.rows[place.row]]], DONORS, axis=0)
        for columns, donors in filled:
            rows[:, columns] = values[donors[:, None], columns]
        margins = np.sort(self._week.made_from.bundle.margins(rows))
        least, most = margins[DONORS // LEFT_OUT], margins[-1 - DONORS // LEFT_OUT]
        return Places(
            best=min(place.rank, self._rank(float(most), place)), worst=max(place.rank, self._rank(float(least), place))
        )

    def _rank(self, margin: float, place: Place) -> int:
        own = self._family_id[place.row]
        ahead = (self._margins > margin) | ((self._margins == margin) & (self._family_id < own))
        ahead[place.row] = False
        return 1 + int(np.count_nonzero(ahead))
