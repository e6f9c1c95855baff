"""`targeting bench explain`: explanations by look-ups beside LightGBM's own, shap and woodelf-explainer, in one run.

One model of 400 trees of 31 leaves over 100 columns, a sixth of whose values are unknown. Each subject runs on one
thread in a process of its own, so that its memory is its own, with LightGBM's reading of the model behind it. Peers:

- LightGBM: `predict(pred_contrib=True)`;
- shap: `TreeExplainer(booster).shap_values`, which hands the rows to LightGBM and checks their sums;
- woodelf-explainer: `WoodelfExplainer(booster).shap_values`, single precision; every call prepares the trees anew.

The first row of a model, whose trees are then read, is a case of its own. Seconds are the processor's, so that what
else the machine does is not counted. Where a peer would take minutes it is given fewer rows, which its name says, and
its time is scaled up.
"""

import argparse
import importlib
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from targeting.commands.bench import OURS, Row, Scale
from targeting.commands.console import Advance
from targeting.models.estimator import (
    Booster,
    EstimatorSettings,
    Floats,
    TrainingRows,
    booster_from_text,
    train_booster,
)
from targeting.models.explanation import contributions

from .peak_memory import peak_mib

ROOT = Path(__file__).parents[1]
LIGHTGBM, SHAP, WOODELF = "LightGBM pred_contrib", "shap.TreeExplainer", "woodelf-explainer"
MODULES = {SHAP: "shap", WOODELF: "woodelf"}
TREES, LEAVES, COLUMNS, TRAINED_ON, SEED = 400, 31, 100, 10_000, 1
SIZES: Mapping[Scale, tuple[int, ...]] = {"small": (1, 1_000, 100_000), "full": (1, 1_000, 100_000, 1_000_000)}
# The most rows that a subject is given; targeting has all of them.
MOST: Mapping[str, int] = {LIGHTGBM: 2_000, SHAP: 2_000, WOODELF: 100_000}
REPEATS = {1: 31, 1_000: 3}
COMPARED = 1_000

Explainer = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Measured:
    """What one subject took for so many rows: the middle of its calls, in seconds of the processor, and its peak."""

    rows: int
    seconds: float
    peak_mib: float


def run(scale: Scale, project: Path | None, progress: Advance) -> list[Row]:  # noqa: ARG001
    """Return the rows of the benchmark; a peer that is not installed is left out."""
    subjects = [name for name in (OURS, *MOST) if name not in MODULES or importlib.util.find_spec(MODULES[name])]
    with TemporaryDirectory() as name:
        folder, found = Path(name), {}
        progress("training a model", 0, len(subjects) + 1)
        _make(folder, max(SIZES[scale]))
        for number, subject in enumerate(subjects):
            progress(subject, number + 1, len(subjects) + 1)
            found[subject] = _child(subject, folder, SIZES[scale])
        return [*_rows_of_time(found, SIZES[scale]), *_rows_of_error(found, folder)]


def _make(folder: Path, rows: int) -> None:
    """Write a trained model and rows that are like those it learnt from."""
    drawing = np.random.default_rng(SEED)
    weight = 0.3 * drawing.normal(size=COLUMNS)
    X = np.lib.format.open_memmap(folder / "X.npy", mode="w+", dtype=np.float64, shape=(rows, COLUMNS))
    for start in range(0, rows, TRAINED_ON):
        X[start : start + TRAINED_ON] = _drawn(drawing, min(TRAINED_ON, rows - start))
    learnt = _drawn(drawing, TRAINED_ON)
    known = np.nan_to_num(learnt)
    score = known @ weight + known[:, 0] * known[:, 1] - 2.0
    y = (drawing.random(TRAINED_ON) < 1 / (1 + np.exp(-score))).astype(np.int8)
    names = tuple(f"column_{number}" for number in range(COLUMNS))
    settings = EstimatorSettings(names=names, directions=(None,) * COLUMNS, seed=SEED, threads=1)
    chosen = {"num_leaves": LEAVES, "max_depth": 6, "learning_rate": 0.05, "feature_fraction": 0.8}
    booster = train_booster(TrainingRows(learnt, y, settings=settings), chosen, rounds=TREES)
    (folder / "booster.txt").write_text(booster.text, encoding="utf-8")


def _drawn(drawing: np.random.Generator, rows: int) -> Floats:
    """Return measures, every third a small count, a sixth of them unknown."""
    X = drawing.normal(size=(rows, COLUMNS))
    X[:, ::3] = np.round(2 * np.abs(X[:, ::3]))
    X[drawing.random(X.shape) < 1 / 6] = np.nan
    return X


def _child(subject: str, folder: Path, sizes: Sequence[int]) -> list[Measured]:
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.explain", subject, str(folder), *map(str, sizes)]
    one = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env={**os.environ, **one})  # noqa: S603
    return [Measured(**each) for each in json.loads(done.stdout.strip().splitlines()[-1])]


