"""A value as its declaration would write it, named parts written out: `facts("contact").count_for_family()`."""

from collections.abc import Iterator
from typing import cast

from targeting.features.conditions import Both, Condition, Either, Literals, Negated, Test, Unless
from targeting.features.expressions import Combination, Constant, Expression
from targeting.features.members import PeopleValue
from targeting.features.roles import ADULT_AGE, EVERYONE, Role
from targeting.features.selections import During, Facts, FactValue, FoldedValue
from targeting.features.together import JointValue
from targeting.features.windows import Window

_WORDS = {"distinct": "count_distinct", "count_at_least": "count"}


def written(value: Expression) -> str:
    """Return a value in the language of indicators; read again, it is the same value."""
    if isinstance(value, Constant):
        return _literal(value.value)
    if isinstance(value, Combination):
        return _combined(value)
    if isinstance(value, PeopleValue):
        return f"people.{_role(value.people.role, empty='all()')}.{value.operation}_for_family()"
    if isinstance(value, JointValue):
        steps = ", ".join(" | ".join(map(_facts, step)) for step in value.steps)
        return f"{value.operation}_for_family({steps}, within={value.within})"
    if isinstance(value, FoldedValue):
        return _folded(value)
    single = cast(FactValue, value)
    given = _condition(single.state) if single.state is not None else ", ".join(f'"{each}"' for each in single.columns)
    return f"{_facts(single.facts)}.{_WORDS.get(single.operation, single.operation)}_for_family({given})"


def _combined(value: Combination) -> str:
    operands = [written(each) for each in value.operands]
    if value.operator == "case":
        return f"case({', '.join(operands)})"
    if value.operator == "~":
        return f"~({operands[0]})"
    each = zip(operands, value.operands, strict=True)
    return f" {value.operator} ".join(f"({text})" if isinstance(of, Combination) else text for text, of in each)


def _folded(value: FoldedValue) -> str:
    each = value.each
    word = each.operation if each.operation == "rate" else f"{each.operation}_each"
    columns = ", ".join(f'"{name}"' for name in each.columns)
    least = f"at_least={_literal(value.at_least or 0)}" if value.fold == "count_at_least" else ""
    return f"{_facts(each.facts)}.{word}({columns}).{_WORDS.get(value.fold, value.fold)}_for_family({least})"


def _facts(facts: Facts) -> str:
    return ".".join((f'facts("{facts.kind}")', *_narrowed(facts)))


def _narrowed(facts: Facts) -> Iterator[str]:
    for condition in facts.conditions:
        if isinstance(condition, Unless):
            yield f"except_where({_condition(condition.condition)})"
        else:
            yield f"where({_condition(condition)})"
    yield from map(_during, facts.exclusions)
    if facts.role != EVERYONE:
        yield f"of_{_role(facts.role)}"
    if facts.window is not None:
        yield _window(facts.window)


def _during(during: During) -> str:
    until = f", until={_facts(during.until)}" if during.until is not None else ""
    return f"except_during({' | '.join(map(_facts, during.spells))}{until}, over={during.over})"


def _window(window: Window) -> str:
    return f"in_last({window.longest})" if window.shortest is None else f"between({window.longest}, {window.shortest})"


def _role(role: Role, *, empty: str = "") -> str:
    if role.who != "children":
        return empty if role == EVERYONE else f"{role.who}()"
    ages = {"from_age": (role.from_age, 0), "below_age": (role.below_age, ADULT_AGE)}
    return f"children({', '.join(f'{name}={age:g}' for name, (age, usual) in ages.items() if age != usual)})"


def _condition(condition: Condition) -> str:
    if isinstance(condition, Test):
        return _test(condition)
    if isinstance(condition, Negated):
        return f"~({_condition(condition.condition)})"
    both = cast(Both | Either, condition)
    return f"({_condition(both.left)}) {'&' if isinstance(both, Both) else '|'} ({_condition(both.right)})"


def _test(test: Test) -> str:
    column = f'column("{test.column}")'
    if test.test == "is_true":
        return column
    if test.test in ("is_in", "is_known"):
        return f"{column}.{test.test}({', '.join(map(_literal, test.values))})"
    return f"{column} {test.test} {_literal(test.values[0])}"


def _literal(value: Literals) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    return f"{value:g}" if isinstance(value, float) and value == float(f"{value:g}") else repr(value)
