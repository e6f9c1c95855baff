"""Which counts an audit withholds, so that none of a few people is shown or can be worked out.

A count is small where it is of one to five people, or of one family alone. Small counts are withheld, and so are
differences: those listed at one cut and not at a narrower one. Then, as long as a reader could narrow a small count
down by adding and subtracting what is still shown, one more count is withheld: the same one of another group, and if
that does not help the next wider count. What is withheld never depends on chance, and one plan serves every output.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.fairness.inference import WIDTH, Cell, Reader

Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]
Numbers = NDArray[np.float64]

SMALL = 5
_TRIED_AT_ONCE = 6
_WANDERINGS = 12


@dataclass(frozen=True)
class People:
    """Whom each row is of, and in which family; `atom` is its place in the flattened (class, pattern, label)."""

    atom: Codes
    entity: Codes
    cluster: Codes


@dataclass(frozen=True)
class Comparison:
    """A gating comparison: the counts (node, column) that it rests on, and the nodes of all groups of its attribute."""

    counts: frozenset[tuple[int, int]]
    groups: tuple[int, ...]


@dataclass(frozen=True)
class Tables:
    """Tables that share their rows: those of one attribute, or of attributes made from one another.

    `atoms` counts rows by (class, pattern, label), `listed` says which pattern is listed at which cut, `members` which
    classes make a group (node, class), everyone last. `precious` marks the groups that comparisons rest on, and
    `precious_cuts` the cuts: they are withheld last. `comparisons` are the gating ones.
    """

    atoms: Codes
    listed: Mask
    members: Mask
    precious: Mask
    precious_cuts: Mask
    people: People
    comparisons: tuple[Comparison, ...] = ()

    @property
    def cuts(self) -> int:
        """How many cuts there are."""
        return self.listed.shape[1]

    @property
    def vectors(self) -> Mask:
        """Which of (pattern, label), flattened, each column counts: n, positives, selected by cut, tp by cut."""
        any_label, positive = np.array([True, True]), np.array([False, True])
        everyone = np.ones(len(self.listed), dtype=bool)
        by_cut = [np.kron(self.listed[:, cut], label) for label in (any_label, positive) for cut in range(self.cuts)]
        return np.array([np.kron(everyone, any_label), np.kron(everyone, positive), *by_cut])

    def rows_at(self, cut: int) -> int:
        """Return how many rows a cut lists."""
        return int(self.atoms[:, self.listed[:, cut]].sum())

    def counts(self, column: int) -> Codes:
        """Return the counts of a column by group, everyone last."""
        return np.asarray(
            self.members.astype(np.int64) @ (self.atoms.reshape(len(self.atoms), -1) @ self.vectors[column])
        )

    def size(self, node: int) -> int:
        """Return how many rows a group has."""
        return int(self.atoms[self.members[node]].sum())


@dataclass(frozen=True)
class Plan:
    """Which counts to withhold, and `least` of those that are told to within five (NaN for others), by (node, column).

    Columns are n, positives, selected at each cut, tp at each cut. Where positives are withheld so are negatives, and
    where tp is, so are fp, fn and tn.
    """

    hidden: Mask
    least: Numbers


def plan_of(tables: Tables) -> Plan:
    """Return what to withhold of tables that share their rows.

    A count that a gating comparison rests on, and that is withheld for the sake of a few others alone, is told to
    within five instead wherever that keeps every small count as unknown: a comparison of two large groups shall not be
    lost to a few people who are in neither.
    """
    hidden, small = withheld(tables)
    least = np.full(hidden.shape, np.nan)
    for comparison in tables.comparisons:
        more = least.copy()
        for node, column in _lost(comparison, hidden, small, tables):
            more[node, column] = _least(node, column, comparison, hidden, tables)
        told = np.isfinite(more)
        if (told != np.isfinite(least)).any() and _is_safe(hidden & ~told, more, small, tables):
            least = more
    return Plan(hidden & ~np.isfinite(least), least)


def _lost(comparison: Comparison, hidden: Mask, small: Sequence[Cell], tables: Tables) -> tuple[tuple[int, int], ...]:
    """Return the counts for want of which a comparison is lost; none where one cannot be told to within five.

    With a count come the wider ones that are withheld too, which would follow from it and what is left of them.
    """
    own = _closed(_of_few(small, hidden.shape), tables.cuts)
    wanted = {(node, wider) for node, column in comparison.counts for wider in _wider(column, tables.cuts)}
    lost = tuple(sorted(at for at in wanted if hidden[at]))
    told = [not own[at] and np.isfinite(_least(*at, comparison, hidden, tables)) for at in lost]
    return lost if all(told) else ()


def _least(node: int, column: int, comparison: Comparison, hidden: Mask, tables: Tables) -> float:
    """Return the least that a count could be, were those of its attribute who are withheld beside it fewer than ten.

    It follows from what is shown: everyone less the groups that are. NaN where they are ten or more, and so nothing in
    it depends on how many of the fewer than ten they are.
    """
    counts = tables.counts(column)
    others = [each for each in comparison.groups if each != node]
    few = sum(counts[each] for each in others if hidden[each, column])
    shown = sum(counts[each] for each in others if not hidden[each, column])
    return float(counts[-1] - shown - WIDTH + 1) if few < WIDTH else float("nan")


def _wider(column: int, cuts: int) -> tuple[int, ...]:
    """Return a column with those of the counts that hold what it counts."""
    if column < 2 + cuts:
        return (0,) if column == 0 else (0, column)
    return 0, 1, column - cuts, column


def _is_safe(hidden: Mask, least: Numbers, small: Sequence[Cell], tables: Tables) -> bool:
    """Return whether every small count stays unknown to one who knows some counts to within five."""
    reader = Reader(tables.atoms, tables.members, tables.vectors, small, least)
    reader.wander(hidden, least_width=SMALL - 1, times=_WANDERINGS)
    for index in range(len(small)):
        if reader.is_known_too_well(index, least_width=SMALL - 1):
            reader.learn(reader.reach(index, hidden).tables)
        if reader.is_known_too_well(index, least_width=SMALL - 1):
            return False
    return True


def _of_few(small: Sequence[Cell], shape: tuple[int, ...]) -> Mask:
    hidden = np.zeros(shape, dtype=bool)
    for cell in small:
        if len(cell.columns) == 1:
            hidden[cell.node, cell.columns[0]] = True
    return hidden


def withheld(tables: Tables) -> tuple[Mask, tuple[Cell, ...]]:
    """Return which counts to withhold, by (node, column), and the small counts for whose sake."""
    small = tuple(_small_cells(tables))
    hidden = _closed(_of_few(small, (len(tables.members), 2 + 2 * tables.cuts)), tables.cuts)
    reader = Reader(tables.atoms, tables.members, tables.vectors, small)
    if small:
        reader.wander(hidden, least_width=SMALL - 1, times=_WANDERINGS)
    for index in sorted(range(len(small)), key=lambda at: (small[at].columns, small[at].node)):
        hidden = _keep_unknown(index, small[index], hidden, tables, reader)
    return hidden, small


def _closed(hidden: Mask, cuts: int) -> Mask:
    """Return what is withheld with all that would give it away, or is given away with it."""
    hidden = hidden | hidden[-1]
    hidden = hidden | hidden[:, :1]
    within = hidden[:, 1:2] | hidden[:, 2 : 2 + cuts]
    return np.concatenate([hidden[:, : 2 + cuts], hidden[:, 2 + cuts :] | within], axis=1)


def _keep_unknown(index: int, cell: Cell, hidden: Mask, tables: Tables, reader: Reader) -> Mask:
    """Return what is withheld with as much more as keeps one small count unknown."""
    while reader.is_known_too_well(index, least_width=SMALL - 1):
        reach = reader.reach(index, hidden)
        reader.learn(reach.tables)
        if not reader.is_known_too_well(index, least_width=SMALL - 1):
            break
        choices = _choices(cell, hidden, reach.bound_by, tables)
        if not choices:
            break
        hidden = _first_that_suffices(index, hidden, choices, tables, reader)
    return hidden


def _first_that_suffices(
    index: int, hidden: Mask, choices: Sequence[tuple[int, int]], tables: Tables, reader: Reader
) -> Mask:
    """Return what is withheld with one choice more: the first by which the count is unknown, or the first of all."""
    for choice in choices[:_TRIED_AT_ONCE]:
        more, seen = _with(hidden, choice, tables.cuts), reader.seen
        reader.learn(reader.reach(index, more).tables)
        if not reader.is_known_too_well(index, least_width=SMALL - 1):
            return more
        reader.seen = seen
    return _with(hidden, choices[0], tables.cuts)


def _with(hidden: Mask, choice: tuple[int, int], cuts: int) -> Mask:
    more = hidden.copy()
    more[choice] = True
    return _closed(more, cuts)


def _choices(cell: Cell, hidden: Mask, bound_by: Mask, tables: Tables) -> list[tuple[int, int]]:
    """Return the shown counts by which a small count is known, the least loss first.

    Everyone's are left: they tell least of a group, and every other table would have to follow.
    """
    own = [(cell.node, column) for column in cell.columns if not hidden[cell.node, column]]
    if len(own) == len(cell.columns):
        return sorted(own, key=lambda choice: _loss(choice, tables))
    bound = [(int(node), int(column)) for node, column in np.argwhere(bound_by & ~hidden) if node < len(hidden) - 1]
    return sorted(bound, key=lambda choice: _loss(choice, tables))


def _loss(choice: tuple[int, int], tables: Tables) -> tuple[bool, int, bool, int, tuple[int, int]]:
    """Return what it costs to withhold a count: of a group or at a cut that gates; a wider count; a larger group."""
    node, column = choice
    cut = (column - 2) % tables.cuts
    width = 0 if column >= 2 + tables.cuts else 1 if column >= 2 else 3 - column
    gates = column >= 2 and bool(tables.precious_cuts[cut])
    size = tables.size(node) if column < 2 else tables.rows_at(cut) + tables.size(node)
    return bool(tables.precious[node]), width, gates, size, choice


def _small_cells(tables: Tables) -> Iterator[Cell]:
    rows_of = _RowsOf(tables.people, tables.atoms.size)
    for node, members in enumerate(tables.members):
        for columns, counted in _counts(tables):
            atoms = np.flatnonzero(np.kron(members, counted))
            if rows_of.are_of_few(atoms, int(tables.atoms.ravel()[atoms].sum())):
                yield Cell(node, columns, counted)


def _counts(tables: Tables) -> Iterator[tuple[tuple[int, ...], Mask]]:
    """Return every count of a group with the columns that show it, differences between nested cuts included."""
    vectors, cuts = tables.vectors, tables.cuts
    everyone, positive = vectors[0], vectors[1]
    yield (0,), everyone
    yield (1,), positive
    yield (1,), everyone & ~positive
    for cut in range(cuts):
        listed = vectors[2 + cut]
        yield (2 + cut,), listed
        yield (2 + cut,), everyone & ~listed
        for side in (listed, everyone & ~listed):
            yield (2 + cuts + cut,), side & positive
            yield (2 + cuts + cut,), side & ~positive
    for narrow, wide in _nested(tables.listed):
        between = vectors[2 + wide] & ~vectors[2 + narrow]
        yield (2 + narrow, 2 + wide), between
        for label in (positive, ~positive):
            yield (2 + cuts + narrow, 2 + cuts + wide), between & label


def _nested(listed: Mask) -> Iterator[tuple[int, int]]:
    for narrow in range(listed.shape[1]):
        for wide in range(listed.shape[1]):
            inside, beyond = listed[:, narrow] <= listed[:, wide], listed[:, wide] & ~listed[:, narrow]
            if inside.all() and beyond.any():
                yield narrow, wide


class _RowsOf:
    """The rows in each atom, to count people and families where there are few rows."""

    def __init__(self, people: People, atoms: int) -> None:
        self._people = people
        self._order = np.argsort(people.atom, kind="stable")
        self._start = np.searchsorted(people.atom[self._order], np.arange(atoms + 1))
        most_of_one = np.bincount(people.entity).max(initial=0)
        self._could_be_few = max(SMALL * int(most_of_one), int(np.bincount(people.cluster).max(initial=0)))

    def are_of_few(self, atoms: Codes, count: int) -> bool:
        """Return whether atoms that together have `count` rows hold one to five people, or one family alone."""
        if count == 0 or count > self._could_be_few:
            return False
        if count <= SMALL:
            return True
        rows = np.concatenate([self._order[self._start[atom] : self._start[atom + 1]] for atom in atoms])
        few = len(np.unique(self._people.entity[rows])) <= SMALL
        return few or len(np.unique(self._people.cluster[rows])) == 1
