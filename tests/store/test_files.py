"""A file is the old one or the new one, and private."""

from pathlib import Path

import pytest

from targeting.store.files import place_folder, private_folder, sha256_of, write_atomically


def test_a_written_file_is_whole_and_private(tmp_path: Path) -> None:
    write_atomically(tmp_path / "CURRENT", b"one\n")
    write_atomically(tmp_path / "CURRENT", b"two\n")
    assert (tmp_path / "CURRENT").read_bytes() == b"two\n"
    assert (tmp_path / "CURRENT").stat().st_mode & 0o777 == 0o600


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "CURRENT").mkdir()
    with pytest.raises(IsADirectoryError):
        write_atomically(tmp_path / "CURRENT", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["CURRENT"]


def test_folders_are_made_private_with_their_parents(tmp_path: Path) -> None:
    folder = private_folder(tmp_path / "var" / "keys")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert folder.parent.stat().st_mode & 0o777 == 0o700


def test_a_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    assert sha256_of(tmp_path / "empty") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_folder_that_another_process_finished_meanwhile_is_kept(tmp_path: Path) -> None:
    def fill(partial: Path) -> None:
        (partial / "content").write_bytes(b"mine")
        (tmp_path / "version").mkdir()
        (tmp_path / "version" / "content").write_bytes(b"theirs")

    place_folder(tmp_path / "version", fill)
    assert [path.name for path in tmp_path.iterdir()] == ["version"]
    assert (tmp_path / "version" / "content").read_bytes() == b"theirs"
