"""What the chunks of a file say, kept until the file is read to its end, and then recorded as one.

The chunk of a file that has no other stays in memory. Where a second one comes, all go to temporary tables of the
staging database, which spill to its own folder beyond the memory that it may take.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

import pyarrow as pa

from targeting.sources.earlier_chunks import EarlierChunks
from targeting.sources.interpreting import Interpreted
from targeting.store.staging import Staging

SIGHTINGS, RELATIONSHIPS, FAULTS, FACTS = "sightings", "relationships", "faults", "facts_"
PREFIX = "spool_"
# So many rows are recorded at once, of a file that does not fit into one chunk.
PORTION = 1 << 20


class Spool:
    """The facts, sightings, relationships and faults of one file; counts of its rows."""

    def __init__(self, staging: Staging) -> None:
        self.rows = 0
        self.quarantined = 0
        self.failed_checks: Counter[str] = Counter()
        self.undated = 0
        # The kinds of fact that the parts read are mapped to, whether or not a row made one.
        self.mapped_kinds: set[str] = set()
        self._staging = staging
        self._only: Interpreted | None = None
        self._chunks = 0
        self._rows: Counter[str] = Counter()

    def add(self, said: Interpreted, earlier: EarlierChunks | None = None) -> None:
        """Keep what one more chunk says; `earlier` takes note of what its record keys name."""
        self.rows += said.rows
        self.quarantined += said.quarantined
        self.failed_checks.update(said.failed_checks)
        self.undated += said.undated
        self.mapped_kinds |= set(said.facts)
        self._chunks += 1
        if self._chunks == 1:
            self._only = said
            return
        for chunk in (self._only, said):
            if chunk is not None:
                self._write(chunk, earlier)
        self._only = None

    @property
    def is_of_many(self) -> bool:
        """Whether more than one chunk came."""
        return self._chunks > 1

    @property
    def accepted(self) -> int:
        """How many rows were taken."""
        return self.rows - self.quarantined

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of fact that the file may make."""
        names = _tables(self._only) if self._only is not None else self._rows
        return tuple(sorted(name.removeprefix(FACTS) for name in names if name.startswith(FACTS)))

    def portions(self, name: str) -> Iterator[bool]:
        """Make one table readable to SQL as `incoming`, a portion at a time, all rows of one record in the same one.

        Yields whether there is anything in it, once at least: so memory is bounded whatever a file holds.
        """
        table = None if self._only is None else _tables(self._only)[name]
        if not (self._rows[name] if table is None else len(table)):
            yield False
        elif table is not None:
            with self._staging.readable("incoming", table):
                yield True
        else:
            portions = 1 + self._rows[name] // PORTION
            key = "record_key" if name.startswith(FACTS) else "line" if name == FAULTS else "record_id"
            for number in range(portions):
                with self._staging.viewed("incoming", PREFIX + name, f"hash({key}) % {portions} = {number}"):
                    yield True

    def clear(self) -> None:
        """Give back what the temporary tables hold."""
        for name in sorted(self._rows):
            self._staging.connection.execute(f'drop table if exists "{PREFIX}{name}"')
        self._rows.clear()

    def table(self, query: str) -> pa.Table:
        """Return the rows of a query on what is readable."""
        return self._staging.table(query)

    def _write(self, said: Interpreted, earlier: EarlierChunks | None) -> None:
        for name, table in _tables(said).items():
            if len(table):
                self._staging.keep_temporarily(PREFIX + name, table, anew=not self._rows[name])
            self._rows[name] += len(table)
        if earlier is not None:
            for keyed in said.keyed:
                earlier.keep(keyed.table())


def _tables(said: Interpreted) -> Mapping[str, pa.Table]:
    facts = {FACTS + kind: table for kind, table in said.facts.items()}
    return {**facts, SIGHTINGS: said.sightings, RELATIONSHIPS: said.relationships, FAULTS: said.faults}
