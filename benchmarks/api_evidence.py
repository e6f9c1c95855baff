"""`make evidence-bench-api`: what `targeting bench api` measures on a demo, kept with its date and machine.

python -m benchmarks.api_evidence --scale full --project DEMO

Writes into `docs/evidence/api.json` beside what the mixed load saw.
"""

import argparse
import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from targeting.commands.bench import OURS, Row, compared
from targeting.serving.database.database import now

from .api import PEER, run

EVIDENCE = Path(__file__).parents[1] / "docs" / "evidence" / "api.json"
NAMED = ("mlflow", "lightgbm", "fastapi", "uvicorn")


KNOWN = "score a family on a list"
PER_SECOND, MOST_MILLISECONDS, TIMES_THE_PEER = 600.0, 10.0, 15.0


def main() -> None:
    """Run the benchmark, print and keep its rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", choices=("small", "full"), default="full")
    parser.add_argument("--project", type=Path, required=True)
    asked = parser.parse_args()
    before = os.getloadavg()[0]
    found = _kept(compared(run(asked.scale, asked.project, lambda _what, _done, _of: None)), asked.scale, before)
    print(json.dumps(found, indent=1))
    kept = json.loads(EVIDENCE.read_text(encoding="utf-8")) if EVIDENCE.exists() else {}
    EVIDENCE.write_text(json.dumps({**kept, "bench": found}, indent=1) + "\n", encoding="utf-8")


def _kept(rows: Sequence[Row], scale: str, load: float) -> dict[str, Any]:
    """Return the rows and which aims hold, with what they were measured on.

    `load_before` and `load_after` say how many processes ran beside: on two cores, above one is crowded.
    """
    return {
        "command": f"python -m benchmarks.api_evidence --scale {scale}",
        "date": now().date().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "load_before": round(load, 1),
        "load_after": round(os.getloadavg()[0], 1),
        "aims": aims_of(rows),
        "versions": {name: version(name) for name in NAMED},
        "rows": [asdict(row) for row in rows],
    }


def aims_of(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return what a known family with reasons is to take, what it took, and whether that is as aimed."""
    found = {(row.case, row.subject): row.value for row in rows}
    rate, p99 = found[f"{KNOWN}, one connection", OURS], found[f"{KNOWN}, p99", OURS]
    times = rate / found[f"{KNOWN}, one connection", PEER]
    return [
        _aim(f"{PER_SECOND:g} requests a second at one client", rate, holds=rate >= PER_SECOND),
        _aim(f"p99 under {MOST_MILLISECONDS:g} ms at one client", p99, holds=p99 < MOST_MILLISECONDS),
        _aim(f"{TIMES_THE_PEER:g} times {PEER}", times, holds=times >= TIMES_THE_PEER),
    ]


def _aim(aim: str, found: float, *, holds: bool) -> dict[str, Any]:
    return {"aim": f"{KNOWN}: {aim}", "found": round(found, 2), "holds": holds}


if __name__ == "__main__":
    main()
