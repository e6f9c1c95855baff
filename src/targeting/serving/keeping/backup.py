"""Backups: everything that cannot be made again, in one folder, whole or not at all, and proved before it is used."""

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL

from targeting.errors import DataError, TargetingError
from targeting.serving.database.audit import AuditHead, instant
from targeting.serving.database.connecting import FILE
from targeting.serving.database.database import Database
from targeting.serving.jobs.files import FOLDER as JOBS
from targeting.store.files import PRIVATE_FILE, flush_tree, private_folder, sha256_of

MANIFEST = "backup.json"
STORE = "store"
SQLITE_STORE, POSTGRESQL_STORE = "service.sqlite", "service.dump"
KEYS = "keys"
# The store is copied by its own means. Keys are kept apart: whoever finds a backup must not find what opens it. Rows
# of scoring jobs are gone within days: a backup would keep them for years.
LEFT_OUT = (FILE, f"{FILE}-wal", f"{FILE}-shm", "staging.duckdb.wal", KEYS, JOBS, ".unfinished-*", ".lock")
UNFINISHED = ".unfinished-"


@dataclass(frozen=True)
class Backup:
    """A backup: where it lies, of how many files, and the audit log's last event in it."""

    path: Path
    files: int
    head: AuditHead


def back_up(data: Path, database: Database, *, out: Path, at: datetime) -> Backup:
    """Return a backup of a data folder and the service's own store, while the service runs.

    Published lists, generations and bundles are never rewritten, so a copy of them is whole; the store is copied last,
    by its database's own means, so that no decision in it names a list that the backup lacks. Raises TargetingError
    where `out` exists.
    """
    if out.exists():
        raise TargetingError(f"{out} exists already: name a folder that does not.")
    unfinished = private_folder(out.parent) / f"{UNFINISHED}{out.name}"
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        shutil.copytree(data, private_folder(unfinished) / "data", ignore=shutil.ignore_patterns(*LEFT_OUT))
        # Read before the store is copied: what is recorded meanwhile may be in the copy, this event has to be.
        head = database.check_audit_log()
        _copy_store(database.url, private_folder(unfinished / STORE))
        files = {str(path.relative_to(unfinished)): sha256_of(path) for path in _files(unfinished)}
        manifest = {"made_at": instant(at), "audit_head": str(head), "files": files}
        (unfinished / MANIFEST).write_text(json.dumps(manifest, indent=2))
        flush_tree(unfinished)
        unfinished.rename(out)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return Backup(out, len(files), head)


def check_backup(path: Path) -> Backup:
    """Return a backup whose every file is as it was written. Raises DataError, naming each file that is not."""
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        seq, mac = manifest["audit_head"].split(":")
        files: dict[str, str] = manifest["files"]
    except (OSError, ValueError, KeyError):
        raise DataError(f"{path}: not a backup, or its {MANIFEST} is damaged.") from None
    found = {str(each.relative_to(path)) for each in _files(path)} - {MANIFEST}
    changed = [name for name, digest in files.items() if name not in found or sha256_of(path / name) != digest]
    if changed or found - files.keys():
        wrong = sorted({*changed, *(found - files.keys())})
        raise DataError(f"{path}: missing, changed or added since it was made: {', '.join(wrong)}.")
    return Backup(path, len(files), AuditHead(int(seq), mac))


def restore(path: Path, *, data: Path, url: URL, keys: Path | None) -> Backup:
    """Put a checked backup in place of a data folder that does not exist yet, and of an empty store.

    `keys` is the folder of keys that was kept apart; None where the environment holds the key. Raises DataError where
    the backup is damaged, TargetingError where the folder, or a store, is there already: what is in use is moved away
    by whoever restores, so that nothing is lost by it.
    """
    backup = check_backup(path)
    if data.exists() and any(data.iterdir()):
        raise TargetingError(f"{data} holds data already: move it away first, so that nothing is lost.")
    unfinished = private_folder(data.parent) / f"{UNFINISHED}{data.name}"
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(path / "data", unfinished)
    if keys is not None:
        shutil.copytree(keys, unfinished / KEYS)
    _restore_store(path / STORE, url, unfinished, data)
    flush_tree(unfinished)
    if data.exists():
        data.rmdir()
    unfinished.rename(data)
    return backup


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _copy_store(url: URL, folder: Path) -> None:
    if url.get_backend_name() == "postgresql":
        _run("pg_dump", "--format=custom", "--no-owner", f"--file={folder / POSTGRESQL_STORE}", url=url)
        return
    target = folder / SQLITE_STORE
    target.touch(mode=PRIVATE_FILE)
    with closing(sqlite3.connect(str(url.database))) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


def _restore_store(folder: Path, url: URL, unfinished: Path, data: Path) -> None:
    if url.get_backend_name() == "postgresql":
        options = ("--exit-on-error", "--single-transaction", "--no-owner", f"--dbname={url.database}")
        _run("pg_restore", *options, str(folder / POSTGRESQL_STORE), url=url)
        return
    target = Path(str(url.database))
    if target.parent == data:
        target = unfinished / target.name
    elif target.exists():
        raise TargetingError(f"{target} holds a store already: move it away first, so that nothing is lost.")
    shutil.copy(folder / SQLITE_STORE, target)


def _run(program: str, *arguments: str, url: URL) -> None:
    """Run one of PostgreSQL's own programs on a database, which it is told by its environment: arguments are seen."""
    told = {
        "PGHOST": url.host or url.query.get("host"),
        "PGPORT": url.port,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    }
    environment = {**os.environ, **{name: str(value) for name, value in told.items() if value is not None}}
    try:
        ended = subprocess.run(  # noqa: S603 - a program of ours alone.
            [program, *arguments], capture_output=True, text=True, check=False, env=environment
        )
    except FileNotFoundError:
        raise TargetingError(f"{program} is absent: install PostgreSQL's client programs.") from None
    if ended.returncode:
        raise TargetingError(f"{program} failed: {ended.stderr.strip()[-500:]}")
