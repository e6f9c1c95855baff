"""The published data set, where it is present, and the benchmark's own modules."""

import importlib.util
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

OULAD = Path(__file__).parents[2] / "benchmarks" / "oulad"


@pytest.fixture(scope="session")
def reference() -> Path:
    """Return the folder of the data set's five files; skips where it is absent."""
    folder = os.environ.get("TARGETING_REFERENCE_DATA")
    if not folder or not (Path(folder) / "benchmarks" / "oulad").is_dir():
        pytest.skip("TARGETING_REFERENCE_DATA names no folder with benchmarks/oulad; see docs/reference-data.md")
    return Path(folder) / "benchmarks" / "oulad"


@pytest.fixture(scope="session")
def prepare() -> Callable[[Path, Path], dict[str, int]]:
    """Return the function that writes the extracts."""
    return _module("prepare").prepare


@pytest.fixture(scope="session")
def extracts(
    reference: Path, prepare: Callable[[Path, Path], dict[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return the folder of the whole data set's extracts."""
    folder = tmp_path_factory.mktemp("extracts")
    prepare(reference, folder)
    return folder


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"oulad_{name}", OULAD / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
