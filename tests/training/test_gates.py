from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from targeting.training.definition import GateLimits
from targeting.training.evaluation import Evaluation
from targeting.training.gates import (
    IndicatorCheck,
    calibrated,
    check_indicators,
    data_contract,
    enough_events,
    missingness_says_little,
    no_indicator_betrays,
    plausible_auc,
    quick,
    shuffled_futures_give_chance,
    stable,
)
from targeting.training.measures import Estimate, wilson_lower

LIMITS = GateLimits()


def _evaluation(slope=(1.0, 0.9, 1.1), in_the_large=(1.0, 0.9, 1.1), **pooled):
    values = {"events": 100.0, "average_precision": 0.2, "auc": 0.8, **pooled}
    return Evaluation(
        pooled={**values, "calibration_slope": slope[0], "calibration_in_the_large": in_the_large[0]},
        by_date={},
        intervals={"calibration_slope": slope[1:], "calibration_in_the_large": in_the_large[1:]},
    )


@pytest.mark.parametrize(("events", "passed"), [(50, True), (49, False)])
def test_too_few_outcomes_cannot_judge_a_model(events, passed):
    gate = enough_events(_evaluation(events=events), LIMITS)
    assert (gate.passed, gate.detail) == (passed, f"{events} outcomes on the test dates; 50 needed.")


def test_an_indicator_whose_feed_stopped_is_named(rows, copied):
    train, test = rows.on(rows.dates[:-2]), copied(rows.on(rows.dates[-2:]))
    assert data_contract(train, test, LIMITS).passed
    test.X[: int(0.6 * len(test)), 3] = np.nan
    gate = data_contract(train, test, LIMITS)
    assert not gate.passed
    assert "Lost: moves (100% of families, now 40%)" in gate.detail


def test_an_indicator_that_nobody_ever_had_is_counted_and_is_no_fault(rows, copied):
    held = copied(rows.where(np.arange(len(rows)) < 2000))
    held.X[:, 3] = np.nan
    gate = data_contract(held, held, LIMITS)
    assert (gate.passed, "1 known of nobody" in gate.detail) == (True, True)


@pytest.mark.parametrize(("kept", "passed"), [(0.7, True), (0.69, False)])
def test_a_list_that_leaps_from_week_to_week_is_noise(kept, passed):
    gate = stable({"the first at capacity": kept, "the top per cent": 0.9}, LIMITS)
    assert (gate.passed, "90% of the top per cent" in gate.detail) == (passed, True)


@pytest.mark.parametrize(("milliseconds", "passed"), [(100.0, True), (100.1, False)])
def test_the_time_a_family_takes_is_judged_and_not_told_for_it_differs_from_run_to_run(milliseconds, passed):
    gate = quick(milliseconds, LIMITS)
    assert gate.passed is passed
    assert "100.1" not in gate.detail


@pytest.mark.parametrize(("auc", "passed"), [(0.92, True), (0.93, False), (float("nan"), False)])
def test_a_model_too_good_to_be_true_is_suspected(auc, passed):
    assert plausible_auc(_evaluation(auc=auc), LIMITS).passed is passed


@pytest.mark.parametrize(("auc", "precision", "passed"), [(0.85, 0.9, True), (0.86, 0.1, False), (0.6, 0.91, False)])
def test_one_indicator_that_says_nearly_all_is_named(auc, precision, passed):
    checks = [
        IndicatorCheck(name="moves", auc=0.6, precision=0.2),
        IndicatorCheck(name="closed_after", auc=auc, precision=precision),
    ]
    gate = no_indicator_betrays(checks, LIMITS)
    assert gate.passed is passed
    assert ("closed_after" in gate.detail) is not passed
    assert "moves" not in gate.detail


@pytest.mark.parametrize(("value", "passed"), [(0.6, True), (0.61, False)])
def test_silence_may_not_be_a_sign(value, passed):
    assert missingness_says_little(Estimate(value, value - 0.05, value + 0.05), LIMITS).passed is passed


@pytest.mark.parametrize(("low", "passed"), [(0.45, True), (0.52, True), (0.53, False)])
def test_other_families_futures_may_not_be_told(low, passed):
    assert shuffled_futures_give_chance(Estimate(low + 0.03, low, low + 0.06)).passed is passed


