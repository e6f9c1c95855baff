"""Who is in a cohort and what counts as an outcome, on small tables, the answers by hand."""

from collections.abc import Callable, Mapping
from datetime import date

import pytest

from targeting.features import Cohort, CompileRules, Outcome, Plan
from targeting.features.engine import build_matrix
from targeting.features.labels import build_labels
from targeting.features.leaves import facts_of, leaves_of
from targeting.store.generations import Generation

MembersOf = Callable[..., set[str]]

OPEN = "referral | pupil | 2026-01-10 | referral_source=2A, episode_id=r1\n"
GONE = "moved_out | pupil | 2026-01-01 |\n"
TERM = "attendance_term | pupil | 2025-12-19 | sessions_possible=140\n"
ALL_GONE = GONE + "moved_out | teen | 2026-01-01 |\nmoved_out | baby | 2026-01-01 |\n"


def test_open_cases_and_those_who_moved_away_are_not_in_the_models_cohort(members_of: MembersOf) -> None:
    facts = {
        "quiet": TERM,
        "open": OPEN,
        "closed": OPEN + "referral_closed | pupil | 2026-02-10 | episode_id=r1",
        "no further action": OPEN + "referral_no_further_action | pupil | 2026-01-12 | episode_id=r1",
        "another closed": OPEN + "referral_closed | pupil | 2026-02-10 | episode_id=r2",
        "on a plan": "child_protection_plan_started | pupil | 2025-10-01 | episode_id=p1",
        "in care": "care_started | pupil | 2025-10-01 | episode_id=b1, legal_basis=order",
        "one left": TERM + GONE,
        "all left": TERM + ALL_GONE,
    }
    assert members_of("not_open_to_social_care", facts) == {"quiet", "closed", "no further action", "one left"}


@pytest.mark.parametrize(
    ("child", "expected"),
    [
        ({}, False),
        ({"expected": (date(2026, 8, 1), True)}, True),
        ({"eighteen today": (date(2008, 3, 30), True)}, False),
        ({"eighteen tomorrow": (date(2008, 3, 31), True)}, True),
    ],
)
def test_a_family_has_a_child_under_18_or_unborn(
    members_of: MembersOf, child: Mapping[str, tuple[date, bool]], expected: bool
) -> None:
    family = {"mother": (date(1990, 5, 1), False), **child}
    booked = "maternity_booking | mother | 2026-01-05 | gestation_weeks=9"
    assert bool(members_of("not_open_to_social_care", {"one": booked}, family)) is expected


PARENT = ("mother", (date(1990, 5, 1), False))
PUPIL = dict([PARENT, ("pupil", (date(2018, 2, 3), True))])
TODDLER = dict([PARENT, ("toddler", (date(2023, 8, 14), True))])
EXPECTING = dict([PARENT, ("expected", (date(2026, 8, 1), True))])
SILENT = "no_longer_recorded"
FROM_16 = dict([PARENT, ("youth", (date(2009, 1, 15), True))])


@pytest.mark.parametrize(
    ("family", "facts", "expected"),
    [
        (PUPIL, "", False),
        (PUPIL, "attendance_term | pupil | 2025-03-30 | sessions_possible=120", True),
        (PUPIL, "attendance_term | pupil | 2025-03-29 | sessions_possible=120", False),
        (PUPIL, "domestic_abuse_incident | mother | 2025-06-01 | child_present=no", True),
        (PUPIL, "home_education_started | pupil | 2024-03-30", True),
        (PUPIL, "home_education_started | pupil | 2024-03-29", False),
        (PUPIL, "missing_education_started | pupil | 2024-09-10 | episode_id=m1", True),
        (TODDLER, "health_visitor_contact | toddler | 2024-03-30 | contact=six_to_eight_weeks", True),
        (TODDLER, "health_visitor_contact | toddler | 2024-03-29 | contact=six_to_eight_weeks", False),
        (FROM_16, "attendance_term | youth | 2024-07-19 | sessions_possible=120", True),
    ],
)
def test_a_family_of_whom_nobody_records_anything_any_more_is_not_taken_to_live_here(
    members_of: MembersOf, family: Mapping[str, tuple[date, bool]], facts: str, expected: bool
) -> None:
    """Two years without a record, one where somebody is of school age: at 30 March 2026 since 30 March 2024, 2025."""
    found = {name: members_of(name, {"one": facts}, family) for name in ("not_open_to_social_care", SILENT)}
    assert found == {
        "not_open_to_social_care": {"one"} if expected else set(),
        SILENT: set() if expected else {"one"},
    }


