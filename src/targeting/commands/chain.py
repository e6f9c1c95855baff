"""The chain from extracts to a list, one function a step: what the commands, the demo and the benchmarks all run."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from targeting import __version__
from targeting.errors import TargetingError
from targeting.project.project import Project

if TYPE_CHECKING:
    from targeting.fairness.foresight import Foreseen
    from targeting.linkage.linking import LinkReport
    from targeting.models.bundle import Bundle
    from targeting.serving.contents import Passport
    from targeting.serving.published import PublishedList
    from targeting.serving.week import MadeFrom
    from targeting.sources.loading import LoadReport
    from targeting.sources.profiling import Profile
    from targeting.store.generations import Generation
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
    progress: Progress = silent,
) -> "SynthesisReport":
    """Write a fictional district's extracts to a new folder; with what could be attained on it, where wanted."""
    from targeting.synthetic.synthesis import synthesise

    return synthesise(
        out, families=families, seed=seed, end=end, plants=plants, attainable=attainable, progress=progress
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


def publish_lists(project: Project, *, as_of_date: date, published_at: datetime) -> "tuple[PublishedList, ...]":
    """Publish every list of a date with the model in use, by what was decided and objected to until now."""
    from targeting.serving.chaining import list_key, sealing
    from targeting.serving.database.database import open_database
    from targeting.serving.database.decisions import known_by
    from targeting.serving.lists import FromStore, publish
    from targeting.store.identities import identity_key

    made, key = made_from(project, as_of_date), identity_key(project.data)
    with closing(open_database(project.data, key=key)) as database:
        with database.reading() as connection:
            decided = known_by(connection, published_at)
        return publish(
            replace(made, generation=generation_to_score(project, on=as_of_date, known_at=published_at)),
            data=project.data,
            as_of_date=as_of_date,
            published_at=published_at,
            store=FromStore(decided, sealing(database, list_key(key))),
        )


def fallback_bundle(project: Project, on: date) -> "Bundle":
    """Return the bundle of the points rule that is declared for the lists' model."""
    from targeting.serving.fallback import Declared, points_bundle
    from targeting.store.generations import open_generation

    if project.service is None:
        raise TargetingError("serving/service.toml does not exist: it says which model the lists use.")
    model = project.model(project.service.model)
    declared = Declared(
        model=model,
        plan=project.plan(model, on=on),
        rules=project.training(model.name).baselines.points,
        synthetic=open_generation(project.data).synthetic,
        declarations_digest=project.declarations_digest,
        code_version=__version__,
    )
    return points_bundle(declared, project.data)


def generation_to_score(project: Project, *, on: date, known_at: datetime) -> "Generation":
    """Return the current generation without the facts of whoever objected by a moment, for scores as of a date."""
    from targeting.serving.database.database import open_database
    from targeting.serving.database.objections import known_objections
    from targeting.serving.objections import left_out
    from targeting.store.generations import open_generation
    from targeting.store.identities import identity_key

    generation = open_generation(project.data)
    opened = closing(open_database(project.data, key=identity_key(project.data)))
    with opened as database, database.reading() as connection:
        objections = known_objections(connection, known_at)
    return generation.leaving_out(left_out(objections, generation, on))


def made_from(project: Project, as_of_date: date) -> "MadeFrom":
    """Return what the lists of a date are made from; the bundle in use is checked again.

    Where that is suspended or there is none, and service.toml declares it, they are made from the points rule.
    """
    from targeting.models.registry import current_bundle
    from targeting.serving.fallback import by_points, is_needed
    from targeting.serving.week import MadeFrom
    from targeting.store.generations import open_generation

    if project.service is None:
        raise TargetingError("serving/service.toml does not exist: it says which panels read which lists.")
    model = project.model(project.service.model)
    if is_needed(project.data, project.service):
        service, bundle = by_points(project.service), fallback_bundle(project, as_of_date)
    else:
        service = project.service
        bundle = current_bundle(project.data, model.name, signers=project.signers, on=as_of_date)
    return MadeFrom(
        generation=open_generation(project.data),
        bundle=bundle,
        service=service,
        cohorts={name: project.cohort_plan(name, model, on=as_of_date) for name in project.service.cohorts()},
        declarations_digest=project.declarations_digest,
        code_version=__version__,
    )


def verify_list(project: Project, list_id: str) -> tuple[str, ...]:
    """Return what of a list does not come out again, or is not what its chain and the audit log say.

    Of a tombstone the chain and the log are all that can be proved.
    """
    from targeting.serving.chaining import chain_faults, file_faults, list_key, log_faults
    from targeting.serving.database.database import open_database
    from targeting.serving.published import is_kept, list_files, read_chain, read_list
    from targeting.store.identities import identity_key

    key, chain = identity_key(project.data), read_chain(project.data, list_id)
    with closing(open_database(project.data, key=key)) as database:
        faults = (*chain_faults(list_id, chain, key=list_key(key)), *log_faults(list_id, chain, database))
    if not is_kept(project.data, list_id):
        return faults
    published = read_list(project.data, list_id)
    again = ((each.flag.id, verify_passport(project, each)) for each in published.passports)
    return (
        *faults,
        *file_faults(chain, list_files(project.data, list_id)),
        *(f"flag {flag}: {fault}" for flag, found in again for fault in found),
    )


def binding_faults(project: Project, passport: "Passport") -> tuple[str, ...]:
    """Return where a passport is not the one that its list's chain binds, or the chain or the audit log do not hold."""
    from targeting.serving.chaining import chain_faults, file_faults, list_key, log_faults
    from targeting.serving.database.database import open_database
    from targeting.serving.published import list_files, read_chain
    from targeting.store.identities import identity_key

    list_id, key = passport.flag.list_id, identity_key(project.data)
    chain, files = read_chain(project.data, list_id), list_files(project.data, list_id)
    with closing(open_database(project.data, key=key)) as database:
        return (
            *chain_faults(list_id, chain, key=list_key(key)),
            *file_faults(chain, files, only=passport.flag.id),
            *log_faults(list_id, chain, database),
        )


def expire_lists(project: Project, *, on: date) -> tuple[str, ...]:
    """Make tombstones of the lists whose keeping ended before a day; an audit event names each."""
    from targeting.serving.chaining import expiry_of
    from targeting.serving.database.database import open_database
    from targeting.serving.published import expire_lists
    from targeting.store.identities import identity_key

    with closing(open_database(project.data, key=identity_key(project.data))) as database:
        expired = expire_lists(project.data, on=on)
        for list_id in expired:
            database.record(expiry_of(list_id))
    return expired


def verify_passport(project: Project, passport: "Passport") -> tuple[str, ...]:
    """Return what does not come out again from a passport's own values, by the bundle that it names."""
    from targeting.models.registry import bundle_of_digest
    from targeting.serving.passport import verify

    made_by = passport.provenance
    return verify(passport, bundle_of_digest(project.data, made_by.model, made_by.bundle_digest))


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
