"""Shards of one family each as one shard: what many requests tell, read together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from targeting.store.blocks import FactRows, LinkRows, MemberRows, Shard
from targeting.store.shards import fact_rows, flat_columns

Words = tuple[str, ...]


def side_by_side(shards: Sequence[Shard]) -> Shard:
    """Return shards of one generation, of one family each, as one: its families are named by the place of their shard.

    The same family or person may be in several of them, told in another way in each: here it is another one in each.
    Raises ValueError where a shard has no family or more than one.
    """
    if any(len(each.family_ids) != 1 for each in shards):
        message = "shards are laid side by side that have one family each."
        raise ValueError(message)
    whole = _Whole(tuple(shards))
    return Shard(
        family_ids=np.array([place_name(place) for place in range(len(shards))]),
        person_ids=np.array([name for names in whole.persons for name in names]),
        sources=shards[0].sources,
        members=MemberRows(**whole.joined([each.members for each in shards])),
        links=LinkRows(**whole.joined([each.links for each in shards])),
        read_facts=whole.facts,
        left_out=frozenset(
            name
            for each, names in zip(shards, whole.persons, strict=True)
            for person, name in zip(each.person_ids.tolist(), names, strict=True)
            if person in each.left_out
        ),
        not_asked=frozenset(
            (place_name(place), source) for place, each in enumerate(shards) for _, source in each.not_asked
        ),
    )


def place_name(place: int) -> str:
    """Return the name of the family whose shard lies at a place: in the order of the places."""
    return f"{place:09d}"


@dataclass(frozen=True)
class _Whole:
    """Shards that are read as one, and by which names and numbers."""

    shards: tuple[Shard, ...]

    @cached_property
    def persons(self) -> list[list[str]]:
        """The name of each shard's persons in the whole: sorted, as a shard's own are."""
        return [
            [f"{place_name(place)}/{person}" for person in each.person_ids.tolist()]
            for place, each in enumerate(self.shards)
        ]

    @cached_property
    def first_persons(self) -> list[int]:
        """The number of each shard's first person in the whole."""
        counts = [len(names) for names in self.persons]
        return [0, *np.cumsum(counts).tolist()[:-1]]

    def joined(self, parts: Sequence[FactRows | MemberRows | LinkRows]) -> dict[str, NDArray[Any]]:
        """Return the rows of all parts, one part a shard, by the numbers of the whole."""
        kept = [place for place, each in enumerate(parts) if len(each)] or [0]
        flat = {place: flat_columns(parts[place]) for place in kept}
        for place, columns in flat.items():
            columns["family"] = np.full(len(parts[place]), place, dtype=np.int32)
            columns["person"] = (columns["person"] + self.first_persons[place]).astype(np.int32)
        return {name: np.concatenate([columns[name] for columns in flat.values()]) for name in flat[kept[0]]}

    def facts(self, kind: str, columns: Sequence[str] | None) -> FactRows:
        """Return all families' facts of one kind, each code by one number whichever shard it comes from."""
        parts = [each.facts(kind, columns) for each in self.shards]
        words = _common([each.vocabularies for each in parts if len(each)] or [parts[0].vocabularies])
        return fact_rows(kind, self.joined([_renumbered(each, words) for each in parts]), words)


def _common(vocabularies: Sequence[Mapping[str, Words]]) -> dict[str, Words]:
    """Return the words of each column: those of the first shard, then whatever others have beside."""
    found: dict[str, dict[str, None]] = {name: dict.fromkeys(words) for name, words in vocabularies[0].items()}
    for each in vocabularies[1:]:
        for name, words in each.items():
            if words is not vocabularies[0][name]:
                found[name] |= dict.fromkeys(words)
    return {name: tuple(words) for name, words in found.items()}


def _renumbered(rows: FactRows, words: Mapping[str, Words]) -> FactRows:
    own = {
        name: _recoded(values, rows.vocabularies[name], words[name])
        for name, values in rows.columns.items()
        if name in words and rows.vocabularies[name] != words[name]
    }
    return replace(rows, columns={**rows.columns, **own}) if own and len(rows) else rows


def _recoded(values: NDArray[Any], words: Words, among: Words) -> NDArray[Any]:
    """Return codes of some words as codes of others that hold them all; -1 stays."""
    places = {word: place for place, word in enumerate(among)}
    codes = np.array([*(places[word] for word in words), -1], dtype=values.dtype)
    recoded: NDArray[Any] = codes[values]
    return recoded
