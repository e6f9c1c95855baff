"""`make oulad`: the published data from its files to a ranked, explained, audited list, beside the reference."""

import base64
import csv
import json
import os
import platform
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from prepare import HERE, prepare

from targeting.commands.chain import link_people, load_extracts, promote_model, train_model
from targeting.commands.clock import now, today
from targeting.commands.console import Advance, out, step, table
from targeting.commands.publishing import publish_lists
from targeting.errors import EXIT_CODE, DataError, TargetingError
from targeting.features import plan_from_json
from targeting.models.signatures import Signer, make_key, sign_bundle
from targeting.project.loading import load_project
from targeting.project.project import Project
from targeting.serving.published import PublishedList
from targeting.serving.suspended import ShownList
from targeting.serving.terminal import show_flag, show_list
from targeting.training.contribution_charts import sampled_contributions
from targeting.training.experiment import TrainResult, settings_of
from targeting.training.fitting import Recipe
from targeting.training.studies import Subject

EVIDENCE = HERE.parents[1] / "docs" / "evidence" / "oulad.json"
DELIVERED = date(2015, 12, 31)
DAY_60 = date(2014, 12, 1)
LIST_MODEL = "day60"
# So many indicators are named as those that weigh most.
SHOWN = 10
TRAINER = "benchmark data scientist"
SIGNERS = {"benchmark service lead": "service_lead", "benchmark data protection officer": "data_protection"}

# The data are public and hold no name, so the key of their pseudonyms is no secret: one key, one result everywhere.
PUBLIC_KEY = base64.b64encode(b"OULAD is public data, CC BY 4.0.").decode()

# Presentation 2014J on each day: how many are registered, and how many of them do not pass.
COHORTS = {"day60": (8818, 0.381), "day120": (8260, 0.339)}
# Trained on 2013B, 2013J and 2014B, tested on 2014J: AUC, and precision among the first tenth.
REFERENCE: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "LightGBM, untuned": {"day60": (0.772, 0.800), "day120": (0.838, 0.972)},
    "a dozen assessment features": {"day60": (0.785, 0.868), "day120": (0.852, 0.969)},
}


@dataclass
class Run:
    """One run of the benchmark: its project, the seconds of each step, and what was trained."""

    project: Project
    times: dict[str, float] = field(default_factory=dict)
    trained: dict[str, TrainResult] = field(default_factory=dict)

    @contextmanager
    def step(self, title: str) -> Iterator[Advance]:
        """Show a step and keep its time."""
        with step(title, self.times) as advance:
            yield advance


def main() -> None:
    """Run the whole chain, print ours beside the reference, and write the evidence."""
    reference = _reference()
    run = Run(_project())
    _load(run, reference)
    for model in COHORTS:
        _train(run, model)
    published = _publish(run)
    _show_list(published, run.trained[LIST_MODEL])
    for result in run.trained.values():
        _show_audit(result)
    _show_comparison(run)
    with run.step("What did it"):
        did_it = {model: what_did_it(run.project, result) for model, result in run.trained.items()}
    _show_what_did_it(did_it)
    _write_evidence(run, did_it)


def _reference() -> Path:
    folder = Path(os.environ.get("TARGETING_REFERENCE_DATA", "")) / "benchmarks" / "oulad"
    if "TARGETING_REFERENCE_DATA" not in os.environ or not folder.is_dir():
        raise DataError(
            "TARGETING_REFERENCE_DATA names no folder that holds benchmarks/oulad. "
            "docs/reference-data.md says where anyone gets the data set."
        )
    return folder


def _project() -> Project:
    """Return the project beside this file, its data begun anew, with signers whose keys are made for this run."""

    os.environ["TARGETING_IDENTITY_KEY"] = PUBLIC_KEY
    project = load_project(HERE, on=DELIVERED)
    shutil.rmtree(project.data, ignore_errors=True)
    signers = [
        Signer(name=name, role=role, public_key=make_key(_key(project, name)))  # type: ignore[arg-type]
        for name, role in SIGNERS.items()
    ]
    return replace(project, signers=tuple(signers))


