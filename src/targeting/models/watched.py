"""What the watch saw of the model in use, kept date by date for whoever answers for the model.

`watch/MODEL/DATE.json` in the data folder: standings and measures, nobody's records.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from targeting.errors import DataError
from targeting.store.files import private_folder, write_atomically

FOLDER = "watch"
Standing = Literal["as before", "changed", "feed outage", "below the floor", "cannot tell"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was watched: how it stands, a figure where there is one, and what was seen."""

    what: str
    standing: Standing
    figure: float | None
    detail: str

    def to_json(self) -> dict[str, object]:
        """Return what is printed and kept."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Watch:
    """What was seen of one version as of a date, on the day of watching."""

    version: str
    as_of_date: date
    on: date
    findings: tuple[Finding, ...]

    @property
    def not_as_before(self) -> tuple[Finding, ...]:
        """Return what somebody should look at."""
        return tuple(each for each in self.findings if each.standing not in ("as before", "cannot tell"))


def keep_watch(data: Path, model: str, watch: Watch) -> Path:
    """Write what was seen and return where; an earlier watch as of the same date is replaced."""
    told = {
        "version": watch.version,
        "as_of_date": watch.as_of_date.isoformat(),
        "on": watch.on.isoformat(),
        "findings": [each.to_json() for each in watch.findings],
    }
    path = private_folder(data / FOLDER / model) / f"{watch.as_of_date}.json"
    write_atomically(path, (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode())
    return path


def kept_watches(data: Path, model: str) -> Sequence[Watch]:
    """Return every watch on a model that was kept, the latest date first. Raises DataError where one cannot be read."""
    return [_read(path) for path in sorted((data / FOLDER / model).glob("*.json"), reverse=True)]


def _read(path: Path) -> Watch:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return Watch(
            version=held["version"],
            as_of_date=date.fromisoformat(held["as_of_date"]),
            on=date.fromisoformat(held["on"]),
            findings=tuple(Finding(**each) for each in held["findings"]),
        )
    except (ValueError, TypeError, KeyError):
        kept = Path(FOLDER, path.parent.name, path.name)
        raise DataError(f"{kept} cannot be read: run `targeting monitor` as of its date again.") from None
