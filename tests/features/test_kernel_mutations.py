"""Wrong operators are noticed: each mutant of the kernel's text, run uncompiled, differs from the slow twin."""

from datetime import date
from pathlib import Path
from types import ModuleType

import pytest
from slow_twin import Covered, Linked, value_of
from tables import world_of
from worlds import FAR_OFF, LONG_AGO, SMALL_CONTRACT, cells, matrix_of, source

from targeting.features import (
    column,
    days,
    facts,
    in_order_for_family,
    kernel_exclusions,
    kernel_folds,
    kernel_one_date,
    kernel_operators,
    kernel_replays,
    measured_rows,
    measures,
    ranges,
    replays,
    together_for_family,
)
from targeting.sources.definition import Agreement
from targeting.store.blocks import LinkRows

seen, started = facts("seen"), facts("started")
a, b, c = (seen.where(column("grade") == grade) for grade in "abc")
in_b = column("grade") == "b"

# Two dates, so that what becomes visible between them must not count on the first.
DATES = (date(2024, 3, 1), date(2024, 3, 20))
WORLD = world_of(
    {
        "seen": """
        family | person | event_date | knowledge_date | superseded_on | grade | amount | size
        one    | p      | 2024-01-01 |                |               | a     | 1      | 10
        one    | p      | 2024-01-11 |                |               | b     | 4      | 10
        one    | p      | 2024-01-12 |                |               | b     | 2      | 10
        one    | q      | 2024-01-11 |                |               | a     | 9      | 30
        one    | q      | 2024-02-20 | 2024-03-10     |               | c     | 3      | 10
        one    | q      | 2024-02-22 |                |               | b     | 3      | 10
        one    | q      | 2024-02-25 | 2024-03-10     |               | b     | 3      | 20
        two    | r      | 2024-02-01 |                |               | b     | 5      | 50
        two    | r      | 2024-02-01 |                |               | a     | 5      | 50
        two    | r      | 2024-02-02 | 2024-03-05     |               | a     | 5      | 50
        zero   | s      | 2024-02-27 |                |               | a     | 2      | 10
        zero   | s      | 2024-02-28 |                | 2024-03-05    | a     | 9      | 10
        zero   | t      | 2024-02-28 |                |               | c     | 1      | 10
        zero   | t      | 2024-02-27 | 2024-03-25     |               | c     | 8      | 10
        away   | k      | 2024-02-14 |                |               | a     | 1      | 10
        away   | m      | 2024-02-01 |                |               | a     | 1      | 10
        away   | m      | 2024-02-09 |                |               | a     | 1      | 10
        away   | m      | 2024-02-10 |                |               | c     | 1      | 10
        away   | m      | 2024-02-15 |                |               | a     | 1      | 10
        away   | m      | 2024-02-19 |                |               | a     | 1      | 10
        away   | m      | 2024-02-20 |                |               | a     | 1      | 10
        away   | n      | 2024-02-10 |                |               | a     | 1      | 10
        away   | o      | 2024-02-10 |                |               | a     | 1      | 0
        """,
        "started": """
        family | person | event_date | knowledge_date | episode_id
        one    |        | 2024-01-01 |                | x
        one    |        | 2024-01-05 |                | y
        two    |        | 2024-01-07 |                | z
        three  |        | 2024-01-09 |                | w
        away   | k      | 2024-02-12 | 2024-03-15     | late
        away   | m      | 2024-01-28 |                | first
        away   | m      | 2024-02-15 |                | day
        """,
        "ended": """
        family | person | event_date | knowledge_date | episode_id
        one    |        | 2024-01-20 | 2024-03-10     | x
        one    |        | 2024-01-02 |                | y
        two    |        | 2024-01-07 |                | z
        away   | k      | 2024-02-13 |                | late
        away   | m      | 2024-02-05 | 2024-03-10     | first
        away   | m      | 2024-02-15 |                | day
        """,
    }
)
VALUES = {
    "count": seen.count_for_family(),
    "latest": seen.latest_for_family("amount"),
    "earliest": seen.earliest_for_family("amount"),
    "since_latest": seen.days_since_latest_for_family(),
    "since_earliest": seen.days_since_earliest_for_family(),
    "adults": seen.of_adults().count_for_family(),
    "recent": seen.in_last(days(10)).count_for_family(),
    "graded": a.in_last(days(10)).count_for_family(),
    "earlier": seen.between(days(60), days(10)).sum_for_family("amount"),
    "distinct": seen.count_distinct_for_family("amount"),
    "rate": seen.rate("amount", "size").maximum_for_family(),
    "mean": seen.sum_each("amount").mean_for_family(),
    "most": seen.sum_each("amount").maximum_for_family(),
    "recent_amount": seen.in_last(days(10)).sum_for_family("amount"),
    "least": seen.rate("amount", "size").minimum_for_family(),
    "reaching": seen.rate("amount", "size").count_for_family(at_least=0.3),
    "open": started.open_for_family(),
    "days_open": started.days_open_for_family(),
    "gap": seen.longest_gap_for_family(),
    "state": seen.in_state_for_family(in_b),
    "state_a": seen.in_state_for_family(column("grade") == "a"),
    "together": together_for_family(b, c, within=days(40)),
    "nearer": together_for_family(b.where(column("amount") == 2), c, within=days(39)),
    "three": together_for_family(a, b, c, within=days(50)),
    "order": in_order_for_family(b, a, within=days(1)),
    "order_back": in_order_for_family(c, a, within=days(99)),
    "order_length": in_order_for_family(a, b, c, within=days(50)),
    "outside": seen.except_during(started, over=days(5)).count_for_family(),
    "outside_next": seen.except_during(c, until=facts("ended"), over=days(6)).count_for_family(),
    "order_shorter": in_order_for_family(a, b, c, within=days(39)),
}
MUTANTS = [
    (kernel_operators, "total[rows.family[row], rows.end[row]] -= amount", "pass"),
    (kernel_operators, "total[family, date] += total[family, date - 1]", "pass"),
    (kernel_operators, "total[rows.family[row], rows.first[row]]", "total[rows.family[row], 0]"),
    (kernel_operators, "amounts[fact[row]] if", "amounts[row] if"),
    (kernel_operators, "winner[family, date] = row", "winner[family, :] = row"),
    (kernel_operators, "if held != before", "if False"),
    (kernel_operators, "bool(keys.event[one] > keys.event[other])", "True"),
    (kernel_operators, "if keys.value_first and _compared", "if len(keys.value) > 0 and _compared"),
    (kernel_operators, "if keys.backwards else (fact[row], fact[held])", "if False else (fact[row], fact[held])"),
    (kernel_operators, "max(last[rows.family[row], date], day)", "day"),
    (kernel_operators, "last[rows.family[row], date] = max", "last[rows.family[row], :] = max"),
    (kernel_operators, "-1 if backwards else 1", "1"),
    (kernel_operators, "if counted_for[date, said] != family", "if True"),
    (kernel_operators, "counted_for[date, said] = family", "counted_for[:, said] = family"),
    (kernel_folds, "sums.top[rows.end[row]] -= above", "pass"),
    (kernel_folds, "sums.bottom[person.begins : person.ends + 1] = 0", "pass"),
    (kernel_folds, "begins, ends = min(begins, rows.first[row]), max(ends, rows.end[row])", "begins, ends = 0, 1"),
    (kernel_operators, "or by.keep[fact[row]]", "or not by.keep[fact[row]]"),
    (kernel_operators, "by.keep[fact[row]]", "by.keep[row]"),
    (kernel_operators, "kept += rows.first[row] < ends", "kept += 1"),
    (kernel_operators, "begins, ends = max(begins, by.first[row]), min(ends, by.end[row])", "pass"),
    (kernel_operators, "ends = min(ends, np.int32(_place(by.closes, by.closes_from, event[row])))", "pass"),
    (kernel_operators, "begins = max(begins, np.int32(_place(by.opens, by.opens_from, event[row])))", "pass"),
    (kernel_operators, "total[rows.family[row], min(begins, dates - 1)]", "total[rows.family[row], 0]"),
    (kernel_operators, "counts * (ends < dates)", "0"),
    (kernel_operators, "max(int(facts.visible_from[row]) - 1, int(facts.event[row]))", "int(facts.event[row])"),
    (kernel_operators, "int(facts.visible_to[row])", "int(facts.visible_to[row]) + 30"),
    (kernel_folds, "rule.divisor if rule.divisor > 0 else below", "below"),
    (kernel_folds, "min(folded.minimum[family, date], value)", "value"),
    (kernel_folds, "value >= rule.at_least", "value > rule.at_least"),
    (kernel_replays, ">= began.event[row]", "> began.event[row]"),
    (kernel_replays, ">= began.event[row]", ">= 0"),
    (kernel_replays, "closed[whose.first[end] : whose.end[end]] = True", "closed[:] = True"),
    (kernel_replays, "closed[:] = False", "pass"),
    (kernel_replays, "min(since[who.family[row], date], began.event[row])", "began.event[row]"),
    (kernel_replays, "event[row] > before[date]", "event[row] >= before[date]"),
    (kernel_replays, "max(longest[family, date], event[row] - before[date])", "event[row] - before[date]"),
    (kernel_replays, "before[:] = NEVER", "pass"),
    (kernel_replays, "latest[date] = holds[row]", "latest[date] |= holds[row]"),
    (kernel_replays, "found[family, date] |= latest[date]", "found[family, date] = latest[date]"),
    (kernel_replays, "or rows.person[after] != rows.person[row]", ""),
    (kernel_replays, "reach[date, step] < steps.event[row]", "reach[date, step] <= steps.event[row]"),
    (kernel_replays, "reach[date, steps.step[row]] = steps.reach[row]", "reach[:, steps.step[row]] = steps.reach[row]"),
    (kernel_replays, "furthest >= steps.event[row]", "furthest > steps.event[row]"),
    (kernel_replays, "before = step - 1", "before = -1"),
    (kernel_replays, "steps.reach[row] if before < 0 else", "steps.reach[row] if True else"),
    (kernel_exclusions, "event <= ends.told", "event < ends.told"),
    (kernel_exclusions, "ends.told.event[end] <= day", "ends.told.event[end] < day"),
    (kernel_exclusions, "if event >= day:", "if event > day:"),
    (kernel_exclusions, "ends.visible.first[end] <= date < ends.visible.end[end]", "True"),
    (kernel_exclusions, "starts.visible.first[start] <= date < starts.visible.end[start]", "True"),
    (kernel_exclusions, "starts.told.event[start] <= times", "starts.told.event[start] < times"),
    (kernel_exclusions, "and ends.told.episode[end] == episode", ""),
    (kernel_exclusions, "and rows.person[row] == others.person[other]", ""),
    (kernel_exclusions, "begins = np.int32(date + 1)", "pass"),
    (kernel_exclusions, "if begins < date:", "if False:"),
    (replays, "np.lexsort((-joint.steps.step, ", "np.lexsort((joint.steps.step, "),
    (replays, "reach=later(event, measure.within)", "reach=later(event, measure.within) + np.int32(1)"),
    (replays, "kernel_replays.come_in_order if", "kernel_replays.come_together if"),
    (replays, "holds = rows.holding(measure.state)", "holds = np.ones(len(rows.row), dtype=np.bool_)"),
]  # fmt: skip