@pytest.mark.parametrize(
    ("slope", "in_the_large", "passed"),
    [
        ((1.0, 0.9, 1.1), (1.0, 0.9, 1.1), True),
        ((1.4, 1.2, 1.6), (1.0, 0.9, 1.1), True),  # beyond the bound, but by chance alone
        ((1.6, 1.4, 1.8), (1.0, 0.9, 1.1), False),
        ((0.5, 0.4, 0.6), (1.0, 0.9, 1.1), False),
        ((1.0, 0.9, 1.1), (2.0, 1.8, 2.2), False),
        ((float("nan"),) * 3, (1.0, 0.9, 1.1), False),
    ],
)
def test_probabilities_must_mean_what_they_say_as_far_as_outcomes_can_tell(slope, in_the_large, passed):
    assert calibrated(_evaluation(slope, in_the_large), LIMITS).passed is passed


def test_a_few_pure_families_prove_nothing_whatever_their_rows_and_many_do(rows, copied):
    """The outcome comes to the first 200 families; 45 of them have one indicator on every date, 120 another."""
    held = copied(rows)
    held.y[:] = held.family < 200
    held.X[:] = 0.0
    held.X[held.family < 45, 0] = 1.0
    held.X[held.family < 120, 1] = 1.0
    few, many, *_ = check_indicators(held)
    assert few.precision < 0.55
    assert many.precision > 0.95


def test_an_indicators_purest_cut_by_counting_families_one_by_one(rows, copied):
    held = copied(rows)
    held.X[np.random.default_rng(7).random(len(held)) < 0.2, 0] = np.nan
    found = 0.0
    for sign in (1.0, -1.0):
        values = sign * held.X[:, 0]
        for cut in set(values[~np.isnan(values)].tolist()):
            beyond = values >= cut
            families, events = (len(set(held.family[each].tolist())) for each in (beyond, beyond & (held.y == 1)))
            if families >= 50:
                found = max(found, float(wilson_lower(np.array([events]), np.array([families]))[0]))
    assert check_indicators(held)[0].precision == pytest.approx(found, abs=1e-12)


def test_an_indicator_that_is_filled_only_where_the_outcome_came_betrays_it(rows, copied):
    held = copied(rows.where(np.arange(len(rows)) < 2000))
    held.X[:, 3] = np.where(held.y == 1, 4.0, np.nan)
    check = check_indicators(held)[3]
    assert (check.name, check.auc) == ("moves", 1.0)


def test_an_indicator_that_falls_before_the_outcome_betrays_it_too(rows, copied):
    held = copied(rows.where(np.arange(len(rows)) < 2000))
    held.X[:, 3] = -held.y
    assert check_indicators(held)[3].auc == 1.0


def test_an_indicator_far_purer_than_all_others_betrays_it_though_it_says_nothing_of_most():
    """Nine honest ones reach .20 at their purest; the tenth is silent of most families, and .45 where it speaks."""
    honest = [IndicatorCheck(name=f"honest_{each}", auc=0.6, precision=0.20 - each / 200) for each in range(9)]
    leaking = IndicatorCheck(name="amended", auc=0.7, precision=0.45)
    gate = no_indicator_betrays([*honest, leaking], GateLimits())
    assert not gate.passed
    assert gate.detail == (
        "Betrayed by amended (AUC 0.700, precision 0.45); AUC 0.85, precision over families 0.9 and 1.5 times that of "
        "the fifth best are the most one may reach alone."
    )
    assert no_indicator_betrays([*honest, replace(leaking, precision=0.26)], GateLimits()).passed


def test_a_leak_in_three_windows_of_time_does_not_hide_itself():
    honest = [IndicatorCheck(name=f"honest_{each}", auc=0.6, precision=0.2) for each in range(7)]
    leaking = [IndicatorCheck(name=f"amended_{each}", auc=0.7, precision=0.45) for each in (3, 12, 24)]
    gate = no_indicator_betrays([*honest, *leaking], GateLimits())
    assert all(each.name in gate.detail for each in leaking)


@pytest.mark.parametrize("unknown", [0.0, 0.3])
def test_an_indicator_is_judged_whichever_way_it_points_and_unknown_values_stand_last_both_ways(rows, copied, unknown):
    held = copied(rows.where(np.arange(len(rows)) < 2000))
    held.X[np.random.default_rng(5).random(2000) < unknown, 1] = np.nan
    for check, column in zip(check_indicators(held), held.X.T, strict=True):
        both = [np.where(np.isnan(column), -1e9, sign * column) for sign in (1.0, -1.0)]
        assert check.auc == pytest.approx(max(roc_auc_score(held.y, score) for score in both), abs=1e-12)
