"""Published lists on disk: `published/LIST_ID/`, written once, whole or not at all, and checked whenever read."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

from targeting.errors import DataError, TargetingError
from targeting.serving.chaining import PASSPORTS, Chain, Seal
from targeting.serving.contents import (
    FamilyRecord,
    Flag,
    ListHead,
    ListRules,
    Passport,
    Resting,
    SentToFrontDoor,
)
from targeting.serving.ids import is_list_id
from targeting.store.files import before, flush_folder, flush_tree, private_folder, write_atomically

FOLDER = "published"
MANIFEST = "manifest.json"
CHAIN, EXPIRED = "chain.json", "expired.json"
HEAD, FLAGS, RESTING, LEFT_OUT = "list.json", "flags.json", "resting.json", "left_out.json"
COHORT = "cohort_"
RECORDS = "families.jsonl"
# A folder with this prefix is a list that was being written when its run was killed; nobody reads it.
UNFINISHED = ".unfinished-"

Read = TypeVar("Read")


# Everybody whom a list was drawn from, sorted by family.
CONSIDERED = pa.schema(
    [("family_id", pa.string()), ("rank", pa.int64()), ("margin", pa.float64()), ("probability", pa.float64())]
)


@dataclass(frozen=True, kw_only=True)
class PublishedList:
    """One list as published: what it says of itself, its flags by rank, their passports, whom it sent elsewhere.

    `considered` holds everybody whom it was drawn from, by `CONSIDERED`. `plans` are the compiled cohorts that `rules`
    names, as JSON. `resting` are families decided before, who are off the agenda; `left_out` are people whose own
    facts no score of the list reads, because they objected. `records` are of the listed families; empty in lists
    published before there were any.
    """

    head: ListHead
    flags: tuple[Flag, ...]
    passports: tuple[Passport, ...]
    front_door: tuple[SentToFrontDoor, ...]
    considered: pa.Table
    rules: ListRules
    plans: Mapping[str, str]
    resting: tuple[Resting, ...] = ()
    left_out: tuple[str, ...] = ()
    records: tuple[FamilyRecord, ...] = ()

    def record_of(self, family_id: str) -> FamilyRecord | None:
        """Return what is shown of a listed family beside its flag; None in a list that was published without."""
        return next((each for each in self.records if each.family_id == family_id), None)


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


def read_list(data: Path, list_id: str) -> PublishedList:
    """Return one published list. Raises DataError where it is absent, or a file differs from its manifest."""
    folder = _folder_of(data, list_id)
    _check_is_kept(folder)
    files = _checked_files(folder)
    return PublishedList(
        head=_parse(files[HEAD], ListHead, folder / HEAD),
        flags=_parse(files[FLAGS], tuple[Flag, ...], folder / FLAGS),
        passports=tuple(_parse(line, Passport, folder / PASSPORTS) for line in files[PASSPORTS].splitlines()),
        front_door=_parse(files["front_door.json"], tuple[SentToFrontDoor, ...], folder / "front_door.json"),
        considered=pq.read_table(pa.BufferReader(files["considered.parquet"])),
        rules=_parse(files["rules.json"], ListRules, folder / "rules.json"),
        plans={
            name.removeprefix(COHORT).removesuffix(".json"): content.decode()
            for name, content in files.items()
            if name.startswith(COHORT)
        },
        # A list of before there were either has neither file.
        resting=_parse(files.get(RESTING, b"[]"), tuple[Resting, ...], folder / RESTING),
        left_out=_parse(files.get(LEFT_OUT, b"[]"), tuple[str, ...], folder / LEFT_OUT),
        records=tuple(_parse(line, FamilyRecord, folder / RECORDS) for line in files.get(RECORDS, b"").splitlines()),
    )


def read_head(data: Path, list_id: str) -> ListHead:
    """Return what one published list says of itself. Raises DataError as `read_list` does."""
    folder = _folder_of(data, list_id)
    return _parse(_checked_files(folder, only=HEAD)[HEAD], ListHead, folder / HEAD)


def published_heads(data: Path) -> tuple[ListHead, ...]:
    """Return what every list that is kept says of itself, the latest date first, then by panel and kind."""
    folders = [path for path in (data / FOLDER).glob("l_*") if path.is_dir() and not is_expired(path)]
    heads = [read_head(data, path.name) for path in folders]
    return tuple(sorted(heads, key=lambda head: (-head.as_of_date.toordinal(), head.panel, head.kind)))


def find_flag(data: Path, flag_id: str) -> tuple[PublishedList, Flag, Passport]:
    """Return a flag with its list and passport. Raises DataError where no list has it."""
    named = json.dumps(flag_id).encode()
    for head in published_heads(data):
        # Of the years of lists that do not have it nothing is parsed but their heads.
        if named not in _checked_files(data / FOLDER / head.id, only=FLAGS)[FLAGS]:
            continue
        published = read_list(data, head.id)
        for flag, passport in zip(published.flags, published.passports, strict=True):
            if flag.id == flag_id:
                return published, flag, passport
    for path in (data / FOLDER).glob("l_*"):
        if is_expired(path) and any(link.name == flag_id for link in _read_chain(path).links):
            _check_is_kept(path)
    raise DataError("no published list has that flag.")


def list_files(data: Path, list_id: str) -> Mapping[str, bytes]:
    """Return the files that are left of a list but its manifest and chain, as they are; see `chaining.file_faults`."""
    folder = _folder_of(data, list_id)
    aside = (MANIFEST, CHAIN, EXPIRED)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name not in aside}


def read_chain(data: Path, list_id: str) -> Chain:
    """Return the chain of a list. Raises DataError where it has none."""
    return _read_chain(_folder_of(data, list_id))


def is_kept(data: Path, list_id: str) -> bool:
    """Return whether a list is more than a tombstone. Raises DataError where there is no such list."""
    return not is_expired(_folder_of(data, list_id))


def is_expired(folder: Path) -> bool:
    """Return whether a list's folder is a tombstone: its keeping is over, its chain alone is left."""
    return (folder / EXPIRED).exists()


