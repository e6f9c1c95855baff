"""What became of a family: events between lead and horizon, known by the end of settling, in those of the date."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from slow_twin import Covered
from tables import world_of
from worlds import FAR_OFF, LONG_AGO, MemoryGeneration, matrix_of, rules_of

from targeting.errors import DataError, DeclarationError, TargetingError
from targeting.features import Outcome, column, days, facts, months, people, terms
from targeting.features.labels import build_labels

AS_OF = date(2024, 1, 1)  # lead ends on 2024-01-29, horizon on 2024-07-01, settling on 2024-09-30
STEP_UP = Outcome(
    "a step up",
    events=(facts("started"), facts("seen").where(column("flagged")).except_where(column("grade") == "c")),
    censored_by=(facts("stopped"),),
    name="step_up",
)
CHILDREN = """
    family | person | birth      | is_child
    {0}    | child  | 2015-01-01 | yes
    {0}    | parent | 1985-01-01 |
    """


def labels_of(tables, members=None, *, outcome=STEP_UP, as_of=AS_OF, **changes):
    members = members or CHILDREN.format("a")
    world = world_of(tables, members, **changes)
    matrix = matrix_of(world, {"members": people.all().count_for_family()}, [as_of])
    return build_labels(outcome, matrix, MemoryGeneration(world), rules_of(world))


def label_of(tables, members=None, **changes) -> float:
    (label,) = labels_of(tables, members, **changes).label
    return float(label)


def started(event: str, knowledge: str = "", superseded: str = "", person: str = "child") -> dict[str, str]:
    return {
        "started": f"""
        family | person   | event_date | knowledge_date | superseded_on
        a      | {person} | {event}    | {knowledge}    | {superseded}
        """
    }


@pytest.mark.parametrize(
    ("event", "label", "in_train"),
    [
        ("2023-12-31", 0, False),
        ("2024-01-01", np.nan, True),
        ("2024-01-28", np.nan, True),
        ("2024-01-29", 1, False),
        ("2024-06-30", 1, False),
        ("2024-07-01", 0, False),
    ],
)
def test_an_event_counts_from_the_lead_up_to_the_horizon_and_before_the_lead_is_in_train(event, label, in_train):
    labels = labels_of(started(event))
    np.testing.assert_equal((labels.label[0], labels.already_in_train[0]), (label, in_train))
    within = date(2024, 1, 1) <= date.fromisoformat(event) < date(2024, 7, 1)
    assert labels.first_event[0].astype(object) == (date.fromisoformat(event) if within else None)


@pytest.mark.parametrize(
    ("knowledge", "superseded", "label"),
    [
        ("2024-09-28", "", 1),
        ("2024-09-29", "", 1),
        ("2024-09-30", "", 0),
        ("2024-04-01", "2024-09-29", 0),
        ("2024-04-01", "2024-09-30", 1),
    ],
)
def test_what_is_visible_when_settling_ends_decides(knowledge, superseded, label):
    assert label_of(started("2024-04-01", knowledge, superseded)) == label


def test_events_of_grown_ups_count_only_where_the_outcome_is_in_all():
    event = started("2024-04-01", person="parent")
    assert label_of(event) == 0
    assert label_of(event, outcome=replace(STEP_UP, in_whom="all")) == 1


def test_members_are_those_of_the_date_whatever_became_of_the_family():
    event = started("2024-04-01")
    left_later = "family | person | birth | is_child | to\n a | child | 2015-01-01 | yes | 2024-02-01"
    came_later = (
        "family | person | birth | is_child | from\n a | child | 2015-01-01 | yes | 2024-02-01\n"
        " a | other | 2015-01-01 | yes | 2020-01-01"
    )
    assert label_of(event, left_later) == 1
    assert label_of(event, came_later) == 0


def test_the_unborn_and_those_who_are_still_17_are_children():
    unborn = "family | person | birth | is_child\n a | child | 2024-03-01 | yes"
    nearly = "family | person | birth | is_child\n a | child | 2006-01-02 | yes"
    grown = "family | person | birth | is_child\n a | child | 2006-01-01 | yes\n a | other | 2015-01-01 | yes"
    event = started("2024-04-01")
    at_any_age = replace(STEP_UP, until_age=None)
    assert [label_of(event, members, outcome=at_any_age) for members in (unborn, nearly, grown)] == [1, 1, 0]


@pytest.mark.parametrize(
    ("flagged", "grade", "label"), [("yes", "a", 1), ("yes", "", 1), ("yes", "c", 0), ("no", "a", 0), ("", "a", 0)]
)
def test_only_the_events_that_the_outcome_names_count(flagged, grade, label):
    table = f"family | person | event_date | flagged | grade\n a | child | 2024-04-01 | {flagged} | {grade}"
    assert label_of({"seen": table}) == label


LEAVING = """
    family | person | event_date
    a      | child  | {0}
    """
TWO = """
    family | person | birth      | is_child
    a      | child  | 2015-01-01 | yes
    a      | second | 2016-01-01 | yes
    """


def test_a_family_is_censored_when_all_its_children_left_before_any_event():
    left = {"stopped": LEAVING.format("2024-03-01")}
    labels = labels_of(left)
    assert (np.isnan(labels.label[0]), labels.censored[0]) == (True, True)
    assert label_of(left, TWO) == 0
    assert label_of(left | started("2024-03-01")) == 1
    assert np.isnan(label_of(left | started("2024-03-02")))
    assert label_of({"stopped": LEAVING.format("2023-12-31")}) == 0
    assert label_of({"stopped": LEAVING.format("2024-07-01")}) == 0


def test_whoever_comes_of_age_without_an_event_had_none_so_that_age_does_not_look_like_a_danger():
    """The only child's eighteenth birthday is 1 March 2024: an event counts before it, and to have none is known."""
    grows_up = "family | person | birth | is_child\n a | child | 2006-03-01 | yes"
    assert label_of(started("2024-02-29"), grows_up) == 1
    assert label_of(started("2024-03-01"), grows_up) == 0
    assert label_of(started("2023-05-05"), grows_up) == 0
    assert label_of(started("2024-03-01"), grows_up, outcome=replace(STEP_UP, until_age=None)) == 1


