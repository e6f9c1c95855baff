"""`targeting bench matrix`: 120 indicators for every family on one date and on many, beside Polars and DuckDB.

All compute the same columns from the same rows, drawn by `matrix_store`: every column on every date must have the same
number of values and the same sum in all three. Each subject runs in a process of its own, in turns:

- targeting: facts from the product's shards, all dates in one pass, every value with why it is not known, written;
- Polars: lazily, by its streaming engine, one query a date, each written to a file;
- DuckDB: one query a date, each written to a file.

The peers are given rows already exploded to families, which is the store's work; no coverage, agreement or reason is
theirs to look at. Before anything is measured our own code is byte-compiled, as that of the peers was when it was
installed, and the kernel compiled and kept, as a first run leaves it. Seconds are by the clock, everything included
from the start of the imports to the last byte written. Processor seconds add up all threads and do not count what else
the machine does. Growth is told of ours alone; a case of more shards of one size shows that memory does not grow.
`python -m benchmarks.matrix --keep FOLDER` writes what it found to docs/evidence; stopped, it goes on where it was.
"""

import argparse
import compileall
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import targeting
from targeting.commands.bench import OURS, Row, Scale, compared, print_rows
from targeting.commands.clock import today
from targeting.commands.console import Advance, step
from targeting.errors import TargetingError

from .matrix_store import make_store

EVIDENCE = Path(__file__).parents[1] / "docs" / "evidence" / "matrix.json"
EVERYONE = (OURS, "polars", "duckdb")


@dataclass(frozen=True)
class Case:
    """A store of so many families and facts, and who is measured on how many monthly dates."""

    families: int
    facts: int
    runs: tuple[tuple[str, int], ...]


SIZES: dict[str, tuple[Case, ...]] = {
    "small": (
        Case(5_000, 1_000_000, tuple((who, dates) for dates in (1, 24) for who in EVERYONE)),
        # Four times the shards of the same size: what it takes at most must not grow with them.
        Case(20_000, 4_000_000, ((OURS, 1),)),
    ),
    "full": (
        Case(10_000, 2_000_000, tuple((OURS, dates) for dates in (1, 6, 24, 48))),
        Case(100_000, 20_000_000, (
            *((who, dates) for dates in (1, 24) for who in EVERYONE), (OURS, 6), (OURS, 48),
        )),
    ),
    "largest": (Case(500_000, 100_000_000, ((OURS, 1), (OURS, 24))),),
}  # fmt: skip


@dataclass(frozen=True)
class Took:
    """What one subject took, and how busy the machine was then."""

    seconds: float
    processor_seconds: float
    peak_mib: float
    written_mib: float
    checksum: str
    load_average: float


def run(scale: Scale, _project: Path | None, progress: Advance) -> list[Row]:
    """Return the rows of one run. Raises TargetingError where two subjects' values differ."""
    _install()
    with TemporaryDirectory() as folder:
        return [row for case in SIZES[scale] for row in _rows(case, _measured(case, Path(folder), progress))]


def _install() -> None:
    """Do what an installation and a first run do: byte-compile our code, and keep the compiled kernel."""
    compileall.compile_dir(Path(targeting.__file__).parent, quiet=2)
    compileall.compile_dir(Path(__file__).parent, maxlevels=0, quiet=2)
    command = [sys.executable, "-c", "import targeting.features.engine"]
    subprocess.run(command, cwd=Path(__file__).parents[1], check=True)  # noqa: S603


def _measured(case: Case, folder: Path, progress: Advance) -> list[Took]:
    """Return what each run of a case took; those whose result lies in the folder are not run again."""
    kept = folder / f"{case.families}-{case.facts}"
    found = [kept / f"{subject}-{dates}.json" for subject, dates in case.runs]
    store = kept / "store"
    if not all(path.exists() for path in found) and not store.exists():
        make_store(kept / "unfinished", families=case.families, facts=case.facts, progress=progress)
        (kept / "unfinished").rename(store)
    for number, ((subject, dates), path) in enumerate(zip(case.runs, found, strict=True)):
        progress(f"{subject}, {dates} dates", number, len(case.runs))
        if not path.exists():
            took = _child(subject, store, dates, kept / "out") | {"load_average": round(os.getloadavg()[0], 1)}
            path.write_text(json.dumps(took), encoding="utf-8")
    shutil.rmtree(store, ignore_errors=True)
    return [Took(**json.loads(path.read_text(encoding="utf-8"))) for path in found]


def _rows(case: Case, measured: Sequence[Took]) -> Iterator[Row]:
    sums: dict[int, str] = {}
    for (subject, dates), took in zip(case.runs, measured, strict=True):
        if sums.setdefault(dates, took.checksum) != took.checksum:
            raise TargetingError(f"{subject} computes other values on {dates} dates than {case.runs[0][0]}.")
        what = f"{case.facts:,} facts of {case.families:,} families, {dates} dates"
        values = {"s": took.seconds, "processor s": took.processor_seconds, "MiB written": took.written_mib}
        values |= {"MiB at most": took.peak_mib}
        for unit, value in values.items():
            yield Row("matrix", what, subject, round(value, 2), unit, round(took.peak_mib))


def _child(subject: str, store: Path, dates: int, out: Path) -> dict[str, Any]:
    checkout = Path(__file__).parents[1]
    command = [sys.executable, "-m", "benchmarks.matrix_subjects", subject, str(store), str(dates), str(out)]
    shutil.rmtree(out, ignore_errors=True)
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise TargetingError(f"{subject} did not come to an end:\n{done.stderr[-2000:]}")
    took: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return took


def _evidence(scales: Sequence[str], rows: Sequence[Row], loads: Sequence[float]) -> dict[str, object]:
    return {
        "command": f"python -m benchmarks.matrix --scale {' '.join(scales)}",
        "date": today().isoformat(),
        "data": "made up by benchmarks/matrix_store.py; every column on every date has the same sum in all subjects",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "load_average": {"after the quietest run": min(loads), "after the busiest": max(loads)},
        "read_with": "a load above the number of cores means that others worked too: then processor s say more than s",
        "versions": {name: version(name) for name in ("targeting", "numpy", "numba", "pyarrow", "polars", "duckdb")},
        "rows": [asdict(row) for row in rows],
    }


def main() -> None:
    """Run the benchmark, show its rows and write them to docs/evidence."""
    parser = argparse.ArgumentParser(description="Design matrices beside Polars and DuckDB.")
    parser.add_argument("--scale", choices=sorted(SIZES), nargs="+", default=["full", "largest"])
    parser.add_argument(
        "--keep", type=Path, help="Where each run's result is kept; those that lie there are not redone."
    )
    chosen = parser.parse_args()
    _install()
    cases = [case for scale in chosen.scale for case in SIZES[scale]]
    with TemporaryDirectory() as folder, step("Benchmark matrix") as advance:
        measured = [_measured(case, chosen.keep or Path(folder), advance) for case in cases]
    rows = compared(row for case, took in zip(cases, measured, strict=True) for row in _rows(case, took))
    print_rows(rows, as_json=False)
    loads = [each.load_average for took in measured for each in took]
    evidence = _evidence(chosen.scale, rows, loads)
    EVIDENCE.write_text(json.dumps(evidence, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
