"""Generations: the district's facts and families as of one loading, immutable, switched by CURRENT."""

import shutil
import tempfile
from bisect import bisect_right
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import overload

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from targeting.errors import DataError, what_exists
from targeting.store.blocks import Shard
from targeting.store.contents import SUCCESSIONS, GenerationContents, schema_of
from targeting.store.files import flush_tree, private_folder, sha256_of, take_place, write_atomically
from targeting.store.manifest import MANIFEST, Manifest, SourceCoverage, read_manifest
from targeting.store.selection import select_families
from targeting.store.shards import ShardFiles, shard_folder
from targeting.store.vocabularies import EPISODE, Vocabularies, all_episodes, distinct, read_vocabularies, text_array
from targeting.store.writing import write_files

__all__ = [
    "Generation",
    "GenerationContents",
    "Shards",
    "SourceCoverage",
    "current_id",
    "generation_ids",
    "open_generation",
    "prune",
    "write_generation",
]

GENERATIONS, CURRENT, PREVIOUS = "generations", "CURRENT", "PREVIOUS"
UNFINISHED = ".unfinished-"


class Shards(Sequence[Shard]):
    """The shards of a generation, each opened when it is asked for."""

    def __init__(self, files: Sequence[ShardFiles], left_out: frozenset[str] = frozenset()) -> None:
        self._files, self._left_out = tuple(files), left_out

    def __len__(self) -> int:
        return len(self._files)

    @overload
    def __getitem__(self, index: int) -> Shard: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Shard]: ...
    def __getitem__(self, index: int | slice) -> Shard | Sequence[Shard]:
        if isinstance(index, slice):
            return Shards(self._files[index], self._left_out)
        return replace(self._files[index].open(), left_out=self._left_out)


@dataclass(frozen=True)
class Generation:
    """One generation on disk. No indicator reads the facts of the people in `left_out`; see `leaving_out`."""

    path: Path
    manifest: Manifest
    left_out: frozenset[str] = frozenset()
    keeps_open: bool = False

    def leaving_out(self, persons: AbstractSet[str]) -> "Generation":
        """Return the same generation for scoring without some people's own facts: they objected.

        They stay members of their families, and cohorts and threshold rules read their facts: whether a case is open,
        or a child is in danger, does not depend on an objection.
        """
        return replace(self, left_out=frozenset(persons))

    def keeping_open(self) -> "Generation":
        """Return the same generation for several passes over its shards: each is opened once, its facts read anew.

        What an opened shard holds, ids, members and links, takes three quarters of a MiB for a thousand families.
        """
        return replace(self, keeps_open=True)

    @property
    def id(self) -> str:
        """Its name: equal contents, equal ids."""
        return self.path.name

    @property
    def synthetic(self) -> bool:
        """Whether all of it was made by the generator of synthetic districts."""
        return self.manifest.synthetic

    @property
    def coverage(self) -> tuple[SourceCoverage, ...]:
        """Which source shared which kind of fact, from when until when."""
        return self.manifest.coverage

    @property
    def sources(self) -> tuple[str, ...]:
        """The names that `source` indexes in its shards."""
        return self.manifest.sources

    @property
    def data_until(self) -> date:
        """The last day that any source covers.

        Raises DataError where no source covers any.
        """
        if not self.coverage:
            message = f"{self.path}: no source covers any day. Declare its coverage in features/sources/, then link."
            raise DataError(message)
        return max(entry.until for entry in self.coverage)

    @cached_property
    def manifest_digest(self) -> str:
        """The SHA-256 of manifest.json, and through it of every file."""
        return sha256_of(self.path / MANIFEST)

    @cached_property
    def vocabularies(self) -> Vocabularies:
        """The words that the codes of each kind's columns index in its shards."""
        return read_vocabularies(self.path)

    @cached_property
    def _shard_files(self) -> tuple[ShardFiles, ...]:
        types = {name: kind.columns for name, kind in self.manifest.kinds.items()}
        folders = [self.path / shard_folder(number) for number in range(len(self.manifest.shards))]
        return tuple(ShardFiles(folder, self.sources, types, self.vocabularies) for folder in folders)

    def shards(self) -> Sequence[Shard]:
        """Return the shards in the order of their families."""
        return self._opened if self.keeps_open else Shards(self._shard_files, self.left_out)

    @cached_property
    def _opened(self) -> tuple[Shard, ...]:
        return tuple(Shards(self._shard_files, self.left_out))

    def shard_with(self, family_ids: Sequence[str]) -> Shard:
        """Return the named families alone as one shard.

        Raises KeyError where one of them is not in this generation.
        """
        return select_families([self.shards()[number] for number in self.shard_numbers(family_ids)], family_ids)

    def shard_numbers(self, family_ids: Sequence[str]) -> list[int]:
        """Return which shards hold the named families, ascending; for a family that is in none, where it would be."""
        first = [shard.first_family for shard in self.manifest.shards]
        return sorted({max(bisect_right(first, family) - 1, 0) for family in family_ids})

    def facts(self, kind: str) -> pa.Table:
        """Return all facts of a kind, whoever they are of, in the order of (person, event, fact_id).

        Raises KeyError for a kind that the contract did not have.
        """
        held = self.manifest.kinds[kind]
        if not held.rows:
            return schema_of(held.columns).empty_table()
        return pq.read_table(self.path / "facts" / f"{kind}.parquet", partitioning=None)

    def memberships(self) -> pa.Table:
        """Return who belongs to which family on which dates."""
        return pq.read_table(self.path / "memberships.parquet")

    def agency_links(self) -> pa.Table:
        """Return from when each person is in each agency's records."""
        return pq.read_table(self.path / "agency_links.parquet")

    def successions(self) -> pa.Table:
        """Return which family went on as which other, and which split off which, with the first as-of date of it."""
        path = self.path / "successions.parquet"
        return pq.read_table(path) if path.exists() else SUCCESSIONS.empty_table()

    def person_records(self) -> pa.Table:
        """Return whose each agency's record of a person is on which dates, sorted by record.

        Raises DataError where the generation was written by a version that did not keep it.
        """
        path = self.path / "person_records.parquet"
        if not path.exists():
            message = f"{path}: missing, so nobody can be found by an agency's id. Run `targeting link` again."
            raise DataError(message)
        return pq.read_table(path)

    def episodes(self) -> pa.Array:
        """Return every episode, sorted: its place is its number in the shards' columns `episode_id`."""
        kinds = [name for name, kind in self.manifest.kinds.items() if EPISODE in kind.columns and kind.rows]
        paths = [self.path / "facts" / f"{kind}.parquet" for kind in kinds]
        return all_episodes(pq.read_table(path, columns=[EPISODE], partitioning=None)[EPISODE] for path in paths)

    def family_ids(self) -> NDArray[np.str_]:
        """Return all families, sorted."""
        return text_array(distinct(self.memberships()["family_id"]))

    def verify(self) -> None:
        """Raise DataError, naming each file, where a file is missing or is not what the manifest says."""
        changed = [
            name
            for name, digest in self.manifest.files.items()
            if not (self.path / name).is_file() or sha256_of(self.path / name) != digest
        ]
        if changed:
            message = f"{self.path}: missing or changed since it was written: {', '.join(sorted(changed))}."
            raise DataError(message)


