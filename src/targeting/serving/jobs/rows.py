"""The rows that a client sends for a job, in blocks: each line of NDJSON, each row of Parquet."""

import json
from collections.abc import Iterator, Sequence
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

# A block is worked on at once, and lost where its worker is killed: about a second's work.
ROWS_A_BLOCK, BYTES_A_BLOCK = 500, 1 << 20
MOST_ROWS, MOST_BYTES_A_ROW = 200_000, 1 << 20
MOST_BYTES_UNPACKED = 1 << 30
NDJSON, PARQUET = "application/x-ndjson", "application/vnd.apache.parquet"
# A family by an id: whose numbering, and the id in it.
COLUMNS = ("system", "value")


class UnreadableRowsError(Exception):
    """What was sent is not rows; its sentence says what would be, and nothing of what was sent."""


class TooManyRowsError(Exception):
    """There are more rows, or longer ones, than a job may have."""


def blocks_of(file: IO[bytes], media_type: str) -> Iterator[list[bytes]]:
    """Yield the rows of a file in blocks, each row as JSON on one line. Empty lines are no rows.

    Raises UnreadableRowsError where it is not of its media type, TooManyRowsError where it is too much.
    """
    count = 0
    for block in _in_blocks(_lines(file) if media_type == NDJSON else _rows(file)):
        count += len(block)
        if count > MOST_ROWS:
            raise TooManyRowsError(f"A job may have {MOST_ROWS:,} rows.")
        yield block
    if not count:
        raise UnreadableRowsError("The body holds no row.")


def _in_blocks(lines: Iterator[bytes]) -> Iterator[list[bytes]]:
    block: list[bytes] = []
    size = 0
    for line in lines:
        if len(block) == ROWS_A_BLOCK or (block and size + len(line) > BYTES_A_BLOCK):
            yield block
            block, size = [], 0
        block.append(line)
        size += len(line)
    if block:
        yield block


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    while line := file.readline(MOST_BYTES_A_ROW + 1):
        if len(line) > MOST_BYTES_A_ROW:
            raise TooManyRowsError(f"A row may have {MOST_BYTES_A_ROW:,} bytes.")
        if stripped := line.strip():
            yield stripped


def _rows(file: IO[bytes]) -> Iterator[bytes]:
    try:
        parquet = pq.ParquetFile(file)
        _check(parquet)
        for batch in parquet.iter_batches(batch_size=ROWS_A_BLOCK, columns=list(COLUMNS)):
            yield from _families(batch)
    except (pa.ArrowException, OSError, UnicodeDecodeError):
        raise UnreadableRowsError("The body is not Parquet, or is damaged.") from None


def _check(parquet: pq.ParquetFile) -> None:
    schema, held = parquet.schema_arrow, parquet.metadata
    texts = [field.name for field in schema if field.type in (pa.string(), pa.large_string())]
    if sorted(texts) != sorted(COLUMNS) or len(schema) != len(COLUMNS):
        raise UnreadableRowsError(f"A Parquet file of families has the columns {' and '.join(COLUMNS)}, both text.")
    if held.num_rows > MOST_ROWS:
        raise TooManyRowsError(f"A job may have {MOST_ROWS:,} rows.")
    if sum(held.row_group(number).total_byte_size for number in range(held.num_row_groups)) > MOST_BYTES_UNPACKED:
        raise TooManyRowsError(f"A file may unpack to {MOST_BYTES_UNPACKED:,} bytes.")


def _families(batch: pa.RecordBatch) -> Iterator[bytes]:
    pairs: Sequence[tuple[str, str]] = list(zip(*(batch.column(name).to_pylist() for name in COLUMNS), strict=True))
    for system, value in pairs:
        yield json.dumps({"family": {"system": system, "value": value}}, ensure_ascii=False).encode()
