"""Parquet files read as the rows of text that a CSV file would have."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from targeting.errors import DataError
from targeting.sources.definition import Extract
from targeting.sources.raw_rows import ChunkSize, RawRows, check_columns, columns_of

LONDON = "Europe/London"
# Pages are read as they are needed, not a row group at once.
BUFFER = 1 << 20


def read_parquet(path: Path, place: str, extract: Extract, size: ChunkSize) -> Iterator[RawRows]:
    """Yield the declared columns of a Parquet file; lines are counted from 1.

    Raises DataError where it is cut off, a column is missing, or one holds what no text can stand for.
    """
    wanted, above = columns_of(extract), 0
    try:
        with pq.ParquetFile(path, buffer_size=BUFFER, pre_buffer=False) as file:
            check_columns(file.schema_arrow.names, wanted, place)
            for batch in _batches(file, wanted, size.rows):
                columns = {name: _text(pa.chunked_array([batch[name]]), f"{place}: column {name!r}") for name in wanted}
                yield RawRows(pa.table(columns), np.arange(above + 1, above + len(batch) + 1))
                above += len(batch)
    except (pa.ArrowInvalid, OSError):
        message = f"{place}: not a whole Parquet file. Ask the agency to send it again."
        raise DataError(message) from None


def _batches(file: pq.ParquetFile, wanted: Sequence[str], rows: int) -> Iterator[pa.RecordBatch]:
    """Yield the rows, once at least."""
    if not file.metadata.num_rows:
        yield pa.RecordBatch.from_pylist([], file.schema_arrow)
    yield from file.iter_batches(rows, columns=list(wanted))


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
