"""Two catalogues on the same families: what changed, and for how many of whom."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from small_district import AS_OF, FAMILY, generation_of_families

from targeting.errors import TargetingError
from targeting.fairness.policy import read_policy
from targeting.features import Cohort, CompileRules, Indicator, Plan, compile_plan, facts, months, people
from targeting.project.differences import differences, plan_named
from targeting.project.loading import load_project
from targeting.store.generations import Generation

incidents = facts("domestic_abuse_incident")
EVERYONE = Cohort("Families with a child", people.children().count_for_family() >= 1, name="everyone")


def counted(name: str, window: int, sentence: str = "{count:incident}") -> Indicator:
    value = incidents.in_last(months(window)).count_each().maximum_for_family()
    return Indicator(name, value, concern="abuse", sentence=sentence, name=name)


def plan(rules: CompileRules, *indicators: Indicator) -> Plan:
    return compile_plan(indicators, cohort=EVERYONE, rules=rules)


@pytest.fixture
def generation(rules: CompileRules, tmp_path: Path) -> Generation:
    """Of thirty families ten had an incident 18 months ago, and seven of those are recorded as Pakistani."""
    told = {f"f{number:02}": "" for number in range(30)}
    for number in range(10):
        told[f"f{number:02}"] = "domestic_abuse_incident | mother | 2024-09-30 | child_present=no\n"
    for number in range(30):
        ethnicity = "APKN" if number < 7 or number >= 20 else "WBRI"
        told[f"f{number:02}"] += f"person_described | pupil | 2022-01-01 | ethnicity={ethnicity}\n"
    return generation_of_families(told, dict.fromkeys(told, FAMILY), rules, tmp_path)


def test_what_came_went_changed_and_stayed_is_told_with_numbers_of_families(
    generation: Generation, rules: CompileRules, root: Path
) -> None:
    before = plan(rules, counted("kept", 12), counted("longer", 12), counted("gone", 12))
    after = plan(rules, counted("kept", 12), counted("longer", 24, "{count:time}"), counted("new", 12))
    policy = read_policy(root / "fairness" / "policy.toml")
    found = {each.indicator: each for each in differences(before, after, generation, policy, AS_OF)}
    assert {name: each.change for name, each in found.items()} == {
        "kept": "same",
        "longer": "changed",
        "gone": "removed",
        "new": "added",
    }
    longer = found["longer"]
    assert longer.words == ("sentence",)
    assert longer.families == {
        "same": 20,
        "higher": 10,
        "lower": 0,
        "became known": 0,
        "became unknown": 0,
        "unknown for another reason": 0,
    }
    groups = longer.changed_of_group or {}
    # Seven of Asian families and three of White ones: three is a small number, and with the total tells the seven.
    ethnicity = {name: count for name, count in groups["ethnicity_grouped"].items() if count != 0}
    assert ethnicity["Asian"] is None
    assert ethnicity["White"] is None
    assert "ethnicity" not in groups


def test_an_agreement_that_ran_out_makes_values_unknown_and_is_seen(
    generation: Generation, rules: CompileRules, root: Path
) -> None:
    expired = [
        replace(each, agreement=replace(each.agreement, expires_on=date(2025, 1, 1))) if each.name == "police" else each
        for each in rules.sources
    ]
    before = plan(rules, counted("kept", 12))
    after = plan(replace(rules, sources=tuple(expired)), counted("kept", 12))
    (found,) = differences(before, after, generation, read_policy(root / "fairness" / "policy.toml"), AS_OF)
    assert (found.families or {})["became unknown"] == 30


def test_a_catalogue_is_a_project_folder_or_a_trained_version(root: Path, tmp_path: Path, rules: CompileRules) -> None:
    project = load_project(root, on=rules.on)
    assert plan_named(str(root), project, "escalation", on=rules.on).names[:1] == ("absence_last_term",)
    with pytest.raises(TargetingError, match=r"is no project folder: it has no targeting\.toml"):
        plan_named(str(tmp_path), project, "escalation", on=rules.on)
    with pytest.raises(TargetingError, match="Version 'abc' of escalation does not exist"):
        plan_named("abc", project, "escalation", on=rules.on)
