"""What the compiler refuses, all at once, each with its place and what would be right."""

import re
from dataclasses import replace
from datetime import date

import pytest
from tables import terms_of
from worlds import ATTRIBUTES, PURPOSE, SEEN, source

from targeting.errors import DeclarationError, TargetingError
from targeting.features import (
    Cohort,
    CompileRules,
    Indicator,
    column,
    compile_plan,
    days,
    facts,
    months,
    people,
    terms,
    together_for_family,
)
from targeting.records.attributes import AttributeRule
from targeting.records.contract import contract
from targeting.records.definition import Column, FactKind
from targeting.sources.definition import Agreement

ON = date(2026, 4, 1)
NOTE = FactKind(
    name="note",
    description="a note",
    area="test",
    event="it",
    knowledge="it",
    columns=(Column(name="text", description="unclassed", type="code", attribute=None),),
)
CONTRACT = contract([SEEN, NOTE])
COUNCIL = source("social_care", ["referral", "referral_closed", "contact", "seen", "note", "person_described",
                                 "early_help_started", "address_recorded", "moved_out", "assessment_completed",
                                 "child_protection_plan_started", "pre_proceedings_started"])  # fmt: skip
POLICE = source("police", ["domestic_abuse_incident"], tier="police_and_schools")
HEALTH = source("maternity", ["maternity_booking", "moved_out"], tier="health")
RULES = CompileRules(
    contract=CONTRACT,
    sources=(COUNCIL, POLICE, HEALTH),
    attributes=ATTRIBUTES
    | {
        "ethnicity": AttributeRule(
            name="ethnicity", attribute_class="refused", owner="DPO", reason="kept for audit, never an input"
        ),
        "area": AttributeRule(
            name="area",
            attribute_class="proxy",
            owner="Ann",
            reason="stands for ethnicity",
            review_date=date(2026, 3, 31),
        ),
        "deprivation": AttributeRule(name="deprivation", attribute_class="proxy", owner="Ann", reason="same"),
        "moves": AttributeRule(name="moves", attribute_class="justified", owner="Ann", reason="x", review_date=ON),
    },
    purpose=PURPOSE,
    tier="health",
    on=ON,
    terms=terms_of("2026-01-05 2026-03-27"),
)


def indicator(value, name="it", **changes) -> Indicator:
    made = Indicator("what it says", value, concern="c", sentence="s", name=name, place=f"features/mine.py:{len(name)}")
    return replace(made, **changes)


def faults_of(*indicators, cohort=None, **changes) -> list[str]:
    with pytest.raises(DeclarationError) as raised:
        compile_plan(indicators, cohort=cohort, rules=replace(RULES, **changes))
    return list(map(str, raised.value.faults))


def test_an_indicator_that_touches_nothing_refused_compiles():
    plan = compile_plan([indicator(facts("contact").in_last(months(12)).count_for_family())], cohort=None, rules=RULES)
    (planned,) = plan.indicators
    assert (planned.kinds, planned.sources, planned.agencies) == (("contact",), ("social_care",), ("Social_Care",))
    assert planned.attributes == ()


referral, address = facts("referral"), facts("address_recorded")
ethnic = facts("person_described").where(column("ethnicity") == "WROM")


def referrals_where(condition):
    return referral.where(condition).count_for_family()


