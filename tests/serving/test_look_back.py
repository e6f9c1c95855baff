"""Who stepped up and was on no list, by hand; who is drawn of those without a place, and how much that can tell."""

import math
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest

from targeting.errors import DataError
from targeting.features import Outcome, days, facts
from targeting.records.contract import contract
from targeting.serving.lists import make_lists
from targeting.serving.look_back import Held, LookBack, Past, look_back
from targeting.serving.published import CONSIDERED, PublishedList
from targeting.serving.sampling import draw_sample
from targeting.serving.week import MadeFrom

PUBLISHED_AT = datetime(2026, 3, 30, 6, 0, tzinfo=UTC)
# In the small district a referral opened on 5 January 2026 for the child of f_open, and was known the day after; early
# help began on 3 November 2025 for the child of f_helped.
REFERRED = Outcome("Referred", name="referred", events=(facts("referral"),), horizon=days(91), in_whom="children")
HELPED = Outcome("Helped", name="helped", events=(facts("early_help_started"),), horizon=days(91), in_whom="children")


def past(made_from: MadeFrom, *dates: date, outcome: Outcome = REFERRED) -> Past:
    lists = [each for on in dates for each in make_lists(made_from, as_of_date=on, published_at=PUBLISHED_AT)]
    return Past(
        lists=[(each, made_from.generation) for each in lists],
        now=made_from.generation,
        outcome=outcome,
        contract=contract(),
        agencies={"police": "Police"},
    )


def narrow(made_from: MadeFrom, minutes: int) -> MadeFrom:
    kinds = tuple(each.model_copy(update={"minutes": minutes}) for each in made_from.service.list)
    return replace(made_from, service=made_from.service.model_copy(update={"list": kinds, "never_known": None}))


def test_a_child_who_stepped_up_without_a_place_is_told_with_what_was_held_when_and_by_whom(
    made_from: MadeFrom,
) -> None:
    # f_open has what f_both and f_helped have; one place goes to the first of equal margins by name.
    found = look_back(past(narrow(made_from, 6), date(2025, 12, 29)), date(2026, 2, 1))
    (missed,) = found.missed
    assert (missed.person_id, missed.family_id, missed.stepped_up_on, missed.as_of_date) == (
        "p_open_child",
        "f_open",
        date(2026, 1, 5),
        date(2025, 12, 29),
    )
    assert (missed.standing, missed.rank, missed.of) == ("without a place", 2, 9)
    assert missed.held == (
        Held(contract()["address_recorded"].description, "social_care", 1, date(2020, 1, 1)),
        Held(contract()["attendance_term"].description, "schools", 1, date(2025, 12, 19)),
        Held(contract()["contact"].description, "social_care", 1, date(2020, 5, 1)),
        Held(contract()["domestic_abuse_incident"].description, "Police", 3, date(2025, 8, 9)),
    )
    assert (found.listed, found.in_no_list, found.families, found.lower) == (0, 0, 1, 0.0)


def test_a_child_who_was_listed_before_is_counted_and_not_told(made_from: MadeFrom) -> None:
    found = look_back(past(narrow(made_from, 60), date(2025, 12, 29)), date(2026, 2, 1))
    assert (found.missed, found.listed, found.families) == ((), 1, 1)
    assert found.upper == 1.0


def test_a_child_of_whom_no_list_was_about_is_a_count(made_from: MadeFrom) -> None:
    # By 12 January the case is open, and the list of that day is about other families.
    told = past(made_from, date(2026, 1, 5), outcome=REFERRED)
    only = replace(told, lists=[(on, generation) for on, generation in told.lists if on.head.kind == "review"])
    found = look_back(only, date(2026, 2, 1))
    assert (found.missed, found.listed, found.in_no_list, found.families) == ((), 0, 1, 0)
    assert (found.lower, found.upper) == (0.0, 1.0)


