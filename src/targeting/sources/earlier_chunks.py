"""What the chunks of a file that were read before tell of the next: how often a row was seen, which rows contradict.

A file is read a chunk at a time, and must mean what it would mean read in one. So the staging database holds, for as
long as a file is read, a hash of what every chunk has told: to number equal rows, and to find record keys that two
chunks use for different records.
"""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from targeting.store.staging import Staging

Lines = NDArray[np.int64]
Counts = NDArray[np.int64]

NO_LINES = np.empty(0, np.int64)

# Two hashes of different texts, so that no two values of a file will ever be taken for one.
TABLES = {
    "told": "create or replace temp table told (place varchar, one ubigint, other ubigint, rows bigint)",
    "keyed": """
        create or replace temp table keyed
            (place varchar, one ubigint, other ubigint, known date, content ubigint, line bigint)
        """,
}
COUNTED = """
with asked as (select number, hash(content) as one, hash('+' || content) as other from contents)
select coalesce(sum(told.rows), 0)::bigint as rows
from asked left join told on told.place = $place and told.one = asked.one and told.other = asked.other
group by number order by number
"""
TELL = "insert into told select $place, hash(content), hash('+' || content), rows from contents"
KEY = """
insert into keyed
    select place, hash(record_key), hash('+' || record_key), known, hash(content), line from incoming
"""
CONTRADICTED = """
with portion as (from keyed where one % $portions = $number)
select place, line from portion join (
    select place, one, other, known from portion group by all having min(content) <> max(content)
) using (place, one, other, known)
"""
# So many rows are compared at once.
PORTION = 1 << 21

KEYED = pa.schema(
    [
        ("place", pa.string()),
        ("record_key", pa.string()),
        ("known", pa.date32()),
        ("content", pa.string()),
        ("line", pa.int64()),
    ]
)


class Earlier(Protocol):
    """What is known of the chunks before; `place` names one fact of one part of the file."""

    def counted(self, place: str, contents: pa.Array, rows: Counts) -> Counts:
        """Return on how many earlier rows each content stood, and take note of the `rows` of this chunk."""
        ...

    def contradicted(self, place: str) -> Lines:
        """Return the lines whose record key names another record in another chunk."""
        ...


class NothingEarlier:
    """Of a file that is read in one."""

    def counted(self, _place: str, contents: pa.Array, _rows: Counts) -> Counts:
        """Return that no content stood on an earlier row."""
        return np.zeros(len(contents), np.int64)

    def contradicted(self, _place: str) -> Lines:
        """Return no line."""
        return NO_LINES


class EarlierChunks:
    """Of a file that is read in chunks, in temporary tables of the staging database.

    Outside of a transaction, which would hold on to every chunk that it was shown.
    """

    def __init__(self, staging: Staging, contradicted: Mapping[str, Lines]) -> None:
        self._staging = staging
        self._contradicted = contradicted
        self._begun: set[str] = set()

    def _begin(self, table: str) -> None:
        """Make a table of this file's where it has none yet."""
        if table not in self._begun:
            self._staging.connection.execute(TABLES[table])
            self._begun.add(table)

    def counted(self, place: str, contents: pa.Array, rows: Counts) -> Counts:
        """Return on how many earlier rows each content stood, and take note of the `rows` of this chunk."""
        self._begin("told")
        table = pa.table({"number": np.arange(len(contents)), "content": contents, "rows": rows})
        connection = self._staging.connection
        with self._staging.readable("contents", table):
            before: Counts = connection.execute(COUNTED, {"place": place}).fetchnumpy()["rows"]
            connection.execute(TELL, {"place": place})
        return before

    def contradicted(self, place: str) -> Lines:
        """Return the lines whose record key names another record in another chunk."""
        return self._contradicted.get(place, NO_LINES)

    def keep(self, keyed: pa.Table) -> None:
        """Take note of which record each key of a chunk names, by `KEYED`."""
        self._begin("keyed")
        with self._staging.readable("incoming", keyed):
            self._staging.connection.execute(KEY)

    def contradictions(self) -> dict[str, Lines]:
        """Return all lines, by place, on which a record key does not name one record."""
        if "keyed" not in self._begun:
            return {}
        ((rows,),) = self._staging.connection.execute("select count(*) from keyed").fetchall()
        portions = 1 + rows // PORTION
        found: dict[str, list[int]] = {}
        for number in range(portions):
            values = {"portions": portions, "number": number}
            for place, line in self._staging.connection.execute(CONTRADICTED, values).fetchall():
                found.setdefault(place, []).append(line)
        return {place: np.array(sorted(lines), np.int64) for place, lines in found.items()}
