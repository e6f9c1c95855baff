"""Starts a second district: the declarations that come with Targeting, without what the first district signed for."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from targeting.errors import TargetingError
from targeting.project.loading import FOLDERS
from targeting.project.settings import MARKER, read_settings
from targeting.project.template import copy_template
from targeting.serving.definition import SERVICE, SIGNERS

STARTER = Path(__file__).parent / "starter"
# In a district's name these stay small, but at its beginning: Stoke on Trent.
SMALL_WORDS = frozenset(("and", "by", "in", "le", "of", "on", "the", "under", "upon", "with"))


@dataclass(frozen=True)
class Started:
    """A project folder that was made. `inside` is the project around it, where there is one."""

    name: str
    folder: Path
    inside: Path | None


def start_district(folder: Path, *, name: str | None = None) -> Started:
    """Write a new district's declarations, README and .gitignore to a folder that is empty or does not exist yet.

    Its name is by default the folder's, made readable. Nobody may sign in it, and its lists are in shadow. Nothing is
    written where TargetingError is raised: something lies in the folder, or it would lie among another project's
    declarations or data.
    """
    folder = folder.resolve()
    title = name_of(folder) if name is None else _checked(name)
    _check_empty(folder)
    outer = next((place for place in folder.parents if (place / MARKER).is_file()), None)
    if outer is not None:
        _check_apart(folder, outer)
    try:
        _write(folder, title)
    except OSError as error:
        raise TargetingError(f"{folder} cannot be written: {error.strerror}.") from error
    return Started(title, folder, outer)


def name_of(folder: Path) -> str:
    """Return a folder's name as a district's: `stoke-on-trent` is Stoke on Trent."""
    words = re.sub(r"[\s_-]+", " ", folder.name).split()
    shown = [word if place and word in SMALL_WORDS else word[:1].upper() + word[1:] for place, word in enumerate(words)]
    return " ".join(shown) or "District"


def _checked(name: str) -> str:
    if not name.strip() or not name.isprintable():
        raise TargetingError("--name is the district's name for people to read: one line, not empty.")
    return name.strip()


def _check_empty(folder: Path) -> None:
    """Raise TargetingError where anything lies there; an empty git repository counts as empty."""
    for place in (folder, *folder.parents):
        if place.exists() and not place.is_dir():
            raise TargetingError(f"{place} is a file; name a folder, or one that does not exist yet.")
    in_the_way = sorted(path.name for path in folder.iterdir() if path.name != ".git") if folder.exists() else []
    if in_the_way:
        more = f" and {len(in_the_way) - 1} more" if in_the_way[1:] else ""
        raise TargetingError(
            f"{folder} is not empty: {in_the_way[0]}{more} in the way. Nothing was written; name an empty folder, or "
            "one that does not exist yet."
        )


def _check_apart(folder: Path, outer: Path) -> None:
    """Raise TargetingError where the folder lies in what `outer` reads as its own declarations or data."""
    own = {*FOLDERS, "mlruns", read_settings(outer).data_folder}
    part = next((name for name in sorted(own) if (outer / name) in (folder, *folder.parents)), None)
    if part is not None:
        raise TargetingError(
            f"{folder} lies in {part}/ of the project {outer}, which reads it as its own. Name another."
        )


def _write(folder: Path, name: str) -> None:
    copy_template(folder)
    _change(folder / MARKER, lambda text: _renamed(text, name))
    _change(folder / SIGNERS, lambda text: without_tables(text, "signer"))
    _change(folder / SERVICE, lambda text: without_tables(text, "document"))
    readme = (STARTER / "README.md").read_text(encoding="utf-8")
    (folder / "README.md").write_text(readme.replace("{{ district }}", name), encoding="utf-8")
    (folder / ".gitignore").write_bytes((STARTER / "gitignore").read_bytes())


def without_tables(text: str, name: str) -> str:
    """Return TOML without its tables `[[name]]` and the comment that stands right above each."""
    comment = r"(?:^#[^\n]*\n)*"
    return re.sub(rf"(?ms){comment}^\[\[{name}\]\]$.*?(?={comment}^\[|\Z)", "", text)


def _renamed(text: str, name: str) -> str:
    # JSON's string is one of TOML where every character can be printed.
    line = f"name = {json.dumps(name, ensure_ascii=False)}"
    return re.sub(r"(?m)^name = .*$", lambda _: line, text, count=1)


def _change(path: Path, change: Callable[[str], str]) -> None:
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
