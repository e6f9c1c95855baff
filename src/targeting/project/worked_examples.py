"""Worked examples of indicators: records in, value out. Read from TOML files, a table an indicator."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from targeting.errors import DeclarationError, Fault, what_exists

KEYS = ("records", "family", "value", "checked", "why")


@dataclass(frozen=True, kw_only=True)
class ToldFact:
    """One record of an example: what kind of fact, of which member of the family, when, and its columns as written."""

    kind: str
    person: str
    event_date: date
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class WorkedExample:
    """What some records make of one indicator; None: they leave it unknown.

    `family` names the members; `checked` says that a person worked the value out by hand, `why` how.
    """

    indicator: str
    records: tuple[ToldFact, ...]
    family: tuple[str, ...]
    value: float | None
    checked: bool
    why: str
    place: str


def read_worked_examples(folder: Path, indicators: Sequence[str]) -> tuple[WorkedExample, ...]:
    """Return the examples of every `*.toml` in a folder, by file and then as written.

    Raises DeclarationError with every fault: a file that is no TOML, an indicator that does not exist, a key or a
    record that cannot be read.
    """
    faults: list[Fault] = []
    examples: list[WorkedExample] = []
    for path in sorted(folder.glob("*.toml")):
        for name, tables in _tables(path, faults):
            if name not in indicators:
                faults.append(Fault(f"{path.name}: {name}", f"does not exist. {what_exists(name, indicators)}"))
            for number, table in enumerate(tables, start=1):
                examples += _example(f"{path.name}: {name} ({number})", name, table, faults)
    if faults:
        raise DeclarationError(faults)
    return tuple(examples)


def _tables(path: Path, faults: list[Fault]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    try:
        yield from tomllib.loads(path.read_text(encoding="utf-8")).items()
    except tomllib.TOMLDecodeError as error:
        faults.append(Fault(path.name, f"is no TOML: {error}."))


def _example(place: str, name: str, table: Mapping[str, Any], faults: list[Fault]) -> Iterator[WorkedExample]:
    for key in table:
        if key not in KEYS:
            faults.append(Fault(place, f"{key!r} does not exist. {what_exists(key, KEYS)}"))
    value = table.get("value")
    if value != "unknown" and not isinstance(value, int | float):
        faults.append(Fault(place, 'value is a number, or "unknown".'))
        return
    try:
        records = told(table.get("records", ""))
    except ValueError as error:
        faults.append(Fault(place, str(error)))
        return
    yield WorkedExample(
        indicator=name,
        records=records,
        family=tuple(table.get("family", ())),
        value=None if value == "unknown" else float(value),
        checked=bool(table.get("checked", False)),
        why=str(table.get("why", "")),
        place=place,
    )


def told(text: str) -> tuple[ToldFact, ...]:
    """Return records written as `kind | person | 2026-01-31 | column=value, ...`, one a line.

    Raises ValueError that shows the line of a made-up record which cannot be read.
    """
    return tuple(_told(line) for line in text.splitlines() if line.strip())


def _told(line: str) -> ToldFact:
    cells = [cell.strip() for cell in line.split("|")]
    pairs = [pair.partition("=") for pair in (cells[3] if len(cells) > 3 else "").split(",") if pair.strip()]
    try:
        kind, person, event = cells[0], cells[1], date.fromisoformat(cells[2])
    except (IndexError, ValueError):
        raise ValueError(f"{line.strip()!r} is no record: write kind | person | 2026-01-31 | column=value.") from None
    return ToldFact(
        kind=kind,
        person=person,
        event_date=event,
        columns=tuple((name.strip(), value.strip()) for name, _, value in pairs),
    )
