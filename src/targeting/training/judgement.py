"""How a model does on dates later than all that it learnt from: measures, baselines, negative controls, gates."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from targeting.features.labels import Labels
from targeting.features.matrix import Matrix
from targeting.models.estimator import Booster, EstimatorSettings, Floats
from targeting.training.baselines import CHAMPION, LAST_LIST, baseline_scores
from targeting.training.by_group import Groups, evaluate_groups, no_groups
from targeting.training.comparisons import Comparison, Verdict, beats_by_hand, compare, not_worse, verdict
from targeting.training.controls import exchange_futures, missingness_scores, shuffled_futures_scores
from targeting.training.definition import GateLimits, TrainingDefinition
from targeting.training.evaluation import Evaluation, Scored, estimated_auc, evaluate, scored
from targeting.training.fitting import Fitted, Recipe, fit, fit_booster, margins_of
from targeting.training.gates import (
    Gate,
    IndicatorCheck,
    calibrated,
    check_indicators,
    data_contract,
    enough_events,
    missingness_says_little,
    no_indicator_betrays,
    plausible_auc,
    quick,
    shuffled_futures_give_chance,
    stable,
)
from targeting.training.last_list import PublishedOrder, last_list_scores
from targeting.training.measures import NOT_KNOWN
from targeting.training.records_check import RecordsCheck, nothing_twice, recorded_in_time
from targeting.training.rows import Days, Rows, labelled_rows, ranked_rows
from targeting.training.splits import Split
from targeting.training.stability import kept_in_the_top, milliseconds_a_family


@dataclass(frozen=True, kw_only=True)
class Predictions:
    """The test dates' rows as the model judged them without having seen their future: for the audit, never logged.

    Everyone of the cohort is here, for everyone takes a place on a list; `label` is NaN where the outcome is not known.
    `rows` and `booster` are what they were made from, for what an audit tells of the indicators; where the split rolls,
    `booster` is the last window's.
    """

    family_id: NDArray[np.str_]
    as_of_date: Days
    margin: Floats
    probability: Floats
    label: Floats
    rows: Rows | None = None
    booster: Booster | None = None


@dataclass(frozen=True, kw_only=True)
class Rival:
    """The model in use: its version, how it was fitted, and its own indicators on the same rows.

    These are asked for when it is compared and let go then, for they may be a second table.
    """

    version: str
    recipe: Recipe
    settings: EstimatorSettings
    matrix: Callable[[], Matrix]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What is judged: labelled rows to learn from, everybody ranked on the test dates, and the model in use, if any.

    `week_after` is everybody ranked a week after the last date, where the matrix holds it. `groups` are parts of the
    deployed population, `published` the orders of lists that panels had, and `records` what the records are like.
    """

    rows: Rows
    ranked: Rows
    week_before: Rows | None = None
    week_after: Rows | None = None
    labels: Labels | None = None
    rival: Rival | None = None
    groups: Groups = no_groups
    published: Sequence[PublishedOrder] = ()
    records: RecordsCheck | None = None


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """How the model did on dates later than all that it learnt from, and what the gates say.

    `tested` is that model, the last window's where the split rolls. `model_in_use` is the version that it was compared
    with, if any. `milliseconds` is how long a family takes.
    """

    tested: Fitted
    evaluation: Evaluation
    baselines: Mapping[str, Evaluation]
    indicators: tuple[IndicatorCheck, ...]
    gates: tuple[Gate, ...]
    predictions: Predictions
    verdict: Verdict
    model_in_use: str | None = None
    by_group: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    kept_after_a_week: Mapping[str, float] = field(default_factory=dict)
    milliseconds: float = 0.0

    @property
    def scored(self) -> Scored:
        """Return the test rows with the score that ranks them and their probability."""
        held = self.predictions
        family = np.unique(held.family_id, return_inverse=True)[1].astype(np.int64)
        outcome = np.where(np.isnan(held.label), NOT_KNOWN, held.label).astype(np.int8)
        return Scored(family, held.as_of_date, outcome, _log_odds(held.probability), held.probability)


def judge(
    definition: TrainingDefinition, given: Judged, split: Split, recipe: Recipe, *, settings: EstimatorSettings
) -> Judgement:
    """Fit on what was known before each window of test dates, and return how that does, beside every other order."""
    fitted = [
        fit(given.rows.on(window.train), recipe, settings=settings, calibration=definition.calibration)
        for window in split.windows
    ]
    predictions = _predictions(fitted, given.ranked, split, threads=settings.threads)
    test = scored(given.ranked, _log_odds(predictions.probability), predictions.probability)
    evaluation = evaluate(test, definition.measures, seed=definition.seed)
    baselines = _baselines(definition, given, split)
    comparisons = compare(evaluation, baselines, definition.gates)
    train_rows, tested = given.rows.on(split.train), fitted[-1]
    indicators = check_indicators(train_rows)
    kept = _kept_after_a_week(definition, given, tested)
    milliseconds = milliseconds_a_family(tested.booster, given.ranked, threads=settings.threads)
    gates = (
        data_contract(train_rows, given.ranked, definition.gates),
        *_records_gates(given.records, definition),
        *_performance_gates(evaluation, comparisons, definition.gates),
        no_indicator_betrays(indicators, definition.gates),
        *_controls(definition, train_rows, given.rows.on(split.test), settings),
        calibrated(evaluation, definition.gates),
        *([stable(kept, definition.gates)] if kept else []),
        quick(milliseconds, definition.gates),
    )
    return Judgement(
        tested=tested,
        evaluation=evaluation,
        baselines=baselines,
        indicators=indicators,
        gates=gates,
        predictions=predictions,
        verdict=verdict(comparisons, definition.gates, points_declared=bool(definition.baselines.points)),
        model_in_use=given.rival.version if given.rival is not None else None,
        by_group=evaluate_groups(test, given.groups(given.ranked), definition.measures, seed=definition.seed),
        kept_after_a_week=kept,
        milliseconds=milliseconds,
    )


