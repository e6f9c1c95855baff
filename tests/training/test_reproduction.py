from dataclasses import replace

import numpy as np
import pytest

from targeting.errors import DataError
from targeting.models.bundle import BundleContents, read_bundle, write_bundle
from targeting.training.experiment import TrainingData, train
from targeting.training.reproduction import block_digests, compare_bundles, share_of_rows

AUDIT = {"audit.json": b'{"verdict": "pass"}'}


def _again(given, folder, *, definition, model, make_context, **changes):
    context = replace(make_context(folder), **changes)
    return train(definition, model, data=given, context=context, audit=lambda _: AUDIT)


def test_trained_again_from_the_same_inputs_every_file_is_the_same(
    trained, *, data, definition, model, make_context, tmp_path
):
    again = _again(data, tmp_path, definition=definition, model=model, make_context=make_context)
    found = compare_bundles(trained.bundle, again.bundle, rows=again.findings.rows)
    assert (found.verdict, found.rows, found.differs, found.because) == ("verified", 1.0, (), ())
    assert found.sentence == "Verified: trained again, every file of the bundle came out the same."


def test_after_an_erasure_a_version_is_verified_in_part_and_it_is_said_how_much(
    trained, *, data, definition, model, make_context, tmp_path
):
    erased = set(np.unique(data.matrix.family_id)[[7, 9]].tolist())
    kept = np.array([family not in erased for family in data.matrix.family_id.tolist()])
    labels = replace(data.labels, **{name: getattr(data.labels, name)[kept] for name in vars(data.labels)})
    less = TrainingData(data.matrix.rows(kept), labels, data.plan)
    again = _again(
        less,
        tmp_path,
        definition=definition,
        model=model,
        make_context=make_context,
        generation="g2",
        data_digest="f" * 64,
    )
    found = compare_bundles(trained.bundle, again.bundle, rows=again.findings.rows)
    assert found.verdict == "verified in part"
    # 400 families lie in some two hundred of the 256 blocks; two of these are no longer the same.
    blocks = len({each for each in range(256) if any(held[each] for held in _digests(trained).values())})
    assert found.rows == pytest.approx(1 - 2 / blocks, abs=0.004)
    assert found.sentence.startswith(f"Verified in part: {found.rows:.1%} of the blocks of rows")
    assert found.because == ("the data were generation g1 and are g2",)


def test_after_an_objection_the_same_data_are_verified_in_part(trained, tmp_path):
    """Nothing is learnt from the family of somebody who objected: the rows are fewer, the generation is the same."""
    rows = trained.findings.rows
    fewer = rows.where(rows.family != 7)
    changed = _rewritten(trained.bundle, tmp_path, plan_json="{}")
    found = compare_bundles(trained.bundle, changed, rows=fewer, objected=True)
    assert found.verdict == "verified in part"
    assert 0.98 < found.rows < 1
    assert found.because == ("people have objected, and nothing is learnt from their families",)
    assert compare_bundles(trained.bundle, changed, rows=fewer).verdict == "not verified"
    assert compare_bundles(trained.bundle, changed, rows=rows, objected=True).verdict == "not verified"


def _digests(trained):
    return trained.bundle.evidence_json("rows.json")


def test_on_the_same_data_another_outcome_is_not_verified_and_each_file_is_named(trained, tmp_path):
    changed = _rewritten(trained.bundle, tmp_path, plan_json="{}")
    found = compare_bundles(trained.bundle, changed, rows=trained.findings.rows)
    assert (found.verdict, found.differs) == ("not verified", ("plan.json",))
    assert found.sentence == "Not verified: plan.json came out otherwise."


def test_what_is_known_to_be_other_is_told(trained, tmp_path):
    origin = replace(trained.bundle.origin, declarations="a" * 64, code_version="0.2.0")
    changed = _rewritten(trained.bundle, tmp_path, origin=origin)
    assert compare_bundles(trained.bundle, changed, rows=trained.findings.rows).because == (
        f"the declarations were {'e' * 12} and are {'a' * 12}",
        "the code was version 0.1.0 and is 0.2.0",
    )


def test_a_bundle_without_digests_of_its_rows_cannot_be_compared(trained, tmp_path):
    evidence = {name: held for name, held in trained.bundle.evidence.items() if name != "rows.json"}
    older = _rewritten(trained.bundle, tmp_path, evidence=evidence)
    with pytest.raises(DataError, match="holds no digests of its rows; train a newer one"):
        compare_bundles(older, trained.bundle, rows=trained.findings.rows)


def test_one_value_changed_costs_one_block(rows, copied):
    digests = block_digests(rows)
    held = copied(rows)
    held.X[0, 0] += 1
    blocks = sum(bool(each) for held in digests.values() for each in held)
    assert share_of_rows(held, digests) == pytest.approx(1 - 1 / blocks)


def _rewritten(bundle, folder, **changes):
    contents = BundleContents(
        origin=bundle.origin,
        booster=bundle.booster,
        calibrator=bundle.calibrator,
        plan_json=bundle.plan_json,
        evidence=bundle.evidence,
        as_good=bundle.as_good,
    )
    return read_bundle(write_bundle(folder, replace(contents, **changes)).folder)
