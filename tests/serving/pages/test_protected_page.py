"""The page of protected identities: for the one manager named, whatever their role; for nobody else."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from targeting.records.contract import contract
from targeting.serving.access.definition import ROLES, Access
from targeting.serving.api.guard import COOKIE
from targeting.serving.protected import ProtectedRecords
from targeting.serving.served import BesideLists, Served
from targeting.store.staging import open_staging

LINK = 'href="/protected"'
MARKS = """
create table facts_identity_protected as select * from (values
    ('r_jodie', 'housing', 'sealed', null),
    ('r_alfie', 'housing', 'sealed', null),
    ('r_mistake', 'housing', 'sealed', date '2026-01-01'),
    ('r_bea', 'council', 'never_joined', null)
) as marks(record_id, source, handling, superseded_on)
"""


@pytest.fixture
def enter(tmp_path: Path, visit: Callable[..., Any], doors_of: Callable[..., Any]) -> Callable[..., Any]:
    """Return what signs somebody in, by role and subject, to a service whose named manager is mia, or nobody."""

    def signed_in(role: str, subject: str, manager: str | None = "mia") -> Any:
        records = ProtectedRecords(tmp_path, contract(), {"housing": "refuge services"})
        served = Served(tmp_path, district="Bradford", signers=(), beside=BesideLists(protected=records))
        access = {"declared": Access(protected_identities_manager=manager)}
        session = doors_of(tmp_path, **access).session(role, subject=subject)
        doors = doors_of(tmp_path, **access)
        return replace(visit(served, **access), session=session, csrf=doors.csrf(f"{COOKIE}={session}"))

    return signed_in


def events(folder: Path, doors_of: Callable[..., Any]) -> list[tuple[str, str, str]]:
    asked = "select action, subject, families from audit_events where action like '%see_protected' order by seq"
    with doors_of(folder).control.database.reading() as connection:
        return [tuple(row) for row in connection.execute(text(asked))]


def test_the_named_manager_sees_counts_by_agency_and_nothing_of_whom(
    enter: Any, tmp_path: Path, read: Any, doors_of: Callable[..., Any]
) -> None:
    with open_staging(tmp_path) as staging:
        staging.connection.execute(MARKS)
    # Whatever the role.
    for role in ("manager", "chair"):
        visitor = enter(role, "mia")
        answered = visitor.get("/protected")
        page = read(answered.text).text
        assert answered.status_code == 200
        assert "3 records are marked as protected." in page
        assert "Refuge services 2 Sealed at load (witness protection" in page
        assert "Council 1 Records from before and after are never compared" in page
        assert "r_" not in page
        assert LINK in visitor.get("/indicators").text
    assert events(tmp_path, doors_of) == [("see_protected", "mia", "[]")] * 2


def test_nobody_else_is_let_in_or_led_there_and_who_tried_is_kept(
    enter: Any, tmp_path: Path, doors_of: Callable[..., Any]
) -> None:
    with open_staging(tmp_path) as staging:
        staging.connection.execute(MARKS)
    people = [role for role in ROLES if role != "integration_client"]
    for role in people:
        visitor = enter(role, "somebody")
        assert visitor.get("/protected").status_code == 403, role
        assert LINK not in visitor.get("/indicators").text, role
    assert events(tmp_path, doors_of) == [("refused see_protected", "somebody", "[]")] * len(people)
    assert enter("manager", "", None).get("/protected").status_code == 403


def test_before_anything_is_loaded_there_is_nothing_to_tell_and_nothing_is_made(
    enter: Any, tmp_path: Path, read: Any
) -> None:
    page = read(enter("manager", "mia").get("/protected").text).text
    assert "No record that is loaded is marked as protected." in page
    assert not (tmp_path / "staging.duckdb").exists()


def test_the_page_reads_beside_other_readers_and_says_that_it_waits_for_a_load(
    enter: Any, tmp_path: Path, read: Any, doors_of: Callable[..., Any]
) -> None:
    with open_staging(tmp_path) as staging:
        staging.connection.execute(MARKS)
    visitor = enter("manager", "mia")
    before = (tmp_path / "staging.duckdb").read_bytes()
    with held_by_another_process(tmp_path, "read_only=True"):
        assert "3 records are marked as protected." in read(visitor.get("/protected").text).text
    assert (tmp_path / "staging.duckdb").read_bytes() == before
    with held_by_another_process(tmp_path, "read_only=False"):
        answered = visitor.get("/protected")
    assert (answered.status_code, "Records are being loaded now" in answered.text) == (503, True)
    assert "PID" not in answered.text
    assert "3 records are marked" in visitor.get("/protected").text
    assert len(events(tmp_path, doors_of)) == 3


@contextmanager
def held_by_another_process(folder: Path, how: str) -> Iterator[None]:
    """Keep the staging database open in another process, as a load does (or as another reader does)."""
    code = f"import duckdb, sys; held = duckdb.connect(sys.argv[1], {how}); print('open', flush=True); sys.stdin.read()"
    asked = [sys.executable, "-c", code, str(folder / "staging.duckdb")]
    with subprocess.Popen(asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield
        process.communicate()
