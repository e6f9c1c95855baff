"""`targeting monitor`: the watch on the model in use."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from targeting.commands.app import AsJson, app, current_project
from targeting.commands.console import out, print_json, step, table
from targeting.errors import TargetingError

if TYPE_CHECKING:
    from targeting.features import Plan
    from targeting.models.bundle import Bundle
    from targeting.models.watched import Watch
    from targeting.project.project import Project
    from targeting.store.generations import Generation
    from targeting.training.rows import Rows
    from targeting.training.watch import Feeds, Matured

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
    from targeting.commands.clock import today

    project, day = current_project(), as_of.date() if as_of else None
    with step(f"Watching {model}") as advance:
        watch, kept, why = keep_watching(project, model, as_of=day, on=today(), progress=advance)
    if as_json:
        print_json([each.to_json() for each in watch.findings])
        return
    rows = [(each.what, each.standing, each.detail) for each in watch.findings]
    out.print(table(f"The watch on {model}", ("what", "how it stands", "what was seen"), rows))
    out.print(f"Kept in {kept}.", highlight=False)
    if why:
        out.print(
            f"A floor is breached: flags of {model} are suspended, until "
            f"`targeting suspend {model} --lift --as NAME --because TEXT`."
        )


def keep_watching(
    project: "Project", model: str, *, as_of: date | None, on: date, progress: Progress
) -> "tuple[Watch, Path, str]":
    """Return what the watch sees on a day, where it is kept, and why it suspended the flags; empty if it did not."""
    from targeting.commands.access import switch
    from targeting.models.suspension import Suspension
    from targeting.models.watched import keep_watch
    from targeting.training.watch import floor_breached

    watch = watched(project, model, as_of=as_of, on=on, progress=progress)
    kept, why = keep_watch(project.data, model, watch), floor_breached(watch.findings)
    if why:
        switch(project.root, model, Suspension(on, WATCHER, why))
    return watch, kept, why


def watched(project: "Project", model_name: str, *, as_of: date | None, on: date, progress: Progress) -> "Watch":
    """Return everything that the watch sees of the model in use; whoever objected is left out, as on a list."""
    from targeting.commands.clock import now
    from targeting.commands.leaving_out import generation_to_score
    from targeting.features import plan_from_json
    from targeting.models.bundle import read_bundle
    from targeting.models.registry import BUNDLES, read_champions
    from targeting.models.watched import Watch
    from targeting.training.recorded_codes import recorded_codes
    from targeting.training.watch import (
        Then,
        watch_codes,
        watch_cohort,
        watch_feeds,
        watch_indicators,
        watch_outcomes,
        watch_scores,
    )

    champion = read_champions(project.data).get(project.model(model_name).name)
    if champion is None:
        raise TargetingError(f"No version of {model_name} is in use: there is nothing to watch.")
    bundle = read_bundle(project.data / BUNDLES / model_name / champion.version)
    limits = project.training(model_name).watch
    generation = generation_to_score(project, on=on, known_at=now())
    day = as_of or generation.data_until + timedelta(days=1)
    taught = tuple(date.fromisoformat(each) for each in bundle.origin.as_of_dates[-DATES_BEFORE:])
    then = (*taught, *(day - timedelta(weeks=each) for each in A_YEAR_BEFORE))
    progress("the cohort, the indicators, the scores", 0, 2)
    subject = Watched(project, bundle, generation, on)
    rows = _rows(subject, [*then, day])
    days = Then(then=rows.on(then), now=rows.on([day]))
    plan = plan_from_json(bundle.plan_json)
    feeds, sentences = feeds_of(project, plan)
    progress("matured outcomes", 1, 2)
    matured = _matured(subject, taught[-1])
    findings = (
        watch_cohort(days, limits),
        *watch_indicators(days, feeds, limits),
        *watch_codes(recorded_codes(generation, project.contract, plan.columns, dates=then, on=day), feeds, limits),
        watch_scores(bundle, days, limits),
        *watch_feeds(sentences),
        *watch_outcomes(bundle, matured, limits),
    )
    return Watch(version=champion.version, as_of_date=day, on=on, findings=findings)


@dataclass(frozen=True)
class Watched:
    """What is watched: the bundle in use on a project's current generation, compiled as of a day."""

    project: "Project"
    bundle: "Bundle"
    generation: "Generation"
    on: date


def _rows(subject: Watched, dates: list[date]) -> "Rows":
    from targeting.commands.trainings import labels_of
    from targeting.features import plan_from_json
    from targeting.features.engine import build_matrix
    from targeting.training.rows import ranked_rows

    bundle, generation = subject.bundle, subject.generation
    matrix = build_matrix(plan_from_json(bundle.plan_json), generation, sorted(set(dates)))
    return ranked_rows(matrix, labels_of(subject.project, bundle.model, matrix, generation, on=subject.on), dates)


def feeds_of(project: "Project", plan: "Plan") -> "tuple[Feeds, tuple[str, ...]]":
    """Return which sources a plan's indicators rest on, whose feed is in doubt, and a sentence for each such feed."""
    from targeting.sources.feeds import feed_warnings
    from targeting.store.staging import open_staging
    from targeting.training.watch import Feeds

    with open_staging(project.data) as staging:
        told = {
            source.name: feed_warnings(staging, project.sources, frozenset([source.name])) for source in project.sources
        }
    in_doubt = frozenset(name for name, sentences in told.items() if sentences)
    feeds = Feeds(sources_of={each.name: each.sources for each in plan.indicators}, in_doubt=in_doubt)
    return feeds, tuple(sentence for sentences in told.values() for sentence in sentences)


def _matured(subject: Watched, last: date) -> "Matured":
    from targeting.commands.trainings import asked_now, groups_of
    from targeting.training.experiment import label_known_on
    from targeting.training.watch import Matured

    project, model = subject.project, subject.bundle.model
    definition, outcome = project.training(model), project.outcomes[project.model(model).outcome]
    later = [last + timedelta(weeks=WEEKS_APART * step) for step in range(1, MOST_DATES + 1)]
    known = [each for each in later if label_known_on(outcome, each) <= subject.generation.data_until]
    rows = _rows(subject, known or [last]).on(known)
    asked = asked_now(project, definition, on=subject.on, progress=lambda *_: None)
    groups = groups_of(asked)(rows) if known else {}
    return Matured(rows=rows, measures=definition.measures, gates=definition.gates, seed=definition.seed, groups=groups)
