"""An operation of the language exists because an indicator, a cohort or an outcome of the district needs it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import get_args

import pytest

from targeting.features import Cohort, CompileRules, Indicator, Outcome
from targeting.features.compiler import compile_plan
from targeting.features.filters import filter_steps
from targeting.features.leaves import leaves_of
from targeting.features.plan import FilterOperation, Measure, MeasureOperation, Plan, ProgramOperation
from targeting.features.selections import FactValue, Fold

# The other half of one that is used: a language with the latest and no earliest, or >= and no <, reads as a riddle.
OTHER_HALF = {
    "sum": "sum_each",
    "earliest": "latest",
    "days_since_earliest": "days_since_latest",
    "maximum": "minimum",
    "or": "and",
    "is_known": "unless",
    "*": "/",
    "==": ">=",
    "!=": ">=",
    ">": ">=",
    "<": ">=",
    "<=": ">=",
}


@pytest.fixture(scope="session")
def plans(cohorts: dict[str, Cohort], plan: Plan, rules: CompileRules) -> tuple[Plan, ...]:
    return plan, *(compile_plan([], cohort=replace(each, name=name), rules=rules) for name, each in cohorts.items())


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
    return operation in used or OTHER_HALF.get(operation) in used


def test_every_measure_is_used_or_is_the_other_half_of_one_that_is(
    plans: tuple[Plan, ...], indicators: dict[str, Indicator]
) -> None:
    context = [leaf for each in indicators.values() if each.use == "context" for leaf in leaves_of(each.value)]
    used = {str(measure.operation) for measure in measures_of(plans)}
    used |= {leaf.operation for leaf in context if isinstance(leaf, FactValue)}
    assert [each for each in get_args(MeasureOperation) if not is_needed(each, used)] == []


def test_every_filter_is_used_or_is_the_other_half_of_one_that_is(
    plans: tuple[Plan, ...], outcomes: dict[str, Outcome], rules: CompileRules
) -> None:
    used = set(filters_of(plans, outcomes, rules))
    assert [each for each in get_args(FilterOperation) if not is_needed(each, used)] == []


def test_every_way_to_combine_values_is_used_or_is_the_other_half_of_one_that_is(plans: tuple[Plan, ...]) -> None:
    programs = [indicator.program for plan in plans for indicator in plan.indicators]
    programs += [plan.cohort.program for plan in plans if plan.cohort]
    used = {str(step.operation) for program in programs for step in program}
    assert [each for each in get_args(ProgramOperation) if not is_needed(each, used)] == []


def test_every_fold_but_the_least_of_the_members_is_used(plans: tuple[Plan, ...]) -> None:
    used = {measure.fold for measure in measures_of(plans)} - {""}
    assert set(get_args(Fold)) - used == {"minimum"}
    assert "maximum" in used
