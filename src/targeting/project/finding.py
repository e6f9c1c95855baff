"""Finds a project folder, and reads of it what a running service needs: no declaration of how models are trained."""

from pathlib import Path

from targeting.errors import DeclarationError, TargetingError
from targeting.project.declarations import load_declarations, of_type
from targeting.project.settings import MARKER
from targeting.records.contract import Contract, contract
from targeting.records.definition import FactKind
from targeting.sources.definition import Source

RECORDS = Path("features") / "records.py"


def find_project(folder: Path | None) -> Path:
    """Return the given folder, or the nearest parent of the working folder, that holds `targeting.toml`.

    Raises TargetingError where there is none.
    """
    if folder is not None:
        if not (folder / MARKER).is_file():
            raise TargetingError(f"{folder} holds no {MARKER}; a project folder does.")
        return folder.resolve()
    here = Path.cwd()
    found = next((place for place in (here, *here.parents) if (place / MARKER).is_file()), None)
    if found is None:
        raise TargetingError(f"no {MARKER} here or above; go to a project folder, or name one with --project DIR.")
    return found


def project_contract(root: Path) -> Contract:
    """Return every kind of fact that a project knows: the built-in ones, and its own from `features/records.py`.

    Raises DeclarationError, with every fault at once, where its own cannot be loaded or do not fit.
    """
    if not (root / RECORDS).exists():
        return contract()
    declarations, faults = load_declarations(root)
    if faults:
        raise DeclarationError(faults)
    return contract(kind for _, kind in of_type(declarations, FactKind))


def declared_sources(root: Path) -> tuple[Source, ...]:
    """Return the sources that a project declares; none where it has no `features/`.

    Raises DeclarationError, with every fault at once, where they cannot be loaded.
    """
    declarations, faults = load_declarations(root)
    if faults:
        raise DeclarationError(faults)
    return tuple(source for _, source in of_type(declarations, Source))
