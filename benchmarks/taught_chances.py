"""Trees taught the attainable probability itself, in place of what happened: what the indicators hold at the most.

Of six dates, half a year apart, before a district's sample, everybody of the cohort has the attainable probability by
the forward filter. Boosters learn it from the model's own indicators, with its signs, by cross-entropy; of one half of
the true families, to score the other. A label without noise leaves two things that a model may lack: what no indicator
says, and families to learn it from. So the same is learnt from an eighth, a quarter and a half of the families too,
and once from what happened to them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from targeting.commands.trainings import asked_now
from targeting.features.matrix import Matrix
from targeting.project.project import Project
from targeting.store.generations import open_generation
from targeting.synthetic.attainable import probabilities
from targeting.synthetic.calendar import day_of, start_of
from targeting.synthetic.family_dates import FamilyDates, matured_steps, on_no_case
from targeting.synthetic.synthesis import DEFAULT_END, evidence_of
from targeting.synthetic.truth import first_steps_of_months
from targeting.synthetic.writing import real_dates
from targeting.training.experiment import settings_of
from targeting.training.table import build_table

from .check_generator import HORIZON, LEAD, Counts
from .regret_districts import Place, Progress
from .trained_model import BEHIND_ALL, MODEL, linked_families

Floats = NDArray[np.float64]
Parameters = dict[str, object]
DATES, MONTHS_APART = 6, 6
SHARES = {"an eighth": 0.125, "a quarter": 0.25, "half": 0.5, "all": 1.0}
TAUGHT, HAPPENED = "taught the attainable of {} of a half of the families", "taught what happened to the same families"
# Slow and large enough for a label that has no noise; how many trees is found on a tenth of the families.
_PARAMETERS = {"learning_rate": 0.05, "num_leaves": 31, "max_depth": 8, "min_data_in_leaf": 20, "verbosity": -1}
_ROUNDS, _PATIENCE, _STOPPING = 1500, 40, 0.1
_FAMILIES_AT_ONCE = 4_000


@dataclass(frozen=True)
class Taught:
    """Family-dates with indicators, the chance and what happened; `draw` is a number in [0, 1) of the true family."""

    X: Floats
    chance: Floats
    happened: Floats
    draw: Floats
    half: NDArray[np.int64]


@dataclass(frozen=True)
class Judged:
    """The rows of a sample: `X` of those `at` which linkage has the family in the cohort, and the half of every one."""

    X: Floats
    at: NDArray[np.int64]
    half: NDArray[np.int64]


def chances_of(place: Place, kept: Path, progress: Progress) -> pd.DataFrame:
    """Return family, date and attainable probability of everybody on the dates that teach; kept in a file."""
    if not kept.exists():
        found = pd.concat(list(_chances(place, progress)), ignore_index=True)
        unfinished = kept.with_suffix(".unfinished")
        found.to_parquet(unfinished)
        unfinished.rename(kept)
    return pq.read_table(kept).to_pandas()


def _chances(place: Place, progress: Progress) -> Iterator[pd.DataFrame]:
    evidence = evidence_of(place.families, place.seed, DEFAULT_END, variant=place.variant)
    course, way = evidence.course, evidence.pathway
    first = int(start_of(np.array(matured_steps(course, evidence.district.last_day)[0])))
    steps = first_steps_of_months(course.steps, first - HORIZON)[::-MONTHS_APART][:DATES]
    for done, step in enumerate(sorted(steps)):
        progress("what could be attained of everybody", done, len(steps))
        cohort = on_no_case(evidence.district, course, way, step)
        for family in np.array_split(cohort, max(1, len(cohort) // _FAMILIES_AT_ONCE)):
            at = np.full(family.size, step)
            chance = probabilities(evidence, FamilyDates(family, at, np.ones(family.size)))
            yield pd.DataFrame({"family": family, "as_of_date": real_dates(start_of(at)).to_pylist(), "chance": chance})


def taught_scores(project: Project, extracts: Path, chances: pd.DataFrame, progress: Progress) -> dict[str, Floats]:
    """Return scores of the whole sample of a district by boosters that learnt the attainable, by subject."""
    sample = pq.read_table(extracts / "truth/attainable.parquet", columns=["family", "as_of_date"]).to_pandas()
    asked = asked_now(project, project.training(MODEL), on=DEFAULT_END, progress=progress)
    of_model = settings_of(asked.definition, asked.plan).parameters(_PARAMETERS)
    parameters = {**of_model, "objective": "cross_entropy", "metric": "cross_entropy"}
    dates = sorted({*chances["as_of_date"], *sample["as_of_date"]})
    progress("computing the design matrix", 0, 1)
    matrix = build_table(asked.plan, asked.generation, dates)
    place_of, truth = _Places(matrix), extracts / "truth"
    draw = np.random.default_rng(asked.definition.seed).random(1 + max(chances["family"].max(), sample["family"].max()))
    taught = _taught(place_of, extracts, chances, linked_families(open_generation(project.data), truth, chances), draw)
    judged = _judged(place_of, sample, linked_families(open_generation(project.data), truth, sample), draw)
    found = {}
    for name, share in SHARES.items():
        progress(f"learning from {name} of the families", 0, 1)
        found[TAUGHT.format(name)] = _scores(taught, taught.draw < share, taught.chance, judged, parameters)
    found[HAPPENED] = _scores(taught, taught.draw < 1, taught.happened, judged, parameters)
    return found


class _Places:
    """Where a family stands in a matrix on a date."""

    def __init__(self, matrix: Matrix) -> None:
        days = matrix.as_of_date.astype("datetime64[D]").tolist()
        self.matrix = matrix
        self._at = {key: at for at, key in enumerate(zip(matrix.family_id.tolist(), days, strict=True))}

    def rows(self, families: list[str | None], dates: "pd.Series[date]") -> NDArray[np.int64]:
        """Return each family's row on its date; -1 where linkage has none, or not in the cohort."""
        return np.array([self._at.get((family, day), -1) for family, day in zip(families, dates, strict=True)])


