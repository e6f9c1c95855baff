"""Sealed families: somebody in them has a protected identity, so one named manager sees them and nobody else."""

import threading
from pathlib import Path

import pyarrow.compute as pc

from targeting.errors import DataError
from targeting.serving.current import CurrentGeneration
from targeting.store.generations import Generation, generation_ids, open_generation


def sealed_families(generation: Generation) -> frozenset[str]:
    """Return every family that another generation on the disk holds, this one does not, and that went on as no other.

    No generation says who is sealed: `link` leaves such families out of the next one, while lists that were published
    before still name them. A family whose records are gone for another reason is not told of either.
    """
    data = generation.path.parents[1]
    before = [_held(data, name) for name in generation_ids(data) if name != generation.id]
    if not before:
        return frozenset()
    successions = generation.successions()
    went_on = successions.filter(pc.equal(successions["how"], "went_on_as"))["family_id"].to_pylist()
    return frozenset().union(*before) - _families(generation) - frozenset(went_on)


def _held(data: Path, name: str) -> frozenset[str]:
    try:
        return _families(open_generation(data, name))
    except (OSError, DataError):
        # `link` removes those that no list or model names, at this very moment perhaps.
        if name in generation_ids(data):
            raise
        return frozenset()


def _families(generation: Generation) -> frozenset[str]:
    return frozenset(generation.memberships()["family_id"].unique().to_pylist())


class Sealed:
    """The sealed families of a data folder, as of its current generation: of them no list tells any more."""

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

    def is_read(self) -> bool:
        """Return whether the families of the current generation were looked at before."""
        name = self._current.id()
        return name is None or name in self._of

    def _families(self, name: str) -> frozenset[str]:
        with self._lock:
            if name not in self._of:
                self._of = {name: sealed_families(open_generation(self._data, name))}
            return self._of[name]
