"""The design matrix: one row a family and date, one column an indicator, unknown apart from zero."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from targeting.errors import DataError

UNKNOWN_SUFFIX = "__unknown"
# Fewer rows a group take longer to write and to read; more take more memory, and the last group is written alone.
ROWS_A_GROUP = 20_000
KEYS = ("family_id", "as_of_date")


class Unknown(IntEnum):
    """Why a value is not known, as a matrix holds it; the numbers are a published interface.

    Where several reasons hold in an expression, the first of `REASONS` is given, which is not the order of the numbers.
    """

    KNOWN = 0
    NOT_SHARED = 1
    NOT_COLLECTED = 2
    NOT_LINKED = 3
    EXPIRED = 4
    # Nobody in the family could have had such a record: no silence of anybody.
    NOT_APPLICABLE = 5


# In the order in which they are given, the first of several that hold. What concerns nobody would be as unknown
# whoever recorded it or was found; what nobody shared is so of every family.
REASONS = (Unknown.NOT_SHARED, Unknown.NOT_APPLICABLE, Unknown.NOT_COLLECTED, Unknown.NOT_LINKED, Unknown.EXPIRED)
# Of these no agency kept anything back that it could have told of the family.
NO_GAP = (Unknown.NOT_COLLECTED, Unknown.NOT_APPLICABLE)


@dataclass(frozen=True)
class Matrix:
    """Values of the indicators `names` for families on dates, sorted by (as_of_date, family_id).

    `values` is float64 of shape (rows, indicators), NaN where unknown; `unknown` is int8 of the same shape and holds
    the codes of Unknown. `as_of_date` is datetime64[D].
    """

    family_id: NDArray[np.str_]
    as_of_date: NDArray[np.datetime64]
    names: tuple[str, ...]
    values: NDArray[np.float64]
    unknown: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.family_id)

    def rows(self, which: NDArray[Any]) -> "Matrix":
        """Return the rows named by indexes or a mask."""
        return Matrix(
            self.family_id[which], self.as_of_date[which], self.names, self.values[which], self.unknown[which]
        )

    def write(self, path: Path) -> None:
        """Write Parquet: the keys, one float64 an indicator (NaN unknown), then one int8 `..__unknown` each.

        The same matrix gives the same bytes.
        """
        with MatrixWriter(path, self.names) as writer:
            writer.write(self)


def as_arrow(values: NDArray[Any], of_type: pa.DataType) -> pa.Array:
    """Return numbers as Arrow's, without a copy where they are in one piece. `pa.array` would import pandas."""
    return pa.Array.from_buffers(of_type, len(values), [None, pa.py_buffer(np.ascontiguousarray(values))])


def as_text(texts: Sequence[str]) -> pa.Array:
    """Return texts as Arrow's."""
    held = [text.encode() for text in texts]
    ends = np.cumsum([0, *map(len, held)], dtype=np.int32)
    return pa.StringArray.from_buffers(len(held), pa.py_buffer(ends), pa.py_buffer(b"".join(held)))


