"""Commands on the weekly lists: `score`, `list`, `explain`, `passport`."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from targeting.commands.app import AsJson, app, current_project
from targeting.commands.console import out, print_json, step
from targeting.errors import TargetingError

if TYPE_CHECKING:
    from targeting.serving.published import PublishedList


@app.command(rich_help_panel="Lists")
def score(
    as_of: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The date the lists speak of.")],
    as_json: AsJson = False,
) -> None:
    """Score every family of the cohort on a date and publish the weekly lists; a published list never changes."""
    from targeting.commands.chain import publish_lists
    from targeting.commands.clock import now

    with step("Scoring, ranking, explaining, publishing"):
        published = publish_lists(current_project(), as_of_date=as_of.date(), published_at=now())
    _print_lists(published, as_json=as_json)


@app.command("list", rich_help_panel="Lists")
def show(
    list_id: Annotated[
        str | None, typer.Argument(help="A list's id; without one, the lists of the latest date.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read a published list: families by rank, with their reasons."""
    from targeting.serving.published import read_list

    data = current_project().data
    wanted = [list_id] if list_id else _latest(data)
    _print_lists(tuple(read_list(data, each) for each in wanted), as_json=as_json)


@app.command(rich_help_panel="Lists")
def explain(
    flag: Annotated[str, typer.Argument(help="A flag's id, as the list shows it.")], as_json: AsJson = False
) -> None:
    """Read one family's flag: what its band means, what goes well, why to look, what is not known."""
    from targeting.serving.published import find_flag
    from targeting.serving.terminal import show_flag

    published, found, _ = find_flag(current_project().data, flag)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        out.print(show_flag(published, found))


@app.command(rich_help_panel="Lists")
def passport(
    flag: Annotated[str, typer.Argument(help="A flag's id, as the list shows it.")],
    verify: Annotated[
        bool, typer.Option("--verify", help="Recompute the score from the passport's own values.")
    ] = False,
) -> None:
    """Print a flag's passport: all it was made from; with --verify, prove that it comes out the same."""
    from targeting.commands.chain import verify_passport
    from targeting.serving.published import find_flag

    project = current_project()
    _, _, found = find_flag(project.data, flag)
    if not verify:
        print_json(found.model_dump(mode="json"))
        return
    faults = verify_passport(project, found)
    if faults:
        raise TargetingError(f"the flag {flag} does not recompute: {'; '.join(faults)}.")
    out.print(
        f"The flag {flag} recomputes from its passport: margin, probability, band, parts and sentences are the same."
    )


def _latest(data: Any) -> list[str]:
    from targeting.serving.published import published_heads

    heads = published_heads(data)
    if not heads:
        raise TargetingError("no list is published yet. Publish one with `targeting score --as-of DATE`.")
    latest: date = heads[0].as_of_date
    return [head.id for head in heads if head.as_of_date == latest]


def _print_lists(published: "tuple[PublishedList, ...]", *, as_json: bool) -> None:
    from targeting.serving.terminal import show_list

    if as_json:
        print_json([_as_json(each) for each in published])
        return
    for each in published:
        out.print(show_list(each))
        out.print()


def _as_json(published: "PublishedList") -> dict[str, Any]:
    flags = [flag.model_dump(mode="json") for flag in published.flags]
    return {"list": published.head.model_dump(mode="json"), "flags": flags}
