"""The service's own store, on both kinds of database, at a fixed moment."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import URL

from targeting.serving.database.audit import AuditEvent
from targeting.serving.database.database import Database
from targeting.serving.decisions import Decision

START = datetime(2026, 3, 30, 6, 0, tzinfo=UTC)
KEY = bytes(range(32))


class Moment:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, how_long: timedelta) -> None:
        """Move on."""
        self.at += how_long


@pytest.fixture
def moment() -> Moment:
    return Moment()


@pytest.fixture
def another(database_url: URL, moment: Moment) -> Iterator[Callable[..., Database]]:
    """Return a function that opens the store once more, as another worker does."""
    opened = []

    def make(url: URL | None = None, key: bytes = KEY) -> Database:
        opened.append(Database(url or database_url, key=key, clock=moment))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


@pytest.fixture
def database(another: Callable[..., Database]) -> Database:
    return another()


@pytest.fixture
def an_event() -> Callable[..., AuditEvent]:
    """Return a function that makes an event; what is not given is as a panel member who reads a flag."""

    def make(**changed: object) -> AuditEvent:
        usual = {"subject": "ada", "role": "panel_member", "client": "pages", "action": "read_flag"}
        return AuditEvent(**{**usual, "what": "g_1", "families": ("f_1",), "purpose": "early_help", **changed})  # type: ignore[arg-type]

    return make


@pytest.fixture
def a_decision() -> Callable[..., Decision]:
    """Return a function that makes a decision; what is not given is an offer of help that can be recorded."""

    def make(**changed: object) -> Decision:
        usual = {
            "decision": "offer_help",
            "reason": "School and mother both ask for support with mornings.",
            "first_view": None,
            "threshold_level": "early_help",
            "children": [],
            "agreement": "agreed",
            "safe_contact": {"who": "mother", "how": "by phone", "when_not": "after 16:00"},
            "owner": "ada",
            "due_date": date(2026, 4, 6),
            "follow_ups": [],
        }
        return Decision.model_validate({**usual, **changed})

    return make
