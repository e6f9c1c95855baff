"""The chain from extracts to a model in use, one function a step: what commands, demo and benchmarks all run."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from targeting.project.project import Project

if TYPE_CHECKING:
    from targeting.fairness.foresight import Foreseen
    from targeting.linkage.linking import LinkReport
    from targeting.models.bundle import Bundle
    from targeting.sources.loading import LoadReport
    from targeting.sources.profiling import Profile
    from targeting.synthetic.synthesis import SynthesisReport
    from targeting.training.experiment import TrainingData, TrainResult
    from targeting.training.mitigation import Point
    from targeting.training.reproduction import Reproduction

Progress = Callable[[str, int, int], None]


def silent(_what: str, _done: int, _total: int) -> None:
    """Show no progress."""


def synthesise_district(
    out: Path,
    *,
    families: int,
    seed: int,
    end: date,
    plants: Sequence[str] = (),
    attainable: bool = False,
    variant: str = "standard",
    progress: Progress = silent,
) -> "SynthesisReport":
    """Write a fictional district's extracts to a new folder; with what could be attained on it, where wanted.

    `variant` names the mechanisms by which it works.
    """
    from targeting.synthetic.synthesis import synthesise

    return synthesise(
        out,
        families=families,
        seed=seed,
        end=end,
        plants=plants,
        attainable=attainable,
        variant=variant,
        progress=progress,
    )


def load_extracts(project: Project, extracts: Path, progress: Progress = silent) -> "LoadReport":
    """Load the agencies' extracts into the project's data."""
    from targeting.sources.loading import load
    from targeting.store.identities import identity_key

    return load(
        extracts,
        data=project.data,
        sources=project.sources,
        contract=project.contract,
        identity_key=identity_key(project.data),
        progress=progress,
    )


def link_people(project: Project, progress: Progress = silent) -> "LinkReport":
    """Link what is loaded into people and families, as a new generation."""
    from targeting.linkage.linking import link
    from targeting.store.generations import prune
    from targeting.store.identities import identity_key

    report = link(
        data=project.data,
        linkage=project.linkage,
        sources=project.sources,
        contract=project.contract,
        identity_key=identity_key(project.data),
        progress=progress,
    )
    prune(project.data, keep=generations_in_use(project))
    return report


def profile_extract(project: Project, extract: Path) -> "Profile":
    """Return what one file of a delivery looks like; nothing is loaded."""
    from targeting.sources.profiling import profile

    return profile(extract, sources=project.sources, contract=project.contract)


def feeds_in_doubt(project: Project) -> tuple[str, ...]:
    """Return a sentence for every feed that stopped or halved, beside its own past."""
    from targeting.sources.feeds import feed_warnings
    from targeting.store.staging import open_staging

    with open_staging(project.data) as staging:
        return feed_warnings(staging, project.sources)


def generations_in_use(project: Project) -> frozenset[str]:
    """Return the generations that a trained bundle or a published list was made from; they are never removed."""
    from targeting.models.bundle import MANIFEST, read_bundle
    from targeting.models.registry import BUNDLES
    from targeting.serving.published import published_heads

    folders = [path.parent for root in (candidates(project), project.data / BUNDLES) for path in root.rglob(MANIFEST)]
    lists = published_heads(project.data)
    return frozenset(
        [read_bundle(folder).origin.generation for folder in folders]
        + [head.provenance.generation_id for head in lists]
    )


def training_data(project: Project, model_name: str, *, on: date) -> "TrainingData":
    """Return the design matrix and labels of a model's training dates, computed on the current generation."""
    from targeting.commands.trainings import asked_now, data_of

    return data_of(asked_now(project, project.training(model_name), on=on, progress=silent))


def train_model(
    project: Project, model_name: str, *, trainer: str, on: date, trials: int | None = None, progress: Progress = silent
) -> "TrainResult":
    """Train, audit and record one model; the bundle lies among the candidates, registered as the challenger.

    A training that was killed goes on with the trials that it had finished.
    """
    from targeting.commands.trainings import asked_now, trained
    from targeting.training.tracking import record

    definition = project.training(project.model(model_name).name)
    if trials is not None:
        search = definition.search.model_copy(update={"trials": trials})
        definition = definition.model_copy(update={"search": search})
    asked = asked_now(project, definition, on=on, progress=progress)
    searches = project.mlruns / "searches.db"
    result = trained(asked, trainer=trainer, folder=candidates(project), searches=searches)
    progress("recording", 0, 1)
    record(result, mlruns=project.mlruns)
    return result


