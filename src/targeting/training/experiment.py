"""One training, from labelled rows to a bundle: search, fit, calibrate, judge on later dates, gate, refit, write."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from targeting.errors import DataError, DeclarationError
from targeting.features.dates import day_numbers, later
from targeting.features.definition import Outcome
from targeting.features.labels import Labels
from targeting.features.matrix import Matrix
from targeting.features.plan import Plan, plan_to_json
from targeting.features.windows import Length
from targeting.models.bundle import Bundle, BundleContents, Origin, write_bundle
from targeting.models.definition import ModelDefinition
from targeting.models.estimator import EstimatorSettings
from targeting.models.registry import AUDIT
from targeting.training.by_group import Groups, no_groups
from targeting.training.challenger import check_can_be_trained
from targeting.training.comparisons import Verdict
from targeting.training.definition import TrainingDefinition
from targeting.training.evaluation import Metrics
from targeting.training.evidence import Findings, evidence_files, rows_digest
from targeting.training.fitting import Recipe, fit
from targeting.training.gates import Gate
from targeting.training.judgement import Judged, Predictions, Rival, judge
from targeting.training.last_list import PublishedOrder
from targeting.training.multiplicity import multiplicity
from targeting.training.reading import faults_of_baselines
from targeting.training.records_check import RecordsCheck
from targeting.training.rows import Rows, labelled_rows, matured_dates, ranked_rows, rows_left_out
from targeting.training.search import Progress, SearchResult, UnderWay, forget_study, kept_study, new_study, search
from targeting.training.splits import Split, split_dates


@dataclass(frozen=True)
class TrainingData:
    """A design matrix, its labels, and the plan that made it; the model in use, if any, on the same rows.

    `groups` are parts of the deployed population of which measures are told apart. `published` are the orders of the
    lists that panels had: the last before a test date is a baseline. `records` tells whether the records are sound.
    """

    matrix: Matrix
    labels: Labels
    plan: Plan
    rival: Rival | None = None
    groups: Groups = no_groups
    published: Sequence[PublishedOrder] = ()
    records: RecordsCheck | None = None


@dataclass(frozen=True, kw_only=True)
class TrainingContext:
    """What a training is made from beside its rows, and where its bundle goes.

    `generation` and `data_digest` name the data. `declarations` are the texts of all declarations by path, and
    `declarations_digest` their digest. `trainer` is who trains, and so may not sign. Bundles are written below
    `candidates`, in a folder of the model's. Finished trials are kept in the file `searches` until the search is over,
    so that a training that was killed goes on with them; without one it begins anew. `progress` is called with (what,
    done, total).
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
    searches: Path | None = None
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
    def audited(self) -> str:
        """Return the fairness audit's verdict, and what it means in a sentence."""
        if AUDIT not in self.bundle.evidence:
            return "none was made."
        audit = self.bundle.evidence_json(AUDIT)
        return f"{audit['verdict']}. {audit.get('sentence', '')}".strip()

    @property
    def predictions(self) -> Predictions:
        """Return the test dates' predictions."""
        return self.findings.judgement.predictions

    @property
    def gates(self) -> tuple[Gate, ...]:
        """Return every gate's verdict."""
        return self.findings.judgement.gates

    @property
    def verdict(self) -> Verdict:
        """Return whether the model may order the list, and what does where it may not."""
        return self.findings.judgement.verdict

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
    settings = settings_of(definition, data.plan)
    judged, plan = _judged(definition, data, rows, split), data.plan
    left_out = rows_left_out(data.labels, split.matured)
    found = _searched(definition, rows, split, settings=settings, context=context)
    recipe = Recipe(found.best.parameters, found.best.rounds)
    context.progress("judging on later dates", 0, 1)
    judgement = judge(definition, judged, split, recipe, settings=settings)
    kept, kept_rows = judgement.tested, rows.on(split.kept)
    if split.kept != split.windows[-1].train:
        context.progress("learning from all dates", 0, 1)
        kept = fit(kept_rows, recipe, settings=settings, calibration=definition.calibration)
    context.progress("models as good", 0, 1)
    others = multiplicity(definition, found, kept_rows, kept.booster, settings=settings)
    audited = audit(judgement.predictions) if audit is not None else {}
    findings = Findings(
        definition=definition,
        rows=rows,
        left_out=left_out,
        split=split,
        search=found,
        judgement=judgement,
        kept=kept,
        multiplicity=others,
        plan=plan,
    )
    origin = _origin(model, split, context)
    speaks_of = plan.cohort.description if plan.cohort else ""
    said = {"speaks_of": speaks_of, "estimates": in_words(context.outcome)}
    files = evidence_files(model, origin, findings, said=said, more=audited)
    bundle = _written(findings, plan, origin, files, context)
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
    check_can_be_trained(definition.baselines.explainable_boosting, definition.place)
    wanted = set(definition.as_of_dates)
    matured = [each for each in matured_dates(data.labels) if each in wanted]
    split = split_dates(definition, matured, known_on=lambda each: label_known_on(context.outcome, each))
    rows = labelled_rows(data.matrix, data.labels).on(split.matured)
    _check_both_outcomes(rows, split)
    return rows, split


