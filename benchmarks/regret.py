"""`targeting bench regret`: how much of what could be attained on a synthetic district a model and simple rules reach.

Of each district, by seed, a sample of family-dates from the last four matured quarters has the attainable probability:
that of a forecaster who knew the generator and read what was on record on the date, as far as the forward filter reads
it. So it is a floor of the best attainable, and a share of it a ceiling. Beside it stand the district's own model, what
it would be from fewer families, and what it must beat, on records that were loaded and linked (`trained_model.py`);
and, knowing who is who, plain LightGBM on simple counts (trained on dates whose outcomes ended before the sample), a
points rule, the count of earlier contacts, and an observer of the true states, whom no record could equal. Families
whose case escalated within the lead are reported apart. Everything is weighted by inclusion weights and pooled over the
seeds: a subject's scores as places in their own district, for each district lists its own. Two measures, each in two
ways:

- average precision, and precision in the top per cent of the weighted families; equal scores share their place;
- against what happened, and expected: against the attainable probability, which has less noise and knows nothing that
  the filter does not read.

Then one district by other mechanisms (`targeting synthesise --variant other`), with an attainable of its own: there
stand the model that was trained on it and the one that was trained on a standard district, and the drop of each.

The declared training was chosen by temporal validation on the district of seed 1 (docs/decisions/0025). `small` (3,000
families, two seeds) is indicative alone, with some dozens of escalations. `full` takes hours; it keeps every finished
district below `var/regret`, and goes on from there. `python -m benchmarks.regret` writes it to
`docs/evidence/regret.json`. It says nothing about Bradford.
"""

import json
import os
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

import lightgbm as lgb
import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from targeting.commands.bench import Row
from targeting.commands.clock import today
from targeting.commands.console import out as console
from targeting.commands.console import step
from targeting.synthetic.calendar import day_of

from .check_generator import HORIZON, LEAD, Counts, days, plain_lightgbm, rows
from .regret_districts import OTHER, Floats, Place, Progress, Sample, prepare, result_of
from .regret_measures import ATTAINABLE, OF_ATTAINABLE, TRUE, measure_row, measures, placed, pooled
from .trained_model import OURS

ROOT = Path(__file__).parents[1]
EVIDENCE, KEPT = ROOT / "docs" / "evidence" / "regret.json", ROOT / "var" / "regret"
FAMILIES = {"small": 3_000, "full": 20_000}
SEEDS = {"small": (1, 2), "full": (1, 2, 3, 4, 5)}
ELSEWHERE = "trained on a standard district"
FIRST_TRAINED, EVERY_MONTHS = day_of(date(2022, 1, 1)), 2
LIGHTGBM, POINTS, CONTACTS = "plain LightGBM", "points rule", "earlier contacts"

_CONTACTS = "LCS_Contacts.csv:= in four years"
# As near to the points of training/escalation.toml as simple counts tell: column, at least, points. An incident names
# two adults, so that six rows are three incidents.
_POINTS = (
    ("LCS_Referrals.csv:= in a year", 1, 2),
    ("LCS_CP_Plans.csv:= in four years", 1, 2),
    ("DA_INVOLVED_PERSONS.csv:= in a year", 1, 2),
    ("DA_INVOLVED_PERSONS.csv:= in a year", 6, 1),
    ("mental_health_needs.csv:= in four years", 1, 1),
    ("substance_needs.csv:= in four years", 1, 1),
    ("MISSING.csv:= in a year", 1, 1),
    ("EHM_Episodes.csv:Closure Outcome=Closed - needs not met in four years", 1, 1),
    ("absence", 0.10, 1),
)
_ASSESSED = tuple(f"LCS_Assessments.csv:Outcome={found} days since" for found in ("Child in need", "Not in need"))
_ASSESSED_WITHIN, _POINTS_OF_ASSESSMENT = 730, 2


def run(scale: str, project: Path | None = None, progress: Progress = lambda *_: None) -> list[Row]:
    """Return AUC, average precision and precision in the top per cent of each, and shares of the attainable."""
    del project
    with _folder(scale) as folder:
        standard, other = results(FAMILIES[scale], SEEDS[scale], folder, progress)
    rows = list(rows_of(standard, other))
    return rows if scale == "full" else [replace(row, case=f"indicative alone: {row.case}") for row in rows]


@contextmanager
def _folder(scale: str) -> Iterator[Path]:
    if scale == "full":
        yield KEPT
    else:
        with TemporaryDirectory() as folder:
            yield Path(folder)


def results(families: int, seeds: Sequence[int], below: Path, progress: Progress) -> tuple[Sequence[Sample], Sample]:
    """Return the samples of standard districts, and that of one by other mechanisms, of the first seed."""
    places, unusual = [Place(families, seed) for seed in seeds], Place(families, seeds[0], OTHER)
    prepare([*places, unusual], below, progress)
    standard = [result_of(place, below, sample_of, progress) for place in places]
    other = result_of(unusual, below, sample_of, progress, elsewhere={ELSEWHERE: standard[0].booster})
    return [each.sample for each in standard], other.sample


