"""Commands on models: `matrix`, `train`, `sign`, `promote`."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from targeting.commands.app import AsJson, app, current_project, stated
from targeting.commands.console import out, print_json, print_result, step, table
from targeting.errors import TargetingError

if TYPE_CHECKING:
    from targeting.models.bundle import Bundle
    from targeting.project.project import Project
    from targeting.training.experiment import TrainResult


@app.command(rich_help_panel="Models")
def matrix(
    model: str,
    as_of: Annotated[list[datetime], typer.Option(formats=["%Y-%m-%d"], help="An as-of date; may be given again.")],
    out_file: Annotated[Path, typer.Option("--out", help="The Parquet file to write.")],
    as_json: AsJson = False,
) -> None:
    """Compute a model's design matrix for its cohort on some dates, without the facts of whoever objected."""
    from targeting.commands.clock import now, today
    from targeting.commands.leaving_out import generation_to_score
    from targeting.features.engine import write_matrix

    project = current_project()
    plan = project.plan(project.model(model), on=today())
    generation = generation_to_score(project, on=max(as_of).date(), known_at=now())
    with step("Computing the design matrix"):
        rows = write_matrix(plan, generation, [each.date() for each in as_of], out_file)
    result = {"file": str(out_file), "rows": rows, "indicators": len(plan.names)}
    print_result(result, as_json=as_json, text=lambda: table("Design matrix", ("what", ""), list(result.items())))


@app.command(rich_help_panel="Models")
def train(
    model: str,
    trainer: Annotated[str, typer.Option("--as", callback=stated, help="Who trains; the trainer may not sign.")],
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
    """Sign a trained model's manifest with your own key, and say what promotion still lacks."""
    from targeting.commands.chain import candidate_of
    from targeting.commands.clock import today
    from targeting.models.signatures import sign_bundle

    project = current_project()
    bundle = candidate_of(project, model, version)
    until = re_audit_by.date() if re_audit_by else None
    if until is not None and until < today():
        raise TargetingError(f"--re-audit-by {until} has passed. Name the day until which the audit is made again.")
    path = sign_bundle(bundle, name=name, key=key, signers=project.signers, re_audit_by=until)
    out.print(f"{name} signed {model} {bundle.version}: {path}")
    out.print(_what_is_lacking(project, bundle), highlight=False)


def _what_is_lacking(project: "Project", bundle: "Bundle") -> str:
    from targeting.commands.clock import today
    from targeting.models.registry import check_may_be_used

    try:
        check_may_be_used(bundle, signers=project.signers, on=today())
    except TargetingError as error:
        return str(error)
    return f"It may come into use: `targeting promote {bundle.model} {bundle.version}`."


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
    rows += [
        (name.replace("_", " "), *(held.get(each, float("nan")) for each in names))
        for name, held in result.baselines.items()
    ]
    out.print(table("On dates later than all it learnt from", ("", *(name.replace("_", " ") for name in names)), rows))
    gates = [(gate.name.replace("_", " "), "passed" if gate.passed else "FAILED", gate.detail) for gate in result.gates]
    out.print(table("Gates", ("gate", "", "why"), gates))
    out.print(result.verdict.sentence)
    out.print(f"Fairness audit: {result.audited}")
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
        "audit": result.audited,
    }
