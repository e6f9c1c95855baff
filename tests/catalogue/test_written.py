"""What `describe` says of how a value is computed is the declaration itself: read again, it makes the same plan."""

from dataclasses import replace

import pytest

from targeting import features
from targeting.features import CompileRules, Indicator, Plan, compile_plan
from targeting.features.written import written


def test_every_value_is_written_as_one_would_declare_it(
    indicators: dict[str, Indicator], plan: Plan, rules: CompileRules
) -> None:
    language = {name: getattr(features, name) for name in features.__all__}
    again = [
        replace(each, name=name, value=eval(written(each.value), language))  # noqa: S307 - the declarations' own words.
        for name, each in indicators.items()
        if each.use == "model"
    ]
    assert compile_plan(again, cohort=None, rules=rules) == plan


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "absence_last_term",
            'facts("attendance_term")'
            '.except_during(facts("missing_education_started") | facts("alternative_provision_started")'
            ' | facts("reduced_timetable_started"), over=terms(1))'
            '.except_during(facts("home_education_started"), until=facts("school_started"), over=terms(1))'
            '.in_last(terms(1)).rate("sessions_missed", "sessions_possible").maximum_for_family()',
        ),
        ("children_under_two", "people.children(below_age=2).count_for_family()"),
    ],
)
def test_a_value_reads_as_in_the_language(indicators: dict[str, Indicator], name: str, said: str) -> None:
    assert written(indicators[name].value) == said
