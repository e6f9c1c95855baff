"""Loads every declaration of a project folder, and tells all faults at once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TypeVar

from targeting.errors import DeclarationError, Fault, what_exists
from targeting.fairness.policy import read_policy
from targeting.features import Cohort, Indicator, Outcome
from targeting.linkage.definition import Linkage, check_linkage
from targeting.models.definition import ModelDefinition, read_model_definition
from targeting.project.declarations import Declaration, load_declarations, of_type
from targeting.project.project import Project, texts_of
from targeting.project.settings import MARKER, read_settings
from targeting.project.upkeep import loaded_part, untaken_faults, upkeep_faults
from targeting.records.contract import Contract, contract
from targeting.records.definition import FactKind
from targeting.serving.definition import SERVICE, SIGNERS, Service, panel_ward_faults, read_service, read_signers
from targeting.serving.district.boundaries import boundaries_of
from targeting.serving.district.ward_set import ward_set_of
from targeting.serving.systems import system_faults
from targeting.serving.wording import wording_faults
from targeting.sources.checking import check_sources
from targeting.sources.definition import Source
from targeting.training.audit_attributes import column_faults
from targeting.training.reading import faults_of_baselines, read_training_definition

FOLDERS = ("features", "models", "training", "fairness", "serving")
# Files of features/ without which other declarations would be told of faults that they do not have.
RESTED_ON = ("records", "linkage", "cohorts", "outcomes")

Read = TypeVar("Read")
Other = TypeVar("Other")
Named = TypeVar("Named", Indicator, Cohort, Outcome)


class _Faults:
    """Collects what is wrong while the rest goes on loading."""

    def __init__(self, found: Iterable[Fault] = ()) -> None:
        self.found = list(found)

    def reading(self, read: Callable[[], Read], otherwise: Other) -> Read | Other:
        """Return what `read` returns, or `otherwise` where it tells of faults, which are kept."""
        try:
            return read()
        except DeclarationError as error:
            self.found += error.faults
            return otherwise

    def add(self, place: str, message: str) -> None:
        self.found.append(Fault(place, message))


def load_project(root: Path, *, on: date) -> Project:
    """Return the project of a folder, every declaration loaded and checked against the others as of a date.

    Raises DeclarationError with every fault that could be found. Where a file of indicators does not load, those of the
    other files are checked all the same.
    """
    return _loaded(root, on=on, upkeep=_no_faults)


def check_project(root: Path, *, on: date) -> Project:
    """Return the project as `load_project` does, and refuse beside what somebody has to see to though all goes on.

    An agreement that has expired makes values unknown and stops nothing; an indicator that no model takes does nothing.
    """
    return _loaded(root, on=on, upkeep=upkeep_faults)


Upkeep = Callable[[Project, date, Mapping[str, str]], Iterable[Fault]]


def _no_faults(_project: Project, _on: date, _places: Mapping[str, str]) -> Iterable[Fault]:
    return ()


def _loaded(root: Path, *, on: date, upkeep: Upkeep) -> Project:
    settings = read_settings(root)
    declarations, found = load_declarations(root)
    faults = _Faults(found)
    models = _read_folder(root / "models", read_model_definition, faults)
    trainings = _read_folder(root / "training", read_training_definition, faults)
    policy = faults.reading(lambda: read_policy(root / "fairness" / "policy.toml"), None)
    service = faults.reading(lambda: read_service(root / SERVICE), None) if (root / SERVICE).exists() else None
    signers = faults.reading(lambda: read_signers(root / SIGNERS), ()) if (root / SIGNERS).exists() else ()
    of_wards = _ward_faults(root, service)
    kinds: Contract = faults.reading(lambda: contract(kind for _, kind in of_type(declarations, FactKind)), {})
    linkage = _only_linkage(declarations, faults)
    if policy is None or linkage is None or not all(map(_leaves_the_rest, faults.found)):
        raise DeclarationError([*faults.found, *of_wards])
    is_whole = not faults.found
    project = Project(
        root=root,
        settings=settings,
        contract=kinds,
        sources=tuple(source for _, source in of_type(declarations, Source)),
        linkage=linkage,
        indicators=_named(declarations, Indicator, faults, by_module=True),
        cohorts=_named(declarations, Cohort, faults),
        outcomes=_named(declarations, Outcome, faults),
        models=models,
        trainings=trainings,
        policy=policy,
        service=service,
        signers=signers,
        declarations=_declarations(root),
    )
    places = {source.name: declaration.place for declaration, source in of_type(declarations, Source)}
    _cross_check(project if is_whole else loaded_part(project), faults, on=on, source_places=places)
    faults.found += [*of_wards, *upkeep(project, on, places)]
    if faults.found:
        raise DeclarationError(faults.found)
    return project


def _ward_faults(root: Path, service: Service | None) -> list[Fault]:
    """Return what is wrong with the wards, their boundaries, and those that panels name; nothing else rests on them."""
    faults = _Faults()
    ward_set = faults.reading(lambda: ward_set_of(root), None)
    faults.reading(lambda: boundaries_of(root, ward_set), None)
    return [*faults.found, *panel_ward_faults(service.panel if service is not None else (), ward_set)]


def _leaves_the_rest(fault: Fault) -> bool:
    """Return whether a fault keeps one file of indicators from loading, on which no other declaration rests."""
    path = Path(fault.place.partition(":")[0])
    return path.parent == Path("features") and path.suffix == ".py" and path.stem not in RESTED_ON


def _declarations(root: Path) -> dict[str, str]:
    """Return the text of all that makes a model or a list; who may sign one does not make it."""
    texts = {MARKER: (root / MARKER).read_text(encoding="utf-8"), **texts_of(root, FOLDERS)}
    return {name: text for name, text in texts.items() if name != SIGNERS}


def _read_folder(folder: Path, read: Callable[[Path], Read], faults: _Faults) -> dict[str, Read]:
    definitions = {}
    for path in sorted(folder.glob("*.toml")):
        found = faults.reading(partial(read, path), None)
        if found is not None:
            definitions[path.stem] = found
    return definitions


def _only_linkage(declarations: tuple[Declaration, ...], faults: _Faults) -> Linkage | None:
    found = list(of_type(declarations, Linkage))
    if len(found) == 1:
        return found[0][1]
    where = ", ".join(declaration.place for declaration, _ in found) or "none is"
    faults.add("features/linkage.py", f"one Linkage has to be declared; {where} declared.")
    return None


def _named(
    declarations: tuple[Declaration, ...], wanted: type[Named], faults: _Faults, *, by_module: bool = False
) -> dict[str, Named]:
    """Return the declared values of a type, each told its name and place; a name taken twice is a fault."""
    named: dict[str, Named] = {}
    places: dict[str, str] = {}
    for declaration, value in of_type(declarations, wanted):
        if declaration.name in places:
            faults.add(declaration.place, f"{declaration.name!r} is declared already, at {places[declaration.name]}.")
        places[declaration.name] = declaration.place
        key = f"{declaration.module}.{declaration.name}" if by_module else declaration.name
        named[key] = replace(value, name=declaration.name, place=declaration.place)
    return named


def _cross_check(project: Project, faults: _Faults, *, on: date, source_places: Mapping[str, str]) -> None:
    faults.reading(lambda: check_sources(project.sources, project.contract, source_places), None)
    faults.found += system_faults(project.sources, source_places)
    faults.found += column_faults(project.policy, project.contract)
    faults.found += check_linkage(project.linkage, [source.name for source in project.sources])
    for model in project.models.values():
        _check_model(project, model, faults, on)
    for name in project.trainings:
        _check_training(project, name, faults)
    faults.found += untaken_faults(project, on)
    faults.found += wording_faults(project.indicators.values())
    if project.service is not None:
        _check_service(project, faults)


def _check_training(project: Project, name: str, faults: _Faults) -> None:
    if name not in project.models:
        faults.add(f"training/{name}.toml", f"trains no model. {what_exists(name, project.models)}")
    else:
        faults.found += faults.reading(lambda: _baseline_faults(project, name), ())


def _baseline_faults(project: Project, name: str) -> tuple[Fault, ...]:
    names = tuple(indicator.name for indicator in project.indicators_of(project.models[name]))
    return faults_of_baselines(project.trainings[name], names)


def _check_model(project: Project, model: ModelDefinition, faults: _Faults, on: date) -> None:
    place = f"models/{model.name}.toml"
    known = _exists(place, "cohort", model.cohort, project.cohorts, faults)
    known = _exists(place, "outcome", model.outcome, project.outcomes, faults) and known
    if known:
        faults.reading(lambda: project.plan(model, on=on), None)


def _check_service(project: Project, faults: _Faults) -> None:
    if project.service is None:
        return
    _exists(SERVICE, "model", project.service.model, project.models, faults)
    for name in project.service.cohorts():
        _exists(SERVICE, "cohort", name, project.cohorts, faults)
    sign_in, agencies = project.service.access.sign_in, {source.agency: source for source in project.sources}
    for group in sign_in.group if sign_in is not None else ():
        if group.agency:
            _exists(f"{SERVICE}: access.sign_in.group {group.value}", "agency", group.agency, agencies, faults)


def _exists(place: str, what: str, name: str, existing: Mapping[str, object], faults: _Faults) -> bool:
    if name in existing:
        return True
    faults.add(f"{place}: {what}", f"{name!r} does not exist. {what_exists(name, existing)}")
    return False