def seen_where(condition):
    return facts("seen").where(condition).count_for_family()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (
            facts("referrals").exists_for_family(),
            r"'it' uses facts\('referrals'\), which do not exist. .*mean referral",
        ),
        (
            referrals_where(column("primary_ned") == "N1"),
            r"uses the column 'primary_ned' of 'referral', which does not exist. Those that do: episode_id, "
            r"primary_need, referral_source. Did you mean primary_need",
        ),
        (
            referrals_where(column("primary_need") == "N11"),
            r"compares referral.primary_need with 'N11', which is no code of it. Those that do: N0, N1, .* mean N1",
        ),
        (referrals_where(column("primary_need") == 1), r"with 1, but its values are codes"),
        (referrals_where(column("primary_need") >= "N1"), r"a code has no order: use == or"),
        (referrals_where(column("primary_need")), r"as a condition, but it is no flag"),
        (referrals_where(column("episode_id") == "x"), r"only ties an episode's start to its end"),
        (seen_where(column("amount") == "2"), r"with '2', but its values are numbers"),
        (seen_where(column("due") > 3), r"with 3, but its values are dates"),
        (referral.latest_for_family("primary_need"), r"calculates with referral.primary_need, which is a code"),
        (referral.sum_for_family("cost"), r"uses the column 'cost' of 'referral', which does not exist"),
        (
            facts("contact").open_for_family(),
            r"whether 'contact' is open, but no kind of fact ends it",
        ),
        (
            facts("child_protection_plan_started").open_for_family(),
            r"no source shares what ends it: child_protection_plan_ended",
        ),
        (facts("contact").in_last(terms(2)).count_for_family(), r"uses terms\(2\), but targeting.toml declares 1 term"),
        (facts("suspension").count_for_family(), r"uses 'suspension', which no source in features/sources/ shares"),
        (people.unborn().youngest_age_for_family(), r"asks the age of the unborn, who have none"),
        (
            ethnic.exists_for_family(),
            r"touches 'ethnicity' through person_described.ethnicity, which fairness/policy.toml refuses as an input: "
            r"kept for audit",
        ),
        (ethnic.exists_for_family(), r"uses 'person_described', which is never an input: kept for audit"),
        (1 - (referral.count_for_family() + ethnic.count_for_family()), r"touches 'ethnicity'"),
        (facts("person_described").count_distinct_for_family("ethnicity"), r"touches 'ethnicity'"),
        (facts("early_help_started").count_for_family(), r"never an input: asking for help, accepting or declining"),
        (
            address.where(column("ward") == "E05001341").exists_for_family(),
            r"touches 'area' through address_recorded.ward, a proxy whose review ran out on 2026-03-31: Ann renews its",
        ),
        (
            address.minimum_for_family("deprivation_decile"),
            r"touches 'deprivation' .* a proxy that nobody reviewed: Ann sets its review_date",
        ),
        (facts("note").where(column("text") == "x").count_for_family(), r"touches note.text, which is unclassified"),
        (
            facts("contact").except_during(ethnic, until=referral, over=days(1)).exists_for_family(),
            r"touches 'ethnicity' through person_described.ethnicity, which fairness/policy.toml refuses",
        ),
        (
            facts("contact").except_during(facts("early_help_started"), over=days(1)).exists_for_family(),
            r"uses 'early_help_started', which is never an input",
        ),
        (
            facts("contact").except_during(facts("suspension"), over=days(1)).exists_for_family(),
            r"excludes spells of 'suspension', but no kind of fact ends it: say what does, until=facts\('...'\)",
        ),
        (
            facts("contact").except_during(referral, until=facts("contact"), over=days(1)).exists_for_family(),
            r"says what ends spells of 'referral', which have ends of their own: leave until= out",
        ),
        (
            facts("contact").except_during(facts("contact"), until=ethnic, over=days(1)).exists_for_family(),
            r"touches 'ethnicity' through person_described.ethnicity",
        ),
        (
            facts("contact").except_during(facts("moved"), over=days(1)).exists_for_family(),
            r"uses facts\('moved'\), which do not exist",
        ),
        (
            facts("contact").except_during(referral.where(column("cost") > 1), over=terms(2)).exists_for_family(),
            r"uses the column 'cost' of 'referral', which does not exist",
        ),
        (
            facts("contact").except_during(referral, over=terms(2)).exists_for_family(),
            r"uses terms\(2\), but targeting.toml declares 1 term",
        ),
        (
            facts("contact").except_during(facts("child_protection_plan_started"), over=days(1)).exists_for_family(),
            r"asks whether 'child_protection_plan_started' is open, but no source shares what ends it",
        ),
        (
            facts("contact").except_during(facts("suspension"), until=referral, over=days(1)).exists_for_family(),
            r"uses 'suspension', which no source in features/sources/ shares",
        ),
    ],
)
def test_what_may_not_be_an_input_is_refused_and_said(value, said):
    assert [fault for fault in faults_of(indicator(value)) if re.match(rf"features/mine.py:2: .*{said}", fault)]


