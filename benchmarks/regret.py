"""`targeting bench regret`: how much of what could be attained on a synthetic district a model and simple rules reach.

Of each district, by seed, a sample of family-dates from the last four matured quarters has the attainable probability:
that of a forecaster who knew the generator and read what was on record on the date, as far as the forward filter reads
it. So it is a floor of the best attainable, and a share of it a ceiling. Beside it stand the
district's own model and what it must beat, on records that were loaded and linked (`trained_model.py`); and, knowing
who is who, plain LightGBM on simple counts, trained on dates whose outcomes ended before the sample begins, a points
rule, the count of earlier contacts, and an observer of the true states, whom no record could equal. Families whose case
escalated within the lead are reported apart. Everything is weighted by inclusion weights and pooled over the seeds. Two
measures, each in two ways:

- average precision, and precision in the top per cent of the weighted families; equal scores share their place;
- against what happened, and expected: against the attainable probability, which has less noise and knows nothing that
  the filter does not read.

`small` (3,000 families, two seeds) is indicative alone: some dozens of escalations. It says nothing about Bradford.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

import lightgbm as lgb
import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from targeting.commands.bench import Row
from targeting.synthetic.calendar import day_of
from targeting.synthetic.synthesis import DEFAULT_END, synthesise

from .check_generator import HORIZON, LEAD, Counts, days, plain_lightgbm, rows
from .trained_model import trained_scores

Progress = Callable[[str, int, int], None]
Floats = NDArray[np.float64]

FAMILIES = {"small": 3_000, "full": 20_000}
SEEDS = {"small": (1, 2), "full": (1, 2, 3, 4, 5)}
FIRST_TRAINED, EVERY_MONTHS, TOP = day_of(date(2022, 1, 1)), 2, 0.01
ATTAINABLE, LIGHTGBM, POINTS, CONTACTS, TRUE = (
    "attainable, at least",
    "plain LightGBM",
    "points rule",
    "earlier contacts",
    "true states",
)

_CONTACTS = "LCS_Contacts.csv:= in four years"
# As near to the points of training/escalation.toml as simple counts tell: column, at least, points. An incident names
# two adults, so that six rows are three incidents.
_POINTS = (
    ("LCS_Referrals.csv:= in a year", 1, 2),
    ("LCS_CP_Plans.csv:= in four years", 1, 2),
    ("DA_INVOLVED_PERSONS.csv:= in a year", 1, 2),
    ("DA_INVOLVED_PERSONS.csv:= in a year", 6, 1),
    ("mental_health_needs.csv:= in four years", 1, 1),
    ("substance_needs.csv:= in four years", 1, 1),
    ("MISSING.csv:= in a year", 1, 1),
    ("EHM_Episodes.csv:Closure Outcome=Closed - needs not met in four years", 1, 1),
    ("absence", 0.10, 1),
)
_ASSESSED = tuple(f"LCS_Assessments.csv:Outcome={found} days since" for found in ("Child in need", "Not in need"))
_ASSESSED_WITHIN, _POINTS_OF_ASSESSMENT = 730, 2


@dataclass(frozen=True)
class Sample:
    """Family-dates with their inclusion weights, whether each escalated, and each subject's scores."""

    weight: Floats
    label: NDArray[np.bool_]
    scores: Mapping[str, Floats]


def run(scale: str, project: Path | None = None, progress: Progress = lambda *_: None) -> list[Row]:
    """Return AUC, average precision and precision in the top per cent of each, and shares of the attainable."""
    del project
    parts = []
    for number, seed in enumerate(SEEDS[scale]):
        progress(f"seed {seed}", number, len(SEEDS[scale]))
        parts.append(_of_district(FAMILIES[scale], seed, progress))
    return list(measures(pooled(parts)))


def _of_district(families: int, seed: int, progress: Progress) -> Sample:
    with TemporaryDirectory() as folder:
        out = Path(folder) / "extracts"
        synthesise(out, families=families, seed=seed, attainable=True)
        family_dates = pq.read_table(out / "truth/attainable.parquet", columns=["family", "as_of_date"]).to_pandas()
        return sample_of(
            out, trained_scores(out, family_dates, Path(folder) / "project", on=DEFAULT_END, progress=progress)
        )


def sample_of(out: Path, more: Mapping[str, Floats] = MappingProxyType({})) -> Sample:
    """Return the sample of a district's extracts that were made with `--attainable`, scored by every subject.

    `more` has scores of the whole sample's rows by other subjects.
    """
    table = pq.read_table(out / "truth/attainable.parquet")
    day, family = days(table["as_of_date"], ""), table["family"].to_numpy()
    counts = Counts(out)
    booster, _ = trained(out)
    X, soon = np.zeros((day.size, len(counts.names))), np.zeros(day.size)
    for each in np.unique(day).tolist():
        at = day == each
        X[at], soon[at] = counts.on(each)[0][family[at]], counts.days_to_escalation(each)[family[at]]
    scores = {
        ATTAINABLE: table["probability"].to_numpy(),
        LIGHTGBM: np.asarray(booster.predict(X), float),
        POINTS: points(X, counts.names),
        CONTACTS: X[:, counts.names.index(_CONTACTS)],
        TRUE: _true_chances(out, family, day),
        **more,
    }
    # What came within the lead was in train already and is reported apart.
    kept = soon >= LEAD
    weight, label = table["inclusion_weight"].to_numpy(), soon < HORIZON
    return Sample(weight[kept], label[kept], {name: score[kept] for name, score in scores.items()})


