"""`targeting demo`: the whole chain on a synthetic district, in a folder of its own."""

import hashlib
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from targeting.commands.app import app
from targeting.commands.console import out, step, table
from targeting.commands.serve import USUAL_PORT, listening, serve_project
from targeting.errors import TargetingError

if TYPE_CHECKING:
    from targeting.project.project import Project
    from targeting.serving.published import PublishedList

FOLDER = Path("targeting-demo")
MARKER = ".made-by-targeting-demo"
LAST_DAY = date(2026, 3, 29)
AS_OF_DATE = LAST_DAY + timedelta(days=1)
# Lists of so many weeks, so that the last one can say what changed. The outcomes that the model learnt from had all
# happened before the first of them.
WEEKS = 4
# Extracts have rows that nobody can read; here some are kept in quarantine, to be seen there.
PLANTS = ("mistyped_rows",)
TRAINER = "demo data scientist"
SIGNERS: Mapping[str, str] = {"demo service lead": "service_lead", "demo data protection officer": "data_protection"}


@app.command(rich_help_panel="District")
def demo(
    families: Annotated[int, typer.Option(min=500, help="How many families live in the synthetic district.")] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same district.")] = 1,
    folder: Annotated[Path, typer.Option(help="Where to work; what an earlier demo left there is replaced.")] = FOLDER,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="End when the list is published.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to serve; 0 takes any that is free.")] = USUAL_PORT,
) -> None:
    """Make a synthetic district, take it from the agencies' extracts to a ranked, explained list, and serve it."""
    if not no_serve:
        _check_port(port)
    times: dict[str, float] = {}
    out.print(f"A synthetic district of {families:,} families, in {folder}/. Nothing in it is about a real place.\n")
    project = _prepare(folder, seed)
    _synthesise_and_link(project, families, seed, times)
    _train_and_sign(project, times)
    published = _publish(project, times)
    _watch(project, times)
    if published:
        _show(published)
    _say_where(project, times)
    if not no_serve:
        _serve(project, port, published)


def _check_port(port: int) -> None:
    """Raise TargetingError where nobody could listen on the port: now, and not after minutes of work."""
    with listening(port):
        return


def _prepare(folder: Path, seed: int) -> "Project":
    """Return the district's declarations copied to a fresh folder, with keys that hold for synthetic data alone.

    Nobody in the district exists, so the key of its pseudonyms is no secret: it follows from the seed, and the same
    seed gives the same model and the same list.
    """
    from targeting.project.loading import load_project
    from targeting.project.template import copy_template
    from targeting.store.identities import keep_identity_key

    _clear(folder)
    copy_template(folder)
    (folder / MARKER).touch()
    (folder / "serving" / "signers.toml").write_text(_signers(folder / "keys"), encoding="utf-8")
    project = load_project(folder.resolve(), on=AS_OF_DATE)
    keep_identity_key(project.data, hashlib.sha256(f"demo {seed}".encode()).digest())
    return project


def _clear(folder: Path) -> None:
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / MARKER).exists():
        raise TargetingError(f"{folder} was not made by a demo; name another with --folder, so that nothing is lost.")
    shutil.rmtree(folder)


def _signers(keys: Path) -> str:
    from targeting.models.signatures import make_key

    lines = ["# Made by the demo. These keys hold for synthetic data alone."]
    for name, role in SIGNERS.items():
        public = make_key(_key_of(keys, name))
        lines += ["", "[[signer]]", f'name = "{name}"', f'role = "{role}"', f'public_key = "{public}"']
        lines += ["synthetic_only = true"]
    return "\n".join(lines) + "\n"


def _key_of(keys: Path, name: str) -> Path:
    return keys / f"{name.replace(' ', '_')}.pem"


def _synthesise_and_link(project: "Project", families: int, seed: int, times: dict[str, float]) -> None:
    from targeting.commands.chain import link_people, load_extracts, synthesise_district

    extracts = project.root / "extracts"
    with step("Fifteen services hand over their extracts", times) as advance:
        synthesise_district(extracts, families=families, seed=seed, end=LAST_DAY, plants=PLANTS, progress=advance)
    with step("Facts are loaded, rejects kept", times) as advance:
        loaded = load_extracts(project, extracts, advance)
    rows, kept = sum(each.rows for each in loaded.files), sum(each.accepted for each in loaded.files)
    out.print(f"  {rows:,} rows: {kept:,} accepted, {rows - kept:,} quarantined with their reasons")
    with step("People and families are linked", times) as advance:
        linked = link_people(project, advance)
    out.print(
        f"  {linked.person_records:,} agency records are {linked.persons:,} people in {linked.families:,} families, "
        f"with {linked.facts:,} facts"
    )


