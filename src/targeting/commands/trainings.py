"""What a training is made from, and a training made again: from a project's declarations to `targeting.training`."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from targeting import __version__
from targeting.project.project import Project

if TYPE_CHECKING:
    from targeting.features import Matrix, Plan
    from targeting.features.labels import Labels
    from targeting.models.bundle import Bundle
    from targeting.store.generations import Generation
    from targeting.training.by_group import Groups
    from targeting.training.definition import TrainingDefinition
    from targeting.training.experiment import TrainingContext, TrainingData, TrainResult
    from targeting.training.judgement import Predictions, Rival
    from targeting.training.last_list import PublishedOrder
    from targeting.training.reproduction import Reproduction
    from targeting.training.rows import Mask, Rows

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which training is asked for: the project, how to train, as of when it is compiled, and who is told of progress.

    `generation` is the data's, without the facts of whoever has objected by now. `plan` holds the compiled indicators.
    `in_use` is the version that was in use; None for no model to compare with.
    """

    project: Project
    definition: "TrainingDefinition"
    on: date
    progress: Progress
    generation: "Generation"
    plan: "Plan"
    in_use: str | None

    @property
    def model_name(self) -> str:
        """Return the name of the model."""
        return self.definition.name


def asked_now(project: Project, definition: "TrainingDefinition", *, on: date, progress: Progress) -> Asked:
    """Return a training on the current generation, beside the model in use."""
    from targeting.commands.clock import now
    from targeting.commands.leaving_out import generation_to_score
    from targeting.models.registry import read_champions

    champion = read_champions(project.data).get(definition.name)
    return Asked(
        project=project,
        definition=definition,
        on=on,
        progress=progress,
        generation=generation_to_score(project, on=on, known_at=now()),
        plan=project.plan(project.model(definition.name), on=on),
        in_use=champion.version if champion is not None else None,
    )


def asked_again(project: Project, bundle: "Bundle", *, on: date, progress: Progress) -> Asked:
    """Return the training that a bundle came of, on its own generation; where that is gone, on the current one."""
    from targeting.commands.clock import now
    from targeting.commands.leaving_out import without_objectors
    from targeting.features import plan_from_json
    from targeting.store.generations import generation_ids, open_generation
    from targeting.training.definition import TrainingDefinition

    kept = bundle.origin.generation if bundle.origin.generation in generation_ids(project.data) else None
    return Asked(
        project=project,
        definition=TrainingDefinition.model_validate_json(bundle.evidence["training.json"]),
        on=on,
        progress=progress,
        generation=without_objectors(project, open_generation(project.data, kept), on=on, known_at=now()),
        plan=plan_from_json(bundle.plan_json),
        in_use=bundle.evidence_json("verdict.json")["model_in_use"],
    )


def data_of(asked: Asked) -> "TrainingData":
    """Return the design matrix and labels of a training's dates.

    A week after the last of them is in the matrix too: there it is seen how much of a list stays.
    """
    from targeting.training.experiment import TrainingData
    from targeting.training.records_check import check_records
    from targeting.training.table import build_table

    definition = asked.definition
    matrix = build_table(asked.plan, asked.generation, [*definition.as_of_dates, definition.week_after])
    return TrainingData(
        matrix=matrix,
        labels=labels_of(asked.project, asked.model_name, matrix, asked.generation, on=asked.on),
        plan=asked.plan,
        rival=_model_in_use(asked, matrix),
        groups=groups_of(asked),
        published=tuple(_published_orders(asked)),
        records=check_records(
            asked.project.outcomes[asked.project.model(asked.model_name).outcome],
            asked.generation,
            asked.project.contract,
            first=definition.as_of_dates[0],
            last=definition.as_of_dates[-1],
        ),
    )


def labels_of(
    project: Project,
    model_name: str,
    matrix: "Matrix",
    generation: "Generation",
    *,
    on: date,
    outcome: str | None = None,
) -> "Labels":
    """Return what became of a matrix's families, by the model's outcome or another; nothing of those who objected."""
    from targeting.features.labels import build_labels
    from targeting.training.objectors import without_objectors

    model = project.model(model_name)
    held = build_labels(project.outcomes[outcome or model.outcome], matrix, generation, project.rules(model, on=on))
    return without_objectors(held, generation)


