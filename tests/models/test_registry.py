import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from functools import partial

import pytest

from targeting.errors import TargetingError
from targeting.models.bundle import BundleError, write_bundle
from targeting.models.points import points
from targeting.models.registry import (
    PromotionError,
    bundle_of_digest,
    candidate,
    current_bundle,
    promote,
    read_champions,
    rollback,
)
from targeting.models.signatures import SignatureError, Signer, make_key, sign_bundle
from targeting.models.suspension import SuspendedError, Suspension, lift, read_suspensions, suspend

TODAY = date(2026, 3, 29)
PASSED = {"name": "calibrated", "passed": True, "detail": "Slope 1.000."}
FAILED = {"name": "plausible_auc", "passed": False, "detail": "AUC 0.990; above 0.92 look for a leak."}


@pytest.fixture
def signers(tmp_path):
    roles = {"Ada": "service_lead", "Ben": "data_protection"}
    return tuple(
        Signer(name=name, role=role, public_key=make_key(tmp_path / "keys" / name)) for name, role in roles.items()
    )


@pytest.fixture
def data_folder(tmp_path):
    folder = tmp_path / "var"
    folder.mkdir()
    return folder


@pytest.fixture
def signed(contents, signers, tmp_path):
    """Return a maker of bundles signed by Ada and Ben, with the gates and the audit given."""

    def make(*, gates=(PASSED,), verdict="pass", names=("Ada", "Ben"), re_audit_by=None):
        evidence = {"gates.json": json.dumps(gates).encode()}
        if verdict is not None:
            evidence["audit.json"] = json.dumps({"verdict": verdict}).encode()
        bundle = write_bundle(tmp_path / "candidates" / "escalation", replace(contents, evidence=evidence))
        for name in names:
            sign_bundle(bundle, name=name, key=tmp_path / "keys" / name, signers=signers, re_audit_by=re_audit_by)
        return bundle

    return make


def test_what_was_promoted_is_what_is_in_use(signed, data_folder, signers):
    bundle = signed()
    promote(bundle, data_folder, signers=signers, on=TODAY)
    used = current_bundle(data_folder, "escalation", signers=signers, on=TODAY)
    assert used.folder == data_folder / "bundles" / "escalation" / bundle.version
    assert (used.digest, used.origin) == (bundle.digest, bundle.origin)


def test_a_later_promotion_takes_its_place_and_the_earlier_bundle_stays(signed, data_folder, signers):
    first, second = signed(), signed(verdict="concern")
    for bundle in (first, second):
        promote(bundle, data_folder, signers=signers, on=TODAY)
    assert read_champions(data_folder)["escalation"].version == second.version
    assert (data_folder / "bundles" / "escalation" / first.version / "manifest.json").exists()


@pytest.mark.parametrize(
    ("made_with", "reason"),
    [
        ({"gates": (PASSED, FAILED)}, r"gate plausible_auc failed \(AUC 0.990; above 0.92 look for a leak\)"),
        ({"gates": ()}, "its evidence holds no gates"),
        ({"verdict": "fail"}, "the fairness audit says fail"),
        ({"verdict": None}, "it was not audited for fairness"),
        ({"verdict": "splendid"}, "the fairness audit says splendid"),
        ({"verdict": "cannot tell"}, "cannot tell, and no data protection officer accepted that"),
        (
            {"verdict": "cannot tell", "re_audit_by": date(2026, 3, 28)},
            "the audit that could not tell was to be made again by 2026-03-28",
        ),
    ],
)
def test_a_bundle_that_may_not_be_used_is_refused_with_the_reason(signed, data_folder, signers, made_with, reason):
    with pytest.raises(PromotionError, match=reason):
        promote(signed(**made_with), data_folder, signers=signers, on=TODAY)
    assert read_champions(data_folder) == {}
    assert not (data_folder / "bundles").exists()


def test_every_reason_is_told_at_once(signed, data_folder, signers):
    with pytest.raises(PromotionError, match=r"gate plausible_auc failed .*; the fairness audit says fail"):
        promote(signed(gates=(FAILED,), verdict="fail"), data_folder, signers=signers, on=TODAY)


def test_an_audit_that_cannot_tell_is_accepted_by_data_protection_until_a_date(signed, data_folder, signers):
    bundle = signed(verdict="cannot tell", re_audit_by=date(2026, 6, 1))
    promote(bundle, data_folder, signers=signers, on=TODAY)
    current_bundle(data_folder, "escalation", signers=signers, on=date(2026, 6, 1))
    with pytest.raises(PromotionError, match="was to be made again by 2026-06-01"):
        current_bundle(data_folder, "escalation", signers=signers, on=date(2026, 6, 2))


