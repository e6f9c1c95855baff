"""Which facts of a family an indicator looks at, and the value it draws from them."""

from dataclasses import dataclass, replace
from functools import reduce
from operator import and_, or_
from typing import Literal, NoReturn

from targeting.errors import TargetingError
from targeting.features.conditions import Column, Condition, Unless, as_condition
from targeting.features.expressions import Expression
from targeting.features.roles import ADULT_AGE, EVERYONE, Role, children_of
from targeting.features.windows import Length, Window, check_length, window_of

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
    "days_open",
    "longest_gap",
    "in_state",
    "silent",
]
EachOperation = Literal["rate", "count", "sum"]
Fold = Literal["maximum", "minimum", "mean", "count_at_least"]


@dataclass(frozen=True)
class Facts:
    """The facts of one kind, of members of a family, known by the as-of date and before it."""

    kind: str
    conditions: tuple[Condition, ...] = ()
    window: Window | None = None
    role: Role = EVERYONE
    exclusions: tuple["During", ...] = ()

    def where(self, condition: Condition | Column) -> "Facts":
        """Keep the facts that fulfil a condition on their columns."""
        return replace(self, conditions=(*self.conditions, as_condition(condition)))

    def except_where(self, condition: Condition | Column) -> "Facts":
        """Drop the facts that fulfil a condition; those whose value was not recorded are kept."""
        return replace(self, conditions=(*self.conditions, Unless(as_condition(condition))))

    def except_during(self, spells: "Facts | AnyFacts", *, over: Length, until: "Facts | None" = None) -> "Facts":
        """Drop the facts over whose time a spell of the same person lies, as known on the as-of date.

        A fact's time is `over`: of that length up to the day of its event; of terms, from the first day of the last so
        many that had begun by then. A spell lasts from its start to the day before what ends it, and is one day at
        least; of a kind that has no end of its own `until` ends it. Where nobody tells of spells no fact is dropped.
        """
        ends = None if until is None else _spells(until)[0]
        return replace(self, exclusions=(*self.exclusions, During(_spells(spells), check_length(over), ends)))

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

    def silent_for_family(self) -> Expression:
        """Return whether there is no such fact, and a source had told of one: proof of silence, never unknown.

        It proves something where a source shared the kind before the window began and shares it still, whatever lay
        between, and was asked about the family. Whether its register holds a child of the family does not matter: an
        agency that does not know the children is as silent as one that knows them.
        """
        return FactValue(self, "silent")

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

    def days_open_for_family(self) -> Expression:
        """Return the days since the start of the episode that has been open longest; unknown where none is open."""
        return FactValue(self, "days_open")

    def longest_gap_for_family(self) -> Expression:
        """Return the most days between two successive days with facts; unknown with facts on fewer than two days."""
        return FactValue(self, "longest_gap")

    def in_state_for_family(self, state: Condition | Column) -> Expression:
        """Return whether the latest fact of any member fulfils a condition."""
        return FactValue(self, "in_state", state=as_condition(state))

    def rate(self, numerator: str, denominator: str) -> "EachPerson":
        """Return each person's rate: the sum of one column over the sum of another, over facts that have both."""
        return EachPerson(self, "rate", (numerator, denominator))

    def count_each(self) -> "EachPerson":
        """Return each person's number of facts, 0 for those without."""
        return EachPerson(self, "count")

    def sum_each(self, column: str) -> "EachPerson":
        """Return each person's sum of a column, 0 for those without."""
        return EachPerson(self, "sum", (column,))

    def __or__(self, other: "Facts | AnyFacts") -> "AnyFacts":
        """Return facts of either kind, to come together or in order with others."""
        return AnyFacts((self,)) | other

    def _in_window(self, window: Window) -> "Facts":
        if self.window is not None:
            raise TargetingError("facts have one window: write .between(longest, shortest) instead of two.")
        return replace(self, window=window)

    def __bool__(self) -> NoReturn:
        raise TargetingError(f"facts({self.kind!r}) are no value yet: end with .exists_for_family() or the like.")


@dataclass(frozen=True)
class During:
    """Spells of any of several kinds, the time over which one drops a fact, and what ends those without an end."""

    spells: tuple[Facts, ...]
    over: Length
    until: Facts | None = None


@dataclass(frozen=True)
class AnyFacts:
    """Facts of several selections, each as good as the other: what any agency recorded of one need."""

    alternatives: tuple[Facts, ...]

    def __or__(self, other: "Facts | AnyFacts") -> "AnyFacts":
        """Return these facts and others."""
        if not isinstance(other, Facts | AnyFacts):
            raise TargetingError("facts are joined by | with other facts, such as facts('a') | facts('b').")
        return AnyFacts((*self.alternatives, *alternatives_of(other)))

    def in_last(self, length: Length) -> "AnyFacts":
        """Keep those facts of each selection that happened within a length before the as-of date."""
        return AnyFacts(tuple(facts.in_last(length) for facts in self.alternatives))

    def exists_for_family(self) -> Expression:
        """Return whether there is any of the facts."""
        return reduce(or_, (facts.exists_for_family() for facts in self.alternatives))

    def silent_for_family(self) -> Expression:
        """Return whether of none of the facts there is any, and of each a source had told: as of one selection."""
        return reduce(and_, (facts.silent_for_family() for facts in self.alternatives))

    def __bool__(self) -> NoReturn:
        raise TargetingError("facts joined by | are no value yet: end with .exists_for_family().")


def alternatives_of(chosen: Facts | AnyFacts) -> tuple[Facts, ...]:
    """Return the selections that facts are made of."""
    return (chosen,) if isinstance(chosen, Facts) else chosen.alternatives


def _spells(given: object) -> tuple[Facts, ...]:
    if not isinstance(given, Facts | AnyFacts):
        raise TargetingError(
            "except_during(...) takes facts('..._started'), or several joined by |, and over=terms(1)."
        )
    spells = alternatives_of(given)
    if any(each.window or each.exclusions or each.role != EVERYONE for each in spells):
        raise TargetingError("spells in except_during(...) are of the same person, whenever: leave .where(...) alone.")
    return spells


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


@dataclass(frozen=True, eq=False)
class FactValue(Expression):
    """One value drawn from all facts of a family."""

    facts: Facts
    operation: FactOperation
    columns: tuple[str, ...] = ()
    state: Condition | None = None

    @property
    def is_condition(self) -> bool:
        return self.operation in ("exists", "open", "in_state", "silent")


@dataclass(frozen=True, eq=False)
class FoldedValue(Expression):
    """One value folded from a value of each member."""

    each: EachPerson
    fold: Fold
    at_least: float | None = None


def facts(kind: str) -> Facts:
    """Return the facts of one kind: `facts("referral").in_last(months(12)).count_for_family()`."""
    return Facts(kind)
