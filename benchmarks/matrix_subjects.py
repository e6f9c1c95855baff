"""One subject of `targeting bench matrix` in a process of its own: reads the store, writes the matrix, says its cost.

`python -m benchmarks.matrix_subjects SUBJECT STORE DATES OUT` prints JSON: seconds from before the first import of
anything but Python's own, processor seconds of the whole process, peak memory, and a checksum of what was written (of
each column on each date the number of values and their sum), worked out after the clock has stopped.
"""

# ruff: noqa: PLC0415 - every subject pays for its own imports, so they come after the clock has started.
import hashlib
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from .matrix_peers import PARTS, counted, first_days, names_of, polars_frame, sql_of
from .peak_memory import peak_mib

if TYPE_CHECKING:
    import numpy as np

NAMES = [name for kind in PARTS for name in names_of(kind)]


def ours(store: Path, dates: Sequence[date], out: Path) -> None:
    """Write one file for all dates: every value, and why it is not known."""
    from targeting.features.engine import write_matrix

    from .matrix_columns import plan
    from .matrix_store import Store

    write_matrix(plan(), Store(store), dates, out / "all.parquet")


def polars(store: Path, dates: Sequence[date], out: Path) -> None:
    """Write one file a date, by the streaming engine."""
    import polars as pl

    families = pl.scan_parquet(store / "families.parquet").select("family")
    for on in dates:
        whole = families
        for kind in PARTS:
            whole = whole.join(polars_frame(str(store / f"{kind}.parquet"), kind, on), on="family", how="left")
        whole = whole.with_columns(pl.col(name).fill_null(0.0) for name in NAMES if counted(name))
        whole.sink_parquet(out / f"{on}.parquet", compression="lz4", engine="streaming")


def duckdb(store: Path, dates: Sequence[date], out: Path) -> None:
    """Write one file a date, each by one query."""
    import duckdb as peer

    columns = ", ".join(f"coalesce({name}, 0) as {name}" if counted(name) else name for name in NAMES)
    with peer.connect() as connection:
        for on in dates:
            joins = "".join(
                f" left join ({sql_of(str(store / f'{kind}.parquet'), kind, on)}) using (family)" for kind in PARTS
            )
            query = f"select family, {columns} from '{store / 'families.parquet'}'{joins}"  # noqa: S608 - of the benchmark's own words.
            connection.execute(f"copy ({query}) to '{out / f'{on}.parquet'}' (format parquet, compression lz4)")


SUBJECTS: Mapping[str, Callable[[Path, Sequence[date], Path], None]] = {
    "targeting": ours,
    "polars": polars,
    "duckdb": duckdb,
}


def checksum(out: Path, dates: Sequence[date]) -> str:
    """Return a digest of the values: of each column and date how many there are, and their sum to six decimals."""
    import numpy as np

    said = []
    for name in NAMES:
        for on in dates:
            values = _values(out, name, on)
            known = values[~np.isnan(values)]
            said.append(f"{name} {on} {len(known)} {float(np.sort(known).sum()):.6f}")
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def _values(out: Path, name: str, on: date) -> "np.ndarray":
    import pyarrow.parquet as pq

    path = out / "all.parquet"
    if not path.exists():
        return pq.read_table(out / f"{on}.parquet", columns=[name])[name].to_numpy()
    order, ends = _by_date(path)
    first, end = ends[on]
    return _column(path, name)[order[first:end]]


@cache
def _by_date(path: Path) -> "tuple[np.ndarray, dict[date, tuple[int, int]]]":
    """Return the rows in the order of their dates, and where those of each date begin and end."""
    import numpy as np
    import pyarrow.parquet as pq

    held = pq.read_table(path, columns=["as_of_date"])["as_of_date"].to_numpy().astype("datetime64[D]")
    days, counts = np.unique(held, return_counts=True)
    ends = np.cumsum(counts).tolist()
    places = zip([0, *ends[:-1]], ends, strict=True)
    return np.argsort(held, kind="stable"), dict(zip(days.tolist(), places, strict=True))


@lru_cache(maxsize=1)
def _column(path: Path, name: str) -> "np.ndarray":
    import pyarrow.parquet as pq

    return pq.read_table(path, columns=[name])[name].to_numpy()


def main() -> None:
    """Run one subject and print what it took."""
    subject, folder, months, out = sys.argv[1:]
    dates, where = list(first_days(int(months))), Path(out)
    where.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    SUBJECTS[subject](Path(folder), dates, where)
    took = {
        "seconds": time.perf_counter() - started,
        "processor_seconds": time.process_time(),
        "peak_mib": peak_mib(),
        "written_mib": sum(path.stat().st_size for path in where.iterdir()) / 2**20,
    }
    sys.stdout.write(json.dumps(took | {"checksum": checksum(where, dates)}) + "\n")


if __name__ == "__main__":
    main()
