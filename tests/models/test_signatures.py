import json
import stat
from dataclasses import replace
from datetime import date

import pytest

from targeting.errors import TargetingError
from targeting.models.bundle import read_bundle, write_bundle
from targeting.models.signatures import (
    SignatureError,
    Signer,
    accept_signature,
    holds,
    make_key,
    read_key,
    read_signatures,
    sign_bundle,
    verify_signatures,
)


@pytest.fixture
def keys(tmp_path):
    return tmp_path / "keys"


@pytest.fixture
def signers(keys):
    """Ada leads the service, Ben protects data, Tess trained the model."""
    roles = {"Ada": "service_lead", "Ben": "data_protection", "Tess": "data_protection"}
    return tuple(Signer(name=name, role=role, public_key=make_key(keys / name)) for name, role in roles.items())


@pytest.fixture
def bundle(contents, tmp_path):
    return write_bundle(tmp_path / "escalation", _contents(contents))


def _contents(contents, **changes):
    return replace(
        contents, origin=replace(contents.origin, **changes), evidence={"audit.json": b'{"verdict": "pass"}'}
    )


def _sign(bundle, keys, signers, *names, **how):
    for name in names:
        sign_bundle(bundle, name=name, key=keys / name, signers=signers, **how)


def test_a_bundle_signed_in_both_roles_holds(bundle, keys, signers):
    _sign(bundle, keys, signers, "Ada", "Ben", re_audit_by=date(2026, 6, 1))
    held = verify_signatures(read_bundle(bundle.folder), signers)
    assert [(each.name, each.re_audit_by) for each in held] == [("Ada", date(2026, 6, 1)), ("Ben", date(2026, 6, 1))]


@pytest.mark.parametrize(
    ("signed", "missing"),
    [
        ((), "a service lead and a data protection officer"),
        (("Ada",), "a data protection officer"),
        (("Ben",), "a service lead"),
    ],
)
def test_a_role_that_nobody_filled_is_named_with_what_to_type(bundle, keys, signers, signed, missing):
    _sign(bundle, keys, signers, *signed)
    with pytest.raises(
        SignatureError, match=f"is not signed by {missing}: `targeting sign escalation {bundle.version}"
    ):
        verify_signatures(bundle, signers)


def test_whoever_trained_the_model_may_not_sign_it(bundle, keys, signers):
    with pytest.raises(SignatureError, match=r"Tess trained escalation .* and may not sign it"):
        _sign(bundle, keys, signers, "Tess")


@pytest.mark.parametrize("trainer", ["tess", "TESS", " Tess  "])
def test_a_trainers_name_written_otherwise_is_the_same_person(contents, keys, signers, tmp_path, trainer):
    trained = write_bundle(tmp_path / "trained", _contents(contents, trainer=trainer))
    with pytest.raises(SignatureError, match=r"Tess trained escalation .* and may not sign it"):
        _sign(trained, keys, signers, "Tess")


def test_a_trainers_signature_laid_in_by_hand_does_not_hold(contents, bundle, keys, signers, tmp_path):
    other = write_bundle(tmp_path / "other", _contents(contents, trainer="Someone else"))
    _sign(other, keys, signers, "Tess")
    _sign(bundle, keys, signers, "Ada", "Ben")
    (bundle.folder / "signatures" / "Tess.json").write_bytes((other.folder / "signatures" / "Tess.json").read_bytes())
    with pytest.raises(SignatureError, match="Tess trained"):
        verify_signatures(bundle, signers)


def test_one_key_cannot_fill_both_roles(bundle, keys, signers):
    ada = signers[0]
    twice = (ada, Signer(name="Adam", role="data_protection", public_key=ada.public_key))
    sign_bundle(bundle, name="Ada", key=keys / "Ada", signers=twice)
    sign_bundle(bundle, name="Adam", key=keys / "Ada", signers=twice)
    with pytest.raises(SignatureError, match="is not signed by a service lead:"):
        verify_signatures(bundle, twice)


def test_a_key_that_is_not_the_names_is_refused(bundle, keys, signers):
    with pytest.raises(SignatureError, match=r"is not the one that signers.toml names for Ada"):
        sign_bundle(bundle, name="Ada", key=keys / "Ben", signers=signers)


def test_a_name_that_may_not_sign_is_told_who_may(bundle, keys, signers):
    with pytest.raises(SignatureError, match=r"Eve is not declared in signers.toml. Those that do: Ada, Ben, Tess"):
        sign_bundle(bundle, name="Eve", key=keys / "Ada", signers=signers)


def test_a_signature_of_someone_no_longer_declared_does_not_hold(bundle, keys, signers):
    _sign(bundle, keys, signers, "Ada", "Ben")
    with pytest.raises(SignatureError, match="Ada is not declared"):
        verify_signatures(bundle, signers[1:])


