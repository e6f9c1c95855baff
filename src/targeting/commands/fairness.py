"""The command `mitigate`: what each way of narrowing a gap between groups would cost."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from targeting.commands.app import AsJson, app, current_project
from targeting.commands.console import out, print_json, step, table

if TYPE_CHECKING:
    from targeting.training.mitigation import Point


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
    from targeting.training.mitigation_report import write_mitigation

    project = current_project()
    with step("Trying ways of narrowing the gap") as advance:
        points = mitigation_of(project, model, version, attribute=attribute, on=today(), progress=advance)
    if out_folder is not None:
        write_mitigation(points, out_folder, cut=project.policy.main_cut, attribute=attribute or "")
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
