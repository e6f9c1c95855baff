"""The command line's root: which project, and how a fault of the user is told."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from targeting import __version__
from targeting.errors import EXIT_CODE, TargetingError

if TYPE_CHECKING:
    from targeting.project.project import Project

app = typer.Typer(
    name="targeting",
    help="Predictive early help for families: records in, a ranked and explained weekly list out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def stated(value: str) -> str:
    """Return what an option says, without blanks around it. Raises BadParameter where that is nothing."""
    if not value.strip():
        raise typer.BadParameter("must not be empty: it is kept, and others read it.")
    return value.strip()


@dataclass
class Chosen:
    """The project folder named on the command line, if one was."""

    folder: Path | None = None


_chosen = Chosen()


@app.callback()
def root(
    project: Annotated[
        Path | None,
        typer.Option(help="Project folder. Default: the nearest parent that holds targeting.toml.", file_okay=False),
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """Predictive early help for families: records in, a ranked and explained weekly list out."""
    _chosen.folder = project
    if version:
        typer.echo(__version__)
        raise typer.Exit


def chosen_folder() -> Path | None:
    """Return the project folder named on the command line; None where none was."""
    return _chosen.folder


def current_project() -> "Project":
    """Return the project that the command works on, loaded and checked as of today in London."""
    from targeting.commands.clock import today
    from targeting.project.finding import find_project
    from targeting.project.loading import load_project

    return load_project(find_project(_chosen.folder), on=today())


def current_data() -> Path:
    """Return the data folder of the project that the command works on, whatever else the project declares.

    What is published can be read while a declaration is being changed, as the service reads it.
    """
    from targeting.project.finding import find_project
    from targeting.project.settings import read_settings

    root = find_project(_chosen.folder)
    return root / read_settings(root).data_folder


def run() -> None:
    """Run the command line; a fault of the user is one message on standard error and exit code 2."""
    try:
        app()
    except TargetingError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(EXIT_CODE)
