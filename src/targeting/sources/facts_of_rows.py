"""Rows of an extract read as facts: whose, what, when, known when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from targeting.records.definition import Column, FactKind
from targeting.sources.constraints import beyond_limits
from targeting.sources.context import Context
from targeting.sources.converting import Invalid, Values, flag_reader, text_reader, value_reader
from targeting.sources.definition import FactFields
from targeting.sources.faults import BrokenRule, Mask, Rows, affected, broken, broken_values, missing_values
from targeting.sources.record_keys import KeyedRows, contradictions, joined, record_keys
from targeting.sources.row_reader import RowReader
from targeting.store.blocks import MISSING_DAY, Days
from targeting.store.contents import arrow_type
from targeting.store.pseudonyms import episode_ids
from targeting.store.vocabularies import EPISODE, days

EPOCH = date(1970, 1, 1)
# What is planned may be known before it happens; further ahead a date is more likely mistyped.
FARTHEST_PLAN_IN_DAYS = 366


@dataclass(frozen=True)
class FactRowsRead:
    """What every row says of one fact; `present` tells the rows that make one, `dated` those on which it has a date."""

    kind: FactKind
    present: Mask
    dated: Mask
    record_id: pa.Array
    event: pa.Array
    known: Days
    basis: pa.Array
    record_key: pa.Array
    values: dict[str, pa.Array]
    broken: tuple[BrokenRule, ...]
    keyed: KeyedRows | None = None

    def table(self, rows: Rows, lines: NDArray[np.int64]) -> pa.Table:
        """Return the facts that the given rows make, in the columns in which they are recorded."""
        chosen = pa.array(rows)
        own = {column.name: self._own(column).take(chosen) for column in self.kind.columns}
        common = {
            "record_key": self.record_key.take(chosen),
            "record_id": self.record_id.take(chosen),
            "event_date": self.event.take(chosen),
            "known": pa.array(self.known[rows]).cast(pa.date32()),
            "knowledge_basis": self.basis.take(chosen),
            "line": pa.array(lines[rows]),
        }
        return pa.table({**common, **own})

    def _own(self, column: Column) -> pa.Array:
        found = self.values.get(column.name)
        return pa.nulls(len(self.present), arrow_type(column)) if found is None else found


def read_facts(fields: FactFields, reader: RowReader, place: str = "") -> FactRowsRead:
    """Return what every row says of the fact that `fields` describe; `place` names it within the file."""
    kind = reader.context.contract[fields.kind]
    event = reader.dates(fields.event_date)
    present, flaws = _present(fields, event, reader)
    person = reader.record_ids(fields.person)
    flaws += [*broken_values(event, present), *missing_values(person, present)]
    values = {column.name: _value(fields, column, reader) for column in kind.columns if column.name in fields.values}
    for name, read in values.items():
        column = kind.column(name)
        flaws += broken_values(read, present)
        flaws += missing_values(read, present) if column is not None and column.required else ()
    flaws += beyond_limits(kind, values, present)
    known, basis, late = _knowledge(fields, event, present, reader)
    flaws += late
    content = joined([person.values, event.values, *(read.values for read in values.values())])
    record_key, flaws_of_key = record_keys(fields, reader, present, content, place)
    flaws += flaws_of_key
    keyed = None
    if fields.record_key:
        lines, contradicted = reader.raw.lines, reader.earlier.contradicted(place)
        keyed = KeyedRows(place, record_key, known, content, present & ~affected(flaws, len(present)), lines)
        elsewhere = np.isin(lines, contradicted) if len(contradicted) else np.zeros(len(lines), np.bool_)
        flaws += contradictions(reader.texts(fields.record_key[0]), keyed, elsewhere)
    return FactRowsRead(
        kind=kind,
        present=present,
        dated=event.is_filled,
        record_id=person.values,
        event=event.values,
        known=known,
        basis=basis,
        record_key=record_key,
        values={name: read.values for name, read in values.items()},
        broken=tuple(flaws),
        keyed=keyed,
    )


def _present(fields: FactFields, event: Values, reader: RowReader) -> tuple[Mask, list[BrokenRule]]:
    """Return which rows make the fact: those with an event, on which `when` holds."""
    present = event.is_filled
    if fields.when is None:
        return present, []
    when = reader.values(fields.when, flag_reader(fields.when.codes), pa.bool_())
    flaws = list(broken_values(when, present))
    return present & pc.fill_null(when.values, False).to_numpy(zero_copy_only=False), flaws


def _value(fields: FactFields, column: Column, reader: RowReader) -> Values:
    field = fields.values[column.name]
    if column.name == EPISODE:
        read = reader.values(field, text_reader, pa.string())
        context = reader.context
        names = episode_ids(read.texts, source=context.source, identity_key=context.identity_key)
        return replace(read, values=names)
    year = reader.context.census_year
    return reader.values(field, value_reader(column, field, year), arrow_type(column))


def _knowledge(
    fields: FactFields, event: Values, present: Mask, reader: RowReader
) -> tuple[Days, pa.Array, list[BrokenRule]]:
    """Return when each fact was known and on what basis, and the rows whose dates cannot be true."""
    context, happened = reader.context, days(event.values, missing=MISSING_DAY)
    if context.is_history or fields.known_when_delivered:
        known = np.full(len(happened), day_number(context.as_of), np.int32)
        rule = Invalid("after the day of the return", f"a date up to {context.as_of}")
        return known, pa.repeat("delivered", len(known)), list(broken(event, rule, present & (happened > known)))
    declared = None if fields.knowledge_date is None else reader.dates(fields.knowledge_date)
    known, basis = _known(happened, declared, context)
    flaws = (
        [] if declared is None else [*broken_values(declared, present), *_too_late(declared, known, present, context)]
    )
    rule = Invalid("more than a year after it was known", "a date of the past, or of a plan within a year")
    readable = present & (happened != MISSING_DAY)
    flaws += broken(
        event, rule, readable & (happened.astype(np.int64) > known.astype(np.int64) + FARTHEST_PLAN_IN_DAYS)
    )
    return known, basis, flaws


def _known(happened: Days, declared: Values | None, context: Context) -> tuple[Days, pa.Array]:
    as_of = day_number(context.as_of)
    lagged = happened + np.int32(context.lag.days)
    imputed = np.minimum(lagged, as_of)
    recorded = (
        np.full(len(happened), MISSING_DAY, np.int32)
        if declared is None
        else days(declared.values, missing=MISSING_DAY)
    )
    is_recorded = recorded != MISSING_DAY
    basis = np.where(is_recorded, "recorded", np.where(lagged <= as_of, "imputed", "delivered"))
    return np.where(is_recorded, recorded, imputed), pa.array(basis, pa.string())


def _too_late(declared: Values, known: Days, present: Mask, context: Context) -> Sequence[BrokenRule]:
    rule = Invalid("known after the day of extraction", f"a date up to {context.as_of}")
    return list(broken(declared, rule, present & (known > day_number(context.as_of))))


def day_number(day: date) -> np.int32:
    """Return a date as days since 1970-01-01."""
    return np.int32((day - EPOCH).days)
