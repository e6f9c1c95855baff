"""A new key for what is encrypted; what names people and proves the audit log stays: all rests on it."""

import os
import secrets
from pathlib import Path

from targeting.errors import DataError, TargetingError
from targeting.store import files
from targeting.store.files import flush_folder
from targeting.store.identities import KEY_FILE, KEY_VARIABLE, Identities, identity_key, key_in, write_key
from targeting.store.pseudonyms import KEY_BYTES
from targeting.store.staging import open_staging

NEXT = ".next"


def rotate_key(data: Path, *, to: Path | None = None) -> Path:
    """Encrypt the identities with a new key, and return the file that holds it now.

    The key's first half, which pseudonyms, links, the audit log and lists rest on, stays as it is. `to` is where the
    new key is written where the environment holds the present one. Whatever it is killed at, running it again ends
    with one key that opens everything. Raises TargetingError where `to` is missing, not wanted, or there already.
    """
    place, waiting = _places(data, to)
    present = identity_key(data)
    # Nobody loads or links meanwhile.
    with open_staging(data):
        if not (waiting.exists() and _opens(data, key_in(waiting))):
            new = present[:KEY_BYTES] + secrets.token_bytes(KEY_BYTES)
            write_key(waiting, new)
            Identities(data, present).seal_anew(new)
        # Killed here, it finds next time that what waits opens everything, and takes it.
        files.before("take key")
        waiting.replace(place)
        flush_folder(place.parent)
    return place


def _places(data: Path, to: Path | None) -> tuple[Path, Path]:
    """Return where the new key lies in the end, and where until then."""
    is_declared = KEY_VARIABLE in os.environ
    if is_declared and to is None:
        raise TargetingError(f"{KEY_VARIABLE} holds the present key: name a file for the new one with --to.")
    if not is_declared and to is not None:
        raise TargetingError(f"the present key lies in {data / KEY_FILE}, and so does the new one: leave out --to.")
    place = to or data / KEY_FILE
    if to is not None and to.exists():
        raise TargetingError(f"{to} exists already: name a file that does not.")
    return place, place.with_name(place.name + NEXT)


def _opens(data: Path, key: bytes) -> bool:
    try:
        Identities(data, key).check_key()
    except DataError:
        return False
    return True
