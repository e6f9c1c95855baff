"""Twelve weekly lists of a synthetic district: do all ledgers and reasons sum, and do all passports verify?

Publishes, from the records of a project (the demo's, by default), the lists of twelve weeks one after the other, as a
panel would have had them, and proves every flag. Writes what it found to docs/evidence/lists.json.
"""

import argparse
import json
import math
import os
import platform
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from targeting.commands.chain import made_from
from targeting.commands.clock import today
from targeting.commands.console import step
from targeting.errors import TargetingError
from targeting.models.bundle import Bundle
from targeting.project.loading import load_project
from targeting.serving.contents import Passport
from targeting.serving.lists import publish
from targeting.serving.passport import TOLERANCE, verify
from targeting.serving.published import PublishedList, published_heads
from targeting.store.generations import GENERATIONS

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


def main() -> None:
    """Publish, prove, and write what was found to docs/evidence."""
    parser = argparse.ArgumentParser(description="Twelve weekly lists, all proved.")
    parser.add_argument("--project", type=Path, default=ROOT / "targeting-demo")
    held = found(parser.parse_args().project.resolve(), WEEKS)
    evidence = {
        "command": "make evidence-lists",
        "date": today().isoformat(),
        "data": "synthetic: the families of `targeting demo`, with the records as known in each of twelve weeks",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("targeting", "lightgbm", "numpy", "numba")},
        "found": held,
    }
    EVIDENCE.write_text(json.dumps(evidence, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
