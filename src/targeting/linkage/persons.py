"""Records joined into persons, as known on every date.

The persons of a day are made from the records, versions and links known by that day and nothing else, so that what is
learned later never changes what was said before.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, groupby, pairwise
from operator import itemgetter

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from targeting.store.blocks import OPEN_DAY

OPEN = int(OPEN_DAY)

# On as-of days after `after`, up to and including `until`, `record` is one of the records of `person`.
ASSIGNMENTS = pa.schema([("record", pa.int64()), ("person", pa.int64()), ("after", pa.int32()), ("until", pa.int32())])

Assignment = tuple[int, int, int, int]


@dataclass(frozen=True)
class Versions:
    """Of which record each version is, and from which day it was known, in the order of (record, day)."""

    record: NDArray[np.int64]
    day: NDArray[np.int64]

    @property
    def records(self) -> int:
        """How many records there are."""
        return int(self.record[-1]) + 1 if len(self.record) else 0

    @property
    def first_days(self) -> NDArray[np.int64]:
        """The day from which each record was known."""
        return self.day[np.searchsorted(self.record, np.arange(self.records))]


@dataclass(frozen=True)
class Links:
    """Pairs of versions that are probably one person's, the weight of each, and from which day it is known."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    weight: NDArray[np.float64]
    day: NDArray[np.int64]


Pair = tuple[int, int]


@dataclass(frozen=True)
class Refusals:
    """What is never one person's, pairs by their lower number first.

    `versions` are those that contradict each other while both stand, and whether nobody's answer may join them;
    `related` records, from the day that is known; `apart`, records that were never to be compared. `answers` are what
    a person said of two records, by day: that they are one person's or two persons', whatever else speaks against it.
    """

    versions: Mapping[Pair, bool] = field(default_factory=dict)
    related: Mapping[Pair, int] = field(default_factory=dict)
    apart: Collection[Pair] = frozenset()
    answers: Mapping[Pair, Sequence[tuple[int, bool]]] = field(default_factory=dict)

    def between(self, one: tuple[int, int], other: tuple[int, int], day: int) -> bool:
        """Return whether two records, each with its current version, are refused by the end of a day."""
        (record, version), (other_record, other_version) = sorted((one, other))
        pair, contradiction = (record, other_record), self.versions.get((version, other_version))
        if pair in self.apart:
            return True
        are_one = self._answer(pair, day)
        if are_one is None:
            return contradiction is not None or self.related.get(pair, OPEN) <= day
        return not are_one or bool(contradiction)

    def _answer(self, pair: Pair, day: int) -> bool | None:
        said = [are_one for answered, are_one in self.answers.get(pair, ()) if answered <= day]
        return said[-1] if said else None

    def concern(self, group: "Group") -> bool:
        """Return whether anything may be refused among the records of a group."""
        records = {record for _, record, _ in group.versions}
        return any(version in self._versions for _, _, version in group.versions) or any(
            not records.isdisjoint(self._others.get(record, ())) for record in records
        )

    @cached_property
    def _versions(self) -> Collection[int]:
        return frozenset(version for pair in self.versions for version in pair)

    @cached_property
    def _others(self) -> Mapping[int, Collection[int]]:
        """The records of which each is not always the same person, or may not be."""
        found: dict[int, set[int]] = {}
        for one, other in chain(self.related, self.apart, self.answers):
            found.setdefault(one, set()).add(other)
        return found

    @cached_property
    def days(self) -> Mapping[int, Collection[int]]:
        """The days on which somebody answered, by each of the two records."""
        found: dict[int, set[int]] = {}
        for pair, said in self.answers.items():
            for record in pair:
                found.setdefault(record, set()).update(day for day, _ in said)
        return found


@dataclass(frozen=True)
class Group:
    """Records that links connect: versions (day, record, version) by day, links (day, record, record) by weight."""

    versions: Sequence[tuple[int, int, int]]
    links: Sequence[tuple[int, int, int]]


def groups_of(versions: Versions, links: Links) -> NDArray[np.int64]:
    """Return for each record the number of its group: the records that links, whenever known, connect it to."""
    ends = versions.record[links.left], versions.record[links.right]
    graph = coo_array((np.ones(len(links.left), np.int8), ends), shape=(versions.records, versions.records))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def assign_persons(versions: Versions, links: Links, *, refusals: Refusals, rank: NDArray[np.int64]) -> pa.Table:
    """Return which person each record is of on which days, by `ASSIGNMENTS`, in the order of (record, after).

    A person is known by the lowest `rank` among its records.
    """
    groups = groups_of(versions, links)
    alone = np.flatnonzero(np.bincount(groups)[groups] == 1)
    first_days = versions.first_days[alone]
    ranks = rank.tolist()
    rows = [row for group in _linked(versions, links, groups) for row in _history(group, refusals, ranks)]
    joined = np.array(rows, np.int64).reshape(-1, 4)
    single = np.stack([alone, rank[alone], first_days, np.full(len(alone), OPEN)], axis=1)
    table = np.concatenate([joined, single])
    table = table[np.lexsort((table[:, 2], table[:, 0]))]
    return pa.table(list(table.T), names=ASSIGNMENTS.names).cast(ASSIGNMENTS)


