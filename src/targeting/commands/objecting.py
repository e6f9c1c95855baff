"""`targeting object`: one person's objection, and an officer's decision on it."""

from contextlib import closing
from datetime import timedelta
from typing import Annotated

import typer

from targeting.commands.access import database_of
from targeting.commands.app import AsJson, app, current_project, stated
from targeting.commands.console import out, print_json, table
from targeting.errors import TargetingError


@app.command("object", rich_help_panel="Lists")
def object_(
    name: Annotated[str, typer.Option("--as", callback=stated, help="Who takes it down, or the officer who decides.")],
    decide: Annotated[int | None, typer.Option(help="Decide on the objection of this number.")] = None,
    upheld: Annotated[bool | None, typer.Option("--upheld/--refused", help="What the officer decides.")] = None,
    because: Annotated[str, typer.Option(help="Why the officer decides so; nothing of a person.")] = "",
) -> None:
    """Take down a person's objection, named by prompt or standard input: the facts leave scoring until it is decided.

    Standard input has two lines: the source or case system, such as social_care or ehm, and its id of the person.
    """
    if decide is None:
        if upheld is not None or because:
            raise TargetingError("--upheld, --refused and --because decide on an objection: name it with --decide.")
        _take_down(name)
    elif upheld is None or not because.strip():
        raise TargetingError("a decision says --upheld or --refused, and --because.")
    else:
        _decide(decide, name, because.strip(), is_upheld=upheld)


@app.command(rich_help_panel="Lists")
def objections(as_json: AsJson = False) -> None:
    """Show objections by number: when each was made or decided, and how it stands. It names nobody who objected."""
    from targeting.commands.clock import now
    from targeting.serving.database.objections import known_objections

    with closing(database_of(current_project().root)) as database, database.reading() as connection:
        held = known_objections(connection, now())
    rows = [(each.number, each.state, each.recorded_at.date(), each.recorded_by, each.because) for each in held]
    if as_json:
        names = ("number", "state", "on", "by", "because")
        print_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        out.print(table("Objections", ("number", "how it stands", "since", "by", "because"), rows))


def _take_down(name: str) -> None:
    from targeting.serving.objections import person_of, take_down
    from targeting.serving.systems import Systems, case_systems_of
    from targeting.store.generations import open_generation
    from targeting.store.identities import identity_key

    project = current_project()
    generation = open_generation(project.data)
    systems = Systems(generation.sources, case_systems_of(project.sources))
    source = systems.named(typer.prompt("Source or case system, such as social_care or ehm", err=True).strip())
    value = typer.prompt("Its own id of the person", err=True).strip()
    on = generation.data_until + timedelta(days=1)
    person = person_of(generation, source, value, identity_key=identity_key(project.data), on=on)
    with closing(database_of(project.root)) as database:
        made = take_down(database, person, by=name)
    out.print(
        f"Objection {made.number} is taken down. The person's own facts leave every list from now on, until an officer "
        "decides; lists that are published stay as they are."
    )


def _decide(number: int, name: str, because: str, *, is_upheld: bool) -> None:
    from targeting.serving.objections import check_is_officer, decide

    project = current_project()
    if project.service is None:
        raise TargetingError("serving/service.toml does not exist: it names the officers who decide.")
    check_is_officer(project.service, name)
    with closing(database_of(project.root)) as database:
        decided = decide(database, number, "upheld" if is_upheld else "refused", because=because, by=name)
    said = "stay out of scoring" if is_upheld else "are read again from the next list on"
    out.print(f"Objection {number} is {decided.state}: the person's own facts {said}.")