def test_evidence_changed_after_signing_and_written_into_the_manifest_is_found(
    contents, bundle, keys, signers, tmp_path
):
    _sign(bundle, keys, signers, "Ada", "Ben")
    changed = write_bundle(tmp_path / "changed", replace(_contents(contents), evidence={"audit.json": b"{}"}))
    (changed.folder / "signatures").mkdir()
    for path in (bundle.folder / "signatures").iterdir():
        (changed.folder / "signatures" / path.name).write_bytes(path.read_bytes())
    with pytest.raises(SignatureError, match=r"Ada signed another state of .*evidence were changed after signing"):
        verify_signatures(read_bundle(changed.folder), signers)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("re_audit_by", "2030-01-01", "Ada's signature does not hold"),
        ("name", "Ben", "Ben's signature does not hold"),
        ("signature", "AAAA", "Ada's signature does not hold"),
        ("signature", "?", "is no signature that can be read"),
        ("re_audit_by", "soon", "is no signature that can be read"),
    ],
)
def test_a_signature_changed_by_hand_does_not_hold(bundle, keys, signers, *, key, value, message):
    _sign(bundle, keys, signers, "Ada")
    path = bundle.folder / "signatures" / "Ada.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), key: value}))
    with pytest.raises(SignatureError, match=message):
        verify_signatures(bundle, signers)


def test_a_key_for_synthetic_data_signs_no_model_of_real_data(contents, keys, signers, tmp_path):
    demo = tuple(signer.model_copy(update={"synthetic_only": True}) for signer in signers)
    real = write_bundle(tmp_path / "real", _contents(contents, synthetic=False))
    with pytest.raises(SignatureError, match="Ada's key holds for synthetic data alone"):
        _sign(real, keys, demo, "Ada")
    _sign(real, keys, signers, "Ada", "Ben")
    with pytest.raises(SignatureError, match="holds for synthetic data alone"):
        verify_signatures(real, demo)


def test_a_private_key_is_readable_by_its_owner_alone_and_is_never_overwritten(keys, signers):
    assert stat.S_IMODE((keys / "Ada").stat().st_mode) == 0o600
    with pytest.raises(SignatureError, match="holds a key already"):
        make_key(keys / "Ada")


@pytest.mark.parametrize("content", [None, b"not a key"])
def test_a_file_that_holds_no_key_is_named(tmp_path, content):
    path = tmp_path / "lost.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SignatureError, match=r"lost.pem holds no Ed25519 private key"):
        read_key(path)


def test_a_public_key_that_is_none_is_named(bundle, keys, signers):
    _sign(bundle, keys, signers, "Ada")
    broken = (signers[0].model_copy(update={"public_key": "abc"}), *signers[1:])
    with pytest.raises(SignatureError, match=r"the public_key of Ada is no Ed25519 key"):
        verify_signatures(bundle, broken)
    assert issubclass(SignatureError, TargetingError)


def _signed_elsewhere(bundle, keys, signers, name):
    """Return the file that `name` made over a copy of the bundle, and leave none beside the bundle."""
    path = sign_bundle(bundle, name=name, key=keys / name, signers=signers, re_audit_by=date(2026, 9, 1))
    content = path.read_bytes()
    path.unlink()
    return content


def test_a_signature_made_elsewhere_is_kept_as_if_made_here(bundle, keys, signers):
    content = _signed_elsewhere(bundle, keys, signers, "Ada")
    kept = accept_signature(bundle, content, signers=signers)
    assert (kept.name, kept.re_audit_by) == ("Ada", date(2026, 9, 1))
    assert (bundle.folder / "signatures" / "Ada.json").read_bytes() == content
    assert [holds(each, bundle, signers) for each in read_signatures(bundle)] == [True]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"bundle_digest": "0" * 64}, "signed another state"),
        ({"re_audit_by": "2027-01-01"}, "does not hold under the key"),
        ({"name": "Zoe"}, "Zoe is not declared"),
        ({"name": 5}, "no signature that can be read"),
        ({"name": "Ben"}, "does not hold under the key"),
        ({"signature": "AAAA"}, "does not hold under the key"),
    ],
)
def test_a_signature_made_elsewhere_that_does_not_hold_is_not_kept(bundle, keys, signers, change, said):
    content = json.loads(_signed_elsewhere(bundle, keys, signers, "Ada")) | change
    with pytest.raises(SignatureError, match=said):
        accept_signature(bundle, json.dumps(content).encode(), signers=signers)
    assert read_signatures(bundle) == ()


@pytest.mark.parametrize("content", [b"", b"[]", b"[" * 100_000, b"\xff", b"{}"])
def test_what_is_no_signature_is_not_kept(bundle, signers, content):
    with pytest.raises(SignatureError, match="the file is no signature that can be read"):
        accept_signature(bundle, content, signers=signers)


def test_who_trained_a_model_hands_in_no_signature(contents, tmp_path, keys, signers):
    of_another, own = (
        write_bundle(tmp_path / trainer, _contents(contents, trainer=trainer)) for trainer in ("Uma", "Tess")
    )
    content = _signed_elsewhere(of_another, keys, signers, "Tess")
    with pytest.raises(SignatureError, match="Tess trained"):
        accept_signature(own, content, signers=signers)
