import json
from dataclasses import replace

import numpy as np
import pytest

from targeting.models.bundle import BundleError, read_bundle, write_bundle


@pytest.fixture
def bundle(tmp_path, contents):
    return write_bundle(tmp_path / "escalation", contents)


def _bytes(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_equal_contents_give_equal_bytes_and_an_equal_version(tmp_path, contents, bundle):
    again = write_bundle(tmp_path / "elsewhere", contents)
    assert (again.version, again.digest) == (bundle.version, bundle.digest)
    assert _bytes(again.folder) == _bytes(bundle.folder)


def test_a_bundle_holds_no_code(bundle):
    assert sorted(_bytes(bundle.folder)) == [
        "booster.txt",
        "calibrator.json",
        "evidence/gates.json",
        "manifest.json",
        "plan.json",
    ]


def test_a_bundle_read_gives_the_margins_and_probabilities_of_the_model_written(bundle, contents, made):
    read = read_bundle(bundle.folder)
    margins = contents.booster.trees.predict(made.X, raw_score=True)
    assert np.array_equal(read.margins(made.X), margins)
    assert np.array_equal(read.probability(margins), contents.calibrator.probability(margins))
    assert read.origin == contents.origin


def test_another_piece_of_evidence_makes_another_version(tmp_path, contents, bundle):
    other = write_bundle(tmp_path, replace(contents, evidence={**contents.evidence, "audit.json": b"{}"}))
    assert other.version != bundle.version


def test_writing_a_bundle_again_keeps_the_signatures_that_it_has(tmp_path, contents, bundle):
    signature = bundle.folder / "signatures" / "Ada.json"
    signature.parent.mkdir()
    signature.write_text("{}")
    assert write_bundle(tmp_path / "escalation", contents).folder == bundle.folder
    assert signature.exists()


@pytest.mark.parametrize("name", ["booster.txt", "calibrator.json", "plan.json", "evidence/gates.json"])
def test_a_file_changed_by_hand_is_found_and_named(bundle, name):
    path = bundle.folder / name
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(BundleError, match=rf"{name} was changed after the bundle was written"):
        read_bundle(bundle.folder)


def test_every_fault_of_a_bundle_is_told_at_once(bundle):
    (bundle.folder / "plan.json").unlink()
    (bundle.folder / "calibrator.json").write_text("{}")
    (bundle.folder / "evidence" / "extra.py").write_text("import os")
    with pytest.raises(BundleError) as raised:
        read_bundle(bundle.folder)
    for part in ("plan.json is missing", "calibrator.json was changed", "evidence/extra.py does not belong to it"):
        assert part in str(raised.value)


def test_a_manifest_that_leaves_the_calibrator_out_is_refused(bundle):
    path = bundle.folder / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["files"]["calibrator.json"]
    path.write_text(json.dumps(manifest))
    with pytest.raises(BundleError, match=r"calibrator.json does not belong to it"):
        read_bundle(bundle.folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "it is not JSON"), ('{"format": 99}', "has format 99; this version reads 1")],
)
def test_a_manifest_that_cannot_be_read_says_why(bundle, text, message):
    (bundle.folder / "manifest.json").write_text(text)
    with pytest.raises(BundleError, match=message):
        read_bundle(bundle.folder)


def test_a_manifest_without_its_origin_is_refused(bundle):
    path = bundle.folder / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["origin"]["trainer"]
    path.write_text(json.dumps(manifest))
    with pytest.raises(BundleError, match="does not say where the model comes from"):
        read_bundle(bundle.folder)


def test_a_folder_that_is_no_bundle_is_named(tmp_path):
    with pytest.raises(BundleError, match=r"holds no manifest.json: it is not a bundle"):
        read_bundle(tmp_path)


@pytest.mark.parametrize("name", ["../../outside.json", "a/b.json", "A.json", ""])
def test_evidence_has_plain_names(tmp_path, contents, name):
    with pytest.raises(BundleError, match="is no plain file name for evidence"):
        write_bundle(tmp_path, replace(contents, evidence={name: b""}))


def test_evidence_that_is_not_there_is_named(bundle):
    with pytest.raises(BundleError, match=rf"escalation {bundle.version} holds no evidence/audit.json"):
        bundle.evidence_json("audit.json")
