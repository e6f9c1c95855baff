"""What somebody answered when asked whether two records are one person's."""

from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa

NO_ANSWERS = pa.schema(
    [("record_id", pa.string()), ("other_record_id", pa.string()), ("is_one", pa.bool_()), ("answered_on", pa.date32())]
)
# The answers to each pair of records, the lower number first, in the order in which they were given.
Answers = Mapping[tuple[int, int], Sequence[tuple[int, bool]]]

NUMBERED = """
select
    least(one.record, other.record) as record, greatest(one.record, other.record) as other,
    greatest(answered_on - date '1970-01-01', one.first_day, other.first_day) as day, is_one
from answers
join records as one on one.record_id = answers.record_id
join records as other on other.record_id = answers.other_record_id
where one.record <> other.record
order by record, other, answers.rowid
"""


def answers_by_record(connection: duckdb.DuckDBPyConnection, answers: pa.Table) -> Answers:
    """Return the answers by the numbers of the records; those about records that are not loaded are left out."""
    connection.register("given", answers)
    connection.execute("create or replace temp table answers as from given")
    connection.unregister("given")
    found: dict[tuple[int, int], list[tuple[int, bool]]] = {}
    for record, other, day, is_one in connection.sql(NUMBERED).fetchall():
        found.setdefault((record, other), []).append((day, is_one))
    return found
