"""The search for hyperparameters: Optuna over boosters stopped early, judged by average precision."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import optuna

from targeting.models.estimator import (
    EstimatorSettings,
    Floats,
    Parameters,
    Stopping,
    margins,
    stop_early,
)
from targeting.training.definition import WHOLE_NUMBERS, Range, Search, TrainingDefinition
from targeting.training.evaluation import draws, scored
from targeting.training.fitting import thinned
from targeting.training.measures import average_precision, curve, rank
from targeting.training.rows import Mask, Rows, family_folds
from targeting.training.splits import Split

Progress = Callable[[str, int, int], None]
_RANDOM_TRIALS = 5
# Enough draws of families for a standard error; an interval would need more.
_DRAWS = 40


@dataclass(frozen=True)
class Trial:
    """One trial: what was tried, how many trees were best, what they reached, and the standard error of that."""

    number: int
    parameters: Parameters
    rounds: int
    average_precision: float
    error: float


@dataclass(frozen=True)
class SearchResult:
    """Every trial in order, and the best."""

    trials: tuple[Trial, ...]
    best: Trial

    @property
    def as_good(self) -> tuple[Trial, ...]:
        """Return the trials within a standard error of the best, the best first (Breiman and others, 1984)."""
        least = self.best.average_precision - self.best.error
        held = [each for each in self.trials if each.average_precision >= least]
        return tuple(sorted(held, key=lambda each: (-each.average_precision, each.number)))


@dataclass(frozen=True)
class Judged:
    """How many trees were best, and the average precision that they reach on rows they did not learn from.

    `error` is its standard error over families.
    """

    rounds: int
    average_precision: float
    error: float = 0.0


Contest = Callable[[Parameters], Judged]


@dataclass(frozen=True)
class UnderWay:
    """The study that holds the trials which an earlier run of the same search had finished, and who is told of more."""

    study: optuna.Study
    progress: Progress | None = None


def search(
    definition: TrainingDefinition,
    rows: Rows,
    split: Split,
    *,
    settings: EstimatorSettings,
    under_way: UnderWay | None = None,
) -> SearchResult:
    """Return the trials of a search over the dates that may be learnt from; the first is the middle of every range.

    A trial is stopped by log loss and judged by average precision, on rows that it did not learn from.
    """
    held = under_way or UnderWay(new_study())
    return run_trials(held.study, definition, _contest(definition, rows, split, settings), progress=held.progress)


def new_study() -> optuna.Study:
    """Return an empty study, kept in memory.

    It prunes no trial: on the way a shallow, slow learner trails a deep, fast one that it passes in the end.
    """
    return _study(None, None)


def kept_study(path: Path, name: str) -> optuna.Study:
    """Return the study of that name in an SQLite file, with the trials that were finished before; empty if new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return _study(f"sqlite:///{path.resolve()}", name)


def forget_study(path: Path, name: str) -> None:
    """Remove a study that is finished: the next training of the same name searches anew."""
    optuna.delete_study(study_name=name, storage=f"sqlite:///{path.resolve()}")


def _study(storage: str | None, name: str | None) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna.create_study(
        storage=storage,
        study_name=name,
        load_if_exists=name is not None,
        direction="maximize",
        pruner=optuna.pruners.NopPruner(),
    )


def run_trials(
    study: optuna.Study, definition: TrainingDefinition, contest: Contest, *, progress: Progress | None = None
) -> SearchResult:
    """Run the trials that a study still lacks. A resumed study equals one that ran through."""
    rule = definition.search
    if not _complete(study) and not study.get_trials(states=[optuna.trial.TrialState.WAITING]):
        study.enqueue_trial({name: _middle(name, bounds) for name, bounds in rule.space.items()})
    for number in range(len(_complete(study)), rule.trials):
        # Seeded by number, a trial suggests the same whether or not the ones before ran in this process.
        study.sampler = optuna.samplers.TPESampler(
            seed=definition.seed + number, multivariate=True, n_startup_trials=_RANDOM_TRIALS
        )
        study.optimize(lambda trial: _run(trial, rule, contest), n_trials=1)
        if progress is not None:
            progress("trials", number + 1, rule.trials)
    trials = tuple(_trial(number, held) for number, held in enumerate(_complete(study)))
    return SearchResult(trials, max(trials, key=lambda each: (each.average_precision, -each.number)))


