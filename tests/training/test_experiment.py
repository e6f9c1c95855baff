import json
from dataclasses import replace

import numpy as np
import pytest

from targeting.errors import DataError, DeclarationError
from targeting.models.bundle import read_bundle
from targeting.models.estimator import margins
from targeting.training.definition import Baselines, SplitRule, TrainingDefinition
from targeting.training.experiment import TrainingData, train
from targeting.training.rows import ranked_rows


def _files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_trainings_of_equal_inputs_give_equal_bytes(trained, *, data, definition, model, make_context, tmp_path):
    audit = {"audit.json": b'{"verdict": "pass"}'}
    again = train(definition, model, data=data, context=make_context(tmp_path), audit=lambda _: audit)
    assert again.version == trained.version
    assert _files(again.bundle.folder) == _files(trained.bundle.folder)
    assert np.array_equal(again.predictions.margin, trained.predictions.margin)


def test_the_bundle_lies_in_its_models_folder_under_its_version_with_all_evidence(trained):
    assert trained.bundle.folder == trained.context.candidates / "escalation" / trained.version
    assert sorted(trained.bundle.evidence) == [
        "audit.json",
        "calibration.json",
        "card.html",
        "card.md",
        "environment.json",
        "evaluation.json",
        "gates.json",
        "indicators.json",
        "multiplicity.json",
        "points_rule.json",
        "rows.json",
        "search.json",
        "split.json",
        "training.json",
        "verdict.json",
    ]


def test_predictions_are_of_the_test_dates_alone_by_a_model_that_saw_none_of_them(trained, data):
    split = trained.findings.split
    test = ranked_rows(data.matrix, data.labels, split.test)
    assert np.array_equal(trained.predictions.family_id, test.family_id)
    asked = np.isin(data.labels.as_of_date, np.array(split.test, dtype="datetime64[D]"))
    # Families whose outcome is not known are ranked like others: they take their places.
    assert np.isnan(trained.predictions.label).any()
    assert np.array_equal(trained.predictions.label, data.labels.label[asked], equal_nan=True)
    # The model that is kept has learnt from those dates too, and so is another one.
    assert not np.array_equal(margins(trained.bundle.booster, test.X), trained.predictions.margin)
    assert np.array_equal(margins(trained.findings.judgement.tested.booster, test.X), trained.predictions.margin)


def test_the_kept_model_has_the_hyperparameters_and_number_of_trees_that_were_found(trained):
    best = trained.findings.search.best
    assert trained.bundle.booster.rounds == best.rounds
    assert f"[num_leaves: {best.parameters['num_leaves']}]" in trained.bundle.booster.text


def test_without_refit_the_model_kept_is_the_one_that_was_tested(data, definition, model, make_context, tmp_path):
    declared = definition.model_copy(update={"split": SplitRule(test_dates=2, refit=False)})
    kept = train(declared, model, data=data, context=make_context(tmp_path))
    split = kept.findings.split
    assert kept.bundle.booster.text == kept.findings.judgement.tested.booster.text
    assert kept.bundle.origin.as_of_dates == tuple(day.isoformat() for day in split.train)


def test_a_model_that_learns_what_there_is_to_learn_passes_its_gates(trained):
    assert [(gate.name, gate.passed) for gate in trained.gates] == [
        ("data_contract", True),
        ("enough_events", True),
        ("beats_by_hand", True),
        ("not_worse", True),
        ("plausible_auc", True),
        ("no_indicator_betrays", True),
        ("missingness_says_little", True),
        ("shuffled_futures_give_chance", True),
        ("calibrated", True),
        ("stable", True),
        ("quick", True),
    ]
    assert trained.metrics["auc"] > 0.75
    assert trained.metrics["average_precision"] > trained.baselines["prior_count"]["average_precision"]


def test_a_leaked_column_is_caught_and_named(make_data, definition, model, make_context, tmp_path):
    leaked = train(definition, model, data=make_data(leak=True), context=make_context(tmp_path))
    failed = {gate.name: gate.detail for gate in leaked.gates if not gate.passed}
    assert "moves (AUC 1.000" in failed["no_indicator_betrays"]
    assert "plausible_auc" in failed
    assert not leaked.passed


def test_what_the_audit_returns_lies_in_the_bundle(trained):
    assert read_bundle(trained.bundle.folder).evidence["audit.json"] == b'{"verdict": "pass"}'


def test_whoever_trained_reads_the_audits_verdict(trained):
    assert trained.audited == "pass."


def test_the_evidence_tells_which_indicators_are_asked_about_and_were_never_unknown(trained):
    told = {each["name"]: each for each in trained.bundle.evidence_json("indicators.json")}
    asked = {name: each["unknown_is_none"] for name, each in told.items() if each["asked_about"]}
    assert asked == {name: name != "absence" for name in asked}
    assert {"referrals", "incidents", "absence"} <= set(asked)


def test_no_family_is_named_in_the_bundle(trained):
    held = b"".join(_files(trained.bundle.folder).values())
    assert b"f_0000" not in held


def test_the_evidence_tells_dates_and_counts_of_every_use(trained):
    told = json.loads(trained.bundle.evidence["split.json"])
    assert told["dates"]["test"] == ["2023-07-02", "2023-10-01"]
    assert told["counts"]["test"]["rows"] == np.isfinite(trained.predictions.label).sum()
    assert told["counts"]["test"]["outcomes"] == np.nansum(trained.predictions.label)


def test_families_already_in_train_are_counted_apart(trained, data):
    told = json.loads(trained.bundle.evidence["split.json"])["left_out"]
    assert told == {"already_in_train": int(data.labels.already_in_train.sum()), "censored": 0, "not_matured": 0}


def test_the_definition_as_it_was_used_is_evidence(trained, definition):
    assert TrainingDefinition.model_validate_json(trained.bundle.evidence["training.json"]) == definition


def test_a_matrix_of_another_plan_is_refused(data, definition, model, make_context, tmp_path):
    other = replace(data.matrix, names=("referrals", "incidents", "absence", "moves", "visits"))
    with pytest.raises(DataError, match="The matrix is not of this plan"):
        train(definition, model, data=TrainingData(other, data.labels, data.plan), context=make_context(tmp_path))


def test_a_baseline_that_the_model_cannot_have_is_refused_before_training(
    data, definition, model, make_context, tmp_path
):
    declared = definition.model_copy(update={"baselines": Baselines(count="referals")})
    with pytest.raises(DeclarationError, match=r"'referals' is no indicator of the model.*Did you mean referrals"):
        train(declared, model, data=data, context=make_context(tmp_path))


def test_dates_without_any_outcome_cannot_be_learnt_from(data, definition, model, make_context, tmp_path):
    late = data.labels.as_of_date > np.datetime64("2023-06-01")
    labels = replace(data.labels, label=np.where(late, data.labels.label, 0.0))
    with pytest.raises(DataError, match="The dates to learn from hold 0 outcomes in"):
        train(definition, model, data=TrainingData(data.matrix, labels, data.plan), context=make_context(tmp_path))
