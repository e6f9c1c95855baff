"""The district's own declarations, loaded once, and small families of whom facts can be told."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from small_district import AS_OF, FAMILY, ROOT, Family, Values, generation_of_families, known_values, rules_of

from targeting.features import Cohort, CompileRules, Indicator, Outcome, Plan, compile_plan
from targeting.features.engine import build_matrix, select
from targeting.project.declarations import Declaration, load_declarations, of_type
from targeting.store.generations import Generation


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def declarations() -> tuple[Declaration, ...]:
    loaded, faults = load_declarations(ROOT)
    assert faults == ()
    return loaded


@pytest.fixture(scope="session")
def indicators(declarations: tuple[Declaration, ...]) -> dict[str, Indicator]:
    return {declaration.name: value for declaration, value in of_type(declarations, Indicator)}


@pytest.fixture(scope="session")
def cohorts(declarations: tuple[Declaration, ...]) -> dict[str, Cohort]:
    return {declaration.name: value for declaration, value in of_type(declarations, Cohort)}


@pytest.fixture(scope="session")
def outcomes(declarations: tuple[Declaration, ...]) -> dict[str, Outcome]:
    return {declaration.name: value for declaration, value in of_type(declarations, Outcome)}


@pytest.fixture(scope="session")
def rules(declarations: tuple[Declaration, ...]) -> CompileRules:
    return rules_of(declarations)


@pytest.fixture(scope="session")
def plan(indicators: dict[str, Indicator], rules: CompileRules) -> Plan:
    named = [replace(each, name=name) for name, each in indicators.items() if each.use == "model"]
    return compile_plan(named, cohort=None, rules=rules)


@pytest.fixture
def generation_of(rules: CompileRules, tmp_path: Path) -> Callable[..., Generation]:
    """Return a function that writes a generation of alike families, of each of whom other facts are told."""

    def make(facts: Mapping[str, str], family: Family = FAMILY) -> Generation:
        return generation_of_families(facts, dict.fromkeys(facts, family), rules, tmp_path)

    return make


@pytest.fixture
def values_of_each(plan: Plan, generation_of: Callable[..., Generation]) -> Callable[..., Mapping[str, Values]]:
    """Return a function that gives every indicator (None where unknown) of each family, for the facts told of it."""

    def make(facts: Mapping[str, str], as_of: date = AS_OF, family: Family = FAMILY) -> Mapping[str, Values]:
        return known_values(build_matrix(plan, generation_of(facts, family), [as_of]))

    return make


@pytest.fixture
def values_of(values_of_each: Callable[..., Mapping[str, Values]]) -> Callable[..., Values]:
    """Return a function that gives every indicator of one family."""
    return lambda facts, as_of=AS_OF, family=FAMILY: values_of_each({"one": facts}, as_of, family)["one"]


@pytest.fixture
def members_of(
    cohorts: dict[str, Cohort], rules: CompileRules, generation_of: Callable[..., Generation]
) -> Callable[..., set[str]]:
    """Return a function that gives those families who are in a cohort, for the facts told of each."""

    def answer(cohort: str, facts: Mapping[str, str], family: Family = FAMILY) -> set[str]:
        chosen = compile_plan((), cohort=cohorts[cohort], rules=rules)
        return set(select(chosen, generation_of(facts, family), AS_OF).tolist())

    return answer
