"""`make evidence-plants`: does the audit find unfairness that was planted, and how often does it cry wolf?

Districts are made with one unfairness each, and fair ones beside them. A plain LightGBM on simple counts (that of
`check_generator.py`, which reads the sealed truth for who is who) is trained on early dates; its scores on later dates,
with outcomes as they were recorded, are audited under a policy that names one comparison for each unfairness:

- an over-policed ward: outcomes over those that the scores expected, in that ward against all others;
- labels missed one time in four: of assessments, how many found need, South Asian against White British;
- a group that is not asked: of families with a birth, how many have a mood review, of the same two groups.

A comparison is an alarm where its verdict is `fail`: the whole interval of the gap lies beyond a factor of 1.05. A fair
district raises a false alarm where any comparison does. How often one was of `concern` is told beside it.

    python benchmarks/audit_plants.py                              2 seeds of 6,000 families, some six minutes
    python benchmarks/audit_plants.py --seeds 20 --families 20000  as evidence, about two hours
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import lightgbm as lgb
import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from check_generator import HORIZON, LEAD, NEVER, Extracts, Rows, _day, days, rows
from numpy.typing import NDArray
from scipy.stats import binomtest

from targeting.fairness.audit import audit
from targeting.fairness.audit_input import AuditInput
from targeting.fairness.definition import Policy
from targeting.synthetic import plants
from targeting.synthetic.synthesis import synthesise

EVIDENCE = Path(__file__).parents[1] / "docs" / "evidence" / "plants.json"
# A factor that nobody would call a gap.
CUT, LEVEL, LIMIT = "top:5%", 0.05, 1.05
SOUTH_ASIAN, WHITE_BRITISH = "South Asian", "White British"
GROUPS = {SOUTH_ASIAN: ("APKN", "ABAN", "AIND"), WHITE_BRITISH: ("WBRI",)}
ALARM, NOTHING = "fail", "nothing"
BY_WARD = Policy.model_validate(
    {
        "unit": "child",
        "cuts": (CUT,),
        "attribute": ({"name": "ward", "column": "ward", "reference": "other"},),
        "gating": (
            {
                "attribute": "ward",
                "group": "planted",
                "measure": "calibration_in_the_large_ratio",
                "cut": CUT,
                "limit": LIMIT,
            },
        ),
    }
)
# Of what agencies did, being "listed" is that they did it.
BY_ETHNICITY = Policy.model_validate(
    {
        "cuts": ("score>=0.5",),
        "attribute": ({"name": "ethnicity", "column": "ethnicity", "reference": WHITE_BRITISH},),
        "gating": (
            {
                "attribute": "ethnicity",
                "group": SOUTH_ASIAN,
                "measure": "selection_rate_ratio",
                "cut": "score>=0.5",
                "limit": LIMIT,
            },
        ),
    }
)
PLANTS = (plants.OVER_POLICED_WARD, plants.MISSED_LABELS, plants.UNSCREENED_GROUP)


@dataclass(frozen=True)
class District:
    """A made district: its files, and the ward and the ethnic group of each true family."""

    out: Path
    extracts: Extracts
    ward: NDArray[np.str_]
    ethnicity: NDArray[np.str_]


@dataclass(frozen=True)
class Made:
    """One made district: what was planted, and the verdict on each unfairness."""

    seed: int
    planted: str
    verdicts: dict[str, str]


def read(out: Path) -> District:
    """Return a district's files with the ward of each family, as health visiting has it, and its carer's group."""
    extracts = Extracts(out)
    size = 1 + int(extracts.family_of.max())
    patients = extracts.table("maternity", "Patients.csv")
    family = extracts.families("maternity", patients["PatientId"])
    ward = np.full(size, "", dtype="U12")
    ward[family[family >= 0]] = np.asarray(patients["WardCode"].to_pylist(), dtype="U12")[family >= 0]
    people, families = (pq.read_table(out / f"truth/{name}.parquet") for name in ("people", "families"))
    carers = families.filter(pc.equal(families["role"], "carer"))
    codes = np.asarray(people["ethnicity"].take(carers["person"]).to_pylist(), dtype="U4")
    ethnicity = np.full(size, "", dtype="U16")
    ethnicity[carers["family"].to_numpy()] = codes
    named = {code: group for group, members in GROUPS.items() for code in members}
    return District(out, extracts, ward, np.array([named.get(code, "other") for code in ethnicity.tolist()]))


def recorded_outcomes(district: District, of: Rows) -> NDArray[np.float64]:
    """Return which rows' families were found in need, conferenced or put on a plan, as recorded, within the window."""
    extracts, found = district.extracts, []
    for file, event, column, value in (
        ("LCS_Assessments.csv", "Authorised On", "Outcome", "Child in need"),
        ("LCS_Section47.csv", "Started On", "Outcome", "ICPC"),
        ("LCS_CP_Plans.csv", "Plan Start", "", ""),
    ):
        table = extracts.table("social_care", file)
        table = table.filter(pc.equal(table[column], value)) if column else table
        found.append((extracts.families("social_care", table["Person ID"]), days(table[event], "%d/%m/%Y")))
    family, day = (np.concatenate(each) for each in zip(*found, strict=True))
    label = np.zeros(len(of.day))
    for date in np.unique(of.day).tolist():
        soon = np.full(len(district.ward), NEVER)
        later = (day >= date + LEAD) & (family >= 0)
        np.minimum.at(soon, family[later], day[later] - date)
        at = of.day == date
        label[at] = soon[of.family[at]] < HORIZON
    return label


