"""The engine again, slow and obvious: one family, one date, straight from the definitions, in plain Python.

It shares no code with the engine: it reads the language itself, never the plan.
"""

from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise, product

from targeting.features.conditions import Both, Condition, Either, Negated, Test, Unless
from targeting.features.expressions import Combination, Constant, Expression
from targeting.features.members import PeopleValue
from targeting.features.roles import Role
from targeting.features.selections import During, EachPerson, Facts, FactValue, FoldedValue
from targeting.features.together import JointValue
from targeting.features.windows import Length, Window
from targeting.records.definition import FactKind
from targeting.records.terms import Term
from targeting.sources.definition import Source

NOT_SHARED, NOT_COLLECTED, NOT_LINKED, EXPIRED, NOT_APPLICABLE = 1, 2, 3, 4, 5
# Of several reasons the first of these is given.
ORDER = (NOT_SHARED, NOT_APPLICABLE, NOT_COLLECTED, NOT_LINKED, EXPIRED)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Fact:
    """One fact as a generation holds it."""

    kind: str
    fact_id: int
    person: str
    event: date
    knowledge: date
    source: str
    superseded: date | None = None
    values: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Member:
    """One range of dates on which a person belongs to a family."""

    family: str
    person: str
    first: date
    last: date | None
    birth: date | None
    is_child: bool


@dataclass(frozen=True)
class Covered:
    """A source shared a kind of fact for events from one date to another."""

    source: str
    kind: str
    shared_from: date
    until: date


@dataclass(frozen=True)
class Linked:
    """A person has been in a source's records, as known from a date."""

    person: str
    source: str
    known_from: date


@dataclass(frozen=True)
class World:
    """All that is recorded, and what is declared of those who recorded it."""

    contract: dict[str, FactKind]
    sources: tuple[Source, ...]
    facts: tuple[Fact, ...] = ()
    members: tuple[Member, ...] = ()
    coverage: tuple[Covered, ...] = ()
    links: tuple[Linked, ...] = ()
    # Families, and the sources that were not asked about them.
    not_asked: frozenset[tuple[str, str]] = frozenset()
    terms: tuple[Term, ...] = ()


Known = tuple[float | None, int]


def value_of(expression: Expression, world: World, family: str, as_of: date) -> Known:
    """Return a value and 0, or None and why it is unknown."""
    if isinstance(expression, Constant):
        return expression.value, 0
    if isinstance(expression, Combination):
        return _combined(expression.operator, [value_of(part, world, family, as_of) for part in expression.operands])
    if isinstance(expression, PeopleValue):
        return _people_value(expression, world, family, as_of)
    if isinstance(expression, JointValue):
        return _joint_value(expression, world, family, as_of)
    facts = expression.facts if isinstance(expression, FactValue) else expression.each.facts
    if isinstance(expression, FactValue) and expression.operation == "silent":
        told = any(_selected(facts, world, family, as_of))
        return float(not told and _could_tell(facts, world, family, as_of)), 0
    reason = _why_unknown(facts, world, family, as_of)
    if isinstance(expression, FactValue) and "open" in expression.operation and reason == 0:
        ends = [kind.name for kind in world.contract.values() if kind.ends == facts.kind]
        reason = min(_why_unknown(Facts(kind), world, family, as_of) for kind in ends)
    if reason:
        return None, reason
    value = _fact_value(expression, world, family, as_of)
    return (None, _why_nothing(facts, world, family, as_of)) if value is None else (float(value), 0)


def families_on(world: World, as_of: date) -> list[str]:
    """Return the families with a member on the date."""
    return sorted({member.family for member in world.members if _holds(member, as_of)})


def _combined(operator: str, parts: list[Known]) -> Known:
    values, reasons = [value for value, _ in parts], [reason for _, reason in parts if reason]
    if operator in ("&", "|"):
        decisive = 0.0 if operator == "&" else 1.0
        if decisive in values:
            return decisive, 0
        return (None, _first(reasons)) if reasons else (1.0 - decisive, 0)
    if operator == "case":
        condition, then, otherwise = parts
        return condition if condition[1] else (then if condition[0] == 1.0 else otherwise)
    if reasons:
        return None, _first(reasons)
    if operator == "/" and values[-1] == 0:
        return None, NOT_COLLECTED
    return float(_OPERATORS[operator](*values)), 0


