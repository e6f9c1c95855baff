"""Files that are whole or absent, and that only their owner may read."""

import errno
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


def before(step: str) -> None:
    """Do nothing, just before a step after which something is durable; tests put in its place what fails or kills.

    `step` names it: `commit staging`, `commit identities`, `flush`, `flush folder`, `rename CURRENT`.
    """


def private_folder(path: Path) -> Path:
    """Return `path`, made with mode 0700 where it was missing; its parents are made alike."""
    if not path.is_dir():
        if path.parent != path:
            private_folder(path.parent)
        path.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    return path


def write_atomically(path: Path, content: bytes) -> None:
    """Write `content` so that a reader, or a crash, sees the old file or the new one and nothing between.

    The new file has mode 0600.
    """
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            flush_to_disk(file.fileno())
        before(f"rename {path.name}")
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold a file against everybody who holds it too, so that what is read and written again meanwhile stays whole."""
    with path.with_name(f".{path.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def place_folder(target: Path, fill: Callable[[Path], None]) -> None:
    """Make a folder that appears whole or not at all; one that is there by then is kept as it is.

    `fill` writes into a folder that has another name in every process.
    """
    partial = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
    try:
        fill(partial)
        flush_tree(partial)
        take_place(partial, target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def take_place(partial: Path, target: Path) -> None:
    """Give a finished folder its name; one of that name that another process finished meanwhile is kept as it is."""
    before(f"rename {target.name}")
    try:
        partial.rename(target)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
    flush_folder(target.parent)


def flush_to_disk(descriptor: int) -> None:
    """Return once what was written to the open file would outlive a power cut."""
    before("flush")
    os.fsync(descriptor)


def flush_folder(folder: Path) -> None:
    """Return once the names in `folder` would outlive a power cut."""
    before("flush folder")
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_tree(folder: Path) -> None:
    """Flush every file and folder below `folder`, and make them readable to their owner alone."""
    for path in sorted(folder.rglob("*")):
        if path.is_dir():
            path.chmod(PRIVATE_FOLDER)
            flush_folder(path)
        else:
            path.chmod(PRIVATE_FILE)
            with path.open("rb") as file:
                flush_to_disk(file.fileno())
    flush_folder(folder)


def sha256_of(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
