"""Programs of a plan, run over values with their reasons for being unknown."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from targeting.features.matrix import REASONS, Unknown
from targeting.features.plan import Instruction, Program


class Values(NamedTuple):
    """Numbers, and for each the code of Unknown; a number is NaN exactly where its code is not 0."""

    numbers: NDArray[np.float64]
    unknown: NDArray[np.int8]

    @classmethod
    def where_known(cls, numbers: NDArray[np.float64], unknown: NDArray[np.int8]) -> "Values":
        """Return the numbers with NaN where they are unknown."""
        return cls(np.where(unknown == 0, numbers, np.nan), unknown)


def run_program(program: Program, measures: Sequence[Values]) -> Values:
    """Return the value of a program over the measures' values, all of one shape."""
    stack: list[Values] = []
    for instruction in program:
        stack.append(_step(instruction, stack, measures))
    return stack[-1]


def _step(instruction: Instruction, stack: list[Values], measures: Sequence[Values]) -> Values:
    """Return the value of one step, taking its operands from the stack."""
    if instruction.operation == "measure":
        return measures[instruction.measure]
    if instruction.operation == "constant":
        return Values(np.float64(instruction.constant), np.int8(0))  # type: ignore[arg-type]
    if instruction.operation == "~":
        only = stack.pop()
        return Values(1.0 - only.numbers, only.unknown)
    if instruction.operation == "case":
        otherwise, then, condition = stack.pop(), stack.pop(), stack.pop()
        return _case(condition, then, otherwise)
    right, left = stack.pop(), stack.pop()
    if instruction.operation in _LOGIC:
        return _logic(left, right, decisive=_LOGIC[instruction.operation])
    return _calculated(_BINARY[instruction.operation], left, right)


_BINARY: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "/": np.divide,
    "==": np.equal,
    "!=": np.not_equal,
    ">=": np.greater_equal,
    ">": np.greater,
    "<=": np.less_equal,
    "<": np.less,
}

# The value of one operand that decides a combination whatever the other is.
_LOGIC: Mapping[str, float] = {"&": 0.0, "|": 1.0}


def _calculated(operation: Callable[[Any, Any], Any], left: Values, right: Values) -> Values:
    """Return arithmetic or comparison: unknown where an operand is, or where it divides by zero."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        numbers = np.asarray(operation(left.numbers, right.numbers), dtype=np.float64)
    unknown = first_reason(left.unknown, right.unknown)
    unknown = np.where((unknown == 0) & ~np.isfinite(numbers), np.int8(Unknown.NOT_COLLECTED), unknown)
    return Values.where_known(numbers, unknown)


def _logic(left: Values, right: Values, *, decisive: float) -> Values:
    if not (left.unknown.any() or right.unknown.any()):
        combine = np.minimum if decisive == 0.0 else np.maximum
        return Values(combine(left.numbers, right.numbers), left.unknown | right.unknown)
    decided = (left.numbers == decisive) | (right.numbers == decisive)
    unknown = np.where(decided, np.int8(0), first_reason(left.unknown, right.unknown))
    return Values.where_known(np.where(decided, decisive, 1.0 - decisive), unknown)


def _case(condition: Values, then: Values, otherwise: Values) -> Values:
    holds = condition.numbers == 1.0
    unknown = np.where(holds, then.unknown, otherwise.unknown)
    unknown = np.where(condition.unknown != 0, condition.unknown, unknown)
    return Values.where_known(np.where(holds, then.numbers, otherwise.numbers), unknown)


def first_reason(left: NDArray[np.int8], right: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return why a combination is unknown: of two reasons the first in the order of REASONS, else the only one."""
    if not right.any():
        return left
    return _FIRST.take(left * np.int8(len(Unknown)) + right) if left.any() else right


def _first(left: Unknown, right: Unknown) -> Unknown:
    return next((each for each in REASONS if each in {left, right}), Unknown.KNOWN)


# By the codes of two reasons, one after the other.
_FIRST = np.array([_first(*both) for both in product(Unknown, repeat=2)], dtype=np.int8)
