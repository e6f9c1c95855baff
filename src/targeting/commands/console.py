"""What every command prints with: steps with their time on standard error, results on standard output."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

out = Console()
errors = Console(stderr=True)

Advance = Callable[[str, int, int], None]


@contextmanager
def step(title: str, times: dict[str, float] | None = None) -> Iterator[Advance]:
    """Show one step of a command while it runs, then its time; yields a callback `(what, done, total)`.

    `times` collects seconds by title. On anything but a terminal only the finished line is printed.
    """
    started = time.perf_counter()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task(title, total=None)

        def advance(what: str, done: int, total: int) -> None:
            progress.update(task, description=f"{title}: {what}" if what else title, completed=done, total=total)

        yield advance
    seconds = time.perf_counter() - started
    if times is not None:
        times[title] = seconds
    errors.print(f"{title} [dim]{seconds:.1f} s[/dim]", highlight=False)


def print_json(result: Any) -> None:
    """Print a result as JSON, keys in the order given."""
    out.print_json(json.dumps(result, default=str), indent=2)


def table(title: str, columns: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> Table:
    """Return a table whose number columns are right-aligned."""
    made = Table(title=title, title_justify="left", header_style="bold")
    numeric = [bool(rows) and all(isinstance(row[i], int | float) for row in rows) for i in range(len(columns))]
    for name, is_number in zip(columns, numeric, strict=True):
        made.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        made.add_row(*(_shown(value) for value in row))
    return made


def print_result(
    result: Mapping[str, Any] | Sequence[Mapping[str, Any]], *, as_json: bool, text: Callable[[], object]
) -> None:
    """Print `result` as JSON where asked for, else what `text` returns."""
    if as_json:
        print_json(result)
    else:
        out.print(text())


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
