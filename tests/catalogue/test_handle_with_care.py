"""What is to be handled with care, line by line: what is refused does not compile, and memory runs out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from targeting.errors import DeclarationError
from targeting.features import CompileRules, Indicator, Plan, column, compile_plan, facts
from targeting.features.leaves import facts_of, kinds_of, leaves_of, value_columns
from targeting.features.leaves import tests_of as column_tests
from targeting.project.loading import load_project

ValuesOfEach = Callable[..., Mapping[str, Mapping[str, float | None]]]

# Benefits, arrears, homes and the area; special needs; who waits; who asks, takes up or declines.
NO_INPUT = {
    "facts('benefit_started').open_for_family()": "benefits",
    "facts('arrears_recorded').exists_for_family()": "arrears",
    "facts('temporary_accommodation_started').open_for_family()": "housing",
    "facts('homelessness_applied').exists_for_family()": "never an input",
    "facts('family_money_need_identified').exists_for_family()": "deprivation",
    "facts('address_recorded').latest_for_family('deprivation_decile')": "deprivation",
    "facts('address_recorded').count_distinct_for_family('ward')": "area",
    "facts('person_described').where(column('disability') == 'LD').exists_for_family()": "disability",
    "facts('person_described').where(column('ethnicity') == 'WROM').exists_for_family()": "ethnicity",
    "facts('person_described').where(column('sex') == '1').exists_for_family()": "sex",
    "facts('sen_support_started').open_for_family()": "never an input",
    "facts('ehcp_requested').exists_for_family()": "never an input",
    "facts('camhs_referred').exists_for_family()": "never an input",
    "facts('camhs_started').open_for_family()": "never an input",
    "facts('help_declined').exists_for_family()": "never an input",
    "facts('early_help_started').exists_for_family()": "never an input",
    "facts('treatment_attended').exists_for_family()": "never an input",
    "facts('youth_service_attended').exists_for_family()": "never an input",
    "facts('identity_protected').exists_for_family()": "never an input",
}


@pytest.mark.parametrize(("written", "because"), NO_INPUT.items())
def test_what_is_no_input_does_not_compile(written: str, because: str, rules: CompileRules) -> None:
    value = eval(written, {"facts": facts, "column": column})  # noqa: S307 - the expressions above.
    tried = Indicator("Tried", value, concern="tried", sentence="Tried", name="tried")
    with pytest.raises(DeclarationError, match=because):
        compile_plan([tried], cohort=None, rules=rules)


# Learning disability, physical disability or illness, a child without family here, faith: by the census's own codes.
NEVER_READ = {"5A", "5B", "5C", "6A", "6B", "6C", "9A", "22A", "23A"}


def read_of(indicators: Mapping[str, Indicator]) -> list[Indicator]:
    return [each for each in indicators.values() if each.use != "refused"]


def codes_read(indicator: Indicator) -> Iterator[tuple[str, str, object]]:
    """Yield each code that an indicator looks for, with its kind and column."""
    for leaf in leaves_of(indicator.value):
        for chosen in facts_of(leaf):
            for condition in chosen.conditions:
                yield from ((chosen.kind, test.column, v) for test in column_tests(condition) for v in test.values)


def test_no_indicator_reads_a_factor_of_disability_nationality_or_faith(indicators: dict[str, Indicator]) -> None:
    read = {str(value) for each in read_of(indicators) for _, name, value in codes_read(each) if name == "factor"}
    assert read & NEVER_READ == set()
    assert {"1A", "1B", "2C", "3A", "3C", "4A", "4C"} <= read


def test_needs_of_disability_and_low_income_are_left_out_wherever_a_need_is_read(plan: Plan) -> None:
    kinds = ("referral", "assessment_completed")
    readers = [m for m in plan.measures if m.selection.kind in kinds]
    kept = [m for m in readers if ("N2", "N7") not in [step.codes for step in m.selection.filter]]
    assert len(readers) > 10
    assert kept == []


CHILDHOOD = {
    "care": "care_started | {} | 2008-02-01 | episode_id=b1, legal_basis=order",
    "plan": "child_protection_plan_started | {} | 2008-02-01 | episode_id=p1, category=NEG",
    # The plan's own record does not say for what need it was: it counts beside an assessment that does.
    "in need": "child_in_need_plan_started | {0} | 2008-02-01 | episode_id=c1\n"
    "assessment_completed | {0} | 2008-02-01 | found_in_need=yes, primary_need=N1",
    "assessment": "assessment_completed | {} | 2008-02-01 | found_in_need=yes, primary_need=N1",
    "enquiry": "section_47_ended | {} | 2008-02-01 | episode_id=s1, outcome=conference",
    "proceedings": "pre_proceedings_started | {} | 2008-02-01 | episode_id=l1",
}


def test_a_parents_own_childhood_changes_nothing(values_of_each: ValuesOfEach) -> None:
    own = {name: record.format("mother") for name, record in CHILDHOOD.items()}
    child = {f"child {name}": record.format("teen") for name, record in CHILDHOOD.items()}
    values = values_of_each({"before": "", **own, **child})
    assert [name for name in own if values[name] != values["before"]] == []
    assert [name for name in child if values[name] == values["before"]] == []


# kind and columns, the months after which it is forgotten
FORGOTTEN = {
    "domestic_abuse_incident | mother | {} | grade=high, child_present=yes": 24,
    "contact | pupil | {} | referral_source=2A, outcome=no_further_action": 24,
    "referral | pupil | {} | episode_id=r1, referral_source=2A, primary_need=N1": 24,
    "referral_closed | pupil | {} | episode_id=r1, reason=RC7": 24,
    "assessment_factor | pupil | {} | factor=16A": 24,
    "early_help_ended | pupil | {} | episode_id=e1, outcome=needs_unmet": 24,
    "mental_health_need | mother | {} | severity=severe": 24,
    "substance_admission | mother | {} | ": 24,
    "missing_episode | teen | {} | hours=30": 24,
    "suspension | teen | {} | sessions=12": 24,
    "offence | teen | {} | category=violence": 12,
    "youth_justice_started | teen | {} | episode_id=y1, intervention=referral_order": 12,
    "exploitation_referral | teen | {} | exploitation=criminal": 12,
    "maternity_booking | mother | {} | gestation_weeks=24, smoking=yes": 24,
}
MONTHS_BACK = {12: (date(2025, 3, 30), date(2025, 3, 29)), 24: (date(2024, 3, 30), date(2024, 3, 29))}


def test_memory_runs_out(values_of_each: ValuesOfEach) -> None:
    told = {"before": ""}
    for number, (record, months) in enumerate(FORGOTTEN.items()):
        for when, day in zip(("last", "forgotten"), MONTHS_BACK[months], strict=True):
            told[f"{when} {number:02}"] = record.format(day.isoformat())
    values = values_of_each(told)
    changed = {name for name, each in values.items() if each != values["before"]}
    assert changed == {name for name in told if name.startswith("last")}


# An abuse incident is remembered longer in one way only: it excuses every later move.
def test_a_move_after_an_incident_of_any_age_raises_nothing(values_of_each: ValuesOfEach) -> None:
    move = "school_started | pupil | 2025-02-01 | phase=primary, usual_time=no\n"
    old = "domestic_abuse_incident | mother | 2020-05-01 | grade=medium, child_present=no\n"
    values = values_of_each({"old": old, "old and moved": old + move})
    assert values["old"] == values["old and moved"]


def test_an_offence_that_was_repeated_is_remembered_for_24_months(values_of_each: ValuesOfEach) -> None:
    offence = "offence | teen | {} | category=theft\n"
    twice = offence.format("2024-09-01") + offence.format("2025-02-01")
    values = values_of_each({"once": offence.format("2024-09-01"), "twice": twice})
    assert [values[name]["child_offences_repeated"] for name in ("once", "twice")] == [0, 2]


def test_an_anonymous_contact_counts_by_what_came_of_it_alone(values_of_each: ValuesOfEach) -> None:
    contact = "contact | pupil | 2026-01-10 | referral_source=9, outcome={}"
    outcomes = ("no_further_action", "referral")
    values = values_of_each({"none": "", **{each: contact.format(each) for each in outcomes}})
    assert values["no_further_action"] == values["none"]
    assert values["referral"]["contacts_12_months"] == 1


def test_an_adults_offences_and_the_roles_in_an_incident_are_read_by_nobody(
    values_of_each: ValuesOfEach, rules: CompileRules
) -> None:
    values = values_of_each({"none": "", "charged": "offence | mother | 2026-01-10 | category=violence"})
    assert values["charged"] == values["none"]
    assert {c.name for c in rules.contract["domestic_abuse_incident"].columns} == {"grade", "child_present"}


def test_no_indicator_reads_who_declined_or_was_not_offered_a_check(indicators: dict[str, Indicator]) -> None:
    read = {(kind, str(value)) for each in read_of(indicators) for kind, _, value in codes_read(each)}
    assert {("health_visitor_contact", "declined"), ("health_visitor_contact", "not_offered")} & read == set()
    assert ("early_help_ended", "declined") not in read
    assert ("health_visitor_contact", "not_brought") in read


def test_the_model_without_call_outs_reads_no_incident_but_to_excuse_a_move(rules: CompileRules, root: Path) -> None:
    project = load_project(root, on=rules.on)
    model = project.model("escalation_without_callouts")
    readers = {
        each.name
        for each in project.indicators_of(model)
        for leaf in leaves_of(each.value)
        if "domestic_abuse_incident" in kinds_of(leaf, rules.contract)
    }
    assert readers == {"unusual_school_moves"}
    assert "contacts_without_action_24_months" not in {each.name for each in project.indicators_of(model)}


def test_what_a_panel_may_not_be_shown_feeds_no_model(indicators: dict[str, Indicator], rules: CompileRules) -> None:
    hidden = {source.name for source in rules.sources if "panel" not in source.may_show_to}
    assert hidden == {"camhs", "hospital"}
    readers = {
        name
        for name, each in indicators.items()
        for leaf in leaves_of(each.value)
        for kind in kinds_of(leaf, rules.contract)
        if each.use == "model" and any(source.name in hidden for source in rules.sharing(kind))
    }
    assert readers == set()


def test_values_of_columns_that_are_summed_or_counted_are_services_own_records(
    indicators: dict[str, Indicator], rules: CompileRules
) -> None:
    classes = {
        rules.contract[chosen.kind].column(name).attribute
        for each in indicators.values()
        if each.use == "model"
        for leaf in leaves_of(each.value)
        for chosen in facts_of(leaf)
        for name in value_columns(leaf)
    }
    assert classes == {"service_record"}


def test_what_is_refused_is_named_with_its_reason_and_does_not_compile(
    indicators: dict[str, Indicator], rules: CompileRules
) -> None:
    refused = {name: replace(each, name=name) for name, each in indicators.items() if each.use == "refused"}
    assert {"parents_own_childhood_in_care", "disability_in_assessment"} <= set(refused)
    for name, each in refused.items():
        with pytest.raises(DeclarationError, match=f"{name}.*is refused"):
            compile_plan([each], cohort=None, rules=rules)
