"""What was published before: the list of the same panel and kind that came before, and the records it was made from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from targeting.serving.contents import ListHead
from targeting.serving.published import PublishedList, published_heads, read_list
from targeting.store.blocks import FactRows, Shard
from targeting.store.generations import Generation, generation_ids, open_generation
from targeting.store.known_then import FactIds, Reassigned, Then, facts_known_on, reassigned_by
from targeting.store.shards import empty_facts, with_columns

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Standing:
    """Where a family stood on the list before; `merged` where another one has gone on as it."""

    family_id: str
    rank: int
    margin: float
    merged: bool


@dataclass(frozen=True)
class Before:
    """The list before, the `generation` that it was made from, and the one that is current `now`."""

    published: PublishedList
    generation: Generation
    now: Generation
    past: "Past"

    @property
    def head(self) -> ListHead:
        """Return what the list before says of itself."""
        return self.published.head

    @cached_property
    def family_id(self) -> NDArray[np.str_]:
        """The families that the list was drawn from, sorted."""
        return np.asarray(self.published.considered["family_id"].to_pylist(), dtype=np.str_)

    @cached_property
    def margin(self) -> Floats:
        """The margin of each of them, as published."""
        margins: Floats = self.published.considered["margin"].to_numpy()
        return margins

    @cached_property
    def _place(self) -> dict[str, int]:
        return {family: place for place, family in enumerate(self.family_id.tolist())}

    @cached_property
    def listed(self) -> frozenset[str]:
        """The families that were listed."""
        return frozenset(flag.family_id for flag in self.published.flags)

    def standing(self, family_id: str, gone_on: Sequence[str]) -> Standing | None:
        """Return where a family stood, or the one of `gone_on` that ranked best; None where none was considered."""
        others = [each for each in gone_on if each in self._place]
        was = [family_id] if family_id in self._place else others
        if not was:
            return None
        ranks = self.published.considered["rank"]
        rank, place = min((ranks[self._place[each]].as_py(), self._place[each]) for each in was)
        return Standing(str(self.family_id[place]), rank, float(self.margin[place]), merged=bool(others))

    def gone_on_as(self, as_of_date: date) -> dict[str, tuple[str, ...]]:
        """Return, by the family that they went on as since the list before, those that have ended."""
        rows = self.now.successions()
        since = pc.and_(
            pc.greater(rows["from_date"], self.head.as_of_date), pc.less_equal(rows["from_date"], as_of_date)
        )
        return ended_by_successor(rows.filter(pc.and_(since, pc.equal(rows["how"], "went_on_as"))))

    def known(self, kind: str) -> FactIds:
        """Return the ids of a kind's facts that were known of anybody as of the list before, sorted."""
        return self.past.known(self.generation, kind, self.head.as_of_date)

    def then(self, as_of_date: date) -> Then:
        """Return what the list before knew, of the persons whose facts those are on a later date."""
        return Then(self.known, lambda kind: self.past.reassigned(self.now, kind, as_of_date))

    def shard(self, held: Shard) -> Shard:
        """Return a shard of the generation before that has no rows of what only the current one has."""
        kinds, now, words = self.generation.manifest.kinds, self.now.manifest.kinds, self.now.vocabularies

        def read(kind: str, columns: Sequence[str] | None) -> FactRows:
            if kind not in now or (kind in kinds and set(columns or ()) <= kinds[kind].columns.keys()):
                return held.facts(kind, columns)
            return with_columns(empty_facts(kind, now[kind].columns, words[kind]), columns)

        return replace(held, read_facts=read)


class Past:
    """The lists that are published below a data folder. What several lists of one date ask is looked up once."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._known: dict[tuple[str, str, date], FactIds] = {}
        self._reassigned: dict[tuple[str, str, date], Reassigned] = {}

    @cached_property
    def _heads(self) -> tuple[ListHead, ...]:
        return published_heads(self._data)

    def before(self, as_of_date: date, *, model: str, panel: str, kind: str, now: Generation) -> Before | None:
        """Return the latest list of a panel and kind before a date, by the same model, whose records are still held."""
        named = (model, panel, kind)
        earlier = [
            head
            for head in self._heads
            if head.as_of_date < as_of_date and (head.provenance.model, head.panel, head.kind) == named
        ]
        if not earlier or earlier[0].provenance.generation_id not in generation_ids(self._data):
            return None
        published = read_list(self._data, earlier[0].id)
        made_from = open_generation(self._data, earlier[0].provenance.generation_id)
        return Before(published, made_from.leaving_out(frozenset(published.left_out)), now, self)

    def known(self, generation: Generation, kind: str, on: date) -> FactIds:
        """Return `facts_known_on`."""
        key = (generation.id, kind, on)
        if key not in self._known:
            self._known[key] = facts_known_on(generation, kind, on)
        return self._known[key]

    def reassigned(self, generation: Generation, kind: str, on: date) -> Reassigned:
        """Return `reassigned_by`."""
        key = (generation.id, kind, on)
        if key not in self._reassigned:
            self._reassigned[key] = reassigned_by(generation, kind, on)
        return self._reassigned[key]


def ended_by_successor(successions: pa.Table) -> dict[str, tuple[str, ...]]:
    """Return for each family the ended ones that went on as it, also through others that ended, sorted."""
    ended: dict[str, set[str]] = {}
    for one, other in zip(successions["family_id"].to_pylist(), successions["successor_id"].to_pylist(), strict=True):
        ended.setdefault(other, set()).add(one)
    return {family: tuple(sorted(_all_before(family, ended))) for family in ended}


def _all_before(family: str, ended: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    to_follow = {family}
    while to_follow:
        reached = {one for each in to_follow for one in ended.get(each, ())}
        to_follow = reached - found
        found |= reached
    return found - {family}
