"""`make evidence-coverage`: how often the audit's 95 % intervals hold the truth, on made families.

Children of one family share a chance drawn from a beta distribution, so that their outcomes are correlated; families
have one to four children. A group of n children stands beside a reference of ten times as many. For each cell (n, rate,
correlation within a family, and what is estimated) data are made many times over and the intervals counted that hold
the truth. Writes `docs/evidence/coverage.json`; fails where a cell is below 90 % or the average outside 94 to 98 %.

    python benchmarks/audit_coverage.py          a reduced grid, some four minutes
    python benchmarks/audit_coverage.py --full   the whole grid with 2,000 data sets a cell, about two hours
"""

import argparse
import itertools
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from targeting.fairness.clusters import Clusters, clusters
from targeting.fairness.counts import patterns
from targeting.fairness.estimates import Measured, estimate

EVIDENCE = Path(__file__).parents[1] / "docs" / "evidence" / "coverage.json"
WHAT = ("prevalence", "prevalence_difference", "prevalence_ratio")
SIZES = {"children": (1, 2, 3, 4), "share": (0.35, 0.35, 0.2, 0.1)}
TIMES_THE_REFERENCE = 10
# The reference's rate is the group's, or the group's over this.
GAPS = (1.0, 1.5)
LEAST, AVERAGE = 0.90, (0.94, 0.98)


@dataclass(frozen=True)
class Grid:
    """Which cells, and how many data sets for each."""

    sizes: tuple[int, ...]
    rates: tuple[float, ...]
    correlations: tuple[float, ...]
    times: int

    def cells(self) -> Iterator[tuple[int, float, float, float]]:
        """Return every n, rate, correlation and gap."""
        return itertools.product(self.sizes, self.rates, self.correlations, GAPS)


REDUCED = Grid((30, 60, 200, 1000), (0.01, 0.05, 0.2, 0.5), (0.0, 0.3), 400)
FULL = Grid((30, 40, 60, 100, 200, 500, 1000, 3000), (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5), (0.0, 0.1, 0.3, 0.6), 2000)


@dataclass(frozen=True)
class Cell:
    """How often one interval held the truth, of those data sets in which there was one."""

    n: int
    rate: float
    correlation: float
    gap: float
    what: str
    covered: float
    given: float


def families(n: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Return the family of each of n children; the last family may be cut short."""
    children = random.choice(SIZES["children"], size=n, p=SIZES["share"])
    return np.repeat(np.arange(n), children)[:n].astype(np.int64)


def outcomes(
    family: NDArray[np.int64], rate: float, correlation: float, random: np.random.Generator
) -> NDArray[np.int64]:
    """Return outcomes of a rate that are correlated within families."""
    if correlation == 0:
        return (random.random(len(family)) < rate).astype(np.int64)
    strength = (1 - correlation) / correlation
    chance = random.beta(rate * strength, (1 - rate) * strength, int(family.max()) + 1)
    return (random.random(len(family)) < chance[family]).astype(np.int64)


def made(n: int, rates: tuple[float, float], correlation: float, random: np.random.Generator) -> Clusters:
    """Return a group of n children and a reference group, each family within one of them."""
    own, other = families(n, random), families(n * TIMES_THE_REFERENCE, random)
    family = np.concatenate([own, other + own.max() + 1])
    group = np.repeat([0, 1], [len(own), len(other)])
    label = np.concatenate(
        [outcomes(each, rate, correlation, random) for each, rate in zip((own, other), rates, strict=True)]
    )
    return clusters(family, group, label, patterns([np.zeros(len(family), dtype=bool)]), 2)


def cell(n: int, rate: float, correlation: float, gap: float, times: int) -> Iterator[Cell]:
    """Return how often the intervals of one cell held the truth."""
    random = np.random.default_rng([n, round(1000 * rate), round(10 * correlation), round(10 * gap)])
    other = rate / gap
    truth = dict(zip(WHAT, (rate, rate - other, rate / other), strict=True))
    held = {what: np.zeros(2) for what in WHAT}
    for number in range(times):
        measured = Measured(made(n, (rate, other), correlation, random), {}, 1, (number,))
        for what, found in estimate(measured, WHAT).items():
            lower, upper = found.lower[0, 0], found.upper[0, 0]
            unbounded = what.endswith("_ratio") and found.method[0, 0] == "koopman"
            held[what] += (lower <= truth[what] <= upper, np.isfinite(lower) and (np.isfinite(upper) or unbounded))
    for what, (covered, given) in held.items():
        yield Cell(
            n, rate, correlation, gap, what, round(float(covered / max(given, 1)), 4), round(float(given / times), 4)
        )


def main() -> int:
    """Simulate, write the evidence; return 1 where intervals cover too little or too much."""
    parser = argparse.ArgumentParser(description="How often 95 % intervals hold the truth.")
    parser.add_argument("--full", action="store_true", help="the whole grid")
    grid = FULL if parser.parse_args().full else REDUCED
    started = time.perf_counter()
    cells = [each for at in grid.cells() for each in cell(*at, times=grid.times)]
    averages = {what: round(float(np.mean([c.covered for c in cells if c.what == what])), 4) for what in WHAT}
    least = min(cells, key=lambda each: each.covered)
    _write(grid, cells, averages, time.perf_counter() - started)
    print(f"{len(cells)} cells of {grid.times} data sets; averages {averages}; least {least}")
    print(f"Written to {EVIDENCE}")
    sound = least.covered >= LEAST and all(AVERAGE[0] <= value <= AVERAGE[1] for value in averages.values())
    return 0 if sound else 1


def _write(grid: Grid, cells: list[Cell], averages: dict[str, float], seconds: float) -> None:
    from targeting.commands.clock import today  # noqa: PLC0415 - the tests need no clock

    content = {
        "command": f"python benchmarks/audit_coverage.py{' --full' if grid is FULL else ''}",
        "date": today().isoformat(),
        "data": "made families of one to four children; a reference group of ten times as many",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("targeting", "numpy", "scipy")},
        "seconds": round(seconds),
        "data_sets_a_cell": grid.times,
        "cells": len(cells),
        "average": averages,
        "least": min(each.covered for each in cells),
        "standard_error_of_a_cell": round(float(np.sqrt(0.95 * 0.05 / grid.times)), 4),
        "columns": list(Cell.__annotations__),
        "rows": [list(each.__dict__.values()) for each in cells],
    }
    EVIDENCE.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, indent=1).replace("\n   ", " ").replace("\n  ]", "]")
    EVIDENCE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
