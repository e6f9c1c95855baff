"""The store's tables: decisions by revision, answers kept, sign-ins, the off switch, migrations, modes of files."""

import stat
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import URL, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from targeting.errors import TargetingError
from targeting.serving.database import connecting
from targeting.serving.database.answered_once import (
    AnotherRequestError,
    Answered,
    AnsweredBefore,
    RequestKey,
    check_not_answered,
    keep_answer,
    request_digest,
)
from targeting.serving.database.connecting import parsed_url, writing_engine
from targeting.serving.database.database import Database, Writing, open_database
from targeting.serving.database.decisions import (
    NewDecision,
    StaleRevisionError,
    changed_since,
    is_owner,
    record_decision,
    revision_of,
    revisions,
)
from targeting.serving.database.migrating import CURRENT, MIGRATIONS
from targeting.serving.database.sign_ins import Person, begin_session, end_session, make_link, session_of
from targeting.serving.database.tables import METADATA


@pytest.fixture
def decide(database: Database, an_event, a_decision):
    """Return a function that records a decision on a flag instead of a revision."""

    def record(flag: str, instead_of: int, by: str = "ada", **content: object):
        new = NewDecision(
            flag_id=flag,
            list_id="l_1",
            family_id=flag.replace("g_", "f_"),
            subject=by,
            role="chair",
            instead_of=instead_of,
            content=a_decision(**content),
        )
        return database.write(lambda writing: record_decision(writing, new), audit=an_event(action="write_decision"))

    return record


def test_a_decision_is_revised_by_a_new_revision(database: Database, decide):
    decide("g_1", 0, decision="offer_help")
    decide("g_2", 0)
    decide("g_1", 1, by="ben", decision="no_contact_needed_now", reason="The family has moved.")
    with database.reading() as connection:
        told = [(each.revision, each.recorded_by, each.content.decision) for each in revisions(connection, "g_1")]
        assert told == [(1, "ada", "offer_help"), (2, "ben", "no_contact_needed_now")]
        assert [revision_of(connection, flag) for flag in ("g_1", "g_2", "g_3")] == [2, 1, 0]
        changed = changed_since(connection, 0, limit=10)
        assert [(each.flag_id, each.revision) for each in changed] == [("g_1", 1), ("g_2", 1), ("g_1", 2)]
        assert changed_since(connection, changed[1].sequence, limit=10) == changed[2:]


def test_of_two_who_decide_at_once_the_second_is_told(decide):
    decide("g_1", 0)
    with pytest.raises(StaleRevisionError) as raised:
        decide("g_1", 0, by="ben")
    assert raised.value.current == 1


def test_twenty_who_decide_at_once_lose_nothing(database: Database, decide):
    taken: list[int] = []

    def insist(number: int) -> None:
        at = 0
        while True:
            try:
                taken.append(decide("g_1", at, by=f"p{number}").revision)
                return
            except StaleRevisionError as error:
                at = error.current

    threads = [threading.Thread(target=insist, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, 21))
    with database.reading() as connection:
        assert {each.recorded_by for each in revisions(connection, "g_1")} == {f"p{number}" for number in range(20)}
    assert database.check_audit_log().seq == 20


def test_the_owner_of_the_last_decision_works_with_the_family(database: Database, decide):
    decide("g_1", 0, owner="ada")
    with database.reading() as connection:
        assert (is_owner(connection, "f_1", "ada"), is_owner(connection, "f_2", "ada")) == (True, False)
    decide("g_1", 1, owner="ben")
    with database.reading() as connection:
        assert (is_owner(connection, "f_1", "ada"), is_owner(connection, "f_1", "ben")) == (False, True)


def test_a_request_sent_again_is_answered_as_before_for_a_day(database: Database, an_event, moment):
    one = RequestKey("client", "ada", "key-1", request_digest("PUT", "/x", b"{}", {"if-match": '"r0"'}))
    other = RequestKey("client", "ada", "key-1", request_digest("PUT", "/x", b"[]", {"if-match": '"r0"'}))
    of_another = RequestKey("client", "ben", "key-1", one.request_digest)
    answered = Answered(200, '"r1"', b'{"revision": 1}')

    def ask(key: RequestKey) -> None:
        def work(writing: Writing) -> None:
            check_not_answered(writing, key)
            keep_answer(writing, key, answered)

        database.write(work, audit=an_event())

    ask(one)
    with pytest.raises(AnsweredBefore) as raised:
        ask(one)
    assert raised.value.answered == answered
    with pytest.raises(AnotherRequestError):
        ask(other)
    ask(of_another)
    moment.pass_by(timedelta(hours=24))
    ask(other)


