import pytest

from targeting.models.estimator import EstimatorSettings
from targeting.training.definition import Range, Search, ValidationRule
from targeting.training.search import Judged, new_study, run_trials, search
from targeting.training.splits import split_dates


def _contest(parameters):
    """Judge without training: best near a learning rate of 0.1 and 20 leaves."""
    distance = abs(parameters["learning_rate"] - 0.1) + abs(parameters["num_leaves"] - 20) / 100
    return Judged(rounds=int(10 + 100 * distance), average_precision=1 - distance)


@pytest.fixture
def searching(definition):
    space = {"learning_rate": Range(low=0.01, high=0.4, log=True), "num_leaves": Range(low=4, high=64)}
    return definition.model_copy(update={"search": Search(trials=9, space=space, fixed={"max_depth": 5.0})})


def _stopped_after(searching, trials):
    return searching.model_copy(update={"search": searching.search.model_copy(update={"trials": trials})})


@pytest.mark.parametrize("stopped_after", [1, 4, 8])
def test_a_search_resumed_equals_one_that_ran_through(searching, stopped_after):
    study = new_study()
    run_trials(study, _stopped_after(searching, stopped_after), _contest)
    assert run_trials(study, searching, _contest) == run_trials(new_study(), searching, _contest)


def test_the_first_trial_is_the_middle_of_every_range_with_what_is_fixed(searching):
    first = run_trials(new_study(), _stopped_after(searching, 1), _contest).trials[0]
    assert first.parameters == {"learning_rate": pytest.approx(0.0632, abs=1e-4), "num_leaves": 34, "max_depth": 5}


def test_the_best_trial_is_the_one_with_the_greatest_average_precision(searching):
    found = run_trials(new_study(), searching, _contest)
    assert found.best.average_precision == max(trial.average_precision for trial in found.trials)
    assert len(found.trials) == 9


def test_a_search_resumed_after_a_trial_that_broke_equals_one_that_ran_through(searching):
    def break_in_the_third_trial(parameters):
        if len(study.trials) == 3:
            raise KeyboardInterrupt
        return _contest(parameters)

    study = new_study()
    with pytest.raises(KeyboardInterrupt):
        run_trials(study, searching, break_in_the_third_trial)
    assert run_trials(study, searching, _contest) == run_trials(new_study(), searching, _contest)


def test_progress_counts_trials(searching):
    told = []
    run_trials(new_study(), _stopped_after(searching, 3), _contest, progress=lambda *step: told.append(step))
    assert told == [("trials", 1, 3), ("trials", 2, 3), ("trials", 3, 3)]


@pytest.mark.parametrize("method", ["temporal", "folds"])
def test_trials_are_judged_on_rows_that_they_did_not_learn_from(rows, definition, method):
    declared = definition.model_copy(update={"validation": ValidationRule(method=method, folds=2)})
    split = split_dates(declared, rows.dates, known_on=lambda day: day)
    settings = EstimatorSettings(names=rows.names, directions=(None,) * 5, seed=1, threads=2)
    found = search(declared, rows, split, settings=settings)
    assert [trial.number for trial in found.trials] == [0, 1]
    assert 0.05 < found.best.average_precision < 0.9
    assert 1 <= found.best.rounds <= 40


def test_non_events_left_out_of_tuning_are_weighted_up(rows, definition):
    declared = definition.model_copy(update={"search": definition.search.model_copy(update={"non_events_kept": 0.3})})
    split = split_dates(declared, rows.dates, known_on=lambda day: day)
    settings = EstimatorSettings(names=rows.names, directions=(None,) * 5, seed=1, threads=2)
    whole, thinned = (search(each, rows, split, settings=settings).best for each in (definition, declared))
    assert thinned.average_precision == pytest.approx(whole.average_precision, abs=0.08)
