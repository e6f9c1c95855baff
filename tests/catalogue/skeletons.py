"""Skeletons of worked examples: a record that fulfils each thing an indicator asks for, and the value they make.

`scripts/add-example-skeletons` writes one for every indicator that has no example. A person then reads it, makes the
records tell what the indicator is for, works the value out by hand and sets `checked`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import cast

import numpy as np
from small_district import AS_OF, PEOPLE

from targeting.features import CompileRules, Indicator
from targeting.features.conditions import Both, Condition, Either, Literals, Negated, Test
from targeting.features.dates import day_number, window_bounds
from targeting.features.leaves import facts_of, leaves_of, value_columns
from targeting.features.members import PeopleValue
from targeting.features.roles import Role
from targeting.features.selections import Facts
from targeting.project.worked_examples import ToldFact
from targeting.records.definition import Column

OF_ADULTS = ("mental_health", "substance_need", "substance_admission", "maternity_booking", "maternal_mood", "arrears")
USUAL = {"integer": "4", "number": "4", "flag": "yes"}


def skeleton(indicator: Indicator, rules: CompileRules) -> tuple[tuple[str, ...], tuple[ToldFact, ...]]:
    """Return a family, and one record for each kind of fact, condition and window that the indicator looks at."""
    records: dict[tuple[object, ...], ToldFact] = {}
    people = ["mother"]
    for leaf in leaves_of(indicator.value):
        if isinstance(leaf, PeopleValue):
            people.append(_member(leaf.people.role))
        for facts in facts_of(leaf):
            record = _record(facts, value_columns(leaf), rules, number=len(records) + 1)
            people.append(record.person)
            records.setdefault((record.kind, record.person, record.event_date), record)
    return tuple(name for name in PEOPLE if name in people), tuple(records.values())


def example_table(name: str, family: Sequence[str], records: Sequence[ToldFact], value: float | None) -> str:
    """Return one example as TOML."""
    lines = [
        " | ".join([r.kind, r.person, r.event_date.isoformat(), ", ".join(f"{n}={v}" for n, v in r.columns)])
        for r in records
    ]
    shown = '"unknown"' if value is None else f"{value:g}" if value == round(value, 6) else repr(value)
    members = ", ".join(f'"{each}"' for each in family)
    body = "".join(f"{line.strip()}\n" for line in lines)
    return f'[[{name}]]\nfamily = [{members}]\nrecords = """\n{body}"""\nvalue = {shown}\n'


def _record(facts: Facts, wanted: Sequence[str], rules: CompileRules, *, number: int) -> ToldFact:
    kind = rules.contract[facts.kind]
    chosen = {name: value for condition in facts.conditions for name, value in _fulfilling(condition, rules, facts)}
    columns = [c for c in kind.columns if c.required or c.name in chosen or c.name in wanted]
    return ToldFact(
        kind=facts.kind,
        person=_person(facts),
        event_date=_event(facts, rules),
        columns=tuple((c.name, _text(c, chosen.get(c.name), number)) for c in columns),
    )


def _text(column: Column, chosen: Literals | None, number: int) -> str:
    if isinstance(chosen, bool):
        return "yes" if chosen else "no"
    if chosen is not None:
        return f"{chosen:g}" if isinstance(chosen, float | int) else str(chosen)
    if column.name == "episode_id":
        return f"e{number}"
    if column.name == "sessions_possible":
        return "100"
    if column.codes is not None:
        return next(iter(column.codes.codes))
    return USUAL.get(column.type, "")


def _fulfilling(condition: Condition, rules: CompileRules, facts: Facts) -> Iterator[tuple[str, Literals]]:
    """Yield a value for each column that a condition tests, by which it holds."""
    if isinstance(condition, Test):
        if condition.test == "is_true":
            yield condition.column, True
        elif condition.test in (">", "!="):
            yield condition.column, _other(condition, rules, facts)
        elif condition.test == "<":
            yield condition.column, cast(float, condition.values[0]) - 1
        elif condition.values:
            yield condition.column, condition.values[0]
    elif isinstance(condition, Negated):
        inner = condition.condition
        if isinstance(inner, Test) and inner.test == "is_true":
            yield inner.column, False
        elif isinstance(inner, Test):
            yield inner.column, _other(inner, rules, facts)
    elif isinstance(condition, Both):
        yield from _fulfilling(condition.left, rules, facts)
        yield from _fulfilling(condition.right, rules, facts)
    else:
        yield from _fulfilling(cast(Either, condition).left, rules, facts)


def _other(test: Test, rules: CompileRules, facts: Facts) -> Literals:
    """Return a value that is none of those tested; of numbers, one above."""
    column = rules.contract[facts.kind].column(test.column)
    if column is None or column.codes is None:
        return cast(float, test.values[0]) + 1
    return next(code for code in column.codes.codes if code not in test.values)


def _event(facts: Facts, rules: CompileRules) -> date:
    """Return the last day of a window of terms, else a day in its middle; without a window half a year ago."""
    if facts.window is None:
        return AS_OF - timedelta(days=182)
    starts, ends = window_bounds(facts.window, np.array([day_number(AS_OF)], dtype=np.int32), rules.terms)
    back = 1 if facts.window.longest.unit == "terms" else int(ends[0] - starts[0]) // 2
    return AS_OF - timedelta(days=day_number(AS_OF) - int(ends[0]) + back)


def _person(facts: Facts) -> str:
    if facts.role.who == "everyone" and facts.kind.startswith(OF_ADULTS):
        return "mother"
    return _member(facts.role) if facts.role.who != "everyone" else "pupil"


def _member(role: Role) -> str:
    """Return somebody of a role and age."""
    if role.who in ("adults", "unborn"):
        return "mother" if role.who == "adults" else "expected"
    children = ("pupil", "teen", "toddler", "baby", "youth")
    ages: Mapping[str, float] = {name: (AS_OF - PEOPLE[name][0]).days / 365.25 for name in children}
    return next(name for name in children if role.from_age <= ages[name] < role.below_age)
