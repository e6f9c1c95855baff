"""How a model does on dates later than all that it learnt from: measures, baselines, negative controls, gates."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.models.estimator import Booster, EstimatorSettings, Floats, margins
from targeting.training.baselines import baseline_scores
from targeting.training.controls import exchange_futures, missingness_scores, shuffled_futures_scores
from targeting.training.definition import TrainingDefinition
from targeting.training.evaluation import Evaluation, estimated_auc, evaluate, scored
from targeting.training.fitting import Fitted, Recipe, fit
from targeting.training.gates import (
    Gate,
    IndicatorCheck,
    beats_baselines,
    calibrated,
    check_indicators,
    enough_events,
    missingness_says_little,
    no_indicator_betrays,
    plausible_auc,
    shuffled_futures_give_chance,
)
from targeting.training.rows import Days, Outcomes, Rows
from targeting.training.splits import Split


@dataclass(frozen=True, kw_only=True)
class Predictions:
    """The test dates' rows as the model judged them without having seen their future: for the audit, never logged.

    `rows` and `booster` are what they were made from, for what an audit tells of the indicators.
    """

    family_id: NDArray[np.str_]
    as_of_date: Days
    margin: Floats
    probability: Floats
    label: Outcomes
    rows: Rows | None = None
    booster: Booster | None = None


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """How the model did on dates later than all that it learnt from, and what the gates say; `tested` is that model."""

    tested: Fitted
    evaluation: Evaluation
    baselines: Mapping[str, Evaluation]
    indicators: tuple[IndicatorCheck, ...]
    gates: tuple[Gate, ...]
    predictions: Predictions


def judge(
    definition: TrainingDefinition, rows: Rows, split: Split, recipe: Recipe, *, settings: EstimatorSettings
) -> Judgement:
    """Fit on the split's training dates and return how that does on its test dates, beside every baseline."""
    train_rows, test = rows.on(split.train), rows.on(split.test)
    fitted = fit(train_rows, recipe, settings=settings, calibration=definition.calibration)
    predictions = _predictions(fitted, test, threads=settings.threads)
    evaluation = evaluate(
        scored(test, predictions.margin, predictions.probability), definition.measures, seed=definition.seed
    )
    baselines = {
        name: evaluate(scored(test, score), definition.measures, seed=definition.seed)
        for name, score in baseline_scores(definition, train=train_rows, test=test).items()
    }
    indicators = check_indicators(train_rows)
    gates = (
        enough_events(evaluation, definition.gates),
        beats_baselines(evaluation, baselines),
        plausible_auc(evaluation, definition.gates),
        no_indicator_betrays(indicators, definition.gates),
        *_controls(definition, train_rows, test, settings),
        calibrated(evaluation, definition.gates),
    )
    return Judgement(
        tested=fitted,
        evaluation=evaluation,
        baselines=baselines,
        indicators=indicators,
        gates=gates,
        predictions=predictions,
    )


def _controls(
    definition: TrainingDefinition, train_rows: Rows, test: Rows, settings: EstimatorSettings
) -> tuple[Gate, Gate]:
    silence = missingness_scores(train=train_rows, test=test, seed=settings.seed, threads=settings.threads)
    mixed_train = exchange_futures(train_rows, seed=settings.seed)
    mixed_test = exchange_futures(test, seed=settings.seed + 1)
    chance = shuffled_futures_scores(train=mixed_train, test=mixed_test, settings=settings)
    of_silence = estimated_auc(scored(test, silence), definition.measures, seed=settings.seed)
    of_chance = estimated_auc(scored(mixed_test, chance), definition.measures, seed=settings.seed)
    return missingness_says_little(of_silence, definition.gates), shuffled_futures_give_chance(of_chance)


def _predictions(fitted: Fitted, test: Rows, *, threads: int) -> Predictions:
    margin = margins(fitted.booster, test.X, threads=threads)
    return Predictions(
        family_id=test.family_id,
        as_of_date=test.as_of_date,
        margin=margin,
        probability=fitted.calibrator.probability(margin),
        label=test.y,
        rows=test,
        booster=fitted.booster,
    )
