"""What an ASGI server runs: the service over one project folder."""

import os
from pathlib import Path

from fastapi import FastAPI

from targeting.project.finding import find_project, project_contract
from targeting.project.settings import read_settings
from targeting.serving.api.app import make_app
from targeting.serving.definition import SIGNERS, read_signers
from targeting.serving.scores.scorer import Scorer
from targeting.serving.served import Served
from targeting.store.identities import identity_key

PROJECT_VARIABLE = "TARGETING_PROJECT"


def create_app(root: Path) -> FastAPI:
    """Return the service over a project folder, with all that is published read and checked.

    Raises NotSyntheticError where the data are of real people, DataError where a published list is damaged, and
    DeclarationError where the project cannot be read.
    """
    settings = read_settings(root)
    signers = read_signers(root / SIGNERS) if (root / SIGNERS).exists() else ()
    served = Served(root / settings.data_folder, district=settings.name, signers=signers)
    served.check_synthetic()
    scorer = Scorer(served, contract=project_contract(root), identity_key=identity_key(served.data))
    return make_app(served, scorer)


def create_app_from_environment() -> FastAPI:
    """Return the service over the folder that TARGETING_PROJECT names, else the nearest parent that is a project."""
    named = os.environ.get(PROJECT_VARIABLE)
    return create_app(find_project(Path(named) if named else None))
