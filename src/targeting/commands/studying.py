"""`targeting study`: what a trained version's figures rest on."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from targeting.commands.app import AsJson, app, current_project
from targeting.commands.console import out, print_json, step, table
from targeting.errors import TargetingError, what_exists

if TYPE_CHECKING:
    from targeting.commands.trainings import Asked
    from targeting.models.bundle import Bundle
    from targeting.models.estimator import Floats
    from targeting.project.project import Project
    from targeting.training.experiment import TrainingData
    from targeting.training.studies import Case, Subject

Progress = Callable[[str, int, int], None]
LAGS = (30, 60)
COLUMNS = ("case", "outcomes", "average precision, %", "recall", "difference, points")
ASKED = {
    "families": "A fifth of the families, by models that learnt from their earlier dates and by models that did not.",
    "learning": "By models that learnt from a part of the families.",
    "agencies": "By models without what rests on one agency, and without the indicators that are named.",
    "lags": "By the records as they stood so many days before each list.",
    "outcomes": "Other outcomes of the same families, each learnt anew. Average precision grows with how common it is.",
    "tiers": "By models of fewer agencies' records: the council's, with police and schools, with health.",
}
READ = (
    "Outcomes: how many, and of what share of the rows. Average precision and the difference to {beside}: with 95 % "
    "intervals from draws of whole families; where that of a difference holds 0 it may be chance. Recall: of families "
    "with the outcome, whom a year of weekly lists names."
)


@app.command(rich_help_panel="Models")
def study(
    model: str,
    version: Annotated[str, typer.Argument(help="The beginning of a version, whose hyperparameters are taken.")],
    name: Annotated[str, typer.Argument(help="families, learning, agencies, lags, outcomes or tiers.")],
    as_json: AsJson = False,
) -> None:
    """Ask what a version's figures rest on: families never seen, less data, an agency less, later records, tiers."""
    from targeting.commands.clock import today

    if name not in STUDIES:
        raise TargetingError(f"the study {name!r} does not exist. {what_exists(name, STUDIES)}")
    with step(f"Studying {model}: {name}") as advance:
        cases = studied(current_project(), model, version, name, on=today(), progress=advance)
    if as_json:
        print_json([each.to_json() for each in cases])
    else:
        show_study(f"{model}: {name}. {ASKED[name]}", cases)


def show_study(title: str, cases: "Sequence[Case]") -> None:
    """Print the cases of a study beside each other, and how to read them."""
    audited = any(each.audit for each in cases)
    rows = [(*_row(each), each.audit or "") if audited else _row(each) for each in cases]
    out.print(table(title, (*COLUMNS, "audit") if audited else COLUMNS, rows))
    compared = [each for each in cases if each.difference is not None]
    beside = next((each.case for each in cases if each.difference is None), "")
    out.print(READ.format(beside=beside) if compared else READ.replace(" and the difference to {beside}", ""))


def studied(
    project: "Project", model_name: str, version: str, name: str, *, on: date, progress: Progress
) -> "tuple[Case, ...]":
    """Return the cases of a study of a trained version, on the current generation."""
    from targeting.commands.chain import candidate_of
    from targeting.commands.trainings import asked_now, data_of

    bundle = candidate_of(project, model_name, version)
    asked = asked_now(project, project.training(model_name), on=on, progress=progress)
    progress("computing the design matrix", 0, 2)
    cases: list[Case] = []
    for each in STUDIES[name](asked, bundle, data_of(asked)):
        cases.append(each)
        progress(f"{len(cases)} cases done, the last: {each.case}", 1, 2)
    return tuple(cases)


def _subject(asked: "Asked", bundle: "Bundle", data: "TrainingData", outcome_name: str | None = None) -> "Subject":
    """Return what a study is made on; with another outcome the split follows from when that one matures."""
    from targeting.commands.trainings import labels_of
    from targeting.training.experiment import label_known_on, settings_of
    from targeting.training.fitting import recipe_of
    from targeting.training.rows import labelled_rows, matured_dates, ranked_rows
    from targeting.training.splits import split_dates
    from targeting.training.studies import Subject

    project, definition = asked.project, asked.definition
    model = project.model(definition.name)
    known = outcome_name or model.outcome
    if known not in project.outcomes:
        raise TargetingError(f"the outcome {known!r} does not exist. {what_exists(known, project.outcomes)}")
    outcome, labels = project.outcomes[known], data.labels
    if outcome_name is not None:
        labels = labels_of(project, model.name, data.matrix, asked.generation, on=asked.on, outcome=known)
    wanted = set(definition.as_of_dates)
    matured = [each for each in matured_dates(labels) if each in wanted]
    split = split_dates(definition, matured, known_on=lambda each: label_known_on(outcome, each))
    return Subject(
        rows=labelled_rows(data.matrix, labels).on(split.matured),
        ranked=ranked_rows(data.matrix, labels, split.test),
        split=split,
        recipe=recipe_of(bundle.evidence_json("search.json")),
        settings=settings_of(definition, data.plan),
        measures=definition.measures,
        plan=data.plan,
    )


