"""Wrong conditions of visibility are noticed: each mutant differs from the slow twin on one worked case."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from slow_twin import Linked, value_of
from tables import world_of
from worlds import SMALL_CONTRACT, cells, matrix_of, source

from targeting.features import coverage, facts, people, ranges, shard_run
from targeting.store.blocks import OPEN_DAY, FactRows, MemberRows

# One fact for each condition: known on the date, happened on it, corrected before it, of someone who left, of someone
# who came, and one that counts.
WORLD = world_of(
    {
        "seen": """
        family | person | event_date | knowledge_date | superseded_on
        a      | one    | 2024-03-01 | 2024-04-01     |
        a      | one    | 2024-04-01 | 2024-03-01     |
        a      | one    | 2024-03-02 | 2024-03-02     | 2024-03-31
        a      | gone   | 2024-03-03 | 2024-03-03     |
        a      | coming | 2024-03-04 | 2024-03-04     |
        a      | one    | 2024-03-05 | 2024-03-05     |
        """
    },
    """
    family | person | from       | to
    a      | one    | 2020-01-01 |
    a      | gone   | 2020-01-01 | 2024-03-31
    a      | coming | 2024-04-02 |
    """,
)
DATE = date(2024, 4, 1)
VALUES = {
    "count": facts("seen").count_for_family(),
    "persons": facts("seen").count_each().count_for_family(at_least=1),
    "since": facts("seen").days_since_latest_for_family(),
    "members": people.all().count_for_family(),
}

real = ranges.visible_ranges


def visibility_dropped(rows: FactRows, table: ranges.Table) -> ranges.Ranges:
    return real(replace(rows, visible_from=rows.event, visible_to=np.full_like(rows.event, OPEN_DAY)), table)


def known_on_the_date_itself(rows: FactRows, table: ranges.Table) -> ranges.Ranges:
    return real(replace(rows, visible_from=rows.visible_from - np.int32(1)), table)


def happened_on_the_date_itself(rows: FactRows, table: ranges.Table) -> ranges.Ranges:
    return real(replace(rows, event=rows.event - np.int32(1)), table)


def event_for_knowledge_date(rows: FactRows, table: ranges.Table) -> ranges.Ranges:
    return real(replace(rows, visible_from=rows.event + np.int32(1)), table)


def supersession_and_leaving_ignored(rows: FactRows, table: ranges.Table) -> ranges.Ranges:
    return real(replace(rows, visible_to=np.full_like(rows.visible_to, OPEN_DAY)), table)


def event_not_compared(rows: FactRows, table: ranges.Table) -> ranges.Ranges:
    return real(replace(rows, event=np.full_like(rows.event, -OPEN_DAY)), table)


def engine() -> dict[str, float]:
    found = cells(matrix_of(WORLD, VALUES, [DATE]))
    return {name: found["a", DATE, name][0] for name in VALUES}


def slow_twin() -> dict[str, float]:
    return {name: value_of(value, WORLD, "a", DATE)[0] for name, value in VALUES.items()}


def test_the_worked_case_by_hand():
    assert engine() == slow_twin() == {"count": 1, "persons": 1, "since": 27, "members": 1}


@pytest.mark.parametrize(
    "mutant",
    [
        visibility_dropped,
        known_on_the_date_itself,
        happened_on_the_date_itself,
        event_for_knowledge_date,
        supersession_and_leaving_ignored,
        event_not_compared,
    ],
)
def test_a_wrong_condition_of_visibility_is_noticed(mutant: Callable, monkeypatch):
    monkeypatch.setattr(ranges, "visible_ranges", mutant)
    assert engine() != slow_twin()


def member_on_every_date(rows: MemberRows, _: np.ndarray) -> ranges.Ranges:
    return ranges.Ranges(np.zeros_like(rows.birth), np.ones_like(rows.birth))


def test_a_membership_learned_later_is_noticed(monkeypatch):
    monkeypatch.setattr(ranges, "membership_ranges", member_on_every_date)
    assert engine() != slow_twin()


def test_a_link_learned_later_is_noticed(monkeypatch):
    world = world_of(
        {"seen": "family | person | event_date\na | pupil | 2024-03-20"},
        "family | person | birth | is_child\na | pupil | 2014-06-01 | yes",
        sources=(source("north", SMALL_CONTRACT, register_ages=(5, 16)),),
        links=(Linked("pupil", "north", DATE),),
    )
    expected = value_of(VALUES["count"], world, "a", DATE)
    assert cells(matrix_of(world, VALUES, [DATE]))["a", DATE, "count"] == expected == (None, 3)
    monkeypatch.setattr(ranges, "membership_ranges", member_on_every_date)
    assert cells(matrix_of(world, VALUES, [DATE]))["a", DATE, "count"] == (1, 0)


def test_a_source_not_asked_and_taken_for_asked_is_noticed(monkeypatch):
    unasked = replace(WORLD, not_asked=frozenset({("a", "north")}))
    expected = value_of(VALUES["count"], unasked, "a", DATE)
    assert cells(matrix_of(unasked, VALUES, [DATE]))["a", DATE, "count"] == expected == (None, 3)
    monkeypatch.setattr(shard_run, "_not_asked", lambda *_: None)
    assert cells(matrix_of(unasked, VALUES, [DATE]))["a", DATE, "count"] == (1, 0)


def test_coverage_ignored_is_noticed(monkeypatch):
    uncovered = replace(WORLD, coverage=())
    expected = value_of(VALUES["count"], uncovered, "a", DATE)
    assert cells(matrix_of(uncovered, VALUES, [DATE]))["a", DATE, "count"] == expected
    for module in (coverage, shard_run):
        monkeypatch.setattr(module, "reasons", lambda *_: np.zeros((1, 1), dtype=np.int8))
    assert cells(matrix_of(uncovered, VALUES, [DATE]))["a", DATE, "count"] != expected
