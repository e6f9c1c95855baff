"""Ways of narrowing a gap: weights, constraints while learning, indicators left out, thresholds by group."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

from targeting.errors import TargetingError
from targeting.fairness.scoring import Scored, auc
from targeting.models.estimator import EstimatorSettings, Floats, TrainingRows, margins, train_booster
from targeting.training.fitting import fit_booster, margins_of
from targeting.training.mitigation import SEED, Grouped, Lab, Way, reduced
from targeting.training.rows import Mask, Places

AS_IT_IS = "as it is"
MOST_PROXIES = 3
# What the constrained learner sees: every outcome and so many families without for each, or its cut at one half would
# list nobody.
NEGATIVES_FOR_EACH, MOST_ROUNDS, SLACK = 4, 15, 0.02
# Each round trains several learners, so each has few trees.
TREES = 60
STEPS = np.linspace(-1.5, 1.5, 31)
UNLAWFUL = (
    "Treats people differently by a protected characteristic: direct discrimination unless justified (Equality Act "
    "2010, section 13). For study alone; this tool deploys no such list."
)


def ways_of(lab: Lab) -> tuple[Way, ...]:
    """Return the ways to try, the model as it is first."""
    return (
        Way(name=AS_IT_IS, does="The model with its own hyperparameters.", margin=_fitted),
        Way(
            name="reweighing",
            does="Rows weighted so that group and outcome are independent in what it learns from.",
            margin=lambda lab: _fitted(lab, weights=reweighing(lab.train)),
        ),
        Way(
            name="exponentiated gradient",
            does=f"Recall held within {100 * SLACK:.0f} points between groups while learning (fairlearn).",
            margin=exponentiated_gradient,
        ),
        *(_without(name) for name in proxies_of(lab)),
        Way(
            name="group thresholds",
            does="Each group cut at its own margin, chosen on the last dates learnt from, so that recall is even.",
            margin=group_thresholds,
            deployable=False,
            why_not=UNLAWFUL,
        ),
    )


def _fitted(lab: Lab, *, weights: Floats | None = None, without: str | None = None) -> Floats:
    """Return the test rows' margins of a booster with the model's hyperparameters."""
    kept = np.array([name != without for name in lab.settings.names])
    booster = fit_booster(lab.train.rows, lab.recipe, settings=_settings(lab, kept), columns=kept, weights=weights)
    return margins_of(booster, lab.test.rows, threads=lab.settings.threads, columns=kept)


def _settings(lab: Lab, kept: Mask) -> EstimatorSettings:
    both = zip(lab.settings.names, lab.settings.directions, kept.tolist(), strict=True)
    chosen = [(name, direction) for name, direction, keep in both if keep]
    return replace(
        lab.settings,
        names=tuple(name for name, _ in chosen),
        directions=tuple(direction for _, direction in chosen),
    )


def reweighing(train: Grouped) -> Floats:
    """Return weights under which group and outcome are independent: expected over observed share of each pair.

    Kamiran and Calders (2012). A family without a child to count keeps its weight.
    """
    weights = np.ones(len(train.rows))
    known = train.group >= 0
    for group in np.unique(train.group[known]):
        for outcome in (0, 1):
            pair = (train.group == group) & (train.rows.y == outcome)
            expected = (train.group[known] == group).mean() * (train.rows.y[known] == outcome).mean()
            if pair.any():
                weights[pair] = expected / pair[known].mean()
    return weights


def exponentiated_gradient(lab: Lab) -> Floats:
    """Return margins of the mixture of classifiers that keeps recall even (Agarwal and others, 2018)."""
    try:
        from fairlearn.reductions import ExponentiatedGradient, TruePositiveRateParity  # noqa: PLC0415 - an extra
    except ImportError:
        raise TargetingError("`targeting mitigate` needs fairlearn: install targeting[mitigate].") from None
    at = _balanced(lab.train)
    learner = ExponentiatedGradient(
        _Learner(lab.settings),
        TruePositiveRateParity(difference_bound=SLACK),
        max_iter=MOST_ROUNDS,
    )
    rows = lab.train.rows
    learner.fit(rows.take(at).X, rows.y[at].astype(int), sensitive_features=lab.train.group[at])
    chances = [
        weight * each.predict_proba(lab.test.rows.X)[:, 1]
        for each, weight in zip(learner.predictors_, learner.weights_, strict=True)
        if weight > 0 and hasattr(each, "classes_") and len(each.classes_) == 2
    ]
    mixed = np.clip(np.sum(chances, axis=0), 1e-9, 1 - 1e-9)
    return np.asarray(np.log(mixed / (1 - mixed)), dtype=np.float64)


class _Learner(ClassifierMixin, BaseEstimator):
    """The model's own estimator with few trees, as fairlearn calls one."""

    def __init__(self, settings: EstimatorSettings) -> None:
        self.settings = settings

    def fit(self, X: Floats, y: NDArray[np.int64], sample_weight: Floats | None = None) -> "_Learner":
        self.classes_ = np.unique(y)
        rows = TrainingRows(np.asarray(X), np.asarray(y), settings=self.settings, weights=sample_weight)
        self.booster_ = train_booster(rows, {"num_leaves": 15}, rounds=TREES)
        return self

    def predict(self, X: Floats) -> NDArray[np.int64]:
        return np.asarray(self._margins(X) > 0, dtype=np.int64)

    def predict_proba(self, X: Floats) -> Floats:
        chance = 1 / (1 + np.exp(-self._margins(X)))
        return np.column_stack([1 - chance, chance])

    def _margins(self, X: Floats) -> Floats:
        return margins(self.booster_, np.asarray(X), threads=self.settings.threads)


