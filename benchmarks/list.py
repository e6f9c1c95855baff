"""`targeting bench list`: a week's lists from records to publication, beside what their model alone takes.

The families of a project with published lists (the one named, else the demo, else a small one made for this), at full
scale copied with their records until 100,000 are scored. Each subject runs in a process of its own:

- targeting: the lists of a week (scored, ranked, explained, compared with the week before, published), the first lists
  of all (nothing to compare), the explanation of the families within ten times capacity, and that of everybody;
- LightGBM `Booster.predict` alone, on the finished matrix: the least that scoring could take;
- LightGBM `pred_contrib`: explanations, on a sample whose time is scaled up.

Seconds are by the clock, and of the processor, which add up all threads and do not count what else the machine does.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from targeting.commands.bench import OURS, Row, Scale
from targeting.commands.console import Advance
from targeting.commands.publishing import made_from
from targeting.errors import TargetingError
from targeting.features import plan_from_json
from targeting.features.engine import build_matrix
from targeting.models.explanation import contributions
from targeting.project.loading import load_project
from targeting.serving.lists import publish
from targeting.serving.published import published_heads
from targeting.serving.rank_ranges import TIMES_CAPACITY
from targeting.serving.week import MadeFrom
from targeting.store.generations import Generation, GenerationContents, open_generation, write_generation

from .api_district import district
from .peak_memory import peak_mib

FAMILIES: Mapping[Scale, int] = {"small": 0, "full": 100_000}
SAMPLE = 2_000
PREDICT, CONTRIB = "LightGBM Booster.predict", "LightGBM pred_contrib"
MATRIX = "matrix.npy"
# Ids that a copy of a family needs of its own, beside those of the facts.
IDS = ("family_id", "person_id", "episode_id", "successor_id", "record_id")


@dataclass(frozen=True)
class Weeks:
    """A project, its data with as many families as are wanted, and the date of the lists."""

    root: Path
    data: Path
    as_of_date: date

    def made_from(self) -> MadeFrom:
        """Return what the lists are made from."""
        made = made_from(load_project(self.root, on=self.as_of_date), self.as_of_date)
        return replace(made, generation=open_generation(self.data))

    def publish(self, as_of_date: date) -> None:
        """Publish the lists of a date."""
        at = datetime(as_of_date.year, as_of_date.month, as_of_date.day, 6, tzinfo=UTC)
        publish(self.made_from(), data=self.data, as_of_date=as_of_date, published_at=at)


def run(scale: Scale, project: Path | None, progress: Advance) -> list[Row]:
    """Return the rows of one run. Raises TargetingError where a subject fails."""
    with district(project, progress) as found, TemporaryDirectory() as folder:
        progress("copying families", 0, len(SUBJECTS) + 1)
        weeks, families = weeks_of(found.root, Path(folder), FAMILIES[scale])
        rows: list[Row] = []
        for number, (case, subject) in enumerate(SUBJECTS, start=1):
            progress(f"{case}, {subject}", number, len(SUBJECTS) + 1)
            rows += _rows(case, subject, families, _child(case, subject, weeks))
        return rows


def weeks_of(root: Path, data: Path, families: int) -> tuple[Weeks, int]:
    """Return a project's weeks, with as many copies of each family as make so many scored ones, and how many are."""
    held = root / "var"
    weeks = Weeks(root, data, published_heads(held)[0].as_of_date)
    generation = open_generation(held)
    copies = max(1, -(-families // len(_values(weeks, generation))))
    write_generation(data, _copied(generation, copies, load_project(root, on=weeks.as_of_date).contract))
    values = _values(weeks, open_generation(data))
    # Written for the subjects that need the values alone.
    np.save(data / MATRIX, np.ascontiguousarray(values))
    return weeks, len(values)


def _values(weeks: Weeks, generation: Generation) -> np.ndarray[Any, Any]:
    """Return the values of everybody who is scored on the lists' date."""
    plan = plan_from_json(made_from(load_project(weeks.root, on=weeks.as_of_date), weeks.as_of_date).bundle.plan_json)
    return build_matrix(plan, generation, [weeks.as_of_date]).values


def _copied(generation: Generation, copies: int, contract: Any) -> GenerationContents:
    """Return a generation's families and their copies, each of its own."""
    kinds = [kind for kind, held in generation.manifest.kinds.items() if held.rows]
    return GenerationContents(
        facts={kind: _again(generation.facts(kind), copies) for kind in kinds},
        memberships=_again(generation.memberships(), copies),
        agency_links=_again(generation.agency_links(), copies),
        coverage=generation.coverage,
        contract=contract,
        synthetic=generation.synthetic,
        inputs={},
        successions=_again(generation.successions(), copies),
        person_records=_again(generation.person_records(), copies),
    )


def _again(table: pa.Table, copies: int) -> pa.Table:
    return pa.concat_tables([table, *(_copy(table, number) for number in range(1, copies))])


def _copy(table: pa.Table, number: int) -> pa.Table:
    for name in IDS:
        if name in table.column_names:
            own = pc.binary_join_element_wise(table[name], str(number), "_")
            table = table.set_column(table.column_names.index(name), name, own)
    if "fact_id" in table.column_names:
        # Facts' ids are 63 random bits: another mask gives other ids, as random.
        own = pc.bit_wise_xor(table["fact_id"], pa.scalar(number * 0x1234_5678_9ABC, pa.int64()))
        table = table.set_column(table.column_names.index("fact_id"), "fact_id", own)
    return table


def _rows(case: str, subject: str, families: int, took: Mapping[str, float]) -> Iterator[Row]:
    what = f"{case}, {families:,} families"
    for unit, name in (("s", "seconds"), ("processor s", "processor_seconds")):
        yield Row("list", what, subject, round(took[name], 2), unit, round(took["peak_mib"]))


def _child(case: str, subject: str, weeks: Weeks) -> Mapping[str, float]:
    checkout = Path(__file__).parents[1]
    given = (case, subject, str(weeks.root), str(weeks.data), weeks.as_of_date.isoformat())
    command = [sys.executable, "-m", "benchmarks.list", *given]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise TargetingError(f"{subject} did not come to an end:\n{done.stderr[-2000:]}")
    took: Mapping[str, float] = json.loads(done.stdout.splitlines()[-1])
    return took


def _first(weeks: Weeks) -> float:
    weeks.publish(weeks.as_of_date - timedelta(weeks=1))
    return 1.0


def _second(weeks: Weeks) -> float:
    weeks.publish(weeks.as_of_date)
    return 1.0


def _predict(weeks: Weeks) -> float:
    weeks.made_from().bundle.booster.trees.predict(np.load(weeks.data / MATRIX), raw_score=True)
    return 1.0


def _explain(weeks: Weeks) -> float:
    contributions(weeks.made_from().bundle.booster, np.load(weeks.data / MATRIX), threads=2)
    return 1.0


def _explain_near(weeks: Weeks) -> float:
    made = weeks.made_from()
    capacity = sum(kind.capacity(panel) for kind in made.service.list for panel in made.service.panel)
    rows = np.load(weeks.data / MATRIX)[: TIMES_CAPACITY * capacity]
    contributions(made.bundle.booster, rows, threads=2)
    return 1.0


def _contrib(weeks: Weeks) -> float:
    values = np.load(weeks.data / MATRIX)
    weeks.made_from().bundle.booster.trees.predict(values[:SAMPLE], pred_contrib=True)
    return max(1.0, len(values) / SAMPLE)


# What is measured returns by how much its time is to be multiplied.
LISTS_FIRST, LISTS, NEAR, EXPLAINED = (
    "the first lists",
    "a week's lists",
    "as many as ten times capacity explained",
    "everybody explained",
)
SUBJECTS: Mapping[tuple[str, str], Callable[[Weeks], float]] = {
    (LISTS_FIRST, OURS): _first,
    (LISTS, OURS): _second,
    (LISTS, f"{PREDICT} alone"): _predict,
    (NEAR, OURS): _explain_near,
    (EXPLAINED, OURS): _explain,
    (EXPLAINED, f"{CONTRIB}, of {SAMPLE:,}"): _contrib,
}


def main(given: Sequence[str]) -> None:
    """Run one subject and print what it took, start of the program and imports left out."""
    parser = argparse.ArgumentParser()
    for name in ("case", "subject", "root", "data", "as_of_date"):
        parser.add_argument(name)
    asked = parser.parse_args(given)
    weeks = Weeks(Path(asked.root), Path(asked.data), date.fromisoformat(asked.as_of_date))
    began, used = time.perf_counter(), time.process_time()
    times = SUBJECTS[asked.case, asked.subject](weeks)
    took = {
        "seconds": times * (time.perf_counter() - began),
        "processor_seconds": times * (time.process_time() - used),
        "peak_mib": peak_mib(),
    }
    print(json.dumps(took))


if __name__ == "__main__":
    main(sys.argv[1:])
