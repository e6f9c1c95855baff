"""Training beside plain LightGBM on the same matrix: one fit, and what a trial of the search takes.

The table is made up: families on twelve dates, counts with many zeros, numbers, and columns that are unknown for some
families. Both subjects read it from a file that is mapped into memory, and have the same two threads, hyperparameters
and number of trees. Plain LightGBM is given what it does not have by itself: its rows binned once for all its trials,
and threads that sleep while they wait, without which any other busy process slows it several times.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from targeting.commands.bench import OURS, Row, compared

Progress = Callable[[str, int, int], None]
Measured = Mapping[str, Mapping[str, float]]

EVIDENCE = Path(__file__).parents[1] / "docs" / "evidence" / "train.json"
FAMILIES = {"small": 4_000, "full": 200_000}
ROUNDS = {"small": 20, "full": 50}
TRIALS = {"small": 2, "full": 2}
DATES, COLUMNS, SEED, THREADS = 12, 100, 1, 2
PEER = "LightGBM"
ENVIRONMENT = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE"}

# What both are given: dates a quarter apart, of which eight teach a trial and the last two judge it.
GIVEN = """
import json, re, sys, time
from pathlib import Path
import numpy as np
folder, rounds, trials, threads = Path(sys.argv[1]), *map(int, sys.argv[2:5])
X, y = np.load(folder / "X.npy", mmap_mode="r"), np.load(folder / "y.npy")
number = np.arange(len(y)) // (len(y) // 12)
tuning, validation = number < 8, number >= 10
CHOSEN = {"learning_rate": 0.05, "num_leaves": 16, "max_depth": 5, "bagging_fraction": 0.8,
          "feature_fraction_bynode": 0.4, "min_sum_hessian_in_leaf": 5.0, "lambda_l2": 10.0}
def tell(**took):
    peak = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
    print(json.dumps({**took, "processor_seconds": time.process_time(), "peak_mib": peak}))