def test_an_attribute_without_a_class_is_refused_through_an_age_too():
    without_age = {name: rule for name, rule in RULES.attributes.items() if name not in ("age", "family_size")}
    faults = faults_of(
        indicator(facts("contact").of_children(0, 5).count_for_family(), "one"),
        indicator(people.children().youngest_age_for_family(), "two"),
        indicator(people.all().count_for_family(), "three"),
        attributes=without_age,
    )
    assert [fault.split(" which")[0].split(": ")[1] for fault in faults] == [
        "'one' touches 'age' through of_children(),",
        "'two' touches 'age' through people.children(),",
        "'two' touches 'age' through youngest_age_for_family(),",
        "'three' touches 'family_size' through count_for_family(),",
    ]


def test_a_source_that_is_not_shared_for_the_purpose_is_refused_by_name():
    (fault,) = faults_of(indicator(facts("contact").count_for_family()), purpose="research")
    assert fault == (
        "features/mine.py:2: 'it' uses 'contact' of the source 'social_care', which is not shared for the purpose "
        "'research'. Its agreement A1 covers: early_help."
    )


def test_a_source_above_the_models_tier_is_refused_and_where_others_share_the_kind_left_out():
    (fault,) = faults_of(indicator(facts("domestic_abuse_incident").count_for_family()), tier="council")
    assert fault.endswith(
        "uses 'domestic_abuse_incident', shared only at the data tier police_and_schools; the model's tier is council."
    )
    value = facts("moved_out").count_for_family()
    council = compile_plan([indicator(value)], cohort=None, rules=replace(RULES, tier="council"))
    whole = compile_plan([indicator(value)], cohort=None, rules=RULES)
    assert [plan.indicators[0].sources for plan in (council, whole)] == [("social_care",), ("social_care", "maternity")]


def test_a_cohort_may_use_what_is_no_input_and_any_tier_but_nothing_refused():
    value = facts("early_help_started").exists_for_family() & facts("domestic_abuse_incident").exists_for_family()
    plan = compile_plan((), cohort=Cohort("some", value, name="some"), rules=replace(RULES, tier="council"))
    assert plan.cohort is not None
    (fault,) = faults_of(cohort=Cohort("some", ethnic.exists_for_family(), name="some", place="features/cohorts.py:3"))
    assert fault.startswith("features/cohorts.py:3: the cohort 'some' touches 'ethnicity' through")


def test_every_fault_of_every_declaration_is_told_at_once():
    faults = faults_of(
        indicator(facts("referal").exists_for_family() | facts("contcat").exists_for_family(), "a"),
        indicator(facts("referral").sum_for_family("cost"), "bb"),
        indicator(facts("contact").count_for_family(), "same"),
        indicator(facts("contact").exists_for_family(), "same", place="features/other.py:9"),
        indicator(facts("contact").count_for_family(), "as_of_date"),
        indicator(facts("contact").count_for_family(), "context", use="context"),
        cohort=Cohort("some", facts("nothing").exists_for_family(), name="some"),
    )
    assert [fault[:62] for fault in faults] == [
        "features/: the cohort 'some' uses facts('nothing'), which do n",
        "features/mine.py:1: 'a' uses facts('contcat'), which do not ex",
        "features/mine.py:1: 'a' uses facts('referal'), which do not ex",
        "features/mine.py:2: 'bb' uses the column 'cost' of 'referral',",
        "features/mine.py:4: 'same' is the name of another indicator to",
        "features/mine.py:7: 'context' is context for a panel (use=\"con",
        "features/mine.py:10: 'as_of_date' is a column of every design ",
        "features/other.py:9: 'same' is the name of another indicator t",
    ]


def test_equal_measures_are_computed_once():
    count = facts("contact").in_last(days(30)).count_for_family()
    again = facts("contact").in_last(days(30)).count_for_family()
    plan = compile_plan([indicator(count > 1, "a"), indicator(again / 2 + count, "b")], cohort=None, rules=RULES)
    assert len(plan.measures) == 1


