"""Which of the records sent are held already: the same fact, told again, counts once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from targeting.features.dates import day_number
from targeting.records.contract import Contract
from targeting.records.definition import Column, FactKind
from targeting.serving.scores.checking import SentFact, refuse
from targeting.store.blocks import MISSING_DAY, FactRows, Shard
from targeting.store.vocabularies import EPISODE

# Person, source, event, and the kind's own columns in the order of the contract, as the store holds them.
Content = tuple[Any, ...]

CORRECTED = "the same record is held, and was corrected on a later day; send what it was corrected to"


@dataclass(frozen=True)
class Compared:
    """The sent records that are news, how many are held already, and the held facts that a record sent corrects."""

    news: tuple[SentFact, ...]
    already_held: int
    closed: frozenset[int]


@dataclass(frozen=True)
class _Held:
    """A fact held: whether it counts on the date, and until when it stood."""

    fact_id: int
    is_visible: bool
    until: int


def compare(
    sent: Sequence[SentFact], episodes: Mapping[int, int], *, shard: Shard, contract: Contract, as_of_date: date
) -> Compared:
    """Return what is news of the records sent, against those that a shard of one family holds.

    A record is held where one of the same kind, person, source, event and values is; two alike need two. `episodes`
    has the number of each sent record's episode, by its index. Of a held fact that a sent record says was corrected,
    the correction is taken over. Raises Refusal where one is sent as standing that was corrected.
    """
    matching = _Matching(shard, contract, day_number(as_of_date))
    news, closed, faults = [], set(), []
    # What stands takes what stands, before what was corrected is looked at; the order of the request changes nothing.
    for each in sorted(sent, key=lambda fact: (not fact.is_visible_on(as_of_date), fact.record.knowledge_date)):
        standing = each.is_visible_on(as_of_date)
        held = matching.take(each, episodes.get(each.index), standing=standing)
        if held is None:
            news.append(each)
        elif standing and not held.is_visible:
            faults.append((each.index, CORRECTED))
        elif not standing and held.is_visible:
            closed.add(held.fact_id)
    refuse(sorted(faults))
    return Compared(tuple(news), len(sent) - len(news), frozenset(closed))


class _Matching:
    """Held facts by content, each taken once."""

    def __init__(self, shard: Shard, contract: Contract, as_of: int) -> None:
        self._shard, self._contract, self._as_of = shard, contract, as_of
        self._held: dict[str, dict[Content, list[_Held]]] = {}

    def take(self, fact: SentFact, episode: int | None, *, standing: bool) -> _Held | None:
        """Return a held fact of the same content, one alike in standing first; None where there is none.

        What a fact was before it was corrected is another fact where the sent one was known since.
        """
        kind = self._contract[fact.record.kind]
        alike = self._of_kind(kind).get(_content(fact, kind, episode), [])
        known = day_number(fact.record.knowledge_date)
        able = [each for each in alike if each.is_visible or not standing or known < each.until < self._as_of]
        if not able:
            return None
        best = min(able, key=lambda each: (each.is_visible != standing, each.fact_id))
        alike.remove(best)
        return best

    def _of_kind(self, kind: FactKind) -> dict[Content, list[_Held]]:
        if kind.name not in self._held:
            self._held[kind.name] = _held_facts(self._shard, kind, self._as_of)
        return self._held[kind.name]


def _held_facts(shard: Shard, kind: FactKind, as_of: int) -> dict[Content, list[_Held]]:
    found: dict[Content, list[_Held]] = {}
    try:
        rows = shard.facts(kind.name)
    except KeyError:
        return found
    for content, group in _by_fact(rows, shard, kind):
        visible = bool(np.any((rows.visible_from[group] <= as_of) & (as_of <= rows.visible_to[group])))
        held = _Held(int(rows.fact_id[group[0]]), visible, int(rows.visible_to[group].max()))
        found.setdefault(content, []).append(held)
    return found


def _by_fact(rows: FactRows, shard: Shard, kind: FactKind) -> Iterator[tuple[Content, NDArray[np.int64]]]:
    """Yield each fact's content with its rows: it has one for every range in which its person belonged.

    A fact that linkage moved from one person of the family to another is one of each.
    """
    columns = [_plain(each, rows) for each in kind.columns]
    persons, sources = shard.person_ids[rows.person].tolist(), [shard.sources[each] for each in rows.source.tolist()]
    contents = list(zip(persons, sources, rows.event.tolist(), *columns, strict=True))
    whose = np.stack([rows.fact_id, rows.person.astype(np.int64)], axis=1)
    _, first, which = np.unique(whose, axis=0, return_index=True, return_inverse=True)
    for number, place in enumerate(first.tolist()):
        yield contents[place], np.flatnonzero(which == number)


def _plain(column: Column, rows: FactRows) -> list[Any]:
    """Return a column's values as Python has them, None for none."""
    if column.name not in rows.columns:
        return [None] * len(rows)
    values = rows.columns[column.name].tolist()
    if column.name == EPISODE:
        return [None if value < 0 else value for value in values]
    if column.type == "code":
        words = rows.vocabularies[column.name]
        return [None if value < 0 else words[value] for value in values]
    if column.type == "date":
        return [None if value == MISSING_DAY else value for value in values]
    return [None if value != value else value for value in values]  # noqa: PLR0124 - NaN alone differs from itself.


def _content(fact: SentFact, kind: FactKind, episode: int | None) -> Content:
    record = fact.record
    own = (episode if each.name == EPISODE else _sent(each, record.column(each.name)) for each in kind.columns)
    return (fact.person_id, record.source, day_number(record.event_date), *own)


def _sent(column: Column, value: Any) -> Any:
    if value is None or column.type == "code":
        return value
    return day_number(value) if column.type == "date" else float(value)
