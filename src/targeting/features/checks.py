"""What the compiler refuses, each as a sentence: names that do not exist, and what rules 6, 7 and 8 keep out."""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import chain

from targeting.errors import what_exists
from targeting.features.conditions import Test
from targeting.features.expressions import Expression
from targeting.features.leaves import (
    Leaf,
    asks_for_ends,
    attributes_chosen_by,
    attributes_of,
    ended_kinds,
    enders_of,
    exclusions_of,
    facts_of,
    kinds_of,
    leaves_of,
    spells_of,
    tests_of,
    value_columns,
)
from targeting.features.members import PeopleValue
from targeting.features.plan import EPISODE
from targeting.features.rules import CompileRules
from targeting.features.selections import During, Facts, FactValue
from targeting.features.windows import Length
from targeting.records.attributes import AttributeRule
from targeting.records.definition import Column, FactKind
from targeting.sources.definition import Source

# Which sources of a kind may serve: those of the model's tier for an input, all for a cohort.
Allowed = Callable[[str], tuple[Source, ...]]

POLICY = "fairness/policy.toml"
NUMERIC = ("integer", "number", "flag")
ORDERINGS = (">=", ">", "<=", "<")


def input_faults(expression: Expression, rules: CompileRules) -> Iterator[str]:
    """Yield what keeps an expression from being an input of a model; names that do not exist first."""
    for leaf in leaves_of(expression):
        faults = list(name_faults(leaf, rules))
        yield from faults
        if not faults:
            yield from _attribute_faults(leaf, rules)
            yield from _never_an_input_faults(leaf, rules)
            yield from _source_faults(leaf, rules, rules.within_tier)


def cohort_faults(expression: Expression, rules: CompileRules) -> Iterator[str]:
    """Yield what keeps an expression from choosing a cohort: unknown names, refused attributes, purposes."""
    for leaf in leaves_of(expression):
        faults = list(name_faults(leaf, rules))
        yield from faults
        if not faults:
            yield from _refused_faults(leaf, rules)
            yield from _source_faults(leaf, rules, rules.sharing)


def name_faults(leaf: Leaf, rules: CompileRules) -> Iterator[str]:
    """Yield what a leaf names that does not exist, or that its operation cannot use."""
    if _asks_age_of_unborn(leaf):
        yield "asks the age of the unborn, who have none: count them with .count_for_family()."
    for facts in facts_of(leaf):
        yield from _names_of_facts_faults(leaf, facts, rules)
        if facts.window is not None:
            yield from _terms_faults(facts.window.longest, rules)
    for during in exclusions_of(leaf):
        yield from _terms_faults(during.over, rules)
        yield from _until_faults(during, rules)
    for spells in spells_of(leaf):
        kind = rules.contract.get(spells.kind)
        yield from condition_faults(spells, kind) if kind else [_no_kind(spells.kind, rules)]


def _until_faults(during: During, rules: CompileRules) -> Iterator[str]:
    for kind in sorted({spells.kind for spells in during.spells} & set(rules.contract)):
        enders = enders_of(kind, rules.contract)
        if during.until is None and not enders:
            yield f"excludes spells of {kind!r}, but no kind of fact ends it: say what does, until=facts('...')."
        elif during.until is not None and enders:
            yield f"says what ends spells of {kind!r}, which have ends of their own: leave until= out."


def _no_kind(name: str, rules: CompileRules) -> str:
    return f"uses facts({name!r}), which do not exist. {what_exists(name, rules.contract)}"


def _names_of_facts_faults(leaf: Leaf, facts: Facts, rules: CompileRules) -> Iterator[str]:
    kind = rules.contract.get(facts.kind)
    if kind is None:
        yield _no_kind(facts.kind, rules)
        return
    yield from condition_faults(facts, kind)
    for name in value_columns(leaf):
        yield from _value_faults(kind, name, distinct=isinstance(leaf, FactValue) and leaf.operation == "distinct")
    if asks_for_ends(leaf) and not enders_of(kind.name, rules.contract):
        yield f"asks whether {kind.name!r} is open, but no kind of fact ends it."


def _asks_age_of_unborn(leaf: Leaf) -> bool:
    return isinstance(leaf, PeopleValue) and leaf.operation != "count" and leaf.people.role.who == "unborn"


def condition_faults(facts: Facts, kind: FactKind) -> Iterator[str]:
    """Yield what the conditions on facts of a kind name that does not exist, or compare wrongly."""
    for condition in facts.conditions:
        for test in tests_of(condition):
            column = kind.column(test.column)
            if column is None:
                yield _no_column(kind, test.column)
            else:
                yield from _test_faults(f"{kind.name}.{column.name}", column, test)


def _test_faults(where: str, column: Column, test: Test) -> Iterator[str]:
    if test.test == "is_known":
        return
    if test.test == "is_true" and column.type != "flag":
        yield f"uses {where} as a condition, but it is no flag: compare it with a value."
    elif column.name == EPISODE:
        yield f"compares {where}, which only ties an episode's start to its end."
    elif test.test in ORDERINGS and column.type in ("code", "flag"):
        yield f"orders {where}, but a {column.type} has no order: use == or .is_in(...)."
    else:
        for value in test.values:
            yield from _comparison_faults(where, column, value)


