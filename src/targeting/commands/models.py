"""Commands on models: `matrix`, `train`, `audit`, `sign`, `promote`."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from targeting.commands.app import AsJson, app, current_project
from targeting.commands.console import out, print_json, print_result, step, table
from targeting.errors import TargetingError

if TYPE_CHECKING:
    from targeting.training.experiment import TrainResult


@app.command(rich_help_panel="Models")
def matrix(
    model: str,
    as_of: Annotated[list[datetime], typer.Option(formats=["%Y-%m-%d"], help="An as-of date; may be given again.")],
    out_file: Annotated[Path, typer.Option("--out", help="The Parquet file to write.")],
    as_json: AsJson = False,
) -> None:
    """Compute a model's design matrix for its cohort on some dates."""
    from targeting.commands.clock import today
    from targeting.features.engine import build_matrix
    from targeting.store.generations import open_generation

    project = current_project()
    plan = project.plan(project.model(model), on=today())
    with step("Computing the design matrix"):
        made = build_matrix(plan, open_generation(project.data), [each.date() for each in as_of])
        made.write(out_file)
    result = {"file": str(out_file), "rows": len(made), "indicators": len(made.names)}
    print_result(result, as_json=as_json, text=lambda: table("Design matrix", ("what", ""), list(result.items())))


