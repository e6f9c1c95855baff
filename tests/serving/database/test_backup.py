"""A backup is restored to what it was, on both kinds of database; a damaged one is not used."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, text

from targeting.errors import DataError, TargetingError
from targeting.serving.database.database import Database
from targeting.serving.database.decisions import NewDecision, record_decision, revisions
from targeting.serving.keeping import backup
from targeting.serving.keeping.backup import back_up, check_backup, restore

KEY = bytes(range(32))
AT = datetime(2026, 3, 30, 7, 0, tzinfo=UTC)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a data folder with a published list, keys, and what a killed publication left."""
    folder = tmp_path / "service"
    for name, content in (
        ("published/l_1/list.json", "{}"),
        ("published/.unfinished-l_2/list.json", "{"),
        ("keys/identity.key", "secret"),
        ("jobs/j_1/rows-000000", "rows that are kept for a day"),
        ("identities.sqlite", "encrypted"),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return folder


@pytest.fixture
def decided(database: Database, an_event, a_decision) -> Database:
    """Return a store in which one decision was recorded."""
    new = NewDecision(
        flag_id="g_1", list_id="l_1", family_id="f_1", subject="a", role="chair", instead_of=0, content=a_decision()
    )
    database.write(lambda writing: record_decision(writing, new), audit=an_event())
    return database


def emptied(url: URL) -> None:
    """Lose a store, as a disk is lost."""
    if url.get_backend_name() == "sqlite":
        return
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("drop schema public cascade"))
        connection.execute(text("create schema public"))
    engine.dispose()


def test_what_was_lost_is_restored(
    data: Path, decided: Database, another: Callable[..., Database], tmp_path: Path, an_event
):
    made = back_up(data, decided, out=tmp_path / "backup", at=AT)
    assert not (made.path / "data" / "keys").exists()
    assert not (made.path / "data" / "jobs").exists()
    assert (made.path.stat().st_mode & 0o777, (made.path / "backup.json").stat().st_mode & 0o777) == (0o700, 0o600)
    decided.record(an_event())
    decided.close()
    kept_apart = tmp_path / "kept-apart"
    shutil.copytree(data / "keys", kept_apart)
    shutil.rmtree(data)
    emptied(decided.url)
    restored = restore(made.path, data=data, url=decided.url, keys=kept_apart)
    again = another()
    assert again.check_audit_log([restored.head]) == made.head
    with again.reading() as connection:
        assert [each.revision for each in revisions(connection, "g_1")] == [1]
    assert (data / "published/l_1/list.json").read_text() == "{}"
    assert (data / "keys/identity.key").read_text() == "secret"
    assert not (data / "published/.unfinished-l_2").exists()


def test_what_is_recorded_while_a_backup_is_made_does_not_spoil_it(
    data: Path, decided: Database, tmp_path: Path, an_event, monkeypatch: pytest.MonkeyPatch
):
    copy = backup._copy_store

    def meanwhile(url: URL, folder: Path) -> None:
        decided.record(an_event())
        copy(url, folder)
        decided.record(an_event())

    monkeypatch.setattr(backup, "_copy_store", meanwhile)
    made = back_up(data, decided, out=tmp_path / "backup", at=AT)
    decided.close()
    shutil.rmtree(data)
    emptied(decided.url)
    restored = restore(made.path, data=data, url=decided.url, keys=None)
    again = Database(decided.url, key=KEY)
    assert (restored.head.seq, again.check_audit_log([restored.head]).seq) == (1, 2)
    again.close()


def test_what_is_in_use_is_not_overwritten(data: Path, decided: Database, tmp_path: Path):
    made = back_up(data, decided, out=tmp_path / "backup", at=AT)
    with pytest.raises(TargetingError, match=r"service holds data already: move it away first"):
        restore(made.path, data=data, url=decided.url, keys=None)
    with pytest.raises(TargetingError, match=r"backup exists already: name a folder that does not"):
        back_up(data, decided, out=tmp_path / "backup", at=AT)


def test_a_damaged_backup_is_told_by_file(data: Path, decided: Database, tmp_path: Path):
    made = back_up(data, decided, out=tmp_path / "backup", at=AT)
    (made.path / "data" / "published" / "l_1" / "list.json").write_text("{ }")
    (made.path / "data" / "more").write_text("")
    with pytest.raises(DataError, match=r"added since it was made: data/more, data/published/l_1/list\.json\.$"):
        check_backup(made.path)
    (made.path / "backup.json").write_text("{}")
    with pytest.raises(DataError, match=r"not a backup, or its backup\.json is damaged"):
        check_backup(made.path)
