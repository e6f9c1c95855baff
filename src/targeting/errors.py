"""Faults of the user: said in a sentence, without a traceback, with an exit code of their own."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

EXIT_CODE = 2


class TargetingError(Exception):
    """What the user can put right. Everything else is a bug and keeps its traceback."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong: where (`features/absence.py:12`), and a sentence that says what would be right."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class DeclarationError(TargetingError):
    """Every fault found in a project's declarations, told at once."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults), key=_reading_order))
        super().__init__("\n".join(map(str, self.faults)))


def _reading_order(fault: Fault) -> tuple[list[tuple[int, str]], str]:
    """Sort by place, line 9 before line 10."""
    parts = re.split(r"(\d+)", fault.place)
    return [(int(part), "") if part.isdecimal() else (0, part) for part in parts], fault.message


class DataError(TargetingError):
    """An extract, a scores file or a stored file that cannot be used as it is."""


def what_exists(wanted: str, existing: Iterable[str]) -> str:
    """Return the closest of `existing` first, as the end of an error message; `none` where nothing exists."""
    names = sorted(existing)
    close = get_close_matches(wanted, names, n=3)
    hint = f" Did you mean {', '.join(close)}?" if close else ""
    shown = ", ".join(names[:40]) + (", ..." if len(names) > 40 else "")
    return f"Those that do: {shown or 'none'}.{hint}"
