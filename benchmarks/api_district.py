"""The district whose lists the benchmark `api` asks for: the project named, else the demo's, else a small one."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from targeting.asgi import declared_access
from targeting.commands.console import Advance
from targeting.errors import TargetingError
from targeting.project.finding import find_project
from targeting.project.settings import read_settings
from targeting.serving.access.demo_issuer import DemoIssuer
from targeting.serving.contents import Passport
from targeting.serving.database.database import now
from targeting.serving.library import Library

# The fewest with which a demo's model passed its gates, twice over: a list is published within a minute.
FAMILIES, SEED = 4_000, 1
DEMO = Path(__file__).parents[1] / "targeting-demo"


@dataclass(frozen=True)
class District:
    """A project with published lists, and whom to ask for: one flag, and families considered but not listed."""

    root: Path
    passport: Passport
    unlisted: tuple[str, ...]
    token: str

    @property
    def tracking_uri(self) -> str:
        """Return the address of the project's MLflow database."""
        return f"sqlite:///{self.root / 'mlruns' / 'mlflow.db'}"

    @property
    def values_sent(self) -> dict[str, Any]:
        """Return what MLflow's server is sent: the flag's indicator values, ready made, unknown ones as null."""
        values = {each.name: each.value for each in self.passport.indicators}
        return {"dataframe_split": {"columns": list(values), "data": [list(values.values())]}}


@contextmanager
def district(project: Path | None, progress: Advance) -> Iterator[District]:
    """Find the district, or make one that is gone when the block ends.

    Raises TargetingError where the project named has no published list.
    """
    root = project or (DEMO if (DEMO / "var" / "published").is_dir() else None)
    if root is not None:
        yield _read(root)
        return
    with TemporaryDirectory() as folder:
        progress(f"making a demo of {FAMILIES:,} families", 0, 1)
        yield _read(_made(Path(folder) / "district"))


def _made(folder: Path) -> Path:
    """Return the folder of a new demo, made in a process of its own: what it prints is no result of the benchmark."""
    command = [sys.executable, "-m", "targeting", "demo", "--families", str(FAMILIES), "--seed", str(SEED)]
    command += ["--no-serve", "--folder", str(folder)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command.
    if made.returncode:
        raise TargetingError(f"no demo could be made:\n{made.stderr[-2000:]}")
    return folder


def _read(folder: Path) -> District:
    root = find_project(folder)
    data = root / read_settings(root).data_folder
    lists = Library(data).current()
    published = next((each for each in lists if each.flags), None)
    if published is None:
        raise TargetingError(f"{root} has no published list; `targeting demo` makes a district that has one.")
    listed = {flag.family_id for each in lists for flag in each.flags}
    considered = published.considered["family_id"].to_pylist()
    unlisted = tuple(family for family in considered if family not in listed)
    token = DemoIssuer(data).token("integration_client", at=now(), audience=declared_access(root).audience)
    return District(root=root, passport=published.passports[0], unlisted=unlisted, token=token)