def _rows_of_time(found: Mapping[str, Sequence[Measured]], sizes: Sequence[int]) -> Iterator[Row]:
    for subject, (first, *_) in found.items():
        yield Row("explain", "the first row of a model", subject, 1000 * first.seconds, "ms")
    for place, size in enumerate(sizes, start=1):
        held = [(_named(subject, each[place], size), each[place]) for subject, each in found.items()]
        case = f"{size:,} row{'s' if size > 1 else ''}"
        for name, each in held:
            yield Row("explain", case, name, 1000 * each.seconds * size / each.rows, "ms", each.peak_mib)
        for name, each in held:
            rate = each.rows / each.seconds
            yield Row("explain", f"{case}, a processor's second", name, rate, "rows/s", each.peak_mib)


def _named(subject: str, measured: Measured, size: int) -> str:
    return subject if measured.rows >= size else f"{subject}, from {measured.rows:,} rows"


def _rows_of_error(found: Mapping[str, Sequence[Measured]], folder: Path) -> Iterator[Row]:
    """Yield how far each subject's parts are from LightGBM's, and their sum with the base value from the margin."""
    booster = _booster(folder)
    X = np.load(folder / "X.npy", mmap_mode="r")[:COMPARED]
    true, margin = _lightgbm(booster)(X), booster.trees.predict(X, raw_score=True, num_threads=1)
    for subject in found:
        parts = np.load(folder / f"{subject}.npy")[:, :COLUMNS]
        apart = float(np.abs(parts - true[:, :-1]).max())
        yield Row("explain", f"greatest error of a part, {COMPARED:,} rows", subject, 1e15 * apart, "1e-15 log-odds")
        missing = float(np.abs(parts.sum(axis=1) + true[0, -1] - margin).max())
        yield Row("explain", f"greatest error of a sum, {COMPARED:,} rows", subject, 1e15 * missing, "1e-15 log-odds")


def _booster(folder: Path) -> Booster:
    return booster_from_text((folder / "booster.txt").read_text(encoding="utf-8"))


def _lightgbm(booster: Booster) -> Explainer:
    return lambda X: np.asarray(booster.trees.predict(X, pred_contrib=True, num_threads=1))


def _shap(booster: Booster) -> Explainer:
    from shap import TreeExplainer  # noqa: PLC0415 - a peer, in the extra `test`

    booster.trees.params["num_threads"] = 1
    explainer = TreeExplainer(booster.trees)
    return lambda X: np.asarray(explainer.shap_values(X))


def _woodelf(booster: Booster) -> Explainer:
    import pandas as pd  # noqa: PLC0415
    from woodelf import WoodelfExplainer  # noqa: PLC0415 - a peer, in the extra `bench`

    explainer = WoodelfExplainer(booster.trees)
    return lambda X: np.asarray(explainer.shap_values(pd.DataFrame(X, columns=list(booster.names)), verbose=False))


def _ours(booster: Booster) -> Explainer:
    return lambda X: contributions(booster, X)


SUBJECTS: Mapping[str, Callable[[Booster], Explainer]] = {
    OURS: _ours,
    LIGHTGBM: _lightgbm,
    SHAP: _shap,
    WOODELF: _woodelf,
}


def _measured(subject: str, folder: Path, sizes: Sequence[int]) -> Iterator[Measured]:
    """Yield what the first row took, then each size, smallest first; what was explained is written for comparison."""
    booster, X = _booster(folder), np.load(folder / "X.npy", mmap_mode="r")
    if subject in MODULES:
        importlib.import_module(MODULES[subject])
    started = time.process_time()
    explain = SUBJECTS[subject](booster)
    explain(np.ascontiguousarray(X[:1]))
    yield Measured(1, time.process_time() - started, peak_mib())
    for size in sizes:
        rows = np.ascontiguousarray(X[: min(size, MOST.get(subject, size))])
        yield _timed(explain, rows, 1 if subject == WOODELF else REPEATS.get(size, 1))
    np.save(folder / f"{subject}.npy", explain(np.ascontiguousarray(X[:COMPARED])))


def _timed(explain: Explainer, X: Floats, times: int) -> Measured:
    seconds = []
    for _ in range(times):
        started = time.process_time()
        explain(X)
        seconds.append(time.process_time() - started)
    return Measured(len(X), float(np.median(seconds)), peak_mib())


def main() -> None:
    """Measure one subject, and print what it took as JSON."""
    parser = argparse.ArgumentParser(description="One subject of the benchmark `explain`.")
    parser.add_argument("subject", choices=sorted(SUBJECTS))
    parser.add_argument("folder", type=Path)
    parser.add_argument("sizes", type=int, nargs="+")
    given = parser.parse_args()
    measured: list[Any] = [asdict(each) for each in _measured(given.subject, given.folder, given.sizes)]
    sys.stdout.write(f"{json.dumps(measured)}\n")


if __name__ == "__main__":
    main()
