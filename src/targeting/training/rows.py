"""The rows a model learns from and is tested on: a design matrix joined with its labels."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from targeting.errors import DataError
from targeting.features.labels import Labels
from targeting.features.matrix import Matrix
from targeting.models.estimator import Floats
from targeting.training.measures import NOT_KNOWN, Outcomes

Codes = NDArray[np.int64]
Days = NDArray[np.datetime64]
Mask = NDArray[np.bool_]
Number = TypeVar("Number", np.float64, np.int8)

# So many rows fit into a processor's cache while they are gathered.
ROWS_AT_ONCE = 8192


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Rows with what became of them: `y` is 1 or 0, or NOT_KNOWN in rows that take a place on a list and no more.

    Selections share their tables, which nobody writes into. `family` numbers families in order of their id, the same in
    every selection of rows.
    """

    names: tuple[str, ...]
    family_id: NDArray[np.str_]
    family: Codes
    as_of_date: Days
    X: Floats
    unknown: NDArray[np.int8]
    y: Outcomes

    def __len__(self) -> int:
        return len(self.y)

    @property
    def dates(self) -> tuple[date, ...]:
        """Return the as-of dates of these rows, in order."""
        return tuple(day.item() for day in np.unique(self.as_of_date))

    @property
    def events(self) -> int:
        """Return how many rows have the outcome."""
        return int((self.y == 1).sum())

    def where(self, mask: Mask) -> "Rows":
        """Return the rows that a mask keeps; uncopied where they lie together, as those of successive dates do."""
        if mask.all():
            return self
        kept = _together(mask)
        return Rows(
            names=self.names,
            family_id=self.family_id[kept],
            family=self.family[kept],
            as_of_date=self.as_of_date[kept],
            X=self.X[kept],
            unknown=self.unknown[kept],
            y=self.y[kept],
        )

    def on(self, dates: Iterable[date]) -> "Rows":
        """Return the rows of some as-of dates."""
        return self.where(self.is_on(dates))

    def is_on(self, dates: Iterable[date]) -> Mask:
        """Return which rows are of some as-of dates."""
        return np.isin(self.as_of_date, np.array(sorted(dates), dtype=self.as_of_date.dtype))


def _together(mask: Mask) -> slice | Mask:
    """Return what a mask keeps as a slice, where that lies together; else the mask."""
    first, count = int(mask.argmax()), int(mask.sum())
    return slice(first, first + count) if mask[first : first + count].all() else mask


def matured_dates(labels: Labels) -> tuple[date, ...]:
    """Return the as-of dates on which outcomes are fully known, in order."""
    return tuple(day.item() for day in np.unique(labels.as_of_date[labels.matured]))


def rows_left_out(labels: Labels, dates: Iterable[date]) -> dict[str, int]:
    """Return how many rows of some dates have no label, by the reason; already in train is no success of a list."""
    asked = np.isin(labels.as_of_date, np.array(sorted(dates), dtype=labels.as_of_date.dtype)) & np.isnan(labels.label)
    reasons = {
        "already_in_train": labels.already_in_train,
        "censored": labels.censored & ~labels.already_in_train,
        "not_matured": ~labels.matured & ~labels.censored & ~labels.already_in_train,
    }
    return {reason: int((held & asked).sum()) for reason, held in reasons.items()}


def labelled_rows(matrix: Matrix, labels: Labels) -> Rows:
    """Return the rows whose outcome is known.

    Raises DataError where the labels are not of the matrix's rows.
    """
    _check_same_rows(matrix, labels)
    return _rows(matrix, labels, ~np.isnan(labels.label))


def ranked_rows(matrix: Matrix, labels: Labels, dates: Iterable[date]) -> Rows:
    """Return every row of some dates, as a list of the date ranks them: whose outcome is not known takes a place too.

    Raises DataError where the labels are not of the matrix's rows.
    """
    _check_same_rows(matrix, labels)
    asked = np.array(sorted(dates), dtype="datetime64[D]")
    return _rows(matrix, labels, np.isin(matrix.as_of_date.astype("datetime64[D]"), asked))


def _check_same_rows(matrix: Matrix, labels: Labels) -> None:
    same = len(matrix.family_id) == len(labels.family_id)
    if not (same and np.array_equal(matrix.as_of_date, labels.as_of_date)):
        raise DataError("The labels are not those of the matrix: their as-of dates differ.")
    if not np.array_equal(matrix.family_id, labels.family_id):
        raise DataError("The labels are not those of the matrix: their families differ.")


def _rows(matrix: Matrix, labels: Labels, kept: Mask) -> Rows:
    ids, family = np.unique(matrix.family_id, return_inverse=True)
    label = labels.label[kept]
    return Rows(
        names=tuple(matrix.names),
        family_id=ids[family[kept]],
        family=family[kept].astype(np.int64),
        as_of_date=matrix.as_of_date[kept].astype("datetime64[D]"),
        X=_gathered(matrix.values, kept),
        unknown=_gathered(matrix.unknown, kept),
        y=np.where(np.isnan(label), NOT_KNOWN, label).astype(np.int8),
    )


def _gathered(table: NDArray[Number], kept: Mask) -> NDArray[Number]:
    """Return the rows of a table that are kept, row after row; a block at a time, for a table has its columns so."""
    places = np.flatnonzero(kept)
    found = np.empty((len(places), table.shape[1]), dtype=table.dtype)
    for start in range(0, len(places), ROWS_AT_ONCE):
        found[start : start + ROWS_AT_ONCE] = table[places[start : start + ROWS_AT_ONCE]]
    found.setflags(write=False)
    return found


def thinning(y: NDArray[np.int8], *, share: float, seed: int) -> tuple[Mask, Floats]:
    """Return which rows are kept, every event and a share of the others, and the weights of those kept."""
    kept = (y == 1) | (np.random.default_rng(seed).random(len(y)) < share)
    return kept, np.where(y[kept] == 1, 1.0, 1.0 / share)


def family_folds(rows: Rows, *, folds: int, seed: int) -> Codes:
    """Return each row's fold, from 0; a family's rows share one."""
    fold_of_family = np.random.default_rng(seed).permutation(rows.family.max(initial=-1) + 1) % folds
    return np.asarray(fold_of_family[rows.family], dtype=np.int64)


def distinct_unknowns(rows: Rows) -> list[int]:
    """Return one column of each pattern of unknown values: indicators of one source share theirs."""
    first: dict[bytes, int] = {}
    for column in range(rows.unknown.shape[1]):
        pattern = np.ascontiguousarray(rows.unknown[:, column])
        if pattern.any():
            first.setdefault(pattern.tobytes(), column)
    return sorted(first.values())
