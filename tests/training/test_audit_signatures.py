import shutil
from datetime import date
from pathlib import Path

import pytest

from targeting.fairness.results import Signed
from targeting.models.bundle import read_bundle
from targeting.models.signatures import SignatureError, Signer, make_key, sign_bundle
from targeting.serving.audit_signatures import signed_on


@pytest.fixture
def bundle(trained, tmp_path):
    return read_bundle(Path(shutil.copytree(trained.bundle.folder, tmp_path / trained.bundle.folder.name)))


@pytest.fixture
def signers(tmp_path):
    roles = {"Ada": "service_lead", "Ben": "data_protection"}
    return tuple(Signer(name=name, role=role, public_key=make_key(tmp_path / name)) for name, role in roles.items())


def test_who_signed_is_named_with_the_role_and_until_when_what_cannot_be_told_is_accepted(bundle, signers, tmp_path):
    assert signed_on(bundle, signers) == ()
    sign_bundle(bundle, name="Ada", key=tmp_path / "Ada", signers=signers, re_audit_by=date(2026, 6, 1))
    assert signed_on(bundle, signers) == (Signed(role="Service lead", name="Ada", accepts_until="2026-06-01"),)
    sign_bundle(bundle, name="Ben", key=tmp_path / "Ben", signers=signers)
    assert signed_on(bundle, signers)[1] == Signed(role="Data protection officer", name="Ben")


def test_nobody_is_named_whose_signature_does_not_hold(bundle, signers, tmp_path):
    path = sign_bundle(bundle, name="Ada", key=tmp_path / "Ada", signers=signers)
    path.write_text(path.read_text().replace("null", '"2030-01-01"'))
    with pytest.raises(SignatureError, match="Ada's signature does not hold under the key"):
        signed_on(bundle, signers)
