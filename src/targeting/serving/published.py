"""Published lists on disk: `published/LIST_ID/`, checked whenever one is read."""

# ruff: noqa: RUF009 - a list's parts are descriptors, of which each field has its own.

import json
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from targeting.errors import DataError
from targeting.serving.chaining import PASSPORTS, Chain
from targeting.serving.checked_files import MANIFEST, CheckedFiles, all_checked, parsed, parsed_lines
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
from targeting.serving.parts import Later, Part
from targeting.store.kept import Kept

FOLDER = "published"
CHAIN, EXPIRED = "chain.json", "expired.json"
HEAD, FLAGS, RESTING, LEFT_OUT = "list.json", "flags.json", "resting.json", "left_out.json"
FRONT_DOOR, CONSIDERED_FILE, RULES = "front_door.json", "considered.parquet", "rules.json"
COHORT = "cohort_"
RECORDS = "families.jsonl"

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
    published before there were any. Of a list that was opened all but the head is read, and checked, when it is asked
    for: then whatever is asked for raises DataError where it cannot be read or was changed.
    """

    head: ListHead
    flags: Part[tuple[Flag, ...]] = Part()
    passports: Part[tuple[Passport, ...]] = Part()
    front_door: Part[tuple[SentToFrontDoor, ...]] = Part()
    considered: Part[pa.Table] = Part()
    rules: Part[ListRules] = Part()
    plans: Part[Mapping[str, str]] = Part()
    resting: Part[tuple[Resting, ...]] = Part(tuple)
    left_out: Part[tuple[str, ...]] = Part(tuple)
    records: Part[tuple[FamilyRecord, ...]] = Part(tuple)

    def record_of(self, family_id: str) -> FamilyRecord | None:
        """Return what is shown of a listed family beside its flag; None in a list that was published without."""
        return next((each for each in self.records if each.family_id == family_id), None)

    def showing(self, flags: tuple[Flag, ...], *, resting: tuple[Resting, ...] | None = None) -> "PublishedList":
        """Return the list as somebody sees it, with these flags alone; nothing else of it is read for that."""
        shown = copy(self)
        for name, part in {"flags": flags, "resting": resting}.items():
            if part is not None:
                object.__setattr__(shown, name, part)
        return shown


# What lists that were opened hold of their parts, by list and part, each with the bytes that it took to read.
KeptParts = Kept[tuple[str, str], tuple[Any, int]]


def read_list(data: Path, list_id: str) -> PublishedList:
    """Return one published list, whole. Raises DataError where it is absent, or a file differs from its manifest."""
    folder = _folder_of(data, list_id)
    _check_is_kept(folder)
    files = all_checked(folder)
    parts: dict[str, Any] = {name: read(files, folder) for name, read in _READ.items()}
    return PublishedList(head=parsed(files[HEAD], ListHead, folder / HEAD), **parts)


def open_list(data: Path, list_id: str, kept: KeptParts) -> PublishedList:
    """Return one published list of which no more is read yet than its head. Raises DataError as `read_list` does.

    Its files have to stay what its manifest names now. Parts are read when they are asked for, and kept in `kept`.
    """
    folder = _folder_of(data, list_id)
    _check_is_kept(folder)
    files = CheckedFiles(folder)
    parts: dict[str, Any] = {name: Later(_part_of(files, name, kept)) for name in _READ}
    return PublishedList(head=parsed(files[HEAD], ListHead, folder / HEAD), **parts)


def kept_parts(most: int) -> KeptParts:
    """Return what keeps parts of lists that took `most` bytes to read at most, those asked for last."""
    return Kept(most, size=itemgetter(1))


def families_by_flag(data: Path, list_id: str) -> Mapping[str, str]:
    """Return the family of each flag of a list, by the flag, in their order. Raises DataError as `read_list` does."""
    folder = _folder_of(data, list_id)
    _check_is_kept(folder)
    named = parsed(CheckedFiles(folder)[FLAGS], tuple[_Named, ...], folder / FLAGS)
    return {each.id: each.family_id for each in named}


def read_head(data: Path, list_id: str) -> ListHead:
    """Return what one published list says of itself. Raises DataError as `read_list` does."""
    folder = _folder_of(data, list_id)
    return parsed(CheckedFiles(folder)[HEAD], ListHead, folder / HEAD)


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
        if named not in CheckedFiles(data / FOLDER / head.id)[FLAGS]:
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
    return parsed(path.read_bytes(), Chain, path)


@dataclass(frozen=True)
class _Named:
    """What a flag is called, and its family: of its file nothing else is made anything of."""

    id: str
    family_id: str


def _part_of(files: CheckedFiles, name: str, kept: KeptParts) -> Callable[[], Any]:
    def read() -> tuple[Any, int]:
        _check_is_kept(files.folder)
        anew = files.anew()
        return _READ[name](anew, files.folder), anew.length

    return lambda: kept.get((files.folder.name, name), read)[0]


def _plans(files: Mapping[str, bytes], _folder: Path) -> Mapping[str, str]:
    names = [name for name in files if name.startswith(COHORT)]
    return {name.removeprefix(COHORT).removesuffix(".json"): files[name].decode() for name in names}


# How each part of a list is read from its files.
_READ: Mapping[str, Callable[[Mapping[str, bytes], Path], Any]] = {
    "flags": lambda files, folder: parsed(files[FLAGS], tuple[Flag, ...], folder / FLAGS),
    "passports": lambda files, folder: parsed_lines(files[PASSPORTS], Passport, folder / PASSPORTS),
    "front_door": lambda files, folder: parsed(files[FRONT_DOOR], tuple[SentToFrontDoor, ...], folder / FRONT_DOOR),
    "considered": lambda files, _folder: pq.read_table(pa.BufferReader(files[CONSIDERED_FILE])),
    "rules": lambda files, folder: parsed(files[RULES], ListRules, folder / RULES),
    "plans": _plans,
    # A list of before there were either has neither file.
    "resting": lambda files, folder: parsed(files.get(RESTING, b"[]"), tuple[Resting, ...], folder / RESTING),
    "left_out": lambda files, folder: parsed(files.get(LEFT_OUT, b"[]"), tuple[str, ...], folder / LEFT_OUT),
    "records": lambda files, folder: parsed_lines(files.get(RECORDS, b""), FamilyRecord, folder / RECORDS),
}
