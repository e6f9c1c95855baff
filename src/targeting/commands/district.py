"""Commands on a district's declarations: `check` and `describe`."""

from typing import TYPE_CHECKING, Any

from targeting.commands.app import AsJson, app, chosen_folder, current_project
from targeting.commands.console import print_result, table
from targeting.errors import TargetingError, what_exists

if TYPE_CHECKING:
    from rich.table import Table

    from targeting.features import Indicator
    from targeting.project.project import Project


@app.command(rich_help_panel="District")
def check(as_json: AsJson = False) -> None:
    """Load every declaration and print every fault; exit code 2 where there is one."""
    from targeting.commands.clock import today
    from targeting.project.finding import find_project
    from targeting.project.loading import check_project

    project = check_project(find_project(chosen_folder()), on=today())
    counts = {
        "district": project.settings.name,
        "sources": len(project.sources),
        "kinds_of_fact": len(project.contract),
        "indicators": len(project.indicators),
        "cohorts": len(project.cohorts),
        "outcomes": len(project.outcomes),
        "models": len(project.models),
    }
    print_result(
        counts, as_json=as_json, text=lambda: table("Nothing is wrong", ("what", "how many"), list(counts.items()))
    )


@app.command(rich_help_panel="District")
def describe(indicator: str, as_json: AsJson = False) -> None:
    """One indicator: its sentence, where it comes from, what unknown means."""
    project = current_project()
    found = _find(project, indicator)
    described = _described(project, found)
    print_result(described, as_json=as_json, text=lambda: _page(described))


def _find(project: "Project", name: str) -> "Indicator":
    matching = [each for key, each in project.indicators.items() if name in (key, each.name)]
    if not matching:
        names = [each.name for each in project.indicators.values()]
        raise TargetingError(f"the indicator {name!r} does not exist. {what_exists(name, names)}")
    return matching[0]


def _described(project: "Project", indicator: "Indicator") -> dict[str, Any]:
    models = [name for name, model in project.models.items() if indicator in project.indicators_of(model)]
    return {
        "name": indicator.name,
        "description": indicator.description,
        "declared_at": indicator.place,
        "concern": indicator.concern,
        "sentence": indicator.sentence,
        "sentence_if_none": indicator.sentence_if_none,
        "direction": indicator.direction or "either",
        "unknown_means": indicator.unknown_means,
        "evidence": indicator.evidence,
        "models": models,
    }


def _page(described: dict[str, Any]) -> "Table":
    rows = [
        (key.replace("_", " "), ", ".join(value) if isinstance(value, list) else value)
        for key, value in described.items()
    ]
    return table(described["name"], ("", ""), [row for row in rows if row[1]])
