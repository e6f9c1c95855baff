"""What is known of a family on a date, as a value: numbers, conditions, and how they combine."""

from dataclasses import dataclass
from typing import Literal, NoReturn

from targeting.errors import TargetingError

Operator = Literal["+", "-", "/", "==", "!=", ">=", ">", "<=", "<", "&", "|", "~", "case"]

COMPARISONS = frozenset({"==", "!=", ">=", ">", "<=", "<"})
LOGIC = frozenset({"&", "|", "~"})


@dataclass(frozen=True, eq=False)
class Expression:
    """A family's value on a date: a number, or a condition that is 1 where it holds and 0 where it does not.

    Any value may be unknown. Arithmetic and comparison with an unknown are unknown; `&`, `|` and `~` are unknown
    unless what is known decides them.
    """

    @property
    def is_condition(self) -> bool:
        """Whether the value is a condition and may be combined with & | ~."""
        return False

    def __add__(self, other: "Expression | float") -> "Expression":
        return Combination("+", (self, as_expression(other)))

    def __radd__(self, other: float) -> "Expression":
        return Combination("+", (as_expression(other), self))

    def __sub__(self, other: "Expression | float") -> "Expression":
        return Combination("-", (self, as_expression(other)))

    def __rsub__(self, other: float) -> "Expression":
        return Combination("-", (as_expression(other), self))

    def __truediv__(self, other: "Expression | float") -> "Expression":
        return Combination("/", (self, as_expression(other)))

    def __rtruediv__(self, other: float) -> "Expression":
        return Combination("/", (as_expression(other), self))

    def __eq__(self, other: object) -> "Expression":  # type: ignore[override]
        return Combination("==", (self, as_expression(other)))

    def __ne__(self, other: object) -> "Expression":  # type: ignore[override]
        return Combination("!=", (self, as_expression(other)))

    def __ge__(self, other: "Expression | float") -> "Expression":
        return Combination(">=", (self, as_expression(other)))

    def __gt__(self, other: "Expression | float") -> "Expression":
        return Combination(">", (self, as_expression(other)))

    def __le__(self, other: "Expression | float") -> "Expression":
        return Combination("<=", (self, as_expression(other)))

    def __lt__(self, other: "Expression | float") -> "Expression":
        return Combination("<", (self, as_expression(other)))

    def __and__(self, other: "Expression") -> "Expression":
        return Combination("&", (_condition(self, "&"), _condition(other, "&")))

    def __or__(self, other: "Expression") -> "Expression":
        return Combination("|", (_condition(self, "|"), _condition(other, "|")))

    def __invert__(self) -> "Expression":
        return Combination("~", (_condition(self, "~"),))

    def __hash__(self) -> int:
        return id(self)

    def __bool__(self) -> NoReturn:
        raise TargetingError(
            "an indicator's value is not known while it is declared: combine conditions with & | ~, each in brackets, "
            "not with `and`, `or`, `not`, `if` or `a < b < c`; choose between values with case(condition, then, "
            "otherwise)."
        )


@dataclass(frozen=True, eq=False)
class Constant(Expression):
    """A number written in the declaration."""

    value: float


@dataclass(frozen=True, eq=False)
class Combination(Expression):
    """An operator applied to one, two or three values."""

    operator: Operator
    operands: tuple[Expression, ...]

    @property
    def is_condition(self) -> bool:
        if self.operator == "case":
            return all(branch.is_condition for branch in self.operands[1:])
        return self.operator in COMPARISONS | LOGIC


def case(condition: Expression, then: Expression | float, otherwise: Expression | float) -> Expression:
    """Return `then` where the condition holds and `otherwise` where it does not; unknown where that is not known."""
    return Combination("case", (_condition(condition, "case"), as_expression(then), as_expression(otherwise)))


def as_expression(value: object) -> Expression:
    """Return a value that can be combined with others; a number is a constant."""
    if isinstance(value, Expression):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Constant(float(value))
    raise TargetingError(
        "a value is combined or compared with a number or another value of the family. Facts become a value by saying "
        "what is wanted of them, such as .count_for_family() or .exists_for_family()."
    )


def _condition(value: object, operator: str) -> Expression:
    if isinstance(value, Expression) and value.is_condition:
        return value
    raise TargetingError(
        f"`{operator}` takes conditions: compare a number first, such as (... .count_for_family() >= 1), or ask "
        "whether there is any fact, ... .exists_for_family()."
    )
