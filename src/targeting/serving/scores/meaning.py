"""Who is meant: people and a family named by agencies' own ids, found among those held."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from functools import reduce

import pyarrow as pa

from targeting.serving.scores.known import check_is_held, outside_cohort, unknown_family
from targeting.serving.scores.publication import Publication
from targeting.serving.scores.refusals import Refusal
from targeting.serving.scores.request import REQUEST, TARGETING, FamilyIdentifier, Identifier, Person, ScoreRequest
from targeting.serving.systems import Systems
from targeting.store.pseudonyms import record_ids

Key = tuple[str, str]


@dataclass(frozen=True)
class Named:
    """The people of a request by what they are called in it, each under one id; and the family that they are of.

    `members` are held as members of the family on the date, `others` are held but in no family, all else is new.
    `family_id` is None where nobody of them is in a family that is held.
    """

    family_id: str | None
    ids: Mapping[Key, str]
    members: frozenset[str]
    others: frozenset[str]

    @property
    def anybody_is_held(self) -> bool:
        """Return whether the family is held, or somebody who is in none."""
        return self.family_id is not None or bool(self.others)

    def id_of(self, identifier: Identifier) -> str | None:
        """Return the id of a person of the request; None for one of a system that does not exist."""
        return self.ids.get(_key(identifier))


class Finder:
    """Finds held people by agencies' ids, on one date, as if `hidden` families and whoever they alone have were not."""

    def __init__(
        self, publication: Publication, identity_key: bytes, on: date, hidden: AbstractSet[str] = frozenset()
    ) -> None:
        self._publication, self._identity_key, self._on = publication, identity_key, on
        self._hidden = hidden
        self._families: dict[str, tuple[str, ...]] = {}

    def family_of(self, family: FamilyIdentifier) -> str:
        """Return the family meant by its own id, taken as it is, or by an agency's id of one person.

        Raises Refusal where nobody is held by that id, or the person is in no family or in more than one.
        """
        if family.system == TARGETING and family.value in self._hidden:
            raise not_held(self._publication, family, self._on)
        if family.system == TARGETING:
            return family.value
        person = self.person_of(family) if self._source_of(family) else None
        if person is None:
            raise not_held(self._publication, family, self._on)
        found = self.families_of(person)
        if not found:
            raise outside_cohort(self._publication)
        return self._only(found)

    def person_of(self, identifier: Identifier) -> str | None:
        """Return whose an agency's id is; None where no record by that id is held of anybody who is told of."""
        record = self._record_id(identifier)
        person = self._publication.people.person_of(record, self._on)
        # Whoever is not held is looked up all the same: how long it takes tells nothing either.
        is_told_of = self._is_told_of(person or record)
        return person if is_told_of else None

    def families_of(self, person_id: str) -> tuple[str, ...]:
        """Return the families that a person is in, but for hidden ones."""
        if person_id not in self._families:
            found = self._publication.people.families_of(person_id, self._on)
            self._families[person_id] = tuple(each for each in found if each not in self._hidden)
        return self._families[person_id]

    def _is_told_of(self, person_id: str) -> bool:
        """Return whether somebody is in a family that is not hidden, or is in none and was in no hidden one ever.

        What is held of a person does not say of which family it tells: so all of it is hidden, or nothing.
        """
        if not self._hidden or self.families_of(person_id):
            return True
        return self._hidden.isdisjoint(self._publication.people.families_ever_of(person_id))

    def named(self, request: ScoreRequest) -> Named:
        """Return the people of a request, and the family that all those of them who are in one share.

        Raises Refusal where there is no such family, or more than one.
        """
        given = {_key(each.person): each.person for each in (*request.people, *request.records)}
        held = {key: self._held(each) for key, each in given.items() if self._exists(each.system)}
        families = {person: set(self.families_of(person)) for person in held.values() if person is not None}
        family_id = self._family(request, families)
        # Whoever is called by two systems of one numbering is one person.
        alike = {key: (self._source_of(each) or REQUEST, key[1]) for key, each in given.items() if key in held}
        new = sorted({alike[key] for key, person in held.items() if person is None})
        return Named(
            family_id,
            {key: person if person is not None else f"~{new.index(alike[key]):06d}" for key, person in held.items()},
            frozenset(person for person, those in families.items() if family_id in those),
            frozenset(person for person, those in families.items() if not those),
        )

    def _family(self, request: ScoreRequest, families: Mapping[str, set[str]]) -> str | None:
        in_one = [those for those in families.values() if those]
        if request.family is not None:
            family_id = self.family_of(request.family)
            check_is_held(self._publication, family_id)
            others = reduce(set.union, (those for those in in_one if family_id not in those), set[str]())
            if others:
                raise _more_than_one({family_id, *others}, self._publication)
            return family_id
        if not in_one:
            return None
        shared = reduce(set.intersection, in_one)
        if not shared:
            raise _more_than_one(set.union(*in_one), self._publication)
        return self._only(sorted(shared))

    def _only(self, families: Sequence[str]) -> str:
        """Return the one family that there is. Raises Refusal for more than one."""
        if len(families) > 1:
            raise _more_than_one(families, self._publication)
        return families[0]

    def _exists(self, system: str) -> bool:
        return system == REQUEST or self._publication.systems.source_of(system) is not None

    def _source_of(self, identifier: Identifier) -> str | None:
        return self._publication.systems.source_of(identifier.system)

    def _held(self, identifier: Identifier) -> str | None:
        return None if identifier.system == REQUEST else self.person_of(identifier)

    def _record_id(self, identifier: Identifier) -> str:
        text = pa.array([identifier.value], pa.string())
        source = self._source_of(identifier) or identifier.system
        name: str = record_ids(text, source=source, identity_key=self._identity_key)[0].as_py()
        return name


