"""What a service reads: whole publications, each list once, new ones without a restart."""

import os
import shutil
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from targeting.errors import DataError
from targeting.serving.chaining import Chain
from targeting.serving.library import STEP_NANOSECONDS, Library
from targeting.serving.published import PublishedList, expire_lists, write_lists

Make = Callable[..., PublishedList]


def test_before_the_first_list_there_is_none(tmp_path: Path) -> None:
    library = Library(tmp_path)
    assert (library.lists(), library.current(), library.list("l_"), library.flag("g_")) == ((), (), None, None)


def test_a_list_published_while_serving_is_found(a_list: Make, tmp_path: Path) -> None:
    library = Library(tmp_path)
    earlier, later = a_list(as_of=date(2026, 3, 23)), a_list()
    write_lists([earlier], data=tmp_path)
    assert library.current() == (earlier,)
    write_lists([later], data=tmp_path)
    assert library.current() == (later,)
    assert library.lists() == (later, earlier)


def test_a_folder_that_was_not_changed_is_not_read_again(a_list: Make, tmp_path: Path) -> None:
    earlier, later = a_list(as_of=date(2026, 3, 23)), a_list()
    write_lists([earlier], data=tmp_path)
    os.utime(tmp_path / "published", (1, 1))
    library = Library(tmp_path)
    assert library.lists() is library.lists()
    write_lists([later], data=tmp_path)
    assert library.lists() == (later, earlier)


def test_what_appears_while_a_list_is_read_is_found_though_the_folders_time_stays(a_list: Make, tmp_path: Path) -> None:
    kinds = ("offer", "review")
    offer, review = (a_list(kind=kind, together=kinds) for kind in kinds)
    write_lists([offer], data=tmp_path)
    folder = tmp_path / "published"
    manifest = folder / offer.head.id / "manifest.json"
    content, is_within_a_step = manifest.read_bytes(), False
    manifest.unlink()
    os.mkfifo(manifest)
    # Whoever reads a pipe waits until somebody writes: the list is being read while the other one appears.
    while not is_within_a_step:
        shutil.rmtree(folder / review.head.id, ignore_errors=True)
        library, at = Library(tmp_path), time.time_ns()
        os.utime(folder, ns=(at, at))
        reading = threading.Thread(target=library.lists)
        reading.start()
        with manifest.open("wb") as pipe:
            is_within_a_step = time.time_ns() - at < STEP_NANOSECONDS
            write_lists([review], data=tmp_path)
            os.utime(folder, ns=(at, at))
            while time.time_ns() - at <= STEP_NANOSECONDS:
                pass
            pipe.write(content)
        reading.join()
    assert library.current() == (offer, review)


def test_a_list_whose_expiry_was_stopped_half_way_is_not_served(
    a_list: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = a_list()
    write_lists([published], data=tmp_path, seal=lambda *_: Chain(audit_head="0:0", links=()))
    os.utime(tmp_path / "published", (1, 1))
    library = Library(tmp_path)
    assert library.lists() == (published,)

    def stop(step: str) -> None:
        if step.startswith("remove"):
            raise KeyboardInterrupt

    monkeypatch.setattr("targeting.serving.published.before", stop)
    with pytest.raises(KeyboardInterrupt):
        expire_lists(tmp_path, on=date(2060, 1, 1))
    assert (library.lists(), library.list(published.head.id)) == ((), None)


def test_a_publication_is_current_only_when_it_is_whole(a_list: Make, tmp_path: Path) -> None:
    kinds = ("offer", "review")
    before = [a_list(as_of=date(2026, 3, 23), kind=kind, together=kinds) for kind in kinds]
    offer, review = (a_list(kind=kind, together=kinds) for kind in kinds)
    write_lists(before, data=tmp_path)
    write_lists([offer], data=tmp_path)
    library = Library(tmp_path)
    assert library.current() == tuple(before)
    assert (library.list(offer.head.id), library.flag(offer.flags[0].id)) == (None, None)
    write_lists([offer, review], data=tmp_path)
    assert library.current() == (offer, review)


def test_lists_of_one_date_stand_as_declared(a_list: Make, tmp_path: Path) -> None:
    kinds = ("review", "offer")
    write_lists([a_list(kind=kind, together=kinds) for kind in sorted(kinds)], data=tmp_path)
    assert [each.head.kind for each in Library(tmp_path).current()] == ["review", "offer"]


def test_a_flag_is_found_with_its_list_and_passport(a_list: Make, tmp_path: Path) -> None:
    published = a_list()
    write_lists([published], data=tmp_path)
    found = Library(tmp_path).flag(published.flags[1].id)
    assert found is not None
    assert (found.on, found.flag, found.passport) == (published, published.flags[1], published.passports[1])


def test_a_changed_list_is_not_served(a_list: Make, tmp_path: Path) -> None:
    published = a_list()
    write_lists([published], data=tmp_path)
    (tmp_path / "published" / published.head.id / "flags.json").write_text("[]")
    with pytest.raises(DataError, match=r"flags\.json was changed"):
        Library(tmp_path).current()
