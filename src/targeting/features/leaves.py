"""What an expression rests on: its leaves, and the kinds, columns and personal attributes that each touches."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import cast

from targeting.features.conditions import Both, Condition, Either, Negated, Test, may_hold
from targeting.features.expressions import Combination, Expression
from targeting.features.members import PeopleValue
from targeting.features.roles import Who
from targeting.features.selections import During, Facts, FactValue, FoldedValue
from targeting.features.together import JointValue
from targeting.features.windows import Length
from targeting.records.contract import Contract
from targeting.records.definition import SERVICE_RECORD, FactKind

Leaf = FactValue | FoldedValue | JointValue | PeopleValue

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


def memory_of(expression: Expression) -> Length | None:
    """Return the longest window that an expression looks into; None where some of its facts have no window.

    Members alone are those of the date: a value of them looks one day back.
    """
    windows = [facts.window for leaf in leaves_of(expression) for facts in facts_of(leaf)]
    if None in windows:
        return None
    return max((window.longest for window in windows if window), key=Length.about_days, default=Length("days", 1))


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


def facts_of(leaf: Leaf) -> tuple[Facts, ...]:
    """Return the facts that a leaf draws from, with all that it tests of them; none for the members themselves."""
    if isinstance(leaf, PeopleValue):
        return ()
    if isinstance(leaf, JointValue):
        return tuple(chain.from_iterable(leaf.steps))
    if isinstance(leaf, FoldedValue):
        return (leaf.each.facts,)
    return (leaf.facts if leaf.state is None else leaf.facts.where(leaf.state),)


def spells_of(leaf: Leaf) -> tuple[Facts, ...]:
    """Return the spells that drop facts of a leaf, and what ends those that have no end of their own."""
    ends = (each.until for each in exclusions_of(leaf) if each.until is not None)
    return (*chain.from_iterable(each.spells for each in exclusions_of(leaf)), *ends)


def exclusions_of(leaf: Leaf) -> tuple[During, ...]:
    """Return what drops facts of a leaf."""
    return tuple(chain.from_iterable(facts.exclusions for facts in facts_of(leaf)))


def value_columns(leaf: Leaf) -> tuple[str, ...]:
    """Return the columns whose values a leaf combines."""
    if isinstance(leaf, PeopleValue | JointValue):
        return ()
    return leaf.columns if isinstance(leaf, FactValue) else leaf.each.columns


def filter_columns(facts: Facts) -> tuple[str, ...]:
    """Return the columns that a selection of facts tests."""
    return tuple(test.column for condition in facts.conditions for test in tests_of(condition))


def may_have(facts: Facts, name: str, code: str) -> bool:
    """Return whether a fact with a code in a column could be among the selected."""
    return all(may_hold(condition, name, code) for condition in facts.conditions)


def enders_of(kind: str, contract: Contract) -> tuple[str, ...]:
    """Return the kinds of fact that bring an episode of this kind to an end."""
    return tuple(sorted(name for name, other in contract.items() if other.ends == kind))


def kinds_of(leaf: Leaf, contract: Contract) -> tuple[str, ...]:
    """Return the kinds that a leaf reads: those that its value is drawn from, and spells that drop some of them."""
    spells = (facts.kind for facts in spells_of(leaf))
    enders = chain.from_iterable(enders_of(kind, contract) for kind in ended_kinds(leaf))
    return tuple(dict.fromkeys((*drawn_kinds(leaf, contract), *spells, *enders)))


def drawn_kinds(leaf: Leaf, contract: Contract) -> tuple[str, ...]:
    """Return the kinds that a leaf's value is drawn from."""
    kinds = tuple(dict.fromkeys(facts.kind for facts in facts_of(leaf)))
    return (*kinds, *enders_of(kinds[0], contract)) if asks_for_ends(leaf) else kinds


def ended_kinds(leaf: Leaf) -> tuple[str, ...]:
    """Return the kinds of which a leaf looks at what ends them."""
    asked = [facts.kind for facts in facts_of(leaf)] if asks_for_ends(leaf) else []
    spells = chain.from_iterable(each.spells for each in exclusions_of(leaf) if each.until is None)
    return tuple(dict.fromkeys((*asked, *(each.kind for each in spells))))


def asks_for_ends(leaf: Leaf) -> bool:
    """Return whether a leaf looks at what ends its facts' episodes."""
    return isinstance(leaf, FactValue) and leaf.operation in ("open", "days_open")


def attributes_of(leaf: Leaf, contract: Contract) -> Iterator[tuple[str | None, str]]:
    """Yield each attribute that a leaf touches with through what, service records left out; None: unclassified.

    Kinds and columns must exist.
    """
    yield from _personal(leaf, contract)
    for facts in _facts_read(leaf):
        kind = contract[facts.kind]
        yield from _attributes_of_codes(facts, kind, [column.name for column in kind.columns])


def attributes_chosen_by(leaf: Leaf, contract: Contract) -> Iterator[tuple[str | None, str]]:
    """Yield each attribute by which a leaf chooses families: as touched, but single codes of the columns it names only.

    A case that is open for whatever need chooses nobody by the need. Kinds and columns must exist.
    """
    yield from _personal(leaf, contract)
    for facts in (*facts_of(leaf), *spells_of(leaf)):
        yield from _attributes_of_codes(facts, contract[facts.kind], (*filter_columns(facts), *value_columns(leaf)))


def _personal(leaf: Leaf, contract: Contract) -> Iterator[tuple[str | None, str]]:
    return ((attribute, through) for attribute, through in _touched(leaf, contract) if attribute != SERVICE_RECORD)


def _touched(leaf: Leaf, contract: Contract) -> Iterator[tuple[str | None, str]]:
    if isinstance(leaf, PeopleValue):
        yield _ROLE_ATTRIBUTE[leaf.people.role.who], f"people.{leaf.people.role.who}()"
        yield (FAMILY_SIZE if leaf.operation == "count" else "age"), f"{leaf.operation}_for_family()"
    for facts in facts_of(leaf):
        yield _ROLE_ATTRIBUTE[facts.role.who], f"of_{facts.role.who}()"
    for kind in kinds_of(leaf, contract):
        yield contract[kind].attribute, kind
    named = [(facts, (*filter_columns(facts), *value_columns(leaf))) for facts in facts_of(leaf)]
    for facts, names in (*named, *((spells, filter_columns(spells)) for spells in spells_of(leaf))):
        for name in names:
            column = contract[facts.kind].column(name)
            yield (column.attribute if column else None), f"{facts.kind}.{name}"


def _facts_read(leaf: Leaf) -> tuple[Facts, ...]:
    """Return the facts that bear on a leaf's value: for a state also those that do not fulfil it."""
    return (*((leaf.facts,) if isinstance(leaf, FactValue) else facts_of(leaf)), *spells_of(leaf))


def _attributes_of_codes(facts: Facts, kind: FactKind, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what single codes of some columns say of a person, where a fact with one could be among the facts."""
    for column in (each for each in kind.columns if each.name in names):
        held = [code for code in column.code_attributes if may_have(facts, column.name, code)]
        for attribute in dict.fromkeys(column.code_attributes[code] for code in held):
            codes = ", ".join(code for code in held if column.code_attributes[code] == attribute)
            yield attribute, f"{kind.name}.{column.name} ({codes})"
