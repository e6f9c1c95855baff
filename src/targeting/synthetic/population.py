"""Families of the fictional district and their people: what is known of each, children by family and day."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic.calendar import YEAR, Days
from targeting.synthetic.ragged import expand, offsets

# A booking makes a family of a couple expecting a first child.
BOOKING_BEFORE_BIRTH = 205

COUPLE, LONE, SEPARATED = range(3)
CARER, PARTNER, CHILD, GRANDPARENT, OTHER_PARENT, NEW_PARTNER = range(6)
ROLES = ("carer", "partner", "child", "grandparent", "other_parent", "new_partner")

MALE, FEMALE = 1, 2

ADULT_DAYS = round(18 * YEAR)


@dataclass(frozen=True)
class Families:
    """One row a family: when it is in the district, where it lives, how it is made up.

    `present_from` is the day on which it comes, or is formed by a first booking; `leaves` NEVER where it stays.
    `separated_on` is the day from which the other parent lives elsewhere; NEVER for other families.
    `other_household` is the second household's index, -1 where there is none.
    """

    present_from: Days
    leaves: Days
    newcomer: NDArray[np.bool_]
    ward: NDArray[np.int16]
    area: NDArray[np.int16]
    community: NDArray[np.int8]
    vulnerability: NDArray[np.int8]
    structure: NDArray[np.int8]
    separated_on: Days
    other_household: NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of families."""
        return self.ward.size


@dataclass(frozen=True)
class People:
    """One row a person, sorted by family: role, birth, sex, ethnicity, and when the person belongs to the family."""

    family: NDArray[np.int64]
    role: NDArray[np.int8]
    born: Days
    sex: NDArray[np.int8]
    community: NDArray[np.int8]
    joins: Days
    gestation_weeks: NDArray[np.int8]
    families: int

    def __len__(self) -> int:
        """Return the number of people."""
        return self.family.size

    def of_role(self, role: int) -> NDArray[np.int64]:
        """Return the indexes of all people of a role."""
        return np.flatnonzero(self.role == role)

    def one_a_family(self, role: int) -> NDArray[np.int64]:
        """Return, for each family, the index of its person of a role that one person at most has; -1 where none."""
        found = np.full(self.families, -1, np.int64)
        rows = self.of_role(role)
        found[self.family[rows]] = rows
        return found


@dataclass(frozen=True)
class Children:
    """All children by family: rows of `people`, and where each family's begin."""

    rows: NDArray[np.int64]
    starts: NDArray[np.int64]
    born: Days
    joins: Days

    def of(self, family: NDArray[np.int64], day: Days, unborn_days: int = 0) -> tuple[NDArray[np.int64], ...]:
        """Return, for each family and day in turn, its position and its children under 18 on that day.

        The unborn count from `unborn_days` before the birth.
        """
        position, place = expand(family, self.starts)
        when = day[position]
        there = (self.joins[place] <= when) & (self.born[place] - unborn_days <= when)
        there &= when < self.born[place] + ADULT_DAYS
        return position[there], self.rows[place[there]]


def children_of(people: People) -> Children:
    """Return the children of all families."""
    rows = people.of_role(CHILD)
    counts = np.bincount(people.family[rows], minlength=people.families)
    return Children(rows, offsets(counts), people.born[rows], people.joins[rows])


def coming_of_age(people: People, person: NDArray[np.int64]) -> Days:
    """Return each person's eighteenth birthday."""
    return (people.born[person] + ADULT_DAYS).astype(np.int32)
