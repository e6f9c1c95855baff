"""`targeting sign`: whoever signs reads what promotion still lacks."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from targeting.commands import main
from targeting.models.bundle import BundleContents, write_bundle
from targeting.models.signatures import make_key
from targeting.project.template import copy_template

ROLES = {"Ada": "service_lead", "Ben": "data_protection"}
Sign = Callable[..., tuple[int, str]]


@pytest.fixture
def sign(
    contents: BundleContents, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Sign:
    """Return what signs a candidate whose gates passed and whose audit cannot tell: exit code, and what was said."""
    project = tmp_path / "district"
    copy_template(project)
    keys = {name: make_key(tmp_path / name) for name in ROLES}
    declared = [f'[[signer]]\nname = "{name}"\nrole = "{ROLES[name]}"\npublic_key = "{keys[name]}"\n' for name in keys]
    (project / "serving" / "signers.toml").write_text("\n".join(declared), encoding="utf-8")
    evidence = {**contents.evidence, "audit.json": json.dumps({"verdict": "cannot tell"}).encode()}
    bundle = write_bundle(project / "var" / "candidates" / "escalation", replace(contents, evidence=evidence))

    def signed(name: str, *more: str) -> tuple[int, str]:
        asked = ("sign", "escalation", bundle.version, "--as", name, "--key", str(tmp_path / name), *more)
        monkeypatch.setattr(sys, "argv", ["targeting", "--project", str(project), *asked])
        with pytest.raises(SystemExit) as stopped:
            main()
        return int(stopped.value.code or 0), " ".join("".join(capsys.readouterr()).split())

    return signed


def test_whoever_signs_reads_what_promotion_still_lacks(sign: Sign) -> None:
    code, told = sign("Ada")
    assert code == 0
    assert "is not signed by a data protection officer: `targeting sign escalation" in told
    assert "no data protection officer accepted that until a date" in sign("Ben")[1]
    assert "It may come into use: `targeting promote escalation" in sign("Ben", "--re-audit-by", "2999-01-01")[1]


def test_an_acceptance_until_a_day_that_has_passed_is_refused(sign: Sign) -> None:
    code, told = sign("Ben", "--re-audit-by", "2020-01-01")
    assert code == 2
    assert "--re-audit-by 2020-01-01 has passed. Name the day until which the audit is made again." in told
