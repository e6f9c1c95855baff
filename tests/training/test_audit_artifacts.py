"""The audit that MLflow keeps is the one in the bundle: what is withheld in one is withheld in the other."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from targeting.fairness.audit import audit
from targeting.fairness.audit_input import AuditInput
from targeting.fairness.definition import Policy
from targeting.fairness.output import audit_files
from targeting.models.bundle import BundleContents, write_bundle

POLICY = Policy.model_validate(
    {"cuts": ("top:10%",), "attribute": ({"name": "group", "column": "group", "reference": "b"},)}
)


def test_the_artifacts_of_mlflow_are_the_audits_files_to_the_byte(trained, tmp_path):
    tracking = pytest.importorskip("targeting.training.tracking")
    few = AuditInput(
        entity=np.array([f"p{number:04}" for number in range(203)]),
        score=np.linspace(0.0, 1.0, 203),
        label=np.arange(203.0) % 4 == 0,
        attributes={"group": np.repeat(["a", "b", "c"], [3, 120, 80])},
    )
    files = audit_files(audit(few, POLICY, title="Escalation"))
    assert b'"group":"a","words":"a","overall":{"n":{"value":"c"}' in files["audit.json"]
    held = trained.bundle
    contents = BundleContents(
        origin=held.origin,
        booster=held.booster,
        calibrator=held.calibrator,
        plan_json=held.plan_json,
        evidence={**held.evidence, **files},
    )
    audited = replace(trained, bundle=write_bundle(tmp_path / "bundles", contents))
    recorded = tracking.record(audited, mlruns=tmp_path / "mlruns")
    client = tracking.mlflow.MlflowClient(tracking.tracking_uri(tmp_path / "mlruns"))
    kept = Path(client.download_artifacts(recorded.run_id, "bundle/evidence", str(tmp_path)))
    assert {name: (kept / name).read_bytes() for name in files} == files