def test_only_those_whom_silence_alone_keeps_out_are_counted_as_such(members_of: MembersOf) -> None:
    facts = {
        "silent": "",
        "silent and open": OPEN.replace("2026-01-10", "2023-01-10"),
        "all left": ALL_GONE,
        "one left": GONE.replace("2026-01-01", "2024-01-01"),
        "told": TERM,
    }
    assert members_of(SILENT, facts) == {"silent", "one left"}
    assert members_of(SILENT, {"one": ""}, EXPECTING) == set()
    assert members_of(SILENT, {"one": ""}, dict([PARENT])) == set()


@pytest.mark.parametrize(
    ("born", "expected"),
    [
        (date(2021, 3, 31), False),  # Five tomorrow.
        (date(2021, 3, 30), True),
        (date(2010, 3, 31), True),
        (date(2010, 3, 30), False),  # Sixteen today.
    ],
)
def test_a_child_is_of_school_age_from_five_to_fifteen(members_of: MembersOf, born: date, expected: bool) -> None:
    family = dict([PARENT, ("child", (born, True))])
    assert bool(members_of("child_of_school_age", {"one": ""}, family)) is expected


def test_an_expected_child_lives_here_however_silent_it_is_about_the_family(members_of: MembersOf) -> None:
    assert members_of("not_open_to_social_care", {"one": ""}, EXPECTING) == {"one"}


OWN_ACTS = ("help_accepted", "treatment_attended", "homelessness_applied", "family_centre_session")


def test_what_a_family_asked_for_or_took_up_is_no_part_of_what_is_asked(cohorts: Mapping[str, Cohort]) -> None:
    chosen = cohorts["not_open_to_social_care"].condition
    read = {facts.kind for leaf in leaves_of(chosen) for facts in facts_of(leaf)}
    assert "attendance_term" in read
    assert not read.intersection(OWN_ACTS)


HELP = "early_help_started | pupil | 2025-10-01 | episode_id=e1, referral_source=2A\n"


@pytest.mark.parametrize(
    ("cohort", "expected"), [("open_to_early_help", {"helped"}), ("not_open_to_early_help", {"quiet", "ended"})]
)
def test_a_family_is_on_one_of_the_two_lists(members_of: MembersOf, cohort: str, expected: set[str]) -> None:
    ended = HELP + "early_help_ended | pupil | 2026-02-01 | episode_id=e1, outcome=needs_met"
    assert members_of(cohort, {"quiet": "", "helped": HELP, "ended": ended}) == expected


def test_never_known_means_no_trace_in_social_care_or_early_help(members_of: MembersOf) -> None:
    facts = {
        "quiet": "",
        "known to police alone": "domestic_abuse_incident | mother | 2025-06-01 | child_present=no",
        "contacted": "contact | pupil | 2020-06-01 | referral_source=2A, outcome=no_further_action",
        "helped": HELP,
    }
    assert members_of("never_known", facts) == {"quiet", "known to police alone"}


HIGH = "domestic_abuse_incident | mother | 2026-03-20 | grade=high, child_present=yes\n"


def test_high_grade_abuse_before_a_child_without_a_contact_goes_to_the_front_door(members_of: MembersOf) -> None:
    facts = {
        "urgent": HIGH,
        "medium": HIGH.replace("high", "medium"),
        "no child there": HIGH.replace("child_present=yes", "child_present=no"),
        "five weeks ago": HIGH.replace("2026-03-20", "2026-02-20"),
        "contacted since": HIGH + "contact | pupil | 2026-03-21 | referral_source=6, outcome=early_help",
        "contacted last year": HIGH + "contact | pupil | 2025-03-21 | referral_source=6, outcome=early_help",
    }
    assert members_of("high_grade_abuse_without_contact", facts) == {"urgent", "contacted last year"}


