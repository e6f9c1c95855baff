"""What stands of the evidence about some persons as the days go by."""

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from targeting.linkage.persons import OPEN
from targeting.linkage.units import NOBODY, Group, Known, Pair

Key = tuple[str, int, int]

KINDS = ("parent_of", "partner_of", "sibling_of", "shared_case")
RELATIONSHIPS = (*KINDS, *(f"{kind} ended" for kind in KINDS))


class Birth(NamedTuple):
    """While it holds, a person exists; `of_age_from` follows from the birth then believed, if any."""

    person: int
    after: int
    until: int
    of_age_from: int | None


class Home(NamedTuple):
    """A person's address is known, which an agency recorded on the day `since`."""

    person: int
    after: int
    since: int
    addresses: frozenset[str]


class Relation(NamedTuple):
    """While it holds, an agency says since a day how two persons are related, or that they no longer are."""

    relationship: str
    person: int
    other: int
    after: int
    until: int
    since: int
    ended: bool

    @property
    def key(self) -> Key:
        """What it is said of."""
        return self.relationship, self.person, self.other


@dataclass(frozen=True)
class Evidence:
    """What is known of persons whom relations connect; `communal` gives the day on which an address became communal."""

    births: Iterable[Birth]
    homes: Iterable[Home]
    relations: Iterable[Relation]
    communal: Mapping[str, int] = field(default_factory=dict)


def days_of(evidence: Evidence) -> Iterator[tuple[int, Known]]:
    """Return each day that brought something new, with all that is known by its end."""
    picture = _Picture(evidence.communal)
    known = None
    for day, changes in groupby(sorted(_changes(evidence), key=itemgetter(0, 1)), key=itemgetter(0)):
        for _, begins, row in changes:
            picture.change(row, begins=begins)
        before, known = known, picture.known(day)
        if known != before:
            yield day, known


def _changes(evidence: Evidence) -> Iterator[tuple[int, bool, Birth | Home | Relation | None]]:
    """Return the days on which each row begins to hold and ceases to, and on which a home becomes communal."""
    lasting: list[Birth | Relation] = [*evidence.births, *evidence.relations]
    for row in lasting:
        yield row.after, True, row
        if row.until < OPEN:
            yield row.until, False, row
    for home in evidence.homes:
        yield home.after, True, home
        communal = [evidence.communal.get(address, home.after) for address in home.addresses]
        yield from ((day, True, None) for day in communal if day > home.after)


@dataclass
class _Picture:
    communal_from: Mapping[str, int]
    births: dict[int, Birth] = field(default_factory=dict)
    first_days: dict[int, int] = field(default_factory=dict)
    homes: dict[int, list[Home]] = field(default_factory=lambda: defaultdict(list))
    said: dict[Key, list[Relation]] = field(default_factory=lambda: defaultdict(list))
    first_said: dict[Key, int] = field(default_factory=dict)

    def change(self, row: Birth | Home | Relation | None, *, begins: bool) -> None:
        if isinstance(row, Birth):
            self._change_birth(row, begins=begins)
        elif isinstance(row, Home):
            insort(self.homes[row.person], row, key=_recorded_on)
        elif isinstance(row, Relation):
            self._change_relation(row, begins=begins)

    def _change_birth(self, row: Birth, *, begins: bool) -> None:
        if begins:
            self.births[row.person] = row
            self.first_days.setdefault(row.person, row.after)
        else:
            del self.births[row.person]

    def _change_relation(self, row: Relation, *, begins: bool) -> None:
        if begins:
            self.said[row.key].append(row)
            self.first_said.setdefault(row.key, row.after)
        else:
            self.said[row.key].remove(row)

    def known(self, day: int) -> Known:
        last = {key: rows[0] if len(rows) == 1 else max(rows, key=_said_on) for key, rows in self.said.items() if rows}
        pairs: dict[str, dict[Pair, int]] = {name: {} for name in RELATIONSHIPS}
        for key, row in last.items():
            name = f"{row.relationship} ended" if row.ended else row.relationship
            pairs[name][frozenset(key[1:])] = self.first_said[key]
        parents = self._parents([key for key, row in last.items() if key[0] == "parent_of" and not row.ended])
        of_age = {person: row.of_age_from for person, row in self.births.items() if row.of_age_from is not None}
        several = pairs["shared_case"] or pairs["sibling_of"] or len(_adults(parents, pairs["partner_of"])) > 1
        homes = self.homes if several else {}
        return Known(
            minors=frozenset(person for person, day_of_age in of_age.items() if day_of_age > self.first_days[person]),
            of_age_from=of_age,
            parents=parents,
            partners=pairs["partner_of"],
            parted=frozenset(pairs["partner_of ended"]),
            siblings=frozenset(pairs["sibling_of"]),
            cases=frozenset(pairs["shared_case"]),
            homes={person: rows[-1].addresses for person, rows in homes.items()},
            all_homes={person: frozenset().union(*(row.addresses for row in rows)) for person, rows in homes.items()},
            communal=self._communal(homes, day),
        )

    def _parents(self, standing: list[Key]) -> dict[int, Group]:
        """Return the parents of each child who was under 18 when the parent became known.

        Where no birth is known, whoever has a child is no child.
        """
        have_children = {parent for _, parent, _ in standing}
        parents: dict[int, Group] = {}
        for key in standing:
            _, parent, child = key
            of_age_from = self.births[child].of_age_from
            if child not in have_children if of_age_from is None else of_age_from > self.first_said[key]:
                parents[child] = parents.get(child, NOBODY) | {parent}
        return parents

    def _communal(self, homes: Mapping[int, list[Home]], day: int) -> frozenset[str]:
        addresses = {address for rows in homes.values() for row in rows for address in row.addresses}
        return frozenset(address for address in addresses if self.communal_from.get(address, OPEN) <= day)


def _recorded_on(home: Home) -> int:
    return home.since


def _said_on(relation: Relation) -> tuple[int, bool]:
    return relation.since, relation.ended


def _adults(parents: Mapping[int, Group], partners: Mapping[Pair, int]) -> Group:
    return frozenset().union(*parents.values(), *partners)
