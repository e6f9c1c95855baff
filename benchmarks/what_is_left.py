"""What is left between the trained model and the attainable, and why: families, events, or indicators?

Two questions, on synthetic districts of one seed, each answered in shares of the attainable as `bench regret` has them:

- *more families*: the declared training on districts of 20,000, 40,000 and 75,000 families, and on a quarter and on
  half of each. Bradford has about 75,000 families with children.
- *no noise*: trees taught the attainable probability itself in place of what happened, from the same indicators, from
  an eighth of the families up to all of a half (`taught_chances.py`), on the smallest district. What they lack is not
  in the indicators, or not in so few families; what the model lacks beside them is in the events' noise.

`python -m benchmarks.what_is_left [FAMILIES ...]`: a district of 75,000 families takes some hours and 16 GB. All that
is finished is kept below `var/regret`, where `bench regret` keeps its own, and a run that was stopped goes on from
there. Without a size it writes `docs/evidence/what_is_left.json`. It says nothing about Bradford.
"""

import json
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from targeting.commands.bench import Row
from targeting.commands.clock import today
from targeting.commands.console import out as console
from targeting.commands.console import step, table
from targeting.project.loading import load_project
from targeting.synthetic.synthesis import DEFAULT_END

from .regret import sample_of
from .regret_districts import Floats, Place, Progress, prepare, result_of
from .regret_measures import OF_ATTAINABLE, measures
from .taught_chances import HAPPENED, SHARES, TAUGHT, chances_of, taught_scores
from .trained_model import FEWER, LOGISTIC_REGRESSION, NAMES, OURS

ROOT = Path(__file__).parents[1]
EVIDENCE, KEPT = ROOT / "docs" / "evidence" / "what_is_left.json", ROOT / "var" / "regret"
SIZES, SEED = (20_000, 40_000, 75_000), 1
_TOLD = (OURS, *FEWER, NAMES[LOGISTIC_REGRESSION], *map(TAUGHT.format, SHARES), HAPPENED)


def results(sizes: Sequence[int], below: Path, progress: Progress) -> Iterator[Row]:
    """Yield the shares of the attainable on districts of each size, and of trees taught it on the smallest."""
    places = [Place(families, SEED) for families in sorted(sizes)]
    for place in places:
        prepare([place], below, progress)
        yield from _shares(place, measures(result_of(place, below, sample_of, progress).sample))
        if place is places[0]:
            taught = _taught(place, below, progress)
            sample = sample_of(below / place.folder / "extracts", taught)
            yield from _shares(place, measures(sample), of=tuple(taught))


def _shares(place: Place, found: Iterator[Row], of: tuple[str, ...] = _TOLD) -> Iterator[Row]:
    for row in found:
        if row.subject in of and row.case.endswith(OF_ATTAINABLE):
            yield Row("what_is_left", f"{place.families:,} families: {row.case}", row.subject, row.value, row.unit)


def _taught(place: Place, below: Path, progress: Progress) -> dict[str, Floats]:
    folder = below / place.folder
    project = load_project(folder / "project", on=DEFAULT_END)
    kept = folder / f"taught-{project.declarations_digest[:16]}.parquet"
    if not kept.exists():
        chances = chances_of(place, folder / "chances.parquet", progress)
        scores = taught_scores(project, folder / "extracts", chances, progress)
        unfinished = kept.with_suffix(".unfinished")
        pq.write_table(pa.table(scores), unfinished)
        unfinished.rename(kept)
    held = pq.read_table(kept)
    return {name: np.asarray(held[name]) for name in held.column_names}


def main() -> int:
    """Run on the sizes that are given, or on all and write the evidence."""
    sizes = tuple(map(int, sys.argv[1:]))
    with step("What is left, and why") as progress:
        found = list(results(sizes or SIZES, KEPT, progress))
    told = [(row.case, row.subject, f"{row.value:.1f}") for row in found]
    console.print(table("Shares of the attainable, %", ("what", "subject", ""), told))
    if not sizes:
        EVIDENCE.write_text(json.dumps(_evidence(found), indent=1) + "\n", encoding="utf-8")
        console.print(f"{len(found)} measures lie in {EVIDENCE}.")
    return 0


def _evidence(found: Sequence[Row]) -> dict[str, object]:
    return {
        "command": "python -m benchmarks.what_is_left",
        "date": today().isoformat(),
        "data": f"synthetic districts of {', '.join(f'{size:,}' for size in SIZES)} families, seed {SEED}; they say "
        "nothing about Bradford",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("targeting", "lightgbm", "numpy")},
        "measures": [
            {"case": row.case, "subject": row.subject, "value": round(row.value, 3), "unit": row.unit} for row in found
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