ON_ONE_DATE = [
    ("first <= event[row] < end", "event[row] < end"),
    ("first <= event[row] < end", "first <= event[row]"),
    ("first <= event[row] < end", "first < event[row] < end"),
    ("first <= event[row] < end", "first <= event[row] <= end"),
    ("or keep[fact[row]]", "or not keep[fact[row]]"),
    ("keep[fact[row]]", "keep[row]"),
    ("found.end[:kept] = 1", "found.end[:kept] = 0"),
    ("whose, counted = family[row], 0", "whose = family[row]"),
    ("above, below = 0, 0", "pass"),
    ("rule.divisor if rule.divisor > 0 else below", "below"),
    ("and rows.person[row + 1] == rows.person[row]", ""),
    ("max(folded.maximum[family, 0], value)", "value"),
    ("min(folded.minimum[family, 0], value)", "value"),
    ("value >= rule.at_least", "value > rule.at_least"),
    ("if below > 0:", "if True:"),
]


def mutant(module: ModuleType, old: str, new: str) -> dict[str, object]:
    """Return what a module's text defines after one edit, its kernel functions uncompiled."""
    text = Path(module.__file__).read_text(encoding="utf-8")
    assert old in text
    changed = text.replace(old, new).replace("@compiled\n", "").replace("@Inner\n", "")
    names: dict[str, object] = {"__name__": module.__name__}
    exec(compile(changed, module.__file__, "exec"), names)  # noqa: S102 - the product's own text.
    return names


