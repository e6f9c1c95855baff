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

from targeting.commands.bench import Row, compared
from targeting.serving.database.database import now

from .api import run

EVIDENCE = Path(__file__).parents[1] / "docs" / "evidence" / "api.json"
NAMED = ("mlflow", "lightgbm", "fastapi", "uvicorn")


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
    """Return the rows with what they were measured on; `load_before` is how many processes ran by then."""
    return {
        "command": f"python -m benchmarks.api_evidence --scale {scale}",
        "date": now().date().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "load_before": round(load, 1),
        "versions": {name: version(name) for name in NAMED},
        "rows": [asdict(row) for row in rows],
    }


if __name__ == "__main__":
    main()
