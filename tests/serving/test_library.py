"""What a service reads: whole publications, each list once, new ones without a restart."""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from targeting.errors import DataError
from targeting.serving.library import Library
from targeting.serving.published import PublishedList, write_lists

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
