"""Tables as an agency hands them over: columns by name, dates and texts in its own form, CSV or Parquet."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from targeting.synthetic.calendar import NEVER, Days, day_of

Column: TypeAlias = pa.Array | NDArray[np.generic]

# Days without a date: an episode that has not ended, a birth not known.
NO_DAY = NEVER

_FIRST = day_of(date(1900, 1, 1))
_LAST = day_of(date(2032, 12, 31))


@dataclass(frozen=True)
class Table:
    """One file to be: its name, its columns in order, and how a CSV is parted and encoded."""

    file: str
    columns: Mapping[str, Column]
    delimiter: str = ","
    encoding: str = "utf-8"

    @property
    def rows(self) -> int:
        """Return the number of rows."""
        return len(next(iter(self.columns.values())))


def together(first: Table, second: Table) -> Table:
    """Return the rows of two tables of the same columns as one, under the first one's name."""
    columns = {
        name: pa.concat_arrays([pa.array(values), pa.array(second.columns[name])])
        for name, values in first.columns.items()
    }
    return replace(first, columns=columns)


@dataclass(frozen=True)
class Handover:
    """What one agency hands over: its folder, its files, and which person each of its own references stands for."""

    folder: str
    tables: tuple[Table, ...]
    record_key: Column = field(default_factory=lambda: np.empty(0, np.str_))
    person: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))


@cache
def _spelled_days(pattern: str) -> pa.Array:
    """Return every day of the twentieth and twenty-first century's relevant part, spelled by a strftime pattern."""
    return pc.strftime(pa.array(np.arange(_FIRST, _LAST + 1, dtype=np.int32)).cast(pa.date32()), format=pattern)


def spelled(days: Days, pattern: str) -> pa.Array:
    """Return days as texts of one pattern; empty where there is none."""
    known = days != NO_DAY
    place = np.where(known, days.astype(np.int64) - _FIRST, 0)
    texts = _spelled_days(pattern).take(pa.array(place))
    return pc.if_else(pa.array(known), texts, "")


def real_dates(days: Days) -> pa.Array:
    """Return days as dates; null where there is none."""
    return pa.array(days.astype(np.int32), pa.int32(), mask=days == NO_DAY).cast(pa.date32())


def words(index: NDArray[np.integer], texts: NDArray[np.str_] | tuple[str, ...] | list[str]) -> pa.Array:
    """Return texts by index."""
    return pa.array([str(text) for text in texts], pa.string()).take(pa.array(np.asarray(index, np.int64)))


def numbered(prefix: str, number: NDArray[np.integer], digits: int) -> pa.Array:
    """Return references: a prefix and a number padded with zeros."""
    texts = pa.array(np.asarray(number, np.int64)).cast(pa.string())
    return pc.binary_join_element_wise(prefix, pc.utf8_lpad(texts, digits, "0"), "")


def blank_where(texts: pa.Array, blank: NDArray[np.bool_]) -> pa.Array:
    """Return texts, empty where `blank`."""
    return pc.if_else(pa.array(blank), "", texts)


def write(table: Table, folder: Path) -> None:
    """Write one table below `folder`: Parquet by its file's ending, else CSV."""
    arrow = pa.table({name: pa.array(values) for name, values in table.columns.items()})
    path = folder / table.file
    if table.file.endswith(".parquet"):
        pq.write_table(arrow, path, compression="zstd", row_group_size=1 << 18)
        return
    buffer = BytesIO()
    pacsv.write_csv(arrow, buffer, pacsv.WriteOptions(delimiter=table.delimiter, quoting_style="needed"))
    content = buffer.getvalue()
    if table.encoding != "utf-8":
        content = content.decode("utf-8").encode(table.encoding)
    path.write_bytes(content)


def write_handover(handover: Handover, out: Path, extracted_on: date) -> None:
    """Write an agency's folder: its files, and delivery.toml."""
    folder = out / handover.folder
    folder.mkdir(parents=True, exist_ok=True)
    for table in handover.tables:
        write(table, folder)
    delivery = (
        f"# A fictional district: this says nothing about Bradford.\nextracted_on = {extracted_on}\nsynthetic = true\n"
    )
    (folder / "delivery.toml").write_text(delivery, encoding="utf-8")
