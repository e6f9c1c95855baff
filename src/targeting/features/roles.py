"""Whose facts count, and who is counted: by age on the as-of date."""

from dataclasses import dataclass
from typing import Literal

from targeting.errors import TargetingError

Who = Literal["everyone", "children", "adults", "unborn"]

ADULT_AGE = 18


@dataclass(frozen=True)
class Role:
    """Whose facts count: by age on the as-of date, or every member's.

    Children are aged `from_age` up to, not including, `below_age`; adults 18 and over; the unborn have their expected
    date still ahead. Where a birth date is not known, the role that linkage gave decides between child and adult, and
    no narrower age range holds.
    """

    who: Who = "everyone"
    from_age: float = 0
    below_age: float = ADULT_AGE


EVERYONE = Role()


def children_of(from_age: float, below_age: float) -> Role:
    """Return the role of children of an age range, in years. Raises TargetingError where the range is empty."""
    if not 0 <= from_age < below_age:
        raise TargetingError(
            f"an age range goes up, from 0: write from_age=0, below_age=5, not {from_age} to {below_age}."
        )
    return Role("children", float(from_age), float(below_age))
