"""`targeting bench`: ours beside its peers, in one run. The benchmarks lie in the checkout's `benchmarks/`."""

import ast
import importlib
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from targeting.commands.app import AsJson, app, chosen_folder
from targeting.commands.console import Advance, print_result, step, table
from targeting.errors import TargetingError, what_exists

if TYPE_CHECKING:
    from rich.table import Table

Scale = Literal["small", "full"]
OURS = "targeting"
HIGHER_IS_BETTER = ("requests/s", "rows/s", "precision", "recall", "F1")
_PACKAGE = "_targeting_benchmarks"
_COLUMNS = ("case, and who", "measured", "peak MiB", "ratio")


@dataclass(frozen=True)
class Row:
    """One measurement: which benchmark, what was done, who did it, how it went, at which peak of memory.

    `ratio_to_ours` is filled in by `compared`.
    """

    bench: str
    case: str
    subject: str
    value: float
    unit: str
    peak_mib: float | None = None
    ratio_to_ours: float | None = None


Run = Callable[[Scale, Path | None, Advance], Sequence[Row]]


@app.command(rich_help_panel="Operations")
def bench(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Benchmarks to run; `benchmarks/NAME.py`.")],
    scale: Annotated[Scale, typer.Option(help="small ends within two minutes.")] = "small",
    as_json: AsJson = False,
) -> None:
    """Measure ours beside its peers. Above 1 in the last column means that ours wins."""
    from targeting.project.template import checkout_folder

    print_rows(measured(names, scale=scale, checkout=checkout_folder()), as_json=as_json)


def measured(names: Sequence[str], *, scale: Scale, checkout: Path | None) -> tuple[Row, ...]:
    """Run benchmarks of a checkout and return their rows. Every name is looked up before any benchmark runs."""
    runs = {name: find_benchmark(name, checkout) for name in names}
    rows: list[Row] = []
    for name, run in runs.items():
        with step(f"Benchmark {name}") as advance:
            rows += compared(run(scale, chosen_folder(), advance))
    return tuple(rows)


def print_rows(rows: Sequence[Row], *, as_json: bool) -> None:
    """Print rows as a table, or as JSON."""
    print_result([asdict(row) for row in rows], as_json=as_json, text=lambda: _page(rows))


def _page(rows: Sequence[Row]) -> "Table":
    """Return a table that names a case once, above those who were measured in it."""
    shown: list[tuple[object, ...]] = []
    for (name, case), subjects in groupby(rows, key=lambda row: (row.bench, row.case)):
        shown.append((f"{name}: {case}", "", "", ""))
        shown += [_shown(row) for row in subjects]
    return table("Ours beside its peers. Where the ratio is above 1, ours wins", _COLUMNS, shown)


def _shown(row: Row) -> tuple[object, ...]:
    peak = "" if row.peak_mib is None else f"{row.peak_mib:,.0f}"
    ratio = "" if row.ratio_to_ours is None else f"{row.ratio_to_ours:.2f}"
    return f"  {row.subject}", f"{row.value:,.2f} {row.unit}", peak, ratio


def find_benchmark(name: str, checkout: Path | None) -> Run:
    """Return the function `run` of `benchmarks/NAME.py`.

    Raises TargetingError in an installed wheel, which carries no benchmark, and where there is none of that name.
    """
    if checkout is None:
        raise TargetingError("benchmarks lie in a checkout of Targeting; an installed package carries none.")
    folder = checkout / "benchmarks"
    existing = [path.stem for path in sorted(folder.glob("*.py")) if _can_be_run(path)]
    if name not in existing:
        raise TargetingError(f"the benchmark {name!r} does not exist. {what_exists(name, existing)}")
    package = module_from_spec(ModuleSpec(_PACKAGE, None, is_package=True))
    package.__path__ = [str(folder)]
    sys.modules[_PACKAGE] = package
    run: Run = importlib.import_module(f"{_PACKAGE}.{name}").run
    return run


def compared(rows: Iterable[Row], *, ours: str = OURS) -> tuple[Row, ...]:
    """Return the rows with each peer's ratio to ours in the same case; None for ours, and where ours has no such row.

    A peer's time divided by ours, or ours divided by the peer's where higher is better: above 1, ours wins.
    """
    held = tuple(rows)
    value_of = {(row.bench, row.case, row.unit): row.value for row in held if row.subject == ours}
    return tuple(replace(row, ratio_to_ours=_ratio(row, value_of, ours)) for row in held)


def _ratio(row: Row, value_of: dict[tuple[str, str, str], float], ours: str) -> float | None:
    own = value_of.get((row.bench, row.case, row.unit))
    if row.subject == ours or not own or not row.value:
        return None
    return own / row.value if row.unit in HIGHER_IS_BETTER else row.value / own


def _can_be_run(path: Path) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(isinstance(each, ast.FunctionDef) and each.name == "run" for each in tree.body)
