"""What follows from an indicator's declaration: who records it, how far it looks back, how it is computed alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from targeting.features import Indicator, Plan, compile_plan
from targeting.features.leaves import facts_of, kinds_of, leaves_of
from targeting.features.rules import TIERS, shared_kinds
from targeting.features.windows import Length
from targeting.models.definition import ModelDefinition
from targeting.project.project import Project
from targeting.sources.definition import Source

SINCE_RECORDS_BEGAN = "since records began"
NO_RECORDS = "no records: who lives in the family"


def sources_of(indicator: Indicator, project: Project) -> tuple[Source, ...]:
    """Return the sources that share what an indicator reads, in the order of the project's."""
    kinds = {kind for leaf in leaves_of(indicator.value) for kind in kinds_of(leaf, project.contract)}
    return tuple(source for source in project.sources if kinds & shared_kinds(source))


def agencies_of(indicator: Indicator, project: Project) -> tuple[str, ...]:
    """Return the agencies that record what an indicator reads, by name, each once."""
    return tuple(sorted({source.agency for source in sources_of(indicator, project)}))


def memory_of(indicator: Indicator) -> str:
    """Return how far back an indicator looks, in words: the longest of its windows."""
    if not any(facts_of(leaf) for leaf in leaves_of(indicator.value)):
        return NO_RECORDS
    return SINCE_RECORDS_BEGAN if indicator.memory is None else _in_words(indicator.memory)


def _in_words(length: Length) -> str:
    unit = length.unit[:-1] if length.count == 1 else length.unit
    return f"the last school {unit}" if length == Length("terms", 1) else f"{length.count} {_school(length)}{unit}"


def _school(length: Length) -> str:
    return "school " if length.unit == "terms" else ""


def plan_of(indicators: Sequence[Indicator], project: Project, *, on: date) -> Plan:
    """Return the plan of some indicators for every family with a member, context too.

    Context is no input, so its proxies need no review to be counted over a district; what is refused stays refused.
    Raises DeclarationError with every fault.
    """
    rules = project.rules(_model(project), on=on)
    reviewed = {name: replace(rule, review_date=rule.review_date or on) for name, rule in rules.attributes.items()}
    shown = [replace(each, use="model") for each in indicators]
    context = all(each.use == "context" for each in indicators)
    return compile_plan(shown, cohort=None, rules=replace(rules, attributes=reviewed) if context else rules)


def _model(project: Project) -> ModelDefinition:
    """Return the model of the widest data tier, the first of several."""
    return max(project.models.values(), key=lambda model: TIERS.index(model.tier))