def test_a_link_signs_in_once_and_a_session_ends(database: Database, an_event, moment):
    ada = Person("ada", "chair", "schools", ("north", "the rest"))
    secret = database.write(lambda writing: make_link(writing, ada), audit=an_event())

    def begin(link: str) -> str | None:
        return database.write(lambda w: begin_session(w, link, lasts=timedelta(hours=8)), audit=an_event())

    def signed_in(session: str) -> Person | None:
        with database.reading() as connection:
            found = session_of(connection, session, database.clock())
            return found.person if found else None

    first = begin(secret)
    assert first is not None
    assert signed_in(first) == ada
    assert begin(secret) is None
    assert signed_in("guessed") is None
    moment.pass_by(timedelta(hours=8))
    assert signed_in(first) is None
    late = database.write(lambda writing: make_link(writing, ada), audit=an_event())
    moment.pass_by(timedelta(hours=12))
    assert begin(late) is None
    again = begin(database.write(lambda writing: make_link(writing, ada), audit=an_event()))
    assert again is not None
    database.write(lambda writing: end_session(writing, again), audit=an_event())
    assert signed_in(again) is None


def test_secrets_are_not_kept(database: Database, an_event):
    secret = database.write(lambda writing: make_link(writing, Person("ada", "chair")), audit=an_event())
    with database.reading() as connection:
        held = connection.execute(text("select * from sign_in_links")).one()
    assert secret not in str(held)


def test_migrations_make_the_tables_that_the_program_knows(database: Database, database_url: URL):
    assert max(path.stem[:4] for path in (MIGRATIONS / "versions").glob("0*.py")) == CURRENT
    engine = create_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_a_store_of_a_newer_program_is_left_alone(database: Database, database_url: URL, another):
    database.close()
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    engine.dispose()
    with pytest.raises(TargetingError, match=f"9999, which a newer Targeting made; this one knows {CURRENT}"):
        another()


def test_workers_that_start_at_once_migrate_once(database_url: URL, another):
    opened: list[Database] = []
    threads = [threading.Thread(target=lambda: opened.append(another())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.head().seq for each in opened] == [0] * 4


def test_only_its_owner_may_read_the_file(tmp_path: Path, an_event, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("TARGETING_DATABASE_URL", raising=False)
    opened = open_database(tmp_path / "var", key=bytes(32))
    opened.record(an_event())
    found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "var").glob("service.sqlite*")}
    opened.close()
    assert found == {"service.sqlite": 0o600, "service.sqlite-wal": 0o600, "service.sqlite-shm": 0o600}


def test_a_store_that_cannot_be_opened_is_told_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(TargetingError, match=r"the service's own store, cannot be opened \(FileExistsError\): its fo"):
        open_database(tmp_path / "file" / "var", key=bytes(32))
    (tmp_path / "service.sqlite").write_text("This is no database, whatever else it is." * 20)
    with pytest.raises(TargetingError, match=r"service\.sqlite, .+ cannot be opened \(DatabaseError\): "):
        open_database(tmp_path, key=bytes(32))
    monkeypatch.setenv("TARGETING_DATABASE_URL", f"postgresql://somebody:secret@/none?host={tmp_path}")
    with pytest.raises(TargetingError, match=r"^the database that TARGETING_DATABASE_URL names cannot be") as told:
        open_database(tmp_path, key=bytes(32))
    assert "secret" not in str(told.value)
    assert "somebody" not in str(told.value)


def test_whoever_holds_the_audit_log_for_ever_is_not_waited_for_long(
    another, database_url: URL, an_event, monkeypatch: pytest.MonkeyPatch
):
    another()
    monkeypatch.setattr(connecting, "BUSY_MILLISECONDS", 200)
    hurried = another()
    with writing_engine(database_url, is_flushed=True).begin() as _held:
        with pytest.raises(SQLAlchemyError):
            hurried.write(lambda _writing: None, audit=an_event())
        with pytest.raises(SQLAlchemyError):
            hurried.record(an_event())
    hurried.record(an_event())


@pytest.mark.parametrize("named", ["", "mysql://user:secret@host/db", "sqlite://", "sqlite:///:memory:", "::"])
def test_a_url_of_another_kind_is_told_without_repeating_it(named: str):
    message = r"^TARGETING_DATABASE_URL: expected postgresql://USER@HOST/DATABASE or sqlite:////PATH\.$"
    with pytest.raises(TargetingError, match=message):
        parsed_url(named)
