"""An operation of the language exists because an indicator, a cohort or an outcome needs it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from small_district import plan_of_all

from targeting.features import Cohort, CompileRules, Indicator, Outcome
from targeting.features.compiler import compile_plan
from targeting.features.filters import filter_steps
from targeting.features.plan import FilterOperation, Measure, MeasureOperation, Plan, ProgramOperation
from targeting.features.selections import Fold

# One operation, a comparison, whichever way round it is written: Python would answer with its own for a missing one.
COMPARED = {"==", "!=", ">=", ">", "<=", "<"}


@pytest.fixture(scope="session")
def plans(cohorts: dict[str, Cohort], indicators: dict[str, Indicator], rules: CompileRules) -> tuple[Plan, ...]:
    named = [compile_plan([], cohort=replace(each, name=name), rules=rules) for name, each in cohorts.items()]
    return plan_of_all(indicators, rules), *named


def measures_of(plans: tuple[Plan, ...]) -> Iterator[Measure]:
    for plan in plans:
        yield from plan.measures


def filters_of(plans: tuple[Plan, ...], outcomes: dict[str, Outcome], rules: CompileRules) -> Iterator[str]:
    """Yield every operation of a filter that a measure or an outcome makes."""
    for measure in measures_of(plans):
        for steps in (measure.state, *(selection.filter for selection in measure.selections)):
            yield from (step.operation for step in steps)
    for outcome in outcomes.values():
        for event in outcome.events:
            yield from (step.operation for step in filter_steps(event.conditions, rules.contract[event.kind]))


def is_needed(operation: str, used: set[str]) -> bool:
    return operation in used or (operation in COMPARED and bool(COMPARED & used))


def test_every_measure_is_used(plans: tuple[Plan, ...]) -> None:
    used = {str(measure.operation) for measure in measures_of(plans)}
    assert [each for each in get_args(MeasureOperation) if each not in used] == []


def test_every_filter_is_used_here_or_by_the_courses(
    plans: tuple[Plan, ...], outcomes: dict[str, Outcome], rules: CompileRules, root: Path
) -> None:
    used = set(filters_of(plans, outcomes, rules))
    courses = "".join(path.read_text("utf-8") for path in (root / "benchmarks" / "oulad" / "features").glob("*.py"))
    unused = [each for each in get_args(FilterOperation) if not is_needed(each, used)]
    assert [each for each in unused if f".{each}()" not in courses] == []
    assert len(unused) <= 1


def test_every_way_to_combine_values_is_used(plans: tuple[Plan, ...]) -> None:
    programs = [indicator.program for plan in plans for indicator in plan.indicators]
    programs += [plan.cohort.program for plan in plans if plan.cohort]
    used = {str(step.operation) for program in programs for step in program}
    assert [each for each in get_args(ProgramOperation) if not is_needed(each, used)] == []


def test_every_fold_over_the_members_is_used(plans: tuple[Plan, ...]) -> None:
    assert set(get_args(Fold)) == {measure.fold for measure in measures_of(plans)} - {""}


def test_spells_drop_facts_of_an_indicator_by_ends_of_their_own_and_by_others(plans: tuple[Plan, ...]) -> None:
    assert {each.has_episodes for measure in measures_of(plans) for each in measure.exclusions} == {True, False}
