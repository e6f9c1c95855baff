"""Conditions on the columns of a fact: which facts an indicator looks at."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, NoReturn, cast

from targeting.errors import TargetingError

Literals = str | float | bool | date
ColumnTest = Literal["==", "!=", ">=", ">", "<=", "<", "is_in", "is_known", "is_true"]

_COMBINE = "conditions on columns are combined with & | ~, each in brackets, not with `and`, `or`, `not`, `if`."


@dataclass(frozen=True, eq=False)
class Condition:
    """What a fact must fulfil.

    A comparison with a value that was not recorded is neither true nor false, and such a fact is not selected.
    """

    def __and__(self, other: "Condition | Column") -> "Condition":
        return Both(self, as_condition(other))

    def __or__(self, other: "Condition | Column") -> "Condition":
        return Either(self, as_condition(other))

    def __invert__(self) -> "Condition":
        return Negated(self)

    def __bool__(self) -> NoReturn:
        raise TargetingError(_COMBINE)


@dataclass(frozen=True, eq=False)
class Test(Condition):
    """One column against declared values."""

    column: str
    test: ColumnTest
    values: tuple[Literals, ...] = ()


@dataclass(frozen=True, eq=False)
class Both(Condition):
    """Both conditions hold."""

    left: Condition
    right: Condition


@dataclass(frozen=True, eq=False)
class Either(Condition):
    """At least one of two conditions holds."""

    left: Condition
    right: Condition


@dataclass(frozen=True, eq=False)
class Negated(Condition):
    """The condition is known not to hold."""

    condition: Condition


@dataclass(frozen=True, eq=False)
class Unless(Negated):
    """The condition is not known to hold; it may be false or not recorded."""


@dataclass(frozen=True, eq=False)
class Column:
    """A column of a fact, to be compared with a value; a flag may stand as a condition by itself."""

    name: str

    def __str__(self) -> str:
        return f"column({self.name!r})"

    def __eq__(self, value: object) -> Condition:  # type: ignore[override]
        return self._test("==", value)

    def __ne__(self, value: object) -> Condition:  # type: ignore[override]
        return self._test("!=", value)

    def __ge__(self, value: Literals) -> Condition:
        return self._test(">=", value)

    def __gt__(self, value: Literals) -> Condition:
        return self._test(">", value)

    def __le__(self, value: Literals) -> Condition:
        return self._test("<=", value)

    def __lt__(self, value: Literals) -> Condition:
        return self._test("<", value)

    def is_in(self, *values: Literals) -> Condition:
        """Hold where the column has one of the values."""
        if not values:
            raise TargetingError(f"{self}.is_in() names no value: write {self}.is_in('a', 'b').")
        return self._test("is_in", *values)

    def is_known(self) -> Condition:
        """Hold where the column has any value."""
        return Test(self.name, "is_known")

    def __and__(self, other: "Condition | Column") -> Condition:
        return as_condition(self) & as_condition(other)

    def __or__(self, other: "Condition | Column") -> Condition:
        return as_condition(self) | as_condition(other)

    def __invert__(self) -> Condition:
        return ~as_condition(self)

    def __hash__(self) -> int:
        return id(self)

    def __bool__(self) -> NoReturn:
        raise TargetingError(_COMBINE)

    def _test(self, test: ColumnTest, *values: object) -> Condition:
        return Test(self.name, test, tuple(_literal(self, value) for value in values))


def column(name: str) -> Column:
    """Return the column `name` of the facts that are being filtered: `.where(column("grade") == "high")`."""
    return Column(name)


def as_condition(value: object) -> Condition:
    """Return a condition; a bare column stands for its flag being true."""
    if isinstance(value, Condition):
        return value
    if isinstance(value, Column):
        return Test(value.name, "is_true")
    raise TargetingError("a fact is filtered by a condition on its columns, such as column('grade') == 'high'.")


def may_hold(condition: Condition, name: str, code: str) -> bool:
    """Return whether a condition could hold of a fact with a code in a column, whatever its other columns have."""
    return _outcomes(condition, name, code)[0]


def _outcomes(condition: Condition, name: str, code: str) -> tuple[bool, bool]:
    """Return whether a condition could hold of such a fact, and whether it could fail."""
    if isinstance(condition, Test):
        if condition.column != name:
            return True, True
        holds = condition.test == "is_known" or (code in condition.values) != (condition.test == "!=")
        return holds, not holds
    if isinstance(condition, Negated):
        holds, fails = _outcomes(condition.condition, name, code)
        return fails, holds
    both = cast(Both | Either, condition)
    (left, left_fails), (right, right_fails) = (_outcomes(each, name, code) for each in (both.left, both.right))
    if isinstance(both, Both):
        return left and right, left_fails or right_fails
    return left or right, left_fails and right_fails


def _literal(column: Column, value: object) -> Literals:
    if isinstance(value, bool | int | float | str | date):
        return value
    raise TargetingError(f"{column} is compared with a code, a number, True, False or a date, written out.")
