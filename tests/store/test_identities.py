"""Identities lie encrypted in a file of their own, and only their key opens it."""

import base64
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from targeting.errors import DataError
from targeting.store.identities import IDENTITIES, Identities, identity_key

KEY = bytes(range(32))


@pytest.fixture
def persons() -> Callable[..., pa.Table]:
    def table(**columns: object) -> pa.Table:
        common = {"record_id": "r1", "source": "police"}
        return pa.Table.from_pylist([{**common, **columns}], schema=IDENTITIES)

    return table


def keep(identities: Identities, digest: str, table: pa.Table, rejected: Mapping[str, pa.Table] | None = None) -> None:
    with identities.writing(digest) as writer:
        writer.write(table, rejected or {})


def test_no_name_stands_in_the_file(persons: Callable[..., pa.Table], tmp_path: Path) -> None:
    identities = Identities(tmp_path, KEY)
    keep(identities, "digest", persons(given_name="Zebedee"), {"": pa.table({"name": ["Ermintrude"]})})
    content = (tmp_path / "identities.sqlite").read_bytes()
    assert b"Zebedee" not in content
    assert b"Ermintrude" not in content
    assert identities.read()["given_name"].to_pylist() == ["Zebedee"]
    ((chunk, parts),) = identities.rejected("digest")
    assert (chunk, parts[""]["name"].to_pylist()) == (0, ["Ermintrude"])
    assert (tmp_path / "identities.sqlite").stat().st_mode & 0o777 == 0o600


def test_another_key_opens_nothing(persons: Callable[..., pa.Table], tmp_path: Path) -> None:
    keep(Identities(tmp_path, KEY), "digest", persons())
    with pytest.raises(DataError, match=r"written with another key, or damaged\. Set TARGETING_IDENTITY_KEY"):
        Identities(tmp_path, bytes(32)).read()


def test_what_is_delivered_again_unchanged_is_one_row_with_its_earliest_dates(
    persons: Callable[..., pa.Table], tmp_path: Path
) -> None:
    identities = Identities(tmp_path, KEY)
    early, late = date(2024, 1, 1), date(2024, 2, 1)
    keep(identities, "second", persons(given_name="Ann", known_from=late))
    keep(identities, "first", persons(given_name="Ann", known_from=early))
    keep(identities, "third", persons(given_name="Anne", known_from=late))
    rows = identities.read()
    assert rows.schema.equals(IDENTITIES)
    assert rows["given_name"].to_pylist() == ["Ann", "Anne"]
    assert rows["known_from"].to_pylist() == [early, late]


def test_a_file_written_again_takes_the_place_of_the_first(persons: Callable[..., pa.Table], tmp_path: Path) -> None:
    identities = Identities(tmp_path, KEY)
    keep(identities, "digest", persons(given_name="Ann"))
    keep(identities, "digest", persons(given_name="Bo"))
    assert identities.read()["given_name"].to_pylist() == ["Bo"]


def test_what_is_added_to_a_file_stands_beside_what_was_kept_and_anew_forgets_only_itself(
    persons: Callable[..., pa.Table], tmp_path: Path
) -> None:
    identities = Identities(tmp_path, KEY)
    keep(identities, "digest", persons(given_name="Ann"), {"": pa.table({"name": ["Ermintrude", "Dougal"]})})
    with identities.adding("digest") as writer:
        writer.write(persons(given_name="Bo"), {})
        writer.begin_anew()
        writer.write(persons(given_name="Cy"), {})
        writer.write(persons(given_name="Di"), {})
        writer.leave(0, {"": pa.table({"name": ["Dougal"]})})
        assert [chunk for chunk, _ in writer.rejected()] == [0]
    assert identities.read()["given_name"].to_pylist() == ["Ann", "Cy", "Di"]
    assert [parts[""]["name"].to_pylist() for _, parts in identities.rejected("digest")] == [["Ermintrude", "Dougal"]]
    identities.keep_what_is_left("digest")
    assert [parts[""]["name"].to_pylist() for _, parts in identities.rejected("digest")] == [["Dougal"]]
    with identities.adding("digest"):
        pass
    identities.keep_what_is_left("digest")
    assert list(identities.rejected("digest")) == []


def test_what_belongs_to_no_delivery_is_forgotten(persons: Callable[..., pa.Table], tmp_path: Path) -> None:
    identities = Identities(tmp_path, KEY)
    keep(identities, "kept", persons(given_name="Ann"))
    keep(identities, "killed", persons(given_name="Bo"))
    identities.forget_all_but({"kept"})
    assert identities.read()["given_name"].to_pylist() == ["Ann"]


def test_the_key_is_made_once_and_kept_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TARGETING_IDENTITY_KEY", raising=False)
    key = identity_key(tmp_path)
    assert len(key) == 32
    assert identity_key(tmp_path) == key
    assert (tmp_path / "keys" / "identity.key").stat().st_mode & 0o777 == 0o600


def test_the_key_of_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARGETING_IDENTITY_KEY", base64.b64encode(KEY).decode())
    assert identity_key(tmp_path) == KEY
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize("text", ["", "not base 64 at all!", base64.b64encode(bytes(16)).decode()])
def test_a_key_of_the_wrong_form_is_refused_without_being_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("TARGETING_IDENTITY_KEY", text)
    with pytest.raises(DataError, match=r"TARGETING_IDENTITY_KEY: not a key\. Expected 32 bytes in base 64") as raised:
        identity_key(tmp_path)
    assert not text or text not in str(raised.value)
