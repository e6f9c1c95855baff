"""A training that was killed goes on with the trials that it had finished, and comes out the same."""

import optuna
import pytest

from targeting.training.definition import Range, Search
from targeting.training.experiment import train
from targeting.training.search import Judged, forget_study, kept_study, new_study, run_trials

AUDIT = {"audit.json": b'{"verdict": "pass"}'}


def _contest(parameters):
    return Judged(rounds=10, average_precision=1 - abs(parameters["learning_rate"] - 0.1), error=0.01)


@pytest.fixture
def searching(definition):
    space = {"learning_rate": Range(low=0.01, high=0.4, log=True)}
    return definition.model_copy(update={"search": Search(trials=7, space=space)})


def test_a_search_kept_in_a_file_equals_one_kept_in_memory(searching, tmp_path):
    kept = run_trials(kept_study(tmp_path / "mlruns" / "searches.db", "escalation"), searching, _contest)
    assert kept == run_trials(new_study(), searching, _contest)


@pytest.mark.parametrize("finished", [0, 3])
def test_a_trial_that_a_kill_left_running_is_made_again(searching, tmp_path, finished):
    path = tmp_path / "searches.db"
    some = searching.model_copy(update={"search": searching.search.model_copy(update={"trials": finished or 1})})
    study = kept_study(path, "escalation")
    if finished:
        run_trials(study, some, _contest)
    else:
        study.enqueue_trial({"learning_rate": 0.0632})
    study.ask()  # begun, and never told how it ended: the process was killed
    resumed = kept_study(path, "escalation")
    assert [each.state for each in resumed.trials][-1] == optuna.trial.TrialState.RUNNING
    assert run_trials(resumed, searching, _contest) == run_trials(new_study(), searching, _contest)


def test_a_finished_search_is_forgotten_and_another_one_is_not(searching, tmp_path):
    path = tmp_path / "searches.db"
    for name in ("one", "two"):
        run_trials(kept_study(path, name), searching, _contest)
    forget_study(path, "one")
    assert optuna.get_all_study_names(f"sqlite:///{path}") == ["two"]


def test_a_training_killed_after_a_trial_goes_on_with_it_to_the_same_bytes(
    trained, *, data, definition, model, make_context, tmp_path
):
    def killed(what, done, total):
        told.append((what, done))
        if (what, done) == ("trials", 1):
            raise KeyboardInterrupt

    told, searches = [], tmp_path / "mlruns" / "searches.db"
    context = make_context(tmp_path, searches=searches, progress=killed)
    with pytest.raises(KeyboardInterrupt):
        train(definition, model, data=data, context=context, audit=lambda _: AUDIT)
    told.clear()
    context = make_context(tmp_path, searches=searches, progress=lambda *step: told.append(step[:2]))
    resumed = train(definition, model, data=data, context=context, audit=lambda _: AUDIT)
    assert [each for each in told if each[0] == "trials"] == [("trials", 2)]
    assert resumed.version == trained.version
    assert optuna.get_all_study_names(f"sqlite:///{searches}") == []
