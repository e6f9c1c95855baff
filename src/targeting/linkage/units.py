"""Who brings children up together on one day, by what is known of that day: the definition, without its history.

A unit is the adults who bring children up together, with every child of any of them. Parents known to live apart are
two units, and their child is in both.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations, product

Pair = frozenset[int]
Group = frozenset[int]

# What speaks for two adults being one unit, the strongest last.
ONE_CASE, PARENTS, PARENTS_AT_ONE_ADDRESS, PARTNERS = range(4)
NOBODY: Group = frozenset()
NO_HOME: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Known:
    """What is known of some persons on a day. A person is a number, the lower the earlier known.

    `minors` were under 18 when first known; `of_age_from` is the day of the eighteenth birthday. `parents` are those
    of each child. `partners` gives the day from which each couple is known, `parted` holds those known to have
    separated since. `cases` are pairs whom a worker knows as one household. `homes` is the last known address of each
    person and `all_homes` every one known so far, each address a set of keys; `communal` are keys of addresses that
    say nothing of who lives with whom.
    """

    minors: Group = NOBODY
    of_age_from: Mapping[int, int] = field(default_factory=dict)
    parents: Mapping[int, Group] = field(default_factory=dict)
    partners: Mapping[Pair, int] = field(default_factory=dict)
    parted: frozenset[Pair] = frozenset()
    siblings: frozenset[Pair] = frozenset()
    cases: frozenset[Pair] = frozenset()
    homes: Mapping[int, frozenset[str]] = field(default_factory=dict)
    all_homes: Mapping[int, frozenset[str]] = field(default_factory=dict)
    communal: frozenset[str] = frozenset()

    def at_one_address(self, one: int, other: int) -> bool:
        """Return whether the last known addresses of two persons are one, and not a communal one."""
        shared = self.homes.get(one, NO_HOME) & self.homes.get(other, NO_HOME)
        return bool(shared) and shared.isdisjoint(self.communal)

    def live_apart(self, one: int, other: int) -> bool:
        """Return whether two adults are known to live apart.

        They have separated, or one of them has another partner, or both have addresses and never shared one, or one of
        them is now at a communal address, as a refuge is, without the other. Otherwise two last known addresses that
        differ do not say so: of a couple that moved, an agency often holds an old address.
        """
        pair = frozenset((one, other))
        if pair in self.parted or any(pair & couple and pair != couple for couple in self.partners):
            return True
        last, others_last = self.homes.get(one, NO_HOME), self.homes.get(other, NO_HOME)
        if not last or not others_last:
            return False
        if (last | others_last) & self.communal:
            return last.isdisjoint(others_last)
        return self.all_homes[one].isdisjoint(self.all_homes[other])


@dataclass(frozen=True)
class Unit:
    """Adults who bring children up together, and the children; no adults where none is known."""

    adults: Group
    children: Group

    @property
    def members(self) -> Group:
        """Everyone in it."""
        return self.adults | self.children


def units_of(known: Known) -> list[Unit]:
    """Return the units of a day, each adult in at most one; adults without a child are in none."""
    carers = _carers(known)
    children_of: dict[int, set[int]] = {}
    for child, adults in carers.items():
        for adult in adults:
            children_of.setdefault(adult, set()).add(child)
    evidence = _evidence(known, carers, children_of)
    units = [
        Unit(adults, frozenset().union(*(children_of.get(adult, ()) for adult in adults)))
        for adults in _together(known, evidence, children_of)
    ]
    units = [_with_others(unit, others) for unit, others in zip(units, _others(known, units, carers), strict=True)]
    return list(_with_children_alone(known, units, _children(known) - set(carers)))


def _children(known: Known) -> Group:
    """Return all children: those with a parent, and minors who are nobody's parent."""
    parents = frozenset().union(*known.parents.values())
    return frozenset(known.parents) | (known.minors - parents)


def _carers(known: Known) -> dict[int, Group]:
    """Return the adults who bring each child up: its parents, or for want of them whoever is in one case with it."""
    carers = dict(known.parents)
    if not known.cases:
        return carers
    children = _children(known)
    in_case: dict[int, set[int]] = {}
    for one, other in map(tuple, known.cases):
        for child, adult in ((one, other), (other, one)):
            if child in children and child not in known.parents and adult not in children:
                in_case.setdefault(child, set()).add(adult)
    return carers | {child: frozenset(adults) for child, adults in in_case.items()}