def engine() -> dict[tuple[str, date, str], tuple[float | None, int]]:
    return cells(matrix_of(WORLD, VALUES, DATES))


EXPECTED = {
    (family, day, name): value_of(value, WORLD, family, day)
    for family in ("one", "two", "three", "zero", "away")
    for day in DATES
    for name, value in VALUES.items()
}


def test_the_worked_case_is_right_without_a_mutant():
    assert engine() == EXPECTED


@pytest.mark.parametrize(("module", "old", "new"), MUTANTS)
def test_a_wrong_operator_is_noticed(module: ModuleType, old: str, new: str, monkeypatch):
    for name, changed in mutant(module, old, new).items():
        for user in (module, measures, replays, measured_rows):
            if callable(changed) and hasattr(user, name) and not isinstance(changed, type):
                monkeypatch.setattr(user, name, changed)
            if name == "REPLAYED" and hasattr(user, name):
                monkeypatch.setattr(user, "_MEASURES", measures._MEASURES | changed, raising=False)
    try:
        found = engine()
    except IndexError:
        return
    assert found != EXPECTED


@pytest.mark.parametrize(("old", "new"), ON_ONE_DATE)
def test_a_wrong_operator_for_one_date_is_noticed(old: str, new: str, monkeypatch):
    for name, changed in mutant(kernel_one_date, old, new).items():
        if callable(changed) and name in ("narrow", "count", "fold_into"):
            monkeypatch.setattr(kernel_one_date, name, changed)
    try:
        found = [cells(matrix_of(WORLD, VALUES, [day])) for day in DATES]
    except (IndexError, ZeroDivisionError):
        return
    assert {key: cell for each in found for key, cell in each.items()} != EXPECTED


