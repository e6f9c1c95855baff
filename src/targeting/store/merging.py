"""A shard with more laid over it: what a request tells of a family, beside what is held of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from targeting.records.contract import Contract
from targeting.store.blocks import MISSING_DAY, OPEN_DAY, Days, FactRows, Indexes, LinkRows, MemberRows, Shard
from targeting.store.contents import AGENCY_LINKS, MEMBERSHIPS
from targeting.store.explosion import Population, explode_facts, explode_links, members, population
from targeting.store.shards import fact_rows, flat_columns, with_columns
from targeting.store.vocabularies import EPISODE, Encoding, all_episodes, distinct, indexes, text_array

EpisodeNumbers = Callable[[Sequence[str]], Indexes]


@dataclass(frozen=True, kw_only=True)
class Added:
    """What is laid over a shard, in tables as `GenerationContents` has them.

    Whoever is in `memberships` belongs as they say: what the shard held of that person goes. `closed` are the ids of
    facts of the shard that no longer count.
    """

    memberships: pa.Table = field(default_factory=MEMBERSHIPS.empty_table)
    agency_links: pa.Table = field(default_factory=AGENCY_LINKS.empty_table)
    facts: Mapping[str, pa.Table] = field(default_factory=dict)
    closed: frozenset[int] = frozenset()


def merged_shard(shard: Shard, added: Added, *, contract: Contract, episode_numbers: EpisodeNumbers) -> Shard:
    """Return the shard with what is added, by the code that writes a generation's shards.

    `episode_numbers` tells the number that an episode has in the shard. Raises ValueError where two ranges of one
    person in one family overlap.
    """
    merging = _Merging(shard, added, contract, episode_numbers)
    return Shard(
        family_ids=text_array(merging.people.family_ids),
        person_ids=text_array(merging.people.person_ids),
        sources=shard.sources,
        members=members(merging.people),
        links=merging.links(),
        read_facts=merging.facts,
        left_out=shard.left_out,
        not_asked=shard.not_asked,
    )


@dataclass(frozen=True)
class _Merging:
    shard: Shard
    added: Added
    contract: Contract
    episode_numbers: EpisodeNumbers
    exploded: dict[str, FactRows] = field(default_factory=dict)

    @cached_property
    def replaced(self) -> NDArray[np.bool_]:
        """Which of the shard's persons belong otherwise from now on."""
        return np.isin(self.shard.person_ids, self.added.memberships["person_id"].to_pylist())

    @cached_property
    def people(self) -> Population:
        """All who belong, those of the shard and those added."""
        held = _memberships(self.shard).filter(pa.array(~self.replaced[self.shard.members.person]))
        return population(pa.concat_tables([held, self.added.memberships]))

    @cached_property
    def new_families(self) -> Indexes:
        """The new index of each of the shard's families, -1 for those that nobody belongs to any more."""
        return _places(self.shard.family_ids, self.people.family_ids)

    @cached_property
    def new_persons(self) -> Indexes:
        """The new index of each of the shard's persons."""
        return _places(self.shard.person_ids, self.people.person_ids)

    @cached_property
    def episodes(self) -> pa.Array:
        """All episodes of the added facts: one that starts in one kind and ends in another is one."""
        return all_episodes(t[EPISODE] for kind, t in self.added.facts.items() if self.contract[kind].has_episodes)

    @cached_property
    def numbers(self) -> Indexes:
        """The number of each of these episodes in the shard."""
        return self.episode_numbers(self.episodes.to_pylist())

    def links(self) -> LinkRows:
        """Return the shard's links and those added, in kernel order."""
        held = self._kept(self.shard.links)
        more = flat_columns(explode_links(self.added.agency_links, self.people, self.shard.sources))
        both = {name: np.concatenate([held[name], more[name]]) for name in held}
        return LinkRows(**_ordered(both, ("family", "person", "source", "visible_from")))

    def facts(self, kind: str, columns: Sequence[str] | None) -> FactRows:
        """Return the shard's facts of a kind and those added, in kernel order."""
        rows, is_told = self.shard.facts(kind, columns), len(self.added.facts.get(kind, ())) > 0
        if not len(rows) and not is_told:
            return rows
        held = self._kept(rows)
        if not is_told:
            return fact_rows(kind, held, rows.vocabularies)
        all_added = self._exploded(kind, rows.vocabularies)
        more = flat_columns(with_columns(all_added, tuple(rows.columns)))
        both = {name: np.concatenate([held[name], more[name]]) for name in held}
        in_order = _ordered(both, ("family", "person", "event", "fact_id", "visible_from"))
        return fact_rows(kind, in_order, all_added.vocabularies)

    def _kept(self, rows: FactRows | MemberRows | LinkRows) -> dict[str, NDArray[Any]]:
        stays = ~self.replaced[rows.person]
        if isinstance(rows, FactRows) and self.added.closed:
            stays &= ~np.isin(rows.fact_id, list(self.added.closed))
        kept = {name: values[stays] for name, values in flat_columns(rows).items()}
        return kept | {"family": self.new_families[kept["family"]], "person": self.new_persons[kept["person"]]}

    def _exploded(self, kind: str, words: Mapping[str, tuple[str, ...]]) -> FactRows:
        if kind not in self.exploded:
            self.exploded[kind] = self._explode(kind, words)
        return self.exploded[kind]

    def _explode(self, kind: str, words: Mapping[str, tuple[str, ...]]) -> FactRows:
        table, declared = self.added.facts[kind], self.contract[kind]
        codes = [each.name for each in declared.columns if each.type == "code" and each.name != EPISODE]
        vocabulary = {name: _extended(words.get(name, ()), table[name]) for name in codes}
        code = Encoding({kind: vocabulary}, self.episodes, self.shard.sources)
        rows = explode_facts(declared, table, self.people, code)
        numbers = np.append(self.numbers, np.int32(-1))
        own = {name: numbers[values] if name == EPISODE else values for name, values in rows.columns.items()}
        return replace(rows, columns=own)


def _memberships(shard: Shard) -> pa.Table:
    """Return who belongs to a shard's families, as a generation's table says it."""
    rows = shard.members
    columns = [
        pa.array(shard.family_ids.tolist(), pa.string()).take(pa.array(rows.family)),
        pa.array(shard.person_ids.tolist(), pa.string()).take(pa.array(rows.person)),
        pa.array(rows.is_child != 0),
        _dates(rows.birth, MISSING_DAY),
        _dates(rows.visible_from),
        _dates(rows.visible_to, OPEN_DAY),
    ]
    return pa.table(columns, schema=MEMBERSHIPS)


def _dates(days: Days, missing: np.int32 | None = None) -> pa.Array:
    return pa.array(days, pa.int32(), mask=None if missing is None else days == missing).cast(pa.date32())


def _places(ids: NDArray[np.str_], among: pa.Array) -> Indexes:
    return indexes(pa.array(ids.tolist(), pa.string()), among)


def _ordered(columns: Mapping[str, NDArray[Any]], by: Sequence[str]) -> dict[str, NDArray[Any]]:
    order = np.lexsort([columns[name] for name in reversed(by)])
    return {name: values[order] for name, values in columns.items()}


def _extended(words: tuple[str, ...], texts: pa.ChunkedArray) -> tuple[str, ...]:
    """Return the words with those that the texts have beside, so that an index of the words stays what it was."""
    return (*words, *(word for word in distinct(texts).to_pylist() if word not in words))
