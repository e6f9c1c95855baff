"""What a list held is bound link by link, known to the audit log, and proved even when the values are gone."""

import json
import os
import shutil
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from targeting.errors import DataError
from targeting.serving.chaining import Chain, Link, chain_faults, file_faults, log_faults, sealing
from targeting.serving.database.database import Database
from targeting.serving.district.family_wards import forget_family_wards
from targeting.serving.library import Library
from targeting.serving.published import (
    PublishedList,
    find_flag,
    is_kept,
    list_files,
    published_heads,
    read_chain,
    read_list,
)
from targeting.serving.writing_lists import expire_lists, write_lists
from targeting.store import files

Make = Callable[..., PublishedList]
KEY = b"k" * 32
LATER = date(2033, 3, 31)


@pytest.fixture
def database(tmp_path: Path, doors_of: Callable[..., object]) -> Database:
    return doors_of(tmp_path).control.database  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def published(a_list: Make, tmp_path: Path, database: Database) -> PublishedList:
    one = a_list()
    write_lists([one], data=tmp_path, seal=sealing(database, KEY))
    return one


def faults(data: Path, list_id: str, database: Database) -> tuple[str, ...]:
    chain = read_chain(data, list_id)
    told = (*chain_faults(list_id, chain, key=KEY), *log_faults(list_id, chain, database))
    return (*told, *file_faults(chain, list_files(data, list_id))) if is_kept(data, list_id) else told


def test_each_file_and_passport_is_bound_and_the_audit_log_has_the_head(
    published: PublishedList, tmp_path: Path, database: Database
) -> None:
    chain = read_chain(tmp_path, published.head.id)
    assert [link.name for link in chain.links] == [
        "cohort_no_help.json",
        "cohort_urgent.json",
        "considered.parquet",
        "families.jsonl",
        "flags.json",
        "front_door.json",
        "left_out.json",
        "list.json",
        "resting.json",
        "rules.json",
        *(flag.id for flag in published.flags),
    ]
    folder = tmp_path / "published" / published.head.id
    digests = {link.name: link.digest for link in chain.links}
    assert digests["list.json"] == sha256((folder / "list.json").read_bytes()).hexdigest()
    with database.reading() as connection:
        row = connection.exec_driver_sql("select action, what, families, details from audit_events").all()[-1]
    assert row == ("publish_list", published.head.id, '["f_aaaa", "f_bbbb"]', json.dumps({"head": chain.head}))
    assert faults(tmp_path, published.head.id, database) == ()
    assert read_list(tmp_path, published.head.id) == published


def test_a_passport_changed_with_its_manifest_and_its_link_is_noticed_by_the_chain(
    published: PublishedList, tmp_path: Path, database: Database
) -> None:
    folder, first = tmp_path / "published" / published.head.id, published.flags[0].id
    path = folder / "passports.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"margin":-3.0', b'"margin":-2.0', 1))
    chain = read_chain(tmp_path, published.head.id)
    assert file_faults(chain, list_files(tmp_path, published.head.id)) == (f"{first} is not what was published",)
    digest = sha256(path.read_bytes().splitlines()[0]).hexdigest()
    links = [link.model_copy(update={"digest": digest}) if link.name == first else link for link in chain.links]
    forged = chain.model_copy(update={"links": tuple(links)})
    assert file_faults(forged, list_files(tmp_path, published.head.id)) == ()
    assert chain_faults(published.head.id, forged, key=KEY) == (f"the chain breaks at {first}",)


def test_a_chain_made_anew_with_the_key_is_not_the_one_in_the_audit_log(
    published: PublishedList, tmp_path: Path, database: Database
) -> None:
    chain = read_chain(tmp_path, published.head.id)
    shorter = Chain(audit_head=chain.audit_head, links=chain.links[:-1])
    assert chain_faults(published.head.id, shorter, key=KEY) == ()
    assert log_faults(published.head.id, shorter, database) == (
        "the audit log holds no publication of it with this chain",
    )
    assert file_faults(shorter, list_files(tmp_path, published.head.id)) == (f"{published.flags[1].id} was added",)
    other = Chain(audit_head="1:" + "0" * 64, links=chain.links)
    assert log_faults(published.head.id, other, database) == (
        "audit log: event 1 is not the one that was published as its head",
    )


def test_another_key_or_another_list_breaks_the_chain_at_once() -> None:
    chain = Chain(audit_head="0:0", links=(Link(name="list.json", digest="d", mac="m"),))
    assert chain_faults("l_a", chain, key=KEY) == ("the chain breaks at list.json",)


def test_a_list_without_a_chain_says_so(a_list: Make, tmp_path: Path) -> None:
    published = a_list()
    write_lists([published], data=tmp_path)
    with pytest.raises(DataError, match="published without a chain, so nothing could prove what it held"):
        read_chain(tmp_path, published.head.id)


