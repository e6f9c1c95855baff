"""Rows that hang together (the children of one family), reduced to the few kinds of cluster that there are.

Clusters with the same rows in the same groups, on the same side of every cut, with the same labels, are alike. So
clusters are resampled by drawing how many of each kind there are, which is the same as drawing them one by one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from targeting.fairness.counts import Counts, Patterns, counts_from, divide, quantities, with_everyone
from targeting.fairness.metrics import RATES, Count, Rate

Numbers = NDArray[np.float64]
Codes = NDArray[np.int64]

_DRAWN_AT_ONCE = 4_000_000
# So many numbers of clusters, and no more, lie in a processor's cache while they are counted.
_COUNTED_AT_ONCE = 400_000
_RARE = 16
_GREATEST = 2**62


@dataclass(frozen=True)
class Clusters:
    """Kinds of cluster: how many there are of each, and what each holds of each group.

    A part is what one kind holds of one group: `kind`, `group` and `values` (the quantities of `counts`) of a part.
    """

    how_many: Codes
    kind: Codes
    group: Codes
    values: Numbers
    groups: int

    @property
    def number(self) -> int:
        """How many clusters there are."""
        return int(self.how_many.sum())

    def counts(self) -> Counts:
        """Return the counts of all clusters, everyone last."""
        totals = np.zeros((self.groups, self.values.shape[1]))
        np.add.at(totals, self.group, self.values * self.how_many[self.kind, None])
        return counts_from(with_everyone(totals))

    def resampled(self, replicates: int, seed: Sequence[int]) -> Counts:
        """Return counts of clusters drawn with replacement, as many as there are; replicates in the first axis."""
        by_kind = self._by_kind()
        drawn = np.concatenate([(by_kind @ number).T for number in self._draws(replicates, seed)])
        return counts_from(with_everyone(drawn.reshape(replicates, self.groups, -1)))

    def _draws(self, replicates: int, seed: Sequence[int]) -> Iterator[Numbers]:
        random = np.random.default_rng(seed)
        at_once = max(1, _DRAWN_AT_ONCE // len(self.how_many))
        rare = np.flatnonzero(self.how_many <= _RARE)
        for start in range(0, replicates, at_once):
            yield self._drawn(min(at_once, replicates - start), rare, random)

    def _drawn(self, replicates: int, rare: Codes, random: np.random.Generator) -> Numbers:
        """Return how many clusters of each kind are drawn, by (kind, replicate).

        Clusters of rare kinds are drawn together first, and then one by one: the same as drawing each kind's number,
        at less cost where most kinds are rare.
        """
        common = np.flatnonzero(self.how_many > _RARE)
        share = np.append(self.how_many[common], self.how_many[rare].sum()) / self.number
        number = random.multinomial(self.number, share, size=replicates)
        found = np.empty((len(self.how_many), replicates))
        found[common] = number[:, :-1].T
        if len(rare):
            found[rare] = _one_by_one(self.how_many[rare], number[:, -1], random)
        return found

    def _by_kind(self) -> csr_array:
        """Return what each kind holds, by (group and quantity, kind): most kinds are of one group."""
        width = self.values.shape[1]
        rows = (self.group[:, None] * width + np.arange(width)).ravel()
        columns = np.repeat(self.kind, width)
        return csr_array((self.values.ravel(), (rows, columns)), shape=(self.groups * width, len(self.how_many)))

    def effective_n(self, name: str) -> Numbers:
        """Return how many independent rows a rate is out of, by (group, cut), everyone last.

        The rate's denominator over its design effect: the variance of the ratio over clusters against that of rows
        drawn one by one. Never above the denominator, nor below what it would be with all rows of a cluster alike;
        the latter is taken where all or none count, since then the data say nothing of it.
        """
        rate, everyone = RATES[name], self.counts()
        share, out_of = everyone.rate(name), everyone.of(rate.denominator)
        squared, crossed, spread = self._second_moments(rate)
        worst = divide(spread, out_of)
        effect = divide(squared - 2 * share * crossed + share**2 * spread, out_of * share * (1 - share))
        effect = np.where(effect > 0, np.clip(effect, 1.0, worst), worst)
        return divide(out_of, effect)

    def number_with(self, count: Count) -> Numbers:
        """Return how many clusters have any of a count, by (group, cut), everyone last."""
        kind, group, values = self._with_everyone()
        group_of = len(values) - len(self.how_many)
        if count in ("all_n", "all_selected"):
            whole = counts_from(values[group_of:]).of("n" if count == "all_n" else "selected")
            return np.broadcast_to(
                ((whole > 0) * self.how_many[:, None]).sum(axis=0), (self.groups + 1, whole.shape[1])
            )
        return self._sum(kind, group, (counts_from(values).of(count) > 0).astype(np.float64))

    def _second_moments(self, rate: Rate) -> tuple[Numbers, Numbers, Numbers]:
        """Return the sums over clusters of numerator squared, numerator times denominator, denominator squared."""
        kind, group, values = self._with_everyone()
        counted = counts_from(values).of(rate.numerator)
        if not rate.is_share_of_all:
            out_of = counts_from(values).of(rate.denominator)
            products = (counted**2, counted * out_of, out_of**2)
            squared, crossed, spread = (self._sum(kind, group, product) for product in products)
            return squared, crossed, spread
        whole = counts_from(values[-len(self.how_many) :]).of("n" if rate.denominator == "all_n" else "selected")
        squared, crossed = (self._sum(kind, group, product) for product in (counted**2, counted * whole[kind]))
        return squared, crossed, np.broadcast_to((whole**2 * self.how_many[:, None]).sum(axis=0), squared.shape)

    def _with_everyone(self) -> tuple[Codes, Codes, Numbers]:
        """Return the parts with, after them, every kind as a whole, under a group of its own."""
        whole = np.zeros((len(self.how_many), self.values.shape[1]))
        np.add.at(whole, self.kind, self.values)
        return (
            np.concatenate([self.kind, np.arange(len(whole))]),
            np.concatenate([self.group, np.full(len(whole), self.groups)]),
            np.concatenate([self.values, whole]),
        )

    def _sum(self, kind: Codes, group: Codes, values: Numbers) -> Numbers:
        sums = np.zeros((self.groups + 1, values.shape[1]))
        np.add.at(sums, group, values * self.how_many[kind, None])
        return sums


def _one_by_one(how_many: Codes, number: Codes, random: np.random.Generator) -> Numbers:
    """Return how many of each kind are met, by (kind, replicate), in drawing so many clusters for each replicate."""
    each = np.repeat(np.arange(len(how_many)), how_many)
    at_once = max(1, _COUNTED_AT_ONCE // max(int(number.max(initial=0)), 1))
    found = np.empty((len(how_many), len(number)))
    for start in range(0, len(number), at_once):
        wanted = number[start : start + at_once]
        drawn = each[random.integers(0, len(each), int(wanted.sum()), dtype=np.int32)]
        drawn += np.repeat(np.arange(len(wanted)) * len(how_many), wanted)
        counted = np.bincount(drawn, minlength=len(wanted) * len(how_many))
        found[:, start : start + at_once] = counted.reshape(len(wanted), -1).T
    return found


def clusters(cluster: Codes, group: Codes, label: Codes, rows: Patterns, groups: int) -> Clusters:
    """Return the kinds of cluster of rows, each with its group, its label (0 or 1) and its pattern over the cuts."""
    number = len(rows.listed)
    cells = groups * number * 2
    ordered = np.sort(cluster * cells + (group * number + rows.of_row) * 2 + label)
    cell = ordered % cells
    first = np.flatnonzero(np.diff(ordered // cells, prepend=-1))
    size = np.diff(first, append=len(cell))
    example, how_many = _kinds(cell, first, size, cells)
    kind = np.repeat(np.arange(len(example)), size[example])
    held = cell[np.concatenate([np.arange(first[e], first[e] + size[e]) for e in example])]
    part, of_cell = np.unique(kind * groups + held // (2 * number), return_inverse=True)
    atoms = np.zeros((len(part), number * 2))
    np.add.at(atoms, (of_cell, held % (2 * number)), 1)
    values = quantities(atoms.reshape(len(part), number, 2), rows.listed)
    return Clusters(how_many.astype(np.int64), part // groups, part % groups, values, groups)


def _kinds(cell: Codes, first: Codes, size: Codes, cells: int) -> tuple[Codes, Codes]:
    """Return one cluster of each kind, and how many there are: clusters of the same cells in the same numbers.

    A cluster's cells are the digits of a number, as long as such numbers fit; longer ones are numbered anew from the
    kinds found so far.
    """
    key = np.zeros(len(first), dtype=np.int64)
    greatest = 1
    for step in range(int(size.max(initial=0))):
        if greatest > _GREATEST // (cells + 1):
            _, key = np.unique(key, return_inverse=True)
            greatest = len(key)
        key *= cells + 1
        longer = np.flatnonzero(size > step)
        key[longer] += cell[first[longer] + step] + 1
        greatest *= cells + 1
    _, example, how_many = np.unique(key, return_index=True, return_counts=True)
    return example, how_many