class MatrixWriter:
    """Writes a design matrix to Parquet in groups of rows; `read_matrix` sorts them.

    The file is there once the last group is written; where the writing fails, none is.
    """

    def __init__(self, path: Path, names: tuple[str, ...]) -> None:
        self.rows = 0
        self._waiting: list[pa.Table] = []
        self._path, self._unfinished = path, path.with_name(f".{path.name}.unfinished")
        unknown = [name + UNKNOWN_SUFFIX for name in names]
        fields = [("family_id", pa.string()), ("as_of_date", pa.date32())]
        fields += [(name, pa.float64()) for name in names] + [(name, pa.int8()) for name in unknown]
        # What is unknown is NaN, never null: that and statistics of the keys alone save a fifth of the time.
        schema = pa.schema([pa.field(*field, nullable=False) for field in fields])
        # Values repeat: a dictionary and LZ4 write a third of the bytes of LZ4 alone in little more time. Why they are
        # unknown repeats far more: Zstandard alone writes as few bytes of it as a dictionary would, in half the time.
        values = [*KEYS, *names]
        self._file = pq.ParquetWriter(
            self._unfinished,
            schema,
            compression=dict.fromkeys(values, "lz4") | dict.fromkeys(unknown, "zstd"),
            compression_level=dict.fromkeys(unknown, 1),
            use_dictionary=values,
            write_statistics=list(KEYS),
        )

    def write(self, matrix: Matrix) -> None:
        """Add the rows of a matrix as one group."""
        columns = [
            np.ascontiguousarray(held[:, each])
            for held in (matrix.values, matrix.unknown)
            for each in range(len(matrix.names))
        ]
        self._write_group(self._table(as_text(matrix.family_id.tolist()), matrix.as_of_date, columns))

    def add(self, family_id: pa.Array, as_of_date: NDArray[np.datetime64], columns: Sequence[NDArray[Any]]) -> None:
        """Add some rows, the values of every indicator, then the codes of every one, to the last group or a new one."""
        self._waiting.append(self._table(family_id, as_of_date, columns))
        if sum(map(len, self._waiting)) >= ROWS_A_GROUP:
            self._write_waiting()

    def _table(
        self, family_id: pa.Array, as_of_date: NDArray[np.datetime64], columns: Sequence[NDArray[Any]]
    ) -> pa.Table:
        dates = as_of_date.astype("datetime64[D]").astype(np.int32)
        types = self._file.schema.types[1:]
        numbers = [as_arrow(each, of_type) for each, of_type in zip((dates, *columns), types, strict=True)]
        return pa.table([family_id, *numbers], schema=self._file.schema)

    def _write_waiting(self) -> None:
        if self._waiting:
            self._write_group(pa.concat_tables(self._waiting))
            self._waiting.clear()

    def _write_group(self, table: pa.Table) -> None:
        self._file.write_table(table, row_group_size=max(len(table), 1))
        self.rows += len(table)

    def __enter__(self) -> "MatrixWriter":
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        if failed is None:
            self._write_waiting()
        self._file.close()
        if failed is None:
            self._unfinished.replace(self._path)
        else:
            self._unfinished.unlink()


def read_matrix(path: Path) -> Matrix:
    """Return the matrix that was written, sorted by (as_of_date, family_id).

    Raises DataError where the file is missing or is none.
    """
    try:
        table = pq.read_table(path, partitioning=None)
    except (OSError, pa.ArrowInvalid) as error:
        raise DataError(f"{path}: no design matrix can be read there. Write one with `targeting matrix`.") from error
    columns: Mapping[str, pa.ChunkedArray] = {name: table[name] for name in table.column_names}
    names = tuple(name for name in columns if name not in KEYS and not name.endswith(UNKNOWN_SUFFIX))
    missing = [name for name in (*KEYS, *(name + UNKNOWN_SUFFIX for name in names)) if name not in columns]
    if missing:
        raise DataError(f"{path}: a design matrix has the column {missing[0]!r}; this file has none.")
    matrix = Matrix(
        family_id=np.asarray(columns["family_id"].to_pylist(), dtype=np.str_),
        as_of_date=columns["as_of_date"].to_numpy().astype("datetime64[D]"),
        names=names,
        values=_stacked(columns, names, "", np.float64),
        unknown=_stacked(columns, names, UNKNOWN_SUFFIX, np.int8),
    )
    order = np.lexsort((matrix.family_id, matrix.as_of_date))
    return matrix if (order[:-1] < order[1:]).all() else matrix.rows(order)


def _stacked(columns: Mapping[str, pa.ChunkedArray], names: tuple[str, ...], suffix: str, dtype: Any) -> NDArray[Any]:
    rows = len(columns["family_id"])
    stacked = np.empty((rows, len(names)), dtype=dtype, order="F")
    for index, name in enumerate(names):
        stacked[:, index] = columns[name + suffix].to_numpy()
    return stacked
