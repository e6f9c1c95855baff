"""Families that are no more: which ones their members went on as, so that who holds an old id finds them."""

import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from targeting.linkage.successions import successors
from targeting.serving.current import CurrentGeneration
from targeting.store.generations import open_generation


class Successors:
    """The successors of families, as of the current generation of a data folder."""

    def __init__(self, data: Path) -> None:
        self._data, self._current = data, CurrentGeneration(data)
        self._of: dict[str, tuple[pa.Table, frozenset[str]]] = {}
        self._lock = threading.Lock()

    def of(self, family_id: str) -> tuple[str, ...]:
        """Return the families that one went on as, sorted; none where it still stands, or nothing is known of it."""
        name = self._current.id()
        if name is None:
            return ()
        table, ended = self._successions(name)
        return successors(table, family_id) if family_id in ended else ()

    def _successions(self, name: str) -> tuple[pa.Table, frozenset[str]]:
        with self._lock:
            if name not in self._of:
                table = open_generation(self._data, name).successions()
                self._of = {name: (table, _ended(table))}
            return self._of[name]


def _ended(table: pa.Table) -> frozenset[str]:
    return frozenset(table.filter(pc.equal(table["how"], "went_on_as"))["family_id"].to_pylist())