"""
OURS_GIVEN = """
from datetime import date, timedelta
from targeting.features.matrix import Matrix
from targeting.models.estimator import EstimatorSettings
from targeting.training.definition import Search, TrainingDefinition
from targeting.training.rows import Rows
days = [date(2021, 1, 4) + timedelta(weeks=13 * step) for step in range(12)]
family = np.arange(len(y)) % (len(y) // 12)
names = tuple(f"indicator_{column}" for column in range(X.shape[1]))
table = Matrix(np.char.mod("f_%07d", np.arange(len(y) // 12))[family], np.array(days, dtype="datetime64[D]")[number],
               names, X, np.zeros(X.shape, dtype=np.int8))
rows = Rows(table=table, at=slice(0, len(y)), family=family, y=y)
settings = EstimatorSettings(names=names, directions=(None,) * len(names), seed=1, threads=threads)
"""
SCRIPTS = {
    ("fit", OURS): f"""{GIVEN}{OURS_GIVEN}
from targeting.training.fitting import Recipe, fit_booster
started = time.perf_counter()
fit_booster(rows, Recipe(CHOSEN, rounds), settings=settings)
tell(seconds=time.perf_counter() - started)
""",
    ("fit", PEER): f"""{GIVEN}
import lightgbm
started = time.perf_counter()
held = lightgbm.Dataset(X, y, free_raw_data=True)
lightgbm.train({{"objective": "binary", "bagging_freq": 1, "verbosity": -1, "num_threads": threads, **CHOSEN}}, held,
               num_boost_round=rounds)
tell(seconds=time.perf_counter() - started)
""",
    ("trial", OURS): f"""{GIVEN}{OURS_GIVEN}
from targeting.training.search import search
from targeting.training.splits import Split, Window
split = Split(train=(), test=(), tuning=tuple(days[:8]), validation=tuple(days[10:]), embargoed=(), matured=(),
              kept=(), windows=())
definition = TrainingDefinition(name="made_up", seed=1, threads=threads, search=Search(
    trials=trials, rounds=rounds, early_stopping_rounds=rounds, non_events_kept=0.3))
started = time.perf_counter()
found = search(definition, rows, split, settings=settings)
tell(seconds=(time.perf_counter() - started) / trials, average_precision=found.best.average_precision)
""",
    ("trial", PEER): f"""{GIVEN}
import lightgbm, optuna
from sklearn.metrics import average_precision_score
optuna.logging.set_verbosity(optuna.logging.WARNING)
started = time.perf_counter()
fixed = {{"objective": "binary", "bagging_freq": 1, "verbosity": -1, "num_threads": threads,
         "feature_pre_filter": False}}
held = lightgbm.Dataset(X[tuning], y[tuning], params=fixed).construct()
judges, truth = X[validation], y[validation]
judge = held.create_valid(judges, truth).construct()
def objective(trial):
    chosen = {{
        "learning_rate": trial.suggest_float("learning_rate", 0.03, 0.15, log=True),
        "num_leaves": trial.suggest_int("num_leaves", 8, 48, log=True),
        "max_depth": trial.suggest_int("max_depth", 3, 8),
        "min_sum_hessian_in_leaf": trial.suggest_float("min_sum_hessian_in_leaf", 0.5, 30, log=True),
        "feature_fraction_bynode": trial.suggest_float("feature_fraction_bynode", 0.2, 0.8),
        "bagging_fraction": trial.suggest_float("bagging_fraction", 0.6, 1.0),
        "lambda_l2": trial.suggest_float("lambda_l2", 0.01, 100, log=True),
    }}
    trees = lightgbm.train({{**fixed, **chosen}}, held, rounds, valid_sets=[judge],
                           callbacks=[lightgbm.early_stopping(rounds, verbose=False)])
    return average_precision_score(truth, trees.predict(judges))
study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=1))
study.enqueue_trial({{"learning_rate": 0.067, "num_leaves": 20, "max_depth": 6, "min_sum_hessian_in_leaf": 3.87,
                     "feature_fraction_bynode": 0.5, "bagging_fraction": 0.8, "lambda_l2": 1.0}})
study.optimize(objective, n_trials=trials)
tell(seconds=(time.perf_counter() - started) / trials, average_precision=study.best_value)
""",
}


def run(scale: str, _folder: Path | None, progress: Progress | None = None) -> list[Row]:
    """Return the rows of the benchmark: seconds of a fit and of a trial, with peak memory, and the processor's."""
    return list(_rows(scale, measured(scale, progress)))


def measured(scale: str, progress: Progress | None = None) -> dict[tuple[str, str], dict[str, float]]:
    """Return what each subject took for each question."""
    told = progress or (lambda _what, _done, _total: None)
    with TemporaryDirectory() as place:
        told("making the table", 0, len(SCRIPTS) + 1)
        make_table(Path(place), families=FAMILIES[scale])
        found = {}
        for number, (key, script) in enumerate(SCRIPTS.items(), start=1):
            told(" by ".join(key), number, len(SCRIPTS) + 1)
            found[key] = _child(script, [place, str(ROUNDS[scale]), str(TRIALS[scale]), str(THREADS)])
    return found


def make_table(folder: Path, *, families: int) -> None:
    """Write `X.npy` (float64, NaN for unknown) and `y.npy` (int8, about 2 % of it 1), column by column."""
    drawing, rows = np.random.default_rng(SEED), families * DATES
    X = np.lib.format.open_memmap(folder / "X.npy", mode="w+", dtype=np.float64, shape=(rows, COLUMNS))
    log_odds = np.full(rows, -5.0)
    for column in range(COLUMNS):
        values = drawing.poisson(0.4, rows).astype(np.float64) if column < 70 else drawing.normal(size=rows)
        log_odds += (0.6 / (1 + column % 20)) * values
        if column % 4 == 0:
            values[np.tile(drawing.random(families) < 0.3, DATES)] = np.nan
        X[:, column] = values
    X.flush()
    outcome = np.nan_to_num(log_odds, nan=-5.0)
    np.save(folder / "y.npy", (drawing.random(rows) < 1 / (1 + np.exp(-outcome))).astype(np.int8))


def _child(script: str, arguments: Sequence[str]) -> dict[str, float]:
    command = [sys.executable, "-W", "ignore", "-c", script, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=ENVIRONMENT)  # noqa: S603
    result: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def _rows(scale: str, found: Mapping[tuple[str, str], Mapping[str, float]]) -> Iterator[Row]:
    table = f"{FAMILIES[scale] * DATES:,} rows by {COLUMNS}"
    cases = {"fit": f"{ROUNDS[scale]} trees of {table}", "trial": f"a trial of {ROUNDS[scale]} trees, of {table}"}
    for what, case in cases.items():
        held = {subject: took for (asked, subject), took in found.items() if asked == what}
        for subject, took in held.items():
            yield Row("train", case, subject, round(took["seconds"], 2), "s", round(took["peak_mib"]))
        for subject, took in held.items():
            yield Row("train", f"{case}, processor of all", subject, round(took["processor_seconds"], 2), "s")


def evidence(scale: str, found: Mapping[tuple[str, str], Mapping[str, float]]) -> dict[str, Any]:
    """Return what is written to docs/evidence."""
    trials = {subject: 60 / took["seconds"] for (what, subject), took in found.items() if what == "trial"}
    return {
        "command": "make evidence-train",
        "date": date.today().isoformat(),  # noqa: DTZ011 - the day on which it ran.
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "load_average": round(os.getloadavg()[0], 1),
        "versions": {name: version(name) for name in ("targeting", "lightgbm", "numpy", "optuna")},
        "threads": THREADS,
        "rows": [asdict(row) for row in compared(_rows(scale, found))],
        "trials_a_minute": {subject: round(rate, 2) for subject, rate in trials.items()},
        "average_precision_of_the_best_trial": {
            subject: round(took["average_precision"], 4) for (what, subject), took in found.items() if what == "trial"
        },
    }


def main() -> None:
    """Run the benchmark and write its evidence."""
    parser = argparse.ArgumentParser(description="Training beside plain LightGBM.")
    parser.add_argument("--scale", choices=sorted(FAMILIES), default="full")
    scale = parser.parse_args().scale
    told = evidence(scale, measured(scale))
    text = json.dumps(told, indent=2) + "\n"
    if scale == "full":
        EVIDENCE.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
