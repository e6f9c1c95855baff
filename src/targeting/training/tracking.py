"""Trainings in MLflow: SQLite and files below `mlruns/`. Measures and declarations only; no family's id or row.

One experiment a model; one run a training with a nested run a trial; the bundle registered as a version of the model,
under the aliases `challenger` and `champion`.
"""

import logging
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

# Set before MLflow is imported: it reports its use otherwise, and draws bars for files that are already here.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")

import mlflow
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, Metric, Param
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema

from targeting import __version__
from targeting.errors import TargetingError
from targeting.training.charts import calibration_chart, net_benefit_chart, precision_recall_chart, stability_chart
from targeting.training.contribution_charts import dependence_chart, sampled_contributions, swarm_chart
from targeting.training.evidence import EVALUATION, SPLIT
from targeting.training.experiment import TrainResult
from targeting.training.search import Trial

CHALLENGER, CHAMPION = "challenger", "champion"
BUNDLE_VERSION = "bundle_version"
_PARENT = "mlflow.parentRunId"
_MODEL_CODE = Path(__file__).with_name("logged_model.py")
_REQUIRED = ("lightgbm", "numpy", "pandas")
_CHARTS = {
    "calibration": calibration_chart,
    "net_benefit": net_benefit_chart,
    "precision_recall": precision_recall_chart,
    "stability": stability_chart,
}


@dataclass(frozen=True)
class Recorded:
    """Where a training stands in MLflow: its run, and the model's version there."""

    run_id: str
    model_version: str


def tracking_uri(mlruns: Path) -> str:
    """Return the address of MLflow's database below `mlruns`."""
    return f"sqlite:///{mlruns.resolve() / 'mlflow.db'}"


def record(result: TrainResult, *, mlruns: Path) -> Recorded:
    """Record a training and register its bundle as the model's `challenger`."""
    client = _client(mlruns)
    experiment = _experiment(client, result.model.name, mlruns)
    run_id = client.create_run(experiment, run_name=result.version, tags=_tags(result)).info.run_id
    try:
        _record_measures(client, run_id, result)
        _record_files(client, run_id, result)
        for trial in result.findings.search.trials:
            _record_trial(client, experiment, run_id, trial)
        registered = _register(client, run_id, result, mlruns)
    except BaseException:
        client.set_terminated(run_id, status="FAILED")
        raise
    client.set_terminated(run_id)
    return Recorded(run_id, registered)


def mark_champion(model: str, version: str, *, mlruns: Path) -> None:
    """Point the alias `champion` at the registered version that holds a bundle of that version.

    Raises TargetingError where MLflow knows no such version.
    """
    client = _client(mlruns)
    found = client.search_model_versions(f"name = '{model}'")
    holding = [each.version for each in found if each.tags.get(BUNDLE_VERSION) == version]
    if not holding:
        raise TargetingError(f"{tracking_uri(mlruns)} knows no version of {model} that holds bundle {version}.")
    client.set_registered_model_alias(model, CHAMPION, max(holding, key=int))