def _first(reasons: list[int]) -> int:
    return min(reasons, key=ORDER.index)


_OPERATORS: dict[str, Callable[..., float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "/": lambda a, b: a / b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">=": lambda a, b: a >= b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    "<": lambda a, b: a < b,
    "~": lambda a: 1.0 - a,
}


def _fact_value(expression: Expression, world: World, family: str, as_of: date) -> float | None:
    if isinstance(expression, FoldedValue):
        return _folded(expression, world, family, as_of)
    facts, operation = expression.facts, expression.operation
    found = [fact for _, fact in _selected(facts, world, family, as_of)]
    if operation == "count":
        return len(found)
    if operation == "exists":
        return bool(found)
    if operation in ("open", "days_open"):
        starts = [f.event for member, f in _selected(facts, world, family, as_of) if _is_open(member, f, world, as_of)]
        return bool(starts) if operation == "open" else (as_of - min(starts)).days if starts else None
    if operation == "in_state":
        return any(_latest_states(expression, world, family, as_of))
    if operation == "longest_gap":
        on = sorted({fact.event for fact in found})
        return max(((after - before).days for before, after in pairwise(on)), default=None)
    if operation.startswith("days_since"):
        events = sorted(fact.event for fact in found)
        return (as_of - events[0 if "earliest" in operation else -1]).days if found else None
    name = expression.columns[0]
    told = [fact for fact in found if fact.values[name] is not None]
    values = [fact.values[name] for fact in sorted(told, key=lambda f: (f.event, f.knowledge, f.values[name]))]
    if operation == "distinct":
        return len(set(values))
    if operation == "sum":
        return _exact_sum(values) if values or not found else None
    choose = {"latest": lambda v: v[-1], "earliest": lambda v: v[0], "maximum": max, "minimum": min}[operation]
    return choose(values) if values else None


def _exact_sum(values: list[float]) -> float:
    return float(sum(Fraction(round(value * 1_000_000)) for value in values) / 1_000_000)


def _is_open(member: Member, start: Fact, world: World, as_of: date) -> bool:
    ends = [
        fact
        for kind in world.contract.values()
        if kind.ends == start.kind
        for _, fact in _selected(Facts(kind.name), world, member.family, as_of)
        if fact.person == start.person and fact.values["episode_id"] == start.values["episode_id"]
    ]
    return start.values["episode_id"] is None or not any(end.event >= start.event for end in ends)


def _latest_states(expression: FactValue, world: World, family: str, as_of: date) -> Iterator[bool]:
    """Yield for each member with facts whether the latest of them fulfils the state."""
    of_member: dict[str, list[tuple[date, date, bool]]] = {}
    for member, fact in _selected(expression.facts, world, family, as_of):
        holds = _holds_for(expression.state, fact.values) is True
        of_member.setdefault(member.person, []).append((fact.event, fact.knowledge, holds))
    for told in of_member.values():
        yield max(told)[2]


def _joint_value(expression: JointValue, world: World, family: str, as_of: date) -> Known:
    """Return whether known facts come together; unknown where facts that are not known could have made it so."""
    reasons = [[_why_unknown(facts, world, family, as_of) for facts in step] for step in expression.steps]
    days = [
        {
            fact.event
            for facts, reason in zip(step, why, strict=True)
            if not reason
            for _, fact in _selected(facts, world, family, as_of)
        }
        for step, why in zip(expression.steps, reasons, strict=True)
    ]
    if _do_come(days, expression):
        return 1.0, 0
    whole = [on for on, why in zip(days, reasons, strict=True) if not any(why)]
    if len(whole) < len(days) and (not whole or _do_come(whole, expression)):
        return None, _first([reason for why in reasons for reason in why if reason])
    return 0.0, 0


def _do_come(days: list[set[date]], expression: JointValue) -> bool:
    """Try every choice of one day a step."""
    return any(
        max(chosen) <= _on(min(chosen), expression.within)
        and (expression.operation == "together" or all(a < b for a, b in pairwise(chosen)))
        for chosen in product(*days)
    )


def _on(day: date, length: Length) -> date:
    if length.unit in ("days", "weeks"):
        return day + length.count * {"days": 1, "weeks": 7}[length.unit] * DAY
    return _add_months(day, length.count * {"months": 1, "years": 12}[length.unit])


def _folded(expression: FoldedValue, world: World, family: str, as_of: date) -> float | None:
    each = expression.each
    members = sorted({m.person for m in _members(world, family, as_of) if _has_role(m, each.facts.role, as_of)})
    values = [_value_of_person(each, world, family, person, as_of) for person in members]
    known = [value for value in values if value is not None]
    if expression.fold == "count_at_least":
        reached = sum(value >= expression.at_least for value in known)
        return reached if known or each.operation in ("count", "sum") else None
    if not known:
        return None
    return {"maximum": max, "minimum": min, "mean": lambda v: sum(sorted(v)) / len(v)}[expression.fold](known)


def _value_of_person(each: EachPerson, world: World, family: str, person: str, as_of: date) -> float | None:
    found = [fact for member, fact in _selected(each.facts, world, family, as_of) if member.person == person]
    if each.operation == "count":
        return float(len(found))
    rows = [[fact.values[column] for column in each.columns] for fact in found]
    rows = [row for row in rows if None not in row]
    if each.operation == "sum":
        return _exact_sum([row[0] for row in rows])
    above, below = (sum(Fraction(round(row[i] * 1_000_000)) for row in rows) for i in (0, 1))
    return float(above / below) if below > 0 else None


def _people_value(expression: PeopleValue, world: World, family: str, as_of: date) -> Known:
    members = [m for m in _members(world, family, as_of) if _has_role(m, expression.people.role, as_of)]
    if expression.operation == "count":
        return float(len(members)), 0
    ages = [_completed_years(m.birth, as_of) for m in members if m.birth and m.birth <= as_of]
    if ages:
        return float(min(ages)), 0
    concerned = any(_may_have_role(m, expression.people.role, as_of) for m in _members(world, family, as_of))
    return None, NOT_COLLECTED if concerned else NOT_APPLICABLE


def _selected(facts: Facts, world: World, family: str, as_of: date) -> Iterator[tuple[Member, Fact]]:
    """Yield the facts that count, each with the member whose it is."""
    expires = {source.name: source.agreement.expires_on for source in world.sources}
    window = _window(facts.window, as_of, world.terms) if facts.window else None
    for member in _members(world, family, as_of):
        if not _has_role(member, facts.role, as_of):
            continue
        for fact in world.facts:
            if (
                fact.kind == facts.kind
                and fact.person == member.person
                and fact.knowledge < as_of
                and (fact.superseded is None or as_of <= fact.superseded)
                and fact.event < as_of
                and as_of <= expires[fact.source]
                and (facts.window is None or (window is not None and window[0] <= fact.event < window[1]))
                and all(_holds_for(condition, fact.values) for condition in facts.conditions)
                and not any(_lies_over(fact, during, world, family, as_of) for during in facts.exclusions)
            ):
                yield member, fact


def _lies_over(fact: Fact, during: During, world: World, family: str, as_of: date) -> bool:
    """Return whether a spell of the fact's person has a day in the fact's time."""
    first = _first_day(fact.event, during.over, world.terms)
    return any(
        start.person == fact.person
        and start.event <= fact.event
        and first <= _last_day(start, during.until, world, family, as_of)
        for spells in during.spells
        for _, start in _selected(spells, world, family, as_of)
    )


def _first_day(last: date, over: Length, terms: tuple[Term, ...]) -> date:
    if over.unit != "terms":
        return _back(last, over) + DAY
    begun = sorted((term.first for term in terms if term.first <= last), reverse=True)
    return begun[over.count - 1] if len(begun) >= over.count else last


def _last_day(start: Fact, until: Facts | None, world: World, family: str, as_of: date) -> date:
    """Return the day before the earliest known end of a spell, but no day before its start."""
    own = [Facts(kind.name) for kind in world.contract.values() if kind.ends == start.kind]
    found = [
        end.event
        for facts in (own if until is None else [until])
        for _, end in _selected(facts, world, family, as_of)
        if end.person == start.person
        and end.event >= start.event
        and (until is not None or end.values["episode_id"] == start.values["episode_id"] is not None)
    ]
    return max(start.event, min(found) - DAY) if found else date.max


def _holds_for(condition: Condition, values: dict[str, object]) -> bool | None:
    """Return whether a condition holds; None where that is not known."""
    if isinstance(condition, Unless):
        return _holds_for(condition.condition, values) is not True
    if isinstance(condition, Negated):
        inner = _holds_for(condition.condition, values)
        return None if inner is None else not inner
    if isinstance(condition, Both | Either):
        sides = {_holds_for(condition.left, values), _holds_for(condition.right, values)}
        decisive = isinstance(condition, Either)
        if decisive in sides:
            return decisive
        return None if None in sides else not decisive
    return _test(condition, values[condition.column])


def _test(test: Test, value: object) -> bool | None:
    if test.test == "is_known":
        return value is not None
    if value is None:
        return None
    if test.test == "is_true":
        return bool(value)
    if test.test == "is_in":
        return value in test.values
    return bool(_OPERATORS[test.test](value, test.values[0]))


def _members(world: World, family: str, as_of: date) -> list[Member]:
    return [member for member in world.members if member.family == family and _holds(member, as_of)]


def _holds(member: Member, as_of: date) -> bool:
    return member.first <= as_of and (member.last is None or as_of <= member.last)


def _has_role(member: Member, role: Role, as_of: date) -> bool:
    if role.who == "everyone":
        return True
    if member.birth is None:
        if role.who == "adults":
            return not member.is_child
        return role.who == "children" and member.is_child and (role.from_age, role.below_age) == (0, 18)
    if role.who == "unborn":
        return as_of < member.birth
    if role.who == "adults":
        return _birthday(member.birth, 18) <= as_of
    return _birthday(member.birth, role.from_age) <= as_of < _birthday(member.birth, role.below_age)


def _birthday(birth: date, years: float) -> date:
    return _add_months(birth, round(years * 12))


def _completed_years(birth: date, as_of: date) -> int:
    return max(age for age in range(130) if _birthday(birth, age) <= as_of)


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _back(as_of: date, length: Length) -> date:
    if length.unit in ("days", "weeks"):
        return as_of - length.count * {"days": 1, "weeks": 7}[length.unit] * DAY
    return _add_months(as_of, -length.count * {"months": 1, "years": 12}[length.unit])


def _window(window: Window, as_of: date, terms: tuple[Term, ...]) -> tuple[date, date] | None:
    """Return the first day of a window and the day after its last; None where too few terms are declared."""
    if window.longest.unit != "terms":
        return _back(as_of, window.longest), _back(as_of, window.shortest) if window.shortest else as_of
    ended = sorted((term for term in terms if term.last < as_of), reverse=True)
    chosen = ended[window.shortest.count if window.shortest else 0 : window.longest.count]
    if len(ended) < window.longest.count:
        return None
    return chosen[-1].first, chosen[0].last + DAY


def _why_unknown(facts: Facts, world: World, family: str, as_of: date) -> int:
    """Return 0 where some source can say, else the furthest that any source came: shared, still agreed, linked."""
    best = NOT_SHARED
    for source in world.sources:
        if not any(_reaches(entry, source, facts, world, as_of) for entry in world.coverage):
            continue
        if as_of > source.agreement.expires_on:
            best = EXPIRED if best == NOT_SHARED else best
        elif _nobody_asked(source, facts.role, world, family, as_of) or _none_in_register(
            source, facts.role, world, family, as_of
        ):
            best = NOT_LINKED
        else:
            return 0
    return best


def _could_tell(facts: Facts, world: World, family: str, as_of: date) -> bool:
    """Return whether a source shared the kind since the window began, gaps and registers left aside, and was asked."""
    for source in world.sources:
        entries = [entry for entry in world.coverage if (entry.source, entry.kind) == (source.name, facts.kind)]
        began = any(_began(entry, facts, world, as_of) for entry in entries)
        current = any(_is_current(entry, source, facts, world, as_of) for entry in entries)
        agreed = as_of <= source.agreement.expires_on
        if began and current and agreed and not _nobody_asked(source, facts.role, world, family, as_of):
            return True
    return False


def _nobody_asked(source: Source, role: Role, world: World, family: str, as_of: date) -> bool:
    """Return whether somebody of the family has the role, and the source was not asked about them."""
    concerned = [member for member in _members(world, family, as_of) if _has_role(member, role, as_of)]
    return bool(concerned) and (family, source.name) in world.not_asked


def _reaches(entry: Covered, source: Source, facts: Facts, world: World, as_of: date) -> bool:
    if (entry.source, entry.kind) != (source.name, facts.kind):
        return False
    return _began(entry, facts, world, as_of) and _is_current(entry, source, facts, world, as_of)


def _began(entry: Covered, facts: Facts, world: World, as_of: date) -> bool:
    if facts.window is None:
        return entry.shared_from < as_of
    bounds = _window(facts.window, as_of, world.terms)
    return bounds is not None and bounds[0] >= entry.shared_from


def _is_current(entry: Covered, source: Source, facts: Facts, world: World, as_of: date) -> bool:
    current_for = source.current_for if source.current_for is not None else source.lag + timedelta(days=35)
    bounds = (None, as_of) if facts.window is None else _window(facts.window, as_of, world.terms)
    return bounds is not None and bounds[1] - DAY <= entry.until + current_for


def _none_in_register(source: Source, role: Role, world: World, family: str, as_of: date) -> bool:
    if source.register_ages is None:
        return False
    first, below = source.register_ages
    if role.who == "children":
        first, below = max(first, role.from_age), min(below, role.below_age)
    expected = Role("children", first, below)
    children = [member for member in _members(world, family, as_of) if _has_role(member, expected, as_of)]
    known = {link.person for link in world.links if link.source == source.name and link.known_from < as_of}
    return bool(children) and not any(child.person in known for child in children)


def _why_nothing(facts: Facts, world: World, family: str, as_of: date) -> int:
    """Return that nothing was collected where some source could have told of some member, else not applicable."""
    telling = [source for source in world.sources if facts.kind in _kinds_of(source)]
    could_be = any(
        _could_tell_of(member, facts, source, world, as_of)
        for source, member in product(telling, _members(world, family, as_of))
    )
    return NOT_COLLECTED if could_be else NOT_APPLICABLE


def _kinds_of(source: Source) -> set[str]:
    return {fields.kind for extract in source.extracts for fields in extract.facts}


def _could_tell_of(member: Member, facts: Facts, source: Source, world: World, as_of: date) -> bool:
    """Return whether a member is of the ages of which a source has a register, and was before the window began."""
    role = facts.role
    if source.register_ages is None:
        return _may_have_role(member, role, as_of)
    first, below = source.register_ages
    if role.who == "children":
        first, below = max(first, role.from_age), min(below, role.below_age)
    if first >= below:
        return False
    if member.birth is None:
        return member.is_child
    if first == 0:
        is_expected = as_of < member.birth and role.who in ("everyone", "unborn")
        return is_expected or member.birth <= as_of < _birthday(member.birth, below)
    window = _window(facts.window, as_of, world.terms) if facts.window else (as_of, as_of)
    return window is not None and _birthday(member.birth, first) <= window[0] and as_of < _birthday(member.birth, below)


def _may_have_role(member: Member, role: Role, as_of: date) -> bool:
    """Return whether a member has a role; a child whose birth date is not known may be of any age."""
    if role.who == "children" and member.birth is None:
        return member.is_child
    return _has_role(member, role, as_of)