def test_a_bundle_without_both_signatures_is_refused(signed, data_folder, signers):
    with pytest.raises(SignatureError, match="is not signed by a data protection officer"):
        promote(signed(names=("Ada",)), data_folder, signers=signers, on=TODAY)


def test_a_bundle_edited_by_hand_is_neither_promoted_nor_used(signed, data_folder, signers):
    bundle = signed()
    used = promote(bundle, data_folder, signers=signers, on=TODAY)
    for folder in (bundle.folder, used.folder):
        (folder / "evidence" / "gates.json").write_text("[]")
    with pytest.raises(BundleError, match=r"evidence/gates.json was changed"):
        promote(bundle, data_folder, signers=signers, on=TODAY)
    with pytest.raises(BundleError, match=r"evidence/gates.json was changed"):
        current_bundle(data_folder, "escalation", signers=signers, on=TODAY)


def test_promoting_onto_a_copy_that_was_changed_leaves_the_version_in_use_as_it_was(signed, data_folder, signers):
    earlier = signed()
    copy = promote(earlier, data_folder, signers=signers, on=TODAY)
    later = promote(signed(gates=(PASSED, PASSED)), data_folder, signers=signers, on=TODAY)
    (copy.folder / "evidence" / "gates.json").write_text("[]")
    with pytest.raises(BundleError, match=r"evidence/gates.json was changed"):
        promote(earlier, data_folder, signers=signers, on=TODAY)
    assert current_bundle(data_folder, "escalation", signers=signers, on=TODAY).digest == later.digest


def test_a_manifest_edited_to_agree_is_found_by_the_digest_of_the_one_promoted(signed, data_folder, signers):
    used = promote(signed(), data_folder, signers=signers, on=TODAY)
    path = used.folder / "manifest.json"
    path.write_text(path.read_text().replace("Tess", "Nobody"))
    with pytest.raises(PromotionError, match="is not what was promoted: its manifest was changed"):
        current_bundle(data_folder, "escalation", signers=signers, on=TODAY)


def test_a_signature_taken_away_after_promotion_takes_the_model_out_of_use(signed, data_folder, signers):
    used = promote(signed(), data_folder, signers=signers, on=TODAY)
    (used.folder / "signatures" / "Ben.json").unlink()
    with pytest.raises(SignatureError, match="is not signed by a data protection officer"):
        current_bundle(data_folder, "escalation", signers=signers, on=TODAY)


def test_promoting_again_brings_a_later_signature_along(signed, data_folder, signers):
    promote(signed(), data_folder, signers=signers, on=TODAY)
    later = signed(re_audit_by=date(2027, 1, 1))
    used = promote(later, data_folder, signers=signers, on=TODAY)
    assert "2027-01-01" in (used.folder / "signatures" / "Ben.json").read_text()


def test_before_any_promotion_the_message_says_what_to_type(data_folder, signers):
    with pytest.raises(
        TargetingError, match="No version of escalation was promoted yet: `targeting promote escalation"
    ):
        current_bundle(data_folder, "escalation", signers=signers, on=TODAY)


def test_a_register_that_cannot_be_read_is_named(data_folder):
    (data_folder / "champions.json").write_text("[")
    with pytest.raises(PromotionError, match=r"champions.json cannot be read"):
        read_champions(data_folder)


def test_a_candidate_is_found_by_the_beginning_of_its_version(signed):
    bundle = signed()
    candidates = bundle.folder.parent.parent
    assert candidate(candidates, "escalation", bundle.version[:5]).digest == bundle.digest
    with pytest.raises(
        TargetingError, match=f"Version 'zz' of escalation does not exist. Those that do: {bundle.version}"
    ):
        candidate(candidates, "escalation", "zz")


def test_an_empty_version_names_none(signed):
    with pytest.raises(TargetingError, match="Version '' of escalation does not exist"):
        candidate(signed().folder.parent.parent, "escalation", "")


def test_a_bundle_is_found_by_its_digest_and_a_lost_one_is_said(signed, data_folder, signers):
    bundle = signed()
    promote(bundle, data_folder, signers=signers, on=TODAY)
    assert bundle_of_digest(data_folder, "escalation", bundle.digest).version == bundle.version
    with pytest.raises(TargetingError, match=r"the bundle 0{12} is not in .*bundles/escalation\."):
        bundle_of_digest(data_folder, "escalation", "0" * 64)


def test_going_back_brings_the_earlier_version_into_use_and_again_the_one_before(signed, data_folder, signers):
    bundles = [signed(), signed(verdict="concern"), signed(gates=(PASSED, PASSED))]
    for bundle in bundles:
        promote(bundle, data_folder, signers=signers, on=TODAY)
    for expected in (bundles[1], bundles[0]):
        assert rollback(data_folder, "escalation", signers=signers, on=TODAY).version == expected.version
        assert current_bundle(data_folder, "escalation", signers=signers, on=TODAY).version == expected.version
    with pytest.raises(TargetingError, match="No earlier version of escalation was in use"):
        rollback(data_folder, "escalation", signers=signers, on=TODAY)