def scores_of(district: District, planted_ward: str) -> AuditInput:
    """Return plain scores on later dates, with outcomes as recorded."""
    train = rows(district.out, _day("2022-01-01"), _day("2024-05-01"), every=2)
    test = rows(district.out, _day("2024-11-01"), _day("2025-09-01"), every=2)
    parameters = {"objective": "binary", "num_leaves": 7, "learning_rate": 0.06, "min_data_in_leaf": 50}
    settings = {**parameters, "verbose": -1, "deterministic": True, "force_row_wise": True, "num_threads": 1, "seed": 1}
    booster = lgb.train(settings, lgb.Dataset(train.X, recorded_outcomes(district, train)), num_boost_round=120)
    family = np.char.add("f", test.family.astype(str))
    return AuditInput(
        entity=family,
        score=np.asarray(booster.predict(test.X), dtype=np.float64),
        label=recorded_outcomes(district, test),
        attributes={"ward": np.where(district.ward[test.family] == planted_ward, "planted", "other")},
        cluster=family,
        list_name=test.day.astype(str),
        place=family,
        synthetic=True,
    )


def assessments_of(district: District) -> AuditInput:
    """Return assessments of the last years, the score saying whether they found need."""
    table = district.extracts.table("social_care", "LCS_Assessments.csv")
    family = district.extracts.families("social_care", table["Person ID"])
    found = np.asarray(pc.equal(table["Outcome"], "Child in need").to_pylist(), dtype=bool)
    return _deeds(district, family, found)


def askings_of(district: District) -> AuditInput:
    """Return families with a birth on record, the score saying whether a mood was asked after."""
    births = district.extracts.table("maternity", "Births.csv")
    column = next(name for name in births.column_names if "Mother" in name)
    born = np.unique(district.extracts.families("maternity", births.filter(pc.not_equal(births[column], ""))[column]))
    moods = district.extracts.table("maternity", "MoodReviews.csv")
    return _deeds(district, born, np.isin(born, district.extracts.families("maternity", moods["MotherId"])))


def _deeds(district: District, family: NDArray[np.int64], done: NDArray[np.bool_]) -> AuditInput:
    """Return what agencies did of families of the two groups; it has no outcome, and so the label says nothing."""
    ethnicity = district.ethnicity[family]
    kept = np.isin(ethnicity, list(GROUPS)) & (family >= 0)
    number = int(kept.sum())
    return AuditInput(
        entity=np.char.add("d", np.arange(number).astype(str)),
        score=done[kept].astype(np.float64),
        label=(np.arange(number) % 2).astype(np.float64),
        attributes={"ethnicity": ethnicity[kept]},
        cluster=family[kept].astype(str),
        synthetic=True,
    )


def alarms(families: int, seed: int, planted: tuple[str, ...]) -> dict[str, str]:
    """Return the verdict on each unfairness, in a district with some planted."""
    with TemporaryDirectory() as folder:
        out = Path(folder) / "extracts"
        synthesise(out, families=families, seed=seed, plants=planted)
        district = read(out)
        names, many = np.unique(district.ward[district.ward != ""], return_counts=True)
        made = (
            (BY_WARD, scores_of(district, str(names[many.argmax()]))),
            (BY_ETHNICITY, assessments_of(district)),
            (BY_ETHNICITY, askings_of(district)),
        )
        found = [audit(given, policy, title=plant) for plant, (policy, given) in zip(PLANTS, made, strict=True)]
    return {plant: each.verdict for plant, each in zip(PLANTS, found, strict=True)}


def main() -> int:
    """Make districts, audit them, write the evidence."""
    parser = argparse.ArgumentParser(description="Is planted unfairness found?")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--families", type=int, default=6_000)
    asked_for = parser.parse_args()
    started, found = time.perf_counter(), []
    for seed in range(1, asked_for.seeds + 1):
        for planted in ((), *((plant,) for plant in PLANTS)):
            verdicts = alarms(asked_for.families, seed, planted)
            found.append(Made(seed, planted[0] if planted else NOTHING, verdicts))
            print(found[-1], flush=True)
    summary = dict(_summary(found))
    _write(asked_for, found, summary, time.perf_counter() - started)
    print(json.dumps(summary, indent=1))
    return 0


def _summary(found: list[Made]) -> Iterator[tuple[str, dict[str, object]]]:
    """Return how often each unfairness was found, and how often one was where nothing was planted."""
    for plant in PLANTS:
        told = [each.verdicts[plant] for each in found if each.planted == plant]
        yield plant, {"found": told.count(ALARM), "of": len(told), "concern": told.count("concern")}
    fair = [set(each.verdicts.values()) for each in found if each.planted == NOTHING]
    false = sum(ALARM in verdicts for verdicts in fair)
    interval = binomtest(false, len(fair)).proportion_ci(method="exact")
    # Three audits of one comparison each, of which each errs one time in twenty at most.
    yield (
        "false alarms",
        {
            "found": false,
            "of": len(fair),
            "lower": round(interval.low, 3),
            "upper": round(interval.high, 3),
            "declared": round(1 - (1 - LEVEL) ** len(PLANTS), 4),
            "concern": sum("concern" in verdicts for verdicts in fair),
        },
    )


def _write(asked_for: argparse.Namespace, found: list[Made], summary: dict[str, object], seconds: float) -> None:
    from targeting.commands.clock import today  # noqa: PLC0415 - what is tested needs no clock

    content = {
        "command": f"python benchmarks/audit_plants.py --seeds {asked_for.seeds} --families {asked_for.families}",
        "date": today().isoformat(),
        "data": "synthetic districts; they say nothing about Bradford",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("targeting", "lightgbm", "numpy")},
        "seconds": round(seconds),
        "summary": summary,
        "districts": [asdict(each) for each in found],
    }
    EVIDENCE.parent.mkdir(parents=True, exist_ok=True)
    EVIDENCE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
