"""A family as held and as sent, in one shard: what the model's plan is run on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from targeting.records.contract import Contract
from targeting.records.definition import FactKind
from targeting.serving.scores.already_held import Compared, compare
from targeting.serving.scores.checking import SentFact
from targeting.serving.scores.meaning import Named
from targeting.serving.scores.publication import Publication
from targeting.serving.scores.request import Person, ScoreRequest
from targeting.store.blocks import Shard
from targeting.store.contents import AGENCY_LINKS, MEMBERSHIPS, fact_schema
from targeting.store.merging import Added, merged_shard
from targeting.store.pseudonyms import episode_ids
from targeting.store.vocabularies import EPISODE

# The family of people who are in none that is held.
NOT_HELD = "~"


@dataclass(frozen=True)
class Household:
    """Merges a request with what is held of its people."""

    publication: Publication
    contract: Contract
    identity_key: bytes
    named: Named

    def merged(self, request: ScoreRequest, facts: Sequence[SentFact], as_of_date: date) -> tuple[Shard, Compared]:
        """Return one family's shard, and which of the facts sent were held already."""
        held = self._held(request)
        episodes = self._episodes(facts)
        numbers = dict(zip(episodes, self._numbers(list(episodes.values())), strict=True))
        compared = compare(facts, numbers, shard=held, contract=self.contract, as_of_date=as_of_date)
        new = [each for each in request.people if not self._is_held(each)]
        added = Added(
            memberships=self._memberships(new),
            agency_links=self._links(request.people, facts),
            facts=self._tables(compared.news, episodes),
            closed=compared.closed,
        )
        return self._merge(held, added), compared

    def _held(self, request: ScoreRequest) -> Shard:
        """Return the family as held, with people who are held and in no family yet, where the request adds them."""
        family, shards = self.named.family_id, self.publication.shards
        shard = shards.shard_of_nobody() if family is None else shards.shard_with([family])
        joining = [each for each in request.people if self._id(each) in self.named.others]
        if not joining:
            return shard
        people, persons = self.publication.people, sorted({self._id(each) for each in joining})
        kinds = self.publication.kinds_read() | {each.kind for each in request.records}
        added = Added(
            memberships=self._memberships(joining),
            agency_links=pa.concat_tables([people.links_of(each) for each in persons]),
            facts={kind: people.facts_of(persons, self.contract[kind]) for kind in sorted(kinds)},
        )
        return self._merge(shard, added)

    def _merge(self, shard: Shard, added: Added) -> Shard:
        numbers = self.publication.shards.episode_numbers
        return merged_shard(shard, added, contract=self.contract, episode_numbers=numbers)

    def _is_held(self, entry: Person) -> bool:
        return self._id(entry) in self.named.members | self.named.others

    def _id(self, entry: Person) -> str:
        return self.named.id_of(entry.person) or ""

    def _memberships(self, people: Iterable[Person]) -> pa.Table:
        rows = [
            {
                "family_id": self.named.family_id or NOT_HELD,
                "person_id": self._id(each),
                "is_child": each.is_child,
                "birth_date": each.birth_date,
                "visible_from": each.from_date,
                "visible_to": each.until_date,
            }
            for each in people
        ]
        return pa.Table.from_pylist(rows, schema=MEMBERSHIPS)

    def _links(self, people: Iterable[Person], facts: Iterable[SentFact]) -> pa.Table:
        """Return who is known to whom: as is said, and as a record shows of its person and source."""
        said = {(self._id(each), known.source, known.since) for each in people for known in each.known_to}
        shown = {(each.person_id, each.record.source, each.record.knowledge_date) for each in facts}
        columns = zip(*sorted(said | shown), strict=True) if said or shown else [()] * 3
        return pa.table([list(column) for column in columns], schema=AGENCY_LINKS)

    def _episodes(self, facts: Sequence[SentFact]) -> Mapping[int, str]:
        """Return the pseudonym of each record's episode, by the record's index: the one that loading makes."""
        found: dict[int, str] = {}
        for source in sorted({each.record.source for each in facts}):
            own = [each for each in facts if each.record.source == source and each.record.column(EPISODE)]
            texts = pa.array([each.record.column(EPISODE) for each in own], pa.string())
            names = episode_ids(texts, source=source, identity_key=self.identity_key).to_pylist()
            found |= dict(zip((each.index for each in own), names, strict=True))
        return found

    def _numbers(self, episodes: Sequence[str]) -> list[int]:
        distinct = sorted(set(episodes))
        numbers = dict(zip(distinct, self.publication.shards.episode_numbers(distinct).tolist(), strict=True))
        return [numbers[each] for each in episodes]

    def _tables(self, facts: Sequence[SentFact], episodes: Mapping[int, str]) -> dict[str, pa.Table]:
        """Return the facts by kind; their ids, below those of all that is held, follow from what they say."""
        rows: dict[str, list[dict[str, Any]]] = {}
        for each in facts:
            rows.setdefault(each.record.kind, []).append(_row(each, self.contract[each.record.kind], episodes))
        tables = {}
        for kind, those in rows.items():
            in_order = sorted(those, key=lambda row: [(value is not None, str(value)) for value in row.values()])
            numbered = [row | {"fact_id": number - len(those)} for number, row in enumerate(in_order)]
            tables[kind] = pa.Table.from_pylist(numbered, schema=fact_schema(self.contract[kind]))
        return tables


def _row(fact: SentFact, kind: FactKind, episodes: Mapping[int, str]) -> dict[str, Any]:
    record = fact.record
    own = {
        each.name: episodes.get(fact.index) if each.name == EPISODE else record.column(each.name)
        for each in kind.columns
    }
    return own | {
        "person_id": fact.person_id,
        "event_date": record.event_date,
        "knowledge_date": record.knowledge_date,
        "superseded_on": record.superseded_on,
        "knowledge_basis": "recorded",
        "source": record.source,
    }
