"""A district's declarations as one frozen value."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from targeting.errors import TargetingError, what_exists
from targeting.fairness.policy import Policy
from targeting.features import Cohort, CompileRules, Indicator, Outcome, Plan, compile_plan
from targeting.linkage.definition import Linkage
from targeting.models.definition import ModelDefinition, choose_indicators
from targeting.project.settings import Settings
from targeting.records.contract import Contract
from targeting.serving.definition import Service, Signer
from targeting.sources.definition import Source
from targeting.training.definition import TrainingDefinition


@dataclass(frozen=True, kw_only=True)
class Project:
    """Everything that a project folder declares; `indicators` are keyed `module.name`, the rest by their own name.

    `declarations` holds the text of every declaration file by its path below the root, so that a model can name what
    it was made from.
    """

    root: Path
    settings: Settings
    contract: Contract
    sources: tuple[Source, ...]
    linkage: Linkage
    indicators: Mapping[str, Indicator]
    cohorts: Mapping[str, Cohort]
    outcomes: Mapping[str, Outcome]
    models: Mapping[str, ModelDefinition]
    trainings: Mapping[str, TrainingDefinition]
    policy: Policy
    service: Service | None
    signers: tuple[Signer, ...]
    declarations: Mapping[str, str]

    @property
    def data(self) -> Path:
        """Return the folder of the district's data."""
        return self.root / self.settings.data_folder

    @property
    def mlruns(self) -> Path:
        """Return the folder of MLflow's records."""
        return self.root / "mlruns"

    @property
    def declarations_digest(self) -> str:
        """Return the SHA-256 of every declaration, path and text."""
        return hashlib.sha256(json.dumps(dict(sorted(self.declarations.items()))).encode()).hexdigest()

    def model(self, name: str) -> ModelDefinition:
        """Return the model of that name. Raises TargetingError that lists those that exist."""
        if name not in self.models:
            raise TargetingError(f"models/{name}.toml does not exist. {what_exists(name, self.models)}")
        return self.models[name]

    def training(self, name: str) -> TrainingDefinition:
        """Return how the model of that name is trained. Raises TargetingError that lists those that exist."""
        if name not in self.trainings:
            raise TargetingError(f"training/{name}.toml does not exist. {what_exists(name, self.trainings)}")
        return self.trainings[name]

    def indicators_of(self, model: ModelDefinition) -> tuple[Indicator, ...]:
        """Return the indicators that a model takes, in the order of the catalogue; context is never among them."""
        usable = {name: indicator for name, indicator in self.indicators.items() if indicator.use == "model"}
        return tuple(usable[name] for name in choose_indicators(model, usable))

    def rules(self, model: ModelDefinition, *, on: date) -> CompileRules:
        """Return what the compiler holds a model to on a date."""
        return CompileRules(
            contract=self.contract,
            sources=self.sources,
            attributes=self.policy.attribute_rules(),
            purpose=model.purpose,
            tier=model.tier,
            on=on,
            terms=self.settings.terms,
        )

    def plan(self, model: ModelDefinition, *, on: date) -> Plan:
        """Return the compiled plan of a model. Raises DeclarationError with every fault of its indicators."""
        return compile_plan(
            self.indicators_of(model), cohort=self.cohorts[model.cohort], rules=self.rules(model, on=on)
        )

    def cohort_plan(self, name: str, model: ModelDefinition, *, on: date) -> Plan:
        """Return the plan of a cohort alone, for the lists' own conditions."""
        if name not in self.cohorts:
            raise TargetingError(f"the cohort {name!r} does not exist. {what_exists(name, self.cohorts)}")
        return compile_plan((), cohort=self.cohorts[name], rules=self.rules(model, on=on))

    def source(self, name: str) -> Source | None:
        """Return the source of that name, or None."""
        return next((source for source in self.sources if source.name == name), None)


def texts_of(root: Path, folders: Sequence[str]) -> dict[str, str]:
    """Return the text of every declaration file below the named folders, by its path below `root`."""
    paths = [path for folder in folders for path in (root / folder).rglob("*") if path.suffix in (".py", ".toml")]
    kept = [path for path in paths if "__pycache__" not in path.parts]
    return {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in sorted(kept)}
