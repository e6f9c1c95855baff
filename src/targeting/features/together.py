"""Facts of several kinds that come together, or in order."""

from dataclasses import dataclass
from typing import Literal

from targeting.errors import TargetingError
from targeting.features.expressions import Expression
from targeting.features.selections import AnyFacts, Facts, alternatives_of
from targeting.features.windows import Length, check_length

JointOperation = Literal["together", "in_order"]

FEWEST, MOST = 2, 3


@dataclass(frozen=True, eq=False)
class JointValue(Expression):
    """Whether facts of several steps come together, or in order; of each step any of its selections will do."""

    steps: tuple[tuple[Facts, ...], ...]
    operation: JointOperation
    within: Length

    @property
    def is_condition(self) -> bool:
        return True


def together_for_family(*needs: Facts | AnyFacts, within: Length) -> Expression:
    """Return whether a fact of each of two or three needs happened within a length of the others.

    They may be of different members: `together_for_family(abuse, mind | admissions, within=months(6))`. Facts that are
    not known do not count; the value is then unknown unless those that are known decide it.
    """
    return JointValue(_steps("together_for_family", needs), "together", _within("together_for_family", within))


def in_order_for_family(*steps: Facts | AnyFacts, within: Length) -> Expression:
    """Return whether facts of two or three steps happened one after the other, the last within a length of the first.

    Each happens on a later day than the one before: facts of one day have no order. Facts that are not known do not
    count; the value is then unknown unless those that are known decide it.
    """
    return JointValue(_steps("in_order_for_family", steps), "in_order", _within("in_order_for_family", within))


def _steps(word: str, given: tuple[object, ...]) -> tuple[tuple[Facts, ...], ...]:
    if not all(isinstance(each, Facts | AnyFacts) for each in given):
        raise TargetingError(f"{word}(...) takes facts('...'), not yet made into a value, and within=months(6).")
    if not FEWEST <= len(given) <= MOST:
        raise TargetingError(f"{word}(...) takes two or three kinds of facts, not {len(given)}.")
    return tuple(alternatives_of(each) for each in given if isinstance(each, Facts | AnyFacts))


def _within(word: str, length: object) -> Length:
    checked = check_length(length)
    if checked.unit == "terms":
        raise TargetingError(f"{word}(..., within=...) takes days, weeks, months or years: terms have no fixed length.")
    return checked
