"""How a model is trained and what it must show: `training/NAME.toml`."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import Field

from targeting.models.calibration import CalibrationMethod
from targeting.models.points import PointsRule
from targeting.toml_files import Declared

Parameter = Literal[
    "learning_rate",
    "num_leaves",
    "max_depth",
    "min_data_in_leaf",
    "min_sum_hessian_in_leaf",
    "min_gain_to_split",
    "feature_fraction",
    "feature_fraction_bynode",
    "bagging_fraction",
    "lambda_l1",
    "lambda_l2",
    "path_smooth",
]
OtherOrder = Literal[
    "prior_count", "points_rule", "logistic_regression", "explainable_boosting", "last_list", "model_in_use"
]
WHOLE_NUMBERS = frozenset({"num_leaves", "max_depth", "min_data_in_leaf"})
Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(gt=0, le=1)]
Bounds = tuple[Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)]]


class Dates(Declared):
    """The as-of dates to learn from and test on: `listed`, or one every so many weeks from `first` to `last`."""

    listed: tuple[date, ...] = ()
    first: date | None = None
    last: date | None = None
    every_weeks: Count = 13

    @property
    def all(self) -> tuple[date, ...]:
        """Return the dates in order."""
        if self.first is None or self.last is None:
            return tuple(sorted(self.listed))
        count = (self.last - self.first).days // (7 * self.every_weeks) + 1
        return tuple(self.first + timedelta(weeks=self.every_weeks * step) for step in range(max(count, 0)))


class SplitRule(Declared):
    """Which dates test the model: the last `test_dates` that have matured, or those listed in `test`.

    With `test`, `train` lists the dates to learn from, and `[dates]` is left out. Either way every label learnt from
    is known before the first date that is tested (the embargo). With `window` the split rolls: a new model is fitted
    for each so many test dates, from all that was known before them, as a service that retrains would have it; the
    hyperparameters are found on what was known before the first window. `refit` false keeps the model that was tested
    instead of one that learns from the test dates too: where no later date will come, a list of a test date stays
    honest.
    """

    test_dates: Count = 4
    window: Count | None = None
    train: tuple[date, ...] = ()
    test: tuple[date, ...] = ()
    refit: bool = True


class ValidationRule(Declared):
    """On what tuning judges a trial: the last `dates` of training, after an embargo of their own, or family folds."""

    method: Literal["temporal", "folds"] = "temporal"
    dates: Count = 2
    folds: Annotated[int, Field(ge=2)] = 4


class Range(Declared):
    """Between what a parameter is searched; `log` searches by its order of magnitude."""

    low: float
    high: float
    log: bool = False


# Indicators drawn node by node and rows drawn tree by tree do as well as indicators drawn tree by tree
# (`feature_fraction`), in a third of the time: LightGBM copies all rows for each tree when it leaves columns out.
DEFAULT_SPACE: Mapping[Parameter, Range] = {
    "learning_rate": Range(low=0.03, high=0.15, log=True),
    "num_leaves": Range(low=8, high=48, log=True),
    "max_depth": Range(low=3, high=8),
    "min_sum_hessian_in_leaf": Range(low=0.5, high=30, log=True),
    "feature_fraction_bynode": Range(low=0.2, high=0.8),
    "bagging_fraction": Range(low=0.6, high=1.0),
    "lambda_l2": Range(low=0.01, high=100, log=True),
}


class Search(Declared):
    """The search for hyperparameters by average precision.

    `rounds` is the most trees of a trial; the best number is found by early stopping, then frozen.
    `non_events_kept` is the share of families' rows without an event on which a trial learns, weighted up to all of
    them; what judges the trial is always whole. With it, prefer `min_sum_hessian_in_leaf`, which counts weights, to
    `min_data_in_leaf`, which counts rows.
    """

    trials: Count = 15
    rounds: Count = 400
    early_stopping_rounds: Count = 30
    non_events_kept: Share = 1.0
    space: dict[Parameter, Range] = Field(default_factory=lambda: dict(DEFAULT_SPACE))
    fixed: dict[Parameter, float] = Field(default_factory=dict)


class CalibrationRule(Declared):
    """How margins become probabilities, fitted on margins out of fold.

    `chosen` takes `none`, `sigmoid` or `isotonic` by their log loss on families that they were not fitted on; a more
    flexible one has to be better than a simpler one by more than a standard error. `non_events_kept` is the share of
    rows without an event from which the models of the folds learn, weighted up, as in the search.
    """

    method: CalibrationMethod | Literal["chosen"] = "chosen"
    non_events_kept: Share = 1.0
    folds: Annotated[int, Field(ge=2)] = 3


class Measures(Declared):
    """Where precision and recall are read: the top per cent of each date's list, and its `capacity` of families.

    `capacity` is of a week, over all lists. Intervals come from `replicates` draws of families.
    """

    top_percent: tuple[Annotated[float, Field(gt=0, le=100)], ...] = (0.5, 1, 2, 5, 10)
    capacity: Count = 10
    replicates: Annotated[int, Field(ge=20)] = 200


class LogisticRegressionRule(Declared):
    """A penalised logistic regression; a greater `penalty` shrinks more."""

    penalty: Annotated[float, Field(gt=0)] = 1.0


class ExplainableBoostingRule(Declared):
    """An explainable boosting machine, the glass-box challenger: the mean of `bags`, with so many pairs of indicators.

    `non_events_kept` is the share of rows without an event from which it learns, weighted up, as in the search. It
    needs the extra `targeting[challenger]`.
    """

    interactions: Annotated[int, Field(ge=0)] = 0
    bags: Count = 4
    non_events_kept: Share = 1.0


class Baselines(Declared):
    """What the model must beat. What is left out is not trained."""

    count: str | None = None
    points: tuple[PointsRule, ...] = ()
    logistic_regression: LogisticRegressionRule | None = LogisticRegressionRule()
    explainable_boosting: ExplainableBoostingRule | None = None


class GateLimits(Declared):
    """Beyond what a gate fails. Each says why it is there in `training/gates.py` and `training/comparisons.py`.

    The model must be clearly better than each of `clearly_beaten`, of which one at least has to be declared: the whole
    interval of the difference in average precision lies above 0. It may not be clearly worse than any other, nor than
    the model in use: the whole interval lies above -`not_worse_by` of the other's average precision.
    """

    events: Count = 50
    clearly_beaten: tuple[OtherOrder, ...] = ("prior_count", "points_rule")
    not_worse_by: Share = 0.1
    known_share_kept: Share = 0.5
    week_to_week: Share = 0.7
    milliseconds_a_family: Count = 100
    maximum_auc: Share = 0.92
    recorded_within_days: Count = 28
    recorded_late: Share = 0.1
    standing_twice: Share = 0.05
    indicator_auc: Share = 0.85
    indicator_precision: Share = 0.9
    indicator_apart: Annotated[float, Field(gt=1)] = 1.5
    missingness_auc: Share = 0.6
    calibration_slope: Bounds = (0.8, 1.25)
    calibration_in_the_large: Bounds = (0.8, 1.25)


class WatchLimits(Declared):
    """Beyond what the watch on a model in use says that something changed, and below what it suspends flags.

    Change: `families` (times as many as when it learnt), `population_stability` and `known_share_kept` of an indicator,
    and `above_none` (times as large a share of families with more than none); `population_stability` of the codes that
    are recorded, too. Chance would bring as much, among all indicators and all codes, with a probability of at most
    `false_alarms`: half of it each.
    The floor: all of the interval of observed over expected lies beyond its bounds, from `events` outcomes on; or the
    model is clearly worse than its points rule.
    """

    families: Bounds = (0.5, 2.0)
    population_stability: Annotated[float, Field(gt=0)] = 0.25
    known_share_kept: Share = 0.5
    above_none: Bounds = (0.5, 2.0)
    false_alarms: Share = 0.05
    observed_over_expected: Bounds = (0.67, 1.5)
    events: Count = 50


class StudyRule(Declared):
    """What `targeting study` asks beside: other `outcomes` of the same cohort, and indicators left out, by a name."""

    outcomes: tuple[str, ...] = ()
    without: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class TrainingDefinition(Declared):
    """One model's training, named after its file, which is named after the model.

    `threads` is part of the definition because the same bytes come only from the same number. `non_events_kept` is the
    share of rows without an event from which models and the logistic regression are fitted, weighted up to all of them.
    """

    name: str = ""
    seed: int
    threads: Count = 2
    non_events_kept: Share = 1.0
    dates: Dates = Dates()
    split: SplitRule = SplitRule()
    validation: ValidationRule = ValidationRule()
    search: Search = Search()
    calibration: CalibrationRule = CalibrationRule()
    measures: Measures = Measures()
    baselines: Baselines = Baselines()
    gates: GateLimits = GateLimits()
    watch: WatchLimits = WatchLimits()
    study: StudyRule = StudyRule()

    @property
    def as_of_dates(self) -> tuple[date, ...]:
        """Return every date of which the matrix is wanted, in order."""
        return tuple(sorted({*self.dates.all, *self.split.train, *self.split.test}))

    @property
    def week_after(self) -> date:
        """Return the date a week after the last, on which it is seen how much of a list stays from week to week."""
        return self.as_of_dates[-1] + timedelta(weeks=1)

    @property
    def place(self) -> str:
        """Return where a message says that this stands."""
        return f"training/{self.name}.toml"
