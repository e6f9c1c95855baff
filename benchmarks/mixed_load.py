"""`make evidence-mixed-load`: mixed load on a service whose workers are killed, its database restarted meanwhile.

python -m benchmarks.mixed_load --seconds 600 --project DEMO

Two workers over a copy of a demo and a PostgreSQL of its own. Six clients read lists, flags and scores, and decide;
every thirty seconds a worker is killed, half-way the database is restarted, and after a quarter a new champion is
promoted and a list made by it published. Fails where an acknowledged decision is lost or recorded twice, a page of a
list mixes two, an answer names another model than made its list, or is one that the description does not have.
Writes what it saw into `docs/evidence/api.json`.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import threading
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from targeting.asgi import declared_access
from targeting.models.bundle import BundleContents, read_bundle, write_bundle
from targeting.models.registry import promote, read_champions
from targeting.models.signatures import sign_bundle
from targeting.serving.access.demo_issuer import DemoIssuer
from targeting.serving.database.database import now
from targeting.serving.definition import SIGNERS, read_signers
from targeting.serving.library import Library

from .disturbances import disturb, lost
from .loopback import free_port, get, running
from .mixed_clients import Client, Seen
from .private_postgresql import Postgresql, private_postgresql

EVIDENCE = Path(__file__).parents[1] / "docs" / "evidence" / "api.json"
CLIENTS, WORKERS, SECONDS_BETWEEN_KILLS = 6, 2, 30.0


@dataclass
class Happened:
    """What was done to the service while clients asked."""

    workers_killed: int = 0
    database_restarts: int = 0
    lists_published: int = 0
    champions_promoted: int = 0
    faults: list[str] = field(default_factory=list)


def main() -> None:
    """Run the load, print and keep what was seen; ends with 1 where something does not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--project", type=Path, required=True)
    asked = parser.parse_args()
    with TemporaryDirectory() as folder, private_postgresql() as database:
        root = Path(folder) / "project"
        shutil.copytree(asked.project, root, ignore=shutil.ignore_patterns("extracts", "service.sqlite*", "mlruns"))
        seen, happened, held = _run(root, database, asked.seconds)
    found = _result(asked.seconds, seen, happened, held)
    print(json.dumps(found, indent=1))
    kept = json.loads(EVIDENCE.read_text(encoding="utf-8")) if EVIDENCE.exists() else {}
    EVIDENCE.write_text(json.dumps({**kept, "mixed_load": found}, indent=1) + "\n", encoding="utf-8")
    sys.exit(1 if found["faults"] else 0)


def _run(root: Path, database: Postgresql, seconds: float) -> tuple[Seen, Happened, dict[str, Any]]:
    port, happened, seen = free_port(), Happened(), Seen()
    environment = {"TARGETING_DATABASE_URL": database.url}
    command = [sys.executable, "-m", "targeting", "--project", str(root), "serve", "--workers", str(WORKERS)]
    token = DemoIssuer(root / "var").token("integration_client", at=now(), audience=declared_access(root).audience)
    families = Library(root / "var").current()[0].considered["family_id"].to_pylist()
    with ExitStack() as stack:
        ready = get("/readyz")
        service = stack.enter_context(
            running([*command, "--port", str(port)], port=port, ready=ready, environment=environment)
        )
        stop = threading.Event()
        clients = [Client(port, token, families, seen, seed) for seed in range(CLIENTS)]
        threads = [threading.Thread(target=each.ask_until, args=(stop,)) for each in clients]
        for each in threads:
            each.start()
        happenings = {
            seconds / 4: lambda: _publish(root, happened),
            seconds / 2: lambda: _restart(database, happened),
        }
        try:
            happened.workers_killed = disturb(
                service.process,
                happenings,
                seen.answers.total,
                seconds=seconds,
                between_kills=SECONDS_BETWEEN_KILLS,
            )
        finally:
            stop.set()
        for each in threads:
            each.join()
        held = clients[0].all_decisions()
    verified = subprocess.run(  # noqa: S603 - our own command.
        [sys.executable, "-m", "targeting", "--project", str(root), "audit-log", "--verify", "--json"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if verified.returncode:
        happened.faults.append(f"the audit log does not verify: {verified.stderr[-300:]}")
        return seen, happened, {"decisions": held, "events": 0}
    return seen, happened, {"decisions": held, "events": json.loads(verified.stdout)["events"]}


def _restart(database: Postgresql, happened: Happened) -> None:
    database.restart()
    happened.database_restarts += 1


def _publish(root: Path, happened: Happened) -> None:
    """Promote another version of the model, and publish the next week's lists by it."""
    data, on = root / "var", Library(root / "var").current()[0].head.as_of_date + timedelta(days=7)
    (model, champion), *_ = read_champions(data).items()
    held, signers = read_bundle(data / "bundles" / model / champion.version), read_signers(root / SIGNERS)
    evidence = {path.name: path.read_bytes() for path in (held.folder / "evidence").iterdir() if path.is_file()}
    contents = BundleContents(
        origin=replace(held.origin, title=f"{held.origin.title}, again"),
        booster=held.booster,
        calibrator=held.calibrator,
        plan_json=held.plan_json,
        evidence=evidence,
    )
    made = write_bundle(data / "candidates" / model, contents)
    for signer in signers:
        key = root / "keys" / f"{signer.name.replace(' ', '_')}.pem"
        accepts = date(2030, 1, 1) if signer.role == "data_protection" else None
        sign_bundle(made, name=signer.name, key=key, signers=signers, re_audit_by=accepts)
    promote(made, data, signers=signers, on=on)
    happened.champions_promoted += 1
    scored = subprocess.run(  # noqa: S603 - our own command.
        [sys.executable, "-m", "targeting", "--project", str(root), "score", "--as-of", on.isoformat()],
        capture_output=True,
        text=True,
        check=False,
    )
    if scored.returncode:
        happened.faults.append(f"no list could be published: {scored.stderr[-500:]}")
        return
    happened.lists_published += 1


def _result(seconds: float, seen: Seen, happened: Happened, held: dict[str, Any]) -> dict[str, Any]:
    faults = [*happened.faults, *seen.faults, *lost(seen.acknowledged, held["decisions"])]
    return {
        "command": "make evidence-mixed-load",
        "date": now().date().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "seconds": seconds,
        "clients": CLIENTS,
        "workers": WORKERS,
        "workers_killed": happened.workers_killed,
        "database_restarts": happened.database_restarts,
        "lists_published": happened.lists_published,
        "champions_promoted": happened.champions_promoted,
        "answers": dict(sorted(seen.answers.items())),
        "connections_broken_off": seen.broken_off,
        "decisions_acknowledged": len(seen.acknowledged),
        "decisions_recorded": len(held["decisions"]),
        "audit_events_verified": held["events"],
        "faults": faults,
    }


if __name__ == "__main__":
    main()
