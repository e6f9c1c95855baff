"""Python declarations, loaded under a private package name, never from sys.path."""

import ast
import importlib
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from targeting.errors import Fault

Declared = TypeVar("Declared")


@dataclass(frozen=True)
class Declaration:
    """One name that a declaration file assigns at its top level, with where it stands."""

    module: str
    name: str
    place: str
    value: object


def load_declarations(root: Path) -> tuple[tuple[Declaration, ...], tuple[Fault, ...]]:
    """Return what every file of `root/features` assigns, in order of file and line, and a fault for each that fails.

    The files import each other relatively (`from .sources.police import incidents`). A name that a file imports from
    another is that other file's declaration and is returned once.
    """
    package = _private_package(root)
    declarations: list[Declaration] = []
    faults: list[Fault] = []
    for path in sorted((root / "features").rglob("*.py")):
        try:
            module = importlib.import_module(f"{package}.{_dotted(path, root)}")
        # A declaration may fail in any way; each failure is told with its place.
        except Exception as error:
            faults.append(_fault_of(error, path, root))
        else:
            declarations += _assigned(module, path, root)
    return tuple(declarations), tuple(faults)


def of_type(declarations: tuple[Declaration, ...], wanted: type[Declared]) -> Iterator[tuple[Declaration, Declared]]:
    """Yield each declaration whose value is of a type, with the value so typed."""
    for declaration in declarations:
        if isinstance(declaration.value, wanted):
            yield declaration, declaration.value


def _private_package(root: Path) -> str:
    """Make an empty package whose only path is the project folder; loading anew forgets what was loaded before."""
    name = f"_targeting_declarations_{blake2b(str(root.resolve()).encode(), digest_size=6).hexdigest()}"
    for loaded in [module for module in sys.modules if module == name or module.startswith(f"{name}.")]:
        del sys.modules[loaded]
    importlib.invalidate_caches()
    package = module_from_spec(ModuleSpec(name, loader=None, is_package=True))
    package.__path__ = [str(root)]
    sys.modules[name] = package
    return name


def _dotted(path: Path, root: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts)


def _assigned(module: ModuleType, path: Path, root: Path) -> Iterator[Declaration]:
    where = path.relative_to(root)
    dotted = ".".join(where.with_suffix("").parts[1:])
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        for name in _targets(statement):
            yield Declaration(dotted, name, f"{where}:{statement.lineno}", getattr(module, name))


def _targets(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.Assign):
        return [target.id for target in statement.targets if isinstance(target, ast.Name)]
    if isinstance(statement, ast.AnnAssign) and statement.value and isinstance(statement.target, ast.Name):
        return [statement.target.id]
    return []


def _fault_of(error: Exception, path: Path, root: Path) -> Fault:
    """Return the error's own sentence, placed at the line of the declaration that raised it."""
    here = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == path]
    line = here[-1].lineno if here else getattr(error, "lineno", None)
    where = f"{path.relative_to(root)}:{line}" if line else str(path.relative_to(root))
    said = str(error) if type(error).__module__.startswith("targeting") else f"{type(error).__name__}: {error}"
    return Fault(where, said)