def test_a_link_known_later_is_noticed(monkeypatch):
    sources = (source("north", SMALL_CONTRACT, register_ages=(0, 18)),)
    world = world_of(
        {"seen": "family | event_date\n a | 2024-01-01"},
        "family | birth | is_child\n a | 2015-01-01 | yes",
        sources=sources,
        links=(Linked("a", "north", date(2024, 3, 1)),),
    )
    value, day, after = seen.count_for_family(), date(2024, 3, 1), date(2024, 3, 2)
    found = cells(matrix_of(world, {"it": value}, [day, after]))
    assert found["a", day, "it"] == value_of(value, world, "a", day) == (None, 3)
    assert found["a", after, "it"] == value_of(value, world, "a", after) == (1, 0)
    right = ranges.membership_ranges

    def known_from_the_first(rows, as_of):
        held = right(rows, as_of)
        return held._replace(first=held.first * 0) if isinstance(rows, LinkRows) else held

    monkeypatch.setattr(ranges, "membership_ranges", known_from_the_first)
    assert cells(matrix_of(world, {"it": value}, [day]))["a", day, "it"] == (1, 0)


def test_a_source_used_past_its_agreements_end_is_noticed(monkeypatch):
    ended = source("south", ["seen"], agreement=Agreement(reference="A1", expires_on=date(2024, 2, 28)))
    world = world_of(
        {"seen": "family | event_date | source\n a | 2024-01-01 | north\n a | 2024-01-02 | south"},
        sources=(source("north", ["seen"]), ended),
    )
    value, day = seen.count_for_family(), date(2024, 3, 1)
    assert cells(matrix_of(world, {"it": value}, [day]))["a", day, "it"] == value_of(value, world, "a", day) == (1, 0)
    old = "min(rows.end[row], until[source[row]])"
    monkeypatch.setattr(kernel_operators, "usable", mutant(kernel_operators, old, "rows.end[row]")["usable"])
    assert cells(matrix_of(world, {"it": value}, [day]))["a", day, "it"] == (2, 0)


def test_what_a_source_cannot_say_is_not_counted_among_steps(monkeypatch):
    sources = (source("north", ["seen"]), source("south", ["started"]))
    world = world_of(
        {
            "seen": "family | event_date\n a | 2024-01-01",
            "started": "family | event_date | episode_id | source\n a | 2024-01-02 | x | south",
        },
        sources=sources,
        coverage=(Covered("north", "seen", LONG_AGO, FAR_OFF),),
    )
    value, day = together_for_family(seen, started, within=days(3)), date(2024, 3, 1)
    found = cells(matrix_of(world, {"it": value}, [day]))
    assert found["a", day, "it"] == value_of(value, world, "a", day) == (None, 1)
    old = "if not (asked.parts[family, date] >> steps.part[row]) & 1:"
    monkeypatch.setattr(kernel_replays, "come_together", mutant(kernel_replays, old, "if False:")["come_together"])
    assert cells(matrix_of(world, {"it": value}, [day]))["a", day, "it"] == (1, 0)
