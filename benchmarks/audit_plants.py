"""`make evidence-plants`: does the audit find unfairness that was planted, and how often does it cry wolf?

Districts are made with one unfairness each, and fair ones beside them. Their extracts are read with the sealed truth
for who is who (as `check_generator.py` does), so that what is tried is the audit and not the linkage. One comparison is
named for each unfairness:

- an over-policed ward: of families with a police incident in the year before, for how many the outcome came, in each
  ward against all others, as the audit's section on records has it; all thirty wards together err one time in twenty;
- labels missed one time in four: of assessments, how many found need, South Asian against White British;
- a group that is not asked: of families with a birth, how many have a mood review, of the same two groups.

A comparison is an alarm where the whole interval of the gap lies beyond a factor of 1.05; one of wards, where that is
so of a ward whose records are followed by less. A planted ward is found where the alarm names that ward. A fair
district raises a false alarm where any comparison does. How often one was of `concern` is told beside it.

    python benchmarks/audit_plants.py                              2 seeds of 6,000 families, a minute
    python benchmarks/audit_plants.py --seeds 20 --families 20000  as evidence
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

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from check_generator import HORIZON, LEAD, NEVER, Extracts, Rows, _day, days, rows
from numpy.typing import NDArray
from scipy.stats import binomtest

from targeting.fairness.audit import audit
from targeting.fairness.audit_input import AuditInput
from targeting.fairness.definition import Policy
from targeting.fairness.one_against_rest import against_the_rest
from targeting.synthetic import plants
from targeting.synthetic.synthesis import synthesise

EVIDENCE = Path(__file__).parents[1] / "docs" / "evidence" / "plants.json"
# A factor that nobody would call a gap.
LEVEL, LIMIT = 0.05, 1.05
# Where `check_generator.py` counts domestic-abuse incidents of the last year.
POLICE_IN_A_YEAR = 27
SOUTH_ASIAN, WHITE_BRITISH = "South Asian", "White British"
GROUPS = {SOUTH_ASIAN: ("APKN", "ABAN", "AIND"), WHITE_BRITISH: ("WBRI",)}
ALARM, NOTHING = "fail", "nothing"
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
    """One made district: what was planted, the verdict on each unfairness, the wards named, the one most policed."""

    seed: int
    planted: str
    verdicts: dict[str, str]
    wards: tuple[str, ...]
    most_policed: str

    def finds(self, plant: str) -> bool:
        """Return whether an unfairness raised an alarm; one of wards, whether it names the ward that was planted."""
        named = plant != plants.OVER_POLICED_WARD or self.most_policed in self.wards
        return self.verdicts[plant] == ALARM and named


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


def wards_apart(district: District) -> tuple[tuple[str, ...], str]:
    """Return the wards in which a police incident is followed by the outcome less often than in all others.

    Then the ward with most incidents a family: where one is planted they are ten times those of any other ward.
    """
    test = rows(district.out, _day("2023-11-01"), _day("2025-09-01"), every=3)
    with_ward = district.ward[test.family] != ""
    recorded = test.X[:, POLICE_IN_A_YEAR] > 0
    at = np.flatnonzero(recorded & with_ward)
    names, code = np.unique(district.ward[test.family[at]], return_inverse=True)
    often = [recorded[with_ward & (district.ward[test.family] == name)].mean() for name in names.tolist()]
    family = np.unique(test.family[at], return_inverse=True)[1]
    label = recorded_outcomes(district, test)[at].astype(np.int64)
    found = against_the_rest(label, code.astype(np.int64), family.astype(np.int64), len(names))
    return tuple(names[found.upper < 1 / LIMIT].tolist()), str(names[int(np.argmax(often))])


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


def alarms(families: int, seed: int, planted: tuple[str, ...]) -> Made:
    """Return the verdict on each unfairness, in a district with some planted, and the wards that were named."""
    with TemporaryDirectory() as folder:
        out = Path(folder) / "extracts"
        synthesise(out, families=families, seed=seed, plants=planted)
        district = read(out)
        made = {plants.MISSED_LABELS: assessments_of(district), plants.UNSCREENED_GROUP: askings_of(district)}
        found = {plant: audit(given, BY_ETHNICITY, title=plant).verdict for plant, given in made.items()}
        wards, most_policed = wards_apart(district)
    by_ward = {plants.OVER_POLICED_WARD: ALARM if wards else "pass"}
    return Made(seed, planted[0] if planted else NOTHING, {**by_ward, **found}, wards, most_policed)


def main() -> int:
    """Make districts, audit them, write the evidence."""
    parser = argparse.ArgumentParser(description="Is planted unfairness found?")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--families", type=int, default=6_000)
    asked_for = parser.parse_args()
    started, found = time.perf_counter(), []
    for seed in range(1, asked_for.seeds + 1):
        for planted in ((), *((plant,) for plant in PLANTS)):
            found.append(alarms(asked_for.families, seed, planted))
            print(found[-1], flush=True)
    summary = dict(_summary(found))
    _write(asked_for, found, summary, time.perf_counter() - started)
    print(json.dumps(summary, indent=1))
    return 0


def _summary(found: list[Made]) -> Iterator[tuple[str, dict[str, object]]]:
    """Return how often each unfairness was found, and how often one was where nothing was planted."""
    for plant in PLANTS:
        told = [each for each in found if each.planted == plant]
        times = sum(each.finds(plant) for each in told)
        concern = sum(each.verdicts[plant] == "concern" for each in told)
        yield plant, {"found": times, "of": len(told), **_bounds(times, len(told)), "concern": concern}
    fair = [set(each.verdicts.values()) for each in found if each.planted == NOTHING]
    false = sum(ALARM in verdicts for verdicts in fair)
    # Three audits, each of which errs one time in twenty at most.
    yield (
        "false alarms",
        {
            "found": false,
            "of": len(fair),
            **_bounds(false, len(fair)),
            "declared": round(1 - (1 - LEVEL) ** len(PLANTS), 4),
            "concern": sum("concern" in verdicts for verdicts in fair),
        },
    )


def _bounds(times: int, of: int) -> dict[str, float]:
    """Return the exact 95 % interval of a share."""
    interval = binomtest(times, of).proportion_ci(method="exact")
    return {"lower": round(float(interval.low), 3), "upper": round(float(interval.high), 3)}


def _write(asked_for: argparse.Namespace, found: list[Made], summary: dict[str, object], seconds: float) -> None:
    from targeting.commands.clock import today  # noqa: PLC0415 - what is tested needs no clock

    content = {
        "command": f"python benchmarks/audit_plants.py --seeds {asked_for.seeds} --families {asked_for.families}",
        "date": today().isoformat(),
        "data": "synthetic districts; they say nothing about Bradford",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("targeting", "numpy")},
        "seconds": round(seconds),
        "summary": summary,
        "districts": [asdict(each) for each in found],
    }
    EVIDENCE.parent.mkdir(parents=True, exist_ok=True)
    EVIDENCE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
