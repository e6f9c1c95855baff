"""Counts by group and cut, and what can be read from them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.fairness.metrics import RATES, REPRESENTATION, Count

Mask = NDArray[np.bool_]
Numbers = NDArray[np.float64]
Codes = NDArray[np.int64]

_COUNTED = 1 << 16


@dataclass(frozen=True)
class Patterns:
    """The different ways in which rows are listed: `listed` (pattern, cut), and the pattern of each row."""

    listed: Mask
    of_row: Codes


def patterns(selected: Sequence[Mask]) -> Patterns:
    """Return the patterns of rows over cuts, at most 62 of them; those listed by fewest cuts first."""
    bits = np.zeros(len(selected[0]), dtype=np.int64)
    for index, rows in enumerate(selected):
        bits |= rows.astype(np.int64) << index
    distinct, of_row = _numbered(bits, 1 << len(selected))
    listed = (distinct[:, None] >> np.arange(len(selected))) & 1
    return Patterns(listed.astype(bool), of_row)


def _numbered(values: Codes, below: int) -> tuple[Codes, Codes]:
    """Return the distinct values, sorted, and which one each is; counted instead of sorted where few are possible."""
    if below > _COUNTED:
        distinct, of_row = np.unique(values, return_inverse=True)
        return distinct, of_row.astype(np.int64)
    present = np.bincount(values, minlength=below) > 0
    return np.flatnonzero(present), (np.cumsum(present) - 1)[values]


@dataclass(frozen=True)
class Counts:
    """Counts of shape (..., group, cut), the last group being everyone; the rest follows by subtraction."""

    n: Numbers
    positives: Numbers
    selected: Numbers
    tp: Numbers

    def of(self, count: Count) -> Numbers:
        """Return one kind of count."""
        match count:
            case "n" | "positives" | "selected" | "tp":
                return np.asarray(getattr(self, count))
            case "negatives":
                return self.n - self.positives
            case "not_selected":
                return self.n - self.selected
            case "fp":
                return self.selected - self.tp
            case "fn":
                return self.positives - self.tp
            case "tn":
                return self.n - self.positives - self.selected + self.tp
            case "all_n":
                return np.broadcast_to(self.n[..., -1:, :], self.n.shape)
            case "all_selected":
                return np.broadcast_to(self.selected[..., -1:, :], self.selected.shape)

    def rate(self, name: str) -> Numbers:
        """Return a rate; NaN where it would be out of nobody."""
        if name == REPRESENTATION:
            return divide(self.rate("share_of_list"), self.rate("share_of_cohort"))
        return divide(self.of(RATES[name].numerator), self.of(RATES[name].denominator))


def divide(numerator: Numbers, denominator: Numbers) -> Numbers:
    """Return the quotient, NaN where the denominator is 0."""
    return np.divide(numerator, denominator, out=np.full(numerator.shape, np.nan), where=denominator != 0)


def quantities(atoms: Numbers, listed: Mask) -> Numbers:
    """Return, from counts by (..., pattern, label), the quantities that all other counts follow from.

    In the last axis: n, positives, then selected at each cut, then tp at each cut.
    """
    by_pattern = atoms.sum(axis=-1)
    positive = atoms[..., 1]
    by_cut = listed.astype(np.float64)
    return np.concatenate(
        [
            by_pattern.sum(axis=-1, keepdims=True),
            positive.sum(axis=-1, keepdims=True),
            by_pattern @ by_cut,
            positive @ by_cut,
        ],
        axis=-1,
    )


def counts_from(values: Numbers) -> Counts:
    """Return the counts of quantities in the last axis."""
    cuts = (values.shape[-1] - 2) // 2
    shape = (*values.shape[:-1], cuts)
    return Counts(
        n=np.broadcast_to(values[..., :1], shape),
        positives=np.broadcast_to(values[..., 1:2], shape),
        selected=values[..., 2 : 2 + cuts],
        tp=values[..., 2 + cuts :],
    )


def with_everyone(values: Numbers) -> Numbers:
    """Return quantities by (..., group, quantity) with everyone added as the last group."""
    return np.concatenate([values, values.sum(axis=-2, keepdims=True)], axis=-2)
