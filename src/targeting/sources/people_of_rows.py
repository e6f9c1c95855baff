"""Rows of an extract read as persons, for the identities store, and as relationships between them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from targeting.records.codes import SEX
from targeting.records.definition import CodeSet
from targeting.sources.context import Context
from targeting.sources.converting import (
    Invalid,
    Reader,
    Values,
    code_reader,
    nhs_number_reader,
    text_reader,
    upn_reader,
)
from targeting.sources.definition import Field, PersonFields, RelationshipFields
from targeting.sources.facts_of_rows import day_number
from targeting.sources.faults import BrokenRule, Mask, Rows, broken, broken_values, missing_values
from targeting.sources.row_reader import RowReader
from targeting.store.blocks import MISSING_DAY, Days
from targeting.store.identities import IDENTITIES
from targeting.store.vocabularies import days

RELATIONSHIP = CodeSet(
    name="relationship",
    source="Targeting's own contract",
    codes={
        "parent_of": "is a parent of",
        "partner_of": "is a partner of",
        "sibling_of": "is a sibling of",
        "shared_case": "is worked with in one case with",
    },
)
# A number that fails its check says nothing of a person; it is left out and counted, and the row stands.
CHECKED: Mapping[str, tuple[str, Reader]] = {
    "nhs_number": ("NHS numbers", nhs_number_reader),
    "upn": ("UPNs", upn_reader),
}
PAST_DATES = ("date_of_birth", "recorded_on")


@dataclass(frozen=True)
class PersonRowsRead:
    """What every row says of one person; `present` tells the rows that name one."""

    present: Mask
    record_id: pa.Array
    values: Mapping[str, Values]
    broken: tuple[BrokenRule, ...]

    def table(self, rows: Rows, earliest_fact: Days, context: Context) -> pa.Table:
        """Return the persons of the given rows, by `IDENTITIES`; `earliest_fact` says when a row's facts were known."""
        recorded = self._recorded()
        known = np.where(recorded != MISSING_DAY, recorded, np.minimum(earliest_fact, day_number(context.as_of)))
        columns = {name: values.values for name, values in self.values.items()} | {
            "record_id": self.record_id,
            "source": pa.repeat(context.source, len(self.present)),
            "known_from": pa.array(known.astype(np.int32)).cast(pa.date32()),
        }
        empty = {field.name: pa.nulls(len(self.present), field.type) for field in IDENTITIES}
        return pa.table({**empty, **columns}, schema=IDENTITIES).take(pa.array(rows))

    def _recorded(self) -> Days:
        recorded = self.values.get("recorded_on")
        nowhere = np.full(len(self.present), MISSING_DAY, np.int32)
        return nowhere if recorded is None else days(recorded.values, missing=MISSING_DAY)

    def failed_checks(self, rows: Rows) -> dict[str, int]:
        """Return how many numbers of the given rows fail their check, by what they are called."""
        counts = {
            called: int(np.count_nonzero(self.values[name].broken[rows] >= 0))
            for name, (called, _) in CHECKED.items()
            if name in self.values
        }
        return {called: count for called, count in counts.items() if count}


def read_persons(fields: PersonFields, reader: RowReader) -> PersonRowsRead:
    """Return what every row says of the person that `fields` describe."""
    key = reader.record_ids(fields.key.column or "")
    present = key.is_filled
    declared = {name: field for name, field in vars(fields).items() if name != "key" and field is not None}
    values = {name: _identity(name, field, reader) for name, field in declared.items()}
    flaws: list[BrokenRule] = []
    for name, read in values.items():
        flaws += () if name in CHECKED else broken_values(read, present)
    for name in PAST_DATES:
        flaws += _after_extraction(values[name], present, reader.context) if name in values else ()
    return PersonRowsRead(present, key.values, values, tuple(flaws))


def _identity(name: str, field: Field, reader: RowReader) -> Values:
    if pa.types.is_date32(IDENTITIES.field(name).type):
        return reader.dates(field)
    if name in CHECKED:
        return reader.values(field, CHECKED[name][1], pa.string())
    read = code_reader(SEX, field.codes) if name == "sex" else text_reader
    return reader.values(field, read, pa.string())


def _after_extraction(dates: Values, present: Mask, context: Context) -> list[BrokenRule]:
    late = present & (days(dates.values, missing=MISSING_DAY) > day_number(context.as_of))
    return list(broken(dates, Invalid("after the day of extraction", f"a date up to {context.as_of}"), late))


@dataclass(frozen=True)
class RelationshipRowsRead:
    """What every row says of one relationship."""

    present: Mask
    columns: Mapping[str, pa.Array]
    known: Days
    broken: tuple[BrokenRule, ...]

    def table(self, rows: Rows) -> pa.Table:
        """Return the relationships of the given rows, in the columns in which they are recorded."""
        known = pa.array(self.known).cast(pa.date32())
        return pa.table({**self.columns, "known": known}).take(pa.array(rows))


def read_relationships(fields: RelationshipFields, reader: RowReader) -> RelationshipRowsRead:
    """Return what every row says of the relationship that `fields` describe: nothing where one side is empty."""
    person, other = reader.record_ids(fields.person), reader.record_ids(fields.other)
    kind = reader.values(fields.relationship, code_reader(RELATIONSHIP, fields.relationship.codes), pa.string())
    present = person.is_filled & other.is_filled
    dates = {
        name: _optional_dates(getattr(fields, name), reader) for name in ("started_on", "ended_on", "knowledge_date")
    }
    flaws = [*broken_values(kind, present), *missing_values(kind, present)]
    for read in dates.values():
        flaws += broken_values(read, present)
    flaws += _after_extraction(dates["knowledge_date"], present, reader.context)
    columns = {
        "record_id": person.values,
        "other_record_id": other.values,
        "relationship": kind.values,
        "started_on": dates["started_on"].values,
        "ended_on": dates["ended_on"].values,
    }
    return RelationshipRowsRead(present, columns, _known(dates, reader.context), tuple(flaws))


def _optional_dates(field: Field | None, reader: RowReader) -> Values:
    return reader.dates(Field() if field is None else field)


def _known(dates: Mapping[str, Values], context: Context) -> Days:
    """Return when each relationship was known: recorded, else its start and the source's lag, else on extraction."""
    as_of = day_number(context.as_of)
    recorded = days(dates["knowledge_date"].values, missing=MISSING_DAY)
    started = days(dates["started_on"].values, missing=MISSING_DAY)
    imputed = np.where(started != MISSING_DAY, np.minimum(started + np.int32(context.lag.days), as_of), as_of)
    return np.where(recorded != MISSING_DAY, recorded, imputed).astype(np.int32)
