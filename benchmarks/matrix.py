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
the machine does. One date is run in three turns, of which each subject's quickest is told. Growth is told of ours
alone; a case of more shards of one size shows that memory does not grow.

`python -m benchmarks.matrix --scale full` writes what it found to docs/evidence, and leaves there what other scales
found, with their own date. With `--keep FOLDER` a run that was stopped goes on where it was.
"""

import argparse
import compileall
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import targeting
from targeting.commands.bench import OURS, Row, Scale, compared, print_rows
from targeting.commands.clock import today
from targeting.commands.console import Advance, step
from targeting.errors import TargetingError

from .matrix_store import make_store

EVIDENCE = Path(__file__).parents[1] / "docs" / "evidence" / "matrix.json"
EVERYONE = (OURS, "polars", "duckdb")
NAMED_VERSIONS = ("targeting", "numpy", "numba", "pyarrow", "polars", "duckdb")


@dataclass(frozen=True)
class Case:
    """A store of so many families and facts, and who is measured in turn on how many monthly dates."""

    families: int
    facts: int
    runs: tuple[tuple[str, int], ...]


IN_THREE_TURNS = tuple((who, 1) for _ in range(3) for who in EVERYONE)
SIZES: dict[str, tuple[Case, ...]] = {
    "small": (
        Case(5_000, 1_000_000, (*IN_THREE_TURNS, *((who, 24) for who in EVERYONE))),
        # Four times the shards of the same size: what it takes at most must not grow with them.
        Case(20_000, 4_000_000, ((OURS, 1),)),
    ),
    "full": (
        Case(10_000, 2_000_000, tuple((OURS, dates) for dates in (1, 6, 24, 48))),
        Case(100_000, 20_000_000, (*IN_THREE_TURNS, *((who, 24) for who in EVERYONE), (OURS, 6), (OURS, 48))),
    ),
    "largest": (Case(500_000, 100_000_000, ((OURS, 1), (OURS, 24))),),
}


class Who(NamedTuple):
    """A subject, and on how many dates it was measured."""

    subject: str
    dates: int


@dataclass(frozen=True)
class Took:
    """What one subject took, and how busy the machine was before and after."""

    seconds: float
    processor_seconds: float
    peak_mib: float
    written_mib: float
    checksum: str
    load_before: float
    load_after: float


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


def _measured(case: Case, folder: Path, progress: Advance) -> dict[Who, Took]:
    """Return the quickest of each subject's runs of a case; those whose result lies in the folder are not run again.

    Raises TargetingError where two subjects' values differ.
    """
    kept = folder / f"{case.families}-{case.facts}"
    found = [kept / f"{number:02}-{subject}-{dates}.json" for number, (subject, dates) in enumerate(case.runs)]
    store = kept / "store"
    if not all(path.exists() for path in found) and not store.exists():
        shutil.rmtree(kept / "unfinished", ignore_errors=True)
        make_store(kept / "unfinished", families=case.families, facts=case.facts, progress=progress)
        (kept / "unfinished").rename(store)
    for number, ((subject, dates), path) in enumerate(zip(case.runs, found, strict=True)):
        progress(f"{subject}, {dates} dates", number, len(case.runs))
        if not path.exists():
            before = os.getloadavg()[0]
            took = _child(subject, store, dates, kept / "out")
            path.write_text(json.dumps(took | {"load_before": before, "load_after": os.getloadavg()[0]}), "utf-8")
    shutil.rmtree(store, ignore_errors=True)
    shutil.rmtree(kept / "out", ignore_errors=True)
    return _quickest(case, [Took(**json.loads(path.read_text(encoding="utf-8"))) for path in found])


def _quickest(case: Case, measured: Sequence[Took]) -> dict[Who, Took]:
    quickest: dict[Who, Took] = {}
    sums: dict[int, str] = {}
    for (subject, dates), took in zip(case.runs, measured, strict=True):
        if sums.setdefault(dates, took.checksum) != took.checksum:
            raise TargetingError(f"{subject} computes other values on {dates} dates than {case.runs[0][0]}.")
        who = Who(subject, dates)
        quickest[who] = min(took, quickest.get(who, took), key=lambda each: each.seconds)
    return quickest


def _rows(case: Case, measured: Mapping[Who, Took]) -> Iterator[Row]:
    for (subject, dates), took in measured.items():
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


def _evidence(found: Mapping[str, Mapping[Case, Mapping[Who, Took]]], earlier: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is written: the scales found now, and of an earlier evidence those that were not run."""
    kept = {scale: told for scale, told in earlier.get("scales", {}).items() if scale not in found}
    now = {scale: _told(scale, cases) for scale, cases in found.items()}
    return {
        "command": "python -m benchmarks.matrix --scale full, and --scale largest",
        "data": "made up by benchmarks/matrix_store.py; every column on every date has the same sum in all subjects",
        "said": (
            "seconds by the clock, imports and writing included; of one date each subject's quickest of three runs in "
            "turn; where the load is above the number of cores others worked too, and processor seconds say more. "
            "`to_ours` is a peer's processor seconds and seconds divided by ours: above 1 means that ours wins"
        ),
        "scales": {scale: told for scale, told in (kept | now).items() if scale in SIZES},
    }


def _told(scale: str, cases: Mapping[Case, Mapping[Who, Took]]) -> dict[str, Any]:
    return {
        "date": today().isoformat(),
        "command": f"python -m benchmarks.matrix --scale {scale}",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in NAMED_VERSIONS},
        "rows": [_row(case, who, measured) for case, measured in cases.items() for who in measured],
    }


def _row(case: Case, who: Who, measured: Mapping[Who, Took]) -> dict[str, Any]:
    took, ours = measured[who], measured.get(Who(OURS, who.dates))
    costs = {name: round(value, 2) for name, value in asdict(took).items() if name != "checksum"}
    row = {"facts": case.facts, "families": case.families, **who._asdict(), **costs}
    if who.subject == OURS or ours is None:
        return row
    names = ("seconds", "processor_seconds")
    return row | {"to_ours": {name: round(getattr(took, name) / getattr(ours, name), 2) for name in names}}


def main() -> None:
    """Run the benchmark, show its rows and write them to docs/evidence."""
    parser = argparse.ArgumentParser(description="Design matrices beside Polars and DuckDB.")
    parser.add_argument("--scale", choices=sorted(SIZES), nargs="+", default=["full", "largest"])
    parser.add_argument(
        "--keep", type=Path, help="Where each run's result is kept; those that lie there are not redone."
    )
    chosen = parser.parse_args()
    _install()
    with TemporaryDirectory() as folder, step("Benchmark matrix") as advance:
        where = chosen.keep or Path(folder)
        found = {scale: {case: _measured(case, where, advance) for case in SIZES[scale]} for scale in chosen.scale}
    rows = [row for cases in found.values() for case, measured in cases.items() for row in _rows(case, measured)]
    print_rows(compared(rows), as_json=False)
    earlier = json.loads(EVIDENCE.read_text(encoding="utf-8")) if EVIDENCE.exists() else {}
    EVIDENCE.write_text(json.dumps(_evidence(found, earlier), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