def open_generation(data: Path, generation_id: str | None = None) -> Generation:
    """Return the generation of that id, or for None the current one.

    Raises DataError where there is none, with those that exist.
    """
    name = generation_id or current_id(data)
    if name is None:
        message = f"{data / CURRENT}: no generation yet. Run `targeting load EXTRACTS` and then `targeting link`."
        raise DataError(message)
    folder = data / GENERATIONS / name
    if not folder.is_dir():
        message = f"{folder}: no such generation. {what_exists(name, generation_ids(data))}"
        raise DataError(message)
    return Generation(folder, read_manifest(folder))


def current_id(data: Path) -> str | None:
    """Return the id of the current generation, or None before the first."""
    path = data / CURRENT
    return path.read_text().strip() if path.exists() else None


def generation_ids(data: Path) -> list[str]:
    """Return the ids of all whole generations, sorted."""
    folder = data / GENERATIONS
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith(".")) if folder.is_dir() else []


def write_generation(data: Path, contents: GenerationContents, *, families_per_shard: int = 5000) -> Generation:
    """Write the contents as a new generation and make it the current one.

    The same contents have the same id and bytes; written again, they change nothing. A failure on the way leaves the
    current generation as it was.
    """
    private_folder(data / GENERATIONS)
    unfinished = Path(tempfile.mkdtemp(dir=data / GENERATIONS, prefix=UNFINISHED))
    try:
        manifest = write_files(unfinished, contents, families_per_shard)
        (unfinished / MANIFEST).write_bytes(manifest.to_json())
        flush_tree(unfinished)
        folder = data / GENERATIONS / manifest.id
        take_place(unfinished, folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    _make_current(data, manifest.id)
    return Generation(folder, manifest)


def _make_current(data: Path, generation_id: str) -> None:
    previous = current_id(data)
    if previous == generation_id:
        return
    if previous is not None:
        write_atomically(data / PREVIOUS, f"{previous}\n".encode())
    write_atomically(data / CURRENT, f"{generation_id}\n".encode())


def prune(data: Path, keep: AbstractSet[str] = frozenset()) -> tuple[str, ...]:
    """Remove all generations but the current one, the one before it and those in `keep`; return the removed ids.

    What a killed writer left behind is removed too, so call it where no other process writes a generation.
    """
    named = [path.read_text().strip() for path in (data / CURRENT, data / PREVIOUS) if path.exists()]
    removed = [name for name in generation_ids(data) if name not in {*named, *keep}]
    unfinished = (data / GENERATIONS).glob(f"{UNFINISHED}*")
    for folder in [*(data / GENERATIONS / name for name in removed), *unfinished]:
        shutil.rmtree(folder)
    return tuple(removed)
