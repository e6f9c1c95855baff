"""The district's own model on a synthetic district whose attainable is known: the whole chain, up to the list's order.

Extracts are loaded and linked; the model is tuned and fitted as the district declares, on the dates whose outcomes were
known before the first date of the sample. It then scores everybody on the sample's dates by the code that makes a list.
With the same hyperparameters it learns again from a quarter and from half of the families: its learning curve.
A true family is the linked family that holds most of its children on the date. One that linkage did not find, or not in
the cohort, ranks behind all others: no list would have had it.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from targeting.commands.chain import link_people, load_extracts
from targeting.commands.console import Advance
from targeting.commands.trainings import asked_now, data_of
from targeting.features.matrix import Matrix
from targeting.models.estimator import Booster, margins
from targeting.project.loading import load_project
from targeting.project.project import Project
from targeting.project.template import copy_template
from targeting.store.generations import Generation, open_generation
from targeting.store.identities import keep_identity_key
from targeting.training.baselines import COUNT, LOGISTIC_REGRESSION, POINTS, baseline_scores
from targeting.training.definition import Dates, SplitRule, TrainingDefinition
from targeting.training.experiment import label_known_on, settings_of
from targeting.training.fitting import Recipe, fit_booster
from targeting.training.rows import Rows, family_folds, labelled_rows, matured_dates, ranked_rows
from targeting.training.search import UnderWay, new_study, search
from targeting.training.splits import split_dates

from .district_truth import KEY, true_persons

Floats = NDArray[np.float64]
MODEL = "escalation"
OURS = "the trained model"
NAMES = {COUNT: "count of referrals", POINTS: "declared points rule", LOGISTIC_REGRESSION: "logistic regression"}
# Of so many parts of the families, how many teach a model of the learning curve.
FEWEST, FEWER = 4, {f"{OURS}, of a quarter of the families": 1, f"{OURS}, of half the families": 2}
CHILD = "child"
BEHIND_ALL = -1.0
# Declarations on which depends what is loaded and linked.
_OF_RECORDS = ("features/sources", "features/records", "features/linkage", "targeting.toml")


@dataclass(frozen=True)
class Scored:
    """Scores of each row of a sample by subject, and the booster of the trained model."""

    scores: Mapping[str, Floats]
    booster: Booster


def prepared(folder: Path, extracts: Path, *, on: date, progress: Advance) -> Project:
    """Return a project below `folder` that has the extracts loaded and linked.

    Its declarations are those of the district that comes with Targeting, compiled as of `on`. What an earlier run had
    linked by the same declarations of sources, records and linkage is not linked again.
    """
    copy_template(folder)
    project = load_project(folder, on=on)
    mark, made = folder / "linked_by", _digest_of_records(project)
    if not mark.exists() or mark.read_text(encoding="ascii") != made:
        shutil.rmtree(project.data, ignore_errors=True)
        keep_identity_key(project.data, KEY)
        load_extracts(project, extracts, progress)
        link_people(project, progress)
        mark.write_text(made, encoding="ascii")
    return project


def _digest_of_records(project: Project) -> str:
    of_records = [each for each in sorted(project.declarations.items()) if each[0].startswith(_OF_RECORDS)]
    return hashlib.sha256(json.dumps(of_records).encode()).hexdigest()


def trained_scores(
    project: Project,
    extracts: Path,
    *,
    on: date,
    progress: Advance,
    elsewhere: Mapping[str, Booster] = MappingProxyType({}),
) -> Scored:
    """Return the scores of the trained model, of what it must beat, and of boosters trained `elsewhere`.

    The sample is that of the extracts, which were made with `--attainable`.
    """
    truth = extracts / "truth"
    sample = pq.read_table(truth / "attainable.parquet", columns=["family", "as_of_date"]).to_pandas()
    matrix, scored = _on_the_whole_cohort(project, sorted(set(sample["as_of_date"])), on=on, progress=progress)
    threads = project.training(MODEL).threads
    others = {name: margins(booster, matrix.values, threads=threads) for name, booster in elsewhere.items()}
    linked = linked_families(open_generation(project.data), truth, sample)
    return Scored(dict(_of_rows(matrix, {**scored.scores, **others}, linked, sample)), scored.booster)


def _on_the_whole_cohort(project: Project, dates: list[date], *, on: date, progress: Advance) -> tuple[Matrix, Scored]:
    """Return the matrix of everybody on the dates, and each subject's scores of its rows."""
    definition = _before(project, dates)
    progress("computing the design matrix", 0, 1)
    asked = asked_now(project, definition, on=on, progress=progress)
    data = data_of(asked)
    outcome = project.outcomes[project.model(MODEL).outcome]
    rows = labelled_rows(data.matrix, data.labels)
    split = split_dates(definition, matured_dates(data.labels), known_on=lambda each: label_known_on(outcome, each))
    settings = settings_of(definition, data.plan)
    everybody = ranked_rows(data.matrix, data.labels, dates)
    matrix = data.matrix.rows(np.isin(data.matrix.as_of_date, np.array(dates, dtype="datetime64[D]")))
    del data
    best = search(definition, rows, split, settings=settings, under_way=UnderWay(new_study(), progress)).best
    recipe, learnt = Recipe(best.parameters, best.rounds), rows.on(split.train)

    def scores_of(some: Rows) -> tuple[Booster, Floats]:
        booster = fit_booster(some, recipe, settings=settings)
        return booster, margins(booster, matrix.values, threads=definition.threads)

    booster, ours = scores_of(learnt)
    progress("learning from some of the families", 0, 1)
    fold = family_folds(learnt, folds=FEWEST, seed=definition.seed)
    fewer = {name: scores_of(learnt.where(fold < count))[1] for name, count in FEWER.items()}
    progress("what the model must beat", 0, 1)
    named = {NAMES[name]: each for name, each in baseline_scores(definition, train=learnt, test=everybody).items()}
    return matrix, Scored({OURS: ours, **fewer, **named}, booster)


