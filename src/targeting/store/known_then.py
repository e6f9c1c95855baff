"""What an earlier date knew, of families as they are made up now: so that what moved a value can be told apart."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from targeting.store.blocks import OPEN_DAY, FactRows, LinkRows, MemberRows, Shard
from targeting.store.explosion import taken
from targeting.store.generations import Generation
from targeting.store.shards import fact_rows, flat_columns

FactIds = NDArray[np.int64]
Rows = TypeVar("Rows", MemberRows, LinkRows)

# Before every day of which records speak.
ALWAYS = np.int32(-(2**30))


def facts_known_on(generation: Generation, kind: str, on: date) -> FactIds:
    """Return the ids of a kind's facts that were known of anybody on an as-of date and not yet corrected, sorted.

    None of a kind that the generation does not hold.
    """
    held = generation.manifest.kinds.get(kind)
    if held is None or not held.rows:
        return np.empty(0, dtype=np.int64)
    path = generation.path / "facts" / f"{kind}.parquet"
    facts = pq.read_table(path, columns=["fact_id", "knowledge_date", "superseded_on"], partitioning=None)
    known = pc.less(facts["knowledge_date"], on)
    holds = pc.fill_null(pc.greater_equal(facts["superseded_on"], on), fill_value=True)
    ids: FactIds = facts.filter(pc.and_(known, holds))["fact_id"].to_numpy()
    # A fact has several rows where several persons have had it in turn, and but one holds on a date.
    return np.sort(ids)


@dataclass(frozen=True)
class Reassigned:
    """Facts of a kind found to be another person's: sorted ids, and the day on which the last one's was known."""

    fact_id: FactIds
    since: NDArray[np.int32]

    def are_still_theirs(self, facts: FactRows) -> NDArray[np.bool_]:
        """Return which of some rows are of the person whose fact it is in the end."""
        if not len(self.fact_id):
            return np.ones(len(facts), dtype=np.bool_)
        place = np.minimum(np.searchsorted(self.fact_id, facts.fact_id), len(self.fact_id) - 1)
        return (self.fact_id[place] != facts.fact_id) | (facts.knowledge >= self.since[place])


def reassigned_by(generation: Generation, kind: str, on: date) -> Reassigned:
    """Return the facts of a kind that several persons have had in turn, by what was known before an as-of date."""
    held = generation.manifest.kinds.get(kind)
    if held is None or not held.rows:
        return Reassigned(np.empty(0, np.int64), np.empty(0, np.int32))
    path = generation.path / "facts" / f"{kind}.parquet"
    facts = pq.read_table(path, columns=["fact_id", "knowledge_date"], partitioning=None)
    facts = facts.filter(pc.less(facts["knowledge_date"], on))
    ids, known = facts["fact_id"].to_numpy(), facts["knowledge_date"].cast(pa.int32()).to_numpy()
    order = np.lexsort((known, ids))
    ids, known = ids[order], known[order]
    again = np.flatnonzero(ids[1:] == ids[:-1]) + 1
    last = again[np.append(ids[again[1:]] != ids[again[:-1]], True)] if len(again) else again
    return Reassigned(ids[last], known[last])


@dataclass(frozen=True)
class Then:
    """By kind, which facts an earlier date knew, and which have been found to be another person's by now."""

    known: Callable[[str], FactIds]
    reassigned: Callable[[str], Reassigned]


def as_known_then(shard: Shard, then: Then, *, members_on: np.int32) -> Shard:
    """Return families with their members of one day, for ever, and of their facts those that were known `then`.

    A fact that was found since to be another person's is that person's. Agencies' links are those of the day.
    """
    members = _always(shard.members, members_on)

    def read(kind: str, columns: Sequence[str] | None) -> FactRows:
        facts = shard.facts(kind, columns)
        held = _of_members(facts, members, then.known(kind))
        if (facts.visible_to[held] < members_on).any():
            held = held[then.reassigned(kind).are_still_theirs(facts)[held]]
        return _as_theirs(facts, held, members)

    return replace(shard, members=members, links=_always(shard.links, members_on), read_facts=read)


def are_among(fact_id: FactIds, known: FactIds) -> NDArray[np.bool_]:
    """Return which of a few ids are among many sorted ones, which are not gone through."""
    place = np.searchsorted(known, fact_id)
    found = place < len(known)
    found[found] = known[place[found]] == fact_id[found]
    return found


def kept_in_memory(shard: Shard) -> Shard:
    """Return a shard that reads each kind's rows once, for a few families whom several runs look at."""
    held: dict[tuple[str, tuple[str, ...] | None], FactRows] = {}

    def read(kind: str, columns: Sequence[str] | None) -> FactRows:
        key = (kind, None if columns is None else tuple(columns))
        if key not in held:
            held[key] = shard.facts(kind, columns)
        return held[key]

    return replace(shard, read_facts=read)


def _always(rows: Rows, on: np.int32) -> Rows:
    held: Rows = taken(rows, (rows.visible_from <= on) & (on <= rows.visible_to))
    return replace(held, visible_from=np.full(len(held), ALWAYS), visible_to=np.full(len(held), OPEN_DAY))


def _of_members(facts: FactRows, members: MemberRows, known: FactIds) -> NDArray[np.int64]:
    """Return which rows are known facts of members, each once, in their order."""
    held = np.flatnonzero((_place(facts, members) >= 0) & are_among(facts.fact_id, known))
    return held[_last_of_each(facts, held)]


def _as_theirs(facts: FactRows, held: NDArray[np.int64], members: MemberRows) -> FactRows:
    """Return some rows, always visible, with what linkage says of their persons now."""
    flat = {name: values[held] for name, values in flat_columns(facts).items()}
    place = _place(facts, members)[held]
    flat |= {"birth": members.birth[place], "is_child": members.is_child[place]}
    flat |= {"visible_from": np.full(len(held), ALWAYS), "visible_to": np.full(len(held), OPEN_DAY)}
    return fact_rows(facts.kind, flat, facts.vocabularies)


def _place(facts: FactRows, members: MemberRows) -> NDArray[np.int64]:
    """Return where each row's person is among the members of its family; -1 where it is none."""
    those, each = _pairs(members), _pairs(facts)
    place = np.searchsorted(those, each)
    found = place < len(those)
    found[found] = those[place[found]] == each[found]
    return np.where(found, place, -1)


def _last_of_each(facts: FactRows, held: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return, in their order, one of the held rows for each fact of a family: the one that counts the longest."""
    keys = (facts.visible_to[held], facts.fact_id[held], facts.family[held])
    order = np.lexsort(keys)
    family, fact = facts.family[held][order], facts.fact_id[held][order]
    is_last = np.ones(len(order), dtype=np.bool_)
    is_last[:-1] = (family[1:] != family[:-1]) | (fact[1:] != fact[:-1])
    return np.sort(order[is_last])


def _pairs(rows: FactRows | MemberRows) -> NDArray[np.int64]:
    return rows.family.astype(np.int64) << 32 | rows.person.astype(np.int64)
