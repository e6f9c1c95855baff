"""Random worlds and indicators: few persons, few days, so that every boundary is met often."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import reduce
from itertools import product
from operator import or_
from typing import get_args

from hypothesis import strategies as st
from slow_twin import Covered, Fact, Linked, Member, World
from worlds import FAR_OFF, LONG_AGO, SMALL_CONTRACT, source

from targeting.features import (
    case,
    column,
    days,
    facts,
    in_order_for_family,
    months,
    people,
    terms,
    together_for_family,
    weeks,
    years,
)
from targeting.features.expressions import Expression
from targeting.features.plan import MeasureOperation
from targeting.features.selections import Facts
from targeting.records.terms import Term
from targeting.sources.definition import Agreement

FAMILIES, PERSONS = ("a", "b", "c"), ("p", "q", "r", "s")
NOT_ASKED = tuple(product(FAMILIES, ("north", "south")))
GRADES = ("a", "b", "c")

# Round a leap day and a month's end, close enough together for days to coincide.
DAYS = tuple(date(2024, 2, 20) + timedelta(days=offset) for offset in range(24))
EARLIER = (date(2022, 12, 31), date(2023, 2, 28), date(2023, 11, 29), date(2024, 1, 28))
AS_OF = (*DAYS[5:], date(2024, 3, 31), date(2025, 2, 28))
TERMS = (
    Term(first=date(2023, 1, 9), last=date(2023, 3, 31), name="one"),
    Term(first=date(2024, 1, 8), last=date(2024, 2, 26), name="two"),
    Term(first=date(2024, 2, 28), last=date(2024, 3, 6), name="three"),
    Term(first=date(2025, 1, 8), last=date(2025, 3, 28), name="four"),
)
# Someone turns 2, 5 and 18, or is born, within the days; or is grown up, or of unknown age.
BIRTHS = (
    None,
    date(1985, 5, 5),
    *(date(year, 3, 1) for year in (2006, 2019, 2022)),
    date(2024, 2, 29),
    date(2024, 3, 9),
)

day = st.sampled_from(DAYS)
any_day = st.sampled_from(DAYS + DAYS[:12] + EARLIER)
as_of_dates = st.lists(st.sampled_from(AS_OF), min_size=1, max_size=4, unique=True).map(sorted)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw a world of two sources, at most three families and four persons."""
    sources = (draw(_source("north")), draw(_source("south")))
    return World(
        contract=SMALL_CONTRACT,
        sources=sources,
        facts=tuple(
            replace(fact, fact_id=10 * place + draw(st.integers(1, 9)))
            for place, fact in enumerate(draw(st.lists(some_fact(), min_size=12, max_size=30)))
        ),
        members=tuple(member for person in PERSONS for member in draw(_memberships(person))),
        coverage=tuple(entry for name in ("north", "south") for entry in draw(_coverage(name))),
        links=tuple(draw(st.lists(st.builds(Linked, st.sampled_from(PERSONS), st.just("south"), any_day), max_size=3))),
        terms=TERMS,
        not_asked=draw(st.just(frozenset()) | st.frozensets(st.sampled_from(NOT_ASKED), min_size=1)),
    )


@st.composite
def some_fact(draw: st.DrawFn) -> Fact:
    """Draw a fact of any kind; knowledge comes on the event's day or later, at times before it."""
    kind = SMALL_CONTRACT[
        draw(st.sampled_from(("seen", "seen", "seen", "seen", "started", "started", "ended", "stopped")))
    ]
    event, late = draw(any_day), draw(st.sampled_from((0, 0, 1, 3, 12, -2)))
    return Fact(
        kind=kind.name,
        fact_id=0,
        person=draw(st.sampled_from(PERSONS)),
        event=event,
        knowledge=event + timedelta(days=late),
        source=draw(st.sampled_from(("north", "south"))),
        superseded=draw(st.sampled_from((None, None, None, DAYS[8], DAYS[15]))),
        values={name.name: draw(_VALUES[name.name]) for name in kind.columns},
    )