def test_a_declaration_without_a_value_is_refused_when_it_is_written():
    with pytest.raises(
        TargetingError, match=r"the indicator 'x' has no value yet: end its facts with .count_for_family"
    ):
        Indicator("x", facts("contact"), concern="c", sentence="s")
    with pytest.raises(TargetingError, match=r"the cohort 'x' needs a condition, such as"):
        Cohort("x", facts("contact").count_for_family())


def test_an_agreement_that_has_expired_compiles_and_is_kept_in_the_plan():
    ended = replace(COUNCIL, agreement=Agreement(reference="A1", expires_on=date(2020, 1, 1)))
    plan = compile_plan(
        [indicator(facts("contact").count_for_family())], cohort=None, rules=replace(RULES, sources=(ended,))
    )
    assert plan.sources[0].expires_on == date(2020, 1, 1)


def test_what_an_indicator_remembers_is_its_longest_window_or_all_that_was_ever_recorded():
    recent, older = facts("referral").in_last(months(6)), facts("referral").between(months(24), months(6))
    value = recent.count_for_family() - older.count_for_family()
    assert Indicator("A", value, concern="c", sentence="A").memory == months(24)
    assert Indicator("B", facts("referral").exists_for_family() | (value > 1), concern="c", sentence="B").memory is None
    assert Indicator("C", people.all().count_for_family(), concern="c", sentence="C").memory == days(1)


def test_a_refused_indicator_does_not_compile_and_says_why_it_was_refused():
    value = facts("referral").exists_for_family()
    refused = Indicator(
        "A", value, concern="c", sentence="A", use="refused", refused_because="families were harmed", name="refused"
    )
    with pytest.raises(
        DeclarationError, match=r"'refused' is refused: families were harmed. Leave it out of the model"
    ):
        compile_plan([refused], cohort=None, rules=RULES)
    with pytest.raises(TargetingError, match=r"says either both or neither of use="):
        Indicator("A", value, concern="c", sentence="A", use="refused")


NEED = column("primary_need")
NO_CONCERN = AttributeRule(name="disability", attribute_class="refused", owner="DPO", reason="no concern")


@pytest.mark.parametrize(
    ("chosen", "refused_of"),
    [
        (facts("referral"), {"input"}),
        (facts("referral").where(NEED == "N2"), {"input", "cohort"}),
        (facts("referral").where(NEED != "N1"), {"input", "cohort"}),
        (facts("referral").where(NEED.is_known()), {"input", "cohort"}),
        (facts("referral").where(NEED.is_in("N1", "N7")), set()),
        (facts("referral").except_where(NEED.is_in("N2", "N7")), set()),
    ],
)
def test_disability_as_a_primary_need_is_no_input_and_an_open_case_chooses_nobody_by_it(chosen, refused_of):
    changed = {"attributes": RULES.attributes | {"disability": NO_CONCERN}}
    told = "touches 'disability' through referral.primary_need (N2), which fairness/policy.toml refuses as an input"
    value = chosen.exists_for_family()
    found = {
        "input": faults_of(indicator(value), **changed) if "input" in refused_of else compiled(value, changed),
        "cohort": faults_of(cohort=Cohort("some", value, name="some"), **changed) if "cohort" in refused_of else [],
    }
    assert {who for who, faults in found.items() if any(told in fault for fault in faults)} == refused_of
    if "cohort" not in refused_of:
        compile_plan((), cohort=Cohort("some", value, name="some"), rules=replace(RULES, **changed))


def compiled(value, changed) -> list[str]:
    compile_plan([indicator(value)], cohort=None, rules=replace(RULES, **changed))
    return []


