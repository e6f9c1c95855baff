"""The command `check`, on a district's declarations."""

from targeting.commands.app import AsJson, app, chosen_folder
from targeting.commands.console import print_result, table


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
