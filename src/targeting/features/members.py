"""The members of a family on a date: how many of which age there are."""

from dataclasses import dataclass
from typing import Literal

from targeting.features.expressions import Expression
from targeting.features.roles import ADULT_AGE, EVERYONE, Role, children_of

PeopleOperation = Literal["count", "youngest_age"]


@dataclass(frozen=True)
class People:
    """Members of a family on the as-of date: all, or those of a role and age."""

    role: Role = EVERYONE

    def all(self) -> "People":
        """Return every member, born or not."""
        return People()

    def children(self, from_age: float = 0, below_age: float = ADULT_AGE) -> "People":
        """Return the members aged so on the as-of date."""
        return People(children_of(from_age, below_age))

    def adults(self) -> "People":
        """Return the members aged 18 and over."""
        return People(Role("adults"))

    def unborn(self) -> "People":
        """Return the members whose expected date is still ahead."""
        return People(Role("unborn"))

    def count_for_family(self) -> Expression:
        """Return their number."""
        return PeopleValue(self, "count")

    def exists_for_family(self) -> Expression:
        """Return whether there is any."""
        return self.count_for_family() >= 1

    def youngest_age_for_family(self) -> Expression:
        """Return the youngest's age in completed years; the unborn have none; unknown where no birth date is known."""
        return PeopleValue(self, "youngest_age")


@dataclass(frozen=True, eq=False)
class PeopleValue(Expression):
    """One value drawn from the members of a family."""

    people: People
    operation: PeopleOperation


people = People()
