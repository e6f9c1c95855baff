"""Which generation is the current one: asked with every answer, so read only where it was replaced."""

from pathlib import Path

from targeting.store.generations import CURRENT, current_id


class CurrentGeneration:
    """The id of the current generation of a data folder. Safe to use from several threads."""

    def __init__(self, data: Path) -> None:
        self._data, self._file = data, data / CURRENT
        self._last: tuple[tuple[int, int], str | None] | None = None

    def id(self) -> str | None:
        """Return the id, or None before the first generation."""
        try:
            held = self._file.stat()
        except FileNotFoundError:
            return None
        # It is replaced whole by another file, never written to.
        which, last = (held.st_ino, held.st_mtime_ns), self._last
        if last is None or last[0] != which:
            self._last = last = which, current_id(self._data)
        return last[1]
