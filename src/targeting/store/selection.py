"""Some families of a generation as one shard of their own: a request for one, a panel's list, a test."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from targeting.store.blocks import FactRows, Indexes, LinkRows, MemberRows, Shard
from targeting.store.shards import fact_rows, flat_columns


def select_families(shards: Sequence[Shard], family_ids: Sequence[str]) -> Shard:
    """Return one shard of the named families alone, taken from the shards that hold them.

    Raises KeyError where a family is in none of them.
    """
    wanted = np.unique(np.asarray(family_ids, dtype=np.str_))
    selections = [selection for shard in shards if (selection := _Selection.of(shard, wanted)) is not None]
    held = [selection.shard.family_ids[selection.families] for selection in selections]
    missing = set(wanted.tolist()) - {family for ids in held for family in ids.tolist()}
    if missing or not selections:
        raise KeyError(f"{len(missing)} families are not in this generation")
    person_ids = np.unique(np.concatenate([selection.shard.person_ids[selection.persons] for selection in selections]))
    whole = _Whole(wanted, person_ids, tuple(selections))
    return Shard(
        family_ids=wanted,
        person_ids=person_ids,
        sources=shards[0].sources,
        members=MemberRows(**whole.rows([selection.shard.members for selection in selections])),
        links=LinkRows(**whole.rows([selection.shard.links for selection in selections])),
        read_facts=whole.facts,
    )


@dataclass(frozen=True)
class _Selection:
    """Which families of a shard are wanted, and which persons belong to them."""

    shard: Shard
    families: Indexes
    persons: Indexes

    @classmethod
    def of(cls, shard: Shard, wanted: NDArray[np.str_]) -> "_Selection | None":
        families = np.flatnonzero(np.isin(shard.family_ids, wanted)).astype(np.int32)
        if not len(families):
            return None
        persons = np.unique(shard.members.person[np.isin(shard.members.family, families)])
        return cls(shard, families, persons)


@dataclass(frozen=True)
class _Whole:
    """The new ids of a selection, and the selections in the order of their families."""

    family_ids: NDArray[np.str_]
    person_ids: NDArray[np.str_]
    selections: tuple[_Selection, ...]

    def rows(self, parts: Sequence[FactRows | MemberRows | LinkRows]) -> dict[str, Any]:
        """Return the selected rows of all parts, one part a selection, by the new indexes."""
        picked = [self._picked(*pair) for pair in zip(self.selections, parts, strict=True)]
        return {name: np.concatenate([part[name] for part in picked]) for name in picked[0]}

    def _picked(self, selection: _Selection, part: FactRows | MemberRows | LinkRows) -> dict[str, NDArray[Any]]:
        which = np.flatnonzero(np.isin(part.family, selection.families))
        picked = {name: values[which] for name, values in flat_columns(part).items()}
        picked["family"] = _renumbered(selection.shard.family_ids, self.family_ids)[picked["family"]]
        picked["person"] = _renumbered(selection.shard.person_ids, self.person_ids)[picked["person"]]
        return picked

    def facts(self, kind: str, columns: Sequence[str] | None) -> FactRows:
        """Return the selected families' facts of one kind."""
        parts = [selection.shard.facts(kind, columns) for selection in self.selections]
        return fact_rows(kind, self.rows(parts), parts[0].vocabularies)


def _renumbered(old_ids: NDArray[np.str_], new_ids: NDArray[np.str_]) -> Indexes:
    return np.searchsorted(new_ids, old_ids).astype(np.int32)
