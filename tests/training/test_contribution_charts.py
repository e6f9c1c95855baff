import numpy as np
import pytest

from targeting.training.contribution_charts import Contributions, dependence_points, sampled_contributions, swarm_cells


@pytest.fixture
def held():
    """Twenty families with 0 and a contribution of -1, ten with 1 and +1, three with 5 and +4."""
    values = np.repeat([0.0, 1.0, 5.0], [20, 10, 3])[:, None]
    return Contributions(("referrals",), values, np.repeat([-1.0, 1.0, 4.0], [20, 10, 3])[:, None])


def test_a_cell_of_fewer_than_six_families_is_not_drawn(held):
    assert [(cell["value"], cell["families"]) for cell in swarm_cells(held)] == [("low", 20), ("middle", 10)]


def test_the_mean_contribution_of_a_value_is_told_for_six_families_and_more(held):
    points = [(point["value"], point["contribution"]) for point in dependence_points(held)]
    assert points == [(0.0, -1.0), (1.0, 1.0)]


def test_the_sample_is_the_same_for_the_same_rows_and_what_contributes_most_stands_first(trained):
    rows, booster = trained.predictions.rows, trained.predictions.booster
    first, second = (sampled_contributions(booster, rows) for _ in range(2))
    assert np.array_equal(first.parts, second.parts)
    assert set(first.names[:2]) == {"referrals", "incidents"}
