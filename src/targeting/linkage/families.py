"""Families as known from one day to the next: the units of each day, carried on from the families of the day before.

The families of a day follow from what was known by then and from the families of the days before, so that nothing
learned later changes what was said earlier.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from targeting.linkage.persons import OPEN
from targeting.linkage.picture import Evidence, days_of
from targeting.linkage.units import Known, Unit, units_of


class Family(NamedTuple):
    """A family by the person who founded it, and how many that person had founded before."""

    founder: int
    number: int


class Membership(NamedTuple):
    """A person belongs to a family on as-of days after `after`, up to and including `until`."""

    founder: int
    number: int
    person: int
    is_child: bool
    after: int
    until: int


@dataclass
class _Register:
    """The families of the last day that was looked at, and since when each member belongs."""

    families: dict[Family, Unit] = field(default_factory=dict)
    since: dict[Family, int] = field(default_factory=dict)
    founded: Counter[int] = field(default_factory=Counter)
    members: dict[tuple[Family, int], tuple[bool, int]] = field(default_factory=dict)


def memberships_of(evidence: Evidence) -> Iterator[Membership]:
    """Return who belongs to which family from when until when, of persons whom relations connect.

    The rows of one person in one family do not overlap. Whoever is a child of the family, or a minor when joining,
    joins as a child and stays one.
    """
    register = _Register()
    for day, known in days_of(evidence):
        register.families = _carried_on(units_of(known), register, known, day)
        yield from _changed(register, known, day)
    for (family, person), (is_child, after) in register.members.items():
        yield Membership(*family, person, is_child, after, OPEN)


def _carried_on(units: list[Unit], register: _Register, known: Known, day: int) -> dict[Family, Unit]:
    """Return each unit as the family it goes on from, or as a new one.

    Most members in common decide, then where more of the children live, then the older family. What is left of a
    family whose members all went on elsewhere ends.
    """
    matches = sorted(
        (-len(unit.members & before.members), -_children_at_home(unit, known), register.since[family], family, number)
        for number, unit in enumerate(units)
        for family, before in register.families.items()
        if not unit.members.isdisjoint(before.members)
    )
    carried: dict[int, Family] = {}
    for *_, family, number in matches:
        if number not in carried and family not in carried.values():
            carried[number] = family
    return {carried.get(number) or _founded(unit, register, day): unit for number, unit in enumerate(units)}


def _children_at_home(unit: Unit, known: Known) -> int:
    return sum(any(known.at_one_address(child, adult) for adult in unit.adults) for child in unit.children)


def _founded(unit: Unit, register: _Register, day: int) -> Family:
    founder = min(unit.adults or unit.children)
    family = Family(founder, register.founded[founder])
    register.founded[founder] += 1
    register.since[family] = day
    return family


def _changed(register: _Register, known: Known, day: int) -> Iterator[Membership]:
    """Return the memberships that end on a day, and note those that begin."""
    present = {(family, person) for family, unit in register.families.items() for person in unit.members}
    for family, person in sorted(register.members.keys() - present):
        is_child, after = register.members.pop((family, person))
        yield Membership(*family, person, is_child, after, day)
    for family, person in sorted(present - register.members.keys()):
        is_child = person in register.families[family].children or known.of_age_from.get(person, day) > day
        register.members[family, person] = (is_child, day)