def trained(out: Path) -> tuple[lgb.Booster, int]:
    """Return plain LightGBM trained on dates whose outcomes ended before the sample's first, and that day."""
    first = int(days(pq.read_table(out / "truth/attainable.parquet")["as_of_date"], "").min())
    return plain_lightgbm(rows(out, FIRST_TRAINED, first - HORIZON, every=EVERY_MONTHS)), first


def points(X: Floats, names: Sequence[str]) -> Floats:
    """Return the points of families by their simple counts; what is unknown has none."""
    known = np.nan_to_num(X, nan=-1.0)
    column = {name: known[:, place] for place, name in enumerate(names)}
    total = sum((score * (column[name] >= least) for name, least, score in _POINTS), np.zeros(len(X)))
    assessed = [(column[name] >= 0) & (column[name] <= _ASSESSED_WITHIN) for name in _ASSESSED]
    return np.asarray(total + _POINTS_OF_ASSESSMENT * np.logical_or.reduce(assessed))


def _true_chances(out: Path, family: NDArray[np.int64], day: NDArray[np.int64]) -> Floats:
    states = pq.read_table(out / "truth/states.parquet")
    key = states["family"].to_numpy() * 2**20 + days(states["as_of_date"], "")
    order = np.argsort(key)
    place = order[np.searchsorted(key[order], family * 2**20 + day)]
    return np.asarray(states["chance"].to_numpy()[place], float)


def pooled(parts: Sequence[Sample]) -> Sample:
    """Return the samples of several districts as one."""
    return Sample(
        weight=np.concatenate([part.weight for part in parts]),
        label=np.concatenate([part.label for part in parts]),
        scores={name: np.concatenate([part.scores[name] for part in parts]) for name in parts[0].scores},
    )


def precision_in_top(score: Floats, outcome: Floats, weight: Floats, share: float) -> float:
    """Return the weighted mean outcome of the highest share of the weight; equal scores share what is left of it."""
    values, place = np.unique(-score, return_inverse=True)
    mass = np.bincount(place, weight, values.size)
    outcomes = np.bincount(place, weight * outcome, values.size)
    wanted = share * weight.sum()
    taken = np.clip(wanted - (np.cumsum(mass) - mass), 0.0, mass) / mass
    return float((taken * outcomes).sum() / wanted)


def expected_average_precision(score: Floats, chance: Floats, weight: Floats) -> float:
    """Return the average precision where each row counts as escalated by its chance and as not by the rest."""
    twice = np.concatenate([score, score])
    label = np.repeat([True, False], score.size)
    return float(
        average_precision_score(label, twice, sample_weight=np.concatenate([weight * chance, weight * (1 - chance)]))
    )


def measures(sample: Sample) -> Iterator[Row]:
    """Return each measure of each subject, and the shares of the attainable, in per cent; the AUC as it is."""
    weight, label = sample.weight, sample.label
    happened, chance = label.astype(float), sample.scores[ATTAINABLE]
    yield _row("prevalence", "what happened", 100 * float(np.average(happened, weights=weight)), "%")
    yield _row("prevalence", ATTAINABLE, 100 * float(np.average(chance, weights=weight)), "%")
    yield _row("escalations in the sample", "what happened", float(label.sum()), "family-dates")
    for name, score in sample.scores.items():
        yield _row("AUC", name, float(roc_auc_score(label, score, sample_weight=weight)), "")
    of_records = {name: score for name, score in sample.scores.items() if name != TRUE}
    yield from _with_shares("average precision", sample.scores, lambda score: _average_precision(score, label, weight))
    yield from _with_shares(
        "precision in the top per cent", sample.scores, lambda score: precision_in_top(score, happened, weight, TOP)
    )
    yield from _with_shares(
        "average precision, expected", of_records, lambda score: expected_average_precision(score, chance, weight)
    )
    yield from _with_shares(
        "precision in the top per cent, expected",
        of_records,
        lambda score: precision_in_top(score, chance, weight, TOP),
    )


def _average_precision(score: Floats, label: NDArray[np.bool_], weight: Floats) -> float:
    return float(average_precision_score(label, score, sample_weight=weight))


def _with_shares(case: str, scores: Mapping[str, Floats], measure: Callable[[Floats], float]) -> Iterator[Row]:
    """Return a measure of every subject, and what share of the attainable each reaches."""
    found = {name: measure(score) for name, score in scores.items()}
    for name, value in found.items():
        yield _row(case, name, 100 * value, "%")
    for name in (each for each in found if each not in (ATTAINABLE, TRUE)):
        yield _row(f"{case}, of the attainable", name, 100 * found[name] / found[ATTAINABLE], "%")


def _row(case: str, subject: str, value: float, unit: str) -> Row:
    return Row("regret", case, subject, round(value, 4), unit)
