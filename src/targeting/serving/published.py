"""Published lists on disk: `published/LIST_ID/`, written once, whole or not at all, and checked whenever read."""

import fcntl
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

from targeting.errors import DataError, TargetingError
from targeting.serving.contents import FamilyRecord, Flag, ListHead, ListRules, Passport, SentToFrontDoor
from targeting.serving.ids import is_list_id
from targeting.store.files import flush_folder, flush_tree, private_folder

FOLDER = "published"
MANIFEST = "manifest.json"
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
    names, as JSON. `records` are of the listed families; empty in lists published before there were any.
    """

    head: ListHead
    flags: tuple[Flag, ...]
    passports: tuple[Passport, ...]
    front_door: tuple[SentToFrontDoor, ...]
    considered: pa.Table
    rules: ListRules
    plans: Mapping[str, str]
    records: tuple[FamilyRecord, ...] = ()

    def record_of(self, family_id: str) -> FamilyRecord | None:
        """Return what is shown of a listed family beside its flag; None in a list that was published without."""
        return next((each for each in self.records if each.family_id == family_id), None)


class AlreadyPublishedError(TargetingError):
    """A list of that date exists and stays as it is."""


def write_lists(lists: Sequence[PublishedList], *, data: Path) -> None:
    """Write new lists below `data`, each folder appearing whole.

    Lists of the same run that a killed run had written already are left as they are. Raises AlreadyPublishedError
    where all exist, or where one exists that was made from other data, another model or other declarations.
    """
    with _only_writer(data / FOLDER) as folder:
        missing = [each for each in lists if not (folder / each.head.id).exists()]
        _check_not_published(lists, missing, data)
        for each in missing:
            _write_one(each, folder)


def read_list(data: Path, list_id: str) -> PublishedList:
    """Return one published list. Raises DataError where it is absent, or a file differs from its manifest."""
    folder = data / FOLDER / list_id
    if not is_list_id(list_id) or not folder.is_dir():
        raise DataError(f"no list {list_id} is published. `targeting list` without an id shows the latest.")
    files = _checked_files(folder)
    return PublishedList(
        head=_parse(files["list.json"], ListHead, folder / "list.json"),
        flags=_parse(files["flags.json"], tuple[Flag, ...], folder / "flags.json"),
        passports=tuple(
            _parse(line, Passport, folder / "passports.jsonl") for line in files["passports.jsonl"].splitlines()
        ),
        front_door=_parse(files["front_door.json"], tuple[SentToFrontDoor, ...], folder / "front_door.json"),
        considered=pq.read_table(pa.BufferReader(files["considered.parquet"])),
        rules=_parse(files["rules.json"], ListRules, folder / "rules.json"),
        plans={
            name.removeprefix(COHORT).removesuffix(".json"): content.decode()
            for name, content in files.items()
            if name.startswith(COHORT)
        },
        records=tuple(_parse(line, FamilyRecord, folder / RECORDS) for line in files.get(RECORDS, b"").splitlines()),
    )


def published_heads(data: Path) -> tuple[ListHead, ...]:
    """Return what every published list says of itself, the latest date first, then by panel and kind."""
    folders = [path for path in (data / FOLDER).glob("l_*") if path.is_dir()]
    heads = [_parse(_checked_files(path)["list.json"], ListHead, path / "list.json") for path in folders]
    return tuple(sorted(heads, key=lambda head: (-head.as_of_date.toordinal(), head.panel, head.kind)))


def find_flag(data: Path, flag_id: str) -> tuple[PublishedList, Flag, Passport]:
    """Return a flag with its list and passport. Raises DataError where no list has it."""
    for head in published_heads(data):
        published = read_list(data, head.id)
        for flag, passport in zip(published.flags, published.passports, strict=True):
            if flag.id == flag_id:
                return published, flag, passport
    raise DataError("no published list has that flag.")


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


def _write_one(published: PublishedList, folder: Path) -> None:
    unfinished = folder / f"{UNFINISHED}{published.head.id}"
    shutil.rmtree(unfinished, ignore_errors=True)
    private_folder(unfinished)
    files = _as_files(published)
    for name, content in {**files, MANIFEST: _manifest(published.head.id, files)}.items():
        (unfinished / name).write_bytes(content)
    flush_tree(unfinished)
    unfinished.rename(folder / published.head.id)
    flush_folder(folder)


def _as_files(published: PublishedList) -> Mapping[str, bytes]:
    return {
        "list.json": _json(published.head),
        "flags.json": _json(published.flags),
        "passports.jsonl": b"".join(each.model_dump_json().encode() + b"\n" for each in published.passports),
        "front_door.json": _json(published.front_door),
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


def _checked_files(folder: Path) -> Mapping[str, bytes]:
    """Return the files of a list's folder, each the very bytes that its manifest names."""
    try:
        digests = json.loads((folder / MANIFEST).read_bytes())["sha256"]
        files = {name: (folder / name).read_bytes() for name in digests}
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