def test_a_version_promoted_twice_is_no_earlier_version_of_itself(signed, data_folder, signers):
    bundle = signed()
    for _ in range(2):
        promote(bundle, data_folder, signers=signers, on=TODAY)
    assert read_champions(data_folder)["escalation"].earlier == ()


def test_an_earlier_version_edited_by_hand_does_not_come_back(signed, data_folder, signers):
    first = promote(signed(), data_folder, signers=signers, on=TODAY)
    second = promote(signed(verdict="concern"), data_folder, signers=signers, on=TODAY)
    path = first.folder / "manifest.json"
    path.write_text(path.read_text().replace("Tess", "Nobody"))
    with pytest.raises(PromotionError, match="is not what was promoted: its manifest was changed"):
        rollback(data_folder, "escalation", signers=signers, on=TODAY)
    (first.folder / "evidence" / "gates.json").write_text("[]")
    with pytest.raises(BundleError, match=r"evidence/gates.json was changed"):
        rollback(data_folder, "escalation", signers=signers, on=TODAY)
    assert read_champions(data_folder)["escalation"].version == second.version


def test_while_flags_are_suspended_no_list_can_be_made(signed, data_folder, signers):
    promote(signed(), data_folder, signers=signers, on=TODAY)
    suspend(data_folder, "escalation", Suspension(TODAY, "Ada", "the police feed stopped"))
    with pytest.raises(
        SuspendedError, match="Flags of escalation are suspended since 2026-03-29 by Ada: the police feed stopped"
    ):
        current_bundle(data_folder, "escalation", signers=signers, on=TODAY)
    lift(data_folder, "escalation")
    assert current_bundle(data_folder, "escalation", signers=signers, on=TODAY).model == "escalation"
    with pytest.raises(TargetingError, match="escalation is not suspended"):
        lift(data_folder, "escalation")


def test_a_register_of_suspensions_that_cannot_be_read_suspends_every_model(signed, data_folder, signers):
    promote(signed(), data_folder, signers=signers, on=TODAY)
    (data_folder / "suspended.json").write_text("[]")
    with pytest.raises(SuspendedError, match="cannot be read, so every model is suspended"):
        current_bundle(data_folder, "escalation", signers=signers, on=TODAY)


def test_a_bundle_holds_the_points_rule_that_takes_its_place_and_the_models_as_good(contents, made, tmp_path):
    rule = b'[{"indicator": "referrals", "at_least": 2, "points": 1.5}]'
    evidence = {**contents.evidence, "points_rule.json": rule}
    written = replace(contents, evidence=evidence, as_good=(made.booster, made.booster))
    bundle = write_bundle(tmp_path / "candidates", written)
    assert points(made.X, made.booster.names, bundle.points_rule).tolist() == (1.5 * (made.X[:, 0] >= 2)).tolist()
    assert [each.text for each in bundle.as_good] == [made.booster.text] * 2


def at_once(*works):
    """Run each work in a thread of its own, all at the same time, and return once every one has ended well."""
    with ThreadPoolExecutor(len(works)) as pool:
        for each in [pool.submit(work) for work in works]:
            each.result()


def test_suspensions_made_at_once_are_all_kept(data_folder):
    models = [f"model_{number}" for number in range(12)]
    at_once(*(partial(suspend, data_folder, name, Suspension(TODAY, "Ann", "A test")) for name in models))
    assert sorted(read_suspensions(data_folder)) == sorted(models)
    at_once(*(partial(lift, data_folder, name) for name in models[1:]))
    assert list(read_suspensions(data_folder)) == models[:1]
    assert [path.name for path in data_folder.iterdir() if path.name.startswith(".suspended.json-")] == []


def test_a_bundle_promoted_by_several_at_once_is_whole_and_in_use(signed, data_folder, signers):
    bundle = signed()
    at_once(*(partial(promote, bundle, data_folder, signers=signers, on=TODAY) for _ in range(6)))
    assert current_bundle(data_folder, "escalation", signers=signers, on=TODAY).digest == bundle.digest
    assert read_champions(data_folder)["escalation"].earlier == ()
    assert [path.name for path in (data_folder / "bundles" / "escalation").iterdir()] == [bundle.version]


def test_a_bundle_written_by_several_at_once_is_whole(contents, tmp_path):
    at_once(*(partial(write_bundle, tmp_path / "escalation", contents) for _ in range(6)))
    assert [path.name for path in (tmp_path / "escalation").iterdir()] == [
        write_bundle(tmp_path / "escalation", contents).version
    ]
