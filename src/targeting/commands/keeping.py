"""Commands that keep a service going: `backup`, `restore`, `rotate-key`, `export`."""

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from targeting.commands.access import COMMAND_LINE, USUAL_ADDRESS, OfPanels, database_of, panels_named
from targeting.commands.app import app, chosen_folder, stated
from targeting.commands.console import out
from targeting.errors import TargetingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from targeting.serving.database.database import Database
    from targeting.serving.keeping.exporting import Named
    from targeting.serving.published import PublishedList


@app.command(rich_help_panel="Operations")
def backup(folder: Annotated[Path, typer.Argument(help="A folder that does not exist yet.")]) -> None:
    """Copy data, published lists and the service's store, while it runs; keys are left out, and kept apart."""
    from targeting.commands.clock import now
    from targeting.serving.keeping.backup import back_up

    root = _root()
    with closing(database_of(root)) as database:
        made = back_up(_data(root), database, out=folder.resolve(), at=now())
    out.print(f"{made.files:,} files in {made.path}; the audit log holds throughout, up to event {made.head.seq:,}.")


@app.command(rich_help_panel="Operations")
def restore(
    folder: Annotated[Path, typer.Argument(help="What `backup` made.", exists=True, file_okay=False)],
    keys: Annotated[
        Path | None, typer.Option(help="The folder of keys that was kept apart.", exists=True, file_okay=False)
    ] = None,
) -> None:
    """Put a backup in place of a data folder that does not exist, once every file of it is proved."""
    import os

    from targeting.serving.database.connecting import database_url
    from targeting.serving.keeping import backup as backups
    from targeting.store.identities import KEY_VARIABLE

    root = _root()
    if keys is None and KEY_VARIABLE not in os.environ:
        raise TargetingError(f"a backup holds no keys: name their folder with --keys, or set {KEY_VARIABLE}.")
    data = _data(root)
    restored = backups.restore(folder, data=data, url=database_url(data), keys=keys)
    with closing(database_of(root)) as database:
        head = database.check_audit_log([restored.head])
    out.print(f"{restored.files:,} files restored to {data}; the audit log holds throughout, up to event {head.seq:,}.")


@app.command("rotate-key", rich_help_panel="Operations")
def rotate_key(
    name: Annotated[str, typer.Option("--as", callback=stated, help="Who does it.")],
    to: Annotated[
        Path | None, typer.Option(help="Where the new key is written, if the environment holds the present one.")
    ] = None,
) -> None:
    """Encrypt the identities with a new key, the service being stopped; pseudonyms and links go on working."""
    from targeting.serving.database.audit import AuditEvent
    from targeting.store.identities import KEY_VARIABLE
    from targeting.store.rotating import rotate_key as rotate

    root = _root()
    event = AuditEvent(subject=name, role="administrator", client=COMMAND_LINE, action="rotate_key")
    with closing(database_of(root)) as database:
        kept = rotate(_data(root), to=to.resolve() if to is not None else None)
        database.record(event)
    then = f"Set {KEY_VARIABLE} to what it holds. " if to is not None else ""
    out.print(f"The new key lies in {kept}. {then}Keep a copy of it apart, and the old one beside older backups alone.")


@app.command(rich_help_panel="Operations")
def export(
    system: Annotated[str, typer.Option("--for", help="The case system or source whose ids they are, such as ehm.")],
    to: Annotated[Path, typer.Option(help="The CSV file to write.", dir_okay=False)],
    panel: OfPanels = None,
    address: Annotated[str, typer.Option(help="Where the service is asked, for the links.")] = USUAL_ADDRESS,
) -> None:
    """Write the current lists for a system without an API; the ids of its people come by standard input, one a line.

    Where the district has several panels, they are named, as they are to a program that asks the API.
    """
    from targeting.serving.database.audit import AuditEvent
    from targeting.serving.keeping.exporting import nightly_file
    from targeting.serving.sentences import count_of
    from targeting.serving.suspended import shown_now
    from targeting.store.files import write_atomically

    root = _root()
    data, ids = _data(root), [line.strip() for line in sys.stdin if line.strip()]
    lists = _current(data, panels_named(root, "integration_client", panel or []))
    listed = {flag.family_id for each in lists for flag in each.flags} - _sealed(data)
    named = tuple(each for each in _named(root, lists, system, ids) if each.family_id in listed)
    told = sorted({each.family_id for each in named})
    event = AuditEvent(
        subject=system, role="integration_client", client=COMMAND_LINE, action="export", families=tuple(told)
    )
    with closing(database_of(root)) as database:
        revisions = _revisions(database, lists)
        database.record(event)
    shown = tuple(shown_now(data, each) for each in lists)
    write_atomically(to, nightly_file(shown, named, revisions, address=address).encode())
    out.print(f"{count_of(len(told), 'family|families')} in {to}; of {count_of(len(ids), 'person|people')} named.")


def _root() -> Path:
    from targeting.project.finding import find_project

    return find_project(chosen_folder())


def _data(root: Path) -> Path:
    from targeting.project.settings import read_settings

    return root / read_settings(root).data_folder


def _current(data: Path, panels: "Sequence[str]") -> "tuple[PublishedList, ...]":
    """Return the current lists of some panels; of all, where none is named. Raises TargetingError without any."""
    from targeting.serving.library import Library

    lists = Library(data).current()
    if not lists:
        raise TargetingError("no list is published yet. `targeting score --as-of DATE` publishes one.")
    of_panels = tuple(each for each in lists if not panels or each.head.panel in panels)
    if not of_panels:
        raise TargetingError("the current lists are of no panel that was named: they are older than it.")
    return of_panels


def _named(root: Path, lists: "Sequence[PublishedList]", system: str, ids: "Sequence[str]") -> "tuple[Named, ...]":
    """Return whom a system's own ids name, and in which families they are as of the lists."""
    from targeting.project.finding import declared_sources
    from targeting.serving.keeping.exporting import families_named
    from targeting.serving.systems import Systems, case_systems_of
    from targeting.store.generations import open_generation
    from targeting.store.identities import identity_key
    from targeting.store.people_index import PeopleIndex

    data, head = _data(root), lists[0].head
    generation = open_generation(data, head.provenance.generation_id)
    source = Systems(generation.sources, case_systems_of(declared_sources(root))).named(system)
    people = PeopleIndex(generation)
    return families_named(ids, source=source, people=people, key=identity_key(data), on=head.as_of_date)


def _revisions(database: "Database", lists: "Sequence[PublishedList]") -> dict[str, int]:
    """Return the last revision of the decision on each flag of some lists."""
    from targeting.serving.database.decisions import revision_of

    with database.reading() as connection:
        return {flag.id: revision_of(connection, flag.id) for each in lists for flag in each.flags}


def _sealed(data: Path) -> frozenset[str]:
    from targeting.serving.access.sealed import Sealed

    return Sealed(data, manager=None).to("")