def _comparison_faults(where: str, column: Column, value: object) -> Iterator[str]:
    if column.type == "code":
        if not isinstance(value, str):
            yield f"compares {where} with {value!r}, but its values are codes, written as text."
        elif column.codes and value not in column.codes.codes:
            yield f"compares {where} with {value!r}, which is no code of it. {what_exists(value, column.codes.codes)}"
    elif column.type == "date":
        if not isinstance(value, date):
            yield f"compares {where} with {value!r}, but its values are dates: write date(2026, 1, 31)."
    elif isinstance(value, str | date):
        yield f"compares {where} with {value!r}, but its values are numbers, or True and False for a flag."


def _value_faults(kind: FactKind, name: str, *, distinct: bool) -> Iterator[str]:
    column = kind.column(name)
    if column is None:
        yield _no_column(kind, name)
    elif not distinct and column.type not in NUMERIC:
        yield (
            f"calculates with {kind.name}.{name}, which is a {column.type}: filter by it with .where(...), or count "
            "its values with .count_distinct_for_family(...)."
        )


def _no_column(kind: FactKind, name: str) -> str:
    columns = [column.name for column in kind.columns]
    return f"uses the column {name!r} of {kind.name!r}, which does not exist. {what_exists(name, columns)}"


def _terms_faults(length: Length, rules: CompileRules) -> Iterator[str]:
    if length.unit == "terms" and length.count > len(rules.terms):
        yield (
            f"uses {length}, but targeting.toml declares {len(rules.terms)} terms: add each as [[term]] with "
            "name, first, last."
        )


def _attribute_faults(leaf: Leaf, rules: CompileRules) -> Iterator[str]:
    for attribute, through in attributes_of(leaf, rules.contract):
        if attribute is None:
            yield f"touches {through}, which is unclassified: give the column its `attribute` in features/records.py."
        elif attribute not in rules.attributes:
            yield (
                f"touches {attribute!r} through {through}, which has no class in fairness/policy.toml. "
                f"{what_exists(attribute, rules.attributes)}"
            )
        else:
            yield from _class_faults(rules.attributes[attribute], through, rules)


def _class_faults(rule: AttributeRule, through: str, rules: CompileRules) -> Iterator[str]:
    touches = f"touches {rule.name!r} through {through}"
    if rule.attribute_class == "refused":
        yield f"{touches}, which fairness/policy.toml refuses as an input: {rule.reason}"
    elif rule.review_date is None:
        yield f"{touches}, {_article(rule)} that nobody reviewed: {rule.owner} sets its review_date in {POLICY}."
    elif not rule.is_reviewed(rules.on):
        yield (
            f"{touches}, {_article(rule)} whose review ran out on {rule.review_date}: {rule.owner} renews its "
            f"review_date in {POLICY}, or the indicator leaves it out."
        )


def _article(rule: AttributeRule) -> str:
    return f"a {rule.attribute_class}" if rule.attribute_class == "proxy" else "a justified attribute"


def _refused_faults(leaf: Leaf, rules: CompileRules) -> Iterator[str]:
    for attribute, through in attributes_chosen_by(leaf, rules.contract):
        rule = rules.attributes.get(attribute or "")
        if rule is not None and rule.attribute_class == "refused":
            yield from _class_faults(rule, through, rules)


def _never_an_input_faults(leaf: Leaf, rules: CompileRules) -> Iterator[str]:
    for kind in kinds_of(leaf, rules.contract):
        reason = rules.contract[kind].never_an_input
        if reason:
            yield f"uses {kind!r}, which is never an input: {reason}."


def _source_faults(leaf: Leaf, rules: CompileRules, allowed: Allowed) -> Iterator[str]:
    kinds = kinds_of(leaf, rules.contract)
    enders = {kind: enders_of(kind, rules.contract) for kind in ended_kinds(leaf)}
    for kind in kinds:
        if kind not in chain.from_iterable(enders.values()) and not allowed(kind):
            yield not_allowed(kind, rules)
    for kind, ended_by in enders.items():
        if ended_by and not any(map(allowed, ended_by)):
            yield f"asks whether {kind!r} is open, but no source shares what ends it: {', '.join(ended_by)}."
    for kind in kinds:
        yield from purpose_faults(kind, rules, allowed)


def not_allowed(kind: str, rules: CompileRules) -> str:
    """Return why no source serves a kind of fact: none shares it, or none within the model's tier."""
    sharing = rules.sharing(kind)
    if sharing:
        tiers = ", ".join(sorted({source.tier for source in sharing}))
        return f"uses {kind!r}, shared only at the data tier {tiers}; the model's tier is {rules.tier}."
    shared = [name for name in rules.contract if rules.sharing(name)]
    return f"uses {kind!r}, which no source in features/sources/ shares. {what_exists(kind, shared)}"


def purpose_faults(kind: str, rules: CompileRules, allowed: Allowed) -> Iterator[str]:
    """Yield each source of a kind that is not shared for the model's purpose."""
    for source in allowed(kind):
        if rules.purpose not in source.purposes:
            purposes = ", ".join(sorted(source.purposes)) or "none"
            yield (
                f"uses {kind!r} of the source {source.name!r}, which is not shared for the purpose {rules.purpose!r}. "
                f"Its agreement {source.agreement.reference} covers: {purposes}."
            )
