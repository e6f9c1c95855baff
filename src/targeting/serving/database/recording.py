"""Appends views to the audit log by the driver itself: SQLAlchemy takes twice as long as so small a transaction."""

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from targeting.serving.database.audit import HEAD, INSERT, NO_EVENT, AuditChain, AuditEvent, AuditHead
from targeting.serving.database.connecting import taking_turn


class Recorder:
    """Appends events, each time in a transaction of its own, by the statements that SQLAlchemy writes for an engine."""

    def __init__(self, engine: Engine, chain: AuditChain, *, clock: Callable[[], datetime]) -> None:
        self._engine, self._chain, self._clock = engine, chain, clock
        inserting = INSERT.compile(engine)
        self._turn, self._insert = taking_turn(engine.url), inserting.string
        self._head = HEAD.compile(engine, compile_kwargs={"literal_binds": True}).string
        self._order = inserting.positiontup
        self._fault: type[Exception] = engine.dialect.loaded_dbapi.Error

    def append(self, events: Sequence[AuditEvent]) -> None:
        """Append events behind the last one. Raises DBAPIError where the database does not take them: none then."""
        try:
            # Closing it rolls back, and lets go of a connection that is broken.
            with closing(self._engine.raw_connection()) as connection:
                self._append(connection.cursor(), events)
                connection.commit()
        except self._fault as fault:
            raise DBAPIError("append to the audit log", None, fault, hide_parameters=True) from None

    def _append(self, cursor: Any, events: Sequence[AuditEvent]) -> None:
        cursor.execute(self._turn)
        cursor.execute(self._head)
        last = cursor.fetchone()
        rows = self._chain.rows(events, after=AuditHead(*last) if last else NO_EVENT, at=self._clock())
        cursor.executemany(self._insert, [self._bound(row) for row in rows])

    def _bound(self, row: dict[str, Any]) -> Any:
        """Return a row as the driver takes it: in the statement's order, or by name."""
        return [row[name] for name in self._order] if self._order is not None else row