def _run(trial: optuna.Trial, rule: Search, contest: Contest) -> float:
    parameters: dict[str, float | int] = {
        name: _suggest(trial, name, bounds) for name, bounds in sorted(rule.space.items())
    }
    parameters |= {name: _typed(name, value) for name, value in sorted(rule.fixed.items())}
    trial.set_user_attr("parameters", parameters)
    judged = contest(parameters)
    trial.set_user_attr("rounds", judged.rounds)
    trial.set_user_attr("error", judged.error)
    return judged.average_precision


def _suggest(trial: optuna.Trial, name: str, bounds: Range) -> float | int:
    if name in WHOLE_NUMBERS:
        return trial.suggest_int(name, int(bounds.low), int(bounds.high), log=bounds.log)
    return trial.suggest_float(name, bounds.low, bounds.high, log=bounds.log)


def _middle(name: str, bounds: Range) -> float | int:
    return _typed(name, float(np.sqrt(bounds.low * bounds.high)) if bounds.log else (bounds.low + bounds.high) / 2)


def _typed(name: str, value: float) -> float | int:
    return round(value) if name in WHOLE_NUMBERS else value


def _complete(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    return [each for each in study.trials if each.state == optuna.trial.TrialState.COMPLETE]


def _trial(number: int, held: optuna.trial.FrozenTrial) -> Trial:
    attributes = held.user_attrs
    return Trial(number, attributes["parameters"], attributes["rounds"], held.values[0], attributes["error"])


def _contest(definition: TrainingDefinition, rows: Rows, split: Split, settings: EstimatorSettings) -> Contest:
    if definition.validation.method == "temporal":
        turn = _Turn(definition, settings, rows, learnt=rows.is_on(split.tuning), judges=rows.is_on(split.validation))
        return turn.judged
    train = rows.on(split.train)
    fold_of = family_folds(train, folds=definition.validation.folds, seed=definition.seed)
    turns = [
        _Turn(definition, settings, train, learnt=fold_of != fold, judges=fold_of == fold)
        for fold in np.unique(fold_of)
    ]
    return lambda parameters: _mean([turn.judged(parameters) for turn in turns])


def _mean(judged: list[Judged]) -> Judged:
    return Judged(
        rounds=round(float(np.mean([each.rounds for each in judged]))),
        average_precision=float(np.mean([each.average_precision for each in judged])),
        error=float(np.sqrt(np.sum([each.error**2 for each in judged]))) / len(judged),
    )


class _Turn:
    """Rows to learn from and rows that judge, both binned once for all trials."""

    def __init__(
        self, definition: TrainingDefinition, settings: EstimatorSettings, rows: Rows, *, learnt: Mask, judges: Mask
    ) -> None:
        self.settings = settings
        self.stopping = Stopping(definition.search.rounds, definition.search.early_stopping_rounds)
        share = definition.search.non_events_kept
        self.rows = thinned(rows.where(learnt), settings, share=share)
        self.seed = definition.seed
        self.judges = rows.where(judges)
        self.X = self.judges.X
        self.judge = self.rows.judged_by(self.X, self.judges.y)

    def judged(self, parameters: Parameters) -> Judged:
        booster = stop_early(self.rows, parameters, judge=self.judge, stopping=self.stopping)
        score = margins(booster, self.X, threads=self.settings.threads)
        ranking = rank(score)

        def measured(weights: Floats | None) -> dict[str, float]:
            return {"average_precision": average_precision(curve(ranking, self.judges.y, weights))}

        drawn = draws(scored(self.judges, score), measured, replicates=_DRAWS, seed=self.seed)["average_precision"]
        return Judged(booster.rounds, measured(None)["average_precision"], float(np.nanstd(drawn)))
