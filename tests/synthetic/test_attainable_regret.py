"""The benchmark of regret: its measures by hand."""

from pathlib import Path

import numpy as np
import pytest

from targeting.commands.bench import find_benchmark

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def regret():
    return find_benchmark("regret", CHECKOUT).__globals__


def test_equal_scores_share_what_is_left_of_the_top(regret):
    score, outcome, weight = (
        np.array([3.0, 2.0, 2.0, 1.0]),
        np.array([1.0, 1.0, 0.0, 1.0]),
        np.array([1.0, 1.0, 3.0, 5.0]),
    )
    # The top 30 % are 3 of 10: the first, and half of the two that are equal, of which a quarter escalated.
    assert regret["precision_in_top"](score, outcome, weight, 0.3) == pytest.approx((1 + 2 * 0.25) / 3)


def test_expected_average_precision_of_certain_chances_is_the_plain_one(regret):
    score, weight = np.array([4.0, 3.0, 2.0, 1.0]), np.array([1.0, 2.0, 1.0, 2.0])
    found = regret["expected_average_precision"](score, np.array([1.0, 0.0, 1.0, 0.0]), weight)
    # At the first 1 of 1, at the third 2 of 4; each half of those who escalated.
    assert found == pytest.approx((1 + 2 / 4) / 2)


def test_points_are_added_up_as_the_rule_says(regret):
    names = [name for name, _, _ in regret["_POINTS"]] + list(regret["_ASSESSED"])
    names = list(dict.fromkeys(names))
    nothing = np.full(len(names), np.nan)
    known = dict.fromkeys(names, 0.0)
    known["LCS_Referrals.csv:= in a year"] = 2
    known["DA_INVOLVED_PERSONS.csv:= in a year"] = 6
    known["LCS_Assessments.csv:Outcome=Not in need days since"] = 400
    known["LCS_Assessments.csv:Outcome=Child in need days since"] = 900
    found = regret["points"](np.array([nothing, list(known.values())]), names)
    assert found.tolist() == [0, 2 + 2 + 1 + 2]
