import numpy as np
import pytest

from targeting.training.definition import Measures
from targeting.training.evaluation import Scored, calibration_bins, evaluate, precision_recall_points


def _scored(table, probability=None):
    """Read `family date score outcome` lines; dates are days of January 2024."""
    rows = [line.split() for line in table.strip().splitlines()]
    family, day, score, outcome = zip(*rows, strict=True)
    return Scored(
        np.array(family, dtype=np.int64),
        np.array([f"2024-01-{int(each):02d}" for each in day], dtype="datetime64[D]"),
        np.array(outcome, dtype=np.int8),
        np.array(score, dtype=np.float64),
        probability,
    )


LISTS = """
1 7 0.9 1
2 7 0.8 0
3 7 0.7 0
4 7 0.6 1
1 14 9.9 0
2 14 9.8 1
3 14 9.7 0
4 14 9.6 0
"""


def test_the_top_of_each_dates_list_is_taken_by_itself_and_then_pooled():
    # Half of each list: families 1 and 2, one outcome on each date, of three outcomes in all.
    found = evaluate(_scored(LISTS), Measures(top_percent=(50,), capacity=1, replicates=20), seed=1).pooled
    assert found["precision_at_50_percent"] == 2 / 4
    assert found["recall_at_50_percent"] == 2 / 3
    assert found["precision_at_capacity"] == 1 / 2


def test_each_date_has_measures_of_its_own():
    by_date = evaluate(_scored(LISTS), Measures(top_percent=(50,), replicates=20), seed=1).by_date
    assert [metrics["events"] for metrics in by_date.values()] == [2, 1]
    assert [day.isoformat() for day in by_date] == ["2024-01-07", "2024-01-14"]


def test_counts_name_rows_families_and_outcomes():
    found = evaluate(_scored(LISTS), Measures(replicates=20), seed=1).pooled
    assert (found["n"], found["families"], found["events"], found["prevalence"]) == (8, 4, 3, 3 / 8)


def test_a_list_shorter_than_its_capacity_is_taken_whole():
    found = evaluate(_scored(LISTS), Measures(capacity=10, replicates=20), seed=1).pooled
    assert found["precision_at_capacity"] == 3 / 8
    assert found["recall_at_capacity"] == 1.0


def test_a_familys_repeated_dates_do_not_narrow_the_interval():
    drawing = np.random.default_rng(4)
    score, outcome = drawing.random(300), (drawing.random(300) < 0.3).astype(np.int8)
    day = np.full(300, np.datetime64("2024-01-07"))
    once = Scored(np.arange(300), day, outcome, score)
    often = Scored(np.tile(np.arange(300), 6), np.tile(day, 6), np.tile(outcome, 6), np.tile(score, 6))
    measures = Measures(replicates=200)
    low, high = evaluate(once, measures, seed=1).intervals["auc"]
    assert evaluate(often, measures, seed=1).intervals["auc"] == pytest.approx((low, high))
    assert high - low > 0.1


def test_probabilities_are_judged_only_where_there_are_any():
    without = evaluate(_scored(LISTS), Measures(replicates=20), seed=1)
    probability = np.array([0.5, 0.3, 0.3, 0.4, 0.4, 0.4, 0.3, 0.2])
    with_them = evaluate(_scored(LISTS, probability), Measures(replicates=20), seed=1)
    assert "brier" not in without.pooled
    assert with_them.pooled["calibration_in_the_large"] == pytest.approx(3 / probability.sum())


def test_bins_of_equal_size_hold_mean_probability_and_observed_share():
    probability = np.array([0.1, 0.1, 0.2, 0.2, 0.3, 0.3, 0.4, 0.4])
    bins = calibration_bins(_scored(LISTS, probability), bins=2)
    assert bins == [
        {"n": 4, "expected": pytest.approx(0.15), "observed": 0.5},
        {"n": 4, "expected": pytest.approx(0.35), "observed": 0.25},
    ]


def test_the_curve_of_precision_by_recall_ends_with_every_outcome_found():
    points = precision_recall_points(_scored(LISTS))
    assert [point["recall"] for point in points] == pytest.approx([1 / 3, 2 / 3, 1])
    assert [point["precision"] for point in points] == pytest.approx([1 / 2, 2 / 5, 3 / 8])