@app.command(rich_help_panel="Models")
def train(
    model: str,
    trainer: Annotated[str, typer.Option("--as", help="Who trains; the trainer may not sign.")],
    trials: Annotated[
        int | None, typer.Option(min=1, help="Trials of the search, instead of the declared ones.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Search, fit, calibrate, judge on later dates, audit, gate, refit; record it all in MLflow as the challenger."""
    from targeting.commands.chain import train_model
    from targeting.commands.clock import today

    project = current_project()
    with step(f"Training {model}") as advance:
        result = train_model(project, model, trainer=trainer, on=today(), trials=trials, progress=advance)
    if as_json:
        print_json(_trained(result))
    else:
        show_training(result)


@app.command(rich_help_panel="Models")
def audit(
    model: Annotated[str | None, typer.Argument(help="A model; without one, --scores says whose scores.")] = None,
    version: Annotated[str | None, typer.Option(help="The beginning of a version; default: the one in use.")] = None,
    scores: Annotated[
        Path | None, typer.Option(help="Anyone's scores: entity_id, score, label_value, attributes.")
    ] = None,
    policy: Annotated[Path | None, typer.Option(help="The policy for --scores.")] = None,
    out_folder: Annotated[
        Path | None, typer.Option("--out", help="Folder for audit.json, audit.csv, audit.html.")
    ] = None,
    last: Annotated[Path | None, typer.Option(help="An earlier audit.json: tell what changed since.")] = None,
    beforehand: Annotated[
        bool, typer.Option(help="Before training: the smallest gap that each gating comparison could show.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Audit fairness: of a model, from its evidence, or of anyone's scores under a policy."""
    if (model is None) == (scores is None):
        raise TargetingError("name a model, or give --scores FILE --policy FILE --out DIR.")
    if beforehand:
        _show_beforehand(model, as_json=as_json)
        return
    if scores is not None:
        found = _audit_scores(scores, policy, out_folder, last)
    else:
        found = _audit_of_model(str(model), version, out_folder, last)
    print_result(found, as_json=as_json, text=lambda: table(found["title"], ("", ""), list(found.items())[1:]))


@app.command(rich_help_panel="Models")
def sign(
    model: str,
    version: Annotated[str, typer.Argument(help="The beginning of a version.")],
    name: Annotated[str, typer.Option("--as", help="Your name, as serving/signers.toml has it.")],
    key: Annotated[Path, typer.Option(help="Your private key (PEM), readable by you alone.")],
    re_audit_by: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Accept an audit that cannot tell, until the audit is made again."),
    ] = None,
) -> None:
    """Sign a trained model's manifest with your own key."""
    from targeting.commands.chain import candidate_of
    from targeting.models.signatures import sign_bundle

    project = current_project()
    bundle = candidate_of(project, model, version)
    until = re_audit_by.date() if re_audit_by else None
    path = sign_bundle(bundle, name=name, key=key, signers=project.signers, re_audit_by=until)
    out.print(f"{name} signed {model} {bundle.version}: {path}")


@app.command(rich_help_panel="Models")
def promote(model: str, version: Annotated[str, typer.Argument(help="The beginning of a version.")]) -> None:
    """Bring a model into use: its gates passed, its audit allows it, both signatures hold."""
    from targeting.commands.chain import promote_model
    from targeting.commands.clock import today

    bundle = promote_model(current_project(), model, version, on=today())
    out.print(f"{model} {bundle.version} is in use.")


def show_training(result: "TrainResult") -> None:
    """Print how a model did on later dates beside its baselines, its gates, and what to do next."""
    names = ("average_precision", "recall_in_52_weeks", "precision_in_52_weeks", "auc")
    rows = [("model", *(result.metrics.get(name, float("nan")) for name in names))]
    rows += [(name, *(held.get(each, float("nan")) for each in names)) for name, held in result.baselines.items()]
    out.print(table("On dates later than all it learnt from", ("", *(name.replace("_", " ") for name in names)), rows))
    gates = [(gate.name.replace("_", " "), "passed" if gate.passed else "FAILED", gate.detail) for gate in result.gates]
    out.print(table("Gates", ("gate", "", "why"), gates))
    out.print(result.verdict.sentence)
    out.print(f"Version {result.version} is the challenger. Its bundle: {result.bundle.folder}", highlight=False)


def _trained(result: "TrainResult") -> dict[str, Any]:
    return {
        "model": result.model.name,
        "version": result.version,
        "bundle": str(result.bundle.folder),
        "metrics": dict(result.metrics),
        "baselines": {name: dict(held) for name, held in result.baselines.items()},
        "gates": [gate.to_json() for gate in result.gates],
        "verdict": result.verdict.to_json(),
    }


def _write_since(evidence: bytes, last: Path, folder: Path | None) -> None:
    """Write a model's audit with what changed since an earlier one; the evidence in its bundle stays as it was."""
    from targeting.fairness.differences import since
    from targeting.fairness.output import write_audit
    from targeting.fairness.results import audit_from_json
    from targeting.fairness.scores_file import read_audit

    if folder is None:
        raise TargetingError("--last needs --out DIR: the audit in the bundle is evidence and stays as it is.")
    write_audit(since(audit_from_json(evidence.decode()), read_audit(last)), folder)


def _show_beforehand(model: str | None, *, as_json: bool) -> None:
    """Print what each gating comparison could show, in the order of the policy, for `detectable` in the policy."""
    from targeting.commands.chain import foreseen_gaps
    from targeting.commands.clock import today

    if model is None:
        raise TargetingError("--beforehand needs a model: it counts who was scored on its earlier dates.")
    with step("Counting who was scored on earlier dates"):
        found = foreseen_gaps(current_project(), model, on=today())
    if as_json:
        print_json([each.to_json() for each in found])
        return
    rows = [
        (f"{g.attribute}: {g.group}", g.measure, g.cut, g.limit, "cannot be said" if each.gap is None else each.gap)
        for each in found
        for g in [each.gating]
    ]
    out.print(table("The smallest gap to be seen", ("", "measure", "cut", "limit", "detectable"), rows))


def _audit_scores(scores: Path, policy: Path | None, folder: Path | None, last: Path | None) -> dict[str, Any]:
    from targeting.fairness.scores_file import audit_scores_file

    if policy is None or folder is None:
        raise TargetingError("--scores needs --policy FILE and --out DIR.")
    found = audit_scores_file(scores, policy, folder, last=last)
    return {"title": found.title, "verdict": found.verdict, "sentence": found.sentence, "folder": str(folder)}


def _audit_of_model(model: str, version: str | None, folder: Path | None, last: Path | None) -> dict[str, Any]:
    """Return the audit that a model's bundle holds as evidence, its files copied to `folder` where one is named."""
    from targeting.commands.chain import candidate_of
    from targeting.models.registry import AUDIT, read_champions

    project = current_project()
    champions = read_champions(project.data)
    if version is None and model not in champions:
        raise TargetingError(f"no version of {model} is in use; name one with --version.")
    bundle = candidate_of(project, model, version or champions[model].version)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        for name in bundle.evidence:
            if name.startswith("audit."):
                (folder / name).write_bytes((bundle.folder / "evidence" / name).read_bytes())
    found = bundle.evidence_json(AUDIT)
    if last is not None:
        _write_since(bundle.evidence[AUDIT], last, folder)
    place = folder or bundle.folder / "evidence"
    return {"title": found["title"], "verdict": found["verdict"], "sentence": found["sentence"], "folder": str(place)}