def _linked(versions: Versions, links: Links, groups: NDArray[np.int64]) -> Iterator[Group]:
    """Return the groups of two records or more."""
    sizes = np.bincount(groups)
    of_version = groups[versions.record]
    chosen = np.flatnonzero(sizes[of_version] > 1)
    chosen = chosen[np.lexsort((chosen, versions.day[chosen], of_version[chosen]))]
    strongest = np.lexsort((links.right, links.left, -links.weight, of_version[links.left]))
    ends = versions.record[links.left], versions.record[links.right]
    version_rows = _rows(versions.day[chosen], versions.record[chosen], chosen)
    link_rows = _rows(links.day[strongest], ends[0][strongest], ends[1][strongest])
    version_cuts = _cuts(of_version[chosen])
    link_cuts = _cuts(of_version[links.left][strongest])
    for (first, last), (first_link, last_link) in zip(version_cuts, link_cuts, strict=True):
        yield Group(version_rows[first:last], link_rows[first_link:last_link])


def _rows(*columns: NDArray[np.int64]) -> list[tuple[int, int, int]]:
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _cuts(ordered: NDArray[np.int64]) -> Iterable[tuple[int, int]]:
    """Return where each run of equal numbers begins and ends."""
    starts = np.flatnonzero(np.diff(ordered, prepend=-1)).tolist()
    return pairwise([*starts, len(ordered)])


def _history(group: Group, refusals: Refusals, rank: list[int]) -> Iterator[Assignment]:
    held: dict[int, tuple[int, int]] = {}
    parts = _parted(group, refusals) if refusals.concern(group) else _joined(group)
    for day, records in parts:
        person = min(rank[record] for record in records)
        for record in records:
            before = held.get(record)
            if before is None or before[0] != person:
                if before is not None:
                    yield record, *before, day
                held[record] = (person, day)
    for record, (person, after) in held.items():
        yield record, person, after, OPEN


def _joined(group: Group) -> Iterator[tuple[int, list[int]]]:
    """Return the days on which somebody's records become others, with those, where nothing in the group is refused."""
    first_known = {record: day for day, record, _ in reversed(group.versions)}
    known = sorted([*((day, 0, record, record) for record, day in first_known.items()), *_by_day(group.links)])
    person: dict[int, list[int]] = {}
    for day, of_day in groupby(known, key=itemgetter(0)):
        touched = set()
        for _, _, left, right in of_day:
            if left == right:
                person[left] = [left]
            elif person[left] is not person[right]:
                together = person[left] + person[right]
                person |= dict.fromkeys(together, together)
            touched.add(left)
        yield from ((day, records) for records in {id(person[one]): person[one] for one in touched}.values())


def _by_day(links: Sequence[tuple[int, int, int]]) -> Iterator[tuple[int, int, int, int]]:
    return ((day, 1, left, right) for day, left, right in links)


def _parted(group: Group, refusals: Refusals) -> Iterator[tuple[int, list[int]]]:
    """Return each day on which anything becomes known with each person's records as known by its end."""
    for day in sorted(_days(group, refusals)):
        for records in _persons_on(day, group, refusals):
            yield day, records


def _days(group: Group, refusals: Refusals) -> set[int]:
    """Return the days on which anything becomes known of a group, none before its first record."""
    events = {day for day, _, _ in (*group.versions, *group.links)}
    if not refusals.days:
        return events
    answered = set().union(*(refusals.days.get(record, ()) for _, record, _ in group.versions))
    return events | {day for day in answered if day > min(events)}


def _persons_on(day: int, group: Group, refusals: Refusals) -> list[list[int]]:
    """Return each person's records as known by the end of a day: the strongest links first, refusals kept apart."""
    current = {record: version for known, record, version in group.versions if known <= day}
    person = {record: [record] for record in current}
    for known, left, right in group.links:
        if known > day or person[left] is person[right]:
            continue
        if any(refusals.between((a, current[a]), (b, current[b]), day) for a in person[left] for b in person[right]):
            continue
        together = person[left] + person[right]
        for record in together:
            person[record] = together
    return list({id(records): records for records in person.values()}.values())


def ranks(versions: Versions, known_before: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the rank of each record: first those that gave a person its id before, then as they became known."""
    order = np.lexsort((np.arange(versions.records), versions.first_days, ~known_before))
    rank = np.empty(versions.records, np.int64)
    rank[order] = np.arange(versions.records)
    return rank