@pytest.mark.parametrize(
    ("reviewed", "said"), [(None, "that nobody reviewed"), (date(2020, 1, 1), "whose review ran out on 2020-01-01")]
)
@pytest.mark.parametrize("code", ["4A", "4B", "4C"])
def test_mental_ill_health_as_an_assessment_recorded_it_is_an_input_while_its_review_holds(code, reviewed, said):
    value = facts("assessment_factor").where(column("factor") == code).exists_for_family()
    rule = AttributeRule(
        name="mental_ill_health", attribute_class="justified", owner="Named doctor", reason="r", review_date=reviewed
    )
    changed = {
        "attributes": RULES.attributes | {"mental_ill_health": rule},
        "sources": (*RULES.sources, source("assessments", ["assessment_factor"])),
    }
    (fault,) = faults_of(indicator(value), **changed)
    assert f"touches 'mental_ill_health' through assessment_factor.factor ({code})" in fault
    assert said in fault
    renewed = changed["attributes"] | {"mental_ill_health": replace(rule, review_date=date(2030, 1, 1))}
    compile_plan([indicator(value)], cohort=None, rules=replace(RULES, **changed | {"attributes": renewed}))


FACTOR, CODE = facts("assessment_factor"), column("factor")
LEARNING, DISABILITY, ASYLUM = (
    "'learning_disability' through assessment_factor.factor (5A, 5B, 5C)",
    "'disability' through assessment_factor.factor (6A, 6B, 6C)",
    "'immigration_status' through assessment_factor.factor (9A)",
)
ALL = [LEARNING, DISABILITY, ASYLUM]
SEVEN = ("5A", "5B", "5C", "6A", "6B", "6C", "9A")


@pytest.mark.parametrize(
    ("value", "touched"),
    [
        (
            FACTOR.where(CODE == "5B").count_for_family(),
            ["'learning_disability' through assessment_factor.factor (5B)"],
        ),
        (FACTOR.where((CODE == "3A") | (CODE == "9A")).exists_for_family(), [ASYLUM]),
        (
            FACTOR.where(CODE.is_in("4B", "6C")).exists_for_family() & (people.all().count_for_family() > 2),
            ["'disability'"],
        ),
        (FACTOR.count_for_family(), ALL),
        (FACTOR.where(CODE.is_known()).days_since_latest_for_family(), ALL),
        (FACTOR.count_distinct_for_family("factor"), ALL),
        (FACTOR.in_state_for_family(CODE == "3A"), ALL),
        (FACTOR.where(CODE != "9A").exists_for_family(), [LEARNING, DISABILITY]),
        (FACTOR.where(~((CODE == "3A") & (CODE == "9A"))).exists_for_family(), ALL),
        (together_for_family(FACTOR.where(CODE == "3A"), FACTOR.where(CODE == "9A"), within=days(9)), [ASYLUM]),
        (FACTOR.where(CODE.is_in("3A", "4B", "2C")).exists_for_family(), []),
        (FACTOR.where(CODE == "3A").in_state_for_family(CODE == "3A"), []),
        (FACTOR.where(~CODE.is_in(*SEVEN)).count_for_family(), []),
        (FACTOR.except_where(CODE.is_in(*SEVEN)).count_for_family(), []),
        (FACTOR.where(CODE != "9A").where(~CODE.is_in(*SEVEN[:6])).count_for_family(), []),
    ],
)
def test_a_factor_that_names_a_disability_or_asylum_is_refused_unless_the_filter_leaves_it_out(value, touched):
    names = ("learning_disability", "disability", "immigration_status")
    refused = {
        name: AttributeRule(name=name, attribute_class="refused", owner="DPO", reason="no concern") for name in names
    }
    mind = AttributeRule(
        name="mental_ill_health", attribute_class="justified", owner="d", reason="r", review_date=date(2030, 1, 1)
    )
    changed = {
        "attributes": RULES.attributes | refused | {"mental_ill_health": mind},
        "sources": (*RULES.sources, source("assessments", ["assessment_factor"])),
    }
    if not touched:
        compile_plan([indicator(value)], cohort=None, rules=replace(RULES, **changed))
        return
    said = [fault for fault in faults_of(indicator(value), **changed) if "assessment_factor.factor" in fault]
    assert len(said) == len(touched)
    for expected in touched:
        told = f"touches {expected}"
        assert [fault for fault in said if told in fault and "toml refuses as an input: no concern" in fault]
