"""Events of many requests in one commit: each is durable before its request is answered, and none waits alone."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from targeting.serving.database.audit import AuditEvent

MOST_AT_ONCE = 256


@dataclass
class _Waiting:
    """An event that somebody waits for, until it is durable or could not be made so."""

    event: AuditEvent
    is_done: bool = False
    error: Exception | None = None


class GroupCommit:
    """Appends events for several threads: the first to come appends what waits by then, whoever it is of.

    A thread that comes alone appends its own event itself, without a change of thread.
    """

    def __init__(self, append: Callable[[Sequence[AuditEvent]], None]) -> None:
        self._append = append
        self._waiting: list[_Waiting] = []
        self._adding, self._leading = threading.Lock(), threading.Lock()

    def add(self, event: AuditEvent) -> None:
        """Return when the event is durable. Raises what kept it from being so."""
        own = _Waiting(event)
        with self._adding:
            self._waiting.append(own)
        while not own.is_done:
            with self._leading:
                if not own.is_done:
                    self._append_waiting()
        if own.error is not None:
            raise own.error

    def _append_waiting(self) -> None:
        with self._adding:
            taken, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
        error: Exception | None = None
        try:
            self._append([each.event for each in taken])
        # Whatever it was, whoever waits has to be told, and the next events may fare better.
        except Exception as raised:
            error = raised
        for each in taken:
            each.error, each.is_done = error, True
