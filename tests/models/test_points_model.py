"""A points rule as a model gives the rule's points, and each line's points as the part of what it asks for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from targeting.errors import TargetingError
from targeting.models.estimator import margins
from targeting.models.explanation import contributions, explained_by
from targeting.models.points import PointsRule, points
from targeting.models.points_model import points_booster

NAMES = ("visits", "rate", "months")
LINES = st.lists(
    st.builds(
        PointsRule,
        indicator=st.sampled_from(NAMES),
        at_least=st.sampled_from([0.0, 0.1, 1.0, 2.5, 3.0]),
        points=st.sampled_from([-1.0, 1.0, 2.0, 3.0]),
    ),
    min_size=1,
    max_size=6,
)
BORDERS = [np.nan, -1.0, 0.0, 0.1, np.nextafter(0.1, 0), 1.0, np.nextafter(1.0, 0), 2.5, 3.0, np.nextafter(3.0, 9), 7.0]


@settings(max_examples=60, deadline=None)
@given(LINES, st.lists(st.tuples(*[st.sampled_from(BORDERS)] * 3), min_size=1, max_size=8))
def test_its_margin_is_the_rules_points_to_the_bit(rules: list[PointsRule], rows: list[tuple[float, ...]]) -> None:
    X = np.array(rows)
    assert margins(points_booster(rules, NAMES), X).tolist() == points(X, NAMES, rules).tolist()


def test_parts_are_the_points_of_each_indicator_and_nothing_where_it_has_none() -> None:
    rules = [
        PointsRule(indicator="visits", at_least=1.0, points=2.0),
        PointsRule(indicator="visits", at_least=3.0, points=1.0),
        PointsRule(indicator="rate", at_least=0.1, points=1.0),
    ]
    booster = points_booster(rules, NAMES)
    X = np.array([[3.0, 0.2, 9.0], [1.0, np.nan, 9.0], [0.0, 0.0, 9.0]])
    assert explained_by(booster).why_not == ""
    np.testing.assert_allclose(contributions(booster, X), [[3, 1, 0, 0], [2, 0, 0, 0], [0, 0, 0, 0]], atol=1e-8)


def test_the_same_rule_makes_the_same_text() -> None:
    rule = [PointsRule(indicator="rate", at_least=0.1, points=1.0)]
    assert points_booster(rule, NAMES).text == points_booster(rule, NAMES).text


@pytest.mark.parametrize(
    ("rules", "asked"), [([], "nothing"), ([PointsRule(indicator="absent", at_least=1.0, points=1.0)], "absent")]
)
def test_a_rule_that_the_model_cannot_answer_is_refused(rules: list[PointsRule], asked: str) -> None:
    with pytest.raises(TargetingError, match=f"the points rule asks for {asked}; the model does not hold it"):
        points_booster(rules, NAMES)
