"""The audit log: appended to and never changed, whole or known not to be, beside every write."""

import re
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, text
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

import targeting
from targeting.errors import DataError
from targeting.serving.database.audit import AuditChain, AuditEvent, AuditHead
from targeting.serving.database.connecting import writing_engine
from targeting.serving.database.database import Database, Writing
from targeting.serving.database.decisions import NewDecision, record_decision
from targeting.serving.database.group_commit import GroupCommit
from targeting.serving.database.objections import Signed, record_objection
from targeting.serving.database.recording import Recorder
from targeting.serving.database.tables import APPEND_ONLY, METADATA

Event = Callable[..., AuditEvent]


def outside(url: URL, *statements: str) -> None:
    """Do to a database what somebody who holds its file, or its password, may try."""
    engine = create_engine(url)
    with engine.begin() as connection:
        for each in statements:
            connection.execute(text(each))
    engine.dispose()


def without_triggers(url: URL, statement: str) -> None:
    """Change a row of the log as its owner may, who can remove the triggers first."""
    if url.get_backend_name() == "sqlite":
        outside(url, "drop trigger audit_events_no_update", "drop trigger audit_events_no_delete", statement)
    else:
        outside(url, "alter table audit_events disable trigger all", statement)


def rows(database: Database) -> list[tuple[object, ...]]:
    with database.reading() as connection:
        asked = text("select seq, at, subject, action, what, families, details from audit_events order by seq")
        return [tuple(row) for row in connection.execute(asked)]


def test_an_event_says_who_did_what_with_whom_and_when(database: Database, an_event: Event, moment):
    database.record(an_event())
    moment.pass_by(timedelta(hours=1))
    database.record(an_event(action="read_flags", families=("f_2", "f_3"), details={"limit": 2}))
    assert rows(database) == [
        (1, "2026-03-30T06:00:00.000000+00:00", "ada", "read_flag", "g_1", '["f_1"]', "{}"),
        (2, "2026-03-30T07:00:00.000000+00:00", "ada", "read_flags", "g_1", '["f_2", "f_3"]', '{"limit": 2}'),
    ]
    assert database.check_audit_log() == database.head()


def test_an_event_that_the_database_does_not_take_is_told_and_the_next_one_is_taken(
    database: Database, database_url: URL, an_event: Event
):
    database.record(an_event())
    outside(database_url, "alter table audit_events rename to aside")
    with pytest.raises(SQLAlchemyError, match="append to the audit log"):
        database.record(an_event())
    outside(database_url, "alter table aside rename to audit_events")
    database.record(an_event())
    assert database.head().seq == 2
    assert database.check_audit_log() == database.head()


def test_a_database_that_is_not_there_is_told_as_one_that_takes_no_event(
    tmp_path: Path, an_event: Event, moment: Callable[[], datetime]
):
    url = URL.create("sqlite", database=str(tmp_path / "gone" / "service.sqlite"))
    engine = writing_engine(url, is_flushed=False)
    (tmp_path / "gone" / "service.sqlite").unlink()
    (tmp_path / "gone").rmdir()
    with pytest.raises(SQLAlchemyError, match="append to the audit log"):
        Recorder(engine, AuditChain(bytes(32)), clock=moment).append([an_event()])


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_the_database_refuses_to_change_or_remove_what_is_appended(
    table: str, database: Database, database_url: URL, an_event: Event, a_decision
):
    new = NewDecision(
        flag_id="g_1", list_id="l_1", family_id="f_1", subject="a", role="chair", instead_of=0, content=a_decision()
    )
    database.write(lambda writing: record_decision(writing, new), audit=an_event())
    by = Signed("a", "administrator")
    database.write(lambda writing: record_objection(writing, person_id="p_1", record_id="r_1", by=by), audit=an_event())
    database.record(an_event())
    for statement in (f"update {table} set seq = seq + 1", f"delete from {table}"):  # noqa: S608 - our own tables.
        with pytest.raises(DatabaseError, match=f"{table} is append only"):
            outside(database_url, statement)
    assert database.check_audit_log().seq == 3


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("update audit_events set subject = 'eve' where seq = 2", "event 2 was changed"),
        ("update audit_events set families = '[]' where seq = 3", "event 3 was changed"),
        ("delete from audit_events where seq = 2", "event 2 is missing"),
        ("delete from audit_events where seq = 3", "ends with event 2, but event 3 was once its head"),
    ],
)
def test_what_was_changed_or_removed_behind_its_back_is_told(
    change: str, told: str, database: Database, database_url: URL, an_event: Event
):
    for number in range(3):
        database.record(an_event(what=f"g_{number}"))
    head = database.head()
    assert database.check_audit_log([head]) == head
    without_triggers(database_url, change)
    with pytest.raises(DataError, match=told):
        database.check_audit_log([head])


