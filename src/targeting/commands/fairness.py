"""The commands `audit` and `mitigate`: is a model fair between groups, and what would narrowing a gap cost."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from targeting.commands.app import AsJson, app, current_project
from targeting.commands.console import out, print_json, print_result, step, table
from targeting.errors import TargetingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from targeting.fairness.results import Audit, Signed
    from targeting.models.bundle import Bundle
    from targeting.project.project import Project
    from targeting.training.mitigation import Point


@app.command(rich_help_panel="Models")
def audit(
    model: Annotated[str | None, typer.Argument(help="A model; without one, --scores says whose scores.")] = None,
    version: Annotated[str | None, typer.Option(help="The beginning of a version; default: the one in use.")] = None,
    scores: Annotated[
        Path | None, typer.Option(help="Anyone's scores: entity_id, score, label_value, attributes.")
    ] = None,
    policy: Annotated[Path | None, typer.Option(help="The policy for --scores.")] = None,
    out_folder: Annotated[
        Path | None, typer.Option("--out", help="Folder for audit.json, .csv, .html and .pdf.")
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
def mitigate(
    model: str,
    version: Annotated[str, typer.Argument(help="The beginning of a version, whose hyperparameters are taken.")],
    attribute: Annotated[
        str | None, typer.Option(help="Whose gaps to narrow. Default: the first that gates recall.")
    ] = None,
    out_folder: Annotated[Path | None, typer.Option("--out", help="Folder for the chart and the points.")] = None,
    as_json: AsJson = False,
) -> None:
    """Try ways of narrowing a gap between groups, and show what each costs; nothing here can be deployed."""
    from targeting.commands.chain import mitigation_of
    from targeting.commands.clock import today
    from targeting.training.mitigation import attribute_of
    from targeting.training.mitigation_report import write_mitigation

    project = current_project()
    narrowed = attribute_of(project.policy, attribute).name
    with step("Trying ways of narrowing the gap") as advance:
        points = mitigation_of(project, model, version, attribute=narrowed, on=today(), progress=advance)
    if out_folder is not None:
        write_mitigation(points, out_folder, cut=project.policy.main_cut, attribute=narrowed)
    if as_json:
        print_json([point.to_json() for point in points])
        return
    show_points(points)


def show_points(points: "tuple[Point, ...]") -> None:
    """Print the points, and why some are for study alone."""
    rows = [
        (
            point.name,
            f"{100 * point.recall:.1f} ({100 * point.recall_lower:.1f} to {100 * point.recall_upper:.1f})",
            f"{100 * point.gap:.1f} ({100 * point.gap_lower:.1f} to {100 * point.gap_upper:.1f})",
            point.widest,
            "" if point.deployable else "study alone",
        )
        for point in points
    ]
    out.print(table("Recall of all against the largest gap in it", ("way", "recall, %", "gap, points", "of", ""), rows))
    for reason in dict.fromkeys(point.why_not for point in points if point.why_not):
        out.print(reason)


def _write_copy(project: "Project", bundle: "Bundle", folder: Path, last: Path | None) -> None:
    """Write a model's audit with who has signed it, and with what changed since an earlier one where that is named.

    The evidence in the bundle stays as it was. A signature that does not hold is an error.
    """
    from targeting.fairness.differences import since
    from targeting.fairness.results import audit_from_json
    from targeting.fairness.scores_file import read_audit
    from targeting.models.registry import AUDIT
    from targeting.serving.audit_signatures import signed_on

    found = audit_from_json(bundle.evidence[AUDIT].decode())
    if last is not None:
        found = since(found, read_audit(last))
    _write(found, folder, signed_on(bundle, project.signers))


def _write(found: "Audit", folder: Path, signed: "Sequence[Signed]" = ()) -> None:
    """Write the files of an audit, and say on standard error why one was left out."""
    from targeting.fairness.output import write_audit

    with step("Writing page and PDF"):
        left_out = write_audit(found, folder, signed=signed)
    for sentence in left_out:
        typer.echo(sentence, err=True)


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
    found = audit_scores_file(scores, policy, last=last)
    _write(found, folder)
    return {"title": found.title, "verdict": found.verdict, "sentence": found.sentence, "folder": str(folder)}


def _audit_of_model(model: str, version: str | None, folder: Path | None, last: Path | None) -> dict[str, Any]:
    """Return the audit that a model's bundle holds as evidence; a copy is written to `folder` where one is named."""
    from targeting.commands.chain import candidate_of
    from targeting.models.registry import AUDIT, read_champions

    if last is not None and folder is None:
        raise TargetingError("--last needs --out DIR: the audit in the bundle is evidence and stays as it is.")
    project = current_project()
    champions = read_champions(project.data)
    if version is None and model not in champions:
        raise TargetingError(f"no version of {model} is in use; name one with --version.")
    bundle = candidate_of(project, model, version or champions[model].version)
    if folder is not None:
        _write_copy(project, bundle, folder, last)
    found = bundle.evidence_json(AUDIT)
    place = folder or bundle.folder / "evidence"
    return {"title": found["title"], "verdict": found["verdict"], "sentence": found["sentence"], "folder": str(place)}
