"""Conditions on columns: made into steps that a plan can hold, and run over the rows of a kind."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from targeting.features.conditions import Both, Condition, Either, Literals, Negated, Test, Unless
from targeting.features.dates import day_number
from targeting.features.plan import EPISODE, FilterOperation, FilterStep
from targeting.records.definition import FactKind
from targeting.store.blocks import MISSING_DAY

Mask = NDArray[np.bool_]

NO_SUCH_CODE = -2


def filter_steps(conditions: Sequence[Condition], kind: FactKind) -> tuple[FilterStep, ...]:
    """Return conditions, all of which must hold, in postfix order. Their columns must exist in the kind."""
    steps = [list(_steps(condition, kind)) for condition in conditions]
    joined = [step for each in steps for step in each]
    return (*joined, *(FilterStep(operation="and") for _ in steps[1:]))


def _steps(condition: Condition, kind: FactKind) -> Iterator[FilterStep]:
    if isinstance(condition, Test):
        yield _test_step(condition, kind)
    elif isinstance(condition, Negated):
        yield from _steps(condition.condition, kind)
        yield FilterStep(operation="unless" if isinstance(condition, Unless) else "not")
    else:
        both = cast(Both | Either, condition)
        yield from _steps(both.left, kind)
        yield from _steps(both.right, kind)
        yield FilterStep(operation="and" if isinstance(both, Both) else "or")


def _test_step(test: Test, kind: FactKind) -> FilterStep:
    column = kind.column(test.column)
    if column is not None and column.type == "code":
        operation: FilterOperation = "==" if test.test == "is_true" else test.test
        return FilterStep(operation=operation, column=test.column, codes=tuple(map(str, test.values)))
    if test.test == "is_true":
        return FilterStep(operation="==", column=test.column, numbers=(1.0,))
    return FilterStep(operation=test.test, column=test.column, numbers=tuple(map(_number, test.values)))


def _number(value: Literals) -> float:
    return float(day_number(value)) if isinstance(value, date) else float(value)


@dataclass(frozen=True)
class Columns:
    """The columns that a filter may test, in the types of the store's rows."""

    values: Mapping[str, NDArray[Any]]
    vocabularies: Mapping[str, tuple[str, ...]]
    length: int

    def known(self, name: str) -> Mask:
        """Return which rows have a value in a column."""
        values = self.values[name]
        if values.dtype.kind == "f":
            return ~np.isnan(values)
        if name in self.vocabularies or name == EPISODE:
            return values >= 0
        return values != MISSING_DAY


def selected(steps: Sequence[FilterStep], columns: Columns) -> Mask:
    """Return which rows the steps select: those of which the condition is known to hold."""
    if not steps:
        return np.ones(columns.length, dtype=np.bool_)
    stack: list[tuple[Mask, Mask]] = []
    for step in steps:
        stack.append(_run(step, stack, columns))
    return stack[-1][0]


def _run(step: FilterStep, stack: list[tuple[Mask, Mask]], columns: Columns) -> tuple[Mask, Mask]:
    """Return where a step holds and where it is known not to, taking what it combines from the stack."""
    if step.column:
        return _tested(step, columns)
    holds, fails = stack.pop()
    if step.operation == "not":
        return fails, holds
    if step.operation == "unless":
        return ~holds, holds
    left_holds, left_fails = stack.pop()
    if step.operation == "and":
        return left_holds & holds, left_fails | fails
    return left_holds | holds, left_fails & fails


def _tested(step: FilterStep, columns: Columns) -> tuple[Mask, Mask]:
    values = columns.values[step.column]
    known = columns.known(step.column)
    if step.operation == "is_known":
        return known, ~known
    wanted = _wanted(step, columns)
    if step.operation in ("==", "is_in"):
        holds = _is_one_of(values, wanted)
    elif step.operation == "!=":
        holds = ~_is_one_of(values, wanted)
    else:
        holds = _ORDER[step.operation](values, wanted[0])
    return holds & known, ~holds & known


def _is_one_of(values: NDArray[Any], wanted: NDArray[Any]) -> Mask:
    # A code or two are compared faster than looked up.
    return (
        np.logical_or.reduce([values == each for each in wanted]) if len(wanted) else np.zeros(values.shape, np.bool_)
    )


_ORDER: Mapping[str, Any] = {">=": np.greater_equal, ">": np.greater, "<=": np.less_equal, "<": np.less}


def _wanted(step: FilterStep, columns: Columns) -> NDArray[Any]:
    if not step.codes:
        return np.array(step.numbers)
    places = {code: place for place, code in enumerate(columns.vocabularies[step.column])}
    return np.array([places.get(code, NO_SUCH_CODE) for code in step.codes], dtype=np.int32)
