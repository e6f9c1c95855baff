"""Tables of counts that share their rows, and which of their counts are of few.

A count is small where it is of one to five people, or of one family alone. So are differences: those listed at one cut
and not at a narrower one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.fairness.inference import Cell

Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]

SMALL = 5


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


def small_cells(tables: Tables) -> Iterator[Cell]:
    """Return every count of few, differences between nested cuts among them."""
    rows_of, counts = _RowsOf(tables.people, tables.atoms.size), tuple(_counts(tables))
    counted = np.array([each for _, each in counts]).astype(np.int64)
    found = tables.members.astype(np.int64) @ tables.atoms.reshape(len(tables.atoms), counted.shape[1]) @ counted.T
    for node, which in np.argwhere((found > 0) & (found <= rows_of.most_of_few)).tolist():
        columns, vector = counts[which]
        if found[node, which] <= SMALL or rows_of.are_of_few(np.flatnonzero(np.kron(tables.members[node], vector))):
            yield Cell(node, columns, vector)


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
    """The rows in each atom, to count people and families where there are few rows: `most_of_few` at most."""

    def __init__(self, people: People, atoms: int) -> None:
        self._people = people
        self._order = np.argsort(people.atom, kind="stable")
        self._start = np.searchsorted(people.atom[self._order], np.arange(atoms + 1))
        most_of_one = np.bincount(people.entity).max(initial=0)
        self.most_of_few = max(SMALL * int(most_of_one), int(np.bincount(people.cluster).max(initial=0)))

    def are_of_few(self, atoms: Codes) -> bool:
        """Return whether the rows of atoms, of which there are some, are of one to five people, or of one family."""
        rows = np.concatenate([self._order[self._start[atom] : self._start[atom + 1]] for atom in atoms])
        few = len(np.unique(self._people.entity[rows])) <= SMALL
        return few or len(np.unique(self._people.cluster[rows])) == 1