def _key(project: Project, name: str) -> Path:
    return project.data / "keys" / f"{name.replace(' ', '_')}.pem"


def _load(run: Run, reference: Path) -> None:

    extracts = HERE / "extracts"
    shutil.rmtree(extracts, ignore_errors=True)
    with run.step("Extracts are written"):
        prepare(reference, extracts)
    with run.step("Facts are loaded") as advance:
        loaded = load_extracts(run.project, extracts, advance)
    rows, kept = sum(file.rows for file in loaded.files), sum(file.accepted for file in loaded.files)
    out.print(f"  {rows:,} rows: {kept:,} accepted, {rows - kept:,} quarantined")
    with run.step("Students are linked") as advance:
        linked = link_people(run.project, advance)
    out.print(f"  {linked.persons:,} student-presentations, with {linked.facts:,} facts")


def _train(run: Run, model: str) -> None:

    with run.step(f"{model} is trained, judged, audited") as advance:
        result = train_model(run.project, model, trainer=TRAINER, on=DELIVERED, progress=advance)
    for gate in result.gates:
        out.print(f"  {'passed' if gate.passed else 'FAILED'}: {gate.detail}", highlight=False)
    run.trained[model] = result
    students, prevalence = COHORTS[model]
    if result.metrics["n"] != students or round(result.metrics["prevalence"], 3) != prevalence:
        raise DataError(f"{model} was judged on other students than the reference; nothing can be compared.")


def _publish(run: Run) -> PublishedList:

    result = run.trained[LIST_MODEL]
    with run.step("The model is signed and promoted, its list published"):
        for name in SIGNERS:
            key = _key(run.project, name)
            sign_bundle(result.bundle, name=name, key=key, signers=run.project.signers, re_audit_by=DELIVERED)
        promote_model(run.project, LIST_MODEL, result.version, on=DELIVERED)
        return publish_lists(run.project, as_of_date=DAY_60, published_at=now())[0]


def _show_list(published: PublishedList, result: TrainResult) -> None:
    """Print the list, its first student, and what became of all on it, which the model had not seen."""

    shown = ShownList(published, suspended=None)
    out.print(show_list(shown))
    out.print(show_flag(shown, published.flags[0]))
    predictions = result.predictions
    became = dict(zip(predictions.family_id.tolist(), predictions.label.tolist(), strict=True))
    hits = sum(became[flag.family_id] for flag in published.flags)
    out.print(f"Of the {len(published.flags)} students on the list, {hits:.0f} later failed or withdrew.\n")


def _show_audit(result: TrainResult) -> None:
    """Print who the first tenth of the list holds, by deprivation band and by disability."""
    audit = result.bundle.evidence_json("audit.json")
    out.print(f"Fairness audit of {result.model.name}: {audit['verdict']}. {audit['sentence']}")
    rows = [
        (group, int(found["n"]), *(found[name] for name in ("prevalence", "selection_rate", "tpr", "ppv")))
        for group, found in _audited(result).items()
    ]
    out.print(table("Listed in the first tenth", ("", "n", "prevalence", "listed", "tpr", "ppv"), rows))


