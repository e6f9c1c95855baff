"""Twelve weekly lists of a synthetic district: do ledgers and reasons sum, do passports verify, and how long is one?

`found` publishes, from the records of a project (the demo's, by default), the lists of twelve weeks one after another,
as a panel would have had them, and proves every flag. `speed` is `targeting bench list --scale full`, `explanations`
`targeting bench explain --scale full`. All write what they found to docs/evidence/lists.json.
"""

import argparse
import json
import math
import os
import platform
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from targeting.commands.clock import today
from targeting.commands.console import step
from targeting.commands.publishing import made_from
from targeting.errors import TargetingError
from targeting.models.bundle import Bundle
from targeting.project.loading import load_project
from targeting.serving.contents import Passport
from targeting.serving.lists import publish
from targeting.serving.passport import TOLERANCE, verify
from targeting.serving.published import PublishedList, published_heads
from targeting.store.generations import GENERATIONS

from .explain import run as explanations_of_rows
from .list import run as lists_of_a_week

ROOT = Path(__file__).parents[1]
EVIDENCE = ROOT / "docs" / "evidence" / "lists.json"
WEEKS = 12


def weekly_lists(root: Path, data: Path, weeks: int) -> Iterator[tuple[PublishedList, Bundle]]:
    """Publish below `data` the lists of each week up to the project's latest, and yield each with its bundle."""
    last = published_heads(root / "var")[0].as_of_date
    (data / GENERATIONS).symlink_to(root / "var" / GENERATIONS)
    made = made_from(load_project(root, on=last), last)
    for before in reversed(range(weeks)):
        as_of_date = last - timedelta(weeks=before)
        at = datetime(as_of_date.year, as_of_date.month, as_of_date.day, 6, tzinfo=UTC)
        for each in publish(made, data=data, as_of_date=as_of_date, published_at=at):
            yield each, made.bundle


def faults(passport: Passport, bundle: Bundle) -> Iterator[str]:
    """Yield what of a flag does not sum or does not come out again."""
    yield from verify(passport, bundle)
    parts = [*(each.part for each in passport.indicators), passport.reference]
    if abs(math.fsum(parts) - (passport.margin - passport.mean_margin)) > TOLERANCE:
        yield "the parts do not sum"
    ledger = passport.ledger
    if ledger is not None:
        moved = ledger.replays[-1].margin - ledger.before.margin
        places = (ledger.capacity - ledger.rank) - (ledger.before.capacity - ledger.before.rank)
        if sum(each.part for each in ledger.score) != moved or sum(each.places for each in ledger.places) != places:
            yield "the ledger does not sum"


def found(root: Path, weeks: int) -> dict[str, object]:
    """Return what publishing the weeks showed. Raises TargetingError where anything does not hold."""
    flags, standings, causes, wrong = 0, Counter[str](), Counter[str](), []
    began = time.process_time()
    with TemporaryDirectory() as folder, step("Weekly lists") as advance:
        for number, (published, bundle) in enumerate(weekly_lists(root, Path(folder), weeks)):
            advance(f"{published.head.kind} of {published.head.as_of_date}", number, 2 * weeks)
            flags += len(published.flags)
            wrong += [fault for each in published.passports for fault in faults(each, bundle)]
            standings.update(flag.change.standing if flag.change else "first list" for flag in published.flags)
            ledgers = [each.ledger for each in published.passports if each.ledger]
            causes.update(part.cause for each in ledgers for part in each.score if part.part)
    if wrong:
        raise TargetingError(f"{len(wrong)} faults, the first: {wrong[0]}.")
    return {
        "weeks": weeks,
        "flags": flags,
        "faults": len(wrong),
        "change_of_flags": dict(sorted(standings.items())),
        "flags_moved_by": dict(sorted(causes.items())),
        "processor_seconds": round(time.process_time() - began),
    }


def speed(root: Path) -> list[dict[str, Any]]:
    """Return the rows of `targeting bench list --scale full`."""
    with step("The lists of 100,000 families") as advance:
        return [asdict(row) for row in lists_of_a_week("full", root, advance)]


def explanations(root: Path) -> list[dict[str, Any]]:
    """Return the rows of `targeting bench explain --scale full`, which makes its own model."""
    with step("Explanations of one to a million rows") as advance:
        return [asdict(row) for row in explanations_of_rows("full", root, advance)]


PARTS: Mapping[str, Callable[[Path], object]] = {
    "found": lambda root: found(root, WEEKS),
    "speed": speed,
    "explanations": explanations,
}


def main() -> None:
    """Measure the named parts, or all, and write them to docs/evidence."""
    parser = argparse.ArgumentParser(description="Twelve weekly lists, all proved, and what one takes.")
    parser.add_argument("part", nargs="*", metavar="PART", help="found, speed, explanations; all where none is named")
    parser.add_argument("--project", type=Path, default=ROOT / "targeting-demo")
    asked = parser.parse_args()
    if not set(asked.part) <= PARTS.keys():
        parser.error(f"no part is named so; those that are: {', '.join(PARTS)}")
    for part in asked.part or PARTS:
        held = PARTS[part](asked.project.resolve())
        written = json.loads(EVIDENCE.read_text(encoding="utf-8")) if EVIDENCE.exists() else {}
        EVIDENCE.write_text(json.dumps({**written, **_measured(), part: held}, indent=1) + "\n", encoding="utf-8")


def _measured() -> dict[str, Any]:
    return {
        "command": "make evidence-lists",
        "date": today().isoformat(),
        "data": "synthetic: the families of `targeting demo`, with the records as known in each of twelve weeks",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("targeting", "lightgbm", "numpy", "numba")},
    }


if __name__ == "__main__":
    main()
