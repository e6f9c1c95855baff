"""A small district with every agency's files, and one large enough to measure."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from targeting.project.declarations import load_declarations
from targeting.sources.definition import Source
from targeting.synthetic.synthesis import synthesise

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def make(tmp_path_factory) -> Callable[..., Path]:
    """Return a function that makes a district and returns its folder."""

    def made(families: int, seed: int = 1, **options) -> Path:
        out = tmp_path_factory.mktemp("district") / "extracts"
        synthesise(out, families=families, seed=seed, **options)
        return out

    return made


@pytest.fixture(scope="session")
def small(make) -> Path:
    return make(400, seed=7)


@pytest.fixture(scope="session")
def large(make) -> Path:
    return make(3_000, seed=2)


@pytest.fixture(scope="session")
def small_rates(small) -> dict[str, dict]:
    return {rate["name"]: rate for rate in json.loads((small / "rates.json").read_text())["rates"]}


def _loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"loaded_for_synthetic_tests_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def sources() -> tuple[Source, ...]:
    """Return the district's sources."""
    declarations, faults = load_declarations(ROOT)
    assert not faults
    return tuple(each.value for each in declarations if isinstance(each.value, Source))


@pytest.fixture(scope="session")
def generator_check() -> ModuleType:
    """Return the benchmark that says how hard a district is."""
    return _loaded(ROOT / "benchmarks/check_generator.py")
