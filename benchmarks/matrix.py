"""`targeting bench matrix`: 120 indicators for every family on one date and on many, beside Polars and DuckDB.

All compute the same columns from the same rows, drawn by `matrix_store`: every column on every date must have the same
number of values and the same sum in all three. Each subject runs in a process of its own, in turns:

- targeting: facts from the product's shards, all dates in one pass, every value with why it is not known, written;
- Polars: lazily, by its streaming engine, one query a date, each written to a file;
- DuckDB: one query a date, each written to a file.

The peers are given rows already exploded to families, which is the store's work; no coverage, agreement or reason is
theirs to look at. Seconds are by the clock, everything included from the start of the imports to the last byte written.
Processor seconds add up all threads and do not count what else the machine does. Growth is told of ours alone.
`python -m benchmarks.matrix` writes what it found to docs/evidence.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from targeting.commands.bench import OURS, Row, Scale, compared, print_rows
from targeting.commands.clock import today
from targeting.commands.console import Advance, step
from targeting.errors import TargetingError

from .matrix_store import Store, make_store

EVIDENCE = Path(__file__).parents[1] / "docs" / "evidence" / "matrix.json"
EVERYONE = (OURS, "polars", "duckdb")


@dataclass(frozen=True)
class Case:
    """A store of so many families and facts, and who is measured on how many monthly dates."""

    families: int
    facts: int
    runs: tuple[tuple[str, int], ...]


SIZES: dict[Scale, tuple[Case, ...]] = {
    "small": (Case(5_000, 1_000_000, tuple((who, dates) for dates in (1, 24) for who in EVERYONE)),),
    "full": (
        Case(10_000, 2_000_000, tuple((OURS, dates) for dates in (1, 6, 24, 48))),
        Case(100_000, 20_000_000, (
            *((who, dates) for dates in (1, 24) for who in EVERYONE), (OURS, 6), (OURS, 48),
        )),
    ),
}  # fmt: skip


def run(scale: Scale, _project: Path | None, progress: Advance) -> list[Row]:
    """Return the rows of one run. Raises TargetingError where two subjects' values differ."""
    return [row for case in SIZES[scale] for row in _measured(case, progress)]


def _measured(case: Case, progress: Advance) -> Iterator[Row]:
    with TemporaryDirectory() as folder:
        store = make_store(Path(folder) / "store", families=case.families, facts=case.facts, progress=progress)
        sums: dict[int, str] = {}
        for number, (subject, dates) in enumerate(case.runs):
            progress(f"{subject}, {dates} dates", number, len(case.runs))
            took = _child(subject, store, dates, Path(folder) / f"{subject}-{dates}")
            if sums.setdefault(dates, took["checksum"]) != took["checksum"]:
                raise TargetingError(f"{subject} computes other values on {dates} dates than {case.runs[0][0]}.")
            what = f"{case.facts:,} facts of {case.families:,} families, {dates} dates"
            for unit, name in (("s", "seconds"), ("processor s", "processor_seconds"), ("MiB written", "written_mib")):
                yield Row("matrix", what, subject, round(took[name], 2), unit, round(took["peak_mib"]))


def _child(subject: str, store: Store, dates: int, out: Path) -> dict[str, Any]:
    checkout = Path(__file__).parents[1]
    command = [sys.executable, "-m", "benchmarks.matrix_subjects", subject, str(store.folder), str(dates), str(out)]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise TargetingError(f"{subject} did not come to an end:\n{done.stderr[-2000:]}")
    took: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return took


def _evidence(scale: Scale, rows: Sequence[Row]) -> dict[str, object]:
    return {
        "command": f"python -m benchmarks.matrix --scale {scale}",
        "date": today().isoformat(),
        "data": "made up by benchmarks/matrix_store.py; every column on every date has the same sum in all subjects",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "load_average": round(os.getloadavg()[0], 1),
        "versions": {name: version(name) for name in ("targeting", "numpy", "numba", "pyarrow", "polars", "duckdb")},
        "rows": [asdict(row) for row in rows],
    }


def main() -> None:
    """Run the benchmark, show its rows and write them to docs/evidence."""
    parser = argparse.ArgumentParser(description="Design matrices beside Polars and DuckDB.")
    parser.add_argument("--scale", choices=sorted(SIZES), default="full")
    scale: Scale = parser.parse_args().scale
    with step("Benchmark matrix") as advance:
        rows = compared(run(scale, None, advance))
    print_rows(rows, as_json=False)
    EVIDENCE.write_text(json.dumps(_evidence(scale, rows), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
