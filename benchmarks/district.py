"""`make evidence-district`: a district of 20,000 families, its rates beside published ones, and how hard it is.

Writes `docs/evidence/district.json` and fails where the district is too easy, too hard, of another prevalence,
or misses a published rate.
It says nothing about Bradford.
"""

import json
import os
import platform
import sys
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from check_generator import check, rate_faults

from targeting.commands.clock import today
from targeting.commands.console import out, step, table
from targeting.synthetic.synthesis import synthesise

EVIDENCE = Path(__file__).parents[1] / "docs" / "evidence" / "district.json"
FAMILIES, SEED = 20_000, 1


def main() -> int:
    """Make the district, check it, write the evidence; return 1 where the check fails."""
    with TemporaryDirectory() as folder:
        extracts = Path(folder) / "extracts"
        with step("Making the district"):
            synthesise(extracts, families=FAMILIES, seed=SEED)
        with step("Training plain LightGBM on simple counts"):
            checked = check(extracts)
        rates = json.loads((extracts / "rates.json").read_text(encoding="utf-8"))["rates"]
    shown = [(each["name"], each["unit"], each["published"], each["synthetic"], each["ratio"]) for each in rates]
    out.print(
        table("Published rates beside the district's", ("rate", "unit", "published", "synthetic", "ratio"), shown)
    )
    out.print(table("How hard it is", ("what", ""), list(asdict(checked).items())))
    EVIDENCE.parent.mkdir(parents=True, exist_ok=True)
    EVIDENCE.write_text(json.dumps(_evidence(asdict(checked), rates), indent=1) + "\n", encoding="utf-8")
    faults = [*checked.faults(), *rate_faults(rates)]
    for fault in faults:
        out.print(fault)
    return 1 if faults else 0


def _evidence(checked: dict[str, Any], rates: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "command": "make evidence-district",
        "date": today().isoformat(),
        "data": f"a synthetic district of {FAMILIES:,} families, seed {SEED}; it says nothing about Bradford",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("targeting", "lightgbm", "numpy")},
        "difficulty": {name: round(value, 4) for name, value in checked.items()},
        "rates": rates,
    }


if __name__ == "__main__":
    sys.exit(main())
