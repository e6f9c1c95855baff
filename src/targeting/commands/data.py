"""Commands on data: `synthesise`, `load`, `profile`, `quarantine`, `link`."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from targeting.commands.app import AsJson, app, chosen_folder, current_project
from targeting.commands.console import errors, out, print_result, step, table
from targeting.errors import TargetingError

if TYPE_CHECKING:
    from targeting.commands.handing_back import Recorded
    from targeting.sources.reports import LoadReport


@app.command(rich_help_panel="Data")
def synthesise(
    out: Annotated[Path, typer.Argument(help="Folder for the agencies' extracts; it must not exist yet.")],
    families: Annotated[int, typer.Option(min=50, help="How many families live in the district.")] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    end: Annotated[str, typer.Option(help="Last day of the records.")] = "2026-03-29",
    plant: Annotated[list[str] | None, typer.Option(help="A fault to plant; may be given more than once.")] = None,
    attainable: Annotated[
        bool, typer.Option("--attainable", help="Reckon too what the best forecaster could attain, beside the truth.")
    ] = False,
    variant: Annotated[
        str, typer.Option(help="By which mechanisms the district works: standard, or other, to try a model on.")
    ] = "standard",
    as_json: AsJson = False,
) -> None:
    """Make a fictional district's extracts, with the truth sealed beside them. They say nothing of a real place."""
    from targeting.commands.chain import synthesise_district

    with step("Making a synthetic district") as advance:
        report = synthesise_district(
            out,
            families=families,
            seed=seed,
            end=date.fromisoformat(end),
            plants=plant or [],
            attainable=attainable,
            variant=variant,
            progress=advance,
        )
    print_result(asdict(report), as_json=as_json, text=lambda: f"Extracts of {families:,} families lie in {out}.")


@app.command(rich_help_panel="Data")
def load(
    extracts: Annotated[
        Path, typer.Argument(help="Folder with one folder for each agency.", exists=True, file_okay=False)
    ],
    as_json: AsJson = False,
) -> None:
    """Take the agencies' extracts in: facts accepted, rejects kept with their reasons, nothing lost.

    Decisions that a system without an API hands back lie beside the agencies' folders, in `decisions/*.csv`.
    """
    from targeting.commands.handing_back import FOLDER, decisions_in, record_decisions
    from targeting.project.finding import find_project
    from targeting.sources.reports import LoadError, LoadReport

    root = find_project(chosen_folder())
    decisions = decisions_in(extracts, root)
    has_facts = not decisions or any(each.is_dir() and each.name != FOLDER for each in extracts.iterdir())
    try:
        report = _loaded(extracts) if has_facts else LoadReport((), ())
    except LoadError as error:
        _show_files(error.report, as_json=as_json)
        raise
    _show_files(report, as_json=as_json, decided=record_decisions(decisions, root) if decisions else None)


def _loaded(extracts: Path) -> "LoadReport":
    from targeting.commands.chain import load_extracts

    project = current_project()
    with step("Loading") as advance:
        return load_extracts(project, extracts, advance)


@app.command(rich_help_panel="Data")
def profile(
    extract: Annotated[
        Path, typer.Argument(help="A file in its agency's folder, beside delivery.toml.", exists=True, dir_okay=False)
    ],
    out: Annotated[Path, typer.Option(help="The page to write.", dir_okay=False)] = Path("profile.html"),
    as_json: AsJson = False,
) -> None:
    """A page on an extract: volume over time, missing values, lags, faults, valid numbers. Nothing is loaded."""
    from targeting.commands.chain import profile_extract
    from targeting.sources.profile_page import profile_to_html

    project = current_project()
    with step("Reading"):
        found = profile_extract(project, extract)
    if not as_json:
        out.write_text(profile_to_html(found), encoding="utf-8")
    print_result(asdict(found), as_json=as_json, text=lambda: f"The profile of {found.file} is in {out}.")


@app.command(rich_help_panel="Data")
def quarantine(
    replay: Annotated[bool, typer.Option("--replay", help="Read the rejected rows again, after a fix.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what was rejected, by file and rule: where, what would be right, the value's shape, never the value."""
    from targeting.commands.chain import quarantined, replay_quarantine

    project = current_project()
    if replay:
        with step("Reading rejected rows again"):
            report = replay_quarantine(project)
        _show_files(report, as_json=as_json)
        return
    rows = quarantined(project)
    columns = ("source", "file", "column", "rule", "what would be right", "shape", "first line", "rows")
    result = [dict(zip(columns, row, strict=True)) for row in rows]
    print_result(
        {"quarantined": result},
        as_json=as_json,
        text=lambda: table("Quarantine", columns[1:], [row[1:] for row in rows]) if rows else "No row is quarantined.",
    )


@app.command(rich_help_panel="Data")
def link(
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Estimate the parameters anew from what is loaded; link nobody.")
    ] = False,
    review: Annotated[
        Path | None, typer.Option(help="Write the pairs that somebody should look at to this CSV.", dir_okay=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Match people across agencies, make dated families, and write a new generation of the store."""
    from targeting.commands.chain import feeds_in_doubt, link_people
    from targeting.commands.linkage import estimate_linkage, write_pairs

    project = current_project()
    if estimate and review is not None:
        raise TargetingError("--estimate links nobody, so there is nothing to review. Give one of the two.")
    if estimate:
        estimate_linkage(project, as_json=as_json)
        return
    with step("Linking people and families") as advance:
        report = link_people(project, advance)
    if review is not None:
        write_pairs(project, review)
    warnings = feeds_in_doubt(project)
    rows = [(name.replace("_", " "), value) for name, value in asdict(report).items()]
    print_result(
        {**asdict(report), "warnings": warnings},
        as_json=as_json,
        text=lambda: table("Linked", ("what", "how many"), rows),
    )
    _show_warnings(warnings)


def _show_warnings(warnings: Sequence[str]) -> None:
    for warning in warnings:
        errors.print(f"Warning: {warning}", highlight=False)


def _show_files(report: "LoadReport", *, as_json: bool, decided: "Recorded | None" = None) -> None:
    from targeting.serving.sentences import count_of

    told = asdict(report) | ({"decisions": asdict(decided)} if decided is not None else {})
    columns = ("file", "rows", "accepted", "quarantined", "already loaded")
    rows = [tuple(asdict(each).values())[1:] for each in report.files]
    if len(rows) > 1:
        totals = (sum(getattr(each, name) for each in report.files) for name in columns[1:4])
        rows.append((f"{len(rows)} files", *totals, ""))
    if report.files or decided is None or as_json:
        print_result(told, as_json=as_json, text=lambda: table("Files", columns, rows))
    if decided is not None and not as_json:
        out.print(f"{count_of(decided.recorded, 'decision')} recorded.")
    # Last, so that they are not scrolled away by a row a file.
    _show_warnings(report.warnings)
    if decided is not None and decided.stale:
        others = "is left out: another was" if decided.stale == 1 else "are left out: others were"
        left = f"{count_of(decided.stale, 'decision')} {others} made since."
        errors.print(f"{left} Export again, and decide on what it says.")
    if any(each.quarantined for each in report.files):
        errors.print("`targeting quarantine` says why rows were quarantined, and what would be right.", highlight=False)
