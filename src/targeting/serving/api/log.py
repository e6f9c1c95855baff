"""The service's log: a line of JSON an event on standard error. Nothing that was sent is in it; ids are hashed."""

import sys
import traceback
from collections.abc import Callable, MutableMapping
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

Log = structlog.typing.FilteringBoundLogger
Clock = Callable[[], datetime]


def make_log(clock: Clock) -> Log:
    """Return a log that says when each event was, by `clock`."""

    def at(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {"at": clock().isoformat(timespec="milliseconds"), **event}

    log: Log = structlog.wrap_logger(
        structlog.WriteLogger(sys.stderr),
        processors=[structlog.processors.add_log_level, at, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
    )
    return log


def where_raised(error: BaseException) -> list[str]:
    """Return the places that an error came through, innermost last; not its message, which could hold any value."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