def _before(project: Project, dates: list[date]) -> TrainingDefinition:
    """Return the declared training on its own dates that were known before the first of some, tested on these."""
    definition = project.training(MODEL)
    outcome = project.outcomes[project.model(MODEL).outcome]
    known = tuple(each for each in definition.dates.all if label_known_on(outcome, each) <= dates[0])
    split = SplitRule(train=known, test=tuple(dates), refit=False)
    return definition.model_copy(update={"dates": Dates(), "split": split})


def linked_families(generation: Generation, truth: Path, sample: pd.DataFrame) -> list[str | None]:
    """Return the linked family of each row's true family on its date; None where linkage has none of its children."""
    person_of = _linked_persons(generation, truth)
    meant = pq.read_table(truth / "families.parquet").to_pandas()
    members = generation.memberships().to_pandas()
    found: dict[tuple[int, date], str] = {}
    for day in sorted(set(sample["as_of_date"])):
        here = _standing(meant[meant["role"] == CHILD], "since", "until", day)
        said = _standing(members[members["is_child"]], "visible_from", "visible_to", day)
        pairs = here.assign(person_id=here["person"].map(person_of)).merge(said, on="person_id")
        counted = pairs.groupby(["family", "family_id"]).size().reset_index(name="children")
        most = counted.sort_values(["children", "family_id"], ascending=[False, True]).drop_duplicates("family")
        found |= {(row.family, day): row.family_id for row in most.itertuples()}
    return [found.get((family, day)) for family, day in zip(sample["family"], sample["as_of_date"], strict=True)]


def _linked_persons(generation: Generation, truth: Path) -> Mapping[int, str]:
    """Return the linked person who has most of each true person's records."""
    held = generation.person_records().to_pandas()
    held = held.assign(person=held["record_id"].map(true_persons(truth))).dropna(subset=["person"])
    counted = held.groupby(["person", "person_id"]).size().reset_index(name="records")
    most = counted.sort_values(["records", "person_id"], ascending=[False, True]).drop_duplicates("person")
    return dict(zip(most["person"].astype(int), most["person_id"], strict=True))


def _standing(rows: pd.DataFrame, since: str, until: str, on: date) -> pd.DataFrame:
    begun = pd.to_datetime(rows[since]) <= pd.Timestamp(on)
    return rows[begun & ~(pd.to_datetime(rows[until]) < pd.Timestamp(on))]


def _of_rows(
    matrix: Matrix, scores: Mapping[str, Floats], linked: list[str | None], sample: pd.DataFrame
) -> Iterator[tuple[str, Floats]]:
    days = matrix.as_of_date.astype("datetime64[D]").tolist()
    place = {key: number for number, key in enumerate(zip(matrix.family_id.tolist(), days, strict=True))}
    rows = np.array([place.get(key, -1) for key in zip(linked, sample["as_of_date"], strict=True)])
    for name, score in scores.items():
        place_in_order = np.unique(score, return_inverse=True)[1].astype(float)
        yield name, np.where(rows >= 0, place_in_order[rows], BEHIND_ALL)
