"""Trends: a value of the latest window less the same value of windows before it."""

from dataclasses import replace
from functools import reduce
from operator import add
from typing import NoReturn

from targeting.errors import TargetingError
from targeting.features.expressions import Combination, Expression
from targeting.features.leaves import facts_of, leaves_of
from targeting.features.members import PeopleValue
from targeting.features.selections import Facts, FactValue, FoldedValue
from targeting.features.together import JointValue
from targeting.features.windows import Length, Window


def change_from_previous_window(value: Expression) -> Expression:
    """Return a value less the same value of the window just before, which is as long.

    `change_from_previous_window(absences.in_last(terms(1)).rate(...).maximum_for_family())`. Members, their ages and
    what is known are those of the as-of date in both.
    """
    return change_from_own_past(value, windows=1)


def change_from_own_past(value: Expression, *, windows: int) -> Expression:
    """Return a value less its mean over as many windows before, each as long as its own and next to the other.

    Unknown where the value of any of the windows is.
    """
    if isinstance(windows, bool) or not isinstance(windows, int) or windows < 1:
        raise TargetingError("change_from_own_past(value, windows=...) takes a whole number from 1 up, such as 3.")
    length = _length_of(value)
    before = [_moved(value, replace(length, count=length.count * number)) for number in range(1, windows + 1)]
    return value - (reduce(add, before) / windows if windows > 1 else before[0])


def _length_of(value: object) -> Length:
    """Return the length of the one window that all facts of a value have."""
    if not isinstance(value, Expression):
        raise TargetingError("a change is that of a value: end the facts with .count_for_family() or the like.")
    windows = {facts.window for leaf in leaves_of(value) for facts in facts_of(leaf)}
    only = windows.pop() if len(windows) == 1 else None
    if only is None or only.shortest is not None:
        raise TargetingError("a change needs one window, the same for all facts of the value: .in_last(months(6)).")
    return only.longest


def _moved(value: Expression, by: Length) -> Expression:
    """Return the value with the windows of its facts moved further back."""
    if isinstance(value, Combination):
        return replace(value, operands=tuple(_moved(operand, by) for operand in value.operands))
    if isinstance(value, FactValue):
        return replace(value, facts=_facts_moved(value.facts, by))
    if isinstance(value, FoldedValue):
        return replace(value, each=replace(value.each, facts=_facts_moved(value.each.facts, by)))
    if isinstance(value, JointValue):
        return replace(value, steps=tuple(tuple(_facts_moved(each, by) for each in step) for step in value.steps))
    return _no_past() if isinstance(value, PeopleValue) else value


def _facts_moved(facts: Facts, by: Length) -> Facts:
    longest = replace(by, count=by.count + (facts.window.longest.count if facts.window else 0))
    return replace(facts, window=Window(longest, by))


def _no_past() -> NoReturn:
    raise TargetingError(
        "members are those of the as-of date and have no earlier window: leave people out of a change."
    )
