"""A publication killed at any moment leaves the last whole lists served; the next run completes it."""

import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import URL

from targeting.serving import writing_lists as publishing
from targeting.serving.chaining import chain_faults, file_faults, log_faults, sealing
from targeting.serving.database.database import Database
from targeting.serving.library import Library
from targeting.serving.published import PublishedList, list_files, read_chain
from targeting.serving.writing_lists import AlreadyPublishedError, write_lists
from targeting.store import files

Make = Callable[..., PublishedList]
KEY = b"k" * 32
OLD, NEW = date(2026, 3, 23), date(2026, 3, 30)
KINDS = ("offer", "review")


@pytest.fixture
def store(tmp_path: Path) -> URL:
    """Return where the service's own store lies: one for all the districts of a test."""
    return URL.create("sqlite", database=str(tmp_path / "service.sqlite"))


@pytest.fixture
def database(store: URL) -> Iterator[Database]:
    opened = Database(store, key=KEY)
    yield opened
    opened.close()


def publish(data: Path, lists: list[PublishedList], database: Database) -> None:
    write_lists(lists, data=data, seal=sealing(database, KEY))


def publish_apart(data: Path, lists: list[PublishedList], store: URL) -> None:
    """Publish in a process of its own, which may not use a connection that was opened before it forked."""
    publish(data, lists, Database(store, key=KEY))


@pytest.fixture
def both(a_list: Make) -> list[PublishedList]:
    return [a_list(as_of=NEW, kind=kind, together=KINDS) for kind in KINDS]


@pytest.fixture
def last_week(a_list: Make, tmp_path: Path, database: Database) -> Path:
    """Return a data folder that serves the lists of the week before; copied, a district of its own."""
    data = tmp_path / "last week"
    publish(data, [a_list(as_of=OLD, kind=kind, together=KINDS) for kind in KINDS], database)
    return data


def in_a_process_of_its_own(work: Callable[[], object]) -> int:
    """Run `work` in a fork and return its process id; the fork ends when the work does."""
    process = os.fork()
    if process:
        return process
    try:
        work()
    finally:
        os._exit(0)


def killed(process: int) -> bool:
    return os.WIFSIGNALED(os.waitpid(process, 0)[1])


def check(data: Path, both: list[PublishedList], database: Database) -> None:
    """Hold what a killed run left to what is promised, and the next run's to what a calm one makes."""
    there = [(data / "published" / each.head.id).exists() for each in both]
    assert [each.head.as_of_date for each in Library(data).current()] == [NEW if all(there) else OLD] * 2
    if all(there):
        with pytest.raises(AlreadyPublishedError, match="as of 2026-03-30 is published already"):
            publish(data, both, database)
    else:
        publish(data, both, database)
    assert Library(data).current() == tuple(both)
    assert [path.name for path in (data / "published").glob(".unfinished-*")] == []
    for each in both:
        chain = read_chain(data, each.head.id)
        assert chain_faults(each.head.id, chain, key=KEY) == ()
        assert file_faults(chain, list_files(data, each.head.id)) == ()
        assert log_faults(each.head.id, chain, database) == ()


def test_killed_before_each_flush_and_rename_a_publication_is_completed_by_the_next(
    last_week: Path, both: list[PublishedList], database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    shutil.copytree(last_week, tmp_path / "calm")
    with monkeypatch.context() as patched:
        patched.setattr(files, "before", steps.append)
        patched.setattr(publishing, "before", steps.append)
        publish(tmp_path / "calm", both, database)
    assert [step for step in steps if step.startswith("rename")] == [
        f"rename .unfinished-{each.head.id}" for each in both
    ]
    for number in range(len(steps)):
        data = tmp_path / str(number)
        shutil.copytree(last_week, data)

        def work(data: Path = data, number: int = number) -> None:
            count = iter(range(1000))

            def kill(_step: str) -> None:
                if next(count) == number:
                    os.kill(os.getpid(), signal.SIGKILL)

            files.before = publishing.before = kill
            publish_apart(data, both, database.url)

        assert killed(in_a_process_of_its_own(work))
        check(data, both, database)


def test_killed_at_twenty_random_moments_a_publication_is_completed_by_the_next(
    last_week: Path, both: list[PublishedList], database: Database, tmp_path: Path
) -> None:
    drawing, killed_early = random.Random(7), 0
    shutil.copytree(last_week, tmp_path / "timed")
    started = time.perf_counter()
    assert not killed(in_a_process_of_its_own(lambda: publish_apart(tmp_path / "timed", both, database.url)))
    took = time.perf_counter() - started
    for number in range(20):
        data = tmp_path / str(number)
        shutil.copytree(last_week, data)
        process = in_a_process_of_its_own(lambda data=data: publish_apart(data, both, database.url))
        time.sleep(drawing.uniform(0, took))
        os.kill(process, signal.SIGKILL)
        killed_early += killed(process)
        check(data, both, database)
    assert killed_early > 5
