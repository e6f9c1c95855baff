"""The files of a published list, each the very bytes that its manifest names, and what they say."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from targeting.errors import DataError

MANIFEST = "manifest.json"

Read = TypeVar("Read")


class CheckedFiles(Mapping[str, bytes]):
    """The files of a list's folder by name, each read, and checked, whenever it is asked for.

    They have to be what the manifest named when this was made. Raises DataError where one cannot be read or was
    changed. `length` is how many bytes were read so far.
    """

    def __init__(self, folder: Path, digests: Mapping[str, str] | None = None) -> None:
        self.folder, self.length = folder, 0
        self.digests = _digests_in(folder) if digests is None else digests

    def __getitem__(self, name: str) -> bytes:
        digest, content = self.digests[name], _bytes_of(self.folder, name)
        if sha256(content).hexdigest() != digest:
            raise _changed(self.folder, name)
        self.length += len(content)
        return content

    def __iter__(self) -> Iterator[str]:
        return iter(self.digests)

    def __len__(self) -> int:
        return len(self.digests)

    def anew(self) -> "CheckedFiles":
        """Return the same files, of which nothing was read yet."""
        return CheckedFiles(self.folder, self.digests)


def all_checked(folder: Path) -> Mapping[str, bytes]:
    """Return all files that a folder's manifest names. Raises DataError as `CheckedFiles`, naming all that changed."""
    digests = _digests_in(folder)
    files = {name: _bytes_of(folder, name) for name in digests}
    changed = sorted(name for name, content in files.items() if sha256(content).hexdigest() != digests[name])
    if changed:
        raise _changed(folder, *changed)
    return files


def parsed(content: bytes, wanted: type[Read], path: Path) -> Read:
    """Return what JSON says. Raises DataError, naming its file, where it is not as this version publishes it."""
    try:
        said: Read = _adapter(wanted).validate_json(content)
    except ValidationError as error:
        raise DataError(f"{path}: not as this version publishes it ({error.error_count()} faults).") from None
    return said


def parsed_lines(content: bytes, wanted: type[Read], path: Path) -> tuple[Read, ...]:
    """Return what each line of JSON says, as `parsed` does."""
    return tuple(parsed(line, wanted, path) for line in content.splitlines())


# To make one takes longer than to read a list's flags with it.
_adapter: Callable[[Any], TypeAdapter[Any]] = cache(TypeAdapter)


def _digests_in(folder: Path) -> Mapping[str, str]:
    try:
        digests: Mapping[str, str] = dict(json.loads((folder / MANIFEST).read_bytes())["sha256"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unreadable(folder, error) from None
    return digests


def _bytes_of(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise _unreadable(folder, error) from None


def _unreadable(folder: Path, error: Exception) -> DataError:
    return DataError(f"{folder}: the published list cannot be read: {error}.")


def _changed(folder: Path, *names: str) -> DataError:
    return DataError(f"{folder}: {', '.join(names)} was changed after it was published; restore it from a back-up.")
