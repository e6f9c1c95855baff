"""Rows as people type them: some of housing's that no reader can take, beside all those that are right."""

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa

from targeting.synthetic.writing import Handover, Table, together

# By file, what stands in a copy of a row in place of what is right: a day that no calendar has, a code that is not in
# use, an amount in words, nobody's number.
_TYPED: Mapping[str, tuple[Mapping[str, str], ...]] = {
    "Applications.csv": ({"AppliedOn": "2025/06/31"}, {"ApplicantRef": ""}),
    "TemporaryAccommodation.csv": ({"MovedInOn": "31/06/2025"},),
    "Arrears.csv": ({"Account": "GARAGE"}, {"WeeksOwed": "about three"}),
    "Benefits.csv": ({"Benefit": "XX"}, {"EntitledFrom": "not known"}),
}
# The files that end with a line of the report that made them, which counts the rows.
_COUNTED = "Arrears.csv"


def mistyped(handover: Handover) -> Handover:
    """Return housing's files with rows beside the right ones that cannot be taken; a file without rows stays so."""
    return replace(handover, tables=tuple(_with_slips(table) if table.rows else table for table in handover.tables))


def _with_slips(table: Table) -> Table:
    for slip in _TYPED.get(table.file, ()):
        table = together(table, _row(table, {**_first(table), **slip}))
    if table.file == _COUNTED:
        total = {name: f"Rows: {table.rows}" if place == 0 else "" for place, name in enumerate(table.columns)}
        table = together(table, _row(table, total))
    return table


def _first(table: Table) -> Mapping[str, str]:
    return {name: str(pa.array(values)[0].as_py()) for name, values in table.columns.items()}


def _row(table: Table, values: Mapping[str, str]) -> Table:
    return replace(
        table, columns={name: pa.array([values[name]], pa.array(column).type) for name, column in table.columns.items()}
    )
