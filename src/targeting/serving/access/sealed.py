"""Sealed families: somebody in them has a protected identity, so one named manager sees them and nobody else."""

import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from targeting.serving.current import CurrentGeneration
from targeting.store.generations import Generation, open_generation

KIND = "identity_protected"


def sealed_families(generation: Generation) -> frozenset[str]:
    """Return every family that somebody whose identity is protected belongs to, or ever belonged to."""
    held = generation.manifest.kinds.get(KIND)
    if held is None or not held.rows:
        return frozenset()
    people = pa.array(generation.facts(KIND)["person_id"].unique().to_pylist(), pa.string())
    memberships = generation.memberships()
    of_them = memberships.filter(pc.is_in(memberships["person_id"], value_set=people))
    return frozenset(of_them["family_id"].to_pylist())


class Sealed:
    """The sealed families of a data folder, as of its current generation."""

    def __init__(self, data: Path, *, manager: str | None) -> None:
        self._data, self._manager, self._current = data, manager, CurrentGeneration(data)
        self._of: dict[str, frozenset[str]] = {}
        self._lock = threading.Lock()

    def to(self, subject: str) -> frozenset[str]:
        """Return the families that somebody may not see."""
        if subject == self._manager:
            return frozenset()
        name = self._current.id()
        return self._families(name) if name is not None else frozenset()

    def _families(self, name: str) -> frozenset[str]:
        with self._lock:
            if name not in self._of:
                self._of = {name: sealed_families(open_generation(self._data, name))}
            return self._of[name]