def rows_of(standard: Sequence[Sample], other: Sample) -> Iterator[Row]:
    """Return the measures of standard districts pooled, those of the other one, and the drop of the shares."""
    chance = np.concatenate([each.scores[ATTAINABLE] for each in standard])
    usual = list(measures(pooled([placed(each) for each in standard]), chance))
    unusual = list(measures(other))
    yield from usual
    for number, each in enumerate(standard, start=1):
        of_ours = (row for row in measures(each) if row.subject == OURS and row.case.endswith(OF_ATTAINABLE))
        yield from (replace(row, case=f"district {number} alone: {row.case}") for row in of_ours)
    yield from (replace(row, case=f"by other mechanisms: {row.case}") for row in unusual)
    share = {row.case: row.value for row in usual if row.subject == OURS}
    for row in unusual:
        if row.case.endswith(OF_ATTAINABLE) and row.subject in (OURS, ELSEWHERE):
            yield measure_row(f"drop of {row.case}", row.subject, share[row.case] - row.value, "points of 100")


def sample_of(out: Path, more: Mapping[str, Floats] = MappingProxyType({})) -> Sample:
    """Return the sample of a district's extracts that were made with `--attainable`, scored by every subject.

    `more` has scores of the whole sample's rows by other subjects.
    """
    table = pq.read_table(out / "truth/attainable.parquet")
    day, family = days(table["as_of_date"], ""), table["family"].to_numpy()
    counts = Counts(out)
    booster, _ = trained(out)
    X, soon = np.zeros((day.size, len(counts.names))), np.zeros(day.size)
    for each in np.unique(day).tolist():
        at = day == each
        X[at], soon[at] = counts.on(each)[0][family[at]], counts.days_to_escalation(each)[family[at]]
    scores = {
        ATTAINABLE: table["probability"].to_numpy(),
        LIGHTGBM: np.asarray(booster.predict(X), float),
        POINTS: points(X, counts.names),
        CONTACTS: X[:, counts.names.index(_CONTACTS)],
        TRUE: _true_chances(out, family, day),
        **more,
    }
    # What came within the lead was in train already and is reported apart.
    kept = soon >= LEAD
    weight, label = table["inclusion_weight"].to_numpy(), soon < HORIZON
    return Sample(weight[kept], label[kept], {name: score[kept] for name, score in scores.items()})


def trained(out: Path) -> tuple[lgb.Booster, int]:
    """Return plain LightGBM trained on dates whose outcomes ended before the sample's first, and that day."""
    first = int(days(pq.read_table(out / "truth/attainable.parquet")["as_of_date"], "").min())
    return plain_lightgbm(rows(out, FIRST_TRAINED, first - HORIZON, every=EVERY_MONTHS)), first


def points(X: Floats, names: Sequence[str]) -> Floats:
    """Return the points of families by their simple counts; what is unknown has none."""
    known = np.nan_to_num(X, nan=-1.0)
    column = {name: known[:, place] for place, name in enumerate(names)}
    total = sum((score * (column[name] >= least) for name, least, score in _POINTS), np.zeros(len(X)))
    assessed = [(column[name] >= 0) & (column[name] <= _ASSESSED_WITHIN) for name in _ASSESSED]
    return np.asarray(total + _POINTS_OF_ASSESSMENT * np.logical_or.reduce(assessed))


def _true_chances(out: Path, family: NDArray[np.int64], day: NDArray[np.int64]) -> Floats:
    states = pq.read_table(out / "truth/states.parquet")
    key = states["family"].to_numpy() * 2**20 + days(states["as_of_date"], "")
    order = np.argsort(key)
    place = order[np.searchsorted(key[order], family * 2**20 + day)]
    return np.asarray(states["chance"].to_numpy()[place], float)


def main() -> int:
    """Run at full scale on the first seeds, five unless a number is given, and write the evidence."""
    seeds = SEEDS["full"][: int(sys.argv[1]) if len(sys.argv) > 1 else None]
    with step("Districts and what could be attained on them") as progress:
        standard, other = results(FAMILIES["full"], seeds, KEPT, progress)
    found = list(rows_of(standard, other))
    EVIDENCE.write_text(json.dumps(_evidence(found, seeds), indent=1) + "\n", encoding="utf-8")
    console.print(f"{len(found)} measures lie in {EVIDENCE}.")
    return 0


def _evidence(found: Sequence[Row], seeds: Sequence[int]) -> dict[str, object]:
    return {
        "command": f"python -m benchmarks.regret {len(seeds)}",
        "date": today().isoformat(),
        "data": f"synthetic districts of {FAMILIES['full']:,} families, seeds {', '.join(map(str, seeds))}, and one by "
        f"other mechanisms, seed {seeds[0]}; they say nothing about Bradford",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("targeting", "lightgbm", "numpy")},
        "measures": [
            {"case": row.case, "subject": row.subject, "value": round(row.value, 3), "unit": row.unit} for row in found
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
