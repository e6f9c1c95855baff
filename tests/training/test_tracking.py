import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from targeting.errors import TargetingError


def test_training_signing_and_promoting_import_no_mlflow():
    code = (
        "import sys; import targeting.training.experiment, targeting.models.registry, targeting.models.signatures;"
        "sys.exit('mlflow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_training_is_recorded_registered_and_served_by_mlflow_as_by_its_bundle(trained, data, tmp_path):
    tracking = pytest.importorskip("targeting.training.tracking")
    mlflow = tracking.mlflow
    mlruns = tmp_path / "mlruns"
    recorded = tracking.record(trained, mlruns=mlruns)
    client = mlflow.MlflowClient(tracking.tracking_uri(mlruns))

    run = client.get_run(recorded.run_id)
    assert run.data.metrics["test.auc"] == trained.metrics["auc"]
    assert run.data.metrics["baseline.prior_count.auc"] == trained.baselines["prior_count"]["auc"]
    assert run.data.metrics["gate.calibrated"] == 1.0
    assert run.data.tags["bundle_digest"] == trained.bundle.digest
    assert [each.dataset.name for each in run.inputs.dataset_inputs] == ["generation g1"]
    nested = client.search_runs([run.info.experiment_id], f"tags.mlflow.parentRunId = '{recorded.run_id}'")
    assert len(nested) == len(trained.findings.search.trials)
    kept = {each.path for folder in ("bundle", "charts") for each in client.list_artifacts(recorded.run_id, folder)}
    drawn = ("calibration", "contributions", "dependence", "net_benefit", "precision_recall", "stability")
    assert {"bundle/manifest.json", *(f"charts/{name}.svg" for name in drawn)} <= kept
    assert run.data.metrics["milliseconds_a_family"] == trained.findings.judgement.milliseconds
    assert run.data.tags["verdict"] == trained.verdict.sentence

    version = client.get_model_version_by_alias("escalation", "challenger")
    assert (str(version.version), version.tags["bundle_version"]) == (recorded.model_version, trained.version)
    served = mlflow.pyfunc.load_model("models:/escalation@challenger")
    X = data.matrix.values[:60]
    answered = served.predict(pd.DataFrame(X, columns=list(data.matrix.names)))
    assert np.array_equal(answered["margin"], trained.bundle.margins(X))
    assert np.array_equal(answered["probability"], trained.bundle.probability(trained.bundle.margins(X)))

    tracking.mark_champion("escalation", trained.version, mlruns=mlruns)
    assert client.get_model_version_by_alias("escalation", "champion").version == version.version
    with pytest.raises(TargetingError, match="knows no version of escalation that holds bundle 000000000000"):
        tracking.mark_champion("escalation", "000000000000", mlruns=mlruns)

    families = {family.encode() for family in data.matrix.family_id[:5]}
    written = [path.read_bytes() for path in mlruns.rglob("*") if path.is_file()]
    assert not any(family in content for family in families for content in written)
