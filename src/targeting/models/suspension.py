"""The off switch: while a model's flags are suspended, no list is made with it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from targeting.errors import TargetingError
from targeting.store.files import alone, write_atomically

SUSPENDED = "suspended.json"


class SuspendedError(TargetingError):
    """A model whose flags are suspended."""


@dataclass(frozen=True)
class Suspension:
    """Since when a model's flags are suspended, by whom, and why. The reason names no person."""

    on: date
    by: str
    reason: str


def suspend(data: Path, model: str, suspension: Suspension) -> None:
    """Suspend a model's flags; a suspension already there is replaced."""
    with alone(data / SUSPENDED):
        _write(data, {**read_suspensions(data), model: suspension})


def lift(data: Path, model: str) -> Suspension:
    """Lift a suspension and return it. Raises TargetingError where there is none."""
    with alone(data / SUSPENDED):
        held = read_suspensions(data)
        if model not in held:
            raise TargetingError(f"{model} is not suspended.")
        _write(data, {name: each for name, each in held.items() if name != model})
        return held[model]


def check_not_suspended(data: Path, model: str) -> None:
    """Raise SuspendedError where a model's flags are suspended."""
    held = read_suspensions(data).get(model)
    if held is not None:
        raise SuspendedError(
            f"Flags of {model} are suspended since {held.on} by {held.by}: {held.reason.rstrip('.')}. "
            f"No list is made until `targeting suspend {model} --lift --as NAME --because TEXT` lifts that."
        )


def suspension_of(data: Path, model: str) -> Suspension | None:
    """Return a model's suspension; None where its flags hold. Where the file cannot be read, each is."""
    try:
        return read_suspensions(data).get(model)
    except SuspendedError:
        changed = datetime.fromtimestamp((data / SUSPENDED).stat().st_mtime, tz=UTC).date()
        return Suspension(changed, "", "The register of suspensions cannot be read")


def read_suspensions(data: Path) -> dict[str, Suspension]:
    """Return each suspended model's suspension. Raises SuspendedError where the file cannot be read: unclear is off."""
    path = data / SUSPENDED
    if not path.exists():
        return {}
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        return {
            model: Suspension(date.fromisoformat(held["on"]), held["by"], held["reason"])
            for model, held in read.items()
        }
    except (ValueError, TypeError, AttributeError, KeyError):
        raise SuspendedError(f"{path} cannot be read, so every model is suspended. Suspend or lift again.") from None


def _write(data: Path, suspensions: Mapping[str, Suspension]) -> None:
    told = {model: {**asdict(held), "on": held.on.isoformat()} for model, held in suspensions.items()}
    write_atomically(data / SUSPENDED, json.dumps(told, indent=1, sort_keys=True).encode())
