"""A points rule: the order of a list that a panel could make by hand, and the declared fallback of a model's own."""

from collections.abc import Sequence

import numpy as np

from targeting.models.calibration import Floats
from targeting.toml_files import Declared

POINTS = "points_rule.json"


class PointsRule(Declared):
    """One line of a points rule: so many points where an indicator is known and at least so much."""

    indicator: str
    at_least: float
    points: float


def points(X: Floats, names: Sequence[str], rules: Sequence[PointsRule]) -> Floats:
    """Return each row's points; `names` are the columns of `X`. An unknown indicator gives none."""
    total = np.zeros(len(X))
    for rule in rules:
        total += rule.points * (X[:, list(names).index(rule.indicator)] >= rule.at_least)
    return total
