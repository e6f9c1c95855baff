"""The district that comes with Targeting: its declarations, copied into a new project folder."""

import shutil
from pathlib import Path

from targeting.errors import TargetingError

PARTS = ("targeting.toml", "features", "models", "training", "fairness", "serving", "notebooks")
_PACKAGE = Path(__file__).parents[1]


def template_folder() -> Path:
    """Return the folder that holds the declarations: inside an installed wheel, else the checkout's own root."""
    installed = _PACKAGE / "template"
    return installed if installed.is_dir() else _PACKAGE.parents[1]


def checkout_folder() -> Path | None:
    """Return the root of the checkout that this code runs from; None where it was installed from a wheel."""
    root = _PACKAGE.parents[1]
    return root if (root / "pyproject.toml").is_file() and _PACKAGE.parent.name == "src" else None


def copy_template(folder: Path) -> None:
    """Write the district's declarations into `folder`, replacing those that lie there; its data stay untouched.

    Raises TargetingError where `folder` is a file.
    """
    if folder.is_file():
        raise TargetingError(f"{folder} is a file; name a folder, or one that does not exist yet.")
    folder.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        source, target = template_folder() / part, folder / part
        if source.is_dir():
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        else:
            shutil.copyfile(source, target)
