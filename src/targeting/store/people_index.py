"""Who is meant by an agency's record, and in which families a person is: look-ups in sorted tables."""

from datetime import date
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from targeting.records.definition import FactKind
from targeting.store.contents import fact_schema
from targeting.store.generations import Generation
from targeting.store.vocabularies import places_of


class PeopleIndex:
    """The people of one generation, by record and by id. A table is read when it is first asked of."""

    def __init__(self, generation: Generation) -> None:
        self._generation = generation

    def person_of(self, record_id: str, on: date) -> str | None:
        """Return whose an agency's record is on a date; None where there is no such record by then.

        Raises DataError where the generation does not say.
        """
        found = _holding(self._records, "record_id", record_id, on)
        return found["person_id"][0].as_py() if len(found) else None

    def families_of(self, person_id: str, on: date) -> tuple[str, ...]:
        """Return the families that a person belongs to on a date, sorted."""
        return tuple(sorted(_holding(self._memberships, "person_id", person_id, on)["family_id"].to_pylist()))

    def families_ever_of(self, person_id: str) -> frozenset[str]:
        """Return the families that a person belongs to on any date."""
        return frozenset(_rows_of(self._memberships, "person_id", person_id)["family_id"].to_pylist())

    def links_of(self, person_id: str) -> pa.Table:
        """Return from when a person is in each agency's records."""
        return _rows_of(self._links, "person_id", person_id)

    def facts_of(self, person_ids: list[str], kind: FactKind) -> pa.Table:
        """Return all facts of a kind of some persons, whether or not they belong to a family; none for a newer kind."""
        held = self._generation.manifest.kinds.get(kind.name)
        if held is None or not held.rows:
            return fact_schema(kind).empty_table()
        path = self._generation.path / "facts" / f"{kind.name}.parquet"
        return pq.read_table(path, partitioning=None, filters=[("person_id", "in", person_ids)])

    @cached_property
    def _records(self) -> pa.Table:
        return self._generation.person_records().combine_chunks()

    @cached_property
    def _memberships(self) -> pa.Table:
        return self._generation.memberships().sort_by("person_id").combine_chunks()

    @cached_property
    def _links(self) -> pa.Table:
        return self._generation.agency_links().combine_chunks()


def _holding(table: pa.Table, column: str, value: str, on: date) -> pa.Table:
    """Return the rows of one value whose range of as-of dates holds a date."""
    rows = _rows_of(table, column, value)
    ended = pc.fill_null(pc.less(rows["visible_to"], pa.scalar(on)), False)
    return rows.filter(pc.and_(pc.less_equal(rows["visible_from"], pa.scalar(on)), pc.invert(ended)))


def _rows_of(table: pa.Table, column: str, value: str) -> pa.Table:
    """Return the rows of one value, found by bisection: the table is sorted by the column."""
    if not len(table):
        return table
    first, last = places_of(value, among=table[column].chunk(0))
    return table.slice(first, last - first)
