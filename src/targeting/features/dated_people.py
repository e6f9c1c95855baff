"""Persons and their facts as a generation holds them, not cut to memberships: for what became of a family's members."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from targeting.features.dates import latest_birth
from targeting.features.definition import InWhom
from targeting.features.filters import Columns, filter_steps, selected
from targeting.features.plan import FilterStep
from targeting.features.ranges import ADULT_MONTHS
from targeting.features.selections import Facts
from targeting.records.contract import Contract
from targeting.records.definition import FactKind
from targeting.store.blocks import MISSING_DAY, OPEN_DAY
from targeting.store.generations import Generation

Days = NDArray[np.int32]
Indexes = NDArray[np.int64]

NEVER = np.int32(2**31 - 1)


class Present(NamedTuple):
    """Members on a date: the indexes of their family and person, and their birth."""

    family: Indexes
    person: Indexes
    birth: Days


@dataclass(frozen=True)
class Memberships:
    """Who belonged to some families on which as-of days; `person` indexes `person_ids`."""

    person_ids: pa.Array
    family: Indexes
    person: Indexes
    visible_from: Days
    visible_to: Days
    birth: Days
    is_child: NDArray[np.bool_]

    def on(self, day: np.int32, in_whom: InWhom) -> Present:
        """Return the members on a date: all, or those under 18 or unborn."""
        held = (self.visible_from <= day) & (day <= self.visible_to)
        if in_whom == "children":
            grown = self.birth <= latest_birth(np.array([day], dtype=np.int32), ADULT_MONTHS)
            held &= np.where(self.birth == MISSING_DAY, self.is_child, ~grown)
        return Present(self.family[held], self.person[held], self.birth[held])


@dataclass(frozen=True)
class DatedFacts:
    """Facts of persons: whose, when they happened, when they could be known and until when they stood."""

    persons: int
    person: Indexes
    event: Days
    knowledge: Days
    superseded: Days

    def earliest(self, start: np.int32, end: np.int32, known_by: np.int32) -> Days:
        """Return each person's first event in [start, end) of those visible on the day `known_by`; NEVER for none."""
        visible = (self.knowledge < known_by) & (known_by <= self.superseded)
        within = visible & (self.event >= start) & (self.event < end)
        first = np.full(self.persons, NEVER)
        np.minimum.at(first, self.person[within], self.event[within])
        return first


def memberships_of(generation: Generation, families: NDArray[np.str_]) -> Memberships:
    """Return the memberships of the named families; `family` indexes them."""
    table = generation.memberships()
    wanted = pa.array(families.tolist(), pa.string())
    table = table.filter(pc.is_in(table["family_id"], value_set=wanted))
    person_ids = pc.unique(table["person_id"])
    return Memberships(
        person_ids=person_ids,
        family=_indexes(table["family_id"], wanted),
        person=_indexes(table["person_id"], person_ids),
        visible_from=_days(table["visible_from"], MISSING_DAY),
        visible_to=_days(table["visible_to"], OPEN_DAY),
        birth=_days(table["birth_date"], MISSING_DAY),
        is_child=pc.fill_null(table["is_child"], False).to_numpy(),
    )


def dated_facts(
    selections: Sequence[Facts], generation: Generation, contract: Contract, person_ids: pa.Array
) -> DatedFacts:
    """Return the facts of the named persons that fulfil the conditions of at least one selection."""
    tables = [_matching(facts, generation, contract[facts.kind]) for facts in selections]
    whole = pa.concat_tables(tables) if tables else _NOTHING
    whole = whole.filter(pc.is_in(whole["person_id"], value_set=person_ids))
    return DatedFacts(
        persons=len(person_ids),
        person=_indexes(whole["person_id"], person_ids),
        event=_days(whole["event_date"], MISSING_DAY),
        knowledge=_days(whole["knowledge_date"], MISSING_DAY),
        superseded=_days(whole["superseded_on"], OPEN_DAY),
    )


_SCHEMA = pa.schema(
    [
        ("person_id", pa.string()),
        ("event_date", pa.date32()),
        ("knowledge_date", pa.date32()),
        ("superseded_on", pa.date32()),
    ]
)
_NOTHING = _SCHEMA.empty_table()


def _matching(facts: Facts, generation: Generation, kind: FactKind) -> pa.Table:
    table = generation.facts(kind.name)
    steps = filter_steps(facts.conditions, kind)
    mask = selected(steps, _columns(table, kind, steps))
    return table.filter(pa.array(mask)).select(_SCHEMA.names)


def _columns(table: pa.Table, kind: FactKind, steps: Sequence[FilterStep]) -> Columns:
    """Return the tested columns as the filter reads them, in the types of the store's rows."""
    values: dict[str, NDArray[Any]] = {}
    vocabularies: dict[str, tuple[str, ...]] = {}
    for name in {step.column for step in steps if step.column}:
        column = kind.column(name)
        if column is not None and column.type == "code":
            words = pc.drop_null(pc.unique(table[name]))
            vocabularies[name] = tuple(words.to_pylist())
            values[name] = _indexes(table[name], words).astype(np.int32)
        elif column is not None and column.type == "date":
            values[name] = _days(table[name], MISSING_DAY)
        else:
            values[name] = pc.fill_null(table[name].cast(pa.float64()), float("nan")).to_numpy()
    return Columns(values, vocabularies, len(table))


def _indexes(texts: pa.ChunkedArray, among: pa.Array) -> Indexes:
    return pc.fill_null(pc.index_in(texts, value_set=among, skip_nulls=True), -1).to_numpy().astype(np.int64)


def _days(dates: pa.ChunkedArray, missing: np.int32) -> Days:
    return pc.fill_null(dates.cast(pa.int32()), int(missing)).to_numpy()