def _client(mlruns: Path) -> MlflowClient:
    for noisy in ("mlflow", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    mlruns.mkdir(parents=True, exist_ok=True)
    return MlflowClient(tracking_uri(mlruns))


def _experiment(client: MlflowClient, model: str, mlruns: Path) -> str:
    held = client.get_experiment_by_name(model)
    if held is not None:
        return str(held.experiment_id)
    return str(client.create_experiment(model, artifact_location=(mlruns.resolve() / "artifacts" / model).as_uri()))


def _tags(result: TrainResult) -> dict[str, str]:
    origin = result.bundle.origin
    return {
        BUNDLE_VERSION: result.version,
        "bundle_digest": result.bundle.digest,
        "generation": origin.generation,
        "declarations": origin.declarations,
        "code_version": origin.code_version,
        "trainer": origin.trainer,
        "synthetic": str(origin.synthetic).lower(),
        "gates": "passed" if result.passed else "failed",
        "verdict": result.verdict.sentence,
    }


def _record_measures(client: MlflowClient, run_id: str, result: TrainResult) -> None:
    measured: dict[str, float] = {f"test.{name}": value for name, value in result.metrics.items()}
    for name, baseline in result.baselines.items():
        measured |= {f"baseline.{name}.{key}": value for key, value in baseline.items()}
    measured |= {f"gate.{gate.name}": float(gate.passed) for gate in result.gates}
    measured["milliseconds_a_family"] = result.findings.judgement.milliseconds
    best = result.findings.search.best
    parameters = {**best.parameters, "rounds": best.rounds, "seed": result.findings.definition.seed}
    client.log_batch(run_id, metrics=_metrics(measured), params=_params(parameters))
    client.log_inputs(run_id, [_dataset(result)])


def _dataset(result: TrainResult) -> DatasetInput:
    digest = result.bundle.evidence_json(SPLIT)["rows_digest"]
    held = Dataset(
        name=f"generation {result.context.generation}",
        digest=digest[:36],
        source_type="local",
        source=f'{{"generation": "{result.context.generation}", "manifest": "{result.context.data_digest}"}}',
        profile=f'{{"rows": {len(result.findings.rows)}, "sha256": "{digest}"}}',
    )
    return DatasetInput(held)


def _record_files(client: MlflowClient, run_id: str, result: TrainResult) -> None:
    evaluation = result.bundle.evidence_json(EVALUATION)
    texts = {f"declarations/{path}": text for path, text in result.context.declarations.items()}
    texts |= {f"charts/{name}.svg": draw(evaluation) for name, draw in _CHARTS.items()}
    texts |= _charts_of_contributions(result)
    with TemporaryDirectory() as folder:
        for name, text in texts.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        client.log_artifacts(run_id, folder)
    client.log_artifacts(run_id, str(result.bundle.folder), "bundle")


def _charts_of_contributions(result: TrainResult) -> dict[str, str]:
    rows, booster = result.predictions.rows, result.predictions.booster
    if rows is None or booster is None:
        return {}
    held = sampled_contributions(booster, rows)
    return {"charts/contributions.svg": swarm_chart(held), "charts/dependence.svg": dependence_chart(held)}


def _record_trial(client: MlflowClient, experiment: str, parent: str, trial: Trial) -> None:
    run = client.create_run(experiment, run_name=f"trial {trial.number}", tags={_PARENT: parent})
    reached = {"validation.average_precision": trial.average_precision}
    client.log_batch(
        run.info.run_id, metrics=_metrics(reached), params=_params({**trial.parameters, "rounds": trial.rounds})
    )
    client.set_terminated(run.info.run_id)


def _register(client: MlflowClient, run_id: str, result: TrainResult, mlruns: Path) -> str:
    mlflow.set_tracking_uri(tracking_uri(mlruns))
    with mlflow.start_run(run_id=run_id):
        logged = mlflow.pyfunc.log_model(
            name=result.model.name,
            python_model=str(_MODEL_CODE),
            artifacts={"bundle": str(result.bundle.folder)},
            signature=_signature(result.bundle.booster.names),
            input_example=_example(result.bundle.booster.names),
            pip_requirements=_requirements(),
        )
    model = result.model.name
    if not client.search_registered_models(f"name = '{model}'"):
        client.create_registered_model(model, description=result.model.title)
    made = client.create_model_version(
        model, source=logged.model_uri, run_id=run_id, model_id=logged.model_id, tags={BUNDLE_VERSION: result.version}
    )
    client.set_registered_model_alias(model, CHALLENGER, made.version)
    return str(made.version)


def _requirements() -> list[str]:
    """Return what the logged model needs, named outright: MLflow takes half a minute to find out."""
    return [f"targeting=={__version__}", *(f"{package}=={version(package)}" for package in _REQUIRED)]


def _signature(names: tuple[str, ...]) -> ModelSignature:
    inputs = Schema([ColSpec("double", name) for name in names])
    return ModelSignature(inputs, Schema([ColSpec("double", "margin"), ColSpec("double", "probability")]))


def _example(names: tuple[str, ...]) -> pd.DataFrame:
    """Return two made-up rows: nothing recorded, and nothing known."""
    return pd.DataFrame([[0.0] * len(names), [float("nan")] * len(names)], columns=list(names))


def _metrics(measured: Mapping[str, float]) -> list[Metric]:
    # MLflow refuses NaN in SQLite; what is undefined is left out.
    return [Metric(name, value, 0, 0) for name, value in measured.items() if not math.isnan(value)]


def _params(parameters: Mapping[str, float | int]) -> list[Param]:
    return [Param(name, repr(value)) for name, value in parameters.items()]