def _audited(result: TrainResult) -> dict[str, dict[str, float]]:
    """Return each group's measures at the top tenth, with those of no cut."""
    found: dict[str, dict[str, float]] = {}
    with (result.bundle.folder / "evidence" / "audit.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["attribute"] in ("deprivation", "disability") and row["cut"] in ("top:10%", ""):
                group = f"{row['attribute']} {row['group']}"
                found.setdefault(group, {})[row["metric"]] = float(row["value"] or "nan")
    return found


def _measures(result: TrainResult) -> dict[str, Any]:
    return {
        "auc": round(result.metrics["auc"], 4),
        "precision_at_10_percent": round(result.metrics["precision_at_10_percent"], 4),
        "n": int(result.metrics["n"]),
        "prevalence": round(result.metrics["prevalence"], 4),
    }


def _show_comparison(run: Run) -> None:
    rows: list[tuple[object, ...]] = []
    for model, result in run.trained.items():
        ours = _measures(result)
        rows.append((model, "Targeting", ours["auc"], ours["precision_at_10_percent"]))
        rows += [(model, name, *figures[model]) for name, figures in REFERENCE.items()]
    out.print(table("Tested on 2014J", ("", "by", "AUC", "precision at 10 %"), rows))
    out.print(table("Time", ("step", "s"), [*run.times.items(), ("all", sum(run.times.values()))]))


def what_did_it(project: Project, result: TrainResult) -> dict[str, Any]:
    """Return AUC and precision of the first tenth without each module of indicators, and what weighs most in a score.

    Without a module the model is fitted anew with the hyperparameters that were found. `weighs` is the mean size of an
    indicator's exact contribution to the margin, over a sample of the students tested.
    """
    subject = _subject(project, result)
    module_of = {key.rpartition(".")[2]: key.rpartition(".")[0] for key in project.indicators}
    modules = np.array([module_of[name] for name in subject.rows.names])
    without = {}
    for module in np.unique(modules).tolist():
        left = subject.evaluated(subject.scores(columns=modules != module)).pooled
        without[module] = {name: round(left[name], 4) for name in ("auc", "precision_at_10_percent")}
    held = sampled_contributions(result.predictions.booster, subject.ranked)
    weighs = np.abs(held.parts).mean(axis=0)
    most = dict(zip(held.names[:SHOWN], np.round(weighs[:SHOWN], 3).tolist(), strict=True))
    return {"without": without, "weighs": most}


def _subject(project: Project, result: TrainResult) -> Subject:
    found, plan = result.findings, plan_from_json(result.bundle.plan_json)
    return Subject(
        rows=found.rows,
        ranked=result.predictions.rows,
        split=found.split,
        recipe=Recipe(found.search.best.parameters, found.search.best.rounds),
        settings=settings_of(project.training(result.model.name), plan),
        measures=found.definition.measures,
        plan=plan,
    )


def _show_what_did_it(did_it: Mapping[str, Mapping[str, Any]]) -> None:
    """Print what is lost without each module of indicators, and the indicators that weigh most."""
    rows = [
        (model, f"without {module}", measures["auc"], measures["precision_at_10_percent"])
        for model, found in did_it.items()
        for module, measures in found["without"].items()
    ]
    out.print(table("Fitted without a module", ("", "", "AUC", "precision at 10 %"), rows))
    for model, found in did_it.items():
        said = ", ".join(f"{name} {weight:g}" for name, weight in found["weighs"].items())
        out.print(f"{model}: what weighs most in a score: {said}", highlight=False)


def _write_evidence(run: Run, did_it: Mapping[str, Mapping[str, Any]]) -> None:

    content = {
        "command": "make oulad",
        "date": today().isoformat(),
        "data": "Open University Learning Analytics Dataset, CC BY 4.0; trained on 2013B to 2014B, tested on 2014J",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("targeting", "lightgbm", "numpy")}
        | {"python": platform.python_version()},
        "seconds": round(sum(run.times.values())),
        "processor_seconds": round(sum(os.times()[:2])),
        **{model: _measures(result) for model, result in run.trained.items()},
        "audit": {model: result.bundle.evidence_json("audit.json")["verdict"] for model, result in run.trained.items()},
        "gates_failed": {
            model: [gate.name for gate in result.gates if not gate.passed] for model, result in run.trained.items()
        },
        "what_did_it": dict(did_it),
        "baselines": {
            model: {name: round(held["auc"], 4) for name, held in result.baselines.items()}
            for model, result in run.trained.items()
        },
        "reference": {
            name: {model: {"auc": auc, "precision_at_10_percent": top} for model, (auc, top) in figures.items()}
            for name, figures in REFERENCE.items()
        },
    }
    EVIDENCE.parent.mkdir(parents=True, exist_ok=True)
    EVIDENCE.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    out.print(f"Written to {EVIDENCE}", highlight=False)


if __name__ == "__main__":
    try:
        main()
    except TargetingError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(EXIT_CODE)
