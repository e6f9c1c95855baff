"""Commands on versions of models: `rollback`, `reproduce`."""

from typing import Annotated

import typer

from targeting.commands.app import AsJson, app, current_project
from targeting.commands.console import out, print_json, step


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