def not_held(publication: Publication, family: FamilyIdentifier | None, on: date) -> Refusal:
    """Return the refusal for a family that is not held by its own id, or whose person is not held by an agency's."""
    if family is None or family.system == TARGETING:
        return unknown_family(publication)
    systems = ", ".join((TARGETING, *publication.systems.names))
    return Refusal("unknown-person", f"No person is held by that id on {on}. Systems that exist: {systems}.")


def check_people(people: Sequence[Person], named: Named, systems: Systems) -> None:
    """Raise Refusal, with each entry that cannot be used and why, where there is any."""
    faults = [{"index": index, "why": why} for index, why in _faults(people, named, systems)]
    if faults:
        raise Refusal("person-not-usable", _count(faults, "person", "people"), {"people": faults})


def _faults(people: Sequence[Person], named: Named, systems: Systems) -> Iterable[tuple[int, str]]:
    before: dict[str, list[tuple[date, date]]] = {}
    for index, each in enumerate(people):
        person, until = named.id_of(each.person), each.until_date or date.max
        if person is None:
            yield index, f"there is no such system. Those that exist: {', '.join((REQUEST, *systems.names))}"
            continue
        if until < each.from_date:
            yield index, "until_date lies before from_date"
        if any(first <= until and each.from_date <= last for first, last in before.get(person, ())):
            yield index, "an entry before is of the same person, and their dates overlap"
        if any(known.source not in systems.sources for known in each.known_to):
            yield index, f"known_to names a source that does not exist. Those that do: {', '.join(systems.sources)}"
        before.setdefault(person, []).append((each.from_date, until))


def _count(faults: Sequence[object], one: str, many: str) -> str:
    return f"1 {one} cannot be used as sent." if len(faults) == 1 else f"{len(faults)} {many} cannot be used as sent."


def _key(identifier: Identifier) -> Key:
    is_label = identifier.system == REQUEST
    return identifier.system, identifier.value if is_label else identifier.value.strip()


def _more_than_one(families: Iterable[str], publication: Publication) -> Refusal:
    many = publication.head.many
    detail = (
        f"The people named belong to more than one of the {many} on that date. Ask for one, in the system targeting."
    )
    return Refusal("more-than-one-family", detail, {"families": sorted(families)})