def _evidence(known: Known, carers: Mapping[int, Group], children_of: Mapping[int, set[int]]) -> dict[Pair, int]:
    """Return what speaks for each two adults being one unit, the strongest of each, and nothing against."""
    evidence = {couple: PARTNERS for couple in known.partners if any(adult in children_of for adult in couple)}
    for adults in carers.values():
        for one, other in combinations(sorted(adults), 2):
            if not known.live_apart(one, other):
                kind = PARENTS_AT_ONE_ADDRESS if known.at_one_address(one, other) else PARENTS
                evidence[frozenset((one, other))] = max(kind, evidence.get(frozenset((one, other)), ONE_CASE))
    for one, other in _in_one_case(known, carers, children_of):
        if one != other and not known.live_apart(one, other):
            evidence.setdefault(frozenset((one, other)), ONE_CASE)
    return evidence


def _in_one_case(
    known: Known, carers: Mapping[int, Group], children_of: Mapping[int, set[int]]
) -> Iterator[tuple[int, int]]:
    """Return two carers at a time whom a case, or two siblings in their care at one address, bring together."""
    for one, other in map(tuple, known.cases):
        yield from product(*(carers.get(person, NOBODY) or {person} & children_of.keys() for person in (one, other)))
    for one, other in map(tuple, known.siblings):
        pairs = product(carers.get(one, NOBODY), carers.get(other, NOBODY))
        yield from ((a, b) for a, b in pairs if known.at_one_address(a, b))


def _together(known: Known, evidence: Mapping[Pair, int], children_of: Mapping[int, set[int]]) -> list[Group]:
    """Return the adults of each unit: joined on the strongest evidence first, and only where none of them are rivals.

    So of two fathers of one mother's children, neither known to live elsewhere, the younger child's stays.
    """

    def preference(pair: Pair) -> tuple[int, int, int, list[int]]:
        shared = set.intersection(*(children_of.get(adult, set()) for adult in pair))
        youngest = max((known.of_age_from.get(child, 0) for child in shared), default=0)
        return -evidence[pair], -known.partners.get(pair, 0), -youngest, sorted(pair)

    group = {adult: frozenset([adult]) for adult in {*children_of, *frozenset().union(*evidence)}}
    for pair in sorted(evidence, key=preference):
        one, other = (group[adult] for adult in pair)
        rivals = (p for p in product(one, other) if frozenset(p) not in evidence and _are_rivals(p, known, children_of))
        if one != other and not any(rivals):
            group |= dict.fromkeys(one | other, one | other)
    groups = {adults for adults in group.values() if any(adult in children_of for adult in adults)}
    return sorted(groups, key=sorted)


def _are_rivals(pair: tuple[int, int], known: Known, children_of: Mapping[int, set[int]]) -> bool:
    """Return whether nothing but a third person connects two adults who each have children, or each a partner."""
    have_children = all(adult in children_of for adult in pair)
    return have_children or all(any(adult in couple for couple in known.partners) for adult in pair)


def _others(known: Known, units: list[Unit], carers: Mapping[int, Group]) -> list[set[int]]:
    """Return, for each unit, the adults without a child of their own whom a case puts in its household."""
    others: list[set[int]] = [set() for _ in units]
    taken = frozenset().union(*(unit.adults for unit in units)) | _children(known) | set(carers)
    met: dict[int, set[int]] = {}
    for one, other in map(tuple, known.cases):
        met.setdefault(one, set()).add(other)
        met.setdefault(other, set()).add(one)
    for adult in sorted(met.keys() - taken):
        fitting = [
            (not any(known.at_one_address(adult, member) for member in unit.members), number)
            for number, unit in enumerate(units)
            if met[adult] & unit.members and not any(frozenset((adult, a)) in known.parted for a in unit.adults)
        ]
        if fitting:
            others[min(fitting)[1]].add(adult)
    return others


def _with_others(unit: Unit, others: Iterable[int]) -> Unit:
    return Unit(unit.adults | frozenset(others), unit.children)


def _with_children_alone(known: Known, units: list[Unit], alone: Group) -> Iterator[Unit]:
    """Return the units and the children nobody is known to bring up, in a sibling's unit or in one of their own."""
    ties = known.siblings | known.cases
    added: dict[int, set[int]] = {}
    for group in _connected(alone, ties):
        tied = frozenset().union(*(pair for pair in ties if pair & group))
        found = [number for number, unit in enumerate(units) if tied & unit.children]
        near = [n for n in found if any(known.at_one_address(a, b) for a, b in product(group, units[n].members))]
        for number in near or found:
            added.setdefault(number, set()).update(group)
        if not found:
            yield Unit(NOBODY, group)
    for number, unit in enumerate(units):
        yield Unit(unit.adults, unit.children | frozenset(added.get(number, ())))


def _connected(persons: Group, ties: Iterable[Pair]) -> list[Group]:
    group = {person: frozenset([person]) for person in persons}
    for pair in ties:
        if pair <= persons:
            together = frozenset().union(*(group[person] for person in pair))
            group |= dict.fromkeys(together, together)
    return sorted(set(group.values()), key=sorted)
