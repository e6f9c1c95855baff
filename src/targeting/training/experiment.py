"""One training, from labelled rows to a bundle: search, fit, calibrate, judge on later dates, gate, refit, write."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from targeting.errors import DataError, DeclarationError
from targeting.features.dates import day_numbers, later
from targeting.features.definition import Outcome
from targeting.features.labels import Labels
from targeting.features.matrix import Matrix
from targeting.features.plan import Plan, plan_to_json
from targeting.models.bundle import Bundle, BundleContents, Origin, write_bundle
from targeting.models.definition import ModelDefinition
from targeting.models.estimator import EstimatorSettings
from targeting.training.definition import TrainingDefinition, faults_of_baselines
from targeting.training.evaluation import Metrics
from targeting.training.evidence import Findings, evidence_files
from targeting.training.fitting import Fitted, Recipe, fit
from targeting.training.gates import Gate
from targeting.training.judgement import Predictions, judge
from targeting.training.rows import Rows, labelled_rows, matured_dates, rows_left_out
from targeting.training.search import Progress, search
from targeting.training.splits import Split, split_dates


@dataclass(frozen=True)
class TrainingData:
    """A design matrix, its labels, and the plan that made it."""

    matrix: Matrix
    labels: Labels
    plan: Plan


@dataclass(frozen=True, kw_only=True)
class TrainingContext:
    """What a training is made from beside its rows, and where its bundle goes.

    `generation` and `data_digest` name the data. `declarations` are the texts of all declarations by path, and
    `declarations_digest` their digest. `trainer` is who trains, and so may not sign. Bundles are written below
    `candidates`, in a folder of the model's. `progress` is called with (what, done, total).
    """

    outcome: Outcome
    generation: str
    data_digest: str
    synthetic: bool
    declarations: Mapping[str, str]
    declarations_digest: str
    code_version: str
    trainer: str
    candidates: Path
    progress: Progress = field(default=lambda _what, _done, _total: None)


Audit = Callable[[Predictions], Mapping[str, bytes]]


@dataclass(frozen=True, kw_only=True)
class TrainResult:
    """A finished training: the bundle, on disk, and all that was found on the way to it."""

    model: ModelDefinition
    context: TrainingContext
    findings: Findings
    bundle: Bundle

    @property
    def version(self) -> str:
        """Return the bundle's version."""
        return self.bundle.version

    @property
    def passed(self) -> bool:
        """Return whether every gate passed."""
        return all(gate.passed for gate in self.gates)

    @property
    def predictions(self) -> Predictions:
        """Return the test dates' predictions."""
        return self.findings.judgement.predictions

    @property
    def gates(self) -> tuple[Gate, ...]:
        """Return every gate's verdict."""
        return self.findings.judgement.gates

    @property
    def metrics(self) -> Metrics:
        """Return the model's measures pooled over the test dates."""
        return self.findings.judgement.evaluation.pooled

    @property
    def baselines(self) -> Mapping[str, Metrics]:
        """Return each baseline's measures pooled over the test dates."""
        return {name: held.pooled for name, held in self.findings.judgement.baselines.items()}


def train(
    definition: TrainingDefinition,
    model: ModelDefinition,
    *,
    data: TrainingData,
    context: TrainingContext,
    audit: Audit | None = None,
) -> TrainResult:
    """Train, judge and write one bundle; a model that fails a gate is written too, for the gates are its evidence.

    `audit` turns the test predictions into files of evidence (`audit.json` with a `verdict`, and what belongs to it).
    The bundle's booster learns from all matured dates, or without refit from those that taught the tested model, with
    the hyperparameters found. Raises DeclarationError or DataError before anything long begins.
    """
    rows, split = _prepared(definition, data, context)
    settings = _settings(definition, data.plan)
    found = search(definition, rows, split, settings=settings, progress=context.progress)
    recipe = Recipe(found.best.parameters, found.best.rounds)
    context.progress("judging on later dates", 0, 1)
    judgement = judge(definition, rows, split, recipe, settings=settings)
    kept = judgement.tested
    if split.kept != split.train:
        context.progress("learning from all dates", 0, 1)
        kept = fit(rows.on(split.kept), recipe, settings=settings, calibration=definition.calibration)
    audited = audit(judgement.predictions) if audit is not None else {}
    findings = Findings(
        definition=definition,
        rows=rows,
        left_out=rows_left_out(data.labels, split.matured),
        split=split,
        search=found,
        judgement=judgement,
    )
    origin = _origin(model, split, context)
    bundle = _written(kept, data.plan, origin, evidence_files(model, origin, findings, more=audited), context)
    return TrainResult(model=model, context=context, findings=findings, bundle=bundle)


def label_known_on(outcome: Outcome, as_of_date: date) -> date:
    """Return the day on which an outcome as of a date is fully known: its horizon and settling lag later."""
    horizon = later(day_numbers([as_of_date]), outcome.horizon)
    return later(horizon, outcome.settling).astype("datetime64[D]")[0].item()


def _prepared(definition: TrainingDefinition, data: TrainingData, context: TrainingContext) -> tuple[Rows, Split]:
    if data.plan.names != tuple(data.matrix.names):
        raise DataError("The matrix is not of this plan: its indicators differ.")
    faults = faults_of_baselines(definition, data.plan.names)
    if faults:
        raise DeclarationError(faults)
    wanted = set(definition.as_of_dates)
    matured = [each for each in matured_dates(data.labels) if each in wanted]
    split = split_dates(definition, matured, known_on=lambda each: label_known_on(context.outcome, each))
    rows = labelled_rows(data.matrix, data.labels).on(split.matured)
    _check_both_outcomes(rows, split)
    return rows, split


def _check_both_outcomes(rows: Rows, split: Split) -> None:
    named = {"learn from": split.train, "test": split.test, "tune": split.tuning, "validate": split.validation}
    for use, dates in named.items():
        events = rows.on(dates)
        if dates and not 0 < events.events < len(events):
            raise DataError(
                f"The dates to {use} hold {events.events} outcomes in {len(events)} families: "
                "a model needs families with and without."
            )


def _settings(definition: TrainingDefinition, plan: Plan) -> EstimatorSettings:
    return EstimatorSettings(
        names=plan.names,
        directions=tuple(indicator.direction for indicator in plan.indicators),
        seed=definition.seed,
        threads=definition.threads,
    )


def _origin(model: ModelDefinition, split: Split, context: TrainingContext) -> Origin:
    return Origin(
        model=model.name,
        title=model.title,
        purpose=model.purpose,
        forbidden_uses=model.forbidden_uses,
        owner=model.owner,
        cohort=model.cohort,
        outcome=model.outcome,
        tier=model.tier,
        as_of_dates=tuple(each.isoformat() for each in split.kept),
        generation=context.generation,
        data_digest=context.data_digest,
        synthetic=context.synthetic,
        declarations=context.declarations_digest,
        code_version=context.code_version,
        trainer=context.trainer,
    )


def _written(
    kept: Fitted, plan: Plan, origin: Origin, evidence: Mapping[str, bytes], context: TrainingContext
) -> Bundle:
    contents = BundleContents(
        origin=origin,
        booster=kept.booster,
        calibrator=kept.calibrator,
        plan_json=plan_to_json(plan),
        evidence=evidence,
    )
    return write_bundle(context.candidates / origin.model, contents)
