"""What a panel reads of the district's indicators."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from targeting.features import Cohort, Indicator, Outcome, Plan
from targeting.models.definition import read_model_definition
from targeting.project.declarations import Declaration, of_type
from targeting.serving.definition import SERVICE, read_service
from targeting.serving.sentences import fill, forbidden_words, gap_of, reading_difficulty
from targeting.serving.wording import reading_faults

VALUES = (0.0, 0.12, 1.0, 2.0, 7.0)


def texts(indicator: Indicator) -> Iterator[str]:
    yield from (indicator.description, indicator.concern, indicator.unit, indicator.unknown_means, indicator.evidence)
    yield indicator.sentence_if_none
    yield from (fill(indicator.sentence, value) for value in VALUES)


def test_every_name_is_declared_once(declarations: tuple[Declaration, ...]) -> None:
    names = Counter(declaration.name for declaration, _ in of_type(declarations, Indicator))
    assert [name for name, times in names.items() if times > 1] == []


def test_at_least_120_indicators_feed_the_model(indicators: dict[str, Indicator]) -> None:
    assert sum(indicator.use == "model" for indicator in indicators.values()) >= 120


def test_no_word_of_an_indicator_is_one_that_no_screen_may_carry(indicators: dict[str, Indicator]) -> None:
    found = {name: forbidden_words(" ".join(texts(indicator))) for name, indicator in indicators.items()}
    assert {name: words for name, words in found.items() if words} == {}


def test_no_word_of_a_cohort_outcome_model_or_list_is_one_either(
    cohorts: dict[str, Cohort], outcomes: dict[str, Outcome], root: Path
) -> None:
    service = read_service(root / SERVICE)
    model = read_model_definition(root / "models" / "escalation.toml")
    said = [declared.description for declared in (*cohorts.values(), *outcomes.values())]
    said += [panel.title for panel in service.panel] + [kind.title for kind in service.list]
    said += [rule.why for rule in service.threshold_rule] + [service.words.outcome, model.title]
    apart = [each for whole in service.counted_apart for each in (whole, whole.part) if each]
    assert len(apart) == 2
    said += [each.why for each in apart] + [whole.part.who for whole in service.counted_apart if whole.part]
    assert {text: forbidden_words(text) for text in said if forbidden_words(text)} == {}


def test_every_indicator_says_its_concern_its_gap_and_what_speaks_for_it(indicators: dict[str, Indicator]) -> None:
    silent = [
        name
        for name, each in indicators.items()
        if not (each.concern and each.sentence and each.unknown_means and each.evidence and each.description)
    ]
    assert silent == []


@pytest.mark.parametrize("value", VALUES)
def test_every_sentence_reads_whole_whatever_the_value(indicators: dict[str, Indicator], value: float) -> None:
    for indicator in indicators.values():
        sentence = fill(indicator.sentence, value)
        assert "{" not in sentence
        assert sentence == sentence.strip()
        assert sentence[0].isupper() or sentence[0].isdigit()


def test_a_change_is_said_in_both_directions(indicators: dict[str, Indicator]) -> None:
    changes = [each for each in indicators.values() if gap_of(each.sentence) == "change"]
    assert len(changes) >= 2
    assert all(" fell by " in fill(each.sentence, -3) and " rose by " in fill(each.sentence, 3) for each in changes)


def test_sentences_are_short_and_leave_the_full_stop_to_the_page(indicators: dict[str, Indicator]) -> None:
    for indicator in indicators.values():
        for sentence in filter(None, (fill(indicator.sentence, 3), indicator.sentence_if_none)):
            assert len(sentence.split()) <= 24, sentence
            assert not sentence.endswith("."), sentence


def test_a_count_has_a_noun_and_says_one_as_one(indicators: dict[str, Indicator]) -> None:
    counted = [
        each for each in indicators.values() if gap_of(each.sentence) == "count" and "{count}" not in each.sentence
    ]
    assert len(counted) > 20
    for indicator in counted:
        one, three = fill(indicator.sentence, 1), fill(indicator.sentence, 3)
        assert "1 " in one or "once" in one, indicator.name
        assert "3 " in three, indicator.name


def test_what_has_no_direction_is_neither_good_nor_bad(indicators: dict[str, Indicator]) -> None:
    without = {name for name, each in indicators.items() if each.direction is None and each.use == "model"}
    assert without == {
        "children",
        "children_under_five",
        "children_under_two",
        "children_of_primary_age",
        "infants",
        "teenagers",
        "unborn_child",
        "youngest_age",
    }


def test_money_homes_area_moves_unmet_need_and_the_hospitals_records_are_context_alone(
    indicators: dict[str, Indicator],
) -> None:
    assert {name for name, each in indicators.items() if each.use == "context"} == {
        *(
            "arrears_6_months",
            "longest_arrears_6_months",
            "deprivation",
            "homelessness_duty_12_months",
            "moves_between_wards",
        ),
        *("temporary_accommodation_now", "alternative_provision_now", "reduced_timetable_now"),
        *("early_learning_goals_reached", "young_carer", "needs_at_once", "assessed_not_in_need_24_months"),
        *("child_mental_health_admissions", "child_substance_admissions", "injury_admissions"),
        # What a panel reads beside an input that says the same: when it began, how long it lasted, in how many.
        *("longest_time_between_contacts", "first_contact_of_24_months", "first_booked_in_week"),
        *("sessions_suspended_12_months", "persistent_absence_of_every_child", "grave_abuse_12_months"),
    }


def test_every_form_of_every_sentence_is_easy_enough_to_read(indicators: dict[str, Indicator]) -> None:
    assert [str(fault) for fault in reading_faults(indicators.values())] == []
    spoken = [fill(each.sentence, value) for each in indicators.values() for value in VALUES]
    assert sum(map(reading_difficulty, spoken)) / len(spoken) < 30


def test_no_sentence_names_the_one_agency_that_recorded_it(plan: Plan) -> None:
    # The page says after each sentence who recorded it. A school is also where a child goes.
    twice = {
        each.name
        for each in plan.indicators
        if len(each.agencies) == 1
        and each.agencies != ("schools",)
        and re.search(rf"\b{re.escape(each.agencies[0])}\b", fill(each.sentence, 2), re.IGNORECASE)
    }
    assert twice == set()


def test_that_nothing_was_recorded_is_said_of_whoever_records_it(plan: Plan) -> None:
    """Another agency may know of it: an assessment finds abuse of which police were never told."""
    of_police = [each.sentence_if_none for each in plan.indicators if each.concern == "domestic abuse"]
    of_adults = [each.sentence_if_none for each in plan.indicators if "_need" in each.name and each.sentence_if_none]
    assert {each.split()[0] for each in of_police if "abuse" in each} == {"Police"}
    assert {" ".join(each.split()[:3]) for each in of_adults} == {"Services for adults"}


def test_what_is_counted_as_several_says_nothing_of_one(indicators: dict[str, Indicator]) -> None:
    several = {name for name, each in indicators.items() if gap_of(each.sentence) == "several"}
    assert several == {"services_that_recorded_needs"}
