"""Files of an agency read as rows of text."""

from pathlib import Path

from targeting.sources.csv_files import read_csv
from targeting.sources.definition import Extract
from targeting.sources.parquet_files import read_parquet
from targeting.sources.raw_rows import RawRows


def read_rows(path: Path, place: str, extract: Extract) -> RawRows:
    """Return the declared columns of a CSV (any text; gzip where it ends in `.gz`) or `.parquet` file.

    Raises DataError, naming `place`, where the file as a whole is not what the extract declares: empty, another
    encoding or delimiter, a column missing or named twice, cut off.
    """
    return (read_parquet if path.suffix == ".parquet" else read_csv)(path, place, extract)
