"""A new key encrypts all that the old one did; whatever stops it, one key opens everything in the end."""

import base64
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from targeting.errors import DataError, TargetingError
from targeting.store import files
from targeting.store.identities import IDENTITIES, Identities, identity_key
from targeting.store.pseudonyms import record_ids
from targeting.store.rotating import rotate_key

PERSONS = pa.Table.from_pylist(
    [
        {"record_id": "r1", "source": "police", "given_name": "Ada", "known_from": date(2026, 1, 5)},
        {"record_id": "r2", "source": "police", "given_name": "Ben", "known_from": date(2026, 1, 5)},
    ],
    schema=IDENTITIES,
)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a data folder with two identities from one file and a rejected row from another."""
    monkeypatch.delenv("TARGETING_IDENTITY_KEY", raising=False)
    identities = Identities(tmp_path, identity_key(tmp_path))
    with identities.writing("a file") as writer:
        writer.write(PERSONS, {})
    with identities.writing("another") as writer:
        writer.write(PERSONS.slice(0, 0), {"rows": pa.table({"name": ["Cem"]})})
    return tmp_path


def names(data: Path, key: bytes) -> list[str]:
    return [str(each) for each in Identities(data, key).read()["given_name"].to_pylist()]


def name_of(key: bytes) -> str:
    return str(record_ids(pa.array(["104729"]), source="police", identity_key=key)[0])


def test_the_new_key_opens_what_the_old_one_no_longer_does_and_names_people_alike(data: Path):
    old = identity_key(data)
    assert rotate_key(data) == data / "keys" / "identity.key"
    new = identity_key(data)
    assert names(data, new) == ["Ada", "Ben"]
    assert [table["rows"]["name"].to_pylist() for _, table in Identities(data, new).rejected("another")] == [["Cem"]]
    with pytest.raises(DataError, match="written with another key"):
        names(data, old)
    assert name_of(new) == name_of(old)
    rotate_key(data)
    assert names(data, identity_key(data)) == ["Ada", "Ben"]
    assert name_of(identity_key(data)) == name_of(old)
    with pytest.raises(DataError, match="written with another key"):
        names(data, new)
    assert (data / "keys" / "identity.key").stat().st_mode & 0o777 == 0o600


class Killed(Exception):  # noqa: N818 - no error.
    """The end of the process."""


@pytest.mark.parametrize("step", ["rename identity.key.next", "commit rotation", "take key"])
def test_killed_at_any_step_and_run_again_it_ends_with_one_key(step: str, data: Path, monkeypatch: pytest.MonkeyPatch):
    def kill(at: str) -> None:
        if at == step:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(files, "before", kill)
        with pytest.raises(Killed):
            rotate_key(data)
    rotate_key(data)
    assert names(data, identity_key(data)) == ["Ada", "Ben"]
    assert sorted(path.name for path in (data / "keys").iterdir()) == ["identity.key"]


def test_a_key_of_the_environment_is_followed_by_one_in_a_file(data: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(TargetingError, match=r"lies in .*identity.key, and so does the new one"):
        rotate_key(data, to=data / "new.key")
    monkeypatch.setenv("TARGETING_IDENTITY_KEY", base64.b64encode(identity_key(data)).decode())
    with pytest.raises(TargetingError, match="name a file for the new one with --to"):
        rotate_key(data)
    assert rotate_key(data, to=data / "new.key") == data / "new.key"
    monkeypatch.setenv("TARGETING_IDENTITY_KEY", (data / "new.key").read_text())
    assert names(data, identity_key(data)) == ["Ada", "Ben"]
    with pytest.raises(TargetingError, match="exists already"):
        rotate_key(data, to=data / "new.key")