def test_a_step_that_was_not_known_yet_or_came_after_one_horizon_is_not_counted(made_from: MadeFrom) -> None:
    early = past(narrow(made_from, 6), date(2025, 12, 29))
    nobody = LookBack(missed=(), listed=0, in_no_list=0, families=0, lower=0.0, upper=1.0)
    assert look_back(early, date(2026, 1, 6)) == nobody
    # From 5 October to 5 January are 92 days, one more than the horizon.
    late = past(narrow(made_from, 6), date(2025, 10, 5), date(2026, 1, 5))
    only = replace(late, lists=[each for each in late.lists if each[0].head.kind == "offer"])
    assert [(each.as_of_date, each.standing) for each in look_back(only, date(2026, 1, 7)).missed] == [
        (date(2026, 1, 5), "without a place")
    ]
    with pytest.raises(DataError, match=r"before 2026-01-07, which begins on 2025-10-08\. Look back from"):
        look_back(replace(late, lists=late.lists[:2]), date(2026, 1, 7))


def test_without_a_list_there_is_nothing_to_look_back_on(made_from: MadeFrom) -> None:
    with pytest.raises(DataError, match="no list was published within"):
        look_back(past(made_from, date(2025, 6, 2)), date(2026, 3, 30))


@pytest.fixture
def long_list(made_from: MadeFrom) -> PublishedList:
    """Return a list of two places and 100 families, the chance of each of them a hundredth."""
    offer = make_lists(made_from, as_of_date=date(2026, 3, 30), published_at=PUBLISHED_AT)[0]
    ranks = list(range(1, 101))
    columns = [[f"f_{rank:03d}" for rank in ranks], ranks, [-float(rank) for rank in ranks], [0.01] * 100]
    flags = tuple(
        flag.model_copy(update={"family_id": f"f_{rank:03d}", "rank": rank})
        for rank, flag in enumerate(offer.flags[:2], start=1)
    )
    head = offer.head.model_copy(update={"capacity": 2, "families": 100, "listed": 2})
    return replace(offer, head=head, flags=flags, considered=pa.table(columns, schema=CONSIDERED))


def test_a_sample_is_heavier_near_the_line_and_says_how_likely_each_was(long_list: PublishedList) -> None:
    sample = draw_sample(long_list, 20)
    # Ranks 3-4, 5-10, 11-40, 41-100: the two nearest are all drawn, of the others six each.
    assert [(each.first_rank, each.last_rank, each.families, each.drawn) for each in sample.strata] == [
        (3, 4, 2, 2),
        (5, 10, 6, 6),
        (11, 40, 30, 6),
        (41, 100, 60, 6),
    ]
    assert {each.inclusion_probability for each in sample.drawn} == {1.0, 0.2, 0.1}
    assert sum(1 / each.inclusion_probability for each in sample.drawn) == pytest.approx(98)
    assert draw_sample(long_list, 20) == sample
    assert len({each.family_id for each in sample.drawn}) == 20


def test_the_reach_is_that_of_a_stratified_sample(long_list: PublishedList) -> None:
    share = 0.01 * 0.99
    variance = (30 / 98) ** 2 * share / 6 * (1 - 6 / 30) + (60 / 98) ** 2 * share / 6 * (1 - 6 / 60)
    assert draw_sample(long_list, 20).reach == pytest.approx(1.96 * math.sqrt(variance), rel=1e-4)
    assert draw_sample(long_list, 98).reach == 0.0
    assert draw_sample(long_list, 2).reach == 1.0


def test_every_family_is_drawn_as_often_as_its_probability_says(long_list: PublishedList) -> None:
    times = {f"f_{rank:03d}": 0 for rank in range(3, 101)}
    for number in range(400):
        named = replace(long_list, head=long_list.head.model_copy(update={"id": f"l_{number}"}))
        for each in draw_sample(named, 20).drawn:
            times[each.family_id] += 1
    far = np.array([times[f"f_{rank:03d}"] for rank in range(41, 101)])
    # 400 draws of one in ten: 40 each, and six standard errors of 6 hold all 60 of them.
    assert far.sum() == 400 * 6
    assert np.all(np.abs(far - 40) < 36)


def test_whoever_is_listed_or_rests_is_not_drawn(long_list: PublishedList) -> None:
    assert {"f_001", "f_002"}.isdisjoint(each.family_id for each in draw_sample(long_list, 98).drawn)
