"""Studies of a trained version: what its figures rest on, each with the hyperparameters that were found for it.

Every study judges the same test dates as the training did, in the same windows, and tells the difference to the whole
model by a bootstrap that draws the same families for both.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256

import numpy as np

from targeting.features.matrix import Matrix
from targeting.features.plan import Plan
from targeting.features.rules import TIERS
from targeting.models.card import RECORDS_OF
from targeting.models.estimator import EstimatorSettings, Floats, margins
from targeting.sources.definition import Tier
from targeting.training.definition import Measures
from targeting.training.evaluation import Evaluation, Scored, evaluate, percentiles, scored
from targeting.training.fitting import Recipe, fit_booster, margins_of
from targeting.training.rows import Mask, Rows
from targeting.training.splits import Split

WHOLE = "the whole model"
FAMILY_FOLDS = 5
SHARES = (0.125, 0.25, 0.5)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One case of a study beside the whole model: average precision and recall over a year of lists, with intervals.

    `difference` is the case's average precision less the whole model's on the same rows; None for the whole itself, and
    where the two speak of different outcomes.
    """

    case: str
    events: int
    prevalence: float
    average_precision: float
    low: float
    high: float
    recall_in_52_weeks: float
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    audit: str | None = None

    def to_json(self) -> dict[str, object]:
        """Return what is printed."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a study is made on: labelled rows, everybody ranked on the test dates, how the version was fitted."""

    rows: Rows
    ranked: Rows
    split: Split
    recipe: Recipe
    settings: EstimatorSettings
    measures: Measures
    plan: Plan

    def scores(self, *, taught: Mask | None = None, columns: Mask | None = None) -> Floats:
        """Return the ranked rows' margins by boosters of some rows and some indicators; None is all of them."""
        rows = self.rows if taught is None else self.rows.where(taught)
        settings = self.settings if columns is None else _settings(self.settings, columns)
        whole = np.empty(len(self.ranked))
        for window in self.split.windows:
            booster = fit_booster(rows.on(window.train), self.recipe, settings=settings, columns=columns)
            test = self.ranked.is_on(window.test)
            whole[test] = margins_of(booster, self.ranked.where(test), threads=settings.threads, columns=columns)
        return whole

    def evaluated(self, score: Floats, mask: Mask | None = None) -> Evaluation:
        """Return how scores of the ranked rows do, or of some of them."""
        held: Scored = scored(self.ranked, score)
        return evaluate(held if mask is None else held.where(mask), self.measures, seed=self.settings.seed)


def unseen_families(subject: Subject) -> Iterator[Case]:
    """Yield how the model does on a fifth of the families, having learnt from them on earlier dates and not having.

    Which fifth follows from a hash of their pseudonyms. They have a fifth of a week's places, one at least.
    """
    places = max(1, round(subject.measures.capacity / FAMILY_FOLDS))
    of_fifth = replace(subject, measures=subject.measures.model_copy(update={"capacity": places}))
    fold = _folds(subject.ranked) == 0
    seen = of_fifth.evaluated(subject.scores(), fold)
    yield case("families it had learnt from", seen)
    yield case("the same families, never seen", of_fifth.evaluated(_unseen(subject), fold), seen)


def _unseen(subject: Subject) -> Floats:
    return subject.scores(taught=_folds(subject.rows) != 0)


def less_to_learn_from(subject: Subject) -> Iterator[Case]:
    """Yield the learning curve: what the model does when it learns from a share of the families."""
    whole = subject.evaluated(subject.scores())
    number = _numbers(subject.rows)
    for share in SHARES:
        score = subject.scores(taught=number < share)
        yield case(f"{share:.1%} of the families", subject.evaluated(score), whole)
    yield case(WHOLE, whole)