def _half(draw: Floats, family: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return which half of the families each is of, whatever its number says of the share that teaches."""
    return np.asarray((draw[family] * 2**20).astype(np.int64) % 2)


def _taught(place_of: _Places, extracts: Path, chances: pd.DataFrame, linked: list[str | None], draw: Floats) -> Taught:
    counts, soon = Counts(extracts), np.zeros(len(chances))
    family = chances["family"].to_numpy()
    for day in sorted(set(chances["as_of_date"])):
        at = np.flatnonzero(chances["as_of_date"] == day)
        soon[at] = counts.days_to_escalation(day_of(day))[family[at]]
    rows = place_of.rows(linked, chances["as_of_date"])
    kept = (rows >= 0) & (soon >= LEAD)
    return Taught(
        X=place_of.matrix.values[rows[kept]],
        chance=chances["chance"].to_numpy()[kept],
        happened=(soon < HORIZON)[kept].astype(float),
        draw=draw[family[kept]],
        half=_half(draw, family[kept]),
    )


def _judged(place_of: _Places, sample: pd.DataFrame, linked: list[str | None], draw: Floats) -> Judged:
    rows = place_of.rows(linked, sample["as_of_date"])
    at = np.flatnonzero(rows >= 0)
    return Judged(X=place_of.matrix.values[rows[at]], at=at, half=_half(draw, sample["family"].to_numpy()))


def _scores(taught: Taught, some: NDArray[np.bool_], label: Floats, judged: Judged, parameters: Parameters) -> Floats:
    found = np.full(len(judged.half), BEHIND_ALL)
    for side in (0, 1):
        booster = _learnt(taught, some & (taught.half != side), label, parameters)
        here = judged.half[judged.at] == side
        found[judged.at[here]] = booster.predict(judged.X[here])
    return found


def _learnt(taught: Taught, some: NDArray[np.bool_], label: Floats, parameters: Parameters) -> lgb.Booster:
    stopping = some & ((taught.draw * 2**10) % 1 < _STOPPING)
    learnt = lgb.Dataset(taught.X[some & ~stopping], label[some & ~stopping], params=parameters)
    stop = lgb.Dataset(taught.X[stopping], label[stopping], reference=learnt, params=parameters)
    return lgb.train(
        parameters, learnt, _ROUNDS, valid_sets=[stop], callbacks=[lgb.early_stopping(_PATIENCE, verbose=False)]
    )
