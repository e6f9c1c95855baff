"""What an expression rests on: its leaves, and the kinds, columns and personal attributes that each touches."""

from collections.abc import Iterator
from typing import cast

from targeting.features.conditions import Both, Condition, Either, Negated, Test
from targeting.features.expressions import Combination, Expression
from targeting.features.selections import Facts, FactValue, FoldedValue, PeopleValue, Who
from targeting.records.contract import Contract
from targeting.records.definition import SERVICE_RECORD

Leaf = FactValue | FoldedValue | PeopleValue

FAMILY_SIZE = "family_size"

_ROLE_ATTRIBUTE: dict[Who, str] = {
    "everyone": SERVICE_RECORD,
    "children": "age",
    "adults": "age",
    "unborn": "pregnancy_and_maternity",
}


def leaves_of(expression: Expression) -> Iterator[Leaf]:
    """Yield every value that an expression draws from facts or members, in the order in which it is written."""
    if isinstance(expression, Combination):
        for operand in expression.operands:
            yield from leaves_of(operand)
    elif isinstance(expression, Leaf):
        yield expression


def tests_of(condition: Condition) -> Iterator[Test]:
    """Yield every test of a column in a condition."""
    if isinstance(condition, Test):
        yield condition
    elif isinstance(condition, Negated):
        yield from tests_of(condition.condition)
    else:
        both = cast(Both | Either, condition)
        yield from tests_of(both.left)
        yield from tests_of(both.right)


def facts_of(leaf: Leaf) -> Facts | None:
    """Return the facts that a leaf draws from; None for the members themselves."""
    if isinstance(leaf, PeopleValue):
        return None
    return leaf.facts if isinstance(leaf, FactValue) else leaf.each.facts


def value_columns(leaf: Leaf) -> tuple[str, ...]:
    """Return the columns whose values a leaf combines."""
    if isinstance(leaf, PeopleValue):
        return ()
    return leaf.columns if isinstance(leaf, FactValue) else leaf.each.columns


def filter_columns(facts: Facts) -> tuple[str, ...]:
    """Return the columns that a selection of facts tests."""
    return tuple(test.column for condition in facts.conditions for test in tests_of(condition))


def enders_of(kind: str, contract: Contract) -> tuple[str, ...]:
    """Return the kinds of fact that bring an episode of this kind to an end."""
    return tuple(sorted(name for name, other in contract.items() if other.ends == kind))


def kinds_of(leaf: Leaf, contract: Contract) -> tuple[str, ...]:
    """Return the kinds that a leaf reads."""
    facts = facts_of(leaf)
    if facts is None:
        return ()
    ends_matter = isinstance(leaf, FactValue) and leaf.operation == "open"
    return (facts.kind, *enders_of(facts.kind, contract)) if ends_matter else (facts.kind,)


def attributes_of(leaf: Leaf, contract: Contract) -> Iterator[tuple[str | None, str]]:
    """Yield each attribute that a leaf touches with through what, service records left out; None: unclassified.

    Kinds and columns must exist.
    """
    for attribute, through in _touched(leaf, contract):
        if attribute != SERVICE_RECORD:
            yield attribute, through


def _touched(leaf: Leaf, contract: Contract) -> Iterator[tuple[str | None, str]]:
    facts = facts_of(leaf)
    if facts is None:
        people = cast(PeopleValue, leaf)
        yield _ROLE_ATTRIBUTE[people.people.role.who], f"people.{people.people.role.who}()"
        yield (FAMILY_SIZE if people.operation == "count" else "age"), f"{people.operation}_for_family()"
        return
    yield _ROLE_ATTRIBUTE[facts.role.who], f"of_{facts.role.who}()"
    for kind in kinds_of(leaf, contract):
        yield contract[kind].attribute, kind
    for name in (*filter_columns(facts), *value_columns(leaf)):
        column = contract[facts.kind].column(name)
        yield (column.attribute if column else None), f"{facts.kind}.{name}"
