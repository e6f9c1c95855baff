"""`targeting look-back` and `targeting protected`: what a list could not tell, and whom no list may name."""

from contextlib import closing
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from targeting.commands.access import COMMAND_LINE, database_of
from targeting.commands.app import AsJson, app, current_project, stated
from targeting.commands.console import out, print_json, step, table
from targeting.errors import TargetingError

if TYPE_CHECKING:
    from targeting.project.project import Project
    from targeting.serving.definition import Service
    from targeting.serving.look_back import LookBack, Past
    from targeting.serving.sampling import Sample


@app.command("look-back", rich_help_panel="Lists")
def look_back(
    as_of: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The date from which one looks back.")],
    name: Annotated[str, typer.Option("--as", callback=stated, help="Who looks; the audit log keeps it.")],
    as_json: AsJson = False,
) -> None:
    """List every child who stepped up and was on no list before: what was held, when, by whom; with a drawn sample."""
    from targeting.serving import look_back as looking
    from targeting.serving.sampling import draw_sample

    project = current_project()
    size = _service(project).look_back.sampled
    with step("Looking back"):
        past = _past(project)
        found = looking.look_back(past, as_of.date())
    samples = {on.head.id: draw_sample(on, size) for on, _ in past.lists if size and on.head.as_of_date == _last(past)}
    _leave_event(project, name, "look_back", sorted({each.family_id for each in found.missed}))
    if as_json:
        print_json({**asdict(found), "samples": {list_id: asdict(each) for list_id, each in samples.items()}})
        return
    _show(found)
    for list_id, sample in samples.items():
        _show_sample(list_id, sample)


@app.command(rich_help_panel="Lists")
def protected(
    name: Annotated[str, typer.Option("--as", help="The manager named in serving/service.toml.")],
    as_json: AsJson = False,
) -> None:
    """Tell the named manager how many identities are protected and whose records to look in; nobody is named."""
    from targeting.serving.protected import ASK_THE_AGENCY, ProtectedRecords, check_is_manager

    project = current_project()
    check_is_manager(_service(project), name)
    cases = ProtectedRecords(project.data, project.contract, _agencies(project)).cases()
    _leave_event(project, name, "see_protected", [])
    if as_json:
        print_json([asdict(each) for each in cases])
        return
    rows = [(each.handling, each.agency, each.cases) for each in cases]
    out.print(table("Protected identities", ("how they are handled", "whose records", "cases"), rows))
    out.print(ASK_THE_AGENCY)


def _show(found: "LookBack") -> None:
    rows = [
        (each.person_id, each.family_id, each.stepped_up_on, each.as_of_date, each.standing, each.rank or "")
        for each in found.missed
    ]
    columns = ("child", "family", "stepped up on", "last list before", "the family was", "rank")
    out.print(table("Stepped up and on no list", columns, rows))
    for each in found.missed:
        held = [(one.what, one.agency, one.facts, one.latest) for one in each.held]
        title = f"What was held of {each.family_id} on {each.as_of_date}"
        out.print(table(title, ("what", "by whom", "facts", "latest"), held))
    out.print(found_said(found))


def found_said(found: "LookBack") -> str:
    """Return how many children were listed before they stepped up, and how sure a share that makes."""
    from targeting.serving.sentences import count_of

    listed = f"{count_of(found.listed, 'child|children')} {_were(found.listed)} listed before"
    missed = f"{len(found.missed):,} {_were(len(found.missed))} not"
    unseen = f"{found.in_no_list:,} more {'is of a family' if found.in_no_list == 1 else 'are of families'}"
    counted = f"{listed}, {missed}; {unseen} that no list was about."
    if not found.families:
        return counted
    families = count_of(found.families, "family|families")
    return (
        f"{counted} From {families}, each counted once, the share that is "
        f"listed lies between {found.lower:.0%} and {found.upper:.0%}, 95 times of 100."
    )


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _show_sample(list_id: str, sample: "Sample") -> None:
    rows = [(each.family_id, each.rank, f"1 in {1 / each.inclusion_probability:,.0f}") for each in sample.drawn]
    out.print(table(f"Drawn from those without a place on {list_id}", ("family", "rank", "how likely drawn"), rows))
    reach = f"{sample.reach * 100:.0f} percentage points, 95 times of 100"
    out.print(f"Looking at all of them tells the share of families in need to within {reach}.")


def _past(project: "Project") -> "Past":
    from targeting.serving.library import Library
    from targeting.serving.look_back import Past
    from targeting.store.generations import open_generation

    lists = Library(project.data).lists()
    names = {each.head.provenance.generation_id for each in lists}
    generations = {name: open_generation(project.data, name) for name in names}
    return Past(
        lists=[(each, generations[each.head.provenance.generation_id]) for each in lists],
        now=open_generation(project.data),
        outcome=project.outcomes[project.model(_service(project).model).outcome],
        contract=project.contract,
        agencies=_agencies(project),
    )


def _last(past: "Past") -> date:
    return max(on.head.as_of_date for on, _ in past.lists)


def _agencies(project: "Project") -> dict[str, str]:
    return {source.name: source.agency for source in project.sources}


def _service(project: "Project") -> "Service":
    if project.service is None:
        raise TargetingError("serving/service.toml does not exist: it says which lists there are, and who may know.")
    return project.service


def _leave_event(project: "Project", name: str, action: str, families: list[str]) -> None:
    from targeting.serving.database.audit import AuditEvent

    event = AuditEvent(
        subject=name,
        role="governance",
        client=COMMAND_LINE,
        action=action,
        families=tuple(families),
        purpose="audit",
    )
    with closing(database_of(project.root)) as database:
        database.record(event)
