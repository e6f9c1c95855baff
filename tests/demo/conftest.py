"""One demo for all tests that read one: made by the wheel alone, in an empty environment, with no checkout in reach.

Both files of this folder run in one worker (see `tests/conftest.py`), so that it is made once.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

from targeting.commands.demo import demo

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")
DECLARED = ("targeting.toml", "features", "models", "training", "fairness", "serving", "notebooks")
# Too few for the model to be promoted, as the demo says.
FAMILIES = 500

Told = tuple[int, str, str]


@dataclass(frozen=True)
class Machine:
    """A machine that has an environment with the wheel, an empty home and an empty working folder, and no checkout."""

    folder: Path

    @property
    def work(self) -> Path:
        return self.folder / "work"

    @contextmanager
    def running(self, program: str, *arguments: str) -> Iterator[IO[str]]:
        """Run a program of the environment in the working folder until the block ends; yield what it prints."""
        command = [str(self.folder / "environment/bin" / program), *arguments]
        with subprocess.Popen(
            command, cwd=self.work, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            assert process.stdout is not None
            try:
                yield process.stdout
            finally:
                process.terminate()

    def run(self, program: str, *arguments: str) -> Told:
        """Run a program of the environment to its end; return exit code, standard output and error."""
        command = [str(self.folder / "environment/bin" / program), *arguments]
        ended = subprocess.run(
            command, cwd=self.work, env=self._environment, capture_output=True, text=True, check=False, timeout=600
        )
        return ended.returncode, ended.stdout, ended.stderr

    @property
    def _environment(self) -> dict[str, str]:
        return {
            "PATH": f"{self.folder / 'environment/bin'}:/usr/bin:/bin",
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "temporary"),
            "LANG": "C.UTF-8",
            "COLUMNS": "200",
            # The gate's other worker has the other core; on one, so small a district takes no longer.
            "OMP_THREAD_LIMIT": "1",
        }

    def files_elsewhere(self) -> set[str]:
        """Return every file outside the working folder but the bytecode that Python keeps beside a module."""
        files = {str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file()}
        return {name for name in files if not name.startswith("work/") and "__pycache__" not in name}


@dataclass(frozen=True)
class Ran:
    """What one demo told and left, and which files lay outside the working folder before and after it and `second`.

    `second` is another district, made and checked. `left` names what lay in the working folder, and below the demo's
    candidates for its model.
    """

    families: int
    demo: Told
    left: tuple[set[str], set[str]]
    second: tuple[Told, Told]
    before: set[str]
    after: set[str]
    checkout: tuple[set[str], set[str]]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def machine(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """Return a machine with the wheel and what it depends on, in the versions of the lock file."""
    folder = tmp_path_factory.mktemp("machine")
    for name in ("work", "home", "temporary"):
        (folder / name).mkdir()
    environment = folder / "environment"
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, environment], check=True)
    install = [UV, "pip", "install", "--quiet", "--python", environment / "bin/python"]
    install += ["--constraint", ROOT / "requirements/development.txt", wheel]
    ended = None
    for extra in (["--offline"], []):
        ended = subprocess.run([*install, *extra], capture_output=True, text=True, check=False)
        if ended.returncode == 0:
            _lend_bytecode(environment)
            return Machine(folder)
    pytest.skip(f"the wheel is NOT tested: what it depends on could not be installed: {ended and ended.stderr[-500:]}")


def _lend_bytecode(environment: Path) -> None:
    """Link what Python compiled of the packages that the wheel depends on: compiling them again would take 13 seconds.

    Python takes bytecode only where it was made of a file of the same time and size; both environments link theirs from
    uv's cache. The wheel's own modules are compiled there.
    """
    ours = Path(sysconfig.get_path("purelib"))
    theirs = environment / ours.relative_to(sys.prefix)
    for folder, _, files in os.walk(theirs):
        compiled = ours / Path(folder).relative_to(theirs) / "__pycache__"
        if not compiled.is_dir() or compiled.is_relative_to(ours / "targeting"):
            continue
        lent = Path(folder) / "__pycache__"
        lent.mkdir(exist_ok=True)
        for name in files:
            cached = f"{Path(name).stem}.{sys.implementation.cache_tag}.pyc"
            if name.endswith(".py") and (compiled / cached).is_file():
                _linked(compiled / cached, lent / cached)


def _linked(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:
        # Another file system.
        shutil.copyfile(source, target)


@pytest.fixture(scope="session")
def ran(machine: Machine) -> Ran:
    before, checkout = machine.files_elsewhere(), _project_files()
    told = machine.run("targeting", "demo", "--families", str(FAMILIES), "--no-serve")
    candidates = machine.work / "targeting-demo/var/candidates/escalation"
    left = ({path.name for path in machine.work.iterdir()}, {path.name for path in candidates.glob("*")})
    made = machine.run("targeting", "init", "second", "--name", "Second district")
    checked = machine.run("targeting", "--project", "second", "check", "--json")
    return Ran(
        families=FAMILIES,
        demo=told,
        left=left,
        second=(made, checked),
        before=before,
        after=machine.files_elsewhere(),
        checkout=(checkout, _project_files()),
    )


@pytest.fixture(scope="session")
def demo_folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the wheel's demo; where no wheel could be installed, of one that the checkout made."""
    try:
        machine, ran = (request.getfixturevalue(name) for name in ("machine", "ran"))
    except pytest.skip.Exception:
        folder = tmp_path_factory.mktemp("demo") / "district"
        demo(families=FAMILIES, folder=folder, no_serve=True)
        return folder
    assert ran.demo[0] == 0, ran.demo
    return Path(machine.work / "targeting-demo")


def _project_files() -> set[str]:
    """Return the files of the checkout that a project's commands would write, were it taken for their project."""
    places = ("var", "mlruns", "keys", "targeting-demo", *DECLARED)
    return {f"{place}/{name}" for place in places for name in _files(ROOT / place)}


def _files(folder: Path) -> set[str]:
    paths = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(folder)) for path in paths}