_VALUES = {
    "grade": st.sampled_from((*GRADES, None)),
    "amount": st.sampled_from((-1, 0, 1, 2, 5, None)),
    "size": st.sampled_from((0.0, 0.1, 0.2, 0.3, 1.5, 10.0, None)),
    "flagged": st.sampled_from((True, False, None)),
    "due": st.sampled_from((*DAYS[5:12], None)),
    "episode_id": st.sampled_from(("one", "two")),
}


@st.composite
def _source(draw: st.DrawFn, name: str) -> object:
    expires_on = draw(st.sampled_from((FAR_OFF, FAR_OFF, DAYS[14])))
    return source(
        name,
        SMALL_CONTRACT,
        agreement=Agreement(reference="A1", expires_on=expires_on),
        current_for=draw(st.sampled_from((timedelta(0), timedelta(days=9), None))),
        register_ages=draw(st.sampled_from((None, (0, 18), (2, 5.5)))) if name == "south" else None,
    )


@st.composite
def _memberships(draw: st.DrawFn, person: str) -> list[Member]:
    """Draw at most three ranges of one person; those of one family do not overlap."""
    birth, is_child = draw(st.sampled_from(BIRTHS)), draw(st.booleans())
    whole = [Member(draw(st.sampled_from(FAMILIES)), person, LONG_AGO, None, birth, is_child)]
    if draw(st.booleans()):
        return whole
    first, last, again = sorted(draw(st.lists(st.sampled_from(DAYS), min_size=3, max_size=3, unique=True)))
    family = draw(st.sampled_from(FAMILIES))
    early = Member(family, person, first, last, birth, is_child)
    late = Member(family, person, again, draw(st.none() | st.just(FAR_OFF)), birth, is_child)
    return [early, late, *(member for member in whole if member.family != family)]


@st.composite
def _coverage(draw: st.DrawFn, name: str) -> list[Covered]:
    """Draw what a source shared: everything always, or something from one day to another."""
    if draw(st.integers(0, 3)):
        return [Covered(name, kind, LONG_AGO, FAR_OFF) for kind in SMALL_CONTRACT]
    kinds = draw(st.lists(st.sampled_from(tuple(SMALL_CONTRACT)), max_size=4))
    firsts = st.sampled_from((LONG_AGO, *EARLIER, DAYS[3]))
    lasts = st.sampled_from((FAR_OFF, DAYS[12], DAYS[-1]))
    return [Covered(name, kind, draw(firsts), draw(lasts)) for kind in kinds]


SEEN_B = facts("seen").where(column("grade") == "b")
LENGTHS = (days(1), days(10), weeks(2), months(1), months(3), years(1))
WINDOWS = (
    *[lambda chosen: chosen] * 5,
    *(lambda chosen, length=length: chosen.in_last(length) for length in LENGTHS),
    lambda chosen: chosen.in_last(terms(1)),
    lambda chosen: chosen.in_last(terms(2)),
    lambda chosen: chosen.between(terms(3), terms(1)),
    lambda chosen: chosen.between(days(12), days(3)),
    lambda chosen: chosen.between(years(1), months(1)),
)
ROLES = (
    *[lambda chosen: chosen] * 5,
    lambda chosen: chosen.of_children(),
    lambda chosen: chosen.of_children(2, 5),
    lambda chosen: chosen.of_children(from_age=1.5, below_age=20),
    lambda chosen: chosen.of_adults(),
    lambda chosen: chosen.of_unborn(),
)
CONDITIONS = (
    column("grade") == "a",
    column("grade") != "b",
    column("grade").is_in("b", "c"),
    column("flagged"),
    ~column("flagged"),
    column("amount") >= 2,
    column("amount") < 2,
    column("size") > 0.1,
    column("size") <= 0.2,
    column("due") >= DAYS[8],
    column("due").is_known(),
    (column("grade") == "a") | ~(column("amount") > 1),
    ~((column("grade") == "a") & column("flagged")),
)
# Spells that others end, spells with no end of their own, and both.
EXCLUSIONS = (
    lambda chosen, over: chosen.except_during(facts("started"), over=over),
    lambda chosen, over: chosen.except_during(facts("started").where(column("grade") == "a"), over=over),
    lambda chosen, over: chosen.except_during(SEEN_B, until=facts("ended"), over=over),
    lambda chosen, over: chosen.except_during(SEEN_B | facts("stopped"), until=facts("seen"), over=over),
    lambda chosen, over: EXCLUSIONS[0](EXCLUSIONS[2](chosen, over), over),
)
PEOPLE = (people.all(), people.children(), people.children(2, 6), people.adults())
NUMBERS = st.sampled_from(("amount", "size", "flagged"))


