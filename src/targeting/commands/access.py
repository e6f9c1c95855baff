"""Commands on who may come in and what they did: `token`, `sign-in`, `audit-log`, `suspend`."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from targeting.commands.app import AsJson, app, chosen_folder, current_project, stated
from targeting.commands.console import out, print_result
from targeting.errors import TargetingError, what_exists

if TYPE_CHECKING:
    from targeting.models.suspension import Suspension
    from targeting.serving.access.definition import Role
    from targeting.serving.database.database import Database
    from targeting.serving.database.sign_ins import Person

COMMAND_LINE = "command line"
USUAL_ADDRESS = "http://127.0.0.1:8000"
AsRole = Annotated[str, typer.Option("--as", help="The role, such as chair or integration_client.")]
OfPanels = Annotated[list[str] | None, typer.Option("--panel", help="A panel, where the district has several.")]


@app.command(rich_help_panel="Operations")
def token(as_role: AsRole, panel: OfPanels = None) -> None:
    """Print an access token of a role for the API, for twelve hours; for synthetic data alone."""
    from targeting.asgi import declared_access
    from targeting.serving.access.demo_issuer import DemoIssuer
    from targeting.serving.database.database import now

    root, role = _root(), _role(as_role)
    issuer, named = DemoIssuer(_synthetic_data(root)), panels_named(root, role, panel or [])
    claims: dict[str, Any] = {"panels": named} if named else {}
    typer.echo(issuer.token(role, at=now(), audience=declared_access(root).audience, **claims))


@app.command("sign-in", rich_help_panel="Operations")
def sign_in(
    as_role: AsRole,
    agency: Annotated[str, typer.Option(help="For somebody of another agency than the council's early help.")] = "",
    panel: OfPanels = None,
    address: Annotated[str, typer.Option(help="Where the service is asked.")] = USUAL_ADDRESS,
) -> None:
    """Print a link that signs a role in to the pages once; for synthetic data alone."""
    from targeting.serving.access.demo_issuer import demo_subject
    from targeting.serving.database.sign_ins import Person

    root, role = _root(), _role(as_role)
    if role == "integration_client":
        raise TargetingError(
            "the role 'integration_client' is for programs, not people: `targeting token --as integration_client` "
            "prints a token for one."
        )
    _synthetic_data(root)
    if agency:
        _check_agency(agency)
    with closing(database_of(root)) as database:
        person = Person(demo_subject(role), role, agency, tuple(panels_named(root, role, panel or [])))
        typer.echo(f"{address}/sign-in/{link_for(database, person)}")


@app.command("audit-log", rich_help_panel="Operations")
def audit_log(
    verify: Annotated[bool, typer.Option("--verify", help="Check every event against the one before it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the last event's number and keyed hash: what is kept elsewhere, so that a log cut short is noticed."""
    from targeting.serving.sentences import count_of

    with closing(database_of(_root())) as database:
        head = database.check_audit_log() if verify else database.head()
    holds = ", none changed, removed or forged" if verify else ""
    said = f"{count_of(head.seq, 'event')}{holds}. The last one's hash: {head.mac}"
    print_result({"events": head.seq, "mac": head.mac, "verified": verify}, as_json=as_json, text=lambda: said)


@app.command(rich_help_panel="Operations")
def suspend(
    model: Annotated[str, typer.Argument(help="The model whose flags nobody is to act on.")],
    because: Annotated[str, typer.Option(callback=stated, help="Why, as everybody reads it; nothing of a person.")],
    name: Annotated[str, typer.Option("--as", callback=stated, help="Who decides it.")],
    lift: Annotated[bool, typer.Option("--lift", help="Let the flags hold again.")] = False,
) -> None:
    """Suspend a model's flags at once: pages and API say so, and no estimate is given until it is lifted."""
    from targeting.commands.clock import today
    from targeting.models.suspension import Suspension

    root = _root()
    _check_model(root, model)
    switch(root, model, Suspension(today(), name, because), is_lifted=lift)
    out.print(f"The flags of {model} {'hold again' if lift else 'are suspended'}; every worker knows within a second.")


def switch(root: Path, model: str, suspension: "Suspension", *, is_lifted: bool = False) -> None:
    """Suspend a model's flags, or lift that, and leave an audit event. Raises TargetingError where none is to lift."""
    from targeting.models.suspension import lift, suspend
    from targeting.project.settings import read_settings
    from targeting.serving.database.audit import AuditEvent

    data = root / read_settings(root).data_folder
    if is_lifted:
        lift(data, model)
    else:
        suspend(data, model, suspension)
    event = AuditEvent(
        subject=suspension.by,
        role="administrator",
        client=COMMAND_LINE,
        action="lift_suspension" if is_lifted else "suspend",
        what=model,
    )
    with closing(database_of(root)) as database:
        database.record(event)


def database_of(root: Path) -> "Database":
    """Return the service's own store of a project folder; the caller closes it."""
    from targeting.project.settings import read_settings
    from targeting.serving.database.database import open_database
    from targeting.store.identities import identity_key

    data = root / read_settings(root).data_folder
    return open_database(data, key=identity_key(data))


def link_for(database: "Database", person: "Person") -> str:
    """Return the secret of a link that signs a person in once."""
    from targeting.serving.database.audit import AuditEvent
    from targeting.serving.database.sign_ins import make_link

    event = AuditEvent(subject=person.subject, role=person.role, client=COMMAND_LINE, action="make_sign_in_link")
    return database.write(lambda writing: make_link(writing, person), audit=event)


def is_synthetic(root: Path) -> bool:
    """Return whether all data of a project folder are invented."""
    from targeting.project.settings import read_settings
    from targeting.serving.served import Served

    settings = read_settings(root)
    return Served(root / settings.data_folder, district=settings.name, signers=()).is_synthetic()


def _root() -> Path:
    from targeting.project.finding import find_project

    return find_project(chosen_folder())


def _synthetic_data(root: Path) -> Path:
    from targeting.project.settings import read_settings

    if not is_synthetic(root):
        raise TargetingError(
            "this project holds records of real people: tokens come from the district's own issuer, which "
            "serving/service.toml declares."
        )
    return root / read_settings(root).data_folder


def _role(named: str) -> "Role":
    from targeting.serving.access.definition import ROLES

    found = next((role for role in ROLES if role == named), None)
    if found is None:
        raise TargetingError(f"the role {named!r} does not exist. {what_exists(named, ROLES)}")
    return found


def panels_named(root: Path, role: "Role", named: list[str]) -> list[str]:
    """Return the panels that somebody of a role sits on. Raises TargetingError where one does not exist, or none is."""
    from targeting.asgi import declared_panels
    from targeting.serving.access.panels import panels_read

    declared = declared_panels(root)
    for each in named:
        if each not in declared:
            raise TargetingError(f"the panel {each!r} does not exist. {what_exists(each, declared)}")
    if panels_read(role, named or None, declared) == frozenset():
        there_are = ", ".join(declared)
        raise TargetingError(
            f"the role {role!r} reads what its panel does: name it with --panel. There are: {there_are}."
        )
    return named


def _check_agency(agency: str) -> None:
    """Raise TargetingError where no source is of an agency: whoever is of it would not see its own records."""
    declared = {source.agency for source in current_project().sources}
    if agency not in declared:
        raise TargetingError(f"the agency {agency!r} does not exist. {what_exists(agency, declared)}")


def _check_model(root: Path, model: str) -> None:
    existing = [path.stem for path in (root / "models").glob("*.toml")]
    if model not in existing:
        raise TargetingError(f"models/{model}.toml does not exist. {what_exists(model, existing)}")
