"""The columns of `targeting bench matrix`, fifteen of each kind of fact, in our language."""

from collections.abc import Iterator
from datetime import date, timedelta

from targeting.features import CompileRules, Indicator, Plan, column, compile_plan, facts, months
from targeting.records.attributes import AttributeRule
from targeting.sources.definition import Agreement, Coverage, Extract, FactFields, Field, Source

from .matrix_peers import AGED, COLUMNS, GRADES, PARTS
from .matrix_store import CONTRACT, SOURCE

FAR_OFF, LONG_AGO = date(2100, 1, 1), date(1990, 1, 1)
PURPOSE = "early_help"


def plan() -> Plan:
    """Return the plan of all columns."""
    return compile_plan([each for kind in PARTS for each in _indicators(kind)], cohort=None, rules=_rules())


def _indicators(kind: str) -> Iterator[Indicator]:
    of = facts(kind)
    graded = of.where(column("grade") == GRADES[0])
    children = of.of_children(*AGED).in_last(months(12))
    values = {
        "count_3": of.in_last(months(3)).count_for_family(),
        "count_6": of.in_last(months(6)).count_for_family(),
        "count_12": of.in_last(months(12)).count_for_family(),
        "count_24": of.in_last(months(24)).count_for_family(),
        "graded_12": graded.in_last(months(12)).count_for_family(),
        "graded_24": graded.in_last(months(24)).count_for_family(),
        "sum_12": of.in_last(months(12)).sum_for_family("amount"),
        "sum_24": of.in_last(months(24)).sum_for_family("amount"),
        "flagged_12": of.where(column("flagged")).in_last(months(12)).exists_for_family(),
        "most_12": of.in_last(months(12)).count_each().maximum_for_family(),
        "rate_12": children.rate("amount", "possible").maximum_for_family(),
        "since": of.days_since_latest_for_family(),
        "latest": of.latest_for_family("amount"),
        "grades_24": of.in_last(months(24)).count_distinct_for_family("grade"),
        "change": of.in_last(months(6)).count_for_family() - of.between(months(12), months(6)).count_for_family(),
    }
    for name in COLUMNS:
        value = values[name]
        yield Indicator(name, value, concern="made up", sentence="{number}", name=f"{kind}_{name}")


def _rules() -> CompileRules:
    shared = tuple(FactFields(kind=kind, person="person", event_date=Field(column="day")) for kind in PARTS)
    source = Source(
        name=SOURCE,
        agency="Made up",
        folder=SOURCE,
        tier="council",
        controller="nobody",
        gateway="none",
        purposes=frozenset({PURPOSE}),
        confidentiality="none",
        may_show_to=frozenset({"panel"}),
        retention_years=1,
        agreement=Agreement(reference="none", expires_on=FAR_OFF),
        coverage=(Coverage(shared_from=LONG_AGO),),
        extracts=(Extract(file="*.csv", facts=shared),),
        lag=timedelta(0),
    )
    age = AttributeRule(
        name="age", attribute_class="justified", owner="nobody", reason="a benchmark", review_date=FAR_OFF
    )
    return CompileRules(
        contract=CONTRACT, sources=(source,), attributes={"age": age}, purpose=PURPOSE, tier="council", on=LONG_AGO
    )