@st.composite
def selections(draw: st.DrawFn, kind: str = "seen") -> Facts:
    """Draw facts of a kind, with at most one window, one role and one condition."""
    chosen = facts(kind)
    if kind == "seen":
        for condition in draw(st.sampled_from(((), (), *((each,) for each in CONDITIONS)))):
            chosen = draw(st.sampled_from((chosen.where, chosen.except_where)))(condition)
    if draw(st.integers(0, 3)) == 0:
        chosen = draw(st.sampled_from(EXCLUSIONS))(chosen, draw(st.sampled_from((*LENGTHS, terms(1), terms(2)))))
    return draw(st.sampled_from(ROLES))(draw(st.sampled_from(WINDOWS))(chosen))


@st.composite
def measured(draw: st.DrawFn, operation: str) -> Expression:
    """Draw a value by one operation of the engine."""
    if operation.startswith("people_"):
        who = draw(st.sampled_from((*PEOPLE, people.unborn()) if operation == "people_count" else PEOPLE))
        return getattr(who, f"{operation.removeprefix('people_')}_for_family")()
    if operation in ("open", "days_open"):
        return getattr(draw(selections("started")), f"{operation}_for_family")()
    if operation in ("together", "in_order"):
        return draw(_joint({"together": together_for_family, "in_order": in_order_for_family}[operation]))
    chosen = draw(selections())
    if operation == "in_state":
        return chosen.in_state_for_family(draw(st.sampled_from(CONDITIONS)))
    if operation == "rate" or operation.endswith("_each"):
        number = (draw(NUMBERS),)
        columns = {"rate": ("amount", "size"), "sum_each": number}.get(operation, ())
        return draw(_folded(getattr(chosen, operation)(*columns)))
    if operation in ("count", "exists", "silent", "days_since_latest", "days_since_earliest", "longest_gap"):
        return getattr(chosen, f"{operation}_for_family")()
    if operation == "distinct":
        return chosen.count_distinct_for_family(draw(st.sampled_from(("grade", "amount", "size", "due"))))
    return getattr(chosen, f"{operation}_for_family")(draw(NUMBERS))


@st.composite
def _joint(draw: st.DrawFn, word: Callable[..., Expression]) -> Expression:
    """Draw two or three steps, some of several kinds of facts."""
    kinds = st.sampled_from(("seen", "seen", "started", "ended"))
    steps = draw(st.lists(st.lists(kinds.flatmap(selections), min_size=1, max_size=2), min_size=2, max_size=3))
    return word(*(reduce(or_, step) for step in steps), within=draw(st.sampled_from(LENGTHS)))


@st.composite
def _folded(draw: st.DrawFn, each: object) -> Expression:
    fold = draw(st.sampled_from(("maximum", "minimum", "mean", "count")))
    at_least = {"at_least": draw(st.sampled_from((0.1, 1, 2)))} if fold == "count" else {}
    return getattr(each, f"{fold}_for_family")(**at_least)


OPERATIONS: tuple[str, ...] = get_args(MeasureOperation)


def every_operation() -> st.SearchStrategy[dict[str, Expression]]:
    """Draw one value of every operation that a plan can hold, by the operation's name."""
    return st.fixed_dictionaries({operation: measured(operation) for operation in OPERATIONS})


@st.composite
def combinations(draw: st.DrawFn) -> Expression:
    """Draw an arithmetic or logical combination of values."""
    value = st.sampled_from(OPERATIONS).flatmap(measured)
    left, right, other = draw(value), draw(value), draw(value)
    condition = draw(st.sampled_from((left > 1, (left == right) | (other <= 2), (left >= 1) & ~(right < 2), left != 0)))
    number = draw(st.sampled_from((left + right, left - (other + 2), left / right, 3 - left / other)))
    return draw(st.sampled_from((condition, number, case(condition, number, other), case(condition, 1, left))))