def reproduce_model(
    project: Project, model_name: str, version: str, *, on: date, progress: Progress = silent
) -> "Reproduction":
    """Train a version again from the data and definition that it names, and return whether it came out the same."""
    from targeting.commands.trainings import asked_again, reproduced

    bundle = candidate_of(project, model_name, version)
    return reproduced(asked_again(project, bundle, on=on, progress=progress), bundle)


def roll_back(project: Project, model_name: str, *, on: date) -> "Bundle":
    """Bring the version that was in use before into use again, and mark it champion in MLflow."""
    from targeting.models.registry import rollback
    from targeting.training.tracking import mark_champion

    bundle = rollback(project.data, project.model(model_name).name, signers=project.signers, on=on)
    mark_champion(bundle.model, bundle.version, mlruns=project.mlruns)
    return bundle


def foreseen_gaps(project: Project, model_name: str, *, on: date) -> "tuple[Foreseen, ...]":
    """Return the smallest gap that each gating comparison of the policy could show, before a model is trained."""
    from targeting.features.engine import build_matrix
    from targeting.features.labels import build_labels
    from targeting.store.generations import open_generation
    from targeting.training.audit_beforehand import earlier_rows, foreseen_gaps

    model, definition, generation = (
        project.model(model_name),
        project.training(model_name),
        open_generation(project.data),
    )
    outcome = project.outcomes[model.outcome]
    matrix = build_matrix(project.cohort_plan(model.cohort, model, on=on), generation, definition.as_of_dates)
    labels = build_labels(outcome, matrix, generation, project.rules(model, on=on))
    rows = earlier_rows(matrix, labels)
    return foreseen_gaps(rows, definition, project.policy, generation=generation, outcome=outcome)


def mitigation_of(
    project: Project,
    model_name: str,
    version: str,
    *,
    attribute: str | None,
    on: date,
    progress: Progress = silent,
) -> "tuple[Point, ...]":
    """Return what each way of narrowing a gap costs, fitted like a trained version, judged on the same later dates."""
    from targeting.store.generations import open_generation
    from targeting.training.mitigation import Trained, attribute_of, make_lab, mitigate
    from targeting.training.mitigation_ways import ways_of

    model = project.model(model_name)
    chosen = attribute_of(project.policy, attribute)
    bundle = candidate_of(project, model_name, version)
    progress("computing the design matrix", 0, 1)
    trained = Trained(
        data=training_data(project, model_name, on=on),
        definition=project.training(model_name),
        outcome=project.outcomes[model.outcome],
        search=bundle.evidence_json("search.json"),
    )
    lab = make_lab(trained, generation=open_generation(project.data), policy=project.policy, attribute=chosen)
    return mitigate(lab, ways_of(lab), progress)


def candidates(project: Project) -> Path:
    """Return the folder of the bundles that were trained, promoted or not."""
    return project.data / "candidates"


def candidate_of(project: Project, model_name: str, version: str) -> "Bundle":
    """Return a trained bundle by the beginning of its version."""
    from targeting.models.registry import candidate

    return candidate(candidates(project), project.model(model_name).name, version)


def promote_model(project: Project, model_name: str, version: str, *, on: date) -> "Bundle":
    """Bring a signed bundle into use and mark it champion in MLflow."""
    from targeting.models.registry import promote
    from targeting.training.tracking import mark_champion

    bundle = promote(candidate_of(project, model_name, version), project.data, signers=project.signers, on=on)
    mark_champion(bundle.model, bundle.version, mlruns=project.mlruns)
    return bundle


def replay_quarantine(project: Project) -> "LoadReport":
    """Read what was rejected again, under the declarations as they are now; what is still wrong stays."""
    from targeting.sources.replaying import replay
    from targeting.store.identities import identity_key

    return replay(
        project.data, sources=project.sources, contract=project.contract, identity_key=identity_key(project.data)
    )


def quarantined(project: Project) -> list[tuple[object, ...]]:
    """Return what was rejected, by file, column and rule, with the first line and how many rows."""
    from targeting.store.staging import open_staging

    with open_staging(project.data) as staging:
        return [
            tuple(row.values())
            for row in staging.table(
                """
                select source, file, "column", rule, expected, shape, min(line) as line, count(*) as rows
                from quarantine group by all order by source, file, "column", rule, shape
                """
            ).to_pylist()
        ]
