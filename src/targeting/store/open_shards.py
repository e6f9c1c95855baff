"""A generation's shards kept open, for requests about one family after another."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from itertools import count

import numpy as np
import pyarrow as pa

from targeting.store.blocks import FactRows, Indexes, LinkRows, MemberRows, Shard
from targeting.store.generations import Generation
from targeting.store.kept import Kept
from targeting.store.manifest import SourceCoverage
from targeting.store.selection import select_families
from targeting.store.shards import empty_facts, flat_columns, with_columns
from targeting.store.vocabularies import place_of

MOST_BYTES = 256 << 20


class OpenShards:
    """The shards of one generation. What is read of them is kept, up to `most_bytes`."""

    def __init__(self, generation: Generation, *, most_bytes: int = MOST_BYTES) -> None:
        self.generation = generation
        self._shards: Kept[int, Shard] = Kept(most_bytes // 4, size=_bytes_of_shard)
        self._empty: dict[tuple[str, tuple[str, ...] | None], FactRows] = {}
        self._facts: Kept[tuple[int, str], FactRows] = Kept(most_bytes - most_bytes // 4, size=_bytes_of_rows)

    @property
    def coverage(self) -> tuple[SourceCoverage, ...]:
        """Which source shared which kind of fact, from when until when."""
        return self.generation.coverage

    def episode_numbers(self, episodes: Sequence[str]) -> Indexes:
        """Return the number that each episode has in the shards; those that no shard has get numbers beyond all."""
        places = [place_of(episode, among=self._episodes) for episode in episodes]
        beyond = count(len(self._episodes))
        return np.array([next(beyond) if place is None else place for place in places], dtype=np.int32)

    @cached_property
    def _episodes(self) -> pa.Array:
        return self.generation.episodes()

    def shard_with(self, family_ids: Sequence[str]) -> Shard:
        """Return the named families alone as one shard. Raises KeyError where one is not in this generation."""
        numbers = self.generation.shard_numbers(family_ids)
        return select_families([self._opened(number) for number in numbers], family_ids)

    def shard_of_nobody(self) -> Shard:
        """Return a shard without a family, of the same sources and kinds of fact."""
        nothing: dict[str, np.ndarray] = {name: np.empty(0, np.int32) for name in ("family", "person")}
        nothing |= {name: np.empty(0, np.int32) for name in ("visible_from", "visible_to", "birth")}
        nothing["is_child"] = np.empty(0, np.int8)
        return Shard(
            family_ids=np.empty(0, np.str_),
            person_ids=np.empty(0, np.str_),
            sources=self.generation.sources,
            members=MemberRows(**nothing),
            links=LinkRows(**nothing, source=np.empty(0, np.int16)),
            read_facts=self._facts_of_nobody,
            left_out=self.generation.left_out,
        )

    def _facts_of_nobody(self, kind: str, columns: Sequence[str] | None) -> FactRows:
        key = kind, None if columns is None else tuple(columns)
        if key not in self._empty:
            types, words = self.generation.manifest.kinds[kind].columns, self.generation.vocabularies[kind]
            self._empty[key] = with_columns(empty_facts(kind, types, words), columns)
        return self._empty[key]

    def _opened(self, number: int) -> Shard:
        return self._shards.get(number, lambda: self._open(number))

    def _open(self, number: int) -> Shard:
        shard = self.generation.shards()[number]

        def read(kind: str, columns: Sequence[str] | None) -> FactRows:
            return with_columns(self._facts.get((number, kind), lambda: shard.facts(kind)), columns)

        return replace(shard, read_facts=read)


def _bytes_of_rows(rows: FactRows | MemberRows | LinkRows) -> int:
    return sum(values.nbytes for values in flat_columns(rows).values())


def _bytes_of_shard(shard: Shard) -> int:
    ids = shard.family_ids.nbytes + shard.person_ids.nbytes
    return ids + _bytes_of_rows(shard.members) + _bytes_of_rows(shard.links)
