"""`make evidence-coverage`: how often the audit's 95 % intervals hold the truth, on made families.

Children of one family share a chance drawn from a beta distribution, so that their outcomes are correlated; families
have one to four children. Groups of n children, twenty at once, stand beside a reference of ten times as many. For each
cell (n, rate, correlation within a family, and what is estimated) groups are made many times over and the intervals
counted that hold the truth. Writes `docs/evidence/coverage.json`; fails where a cell is below 90 % or the average
outside 94 to 98 %.

    python benchmarks/audit_coverage.py          a reduced grid, some forty seconds
    python benchmarks/audit_coverage.py --full   the whole grid, some three minutes of a processor
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
from targeting.fairness.estimates import Estimate, Measured, estimate

EVIDENCE = Path(__file__).parents[1] / "docs" / "evidence" / "coverage.json"
WHAT = ("prevalence", "prevalence_difference", "prevalence_ratio")
SIZES = {"children": (1, 2, 3, 4), "share": (0.35, 0.35, 0.2, 0.1)}
TIMES_THE_REFERENCE = 10
GROUPS_AT_ONCE = 20
# The reference's rate is the group's, or the group's over this.
GAPS = (1.0, 1.5)
LEAST, AVERAGE = 0.90, (0.94, 0.98)


@dataclass(frozen=True)
class Grid:
    """Which cells, and how many groups for each, a multiple of those made at once."""

    sizes: tuple[int, ...]
    rates: tuple[float, ...]
    correlations: tuple[float, ...]
    times: int

    def cells(self) -> Iterator[tuple[int, float, float, float]]:
        """Return every n, rate, correlation and gap."""
        return itertools.product(self.sizes, self.rates, self.correlations, GAPS)


REDUCED = Grid((30, 60, 200, 1000), (0.01, 0.05, 0.2, 0.5), (0.0, 0.3), 400)
FULL = Grid((30, 40, 60, 100, 300, 1000), (0.01, 0.02, 0.05, 0.1, 0.2, 0.5), (0.0, 0.3, 0.6), 400)


@dataclass(frozen=True)
class Cell:
    """How often one interval held the truth, of those groups for which there was one."""

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
    """Return groups of n children each and a reference group after them, each family within one of them."""
    sizes = [*[n] * GROUPS_AT_ONCE, n * TIMES_THE_REFERENCE]
    of_each = [families(size, random) for size in sizes]
    starts = np.cumsum([0, *(int(each.max()) + 1 for each in of_each)])
    label = [
        outcomes(each, rates[number == GROUPS_AT_ONCE], correlation, random) for number, each in enumerate(of_each)
    ]
    family = np.concatenate([each + start for each, start in zip(of_each, starts, strict=False)])
    nobody = patterns([np.zeros(len(family), dtype=bool)])
    group = np.repeat(np.arange(len(sizes)), sizes)
    return clusters(family, group, np.concatenate(label), nobody, len(sizes))


def cell(n: int, rate: float, correlation: float, gap: float, times: int) -> Iterator[Cell]:
    """Return how often the intervals of one cell held the truth."""
    random = np.random.default_rng([n, round(1000 * rate), round(10 * correlation), round(10 * gap)])
    other = rate / gap
    truth = dict(zip(WHAT, (rate, rate - other, rate / other), strict=True))
    held = {what: np.zeros(2) for what in WHAT}
    for number in range(times // GROUPS_AT_ONCE):
        measured = Measured(made(n, (rate, other), correlation, random), {}, GROUPS_AT_ONCE, (number,))
        for what, found in estimate(measured, WHAT).items():
            held[what] += _held(truth[what], found, is_ratio=what.endswith("_ratio"))
    for what, (covered, given) in held.items():
        shares = round(float(covered / max(given, 1)), 4), round(float(given / times), 4)
        yield Cell(n, rate, correlation, gap, what, *shares)


def _held(truth: float, found: Estimate, *, is_ratio: bool) -> tuple[int, int]:
    """Return how many groups' intervals hold the truth, and how many groups have one."""
    lower, upper, method = (column[:GROUPS_AT_ONCE, 0] for column in (found.lower, found.upper, found.method))
    unbounded = is_ratio & (method == "koopman")
    given = np.isfinite(lower) & (np.isfinite(upper) | unbounded)
    return int(((lower <= truth) & (truth <= upper)).sum()), int(given.sum())


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
    print(f"{len(cells)} cells of {grid.times} groups; averages {averages}; least {least}")
    print(f"Written to {EVIDENCE}")
    sound = least.covered >= LEAST and all(AVERAGE[0] <= value <= AVERAGE[1] for value in averages.values())
    return 0 if sound else 1


def _write(grid: Grid, cells: list[Cell], averages: dict[str, float], seconds: float) -> None:
    from targeting.commands.clock import today  # noqa: PLC0415 - the tests need no clock

    content = {
        "command": f"python benchmarks/audit_coverage.py{' --full' if grid is FULL else ''}",
        "date": today().isoformat(),
        "data": "made families of one to four children; twenty groups at once, a reference of ten times one's size",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("targeting", "numpy", "scipy")},
        "seconds": round(seconds),
        "groups_a_cell": grid.times,
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
