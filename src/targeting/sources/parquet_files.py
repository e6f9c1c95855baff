"""Parquet files read as the rows of text that a CSV file would have."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from targeting.errors import DataError
from targeting.sources.definition import Extract
from targeting.sources.raw_rows import RawRows, check_columns, columns_of

LONDON = "Europe/London"


def read_parquet(path: Path, place: str, extract: Extract) -> RawRows:
    """Return the declared columns of a Parquet file; lines are counted from 1.

    Raises DataError where it is cut off, a column is missing, or one holds what no text can stand for.
    """
    wanted = columns_of(extract)
    try:
        file = pq.ParquetFile(path)
        check_columns(file.schema_arrow.names, wanted, place)
        table = file.read(columns=list(wanted))
    except (pa.ArrowInvalid, OSError):
        message = f"{place}: not a whole Parquet file. Ask the agency to send it again."
        raise DataError(message) from None
    columns = {name: _text(table[name], f"{place}: column {name!r}") for name in wanted}
    return RawRows(pa.table(columns), np.arange(1, len(table) + 1))


def _in_london(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return timestamps as London's clocks show them; one without a time zone bears its date as written."""
    return column if column.type.tz is None else column.cast(pa.timestamp(column.type.unit, LONDON))


def _text(column: pa.ChunkedArray, place: str) -> pa.ChunkedArray:
    """Return a typed column as the text that a CSV file would have."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_timestamp(column.type):
        return pc.strftime(_in_london(column), format="%Y-%m-%d")
    try:
        return column.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        message = f"{place} holds {column.type}. Expected text, numbers, dates or flags."
        raise DataError(message) from None