def _searched(
    definition: TrainingDefinition, rows: Rows, split: Split, *, settings: EstimatorSettings, context: TrainingContext
) -> SearchResult:
    """Search, going on with the trials that a killed run of this very search had finished."""
    if context.searches is None:
        return search(definition, rows, split, settings=settings, under_way=UnderWay(new_study(), context.progress))
    name = _name_of_search(definition, rows, context)
    under_way = UnderWay(kept_study(context.searches, name), context.progress)
    found = search(definition, rows, split, settings=settings, under_way=under_way)
    forget_study(context.searches, name)
    return found


def _name_of_search(definition: TrainingDefinition, rows: Rows, context: TrainingContext) -> str:
    """Return a name that another definition, other rows or other code would not have."""
    told = [definition.model_dump(mode="json"), rows_digest(rows), context.code_version]
    return f"{definition.name} {hashlib.sha256(json.dumps(told).encode()).hexdigest()[:24]}"


def _judged(definition: TrainingDefinition, data: TrainingData, rows: Rows, split: Split) -> Judged:
    last = definition.as_of_dates[-1]
    week_before, week_after = (ranked_rows(data.matrix, data.labels, [each]) for each in (last, definition.week_after))
    return Judged(
        rows=rows,
        ranked=ranked_rows(data.matrix, data.labels, split.test),
        week_before=week_before,
        week_after=week_after,
        labels=data.labels,
        rival=data.rival,
        groups=data.groups,
        published=data.published,
        records=data.records,
    )


def _check_both_outcomes(rows: Rows, split: Split) -> None:
    named = {"learn from": split.train, "test": split.test, "tune": split.tuning, "validate": split.validation}
    for use, dates in named.items():
        events = rows.on(dates)
        if dates and not 0 < events.events < len(events):
            raise DataError(
                f"The dates to {use} hold {events.events} outcomes in {len(events)} families: "
                "a model needs families with and without."
            )


def in_words(outcome: Outcome) -> str:
    """Return what an outcome is and when it has to come, for readers of the model card."""
    return f"{outcome.description}, from {_length(outcome.lead)} to {_length(outcome.horizon)} after the list's date"


def _length(length: Length) -> str:
    return f"{length.count} {length.unit}"


def settings_of(definition: TrainingDefinition, plan: Plan) -> EstimatorSettings:
    """Return the estimator's settings for the indicators of a plan."""
    return EstimatorSettings(
        names=plan.names,
        directions=tuple(indicator.direction for indicator in plan.indicators),
        seed=definition.seed,
        threads=definition.threads,
        non_events_kept=definition.non_events_kept,
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
    findings: Findings, plan: Plan, origin: Origin, evidence: Mapping[str, bytes], context: TrainingContext
) -> Bundle:
    contents = BundleContents(
        origin=origin,
        booster=findings.kept.booster,
        calibrator=findings.kept.calibrator,
        plan_json=plan_to_json(plan),
        evidence=evidence,
        as_good=findings.multiplicity.boosters,
    )
    return write_bundle(context.candidates / origin.model, contents)
