"""Specifications as small tables: records in, values out."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from slow_twin import Fact, Member, World, value_of
from worlds import LONG_AGO, SMALL_CONTRACT, cells, covered, matrix_of, source

from targeting.features.expressions import Expression
from targeting.records.terms import Term

NOT_VALUES = ("family", "person", "event_date", "knowledge_date", "superseded_on", "source")


def spec(
    tables: Mapping[str, str] | str,
    expression: Expression,
    *,
    as_of: str,
    expected: Mapping[str, object],
    members: str = "",
    **changes: Any,
) -> None:
    """Check values by family, `(None, why)` where unknown, from records written as tables, one a kind of fact.

    A fact without `person` is of the person named as its family; without `knowledge_date` it was known the same day.
    Persons without a row in `members` belong to the family they are named as, from the beginning. `expected` is written
    by hand; the slow twin must agree with it too.
    """
    world = world_of({"seen": tables} if isinstance(tables, str) else tables, members, **changes)
    day = date.fromisoformat(as_of)
    found = cells(matrix_of(world, {"it": expression}, [day]))
    wanted = {family: value if isinstance(value, tuple) else (float(value), 0) for family, value in expected.items()}
    assert {family: found[family, day, "it"] for family in wanted} == wanted
    assert {family: value_of(expression, world, family, day) for family in wanted} == wanted


def world_of(tables: Mapping[str, str], members: str = "", **changes: Any) -> World:
    """Return the world that tables of facts and members describe."""
    found = [fact for kind, table in tables.items() for fact in _facts(kind, table)]
    numbered = tuple(Fact(**{**vars(fact), "fact_id": place + 1}) for place, fact in enumerate(found))
    sources = changes.pop("sources", None) or (source("north", SMALL_CONTRACT),)
    persons = [
        (row["family"], row.get("person") or row["family"]) for table in tables.values() for row in rows_of(table)
    ]
    return World(
        contract=SMALL_CONTRACT,
        sources=sources,
        facts=numbered,
        members=tuple(_members(members, persons)),
        coverage=changes.pop("coverage", None) or covered(sources, SMALL_CONTRACT),
        **changes,
    )


def rows_of(table: str) -> Iterator[dict[str, str | None]]:
    """Yield the rows of a table whose columns are parted by |; an empty cell is None."""
    lines = [line.split("|") for line in table.strip().splitlines() if line.strip()]
    names = [name.strip() for name in lines[0]] if lines else []
    for line in lines[1:]:
        yield dict(zip(names, [cell.strip() or None for cell in line], strict=True))


def terms_of(*days: str) -> tuple[Term, ...]:
    """Return terms written as `2024-01-08 2024-03-28`."""
    pairs = [[date.fromisoformat(day) for day in each.split()] for each in days]
    return tuple(Term(first=first, last=last, name=str(first)) for first, last in pairs)


def _facts(kind: str, table: str) -> Iterator[Fact]:
    columns = {column.name: column.type for column in SMALL_CONTRACT[kind].columns}
    for row in rows_of(table):
        given = {name: _value(columns[name], cell) for name, cell in row.items() if name not in NOT_VALUES}
        yield Fact(
            kind=kind,
            fact_id=0,
            person=row.get("person") or row["family"],
            event=date.fromisoformat(row["event_date"]),
            knowledge=date.fromisoformat(row.get("knowledge_date") or row["event_date"]),
            source=row.get("source") or "north",
            superseded=_day(row.get("superseded_on")),
            values=dict.fromkeys(columns) | given,
        )


def _value(type: str, cell: str | None) -> object:
    if cell is None or type == "code":
        return cell
    if type == "date":
        return date.fromisoformat(cell)
    return cell == "yes" if type == "flag" else int(cell) if type == "integer" else float(cell)


def _members(table: str, persons: list[tuple[str, str]]) -> Iterator[Member]:
    described = list(rows_of(table))
    for row in described:
        yield Member(
            family=row["family"],
            person=row.get("person") or row["family"],
            first=_day(row.get("from")) or LONG_AGO,
            last=_day(row.get("to")),
            birth=_day(row.get("birth")),
            is_child=row.get("is_child") == "yes",
        )
    named = {row.get("person") or row["family"] for row in described}
    for family, person in dict.fromkeys(persons):
        if person not in named:
            yield Member(family=family, person=person, first=LONG_AGO, last=None, birth=None, is_child=True)


def _day(cell: str | None) -> date | None:
    return date.fromisoformat(cell) if cell else None
