"""The rows a model learns from and is tested on: a design matrix joined with its labels."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
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
Places = NDArray[np.intp]
Number = TypeVar("Number", np.float64, np.int8)

# So many rows fit into a processor's cache while they are gathered.
ROWS_AT_ONCE = 8192


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Rows of a design matrix with what became of them: `y` is 1 or 0, or NOT_KNOWN where a row only takes a place.

    Every selection of rows shares one `table`, which nobody writes into, and says where `at` in it its rows lie.
    `family` numbers families in order of their id, the same in every selection.
    """

    table: Matrix
    at: slice | Places
    family: Codes
    y: Outcomes

    def __len__(self) -> int:
        return len(self.y)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the indicators, in declared order."""
        return self.table.names

    @property
    def family_id(self) -> NDArray[np.str_]:
        """Return each row's family."""
        return self.table.family_id[self.at]

    @property
    def as_of_date(self) -> Days:
        """Return each row's date."""
        return self.table.as_of_date[self.at].astype("datetime64[D]", copy=False)

    @property
    def X(self) -> Floats:  # noqa: N802 - as every table of values is named.
        """Return the values, uncopied where the rows lie together, as those of everybody on successive dates do.

        A copy of many rows is a second large table: `blocks` and `column` make none.
        """
        return self.table.values[self.at]

    @property
    def unknown(self) -> NDArray[np.int8]:
        """Return the codes of Unknown, uncopied where the rows lie together."""
        return self.table.unknown[self.at]

    @property
    def dates(self) -> tuple[date, ...]:
        """Return the as-of dates of these rows, in order."""
        return tuple(day.item() for day in np.unique(self.as_of_date))

    @property
    def events(self) -> int:
        """Return how many rows have the outcome."""
        return int((self.y == 1).sum())

    def column(self, name: str) -> Floats:
        """Return the values of one indicator."""
        return self.table.values[self.at, self.names.index(name)]

    def blocks(self) -> Iterator["Rows"]:
        """Yield the rows in their order, so many at a time that copies of them are small."""
        for start in range(0, len(self), ROWS_AT_ONCE):
            yield self.take(slice(start, start + ROWS_AT_ONCE))

    def take(self, which: slice | Places) -> "Rows":
        """Return some of the rows, by where they are among these; nothing of the table is copied."""
        return Rows(table=self.table, at=_among(self.at, which), family=self.family[which], y=self.y[which])

    def where(self, mask: Mask) -> "Rows":
        """Return the rows that a mask keeps."""
        return self if mask.all() else self.take(_together(np.flatnonzero(mask)))

    def on(self, dates: Iterable[date]) -> "Rows":
        """Return the rows of some as-of dates."""
        return self.where(self.is_on(dates))

    def is_on(self, dates: Iterable[date]) -> Mask:
        """Return which rows are of some as-of dates."""
        return np.isin(self.as_of_date, np.array(sorted(dates), dtype=self.as_of_date.dtype))


def _together(places: Places) -> slice | Places:
    """Return places as a slice, where they lie together: what a slice selects is not copied."""
    if not len(places):
        return slice(0, 0)
    return slice(int(places[0]), int(places[-1]) + 1) if (np.diff(places) == 1).all() else places


def _among(at: slice | Places, which: slice | Places) -> slice | Places:
    """Return where some of the rows at some places lie."""
    if isinstance(at, slice) and isinstance(which, slice):
        chosen = range(at.start, at.stop)[which]
        return slice(chosen.start, chosen.stop)
    return _together(at.start + which if isinstance(at, slice) else at[which])


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
    family = np.unique(matrix.family_id, return_inverse=True)[1]
    label = labels.label[kept]
    return Rows(
        table=replace(matrix, values=_shared(matrix.values), unknown=_shared(matrix.unknown)),
        at=_together(np.flatnonzero(kept)),
        family=family[kept].astype(np.int64),
        y=np.where(np.isnan(label), NOT_KNOWN, label).astype(np.int8),
    )


def _shared(table: NDArray[Number]) -> NDArray[Number]:
    """Return a table that cannot be written into, uncopied."""
    view = table.view()
    view.setflags(write=False)
    return view


def thinning(y: NDArray[np.int8], *, share: float, seed: int) -> tuple[Mask, Floats]:
    """Return which rows are kept, every event and a share of the others, and the weights of those kept."""
    kept = (y == 1) | (np.random.default_rng(seed).random(len(y)) < share)
    return kept, np.where(y[kept] == 1, 1.0, 1.0 / share)


def family_folds(rows: Rows, *, folds: int, seed: int) -> Codes:
    """Return each row's fold, from 0; a family's rows share one."""
    fold_of_family = np.random.default_rng(seed).permutation(rows.family.max(initial=-1) + 1) % folds
    return np.asarray(fold_of_family[rows.family], dtype=np.int64)


def known_shares(rows: Rows) -> Floats:
    """Return of which share of the rows each indicator is known."""
    unknown = sum((np.isnan(block.X).sum(axis=0) for block in rows.blocks()), np.zeros(len(rows.names)))
    return 1 - unknown / len(rows)


def distinct_unknowns(rows: Rows) -> list[int]:
    """Return one column of each pattern of unknown values: indicators of one source share theirs."""
    first: dict[bytes, int] = {}
    for column in range(len(rows.names)):
        pattern = np.ascontiguousarray(rows.table.unknown[rows.at, column])
        if pattern.any():
            first.setdefault(pattern.tobytes(), column)
    return sorted(first.values())
