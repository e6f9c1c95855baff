"""What was recorded reaches the disk within a second, though no request waits for that."""

import os
import threading
from pathlib import Path

SECONDS = 0.5


class Flusher:
    """Flushes one file, now and then, after something was written to it. Its thread begins with the first write."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written, self._closed = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def note_write(self) -> None:
        """Have what was written flushed within half a second."""
        if not self._written.is_set():
            self._written.set()
        if self._thread is None:
            self._begin()

    def close(self) -> None:
        """Return when everything that was written is flushed."""
        self._closed.set()
        self._written.set()
        if self._thread is not None:
            self._thread.join()
        self._flush()

    def _begin(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="flush", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._closed.is_set():
            self._written.wait()
            self._closed.wait(SECONDS)
            self._written.clear()
            self._flush()

    def _flush(self) -> None:
        try:
            descriptor = os.open(self._path, os.O_RDONLY)
        except FileNotFoundError:
            # SQLite removes its journal once the last connection has put everything into the database itself.
            return
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