REMOVED = """
care_started | teen | 2021-05-01 | episode_id=b1, legal_basis=order
care_ended   | teen | 2022-05-01 | episode_id=b1
"""


@pytest.mark.parametrize(
    ("expecting", "expected"), [({"expected": (date(2026, 8, 1), True)}, {"after removal"}), ({}, set())]
)
def test_an_unborn_child_after_a_removal_goes_to_the_front_door(
    members_of: MembersOf, expecting: Mapping[str, tuple[date, bool]], expected: set[str]
) -> None:
    family = {"mother": (date(1990, 5, 1), False), "teen": (date(2012, 9, 10), True), **expecting}
    facts = {"after removal": REMOVED, "after breaks": REMOVED.replace("order", "short_breaks"), "quiet": ""}
    assert members_of("unborn_child_after_removal", facts, family) == expected


DATE = date(2025, 3, 31)
IN_NEED = "assessment_completed | pupil | 2025-06-02 | found_in_need=yes"
CARE = "care_started | pupil | 2025-06-02 | episode_id=b1, legal_basis="

# After the date and before the deciding day, 29 December 2025: the family lives here still.
STILL_HERE = "\nattendance_term | pupil | 2025-07-18 | sessions_possible=120"
LABELS = [
    ("", 0),
    (IN_NEED, 1),
    (f"{IN_NEED}, primary_need=N1", 1),
    (f"{IN_NEED}, primary_need=N2", 0),
    ("assessment_completed | pupil | 2025-06-02 | found_in_need=no, primary_need=N1", 0),
    ("referral | pupil | 2025-06-02 | referral_source=2A, episode_id=r1", 0),
    ("section_47_ended | pupil | 2025-06-02 | episode_id=s1, outcome=conference", 1),
    ("section_47_ended | pupil | 2025-06-02 | episode_id=s1, outcome=unsubstantiated", 0),
    ("child_protection_plan_started | pupil | 2025-06-02 | episode_id=p1", 1),
    ("pre_proceedings_started | pupil | 2025-06-02 | episode_id=l1", 1),
    (CARE + "order", 1),
    (CARE + "accommodated", 1),
    (CARE + "short_breaks", 0),
    (CARE + "unaccompanied", 0),
    ((CARE + "order").replace("06-02", "04-28"), 1),  # 28 days later.
    ((CARE + "order").replace("06-02", "09-28"), 1),
    ((CARE + "order").replace("06-02", "09-29"), 0),  # 182 days later: too late.
]


def test_what_counts_as_escalation(
    plan: Plan, outcomes: dict[str, Outcome], rules: CompileRules, generation_of: Callable[..., Generation]
) -> None:
    facts = {f"{number:02} {fact}": fact for number, (fact, _) in enumerate(LABELS)}
    generation = generation_of({name: fact + STILL_HERE for name, fact in facts.items()})
    matrix = build_matrix(plan, generation, [DATE])
    labels = build_labels(outcomes["escalation"], matrix, generation, rules)
    assert dict(zip(matrix.family_id.tolist(), labels.label.tolist(), strict=True)) == {
        f"{number:02} {fact}": label for number, (fact, label) in enumerate(LABELS)
    }


def test_a_family_of_whom_nobody_recorded_anything_for_a_year_when_it_is_decided_is_censored(
    plan: Plan, outcomes: dict[str, Outcome], rules: CompileRules, generation_of: Callable[..., Generation]
) -> None:
    last_told = {"a year and a day": "2024-12-28", "a year": "2024-12-29"}
    told = {name: f"attendance_term | pupil | {day} | sessions_possible=120" for name, day in last_told.items()}
    generation = generation_of(told)
    labels = build_labels(outcomes["escalation"], build_matrix(plan, generation, [DATE]), generation, rules)
    assert dict(zip(labels.family_id.tolist(), labels.censored.tolist(), strict=True)) == {
        "a year and a day": True,
        "a year": False,
    }
