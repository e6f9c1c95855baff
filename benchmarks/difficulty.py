"""`make evidence-difficulty`: is the synthetic district as hard as docs/decisions/0015 fixes it?

Three districts of 25,000 families, four dates each. The attainable and those beside it on the sample of the forward
filter; plain LightGBM, the points rule and the escalations that nobody but universal services could have seen on the
whole cohort of the same dates. Writes `docs/evidence/difficulty.json` and fails where a bound is left.
It says nothing about Bradford.
"""

import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from targeting.commands.clock import today
from targeting.commands.console import out, step, table
from targeting.synthetic.synthesis import synthesise

from .check_generator import Counts, Rows, rows
from .regret import points, sample_of, trained
from .regret_districts import Sample
from .regret_measures import TOP, measures, pooled, precision_in_top

EVIDENCE = Path(__file__).parents[1] / "docs" / "evidence" / "difficulty.json"
FAMILIES, SEEDS, MONTHS_A_QUARTER = 25_000, (1, 2, 3), 3
BOUNDS = {
    "attainable AUC": (0.76, 0.85),
    "points rule's precision in the top per cent, of plain LightGBM's": (0.60, 0.85),
    "escalations with no fact but universal services' in the year before": (0.28, 0.39),
}


@dataclass(frozen=True)
class Cohort:
    """The whole cohort of the sample's dates: what happened, LightGBM's score, points, and who was unseen."""

    label: NDArray[np.bool_]
    model: NDArray[np.float64]
    rule: NDArray[np.float64]
    unseen: NDArray[np.bool_]


def measured(families: int, seed: int) -> tuple[Sample, Cohort]:
    """Return one district's sample and whole cohort."""
    with TemporaryDirectory() as folder:
        extracts = Path(folder) / "extracts"
        synthesise(extracts, families=families, seed=seed, attainable=True)
        return sample_of(extracts), _cohort(extracts)


def _cohort(extracts: Path) -> Cohort:
    booster, first = trained(extracts)
    every: Rows = rows(extracts, first, sys.maxsize, every=MONTHS_A_QUARTER)
    dates = np.unique(every.day)[:4]
    now = np.isin(every.day, dates)
    X = every.X[now]
    model = np.asarray(booster.predict(X), float)
    return Cohort(every.label[now], model, points(X, Counts(extracts).names), every.unseen[now])


def difficulty(sample: Sample, cohorts: Sequence[Cohort]) -> dict[str, float]:
    """Return what the bounds are set to."""
    label, model, rule, unseen = (
        np.concatenate([getattr(cohort, name) for cohort in cohorts]) for name in ("label", "model", "rule", "unseen")
    )
    each, happened = np.ones(label.size), label.astype(float)
    of_model, of_rule = (precision_in_top(score, happened, each, TOP) for score in (model, rule))
    auc = next(row.value for row in measures(sample) if row.case == "AUC" and row.subject.startswith("attainable"))
    found = (auc, of_rule / of_model, float(unseen[label].mean()))
    return {
        **dict(zip(BOUNDS, found, strict=True)),
        "plain LightGBM's precision in the top per cent": of_model,
        "points rule's precision in the top per cent": of_rule,
        "prevalence": float(happened.mean()),
        "family-dates": float(label.size),
    }


def faults(found: Mapping[str, float]) -> list[str]:
    """Return which bounds are left, as sentences."""
    return [
        f"{name}: {found[name]:.3f}, outside {low} to {high}."
        for name, (low, high) in BOUNDS.items()
        if not low <= found[name] <= high
    ]


def main() -> int:
    """Make the districts, measure them, write the evidence; return 1 where a bound is left."""
    parts = []
    for seed in SEEDS:
        with step(f"District {seed} of {len(SEEDS)}"):
            parts.append(measured(FAMILIES, seed))
    sample = pooled([part for part, _ in parts])
    found = difficulty(sample, [cohort for _, cohort in parts])
    out.print(table("How hard the district is", ("what", ""), list(found.items())))
    EVIDENCE.write_text(json.dumps(_evidence(found, sample), indent=1) + "\n", encoding="utf-8")
    left = faults(found)
    for fault in left:
        out.print(fault)
    return 1 if left else 0


def _evidence(found: Mapping[str, float], sample: Sample) -> dict[str, Any]:
    return {
        "command": "make evidence-difficulty",
        "date": today().isoformat(),
        "data": f"{len(SEEDS)} synthetic districts of {FAMILIES:,} families; they say nothing about Bradford",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("targeting", "lightgbm", "numpy")},
        "bounds": BOUNDS,
        "difficulty": {name: round(value, 4) for name, value in found.items()},
        "sample": [
            {"case": row.case, "subject": row.subject, "value": round(row.value, 3), "unit": row.unit}
            for row in measures(sample)
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