def _train_and_sign(project: "Project", times: dict[str, float]) -> None:
    """Train a model and bring it into use where it may be: a small district has too few outcomes for that."""
    from targeting.commands.chain import promote_model, train_model
    from targeting.commands.models import show_training
    from targeting.models.signatures import sign_bundle

    model = _model(project)
    with step("The model is trained, judged on later dates, audited", times) as advance:
        result = train_model(project, model, trainer=TRAINER, on=AS_OF_DATE, progress=advance)
    show_training(result)
    with step("Two people sign for the model", times):
        for name in SIGNERS:
            key = _key_of(project.root / "keys", name)
            until = AS_OF_DATE + timedelta(days=182)
            sign_bundle(result.bundle, name=name, key=key, signers=project.signers, re_audit_by=until)
        refusal = _refusal(lambda: promote_model(project, model, result.version, on=AS_OF_DATE))
    if refusal:
        said = "So the points rule orders the lists. A larger district has more outcomes to learn from: --families."
        out.print(f"{refusal}\n{said}")
    else:
        out.print(f"{model} {result.version} is in use.")


def _refusal(promote: Callable[[], object]) -> str:
    """Return why a model may not be used, in a sentence; empty where it may."""
    from targeting.models.registry import PromotionError

    try:
        promote()
    except PromotionError as error:
        return str(error)
    return ""


def _model(project: "Project") -> str:
    if project.service is None:
        raise TargetingError("serving/service.toml does not exist: it says which model the lists use.")
    return project.service.model


def _publish(project: "Project", times: dict[str, float]) -> "tuple[PublishedList, ...]":
    """Return the lists of the last week; those of the weeks before are published as of their own mornings."""
    from targeting.commands.clock import now
    from targeting.commands.publishing import publish_lists

    with step("Week by week families are scored, ranked, explained; lists are published", times) as advance:
        for week in range(1, WEEKS):
            advance("Lists of a week", week, WEEKS)
            as_of_date = AS_OF_DATE - timedelta(weeks=WEEKS - week)
            publish_lists(project, as_of_date=as_of_date, published_at=datetime.combine(as_of_date, time(6), UTC))
        advance("Lists of a week", WEEKS, WEEKS)
        return publish_lists(project, as_of_date=AS_OF_DATE, published_at=now())


def _watch(project: "Project", times: dict[str, float]) -> None:
    """Watch the model in use, if one is: governance reads what it saw."""
    from targeting.commands.watching import keep_watching
    from targeting.models.registry import read_champions
    from targeting.serving.sentences import count_of

    model = _model(project)
    if model not in read_champions(project.data):
        return
    with step("The model in use is watched", times) as advance:
        watch, _, _ = keep_watching(project, model, as_of=AS_OF_DATE, on=AS_OF_DATE, progress=advance)
    out.print(f"  {count_of(len(watch.not_as_before), 'thing')} to look at, on governance's pages")


def _show(lists: "tuple[PublishedList, ...]") -> None:
    from targeting.serving.suspended import ShownList
    from targeting.serving.terminal import show_flag, show_list

    shown = ShownList(lists[0], suspended=None)
    out.print()
    out.print(show_list(shown))
    if lists[0].flags:
        out.print()
        out.print(show_flag(shown, lists[0].flags[0]))


def _say_where(project: "Project", times: dict[str, float]) -> None:
    rows: list[tuple[object, ...]] = [(name, f"{seconds:.0f} s") for name, seconds in times.items()]
    out.print(table("Time", ("step", ""), [*rows, ("all", f"{sum(times.values()):.0f} s")]))
    out.print(
        f"Everything lies in {project.root}. Read on with `targeting --project {project.root} list`, "
        "then `explain FLAG` and `passport FLAG --verify`.",
        highlight=False,
    )


def _serve(project: "Project", port: int, published: "tuple[PublishedList, ...]") -> None:
    """Serve what was made until the command is stopped; without a list, the page says that there is none yet."""
    out.print()
    if not published:
        out.print("No list is published, and the page will say so.")
    serve_project(project.root, port)
