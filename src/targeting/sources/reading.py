"""Files of an agency read as rows of text."""

from collections.abc import Iterator
from pathlib import Path

from targeting.sources.csv_files import read_csv
from targeting.sources.definition import Extract
from targeting.sources.parquet_files import read_parquet
from targeting.sources.raw_rows import ChunkSize, RawRows


def read_rows(path: Path, place: str, extract: Extract, size: ChunkSize | None = None) -> Iterator[RawRows]:
    """Yield the declared columns of a CSV (any text; gzip where it ends in `.gz`) or `.parquet` file, chunk by chunk.

    At least one chunk comes, empty where the file has no rows. Raises DataError, naming `place`, where the file as a
    whole is not what the extract declares: empty, another encoding or delimiter, a column missing or named twice, cut
    off, a row of megabytes.
    """
    read = read_parquet if path.suffix == ".parquet" else read_csv
    return read(path, place, extract, size or ChunkSize())