def test_after_its_keeping_a_list_is_a_tombstone_that_proves_what_it_held_and_holds_no_value(
    published: PublishedList, a_list: Make, tmp_path: Path, database: Database
) -> None:
    kept = a_list(as_of=date(2026, 4, 6))
    write_lists([kept], data=tmp_path, seal=sealing(database, KEY))
    before = list_files(tmp_path, published.head.id)
    assert expire_lists(tmp_path, on=date(2033, 3, 30)) == ()
    # Hand-made lists are all kept until one day; the second is kept longer here.
    folder = tmp_path / "published" / published.head.id
    aside = tmp_path / "aside"
    (tmp_path / "published" / kept.head.id).rename(aside)
    assert expire_lists(tmp_path, on=LATER) == (published.head.id,)
    aside.rename(tmp_path / "published" / kept.head.id)
    assert sorted(path.name for path in folder.iterdir()) == [
        "chain.json",
        "expired.json",
        "list.json",
        "manifest.json",
    ]
    left = b"".join(path.read_bytes() for path in folder.iterdir())
    assert not any(family in left for family in (b"f_aaaa", b"f_bbbb", b"f_cccc"))
    assert b"incidents" not in left
    assert faults(tmp_path, published.head.id, database) == ()
    # Whoever holds a copy can prove that it is what was published.
    assert file_faults(read_chain(tmp_path, published.head.id), before) == ()
    assert [head.id for head in published_heads(tmp_path)] == [kept.head.id]
    with pytest.raises(DataError, match=r"is a tombstone since 2033-03-31.*--verify` proves the chain"):
        read_list(tmp_path, published.head.id)
    with pytest.raises(DataError, match="is a tombstone since"):
        find_flag(tmp_path, published.flags[0].id)


def test_a_service_that_read_a_list_serves_it_no_longer_when_its_keeping_ends(
    published: PublishedList, tmp_path: Path
) -> None:
    os.utime(tmp_path / "published", (1, 1))
    library = Library(tmp_path)
    assert library.lists() == (published,)
    expire_lists(tmp_path, on=LATER)
    assert (library.lists(), library.flag(published.flags[0].id)) == ((), None)


def test_the_wards_beside_a_list_go_when_its_keeping_ends(
    published: PublishedList, tmp_path: Path, database: Database
) -> None:
    wards = tmp_path / "family_wards" / f"{published.head.id}.parquet"
    wards.parent.mkdir()
    wards.write_bytes(b"who lives where")
    forget_family_wards(tmp_path)
    assert wards.exists()
    expire_lists(tmp_path, on=LATER)
    forget_family_wards(tmp_path)
    assert not wards.exists()


def test_a_running_service_serves_a_tombstone_no_longer(
    published: PublishedList, tmp_path: Path, database: Database
) -> None:
    library = Library(tmp_path)
    assert library.flag(published.flags[0].id) is not None
    expire_lists(tmp_path, on=LATER)
    assert library.lists() == ()
    assert library.flag(published.flags[0].id) is None


def test_a_list_without_a_chain_keeps_its_values(a_list: Make, tmp_path: Path) -> None:
    published = a_list()
    write_lists([published], data=tmp_path)
    with pytest.raises(DataError, match="published without a chain"):
        expire_lists(tmp_path, on=LATER)
    assert read_list(tmp_path, published.head.id) == published


class Stopped(Exception):  # noqa: N818 - no error: a run that ends at a step.
    """A run that was stopped."""


def test_an_expiry_that_was_stopped_at_any_step_is_completed_by_the_next(
    published: PublishedList, tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tmp_path / "whole"
    shutil.copytree(tmp_path / "published", whole / "published")
    steps: list[str] = []
    with monkeypatch.context() as patched:
        patched.setattr(files, "before", steps.append)
        patched.setattr("targeting.serving.writing_lists.before", steps.append)
        expire_lists(tmp_path, on=LATER)
    done = {path.name: path.read_bytes() for path in (tmp_path / "published" / published.head.id).iterdir()}
    assert len(steps) > 10
    for number in range(len(steps)):
        data = tmp_path / str(number)
        shutil.copytree(whole, data)
        count = iter(range(1000))

        def stop(_step: str, count: object = count, number: int = number) -> None:
            if next(count) == number:  # type: ignore[call-overload]
                raise Stopped

        with monkeypatch.context() as patched:
            patched.setattr(files, "before", stop)
            patched.setattr("targeting.serving.writing_lists.before", stop)
            with pytest.raises(Stopped):
                expire_lists(data, on=LATER)
        expire_lists(data, on=LATER)
        assert {path.name: path.read_bytes() for path in (data / "published" / published.head.id).iterdir()} == done