def without_each_agency(subject: Subject, without: Mapping[str, Sequence[str]]) -> Iterator[Case]:
    """Yield what the model does without all that rests on one agency, and without the indicators that are named."""
    whole = subject.evaluated(subject.scores())
    yield case(WHOLE, whole)
    agencies = sorted({agency for each in subject.plan.indicators for agency in each.agencies})
    kept = {f"without {name}": [name not in each.agencies for each in subject.plan.indicators] for name in agencies}
    kept |= {f"without {name}": [each not in names for each in subject.rows.names] for name, names in without.items()}
    for name, columns in kept.items():
        mask = np.array(columns)
        if mask.any() and not mask.all():
            yield case(name, subject.evaluated(subject.scores(columns=mask)), whole)


def older_records(subject: Subject, earlier: Iterable[tuple[int, Matrix]]) -> Iterator[Case]:
    """Yield what the model does when it ranks by the records as they stood so many days before each list's date.

    `earlier` gives the matrix of the test dates less so many days, one after the other. A family that was not of the
    cohort then is ranked last: a list drawn then could not have named it.
    """
    whole = subject.evaluated(subject.scores())
    yield case(WHOLE, whole)
    for days, matrix in earlier:
        score = np.full(len(subject.ranked), -np.inf)
        for window in subject.split.windows:
            booster = fit_booster(subject.rows.on(window.train), subject.recipe, settings=subject.settings)
            for day in window.test:
                here = np.flatnonzero(subject.ranked.is_on([day]))
                then = matrix.rows(matrix.as_of_date == np.datetime64(day) - days)
                place = {family: at for at, family in enumerate(then.family_id.tolist())}
                found = np.array([place.get(each, -1) for each in subject.ranked.family_id[here].tolist()])
                margin = margins(booster, then.values, threads=subject.settings.threads)
                score[here[found >= 0]] = margin[found[found >= 0]]
        yield case(f"records {days} days old", subject.evaluated(score), whole)


def tiers(subject: Subject, tier_of_source: Mapping[str, Tier], audited: Callable[[Floats], str]) -> Iterator[Case]:
    """Yield what each data tier reaches, up to the one that has every indicator; each audited."""
    of_all = subject.scores()
    whole = subject.evaluated(of_all)
    needed = np.array(
        [
            max((TIERS.index(tier_of_source[name]) for name in each.sources), default=0)
            for each in subject.plan.indicators
        ]
    )
    for at, name in enumerate(TIERS):
        columns = needed <= at
        if not columns.any():
            continue
        told = f"{RECORDS_OF[name]}: {int(columns.sum())} indicators"
        if columns.all():
            yield replace(case(told, whole), audit=audited(of_all))
            return
        score = subject.scores(columns=columns)
        yield replace(case(told, subject.evaluated(score), whole), audit=audited(score))


def case(name: str, found: Evaluation, whole: Evaluation | None = None) -> Case:
    """Return a case from its evaluation, beside the whole model's on the same rows where that is given."""
    low, high = found.intervals["average_precision"]
    held = Case(
        case=name,
        events=int(found.pooled["events"]),
        prevalence=found.pooled["prevalence"],
        average_precision=found.pooled["average_precision"],
        low=low,
        high=high,
        recall_in_52_weeks=found.pooled["recall_in_52_weeks"],
    )
    if whole is None:
        return held
    lower, upper = percentiles(found.drawn["average_precision"] - whole.drawn["average_precision"])
    lost = found.pooled["average_precision"] - whole.pooled["average_precision"]
    return replace(held, difference=lost, difference_low=lower, difference_high=upper)


def _settings(settings: EstimatorSettings, kept: Mask) -> EstimatorSettings:
    pairs = zip(settings.names, settings.directions, kept.tolist(), strict=True)
    chosen = [(name, direction) for name, direction, keep in pairs if keep]
    return replace(settings, names=tuple(name for name, _ in chosen), directions=tuple(each for _, each in chosen))


def _numbers(rows: Rows) -> Floats:
    """Return a number in [0, 1) for each row, the same for a family everywhere, from a hash of its pseudonym."""
    names, code = np.unique(rows.family_id, return_inverse=True)
    numbers = [int.from_bytes(sha256(name.encode()).digest()[:6]) / 2**48 for name in names.tolist()]
    return np.array(numbers)[code]


def _folds(rows: Rows) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.asarray(_numbers(rows) * FAMILY_FOLDS, dtype=np.int64)
