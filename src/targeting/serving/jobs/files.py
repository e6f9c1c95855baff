"""The rows of scoring jobs on disk, and what was answered to them: in blocks, encrypted, gone with their job."""

import base64
import secrets
import shutil
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from targeting.errors import DataError
from targeting.store.files import flush_folder, private_folder, write_atomically
from targeting.store.pseudonyms import sealing_key

FOLDER = "jobs"
NONCE_BYTES = 12
KEY_BYTES = 32
_KEY = "key"

Part = Literal["rows", "answers"]


def new_job_id() -> str:
    """Return the id of a new job: 26 characters of base 32 by chance, so that nobody guesses one."""
    return "j_" + base64.b32encode(secrets.token_bytes(17)).decode().lower()[:26]


class JobFiles:
    """The files of one job below a data folder.

    Each block is a file, encrypted with a key of the job's own, which lies beside them under the data folder's key:
    where the job is forgotten its key is too, and a copy of a block is of no use to anybody.
    """

    def __init__(self, data: Path, job_id: str, *, key: bytes) -> None:
        self._folder = data / FOLDER / job_id
        self._wrapping = AESGCM(sealing_key(key, f"scoring job/{job_id}"))

    def begin(self) -> None:
        """Make the job's folder, and its key."""
        private_folder(self._folder)
        write_atomically(self._folder / _KEY, _sealed(self._wrapping, secrets.token_bytes(KEY_BYTES), _KEY))
        flush_folder(self._folder.parent)

    def begun_at(self) -> datetime:
        """Return when the folder was made, or was last written to."""
        return datetime.fromtimestamp(self._folder.stat().st_mtime, tz=UTC)

    def write(self, part: Part, number: int, lines: Sequence[bytes]) -> None:
        """Write one block, whole or not at all; one that is there already is replaced. Raises DataError without key."""
        name = _name(part, number)
        write_atomically(self._folder / name, _sealed(self._cipher(), zlib.compress(b"\n".join(lines), 1), name))

    def read(self, part: Part, number: int) -> list[bytes]:
        """Return the lines of one block. Raises DataError where it is not there as it was written."""
        name = _name(part, number)
        return zlib.decompress(self._opened(self._cipher(), name)).split(b"\n")

    def remove(self) -> None:
        """Remove all of it, the key first; nothing where it is gone already."""
        (self._folder / _KEY).unlink(missing_ok=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _cipher(self) -> AESGCM:
        return AESGCM(self._opened(self._wrapping, _KEY))

    def _opened(self, cipher: AESGCM, name: str) -> bytes:
        try:
            content = (self._folder / name).read_bytes()
            return cipher.decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], name.encode())
        except (OSError, InvalidTag):
            raise DataError(f"{self._folder.name}: {name} is absent, damaged, or written with another key.") from None


def jobs_on_disk(data: Path) -> tuple[str, ...]:
    """Return the ids of all jobs that have files."""
    return tuple(sorted(path.name for path in (data / FOLDER).glob("j_*")))


def _sealed(cipher: AESGCM, content: bytes, name: str) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, content, name.encode())


def _name(part: Part, number: int) -> str:
    return f"{part}-{number:06}"