def _baselines(definition: TrainingDefinition, given: Judged, split: Split) -> dict[str, Evaluation]:
    """Return how every other order of the test rows does."""
    return {
        name: evaluate(scored(given.ranked, score), definition.measures, seed=definition.seed)
        for name, score in _other_orders(definition, given, split).items()
    }


def _other_orders(definition: TrainingDefinition, given: Judged, split: Split) -> dict[str, Floats]:
    """Return the test rows' scores by each baseline, by the last list, and by the model in use fitted anew."""
    parts = [
        baseline_scores(definition, train=given.rows.on(window.train), test=given.ranked.on(window.test))
        for window in split.windows
    ]
    orders = {name: _joined([part[name] for part in parts], given.ranked, split) for name in parts[0]}
    if given.rival is not None and given.labels is not None:
        orders[CHAMPION] = _rivals_scores(given.rival, given.labels, given.ranked, split)
    listed = last_list_scores(given.published, given.ranked)
    if listed is not None:
        orders[LAST_LIST] = listed
    return orders


def _rivals_scores(rival: Rival, labels: Labels, ranked: Rows, split: Split) -> Floats:
    matrix = rival.matrix()
    rows, its = labelled_rows(matrix, labels), ranked_rows(matrix, labels, split.test)
    parts = []
    for window in split.windows:
        booster = fit_booster(rows.on(window.train), rival.recipe, settings=rival.settings)
        parts.append(margins_of(booster, its.on(window.test), threads=rival.settings.threads))
    return _joined(parts, ranked, split)


def _joined(parts: Sequence[Floats], ranked: Rows, split: Split) -> Floats:
    """Return the windows' parts in the order of the ranked rows."""
    whole = np.empty(len(ranked))
    for window, part in zip(split.windows, parts, strict=True):
        whole[ranked.is_on(window.test)] = part
    return whole


def _kept_after_a_week(definition: TrainingDefinition, given: Judged, tested: Fitted) -> dict[str, float]:
    if given.week_before is None or given.week_after is None or not len(given.week_after):
        return {}
    return kept_in_the_top(tested.booster, given.week_before, given.week_after, definition.measures)


def _records_gates(records: RecordsCheck | None, definition: TrainingDefinition) -> Iterable[Gate]:
    if records is None:
        return ()
    return recorded_in_time(records, definition.gates), nothing_twice(records, definition.gates)


def _performance_gates(
    evaluation: Evaluation, comparisons: Sequence[Comparison], limits: GateLimits
) -> tuple[Gate, ...]:
    return (
        enough_events(evaluation, limits),
        beats_by_hand(comparisons, limits),
        not_worse(comparisons, limits),
        plausible_auc(evaluation, limits),
    )


def _controls(
    definition: TrainingDefinition, train_rows: Rows, test: Rows, settings: EstimatorSettings
) -> Iterable[Gate]:
    silence = missingness_scores(train=train_rows, test=test, seed=settings.seed, threads=settings.threads)
    mixed_train = exchange_futures(train_rows, seed=settings.seed)
    mixed_test = exchange_futures(test, seed=settings.seed + 1)
    chance = shuffled_futures_scores(train=mixed_train, test=mixed_test, settings=settings)
    of_silence = estimated_auc(scored(test, silence), definition.measures, seed=settings.seed)
    of_chance = estimated_auc(scored(mixed_test, chance), definition.measures, seed=settings.seed)
    return missingness_says_little(of_silence, definition.gates), shuffled_futures_give_chance(of_chance)


def _predictions(fitted: Sequence[Fitted], ranked: Rows, split: Split, *, threads: int) -> Predictions:
    margin = [
        margins_of(each.booster, ranked.on(window.test), threads=threads)
        for each, window in zip(fitted, split.windows, strict=True)
    ]
    probability = [each.calibrator.probability(part) for each, part in zip(fitted, margin, strict=True)]
    return Predictions(
        family_id=ranked.family_id,
        as_of_date=ranked.as_of_date,
        margin=_joined(margin, ranked, split),
        probability=_joined(probability, ranked, split),
        label=np.where(ranked.y == NOT_KNOWN, np.nan, ranked.y).astype(np.float64),
        rows=ranked,
        booster=fitted[-1].booster,
    )


def _log_odds(probability: Floats) -> Floats:
    return np.asarray(np.log(probability) - np.log1p(-probability), dtype=np.float64)
