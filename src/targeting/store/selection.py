"""Some families of a generation as one shard of their own: a request for one, a panel's list, a test."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from targeting.store.blocks import FactRows, Indexes, LinkRows, MemberRows, Shard
from targeting.store.shards import fact_rows, flat_columns


def select_families(shards: Sequence[Shard], family_ids: Sequence[str]) -> Shard:
    """Return one shard of the named families alone, taken from the shards that hold them, in the order of families.

    Raises KeyError where a family is in none of them.
    """
    wanted = np.unique(np.asarray(family_ids, dtype=np.str_))
    held = [(shard, _places(shard, wanted)) for shard in shards]
    found = [(shard, places) for shard, places in held if len(places)]
    missing = len(wanted) - sum(len(places) for _, places in found)
    if missing or not found:
        raise KeyError(f"{missing} families are not in this generation")
    whole = _Whole.of(wanted, found)
    return Shard(
        family_ids=wanted,
        person_ids=whole.person_ids,
        sources=shards[0].sources,
        members=MemberRows(**whole.rows([selection.shard.members for selection in whole.selections])),
        links=LinkRows(**whole.rows([selection.shard.links for selection in whole.selections])),
        read_facts=whole.facts,
        left_out=shards[0].left_out if shards else frozenset(),
        not_asked=frozenset(chain.from_iterable(shard.not_asked for shard, _ in found)),
    )


def rows_of_families(family: Indexes, families: Indexes) -> NDArray[np.int64]:
    """Return the rows of the given families, where `family` is sorted and they are ascending."""
    first, last = np.searchsorted(family, families, "left"), np.searchsorted(family, families, "right")
    if len(families) == 1:
        return np.arange(first[0], last[0])
    counts = last - first
    return np.arange(counts.sum()) + np.repeat(first - (np.cumsum(counts) - counts), counts)


def _places(shard: Shard, wanted: NDArray[np.str_]) -> Indexes:
    """Return where the wanted families that a shard has lie in it, ascending."""
    places = np.searchsorted(shard.family_ids, wanted)
    here = places < len(shard.family_ids)
    here[here] = shard.family_ids[places[here]] == wanted[here]
    return places[here].astype(np.int32)


@dataclass(frozen=True)
class _Selection:
    """The wanted families and persons of a shard, ascending, and what each is called in the new one."""

    shard: Shard
    families: Indexes
    persons: Indexes
    new_families: Indexes
    new_persons: Indexes

    def picked(self, part: FactRows | MemberRows | LinkRows) -> dict[str, NDArray[Any]]:
        """Return the rows of the wanted families, by the new indexes."""
        which = rows_of_families(part.family, self.families)
        picked = {name: values[which] for name, values in flat_columns(part).items()}
        picked["family"] = self.new_families[np.searchsorted(self.families, picked["family"])]
        picked["person"] = self.new_persons[np.searchsorted(self.persons, picked["person"])]
        return picked


@dataclass(frozen=True)
class _Whole:
    """The persons of all selections, and the selections in the order of their families."""

    person_ids: NDArray[np.str_]
    selections: tuple[_Selection, ...]

    @classmethod
    def of(cls, wanted: NDArray[np.str_], found: Sequence[tuple[Shard, Indexes]]) -> "_Whole":
        persons = [np.unique(shard.members.person[_rows(shard, families)]) for shard, families in found]
        ids = [shard.person_ids[those] for (shard, _), those in zip(found, persons, strict=True)]
        person_ids = np.unique(np.concatenate(ids))
        selections = (
            _Selection(
                shard,
                families,
                those,
                np.searchsorted(wanted, shard.family_ids[families]).astype(np.int32),
                np.searchsorted(person_ids, own).astype(np.int32),
            )
            for (shard, families), those, own in zip(found, persons, ids, strict=True)
        )
        return cls(person_ids, tuple(selections))

    def rows(self, parts: Sequence[FactRows | MemberRows | LinkRows]) -> dict[str, Any]:
        """Return the selected rows of all parts, one part a selection, by the new indexes."""
        picked = [selection.picked(part) for selection, part in zip(self.selections, parts, strict=True)]
        return picked[0] if len(picked) == 1 else {n: np.concatenate([part[n] for part in picked]) for n in picked[0]}

    def facts(self, kind: str, columns: Sequence[str] | None) -> FactRows:
        """Return the selected families' facts of one kind."""
        parts = [selection.shard.facts(kind, columns) for selection in self.selections]
        return fact_rows(kind, self.rows(parts), parts[0].vocabularies)


def _rows(shard: Shard, families: Indexes) -> NDArray[np.int64]:
    return rows_of_families(shard.members.family, families)
