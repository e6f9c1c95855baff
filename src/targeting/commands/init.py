"""`targeting init`: starts a second district."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from targeting.commands.app import AsJson, app
from targeting.commands.console import print_json

if TYPE_CHECKING:
    from targeting.project.starting import Started


@app.command(rich_help_panel="District")
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="An empty folder, or one that does not exist yet.")],
    name: Annotated[str | None, typer.Option(help="The district's name. Default: the folder's, made readable.")] = None,
    as_json: AsJson = False,
) -> None:
    """Start a district: every declaration to begin from, and a README that says what to replace and what to do next."""
    from targeting.project.starting import start_district

    started = start_district(folder, name=name)
    if started.inside is not None:
        place = f"{started.folder} lies inside the project {started.inside}"
        typer.echo(f"Warning: {place}. Name the one that you mean with --project.", err=True)
    steps = _next_steps(folder)
    made = {"district": started.name, "folder": str(started.folder), "next": steps}
    if as_json:
        print_json(made)
    else:
        # Not wrapped to the terminal's width, so that a command can be copied.
        typer.echo(_said(started, steps))


def _next_steps(folder: Path) -> dict[str, str]:
    """Return the next commands, each with what it does."""
    command = f"targeting --project {shlex.quote(str(folder))}"
    return {
        f"{command} check": "every declaration, and every fault at once",
        f"{command} load EXTRACTS": "the agencies' files, one folder an agency",
        f"{command} link": "people across agencies, and families",
        f"{command} train escalation --as YOUR-NAME": "a model; two others sign it, and promote brings it into use",
    }


def _said(started: "Started", steps: dict[str, str]) -> str:
    """Return what was made and what comes next."""
    lines = [f"{started.name}: every declaration of a district to begin from lies in {started.folder}.", ""]
    lines += ["School terms, sources, reviews and panels are another district's: README.md says what to replace.", ""]
    lines += ["Next:"] + [f"  {command}\n    {what}" for command, what in steps.items()]
    return "\n".join(lines)
