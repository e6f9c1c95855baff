from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targeting.errors import DeclarationError
from targeting.features import Outcome, days, facts, months
from targeting.training.definition import Dates, SplitRule, TrainingDefinition, ValidationRule
from targeting.training.experiment import label_known_on
from targeting.training.splits import split_dates

QUARTERS = tuple(date(2022 + step // 4, 1 + 3 * (step % 4), 1) for step in range(14))


def known_on(day):
    return day + timedelta(days=273)


def _definition(**changes):
    given = {"name": "escalation", "seed": 1, "dates": Dates(listed=QUARTERS), **changes}
    return TrainingDefinition(**given)


def test_between_teaching_and_test_lie_the_dates_whose_labels_were_not_known():
    split = split_dates(_definition(split=SplitRule(test_dates=3)), QUARTERS, known_on=known_on)
    assert split.test == (date(2024, 10, 1), date(2025, 1, 1), date(2025, 4, 1))
    # 2024-01-01 is known on 2024-09-30, the day before the first test date; 2024-04-01 only on 2024-12-30.
    assert split.train[-1] == date(2024, 1, 1)
    assert split.embargoed == (date(2024, 4, 1), date(2024, 7, 1))


def test_trials_are_judged_on_the_last_dates_that_teach_after_an_embargo_of_their_own():
    split = split_dates(_definition(split=SplitRule(test_dates=3)), QUARTERS, known_on=known_on)
    assert split.validation == (date(2023, 10, 1), date(2024, 1, 1))
    assert split.tuning == tuple(day for day in QUARTERS if known_on(day) <= date(2023, 10, 1))


@given(count=st.integers(4, 40), gap=st.integers(7, 120), embargo=st.integers(1, 300), tested=st.integers(1, 4))
def test_no_label_that_teaches_is_known_after_the_first_date_that_judges(count, gap, embargo, tested):
    dates = tuple(date(2020, 1, 1) + timedelta(days=gap * step) for step in range(count))
    definition = _definition(dates=Dates(listed=dates), split=SplitRule(test_dates=tested))
    try:
        split = split_dates(definition, dates, known_on=lambda day: day + timedelta(days=embargo))
    except DeclarationError:
        return
    assert max(split.train) + timedelta(days=embargo) <= min(split.test)
    assert max(split.tuning) + timedelta(days=embargo) <= min(split.validation)


def test_a_listed_date_that_breaks_the_embargo_is_named_with_the_day_on_which_it_is_known():
    rule = SplitRule(train=(date(2022, 1, 1), date(2024, 10, 1)), test=(date(2025, 4, 1),))
    with pytest.raises(DeclarationError) as raised:
        split_dates(_definition(dates=Dates(), split=rule), QUARTERS, known_on=known_on)
    assert str(raised.value) == (
        "training/escalation.toml: split.train: the outcome of 2024-10-01 is known on 2025-07-01, after the first test "
        "date 2025-04-01: the model would be judged by what it has seen."
    )


def test_a_listed_date_that_has_not_matured_is_named():
    rule = SplitRule(train=(date(2022, 1, 1),), test=(date(2026, 1, 1),))
    with pytest.raises(DeclarationError, match="outcomes of 2026-01-01 are not fully known yet"):
        split_dates(_definition(dates=Dates(), split=rule), QUARTERS, known_on=known_on)


def test_too_few_dates_to_learn_from_are_counted():
    with pytest.raises(
        DeclarationError, match=r"dates that have matured: 4. After 3 to test, and an embargo of 273 days .*: 0"
    ):
        split_dates(_definition(split=SplitRule(test_dates=3)), QUARTERS[:4], known_on=known_on)


def test_too_few_dates_to_judge_trials_by_suggest_folds():
    with pytest.raises(DeclarationError, match=r'too few for 2 that judge trials .* use `method = "folds"`'):
        split_dates(_definition(split=SplitRule(test_dates=1)), QUARTERS[:6], known_on=known_on)


def test_folds_of_families_need_no_dates_of_their_own():
    rule = ValidationRule(method="folds")
    split = split_dates(_definition(split=SplitRule(test_dates=1), validation=rule), QUARTERS[:5], known_on=known_on)
    assert (split.tuning, split.validation) == ((), ())


def test_the_model_kept_learns_from_all_matured_dates_unless_told_not_to():
    refitted = split_dates(_definition(), QUARTERS, known_on=known_on)
    tested = split_dates(_definition(split=SplitRule(refit=False)), QUARTERS, known_on=known_on)
    assert refitted.kept == QUARTERS
    assert tested.kept == tested.train


def test_a_label_is_known_after_its_horizon_and_its_settling_lag():
    outcome = Outcome("care", events=(facts("care_started"),), horizon=months(6), settling=days(91))
    assert label_known_on(outcome, date(2023, 8, 31)) == date(2024, 2, 29) + timedelta(days=91)


def test_a_rolling_split_teaches_each_window_with_all_that_was_known_before_it():
    split = split_dates(_definition(split=SplitRule(test_dates=4, window=2)), QUARTERS, known_on=known_on)
    assert [window.test for window in split.windows] == [split.test[:2], split.test[2:]]
    for window in split.windows:
        assert window.train == tuple(day for day in QUARTERS if known_on(day) <= window.test[0])
    # What tunes is known before the first of them, so that no test date has a part in the hyperparameters.
    assert split.train == split.windows[0].train
    assert set(split.tuning) | set(split.validation) <= set(split.train)


def test_without_refit_a_rolling_split_keeps_the_last_windows_model():
    rule = SplitRule(test_dates=4, window=2, refit=False)
    split = split_dates(_definition(split=rule), QUARTERS, known_on=known_on)
    assert split.kept == split.windows[-1].train
