"""Decided flags as the district's figures have them: at every question what the store says then, read but once."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL

from targeting.serving.database.audit import AuditEvent
from targeting.serving.database.database import Database
from targeting.serving.database.decisions import NewDecision, record_decision
from targeting.serving.decisions import Decision
from targeting.serving.district.decided_flags import DecidedFlag, DecidedFlags

SAID: dict[str, Any] = {
    "decision": "offer_help",
    "reason": "The school knows more.",
    "first_view": None,
    "threshold_level": "early_help",
    "children": [],
    "agreement": "not_sought_yet",
    "safe_contact": {"who": "the mother", "how": "by telephone", "when_not": ""},
    "owner": "family hub north",
    "due_date": date(2026, 4, 13),
    "follow_ups": [],
}
CONTACT = {"first_contact": {"contacted_on": date(2026, 4, 4), "by": "midwife"}}
OUTCOME = {"follow_ups": [{"months": 3, "outcome": "needs_met", "noted_on": date(2026, 7, 1)}]}


@pytest.fixture
def worker(tmp_path: Path):
    """Return a function that opens the store as one worker more, whose clock stands at a day."""
    opened: list[Database] = []

    def open_at(day: int, name: str = "service") -> Database:
        url = URL.create("sqlite", database=str(tmp_path / f"{name}.sqlite"))
        opened.append(Database(url, key=bytes(32), clock=lambda: datetime(2026, 4, day, 23, 30, tzinfo=UTC)))
        return opened[-1]

    yield open_at
    for each in opened:
        each.close()


def decide(database: Database, flag: str, instead_of: int = 0, **said: Any) -> None:
    new = NewDecision(
        flag_id=flag,
        list_id="l_1",
        family_id="f_1",
        subject="ada",
        role="chair",
        instead_of=instead_of,
        content=Decision.model_validate(SAID | said),
    )
    event = AuditEvent(subject="ada", role="chair", client="test", action="write_decision")
    database.write(lambda writing: record_decision(writing, new), audit=event)


def test_what_another_worker_records_is_there_at_the_next_question(worker):
    first, second = worker(1), worker(2)
    asked = DecidedFlags()
    assert asked.now(first) == {}
    decide(first, "g_1")
    waits = DecidedFlag(date(2026, 4, 1), has_outcome=False, awaits_contact=True, contacted_on=None)
    assert asked.now(first) == {"g_1": waits}
    decide(second, "g_2", decision="no_contact_needed_now", safe_contact=None)
    decided = DecidedFlag(date(2026, 4, 2), has_outcome=False, awaits_contact=False, contacted_on=None)
    assert asked.now(first) == {"g_1": waits, "g_2": decided}
    assert asked.now(first) is asked.now(first)


def test_the_last_revision_holds_and_the_first_ones_day_stays(worker):
    first, second = worker(1), worker(9)
    early, late = DecidedFlags(), DecidedFlags()
    decide(first, "g_1")
    assert early.now(first)["g_1"].contacted_on is None
    decide(second, "g_1", 1, **CONTACT)
    decide(second, "g_1", 2, **CONTACT, **OUTCOME)
    told = DecidedFlag(date(2026, 4, 1), has_outcome=True, awaits_contact=False, contacted_on=date(2026, 4, 4))
    # Read one after the other, and all at once.
    assert early.now(first) == late.now(second) == {"g_1": told}


def test_a_store_put_in_its_place_is_read_anew(worker):
    was, other = worker(1), worker(2, "other")
    asked = DecidedFlags()
    decide(was, "g_1")
    decide(was, "g_2")
    assert set(asked.now(was)) == {"g_1", "g_2"}
    decide(other, "g_3")
    assert set(asked.now(other)) == {"g_3"}
    assert asked.now(worker(3, "empty")) == {}