def test_whoever_leaves_before_coming_of_age_is_lost_and_whoever_leaves_afterwards_is_not():
    grows_up = "family | person | birth | is_child\n a | child | 2006-03-01 | yes"
    assert np.isnan(label_of({"stopped": LEAVING.format("2024-02-29")}, grows_up))
    assert label_of({"stopped": LEAVING.format("2024-03-02")}, grows_up) == 0


SILENT = facts("seen").in_last(months(9)).silent_for_family()


@pytest.mark.parametrize(
    ("seen_on", "known_on", "censored"),
    [
        ("2023-12-29", "2023-12-29", True),
        ("2023-12-30", "2023-12-30", False),  # Nine months before the deciding day, 30 September 2024.
        ("2024-09-29", "2024-09-29", False),
        ("2024-03-01", "2024-09-30", True),
    ],
)
def test_a_family_of_whom_nobody_records_anything_up_to_the_deciding_day_is_censored(seen_on, known_on, censored):
    outcome = replace(STEP_UP, censored_where=SILENT)
    told = {"seen": f"family | person | event_date | knowledge_date\n a | child | {seen_on} | {known_on}"}
    labels = labels_of(told, outcome=outcome)
    assert (labels.censored[0], np.isnan(labels.label[0])) == (censored, censored)
    assert label_of(told) == 0


def test_an_event_counts_however_silent_it_was_about_the_family_afterwards():
    outcome = replace(STEP_UP, censored_where=SILENT)
    event = started("2024-04-01") | {"seen": "family | person | event_date\n a | child | 2020-01-01"}
    labels = labels_of(event, outcome=outcome)
    assert (labels.label[0], labels.censored[0]) == (1, False)
    assert labels_of({"seen": "family | event_date\n b | 2020-01-01"}, outcome=outcome).censored.all()