def _families(asked: "Asked", bundle: "Bundle", data: "TrainingData") -> "Iterator[Case]":
    from targeting.training.studies import unseen_families

    subject = _subject(asked, bundle, data)
    yield from unseen_families(subject)


def _learning(asked: "Asked", bundle: "Bundle", data: "TrainingData") -> "Iterator[Case]":
    from targeting.training.studies import less_to_learn_from

    subject = _subject(asked, bundle, data)
    yield from less_to_learn_from(subject)


def _agencies(asked: "Asked", bundle: "Bundle", data: "TrainingData") -> "Iterator[Case]":
    from targeting.training.studies import without_each_agency

    subject = _subject(asked, bundle, data)
    yield from without_each_agency(subject, asked.definition.study.without)


def _lags(asked: "Asked", bundle: "Bundle", data: "TrainingData") -> "Iterator[Case]":
    from targeting.training.studies import older_records
    from targeting.training.table import build_table

    subject = _subject(asked, bundle, data)
    tested = subject.split.test
    earlier = (
        (days, build_table(subject.plan, asked.generation, [each - timedelta(days=days) for each in tested]))
        for days in LAGS
    )
    yield from older_records(subject, earlier)


def _outcomes(asked: "Asked", bundle: "Bundle", data: "TrainingData") -> "Iterator[Case]":
    from targeting.training.studies import case

    for name in (None, *asked.definition.study.outcomes):
        subject = _subject(asked, bundle, data, name)
        told = name or asked.project.model(asked.model_name).outcome
        yield case(told.replace("_", " "), subject.evaluated(subject.scores()))


def _tiers(asked: "Asked", bundle: "Bundle", data: "TrainingData") -> "Iterator[Case]":
    from targeting.training.studies import tiers

    subject = _subject(asked, bundle, data)
    tier_of = {source.name: source.tier for source in asked.project.sources}
    yield from tiers(subject, tier_of, lambda score: _audited(asked, subject, score))


def _audited(asked: "Asked", subject: "Subject", score: "Floats") -> str:
    """Return the verdict of an audit of some scores of the ranked rows."""
    import numpy as np

    from targeting.models.calibration import sigmoid
    from targeting.training.audit import AuditData, audit_predictions
    from targeting.training.judgement import Predictions
    from targeting.training.measures import NOT_KNOWN

    project, ranked = asked.project, subject.ranked
    model = project.model(asked.model_name)
    predictions = Predictions(
        family_id=ranked.family_id,
        as_of_date=ranked.as_of_date,
        margin=score,
        probability=sigmoid(score),
        label=np.where(ranked.y == NOT_KNOWN, np.nan, ranked.y).astype(np.float64),
    )
    drawn_on = AuditData(
        generation=asked.generation, contract=project.contract, outcome=project.outcomes[model.outcome]
    )
    return audit_predictions(predictions, data=drawn_on, policy=project.policy, title=model.title).verdict


def _row(held: "Case") -> tuple[object, ...]:
    difference = ""
    if held.difference is not None and held.difference_low is not None and held.difference_high is not None:
        low, high = 100 * held.difference_low, 100 * held.difference_high
        difference = f"{100 * held.difference:+.2f} ({low:+.2f} to {high:+.2f})"
    return (
        held.case,
        f"{held.events:,} ({held.prevalence:.1%})",
        f"{100 * held.average_precision:.2f} ({100 * held.low:.2f} to {100 * held.high:.2f})",
        f"{held.recall_in_52_weeks:.1%}",
        difference,
    )


STUDIES: dict[str, Callable[["Asked", "Bundle", "TrainingData"], Iterator[Any]]] = {
    "families": _families,
    "learning": _learning,
    "agencies": _agencies,
    "lags": _lags,
    "outcomes": _outcomes,
    "tiers": _tiers,
}
