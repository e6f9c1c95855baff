"""The synthetic districts of `bench regret`, each made, loaded, linked, learnt from and scored in a folder of its own.

Every step that is finished stays in the folder, so that a run that was stopped goes on where it was. What was learnt
belongs to the declarations by which it was; with others only that is done again. Code is not looked at: remove the
folder after a change that should tell. Districts are made and linked two at a time, each by a process of its own
(`python -m benchmarks.regret_districts BELOW FAMILIES SEED VARIANT`).
"""

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from targeting.models.estimator import Booster, booster_from_text
from targeting.project.project import Project
from targeting.synthetic.synthesis import DEFAULT_END, synthesise

from .trained_model import prepared, trained_scores

Progress = Callable[[str, int, int], None]
Floats = NDArray[np.float64]
ROOT, AT_A_TIME = Path(__file__).parents[1], 2
STANDARD, OTHER = "standard", "other"
_WEIGHT, _LABEL = "inclusion_weight", "escalated"


@dataclass(frozen=True)
class Sample:
    """Family-dates with their inclusion weights, whether each escalated, and each subject's scores."""

    weight: Floats
    label: NDArray[np.bool_]
    scores: Mapping[str, Floats]


# From a district's extracts, and scores of the whole sample by other subjects, the sample as it is judged.
SampleOf = Callable[[Path, Mapping[str, Floats]], Sample]


@dataclass(frozen=True)
class Place:
    """One district: how many families, from which seed, by which mechanisms."""

    families: int
    seed: int
    variant: str = STANDARD

    @property
    def name(self) -> str:
        """Return how progress calls it."""
        return f"{self.variant} district {self.seed} of {self.families:,} families"

    @property
    def folder(self) -> str:
        """Return the name of its folder."""
        return self.name.replace(" ", "-").replace(",", "")


@dataclass(frozen=True)
class Result:
    """A district's sample and the text of the booster that was trained on it."""

    sample: Sample
    booster_text: str

    @property
    def booster(self) -> Booster:
        """Return the booster."""
        return booster_from_text(self.booster_text)


def prepare(places: Sequence[Place], below: Path, progress: Progress) -> None:
    """Make and link districts below a folder, as far as an earlier run had not."""

    def prepare_one(place: Place) -> None:
        asked = [str(below.resolve()), str(place.families), str(place.seed), place.variant]
        command = [sys.executable, "-m", "benchmarks.regret_districts", *asked]
        subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603 - our own command

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        for done, _ in enumerate(pool.map(prepare_one, places), start=1):
            progress("districts are made and linked", done, len(places))


def result_of(
    place: Place,
    below: Path,
    sample_of: SampleOf,
    progress: Progress,
    *,
    elsewhere: Mapping[str, Booster] = MappingProxyType({}),
) -> Result:
    """Return a district's result, from its folder below `below` as far as an earlier run had come."""

    def say(what: str, done: int, total: int) -> None:
        progress(f"{place.name}: {what}", done, total)

    project, extracts = _prepared(place, below, say)
    kept = below / place.folder / f"learnt-{project.declarations_digest[:16]}"
    if not kept.exists():
        scored = trained_scores(project, extracts, on=DEFAULT_END, progress=say, elsewhere=elsewhere)
        _keep(Result(sample_of(extracts, scored.scores), scored.booster.text), kept)
    return _read(kept)


def _prepared(place: Place, below: Path, progress: Progress) -> tuple[Project, Path]:
    folder = below / place.folder
    extracts, unfinished = folder / "extracts", folder / "extracts-unfinished"
    if not extracts.exists():
        _remove(unfinished)
        synthesise(
            unfinished,
            families=place.families,
            seed=place.seed,
            variant=place.variant,
            attainable=True,
            progress=progress,
        )
        unfinished.rename(extracts)
    return prepared(folder / "project", extracts, on=DEFAULT_END, progress=progress), extracts


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _keep(result: Result, folder: Path) -> None:
    unfinished = folder.with_suffix(".unfinished")
    _remove(unfinished)
    unfinished.mkdir(parents=True)
    sample = result.sample
    table = pa.table({_WEIGHT: sample.weight, _LABEL: sample.label, **sample.scores})
    pq.write_table(table, unfinished / "sample.parquet")
    (unfinished / "booster.txt").write_text(result.booster_text, encoding="utf-8")
    unfinished.rename(folder)


def _read(folder: Path) -> Result:
    table = pq.read_table(folder / "sample.parquet")
    columns = {name: table[name].to_numpy() for name in table.column_names}
    weight, label = columns.pop(_WEIGHT), columns.pop(_LABEL)
    return Result(Sample(weight, label, columns), (folder / "booster.txt").read_text(encoding="utf-8"))


def main() -> int:
    """Make and link one district."""
    below, families, seed, variant = sys.argv[1:]
    _prepared(Place(int(families), int(seed), variant), Path(below), lambda *_: None)
    return 0


if __name__ == "__main__":
    sys.exit(main())
