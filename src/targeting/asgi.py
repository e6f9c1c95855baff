"""What an ASGI server runs: the service over one project folder."""

import atexit
import gc
import os
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI

from targeting.project.finding import declared_sources, find_project, project_contract
from targeting.project.settings import read_settings
from targeting.serving.access.control import AccessControl, Place, control_access
from targeting.serving.access.definition import Access
from targeting.serving.api.app import make_app
from targeting.serving.api.rows import answering_rows
from targeting.serving.database.database import open_database
from targeting.serving.definition import SERVICE, SIGNERS, read_service, read_signers
from targeting.serving.district.boundaries import boundaries_of
from targeting.serving.district.ward_set import ward_set_of
from targeting.serving.governance.open_actions import documents_of
from targeting.serving.jobs.working import JobWorker
from targeting.serving.protected import ProtectedRecords
from targeting.serving.reading import Reading
from targeting.serving.scores.scorer import Scorer
from targeting.serving.served import BesideLists, NotSyntheticError, Served
from targeting.serving.systems import case_systems_of
from targeting.store.identities import identity_key

PROJECT_VARIABLE = "TARGETING_PROJECT"
WORKERS_VARIABLE = "TARGETING_WORKERS"


@dataclass(frozen=True)
class Opened:
    """A project folder with all that is published read and checked, and who may come in."""

    served: Served
    scorer: Scorer
    control: AccessControl
    key: bytes


def create_app(root: Path, *, workers: int = 1) -> FastAPI:
    """Return the service over a project folder, with all that is published read and checked.

    `workers` share a client's requests. Raises NotSyntheticError where the data are of real people and nobody is
    declared who issues tokens, DataError where a published list is damaged, and DeclarationError where the project
    cannot be read.
    """
    opened = open_project(root, workers=workers)
    return make_app(opened.served, opened.scorer, opened.control)


def open_project(root: Path, *, workers: int = 1) -> Opened:
    """Return what the service over a project folder is made of. Raises as `create_app` does."""
    settings = read_settings(root)
    signers = read_signers(root / SIGNERS) if (root / SIGNERS).exists() else ()
    data = root / settings.data_folder
    kinds, sources = project_contract(root), declared_sources(root)
    declared, panels, ward_set = declared_access(root), declared_panels(root), ward_set_of(root)
    served = Served(
        data,
        district=settings.name,
        signers=signers,
        beside=BesideLists(
            documents=documents_of(root),
            ward_set=ward_set,
            boundaries=boundaries_of(root, ward_set),
            protected=ProtectedRecords(data, kinds, {source.name: source.agency for source in sources}),
        ),
        case_systems=case_systems_of(sources),
    )
    place = Place(root=root, data=served.data, is_synthetic=served.is_synthetic(), panels=panels)
    _check_may_be_served(place, declared)
    key = identity_key(served.data)
    scorer = Scorer(served, contract=kinds, identity_key=key)
    database = open_database(served.data, key=key)
    control = control_access(place, declared, sources, database, workers=workers)
    return Opened(served, scorer, control, key)


def job_worker(opened: Opened, *, name: str) -> JobWorker:
    """Return what works scoring jobs off, under a name that no other worker has."""
    answer = answering_rows(opened.scorer, Reading(opened.served, opened.control).hidden)
    return JobWorker(opened.served.data, opened.control.database, key=opened.key, name=name, answer=answer)


def create_app_from_environment() -> FastAPI:
    """Return the service over the folder that TARGETING_PROJECT names, else the nearest parent that is a project."""
    named = os.environ.get(PROJECT_VARIABLE)
    workers = int(os.environ.get(WORKERS_VARIABLE, "1"))
    app = create_app(find_project(Path(named) if named else None), workers=workers)
    settle()
    return app


def settle() -> None:
    """Have the garbage collector pass over what was made at the start and stays until the end of the process.

    It would look through all of it, some hundred thousand objects, every few hundred answers.
    """
    gc.collect()
    gc.freeze()
    # At the end they are let go like all else: an extension that misses them then says so on standard error.
    atexit.register(gc.unfreeze)


def declared_access(root: Path) -> Access:
    """Return what a project declares of access; without `serving/service.toml`, nobody but a demonstration comes in."""
    return read_service(root / SERVICE).access if (root / SERVICE).exists() else Access()


def declared_panels(root: Path) -> dict[str, str]:
    """Return the title of each panel that a project declares, by name; none without `serving/service.toml`."""
    panels = read_service(root / SERVICE).panel if (root / SERVICE).exists() else ()
    return {each.name: each.title for each in panels}


def _check_may_be_served(place: Place, declared: Access) -> None:
    if not place.is_synthetic and not declared.issuer and declared.sign_in is None:
        raise NotSyntheticError(
            f"{place.data} holds records of real people, and serving/service.toml declares no [[access.issuer]] whose "
            "tokens say who asks, and no [access.sign_in] by which people sign in. Without either "
            "only synthetic data is served: try `targeting demo`."
        )