def expire_lists(data: Path, *, on: date) -> tuple[str, ...]:
    """Make tombstones of the lists whose keeping ended before a day, and return the ids of those that are new.

    What a list said of itself and its chain stay, and prove what was there; every value, family and sentence is gone.
    A run that was killed is completed by the next one.
    """
    with _only_writer(data / FOLDER) as folder:
        over = [head for head in published_heads(data) if head.keep_until < on]
        for head in over:
            _read_chain(folder / head.id)
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


def _folder_of(data: Path, list_id: str) -> Path:
    folder = data / FOLDER / list_id
    if not is_list_id(list_id) or not folder.is_dir():
        raise DataError(f"no list {list_id} is published. `targeting list` without an id shows the latest.")
    return folder


def _check_is_kept(folder: Path) -> None:
    if is_expired(folder):
        held = json.loads((folder / EXPIRED).read_bytes())
        raise DataError(
            f"the list {folder.name} is a tombstone since {held['expired_on']}: its keeping is over. "
            f"`targeting list {folder.name} --verify` proves the chain of what it held."
        )


def _read_chain(folder: Path) -> Chain:
    path = folder / CHAIN
    if not path.exists():
        raise DataError(f"{folder}: the list was published without a chain, so nothing could prove what it held.")
    return _parse(path.read_bytes(), Chain, path)


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
        "front_door.json": _json(published.front_door),
        RESTING: _json(published.resting),
        LEFT_OUT: _json(published.left_out),
        "considered.parquet": _parquet(published.considered),
        "rules.json": _json(published.rules),
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


def _checked_files(folder: Path, *, only: str | None = None) -> Mapping[str, bytes]:
    """Return the files of a list's folder, or one of them, each the very bytes that its manifest names."""
    try:
        digests = json.loads((folder / MANIFEST).read_bytes())["sha256"]
        files = {name: (folder / name).read_bytes() for name in ((only,) if only else digests)}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{folder}: the published list cannot be read: {error}.") from None
    changed = sorted(name for name, content in files.items() if sha256(content).hexdigest() != digests[name])
    if changed:
        names = ", ".join(changed)
        raise DataError(f"{folder}: {names} was changed after it was published; restore it from a back-up.")
    return files


def _parse(content: bytes, wanted: type[Read], path: Path) -> Read:
    try:
        return TypeAdapter(wanted).validate_json(content)
    except ValidationError as error:
        raise DataError(f"{path}: not as this version publishes it ({error.error_count()} faults).") from None
