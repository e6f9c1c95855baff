"""A plan is data: its JSON is the same bytes for the same plan, and scoring needs nothing else."""

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from random_worlds import combinations, every_operation, worlds
from tables import world_of
from worlds import MemoryGeneration, indicator, rules_of

from targeting.errors import DataError
from targeting.features import Cohort, compile_plan, facts, people, plan_from_json, plan_to_json
from targeting.features.engine import build_matrix


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
@given(worlds(), every_operation(), combinations())
def test_a_plan_read_from_its_json_is_the_plan_and_gives_the_same_rows(world, values, cohort):
    chosen = Cohort("some", cohort > 0, name="some")
    plan = compile_plan([indicator(v, name) for name, v in values.items()], cohort=chosen, rules=rules_of(world))
    text = plan_to_json(plan)
    read = plan_from_json(text)
    assert read == plan
    assert plan_to_json(read) == text
    assert read.digest == plan.digest
    matrices = [build_matrix(each, MemoryGeneration(world), [date(2024, 3, 5)]) for each in (plan, read)]
    assert matrices[0].values.tobytes() == matrices[1].values.tobytes()


def a_plan():
    world = world_of({"seen": "family | event_date"})
    value = facts("seen").of_children().rate("amount", "size").maximum_for_family() >= 0.1
    return compile_plan(
        [indicator(value), indicator(people.all().count_for_family() / 3, "other")], cohort=None, rules=rules_of(world)
    )


def test_the_same_declarations_make_the_same_bytes_and_another_word_another_digest():
    plan = a_plan()
    assert plan_to_json(plan) == plan_to_json(a_plan())
    other = replace(plan, indicators=(replace(plan.indicators[0], description="another"), *plan.indicators[1:]))
    assert other.digest != plan.digest


def test_a_damaged_plan_and_one_of_another_version_are_refused_with_the_place():
    text = plan_to_json(a_plan())
    with pytest.raises(DataError, match=r"this is no plan: at measures.0.operation, Input should be 'count'"):
        plan_from_json(text.replace('"rate"', '"guess"'))
    with pytest.raises(DataError, match=r"this is no plan: at the file, Invalid JSON"):
        plan_from_json(text[:100])
    with pytest.raises(DataError, match=r"the plan has version 99, this program reads 1"):
        plan_from_json(json.dumps(json.loads(text) | {"version": 99}))
