"""Lists written to `published/LIST_ID/`: once, whole or not at all; and tombstones made of those past their keeping."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from targeting.errors import TargetingError
from targeting.serving.chaining import PASSPORTS, Seal
from targeting.serving.checked_files import MANIFEST
from targeting.serving.published import (
    CHAIN,
    COHORT,
    CONSIDERED,
    CONSIDERED_FILE,
    EXPIRED,
    FLAGS,
    FOLDER,
    FRONT_DOOR,
    HEAD,
    LEFT_OUT,
    RECORDS,
    RESTING,
    RULES,
    PublishedList,
    is_expired,
    published_heads,
    read_chain,
    read_list,
)
from targeting.store.files import before, flush_folder, flush_tree, private_folder, write_atomically

# A folder with this prefix is a list that was being written when its run was killed; nobody reads it.
UNFINISHED = ".unfinished-"


class AlreadyPublishedError(TargetingError):
    """A list of that date, or of a later one, exists and stays as it is."""


def check_is_next(data: Path, as_of_date: date) -> None:
    """Raise AlreadyPublishedError for a date without lists, before one that has some: no panel had such a list then."""
    dates = {head.as_of_date for head in published_heads(data)}
    if dates and as_of_date < max(dates) and as_of_date not in dates:
        raise AlreadyPublishedError(
            f"lists as of {max(dates)} are published already, and none as of {as_of_date}; nothing was written. A list "
            "of a date gone by would say what no panel was told then: publish the next date."
        )


def write_lists(lists: Sequence[PublishedList], *, data: Path, seal: Seal | None = None) -> None:
    """Write new lists below `data`, each folder appearing whole, with its chain where `seal` makes one.

    Lists of the same run that a killed run had written already are left as they are. Raises AlreadyPublishedError
    where all exist, or where one exists that was made from other data, another model or other declarations.
    """
    with _only_writer(data / FOLDER) as folder:
        missing = [each for each in lists if not (folder / each.head.id).exists()]
        _check_not_published(lists, missing, data)
        for each in missing:
            _write_one(each, folder, seal)


def expire_lists(data: Path, *, on: date) -> tuple[str, ...]:
    """Make tombstones of the lists whose keeping ended before a day, and return the ids of those that are new.

    What a list said of itself and its chain stay, and prove what was there; every value, family and sentence is gone.
    A run that was killed is completed by the next one.
    """
    with _only_writer(data / FOLDER) as folder:
        over = [head for head in published_heads(data) if head.keep_until < on]
        for head in over:
            read_chain(data, head.id)
            write_atomically(folder / head.id / EXPIRED, json.dumps({"expired_on": on.isoformat()}).encode())
        # By the folder's time whoever serves it sees that something is gone, even where this run is killed below.
        os.utime(folder)
        for path in (path for path in folder.glob("l_*") if is_expired(path)):
            _leave_chain_alone(path)
    return tuple(head.id for head in over)


@contextmanager
def _only_writer(folder: Path) -> Iterator[Path]:
    with (private_folder(folder) / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TargetingError("another run is publishing a list; wait until it has ended.") from None
        yield folder


def _check_not_published(lists: Sequence[PublishedList], missing: Sequence[PublishedList], data: Path) -> None:
    made_alike = all(
        read_list(data, each.head.id).head.provenance == each.head.provenance for each in lists if each not in missing
    )
    if not missing or not made_alike:
        on = lists[0].head.as_of_date
        raise AlreadyPublishedError(
            f"a list as of {on} is published already and stays as it is; nothing was written. "
            "A published list is never changed: publish the next date."
        )


def _leave_chain_alone(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        if path.name not in (HEAD, CHAIN, EXPIRED, MANIFEST):
            before(f"remove {path.name}")
            path.unlink()
    flush_folder(folder)


def _write_one(published: PublishedList, folder: Path, seal: Seal | None) -> None:
    unfinished = folder / f"{UNFINISHED}{published.head.id}"
    shutil.rmtree(unfinished, ignore_errors=True)
    private_folder(unfinished)
    files = _as_files(published)
    if seal is not None:
        files = {**files, CHAIN: _json(seal(published.head, files))}
    for name, content in {**files, MANIFEST: _manifest(published.head.id, files)}.items():
        (unfinished / name).write_bytes(content)
    flush_tree(unfinished)
    before(f"rename {UNFINISHED}{published.head.id}")
    unfinished.rename(folder / published.head.id)
    flush_folder(folder)


def _as_files(published: PublishedList) -> Mapping[str, bytes]:
    return {
        HEAD: _json(published.head),
        FLAGS: _json(published.flags),
        PASSPORTS: b"".join(each.model_dump_json().encode() + b"\n" for each in published.passports),
        FRONT_DOOR: _json(published.front_door),
        RESTING: _json(published.resting),
        LEFT_OUT: _json(published.left_out),
        CONSIDERED_FILE: _parquet(published.considered),
        RULES: _json(published.rules),
        RECORDS: b"".join(each.model_dump_json().encode() + b"\n" for each in published.records),
        **{f"{COHORT}{name}.json": plan.encode() for name, plan in sorted(published.plans.items())},
    }


def _parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table.cast(CONSIDERED), sink, compression="zstd")
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _json(content: object) -> bytes:
    return TypeAdapter(object).dump_json(content, indent=1) + b"\n"


def _manifest(list_id: str, files: Mapping[str, bytes]) -> bytes:
    digests = {name: sha256(content).hexdigest() for name, content in sorted(files.items())}
    return json.dumps({"list_id": list_id, "sha256": digests}, indent=1).encode() + b"\n"
