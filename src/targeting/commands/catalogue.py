"""Commands on the catalogue of indicators: `describe`, and `features diff`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from targeting.commands.app import AsJson, app, current_project
from targeting.commands.console import out, print_json, print_result, step, table
from targeting.errors import TargetingError, what_exists

if TYPE_CHECKING:
    from datetime import date

    from rich.table import Table

    from targeting.features import Indicator
    from targeting.project.differences import Difference
    from targeting.project.distributions import Distribution
    from targeting.project.project import Project

DATE = ["%Y-%m-%d"]
WITHHELD = "c"

features = typer.Typer(name="features", help="The catalogue of indicators.", no_args_is_help=True)
app.add_typer(features, rich_help_panel="District")


@app.command(rich_help_panel="District")
def describe(
    indicator: str,
    as_of: Annotated[datetime | None, typer.Option(formats=DATE, help="Show its values on a date too.")] = None,
    as_json: AsJson = False,
) -> None:
    """One indicator: its sentence, where it comes from, what unknown means; with --as-of how its values lie."""
    project = current_project()
    found = _find(project, indicator)
    described = _described(project, found)
    if as_of is not None:
        described["distribution"] = _distribution(project, found, as_of.date()).to_json()
    print_result(described, as_json=as_json, text=lambda: _page(described))


@features.command(name="diff")
def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="A project folder, or a trained version.")],
    after: Annotated[str, typer.Argument(metavar="B", help="The other one.")],
    as_of: Annotated[datetime, typer.Option(formats=DATE, help="The as-of date, on this project's data.")],
    model: Annotated[
        str | None, typer.Option(help="Whose indicators. Default: the model whose lists are served.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare two catalogues on this project's data: what came, went or changed, and for how many families of whom."""
    from targeting.commands.clock import today
    from targeting.project.differences import differences, plan_named
    from targeting.store.generations import open_generation

    project = current_project()
    name = model or _served(project)
    plans = [plan_named(each, project, name, on=today()) for each in (before, after)]
    with step("Comparing two catalogues"):
        found = differences(plans[0], plans[1], open_generation(project.data), project.policy, as_of.date())
    if as_json:
        print_json([each.to_json() for each in found])
    else:
        _show(found)


def _served(project: "Project") -> str:
    if project.service is None:
        raise TargetingError("serving/service.toml names no model: say whose indicators with --model.")
    return project.service.model


def _find(project: "Project", name: str) -> "Indicator":
    matching = [each for key, each in project.indicators.items() if name in (key, each.name)]
    if not matching:
        names = [each.name for each in project.indicators.values()]
        raise TargetingError(f"the indicator {name!r} does not exist. {what_exists(name, names)}")
    return matching[0]


def _described(project: "Project", indicator: "Indicator") -> dict[str, Any]:
    from targeting.features.written import written
    from targeting.project.catalogue import agencies_of, memory_of

    models = [name for name, model in project.models.items() if indicator in project.indicators_of(model)]
    return {
        "name": indicator.name,
        "description": indicator.description,
        "declared_at": indicator.place,
        "concern": indicator.concern,
        "unit": indicator.unit,
        "sentence": indicator.sentence,
        "sentence_if_none": indicator.sentence_if_none,
        "direction": indicator.direction or "either",
        "usual": indicator.usual,
        "use": indicator.use,
        "computed": written(indicator.value),
        "agencies": list(agencies_of(indicator, project)),
        "longest_memory": memory_of(indicator),
        "unknown_means": indicator.unknown_means,
        "evidence": indicator.evidence,
        "models": models,
    }


def _distribution(project: "Project", indicator: "Indicator", as_of_date: "date") -> "Distribution":
    from targeting.commands.clock import today
    from targeting.features.engine import build_matrix
    from targeting.project.catalogue import plan_of
    from targeting.project.distributions import distributions, family_groups
    from targeting.store.generations import open_generation

    plan, generation = plan_of([indicator], project, on=today()), open_generation(project.data)
    with step("Computing its values"):
        matrix = build_matrix(plan, generation, [as_of_date])
        groups = family_groups(matrix, generation, project.policy)
    return distributions(matrix, groups)[0]


def _page(described: dict[str, Any]) -> "Table":
    rows = [
        (key.replace("_", " "), ", ".join(value) if isinstance(value, list) else value)
        for key, value in described.items()
        if key != "distribution"
    ]
    rows += list(_values(described.get("distribution")))
    return table(described["name"], ("", ""), [row for row in rows if row[1]])


def _values(distribution: Mapping[str, Any] | None) -> Sequence[tuple[str, str]]:
    if distribution is None:
        return []
    parts = [
        *distribution["values"].items(),
        *((f"unknown: {k}", n) for k, n in distribution["unknown"].items() if n != 0),
    ]
    shown = [f"{name}: {WITHHELD if number is None else f'{number:,}'}" for name, number in parts]
    by_group = [
        (f"unknown by {attribute.replace('_', ' ')}", "; ".join(f"{g} {_percent(s)}" for g, s in shares.items()))
        for attribute, shares in distribution["unknown_of_group"].items()
    ]
    return [("families", f"{distribution['families']:,}"), ("values", "; ".join(shown)), *by_group]


def _percent(share: float | None) -> str:
    return WITHHELD if share is None else f"{share:.0%}"


def _show(found: "Sequence[Difference]") -> None:
    """Print what differs; what is the same is a count."""
    rows = [
        (each.indicator, each.change, ", ".join(each.words), _counted(each.families), _counted(_of_groups(each)))
        for each in found
        if each.change != "same"
    ]
    out.print(table("What differs", ("indicator", "", "words", "families", "changed, by group"), rows))
    same = sum(each.change == "same" for each in found)
    out.print(f"The same: {same} of {len(found)} indicators. {WITHHELD}: a number that is withheld.")


def _of_groups(difference: "Difference") -> dict[str, int | None]:
    """Return the groups of whom a number may be shown; all of them are in the JSON."""
    groups = difference.changed_of_group or {}
    return {group: count for counts in groups.values() for group, count in counts.items() if count}


def _counted(counts: Mapping[str, int | None] | None) -> str:
    return "; ".join(
        f"{name} {WITHHELD if count is None else f'{count:,}'}" for name, count in (counts or {}).items() if count != 0
    )