def _balanced(train: Grouped) -> Places:
    """Return every row with an outcome and a sample of those without; families with a group alone."""
    events, others = (np.flatnonzero((train.group >= 0) & (train.rows.y == outcome)) for outcome in (1, 0))
    some = np.random.default_rng(SEED).permutation(others)[: NEGATIVES_FOR_EACH * len(events)]
    return np.sort(np.concatenate([events, some]))


def proxies_of(lab: Lab) -> tuple[str, ...]:
    """Return the indicators that by themselves tell most of whether a family is of a compared group."""
    last = lab.train.rows.is_on(lab.train.rows.dates[-1:]) & (lab.train.group >= 0)
    X = lab.train.rows.where(last).X
    X = np.where(np.isnan(X), np.nanmin(np.append(X[~np.isnan(X)], 0.0)) - 1, X)
    cluster = np.arange(len(X))
    told = np.zeros(X.shape[1])
    for name in lab.compared:
        of_group = (lab.train.group[last] == _position(lab.train, name)).astype(np.float64)
        if 0 < of_group.sum() < len(of_group):
            alone = [auc(Scored(X[:, at], of_group, cluster)).value for at in range(X.shape[1])]
            told = np.maximum(told, np.abs(np.array(alone) - 0.5))
    most = np.argsort(-told, kind="stable")[:MOST_PROXIES]
    return tuple(lab.settings.names[at] for at in most.tolist())


def _position(told: Grouped, name: str) -> int:
    return told.groups.names.index(name) if name in told.groups.names else -2


def _without(name: str) -> Way:
    return Way(
        name=f"left out: {name.replace('_', ' ')}",
        does="An indicator left out that tells most, by itself, of who is of which group.",
        margin=lambda lab: _fitted(lab, without=name),
    )


def group_thresholds(lab: Lab) -> Floats:
    """Return margins with an amount added for each compared group, chosen on the last dates learnt from."""
    earlier = lab.train.rows.where(~lab.train.rows.is_on(lab.recent.rows.dates))
    booster = fit_booster(earlier, lab.recipe, settings=lab.settings)
    margin = margins_of(booster, lab.recent.rows, threads=lab.settings.threads)
    added = {name: _best(lab, margin, name) for name in lab.compared}
    found = _fitted(lab)
    for name, amount in added.items():
        found = found + np.where(lab.test.group == _position(lab.test, name), amount, 0.0)
    return found


def _best(lab: Lab, margin: Floats, name: str) -> float:
    """Return the amount by which a group's recall comes nearest to the reference's on the recent dates."""
    tried = lab.recent
    position, reference = _position(tried, name), tried.groups.reference or 0
    gaps = []
    for amount in STEPS:
        moved = margin + np.where(tried.group == position, amount, 0.0)
        recall = reduced(tried, moved, lab.policy).counts().rate("tpr")[:, 0]
        gaps.append(abs(recall[position] - recall[reference]))
    return float(STEPS[int(np.nanargmin(np.array(gaps)))]) if not np.isnan(gaps).all() else 0.0
