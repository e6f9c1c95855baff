"""A generation of a few families, made from the facts told of them, under the district's own declarations."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from targeting.fairness.policy import read_policy
from targeting.features import CompileRules, Indicator, Matrix, Plan, compile_plan
from targeting.features.rules import shared_kinds
from targeting.project.declarations import Declaration, of_type
from targeting.project.settings import read_settings
from targeting.project.worked_examples import ToldFact, told
from targeting.records.contract import contract
from targeting.sources.definition import Source
from targeting.store.contents import AGENCY_LINKS, MEMBERSHIPS, fact_schema
from targeting.store.generations import Generation, GenerationContents, SourceCoverage, write_generation

ROOT = Path(__file__).parents[2]
AS_OF = date(2026, 3, 30)
UNTIL = date(2026, 3, 29)

# person: born (for the unborn: expected), is a child
PEOPLE = {
    "mother": (date(1990, 5, 1), False),
    "father": (date(1988, 11, 12), False),
    "youth": (date(2009, 1, 15), True),
    "teen": (date(2012, 9, 10), True),
    "pupil": (date(2018, 2, 3), True),
    "toddler": (date(2023, 8, 14), True),
    "baby": (date(2025, 6, 20), True),
    "expected": (date(2026, 8, 1), True),
}
FAMILY = {name: PEOPLE[name] for name in ("mother", "teen", "pupil", "baby")}
# Each agency knows someone of the family, so that its silence speaks.
KNOWN_TO = {"schools": ("youth", "teen", "pupil"), "maternity": ("mother", "toddler", "baby", "expected")}

Family = Mapping[str, tuple[date, bool]]
Values = Mapping[str, float | None]


def family_of(names: Sequence[str]) -> Family:
    """Return a family of the named people; without names the usual one."""
    return {name: PEOPLE[name] for name in names} if names else FAMILY


def rules_of(declarations: Sequence[Declaration]) -> CompileRules:
    return CompileRules(
        contract=contract(),
        sources=tuple(source for _, source in of_type(declarations, Source)),
        attributes=read_policy(ROOT / "fairness" / "policy.toml").attribute_rules(),
        purpose="early_help",
        tier="health",
        on=AS_OF,
        terms=read_settings(ROOT).terms,
    )


def plan_of_all(indicators: Mapping[str, Indicator], rules: CompileRules) -> Plan:
    """Return the plan of every indicator, context too: for its example alone as if every proxy were reviewed."""
    reviewed = {name: replace(rule, review_date=rule.review_date or AS_OF) for name, rule in rules.attributes.items()}
    named = [replace(each, name=name, use="model") for name, each in indicators.items() if each.use != "refused"]
    return compile_plan(named, cohort=None, rules=replace(rules, attributes=reviewed))


def known_values(matrix: Matrix) -> dict[str, Values]:
    """Return every indicator (None where unknown) by family."""
    rows = zip(matrix.family_id.tolist(), matrix.values.tolist(), matrix.unknown.tolist(), strict=True)
    return {
        str(family): {n: None if u else v for n, v, u in zip(matrix.names, values, unknown, strict=True)}
        for family, values, unknown in rows
    }


def generation_of_families(
    facts: Mapping[str, str | Sequence[ToldFact]],
    families: Mapping[str, Family],
    rules: CompileRules,
    folder: Path,
) -> Generation:
    """Write a generation of families, with the facts told of each, known on the day after the event."""
    contents = GenerationContents(
        facts=_tables([(name, fact) for name, each in facts.items() for fact in _read(each)], rules),
        memberships=_memberships(families),
        agency_links=_links(families),
        coverage=_coverage(rules),
        contract=rules.contract,
        synthetic=True,
        inputs={},
    )
    return write_generation(folder, contents)


def _read(facts: str | Sequence[ToldFact]) -> Sequence[ToldFact]:
    return told(facts) if isinstance(facts, str) else facts


def _tables(facts: Sequence[tuple[str, ToldFact]], rules: CompileRules) -> dict[str, pa.Table]:
    kinds = sorted({fact.kind for _, fact in facts})
    return {kind: _table(kind, [each for each in facts if each[1].kind == kind], rules) for kind in kinds}


def _table(kind: str, facts: Sequence[tuple[str, ToldFact]], rules: CompileRules) -> pa.Table:
    declared = rules.contract[kind]
    source = rules.sharing(kind)[0].name
    types = {column.name: column.type for column in declared.columns}
    rows = [
        {
            "fact_id": number,
            "person_id": f"{family} {fact.person}",
            "event_date": fact.event_date,
            "knowledge_date": fact.event_date + timedelta(days=1),
            "superseded_on": None,
            "knowledge_basis": "recorded",
            "source": source,
            **dict.fromkeys(types),
            **{name: _value(types[name], value) for name, value in fact.columns},
        }
        for number, (family, fact) in enumerate(facts, start=1)
    ]
    return pa.Table.from_pylist(rows, schema=fact_schema(declared))


def _value(kind: str, text: str) -> Any:
    if kind in ("integer", "number"):
        return float(text)
    return {"yes": True, "no": False}[text] if kind == "flag" else text


def _memberships(families: Mapping[str, Family]) -> pa.Table:
    rows = [
        {
            "family_id": name,
            "person_id": f"{name} {person}",
            "is_child": is_child,
            "birth_date": born,
            "visible_from": date(2019, 4, 1) if born < AS_OF else date(2026, 1, 1),
            "visible_to": None,
        }
        for name, family in families.items()
        for person, (born, is_child) in family.items()
    ]
    return pa.Table.from_pylist(rows, schema=MEMBERSHIPS)


def _links(families: Mapping[str, Family]) -> pa.Table:
    rows = [
        {"person_id": f"{name} {person}", "source": source, "known_from": date(2019, 4, 1)}
        for name, family in families.items()
        for source, persons in KNOWN_TO.items()
        for person in persons
        if person in family
    ]
    return pa.Table.from_pylist(rows, schema=AGENCY_LINKS)


def _coverage(rules: CompileRules) -> tuple[SourceCoverage, ...]:
    shared = [(source.name, kind) for source in rules.sources for kind in sorted(shared_kinds(source))]
    return tuple(SourceCoverage(source, kind, date(2015, 1, 1), UNTIL) for source, kind in shared)