def test_a_log_written_with_another_key_does_not_hold(database: Database, another, an_event: Event):
    database.record(an_event())
    with pytest.raises(DataError, match="event 1 was changed, or was not written with this key"):
        another(key=bytes(32)).check_audit_log()


def test_another_head_than_the_one_published_is_told(database: Database, an_event: Event):
    database.record(an_event())
    with pytest.raises(DataError, match="event 1 is not the one that was published as its head"):
        database.check_audit_log([AuditHead(1, "0" * 64)])


def test_workers_and_threads_append_to_one_chain(database: Database, another, an_event: Event):
    workers = [database, another(), another()]

    def append(worker: Database, name: str) -> None:
        for _ in range(20):
            worker.record(an_event(subject=name))
        worker.write(lambda _writing: None, audit=an_event(subject=name, action="write"))

    threads = [
        threading.Thread(target=append, args=(worker, f"{place}{half}"))
        for place, worker in enumerate(workers)
        for half in "ab"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert database.check_audit_log().seq == len(threads) * 21
    told = [row[2] for row in rows(database)]
    assert {name: told.count(name) for name in set(told)} == {f"{p}{h}": 21 for p in range(3) for h in "ab"}


def test_whoever_waits_while_another_commits_goes_into_the_next_commit_together(an_event: Event):
    first_began, go_on = threading.Event(), threading.Event()
    commits: list[list[str]] = []

    def append(events: Sequence[AuditEvent]) -> None:
        commits.append(sorted(each.what for each in events))
        first_began.set()
        assert go_on.wait(30)

    group = GroupCommit(append)
    threads = [threading.Thread(target=group.add, args=(an_event(what=str(number)),)) for number in range(6)]
    threads[0].start()
    assert first_began.wait(30)
    for thread in threads[1:]:
        thread.start()
    while len(group._waiting) < 5:
        go_on.wait(0.001)
    go_on.set()
    for thread in threads:
        thread.join()
    assert commits == [["0"], ["1", "2", "3", "4", "5"]]


def test_whoever_waited_for_a_commit_that_failed_is_told_and_the_next_one_holds(an_event: Event):
    failures = [OSError("disk full")]

    def append(_events: Sequence[AuditEvent]) -> None:
        if failures:
            raise failures.pop()

    group = GroupCommit(append)
    with pytest.raises(OSError, match="disk full"):
        group.add(an_event())
    group.add(an_event())


def test_what_fails_leaves_neither_its_writes_nor_an_event(database: Database, an_event: Event):
    class OopsError(Exception):
        pass

    def fails(writing: Writing) -> None:
        writing.connection.execute(text("insert into sign_in_links values ('x', 'a', 'chair', '', 'later', '[]')"))
        raise OopsError

    with pytest.raises(OopsError):
        database.write(fails, audit=an_event())
    with database.reading() as connection:
        assert connection.execute(text("select count(*) from sign_in_links")).scalar_one() == 0
    assert database.head().seq == 0


def test_whoever_reads_cannot_write(database: Database):
    for table in METADATA.tables:
        with database.reading() as connection, pytest.raises(DatabaseError, match=r"(?i)read.?only"):
            connection.execute(text(f"delete from {table}"))  # noqa: S608


def test_nothing_but_write_and_record_opens_a_transaction_that_may_write():
    """The engines that write are named in one file; wherever a transaction begins by them, an event is appended."""
    source = Path(targeting.__file__).parent
    texts = {path.name: path.read_text() for path in (source / "serving").rglob("*.py")}
    assert {name for name, text in texts.items() if re.search(r"\b(_writer|_recording)\b", text)} == {"database.py"}
    made_by = {name for name, text in texts.items() if re.search(r"\bwriting_engine\b", text)}
    assert made_by == {"database.py", "connecting.py"}
    assert {name for name, text in texts.items() if "raw_connection" in text} == {"recording.py"}
    own, recording = texts["database.py"], texts["recording.py"]
    assert (own.count("_writer.begin()"), own.count("_chain.append(")) == (1, 1)
    assert re.findall(r"\w+\(self\._recording\b", own) == ["Recorder(self._recording"]
    assert (recording.count("raw_connection()"), recording.count("_chain.rows("), recording.count(".commit()")) == (
        1,
        1,
        1,
    )
    uses = re.findall(r"self\.(_writer|_recording)\b", own)
    assert (uses.count("_writer"), uses.count("_recording")) == (4, 3)
