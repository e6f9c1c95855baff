"""Which facts and which members of a family an indicator looks at, and the value it draws from them."""

from dataclasses import dataclass, replace
from typing import Literal, NoReturn

from targeting.errors import TargetingError
from targeting.features.conditions import Column, Condition, Unless, as_condition
from targeting.features.expressions import Expression
from targeting.features.windows import Length, Window, window_of

Who = Literal["everyone", "children", "adults", "unborn"]
FactOperation = Literal[
    "count",
    "exists",
    "sum",
    "latest",
    "earliest",
    "maximum",
    "minimum",
    "distinct",
    "days_since_latest",
    "days_since_earliest",
    "open",
]
EachOperation = Literal["rate", "count", "sum"]
Fold = Literal["maximum", "minimum", "mean", "count_at_least"]
PeopleOperation = Literal["count", "youngest_age", "oldest_age"]

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


@dataclass(frozen=True)
class Facts:
    """The facts of one kind, of members of a family, known by the as-of date and before it."""

    kind: str
    conditions: tuple[Condition, ...] = ()
    window: Window | None = None
    role: Role = Role()

    def where(self, condition: Condition | Column) -> "Facts":
        """Keep the facts that fulfil a condition on their columns."""
        return replace(self, conditions=(*self.conditions, as_condition(condition)))

    def except_where(self, condition: Condition | Column) -> "Facts":
        """Drop the facts that fulfil a condition; those whose value was not recorded are kept."""
        return replace(self, conditions=(*self.conditions, Unless(as_condition(condition))))

    def in_last(self, length: Length) -> "Facts":
        """Keep the facts that happened within a length of time before the as-of date."""
        return self._in_window(window_of(length))

    def between(self, longest: Length, shortest: Length) -> "Facts":
        """Keep the facts that happened from `longest` before the as-of date up to `shortest` before it."""
        return self._in_window(window_of(longest, shortest))

    def of_children(self, from_age: float = 0, below_age: float = ADULT_AGE) -> "Facts":
        """Keep the facts of members aged so on the as-of date."""
        return replace(self, role=children_of(from_age, below_age))

    def of_adults(self) -> "Facts":
        """Keep the facts of members aged 18 and over on the as-of date."""
        return replace(self, role=Role("adults"))

    def of_unborn(self) -> "Facts":
        """Keep the facts recorded on an unborn child."""
        return replace(self, role=Role("unborn"))

    def count_for_family(self) -> Expression:
        """Return the number of facts; a fact of two members' counts once for each."""
        return FactValue(self, "count")

    def exists_for_family(self) -> Expression:
        """Return whether there is any fact."""
        return FactValue(self, "exists")

    def sum_for_family(self, column: str) -> Expression:
        """Return the sum of a column; 0 without facts, unknown where no fact has the value."""
        return FactValue(self, "sum", (column,))

    def latest_for_family(self, column: str) -> Expression:
        """Return the latest recorded value of a column; unknown where there is none."""
        return FactValue(self, "latest", (column,))

    def earliest_for_family(self, column: str) -> Expression:
        """Return the earliest recorded value of a column; unknown where there is none."""
        return FactValue(self, "earliest", (column,))

    def maximum_for_family(self, column: str) -> Expression:
        """Return the greatest value of a column; unknown where there is none."""
        return FactValue(self, "maximum", (column,))

    def minimum_for_family(self, column: str) -> Expression:
        """Return the smallest value of a column; unknown where there is none."""
        return FactValue(self, "minimum", (column,))

    def count_distinct_for_family(self, column: str) -> Expression:
        """Return how many different values a column has."""
        return FactValue(self, "distinct", (column,))

    def days_since_latest_for_family(self) -> Expression:
        """Return the days from the latest fact to the as-of date; unknown where there is none."""
        return FactValue(self, "days_since_latest")

    def days_since_earliest_for_family(self) -> Expression:
        """Return the days from the earliest fact to the as-of date; unknown where there is none."""
        return FactValue(self, "days_since_earliest")

    def open_for_family(self) -> Expression:
        """Return whether an episode is open: started, and not known to have ended since.

        An end counts for the start of the same person and episode, on or after the day of the start.
        """
        return FactValue(self, "open")

    def rate(self, numerator: str, denominator: str) -> "EachPerson":
        """Return each person's rate: the sum of one column over the sum of another, over facts that have both."""
        return EachPerson(self, "rate", (numerator, denominator))

    def count_each(self) -> "EachPerson":
        """Return each person's number of facts, 0 for those without."""
        return EachPerson(self, "count")

    def sum_each(self, column: str) -> "EachPerson":
        """Return each person's sum of a column, 0 for those without."""
        return EachPerson(self, "sum", (column,))

    def _in_window(self, window: Window) -> "Facts":
        if self.window is not None:
            raise TargetingError("facts have one window: write .between(longest, shortest) instead of two.")
        return replace(self, window=window)

    def __bool__(self) -> NoReturn:
        raise TargetingError(f"facts({self.kind!r}) are no value yet: end with .exists_for_family() or the like.")


@dataclass(frozen=True)
class EachPerson:
    """A value of each person, to be folded over the members of the family."""

    facts: Facts
    operation: EachOperation
    columns: tuple[str, ...] = ()

    def maximum_for_family(self) -> Expression:
        """Return the greatest of the members' values."""
        return FoldedValue(self, "maximum")

    def minimum_for_family(self) -> Expression:
        """Return the smallest of the members' values."""
        return FoldedValue(self, "minimum")

    def mean_for_family(self) -> Expression:
        """Return the mean of the members' values."""
        return FoldedValue(self, "mean")

    def count_for_family(self, *, at_least: float) -> Expression:
        """Return how many members have a value of at least `at_least`."""
        if isinstance(at_least, bool) or not isinstance(at_least, int | float) or at_least <= 0:
            raise TargetingError("count_for_family(at_least=...) takes a number above 0, such as at_least=0.10.")
        return FoldedValue(self, "count_at_least", float(at_least))


@dataclass(frozen=True)
class People:
    """Members of a family on the as-of date: all, or those of a role and age."""

    role: Role = Role()

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

    def oldest_age_for_family(self) -> Expression:
        """Return the oldest's age in completed years; the unborn have none; unknown where no birth date is known."""
        return PeopleValue(self, "oldest_age")


@dataclass(frozen=True, eq=False)
class FactValue(Expression):
    """One value drawn from all facts of a family."""

    facts: Facts
    operation: FactOperation
    columns: tuple[str, ...] = ()

    @property
    def is_condition(self) -> bool:
        return self.operation in ("exists", "open")


@dataclass(frozen=True, eq=False)
class FoldedValue(Expression):
    """One value folded from a value of each member."""

    each: EachPerson
    fold: Fold
    at_least: float | None = None


@dataclass(frozen=True, eq=False)
class PeopleValue(Expression):
    """One value drawn from the members of a family."""

    people: People
    operation: PeopleOperation


people = People()


def facts(kind: str) -> Facts:
    """Return the facts of one kind: `facts("referral").in_last(months(12)).count_for_family()`."""
    return Facts(kind)


def children_of(from_age: float, below_age: float) -> Role:
    """Return the role of children of an age range, in years. Raises TargetingError where the range is empty."""
    if not 0 <= from_age < below_age:
        raise TargetingError(
            f"an age range goes up, from 0: write from_age=0, below_age=5, not {from_age} to {below_age}."
        )
    return Role("children", float(from_age), float(below_age))
