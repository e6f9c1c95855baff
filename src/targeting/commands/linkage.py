"""Commands on who is who: `link-quality`, `review`, and what `link` does on request."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from targeting.commands.app import AsJson, app, current_project, stated
from targeting.commands.console import errors, print_json, print_result, step, table
from targeting.errors import TargetingError

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table

    from targeting.linkage.quality import LinkQuality, Pairs
    from targeting.linkage.reviewing import PairPage
    from targeting.linkage.reviews import Answer, Said
    from targeting.project.project import Project

LabelledFile = Annotated[Path, typer.Argument(help="A CSV of person records.", exists=True, dir_okay=False)]
SecondFile = Annotated[
    Path | None, typer.Argument(help="A second one: pairs across the two are counted.", exists=True, dir_okay=False)
]


@app.command("link-quality", rich_help_panel="Data")
def link_quality(
    file: LabelledFile,
    other: SecondFile = None,
    *,
    truth: Annotated[str, typer.Option(help="The column that says who each record is of.")],
    columns: Annotated[
        str, typer.Option(help="What the files call our columns: given_name=theirs,date_of_birth=theirs,...")
    ],
    truth_pattern: Annotated[
        str | None, typer.Option(help="Regular expression: its group, or else what it matches, names the person.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """How well this district's linkage joins records of which the truth is known, pair by pair, and what limits it."""
    from targeting.linkage.labelled import columns_of_text, labels, read_labelled
    from targeting.linkage.quality import measure_quality

    linkage = current_project().linkage
    if linkage.method == "each_person_alone":
        raise TargetingError(
            "features/linkage.py matches nobody: each record is a person. There is nothing to measure."
        )
    with step("Linking"):
        named = columns_of_text(columns)
        labelled = read_labelled([file, *([other] if other else [])], named, labels(truth, truth_pattern))
        quality = measure_quality(labelled, linkage)
    print_result(as_result(quality), as_json=as_json, text=lambda: _page(quality))


def as_result(quality: "LinkQuality") -> dict[str, Any]:
    """Return what `link-quality --json` prints."""
    return {
        **_rates(quality.pairs),
        "records": quality.records,
        "pairs": _counts(quality.pairs),
        "missed": dict(quality.missed),
        "contradictions": dict(quality.contradictions),
        "by_weights_alone": _rates(quality.by_weights_alone),
        "unreadable": dict(quality.unreadable),
        "prior": quality.prior,
    }


def _rates(pairs: "Pairs") -> dict[str, float]:
    rates = {"precision": pairs.precision, "recall": pairs.recall, "f1": pairs.f1}
    return {name: round(rate, 4) for name, rate in rates.items()}


def _counts(pairs: "Pairs") -> dict[str, int]:
    return {
        "true": pairs.true,
        "joined": pairs.joined,
        "right": pairs.right,
        "wrong": pairs.joined - pairs.right,
        "missed": pairs.true - pairs.right,
    }


def _page(quality: "LinkQuality") -> "Group":
    from rich.console import Group

    rates, alone = _rates(quality.pairs), _rates(quality.by_weights_alone)
    rows = [(name, rates[name], alone[name]) for name in rates]
    parts = [
        table("Pairs of records", ("", "as linked", "by weights alone"), rows),
        table(f"Counted, of {quality.records:,} records", ("pairs", "how many"), list(_counts(quality.pairs).items())),
    ]
    named = {
        "Why pairs of one person were missed: they ...": quality.missed,
        "What contradicts in those that contradict each other": quality.contradictions,
        "Values left out, being no such thing": quality.unreadable,
    }
    parts += [table(title, ("what", "how many"), list(counts.items())) for title, counts in named.items() if counts]
    return Group(*parts)


KEYS: dict[str, "Said"] = {"1": "one", "2": "two", "u": "unsure"}
ASKED = "One person (1), two persons (2), unsure (u), or stop (s)?"


@app.command(rich_help_panel="Data")
def review(
    answered_by: Annotated[str, typer.Option("--as", callback=stated, help="Who answers; kept with every answer.")],
    answers: Annotated[
        Path | None,
        typer.Option(
            help="A CSV of `link --review` whose column `answer` was filled in: one, two or unsure.", exists=True
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Look at pairs of records that may be one person's, and say whether they are. The next `link` honours it."""
    from targeting.commands.clock import today
    from targeting.linkage.reviewing import read_answers
    from targeting.linkage.reviews import Answer

    project = current_project()
    if answers is not None:
        given = _keep(project, read_answers(answers, answered_by=answered_by, answered_on=today()))
    else:
        given = sum(_keep(project, [Answer(pair, said, answered_by, today())]) for pair, said in _asked(project))
    left = len(_waiting(project))
    result = {"answered": given, "waiting": left}
    print_result(result, as_json=as_json, text=lambda: f"{given:,} answered, {left:,} waiting. Run `targeting link`.")


def write_pairs(project: "Project", path: Path) -> None:
    """Write the pairs that wait for an answer to a CSV that its owner alone can read."""
    from targeting.linkage.reviewing import write_review

    waiting = _waiting(project)
    write_review(path, waiting)
    many = "1 pair to look at lies" if len(waiting) == 1 else f"{len(waiting):,} pairs to look at lie"
    errors.print(f"{many} in {path}.", highlight=False)


def _waiting(project: "Project") -> "list[PairPage]":
    from targeting.linkage.reviewing import pages
    from targeting.linkage.reviews import waiting
    from targeting.store.identities import Identities, identity_key
    from targeting.store.staging import open_staging

    with open_staging(project.data) as staging:
        pairs = waiting(staging)
    return pages(pairs, Identities(project.data, identity_key(project.data)).read()) if len(pairs) else []


def _keep(project: "Project", given: "list[Answer]") -> int:
    from targeting.linkage.reviews import record_answers
    from targeting.store.staging import open_staging

    with open_staging(project.data) as staging:
        record_answers(staging, given)
    return len(given)


def _asked(project: "Project") -> "Iterator[tuple[str, Said]]":
    """Show each waiting pair and return what is answered on standard input, until somebody stops."""
    pages = _waiting(project)
    for number, page in enumerate(pages, start=1):
        errors.print(_side_by_side(page, f"{number:,} of {len(pages):,}"))
        key = ""
        while key not in (*KEYS, "s"):
            errors.print(ASKED, end=" ", highlight=False)
            key = sys.stdin.readline().strip().casefold()[:1] or "s"
        if key == "s":
            return
        yield page.pair, KEYS[key]


def _side_by_side(page: "PairPage", title: str) -> "Table":
    from targeting.linkage.reviewing import COMPARED, SHOWN

    rows = [(name, page.left.values[key], page.right.values[key]) for key, name in SHOWN.items()]
    rows += [(name, page.numbers[key], "") for key, name in COMPARED.items()]
    return table(title, ("", "one record", "the other"), rows)


def estimate_linkage(project: "Project", *, as_json: bool) -> None:
    """Estimate the parameters from what is loaded, print them as a declaration, and write it beside the data."""
    from targeting.linkage.estimating import declaration, estimate, write_declaration
    from targeting.store.identities import identity_key

    with step("Estimating"):
        estimated = estimate(project.data, linkage=project.linkage, identity_key=identity_key(project.data))
    path = write_declaration(project.data, estimated)
    result = {"records": estimated.records, "prior": estimated.prior, "comparisons": estimated.as_levels()}
    if as_json:
        print_json(result | {"file": str(path)})
    else:
        typer.echo(declaration(estimated))
    errors.print(
        f"Written to {path}. Nothing uses it until somebody puts it into features/linkage.py.", highlight=False
    )