def test_what_censors_is_judged_on_each_rows_own_day():
    told = {"seen": "family | person | event_date\n a | child | 2023-12-29"}
    world = world_of(told, CHILDREN.format("a"))
    matrix = matrix_of(world, {"n": people.all().count_for_family()}, [date(2023, 12, 1), AS_OF])
    outcome = replace(STEP_UP, censored_where=SILENT)
    labels = build_labels(outcome, matrix, MemoryGeneration(world), rules_of(world))
    assert labels.censored.tolist() == [False, True]


def test_faults_of_what_censors_are_told_as_the_outcomes():
    wrong = replace(STEP_UP, censored_where=facts("sen").silent_for_family(), place="features/outcomes.py:4")
    with pytest.raises(DeclarationError, match=r"features/outcomes.py:4: the outcome 'step_up' .*facts\('sen'\)"):
        labels_of(started("2024-04-01"), outcome=wrong)


def test_a_date_is_matured_once_horizon_and_settling_lie_within_the_coverage_of_every_event():
    def covered_until(started_until: date, first: date = LONG_AGO) -> tuple[Covered, ...]:
        return (Covered("north", "seen", LONG_AGO, FAR_OFF), Covered("north", "started", first, started_until))

    for until, matured in ((date(2024, 9, 29), False), (date(2024, 9, 30), True)):
        labels = labels_of(started("2024-04-01"), coverage=covered_until(until))
        assert (labels.matured[0], np.isnan(labels.label[0])) == (matured, not matured)
    late = labels_of(started("2024-04-01"), coverage=covered_until(FAR_OFF, first=date(2024, 1, 2)))
    assert not late.matured[0]


def test_lengths_may_be_calendar_months():
    soon = replace(STEP_UP, lead=months(1), horizon=months(2), settling=days(1))
    assert [label_of(started(day), outcome=soon) for day in ("2024-02-01", "2024-02-29", "2024-03-01")] == [1, 1, 0]


def test_rows_keep_the_order_of_the_matrix_over_dates_and_families():
    members = CHILDREN.format("a") + "\n b | other | 2015-01-01 | yes"
    world = world_of(started("2024-04-01"), members)
    matrix = matrix_of(world, {"n": people.all().count_for_family()}, [AS_OF, date(2024, 3, 1), date(2024, 5, 1)])
    shuffled = matrix.rows(np.array([5, 0, 3, 2, 1, 4]))
    labels = build_labels(STEP_UP, shuffled, MemoryGeneration(world), rules_of(world))
    assert labels.family_id.tolist() == ["b", "a", "b", "a", "b", "a"]
    assert labels.label.tolist() == [0, 1, 0, 1, 0, 0]


def test_an_outcome_that_nobody_shared_is_said():
    with pytest.raises(DataError, match=r"no source has shared 'started', which decides the outcome 'step_up'"):
        labels_of(started("2024-04-01"), coverage=(Covered("north", "seen", LONG_AGO, FAR_OFF),))


def test_every_fault_of_an_outcome_is_told_at_once():
    wrong = Outcome(
        "wrong",
        events=(
            facts("startd"),
            facts("seen").where(column("grade") == "z"),
            facts("started").in_last(days(3)),
            facts("ended").of_adults(),
        ),
        name="wrong",
        place="features/outcomes.py:4",
    )
    with pytest.raises(DeclarationError) as raised:
        labels_of(started("2024-04-01"), outcome=wrong)
    said = [str(fault) for fault in raised.value.faults]
    assert len(said) == 4
    assert all(each.startswith("features/outcomes.py:4: the outcome 'wrong' ") for each in said)
    for words in (
        "facts('startd'), which do not exist",
        "'z', which is no code",
        "narrows facts('started') by a window",
    ):
        assert any(words in each for each in said)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"events": ()}, r"needs events=\(facts\('...'\), ...\), at least one"),
        ({"horizon": days(28)}, r"needs a horizon longer than its lead"),
        ({"censored_where": people.all().count_for_family()}, r"needs a condition as censored_where, or none"),
        ({"horizon": terms(2)}, r"counts in days, weeks, months or years, not terms"),
    ],
)
def test_an_outcome_that_makes_no_sense_says_what_is_missing(changes, said):
    with pytest.raises(TargetingError, match=said):
        replace(STEP_UP, **changes)
