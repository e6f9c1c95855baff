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
from targeting.serving.published import PublishedList
from targeting.serving.writing_lists import expire_lists, write_lists

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

    monkeypatch.setattr("targeting.serving.writing_lists.before", stop)
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


PARTS = {
    "flags.json": "flags",
    "passports.jsonl": "passports",
    "front_door.json": "front_door",
    "considered.parquet": "considered",
    "rules.json": "rules",
    "cohort_urgent.json": "plans",
    "resting.json": "resting",
    "left_out.json": "left_out",
    "families.jsonl": "records",
}


@pytest.mark.parametrize("name", ["list.json", *PARTS])
def test_a_changed_list_is_not_served(a_list: Make, tmp_path: Path, name: str) -> None:
    published = a_list()
    write_lists([published], data=tmp_path)
    path = tmp_path / "published" / published.head.id / name
    content = path.read_bytes()
    path.write_bytes(content + b" ")
    library = Library(tmp_path)
    for _ in range(2):
        with pytest.raises(DataError, match=f"{name} was changed after it was published; restore it"):
            library.current()
    path.write_bytes(content)
    assert library.current() == (published,)


@pytest.fixture
def two_weeks(a_list: Make, tmp_path: Path) -> tuple[PublishedList, PublishedList]:
    earlier, later = a_list(as_of=date(2026, 3, 23)), a_list()
    write_lists([earlier], data=tmp_path)
    write_lists([later], data=tmp_path)
    return earlier, later


def test_of_an_older_list_nothing_but_its_head_is_read_until_it_is_asked_for(
    two_weeks: tuple[PublishedList, PublishedList], tmp_path: Path
) -> None:
    earlier, later = two_weeks
    folder = tmp_path / "published" / earlier.head.id
    for name in PARTS:
        (folder / name).rename(folder / f"{name}.away")
    library = Library(tmp_path)
    assert library.current() == (later,)
    assert [each.head for each in library.lists()] == [later.head, earlier.head]
    found = library.flag(later.flags[0].id)
    assert found is not None
    assert found.passport == later.passports[0]
    old = library.list(earlier.head.id)
    for name, part in PARTS.items():
        with pytest.raises(DataError, match=rf"published list cannot be read.*{name}"):
            getattr(old, part)
        (folder / f"{name}.away").rename(folder / name)
        assert getattr(old, part) == getattr(earlier, part)
    assert old == earlier


def test_a_flag_is_looked_for_on_later_lists_first(a_list: Make, tmp_path: Path) -> None:
    lists = [a_list(as_of=date(2026, 3, day)) for day in (16, 23, 30)]
    for each in lists:
        write_lists([each], data=tmp_path)
    (tmp_path / "published" / lists[0].head.id / "flags.json").write_text("[]")
    library = Library(tmp_path)
    for each in lists[1:]:
        found = library.flag(each.flags[1].id)
        assert found is not None
        assert (found.on, found.flag, found.passport) == (each, each.flags[1], each.passports[1])
    for flag_id in (lists[0].flags[0].id, "g_absent"):
        with pytest.raises(DataError, match=r"flags\.json was changed"):
            library.flag(flag_id)


def test_the_flags_of_a_family_on_a_list_keep_their_places(a_list: Make, tmp_path: Path) -> None:
    published = a_list()
    write_lists([published], data=tmp_path)
    library, families = Library(tmp_path), [each.family_id for each in published.flags]
    (found,) = library.flags_of(published, {families[1], "f_nobody"})
    assert (found.id, found.family_id, found.place) == (published.flags[1].id, families[1], 1)
    assert list(library.families_by_flag(published).values()) == families


def test_many_threads_that_ask_at_once_read_the_same(
    two_weeks: tuple[PublishedList, PublishedList], tmp_path: Path
) -> None:
    earlier, later = two_weeks
    library, start, told = Library(tmp_path), threading.Barrier(8), []

    def ask() -> None:
        start.wait()
        library.read()
        found = library.flag(earlier.flags[0].id)
        told.append((library.lists() == (later, earlier), found is not None and found.flag == earlier.flags[0]))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert told == [(True, True)] * 8


def test_a_list_that_is_older_now_is_the_same(a_list: Make, tmp_path: Path) -> None:
    earlier, later = a_list(as_of=date(2026, 3, 23)), a_list()
    write_lists([earlier], data=tmp_path)
    library = Library(tmp_path)
    before = library.current()[0]
    write_lists([later], data=tmp_path)
    assert library.list(earlier.head.id) == before == earlier


def test_it_is_read_once_its_lists_and_the_ids_of_their_flags_are(
    two_weeks: tuple[PublishedList, PublishedList], tmp_path: Path
) -> None:
    os.utime(tmp_path / "published", (1, 1))
    library = Library(tmp_path)
    library.lists()
    assert not library.is_read()
    library.read()
    assert library.is_read()
