"""The district's own declarations, loaded once, and a small family of whom facts can be told."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from targeting.fairness.policy import read_policy
from targeting.features import Cohort, CompileRules, Indicator, Matrix, Outcome, Plan, compile_plan
from targeting.features.engine import build_matrix, select
from targeting.features.rules import shared_kinds
from targeting.project.declarations import Declaration, load_declarations, of_type
from targeting.project.settings import read_settings
from targeting.records.contract import contract
from targeting.sources.definition import Source
from targeting.store.contents import AGENCY_LINKS, MEMBERSHIPS, fact_schema
from targeting.store.generations import Generation, GenerationContents, SourceCoverage, write_generation

ROOT = Path(__file__).parents[2]
AS_OF = date(2026, 3, 30)
UNTIL = date(2026, 3, 29)

# person: born (for the unborn: expected), is a child
FAMILY = {
    "mother": (date(1990, 5, 1), False),
    "teen": (date(2012, 9, 10), True),
    "pupil": (date(2018, 2, 3), True),
    "baby": (date(2025, 6, 20), True),
}
# Each agency knows someone of the family, so that its silence speaks.
KNOWN_TO = {"schools": ("teen", "pupil"), "maternity": ("mother", "baby")}

Family = Mapping[str, tuple[date, bool]]
Told = tuple[str, str, date, Mapping[str, Any]]
Values = Mapping[str, float | None]


def told(family: str, text: str) -> list[Told]:
    """Read facts of a family from a table: kind | person | event date | column=value, ...; one a line."""
    rows = [[cell.strip() for cell in line.split("|")] for line in text.splitlines() if line.strip()]
    return [
        (kind, f"{family} {person}", date.fromisoformat(event), _columns(columns))
        for kind, person, event, columns in rows
    ]


def _columns(text: str) -> dict[str, Any]:
    pairs = [pair.strip().partition("=") for pair in text.split(",") if pair.strip()]
    return {name: {"yes": True, "no": False}.get(value, value) for name, _, value in pairs}


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
    return CompileRules(
        contract=contract(),
        sources=tuple(source for _, source in of_type(declarations, Source)),
        attributes=read_policy(ROOT / "fairness" / "policy.toml").attribute_rules(),
        purpose="early_help",
        tier="health",
        on=AS_OF,
        terms=read_settings(ROOT).terms,
    )


@pytest.fixture(scope="session")
def plan(indicators: dict[str, Indicator], rules: CompileRules) -> Plan:
    named = [replace(each, name=name) for name, each in indicators.items() if each.use == "model"]
    return compile_plan(named, cohort=None, rules=rules)


@pytest.fixture
def generation_of(rules: CompileRules, tmp_path: Path) -> Callable[..., Generation]:
    """Return a function that writes a generation of alike families, of each of whom other facts are told."""

    def make(facts: Mapping[str, str], family: Family = FAMILY) -> Generation:
        contents = GenerationContents(
            facts=_tables([fact for name, text in facts.items() for fact in told(name, text)], rules),
            memberships=_memberships(facts, family),
            agency_links=_links(facts, family),
            coverage=_coverage(rules),
            contract=rules.contract,
            synthetic=True,
            inputs={},
        )
        return write_generation(tmp_path, contents)

    return make


@pytest.fixture
def values_of_each(plan: Plan, generation_of: Callable[..., Generation]) -> Callable[..., Mapping[str, Values]]:
    """Return a function that gives every indicator (None where unknown) of each family, for the facts told of it."""

    def make(facts: Mapping[str, str], as_of: date = AS_OF, family: Family = FAMILY) -> Mapping[str, Values]:
        matrix = build_matrix(plan, generation_of(facts, family), [as_of])
        return {str(name): _known(matrix, row) for row, name in enumerate(matrix.family_id)}

    return make


def _known(matrix: Matrix, row: int) -> Values:
    pairs = zip(matrix.names, matrix.values[row].tolist(), matrix.unknown[row].tolist(), strict=True)
    return {name: None if unknown else value for name, value, unknown in pairs}


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


def _tables(facts: Sequence[Told], rules: CompileRules) -> dict[str, pa.Table]:
    kinds = sorted({kind for kind, *_ in facts})
    return {kind: _table(kind, [fact for fact in facts if fact[0] == kind], rules) for kind in kinds}


def _table(kind: str, facts: Sequence[Told], rules: CompileRules) -> pa.Table:
    declared = rules.contract[kind]
    source = rules.sharing(kind)[0].name
    figures = {column.name for column in declared.columns if column.type in ("integer", "number")}
    rows = [
        {
            "fact_id": number,
            "person_id": person,
            "event_date": event,
            "knowledge_date": event + timedelta(days=1),
            "superseded_on": None,
            "knowledge_basis": "recorded",
            "source": source,
            **{column.name: None for column in declared.columns},
            **{name: float(value) if name in figures else value for name, value in columns.items()},
        }
        for number, (_, person, event, columns) in enumerate(facts, start=1)
    ]
    return pa.Table.from_pylist(rows, schema=fact_schema(declared))


def _memberships(names: Iterable[str], family: Family) -> pa.Table:
    rows = [
        {
            "family_id": name,
            "person_id": f"{name} {person}",
            "is_child": is_child,
            "birth_date": born,
            "visible_from": date(2019, 4, 1) if born < AS_OF else date(2026, 1, 1),
            "visible_to": None,
        }
        for name in names
        for person, (born, is_child) in family.items()
    ]
    return pa.Table.from_pylist(rows, schema=MEMBERSHIPS)


def _links(names: Iterable[str], family: Family) -> pa.Table:
    rows = [
        {"person_id": f"{name} {person}", "source": source, "known_from": date(2019, 4, 1)}
        for name in names
        for source, persons in KNOWN_TO.items()
        for person in persons
        if person in family
    ]
    return pa.Table.from_pylist(rows, schema=AGENCY_LINKS)


def _coverage(rules: CompileRules) -> tuple[SourceCoverage, ...]:
    shared = [(source.name, kind) for source in rules.sources for kind in sorted(shared_kinds(source))]
    return tuple(SourceCoverage(source, kind, date(2015, 1, 1), UNTIL) for source, kind in shared)
