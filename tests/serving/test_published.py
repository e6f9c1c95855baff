"""A list is published whole or not at all, once, and read only as it was published."""

import fcntl
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from targeting.errors import DataError, TargetingError
from targeting.serving.chaining import Chain
from targeting.serving.contents import ListHead
from targeting.serving.published import PublishedList, find_flag, kept_parts, open_list, published_heads, read_list
from targeting.serving.writing_lists import AlreadyPublishedError, expire_lists, write_lists

Make = Callable[..., PublishedList]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_what_is_read_is_what_was_published(a_list: Make, tmp_path: Path) -> None:
    published = a_list()
    write_lists([published], data=tmp_path)
    assert read_list(tmp_path, published.head.id) == published


def test_a_list_of_before_it_was_told_for_whom_places_are_kept_is_read_as_it_was(a_list: Make, tmp_path: Path) -> None:
    published = a_list()
    said = published.head.model_dump(mode="json")
    del said["kept_for"]
    assert ListHead.model_validate_json(json.dumps(said)) == published.head


def test_the_same_list_makes_the_same_bytes(a_list: Make, tmp_path: Path) -> None:
    write_lists([a_list()], data=tmp_path / "one")
    write_lists([a_list()], data=tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_date_already_published_is_said_and_nothing_is_overwritten(a_list: Make, tmp_path: Path) -> None:
    write_lists([a_list()], data=tmp_path)
    before = contents(tmp_path)
    with pytest.raises(AlreadyPublishedError, match=r"as of 2026-03-30 is published already.*nothing was written"):
        write_lists([a_list()], data=tmp_path)
    assert contents(tmp_path) == before


def test_a_run_killed_between_two_lists_is_completed(a_list: Make, tmp_path: Path) -> None:
    offer, review = a_list(), a_list(kind="review")
    write_lists([offer], data=tmp_path)
    (tmp_path / "published" / f".unfinished-{review.head.id}").mkdir()
    write_lists([offer, review], data=tmp_path)
    assert [head.kind for head in published_heads(tmp_path)] == ["offer", "review"]
    assert not list((tmp_path / "published").glob(".unfinished-*"))


def test_a_killed_run_is_not_completed_from_another_model(a_list: Make, tmp_path: Path) -> None:
    offer = a_list()
    write_lists([offer], data=tmp_path)
    other = offer.head.provenance.model_copy(update={"bundle_digest": "other"})
    with pytest.raises(AlreadyPublishedError, match="published already"):
        write_lists([a_list(provenance=other), a_list(kind="review", provenance=other)], data=tmp_path)
    assert len(published_heads(tmp_path)) == 1


def test_a_second_run_at_the_same_time_is_told(a_list: Make, tmp_path: Path) -> None:
    (tmp_path / "published").mkdir()
    with (tmp_path / "published" / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(TargetingError, match="another run is publishing"):
            write_lists([a_list()], data=tmp_path)


@pytest.mark.parametrize(
    "name", ["list.json", "flags.json", "passports.jsonl", "front_door.json", "considered.parquet", "rules.json"]
)
def test_a_file_changed_after_publication_is_refused(a_list: Make, tmp_path: Path, name: str) -> None:
    published = a_list()
    write_lists([published], data=tmp_path)
    path = tmp_path / "published" / published.head.id / name
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(DataError, match=f"{name} was changed after it was published"):
        read_list(tmp_path, published.head.id)


def test_a_file_lost_is_said(a_list: Make, tmp_path: Path) -> None:
    published = a_list()
    write_lists([published], data=tmp_path)
    (tmp_path / "published" / published.head.id / "flags.json").unlink()
    with pytest.raises(DataError, match=r"cannot be read.*flags\.json"):
        read_list(tmp_path, published.head.id)


@pytest.mark.parametrize("wanted", ["l_absent", "l_/../../secrets", ""])
def test_an_absent_list_is_said(tmp_path: Path, wanted: str) -> None:
    with pytest.raises(DataError, match=r"no list .* is published"):
        read_list(tmp_path, wanted)


def test_the_latest_date_comes_first(a_list: Make, tmp_path: Path) -> None:
    for as_of in (date(2026, 3, 23), date(2026, 3, 30), date(2026, 3, 16)):
        write_lists([a_list(as_of=as_of)], data=tmp_path)
    assert [head.as_of_date.day for head in published_heads(tmp_path)] == [30, 23, 16]
    assert published_heads(tmp_path / "nowhere") == ()


def test_a_flag_is_found_with_its_passport(a_list: Make, tmp_path: Path) -> None:
    published = a_list()
    write_lists([published], data=tmp_path)
    on_list, flag, passport = find_flag(tmp_path, published.flags[1].id)
    assert (on_list, flag, passport.flag) == (published, published.flags[1], published.flags[1])
    with pytest.raises(DataError, match="no published list has that flag"):
        find_flag(tmp_path, "g_absent")


def test_a_flag_is_found_among_lists_of_which_no_more_than_heads_and_flags_is_read(
    a_list: Make, tmp_path: Path
) -> None:
    before, now = a_list(as_of=date(2026, 3, 23)), a_list()
    for each in (before, now):
        write_lists([each], data=tmp_path)
    (tmp_path / "published" / now.head.id / "passports.jsonl").unlink()
    assert find_flag(tmp_path, before.flags[0].id)[0] == before
    (tmp_path / "published" / now.head.id / "flags.json").write_text("[]")
    with pytest.raises(DataError, match=r"flags\.json was changed after it was published"):
        find_flag(tmp_path, before.flags[0].id)


def test_of_an_opened_list_no_more_is_kept_than_was_allowed(a_list: Make, tmp_path: Path) -> None:
    published = a_list()
    write_lists([published], data=tmp_path)
    folder = tmp_path / "published" / published.head.id
    allowed = sum((folder / name).stat().st_size for name in ("flags.json", "passports.jsonl"))
    opened = open_list(tmp_path, published.head.id, kept_parts(allowed))
    flags, passports = opened.flags, opened.passports
    assert opened.flags is flags
    assert opened.rules == published.rules
    # What was asked for longest ago made room.
    assert opened.flags is flags
    assert opened.passports is not passports
    assert opened == published == read_list(tmp_path, published.head.id)


def test_to_show_some_flags_of_an_opened_list_reads_nothing_of_it(a_list: Make, tmp_path: Path) -> None:
    published = a_list()
    write_lists([published], data=tmp_path)
    opened = open_list(tmp_path, published.head.id, kept_parts(0))
    for path in (tmp_path / "published" / published.head.id).iterdir():
        path.unlink()
    shown = opened.showing(published.flags[1:])
    assert (shown.head, shown.flags) == (published.head, published.flags[1:])
    assert shown.showing(published.flags, resting=()).resting == ()
    with pytest.raises(DataError, match=r"cannot be read.*flags\.json"):
        _ = opened.flags


def test_what_an_opened_list_held_is_not_read_when_its_keeping_is_over(a_list: Make, tmp_path: Path) -> None:
    published = a_list()
    write_lists([published], data=tmp_path, seal=lambda *_: Chain(audit_head="0:0", links=()))
    opened = open_list(tmp_path, published.head.id, kept_parts(0))
    expire_lists(tmp_path, on=date(2060, 1, 1))
    with pytest.raises(DataError, match="is a tombstone since 2060-01-01"):
        _ = opened.flags


def test_a_list_made_in_memory_has_to_be_given_what_it_holds(a_list: Make) -> None:
    published = a_list()
    with pytest.raises(TypeError, match=r"missing 6 required keyword-only arguments: 'flags', .* and 'plans'"):
        PublishedList(head=published.head)  # type: ignore[call-arg]
    assert (published.resting, published.left_out) == ((), ())
