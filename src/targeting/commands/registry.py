"""Commands on versions of models: `rollback`, `reproduce`, `suspend`."""

from typing import Annotated

import typer

from targeting.commands.app import AsJson, app, current_project
from targeting.commands.console import out, print_json, step
from targeting.errors import TargetingError


@app.command(rich_help_panel="Models")
def rollback(model: str) -> None:
    """Bring the version that was in use before into use again, checked as if it were promoted anew."""
    from targeting.commands.chain import roll_back
    from targeting.commands.clock import today

    bundle = roll_back(current_project(), model, on=today())
    out.print(f"{model} {bundle.version} is in use again.")


@app.command(rich_help_panel="Models")
def reproduce(
    model: str,
    version: Annotated[str, typer.Argument(help="The beginning of a version.")],
    as_json: AsJson = False,
) -> None:
    """Train a version again from what it names, and say whether every file of its bundle comes out the same."""
    from targeting.commands.chain import reproduce_model
    from targeting.commands.clock import today

    with step(f"Training {model} {version} again") as advance:
        found = reproduce_model(current_project(), model, version, on=today(), progress=advance)
    if as_json:
        print_json(found.to_json())
    else:
        out.print(found.sentence)
        for each in found.because:
            out.print(f"  {each}", highlight=False)
    if found.verdict == "not verified":
        raise typer.Exit(1)


@app.command(rich_help_panel="Operations")
def suspend(
    model: str,
    name: Annotated[str | None, typer.Option("--as", help="Who suspends.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why, in a sentence that names no family.")] = None,
    lift: Annotated[bool, typer.Option("--lift", help="Bring the model back instead.")] = False,
) -> None:
    """Suspend a model's flags at once: no list is made with it until the suspension is lifted."""
    from targeting.commands.clock import today
    from targeting.models import suspension

    project = current_project()
    known = project.model(model).name
    if lift:
        held = suspension.lift(project.data, known)
        out.print(f"{known} is no longer suspended (since {held.on}, by {held.by}: {held.reason})")
        return
    if name is None or reason is None:
        raise TargetingError("suspending needs --as NAME and --reason TEXT: both are kept.")
    suspension.suspend(project.data, known, suspension.Suspension(today(), name, reason))
    out.print(f"Flags of {known} are suspended. `targeting suspend {known} --lift` brings them back.")
