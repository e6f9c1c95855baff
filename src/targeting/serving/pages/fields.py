"""Fields of forms: what was typed, as text; days in three parts; what is wrong with a field."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

Fields = Mapping[str, str]
PARTS_OF_DAY = ("day", "month", "year")


@dataclass(frozen=True)
class FieldFault:
    """What is wrong with one field, in words that say what would be right."""

    field: str
    message: str

    @property
    def href(self) -> str:
        """Return where an error summary leads to."""
        return f"#{self.field}"


def text_in(fields: Fields, name: str) -> str:
    """Return what was typed in a field: without white space around it, lines ended one way, nothing unprintable."""
    text = fields.get(name, "").replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")).strip()


def day_fields(name: str, day: date) -> Fields:
    """Return a day as the three fields of a form."""
    return {f"{name}-{part}": str(getattr(day, part)) for part in PARTS_OF_DAY}


def day_in(fields: Fields, name: str, *, called: str) -> date | FieldFault:
    """Return the day in three fields, or what is wrong with it."""
    parts = [text_in(fields, f"{name}-{part}") for part in PARTS_OF_DAY]
    if not all(part.isascii() and part.isdecimal() and len(part) <= 4 for part in parts):
        return FieldFault(f"{name}-day", f"{called} has to have a day, a month and a year, such as 27 3 2026")
    day, month, year = map(int, parts)
    try:
        found = date(year, month, day)
    except ValueError:
        return FieldFault(f"{name}-day", f"{called} has to be a real date, such as 27 3 2026")
    if not 2000 <= found.year <= 2100:
        return FieldFault(f"{name}-day", f"{called} has to have a year of four figures, such as 2026")
    return found


def too_long(field: str, error: Mapping[str, Any]) -> FieldFault:
    """Return what a schema says of a value, in words: too long, or none of those to choose from."""
    if error["type"] == "string_too_long":
        return FieldFault(field, f"Use {error['ctx']['max_length']:,} characters or fewer")
    return FieldFault(field, "Choose one of those named, or say it in words")