def _published_orders(asked: Asked) -> "Iterator[PublishedOrder]":
    """Yield, for the last list before each training date, everybody whom the lists of its date were drawn from."""
    import numpy as np
    import pyarrow as pa

    from targeting.serving.published import published_heads, read_list
    from targeting.training.last_list import PublishedOrder

    heads = [each for each in published_heads(asked.project.data) if each.provenance.model == asked.model_name]
    before = {
        max((head.as_of_date for head in heads if head.as_of_date < day), default=None)
        for day in asked.definition.as_of_dates
    }
    for day in sorted(each for each in before if each is not None):
        lists = [read_list(asked.project.data, each.id).considered for each in heads if each.as_of_date == day]
        drawn = pa.concat_tables(lists)
        yield PublishedOrder(
            as_of_date=day,
            family_id=np.array(drawn["family_id"].to_pylist(), dtype=np.str_),
            margin=drawn["margin"].to_numpy(),
        )


def trained(asked: Asked, *, trainer: str, folder: Path, searches: Path | None) -> "TrainResult":
    """Train and audit one model; its bundle is written below `folder`."""
    from targeting.training.experiment import train

    model = asked.project.model(asked.model_name)
    context = _context(asked, trainer=trainer, folder=folder, searches=searches)
    asked.progress("computing the design matrix", 0, 1)
    return train(
        asked.definition,
        model,
        data=data_of(asked),
        context=context,
        audit=lambda found: _audited(asked, found, context),
    )


def reproduced(asked: Asked, bundle: "Bundle") -> "Reproduction":
    """Train a bundle again, in a folder that is removed afterwards, and return what came of it."""
    from targeting.training.reproduction import compare_bundles

    with TemporaryDirectory() as folder:
        again = trained(asked, trainer=bundle.origin.trainer, folder=Path(folder), searches=None)
        objected = bool(asked.generation.left_out)
        return compare_bundles(bundle, again.bundle, rows=again.findings.rows, objected=objected)


def _context(asked: Asked, *, trainer: str, folder: Path, searches: Path | None) -> "TrainingContext":
    from targeting.training.experiment import TrainingContext

    project = asked.project
    return TrainingContext(
        outcome=project.outcomes[project.model(asked.model_name).outcome],
        generation=asked.generation.id,
        data_digest=asked.generation.manifest_digest,
        synthetic=asked.generation.synthetic,
        declarations=project.declarations,
        declarations_digest=project.declarations_digest,
        code_version=__version__,
        trainer=trainer,
        candidates=folder,
        searches=searches,
        progress=asked.progress,
    )


def _audited(asked: Asked, found: "Predictions", context: "TrainingContext") -> Mapping[str, bytes]:
    from targeting.training.audit import AuditData, audit_files, audit_predictions

    asked.progress("auditing", 0, 1)
    drawn_on = AuditData(
        generation=asked.generation,
        contract=asked.project.contract,
        outcome=context.outcome,
        command=f"targeting train {asked.model_name}",
        plan=asked.plan,
    )
    title = asked.project.model(asked.model_name).title
    return audit_files(audit_predictions(found, data=drawn_on, policy=asked.project.policy, title=title))


def _model_in_use(asked: Asked, matrix: "Matrix") -> "Rival | None":
    """Return the model in use with its own indicators on the same rows; None where it speaks of other families."""
    import numpy as np

    from targeting.features import plan_from_json, plan_to_json
    from targeting.models.bundle import read_bundle
    from targeting.models.registry import BUNDLES
    from targeting.training.experiment import settings_of
    from targeting.training.fitting import recipe_of
    from targeting.training.judgement import Rival
    from targeting.training.table import build_keys, build_table

    if asked.in_use is None:
        return None
    bundle = read_bundle(asked.project.data / BUNDLES / asked.model_name / asked.in_use)
    plan, same = asked.plan, bundle.plan_json == plan_to_json(asked.plan)
    days = np.unique(matrix.as_of_date.astype("datetime64[D]")).tolist()
    if not same:
        plan = plan_from_json(bundle.plan_json)
        if not np.array_equal(build_keys(plan, asked.generation, days).family_id, matrix.family_id):
            return None
    return Rival(
        version=asked.in_use,
        recipe=recipe_of(bundle.evidence_json("search.json")),
        settings=settings_of(asked.definition, plan),
        matrix=lambda: matrix if same else build_table(plan, asked.generation, days),
    )


def groups_of(asked: Asked) -> "Groups":
    """Return the parts of the deployed population that are told apart: ages, and whether services knew the family."""
    from targeting.training.by_group import age_groups, known_groups

    project, model = asked.project, asked.project.model(asked.model_name)
    never_known = project.service.never_known if project.service is not None else None
    cohort = project.cohort_plan(never_known, model, on=asked.on) if never_known is not None else None

    def groups(rows: "Rows") -> "Mapping[str, Mask]":
        known = known_groups(rows, cohort, asked.generation) if cohort is not None else {}
        return {**age_groups(rows, asked.generation), **known}

    return groups
