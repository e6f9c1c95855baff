"""Commands on the weekly lists: `score`, `list`, `explain`, `passport`, `expire`."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from targeting.commands.app import AsJson, app, current_data, current_project
from targeting.commands.console import out, print_json, print_result, step
from targeting.errors import TargetingError

if TYPE_CHECKING:
    from targeting.project.project import Project
    from targeting.serving.published import PublishedList


@app.command(rich_help_panel="Lists")
def score(
    as_of: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The date the lists speak of.")],
    as_json: AsJson = False,
) -> None:
    """Score every family of the cohort on a date and publish the weekly lists; a published list never changes."""
    from targeting.commands.clock import now
    from targeting.commands.publishing import publish_lists

    with step("Scoring, ranking, explaining, publishing"):
        project = current_project()
        published = publish_lists(project, as_of_date=as_of.date(), published_at=now())
    _print_lists(project.data, published, as_json=as_json)


@app.command("list", rich_help_panel="Lists")
def show(
    list_id: Annotated[
        str | None, typer.Argument(help="A list's id; without one, the lists of the latest date.")
    ] = None,
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The lists of an earlier date.")] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Recompute every passport; check the chain and the audit log.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read a published list: families by rank, with their reasons; with --verify, prove that it is what it was."""
    from targeting.serving.published import read_list

    data = current_data()
    if list_id and as_of:
        raise TargetingError("name a list or a date, not both: an id is of one list of one date.")
    wanted = [list_id] if list_id else _of_date(data, as_of.date() if as_of else None)
    if verify:
        _verify(current_project(), wanted)
    else:
        _print_lists(data, tuple(read_list(data, each) for each in wanted), as_json=as_json)


@app.command(rich_help_panel="Lists")
def explain(
    flag: Annotated[str, typer.Argument(help="A flag's id, as the list shows it.")], as_json: AsJson = False
) -> None:
    """Read one family's flag: what its band means, what goes well, why to look, what is not known."""
    from targeting.serving.published import find_flag
    from targeting.serving.suspended import shown_now
    from targeting.serving.terminal import flag_as_json, show_flag

    data = current_data()
    published, found, _ = find_flag(data, flag)
    shown = shown_now(data, published)
    of_list = next(each for each in shown.published.flags if each.id == found.id)
    if as_json:
        print_json(flag_as_json(shown, of_list))
    else:
        out.print(show_flag(shown, of_list))


@app.command(rich_help_panel="Lists")
def passport(
    flag: Annotated[str, typer.Argument(help="A flag's id, as the list shows it.")],
    verify: Annotated[
        bool, typer.Option("--verify", help="Recompute the score from the passport's own values.")
    ] = False,
) -> None:
    """Print a flag's passport: all it was made from; with --verify, prove that it comes out the same."""
    from targeting.commands.publishing import binding_faults, verify_passport
    from targeting.serving.passport import says_the_same
    from targeting.serving.published import find_flag

    _, _, found = find_flag(current_data(), flag)
    if not verify:
        print_json(found.model_dump(mode="json"))
        return
    project = current_project()
    faults = (*verify_passport(project, found), *binding_faults(project, found))
    if faults:
        raise TargetingError(f"the flag {flag} does not recompute: {'; '.join(faults)}.")
    same = "margin, probability, band, parts and sentences are the same"
    if not says_the_same(found):
        same = (
            "margin, probability, band and parts are the same; its sentences are those of version "
            f"{found.provenance.code_version}, which this one may say otherwise"
        )
    out.print(
        f"The flag {flag} recomputes from its passport: {same}. Its list's chain binds it, and the audit log holds the "
        "chain's head."
    )


@app.command(rich_help_panel="Operations")
def expire(as_json: AsJson = False) -> None:
    """Make tombstones of lists whose keeping is over: what a list held is gone, and can still be proved."""
    from targeting.commands.clock import today
    from targeting.commands.publishing import expire_lists

    expired = expire_lists(current_project(), on=today())
    print_result(
        {"expired": list(expired)},
        as_json=as_json,
        text=lambda: expired_said(len(expired)),
    )


def expired_said(count: int) -> str:
    """Return what `expire` says of so many lists."""
    if not count:
        return "The keeping of no list is over: nothing changed."
    many = "1 list is a tombstone" if count == 1 else f"{count:,} lists are tombstones"
    return f"{many} from today; `targeting list ID --verify` proves one."


def _verify(project: "Project", list_ids: list[str]) -> None:
    from targeting.commands.publishing import verify_list
    from targeting.serving.published import is_kept

    for list_id in list_ids:
        faults = verify_list(project, list_id)
        if faults:
            raise TargetingError(f"the list {list_id} is not what was published: {'; '.join(faults)}.")
        out.print(verified_said(list_id, is_kept=is_kept(project.data, list_id)), highlight=False)


def verified_said(list_id: str, *, is_kept: bool) -> str:
    """Return what was proved of a list; of a tombstone no more than that it was published."""
    if is_kept:
        return (
            f"The list {list_id} is what was published: every passport recomputes, its chain and the audit log agree."
        )
    return f"The list {list_id} is a tombstone: what it held is gone; its chain and the audit log say what it was."


def _of_date(data: Path, as_of_date: date | None) -> list[str]:
    """Return the lists of a date, of the latest where none is given. Raises TargetingError where there are none."""
    from targeting.serving.published import published_heads

    heads = published_heads(data)
    dates = sorted({each.as_of_date for each in heads})
    if not dates:
        raise TargetingError("no list is published yet. Publish one with `targeting score --as-of DATE`.")
    wanted = as_of_date or dates[-1]
    if wanted not in dates:
        raise TargetingError(f"no list is as of {wanted}. Lists exist as of {', '.join(map(str, dates[-12:]))}.")
    return [each.id for each in heads if each.as_of_date == wanted]


def _print_lists(data: Path, published: "tuple[PublishedList, ...]", *, as_json: bool) -> None:
    from targeting.serving.suspended import shown_now
    from targeting.serving.terminal import list_as_json, show_list

    shown = [shown_now(data, each) for each in published]
    if as_json:
        print_json([list_as_json(each) for each in shown])
        return
    for each in shown:
        out.print(show_list(each))
        out.print()
