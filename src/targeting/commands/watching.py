"""`targeting monitor`: the watch on the model in use."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from targeting.commands.app import AsJson, app, current_project
from targeting.commands.console import out, print_json, step, table
from targeting.errors import TargetingError

if TYPE_CHECKING:
    from targeting.models.bundle import Bundle
    from targeting.project.project import Project
    from targeting.training.rows import Rows
    from targeting.training.watch import Feeds, Finding, Matured

Progress = Callable[[str, int, int], None]
WATCHER = "targeting monitor"
# The last dates that taught the model stand for what it learnt from, and so do the same weeks of the year before, for
# terms and holidays; dates that matured since are judged four weeks apart.
DATES_BEFORE, WEEKS_APART, MOST_DATES = 3, 4, 6
A_YEAR_BEFORE = (51, 52, 53)


@app.command(rich_help_panel="Operations")
def monitor(
    model: str,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The date watched; default: the day after the data end."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare what the model in use scores with what it learnt from; below a declared floor suspend its flags."""
    from targeting.commands.access import switch
    from targeting.commands.clock import today
    from targeting.models.suspension import Suspension
    from targeting.training.watch import floor_breached

    project = current_project()
    with step(f"Watching {model}") as advance:
        found = watched(project, model, as_of=as_of.date() if as_of else None, on=today(), progress=advance)
    why = floor_breached(found)
    if why:
        switch(project.root, model, Suspension(today(), WATCHER, why))
    if as_json:
        print_json([each.to_json() for each in found])
        return
    rows = [(each.what, each.standing, each.detail) for each in found]
    out.print(table(f"The watch on {model}", ("what", "how it stands", "what was seen"), rows))
    if why:
        out.print(
            f"A floor is breached: flags of {model} are suspended, until "
            f"`targeting suspend {model} --lift --as NAME --because TEXT`."
        )


def watched(
    project: "Project", model_name: str, *, as_of: date | None, on: date, progress: Progress
) -> "tuple[Finding, ...]":
    """Return everything that the watch sees of the model in use."""
    from targeting.models.bundle import read_bundle
    from targeting.models.registry import BUNDLES, read_champions
    from targeting.store.generations import open_generation
    from targeting.training.watch import Then, watch_cohort, watch_feeds, watch_indicators, watch_outcomes, watch_scores

    champion = read_champions(project.data).get(project.model(model_name).name)
    if champion is None:
        raise TargetingError(f"No version of {model_name} is in use: there is nothing to watch.")
    bundle = read_bundle(project.data / BUNDLES / model_name / champion.version)
    limits = project.training(model_name).watch
    day = as_of or open_generation(project.data).data_until + timedelta(days=1)
    taught = tuple(date.fromisoformat(each) for each in bundle.origin.as_of_dates[-DATES_BEFORE:])
    then = (*taught, *(day - timedelta(weeks=each) for each in A_YEAR_BEFORE))
    progress("the cohort, the indicators, the scores", 0, 2)
    rows = _rows(project, bundle, [*then, day], on=on)
    days = Then(then=rows.on(then), now=rows.on([day]))
    feeds, sentences = _feeds(project, bundle)
    progress("matured outcomes", 1, 2)
    return (
        watch_cohort(days, limits),
        *watch_indicators(days, feeds, limits),
        watch_scores(bundle, days, limits),
        *watch_feeds(sentences),
        *watch_outcomes(bundle, _matured(project, bundle, taught[-1], on=on), limits),
    )


def _rows(project: "Project", bundle: "Bundle", dates: list[date], *, on: date) -> "Rows":
    from targeting.features import plan_from_json
    from targeting.features.engine import build_matrix
    from targeting.features.labels import build_labels
    from targeting.store.generations import open_generation
    from targeting.training.rows import ranked_rows

    model, generation = project.model(bundle.model), open_generation(project.data)
    matrix = build_matrix(plan_from_json(bundle.plan_json), generation, sorted(set(dates)))
    labels = build_labels(project.outcomes[model.outcome], matrix, generation, project.rules(model, on=on))
    return ranked_rows(matrix, labels, dates)


def _feeds(project: "Project", bundle: "Bundle") -> "tuple[Feeds, tuple[str, ...]]":
    from targeting.features import plan_from_json
    from targeting.sources.feeds import feed_warnings
    from targeting.store.staging import open_staging
    from targeting.training.watch import Feeds

    with open_staging(project.data) as staging:
        told = {
            source.name: feed_warnings(staging, project.sources, frozenset([source.name])) for source in project.sources
        }
    plan = plan_from_json(bundle.plan_json)
    in_doubt = frozenset(name for name, sentences in told.items() if sentences)
    feeds = Feeds(sources_of={each.name: each.sources for each in plan.indicators}, in_doubt=in_doubt)
    return feeds, tuple(sentence for sentences in told.values() for sentence in sentences)


def _matured(project: "Project", bundle: "Bundle", last: date, *, on: date) -> "Matured":
    from targeting.commands.trainings import asked_now, groups_of
    from targeting.store.generations import open_generation
    from targeting.training.experiment import label_known_on
    from targeting.training.watch import Matured

    definition = project.training(bundle.model)
    outcome, until = project.outcomes[project.model(bundle.model).outcome], open_generation(project.data).data_until
    later = [last + timedelta(weeks=WEEKS_APART * step) for step in range(1, MOST_DATES + 1)]
    known = [each for each in later if label_known_on(outcome, each) <= until]
    rows = _rows(project, bundle, known or [last], on=on).on(known)
    groups = groups_of(asked_now(project, definition, on=on, progress=lambda *_: None))(rows) if known else {}
    return Matured(rows=rows, measures=definition.measures, gates=definition.gates, seed=definition.seed, groups=groups)
