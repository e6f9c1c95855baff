"""`make evidence-missingness`: whether what is unknown, and why, foretells by itself what only records should.

A model is taught the reasons alone (decision 3) and judged against prevalence, as decision 14 judges: rows of later
dates, families drawn with replacement, the same for both. Asked of all rows, and of the families that truly live in the
district, by the truth sealed beside the extracts; by reason, and by whose records are silent. What no record is needed
for stands beside it: a model of the members' ages alone, and what the reasons add to it. What is not applicable, as
attendance where no child is of school age, is no silence of anybody and counts as known among the reasons; it is judged
by itself too, and together with them.

Writes `docs/evidence/missingness.json`. It says nothing about a real place.
"""

import argparse
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from benchmarks.indicators import (
    CODES,
    MODEL,
    ROOT,
    Rows,
    distinct,
    judged,
    learnt,
    of_somebody,
    rates_where_unknown,
    split_rows,
)
from numpy.typing import NDArray

from targeting.commands.chain import link_people, load_extracts
from targeting.commands.clock import today
from targeting.commands.console import out, step, table
from targeting.errors import TargetingError
from targeting.features import Indicator, Matrix, Plan, people
from targeting.features.compiler import compile_plan
from targeting.features.engine import build_matrix
from targeting.features.labels import build_labels
from targeting.features.matrix import Unknown
from targeting.features.roles import ADULT_AGE
from targeting.project.loading import load_project
from targeting.project.project import Project
from targeting.store.generations import Generation, open_generation
from targeting.store.identities import identity_key
from targeting.store.pseudonyms import pseudonyms
from targeting.synthetic.synthesis import synthesise

EVIDENCE = ROOT / "docs" / "evidence" / "missingness.json"
FAMILIES, DISTRICT_SEED = 20_000, 1
SCHOOLS = "schools"
Mask = NDArray[np.bool_]


def main() -> None:
    """Make or take a district, measure, show and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--project", type=Path, help="A demo's folder, whose data and sealed truth are taken.")
    chosen = parser.parse_args().project
    project = load_project(ROOT, on=today())
    with TemporaryDirectory() as made:
        folder = chosen or _district(project, Path(made))
        found = _measured(project, folder)
    EVIDENCE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    _show(found)


def _district(project: Project, folder: Path) -> Path:
    with step("Making a district"):
        synthesise(folder / "extracts", families=FAMILIES, seed=DISTRICT_SEED)
    inside = replace(project, root=folder)
    with step("Loading and linking it"):
        load_extracts(inside, folder / "extracts")
        link_people(inside)
    return folder


def _measured(project: Project, folder: Path) -> dict[str, Any]:
    generation, model, on = open_generation(folder / "var"), project.model(MODEL), today()
    dates, plan = project.training(MODEL).as_of_dates, project.plan(project.model(MODEL), on=on)
    with step("Computing the design matrix"):
        matrix = build_matrix(plan, generation, dates)
        label = build_labels(project.outcomes[model.outcome], matrix, generation, project.rules(model, on=on)).label
        ages = _ages(project, generation, matrix)
    with step("Looking up who truly lives in the district"):
        here = _lives_here(matrix, generation, folder)
    of_whom = {
        "all families of the cohort": split_rows(matrix, label),
        "families that live in the district": split_rows(matrix, np.where(here, label, np.nan)),
    }
    with step("Learning from what is unknown alone"):
        told = {words: _silence(matrix, plan, ages, rows) for words, rows in of_whom.items()}
    rows = of_whom["all families of the cohort"]
    return {
        "command": "make evidence-missingness",
        "date": on.isoformat(),
        "data": f"{len(generation.family_ids()):,} families linked from a synthetic district, {len(dates)} dates",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("targeting", "lightgbm", "numpy")},
        "interval": (
            "95 %, of average precision less prevalence, or less the score named; families drawn with replacement"
        ),
        "missingness": told,
        "unknown_cells": {
            words: round(float((unknown != 0).mean()), 4)
            for words, unknown in {"all": matrix.unknown, "where applicable": of_somebody(matrix.unknown)}.items()
        },
        "who_they_are": _who(matrix, rows, here),
        "rates_where_unknown": list(rates_where_unknown(matrix, rows)),
    }


def _ages(project: Project, generation: Generation, matrix: Matrix) -> NDArray[np.float32]:
    """Return of each row the number of children of every year of age, and of the unborn: nothing that was recorded."""
    of_year = {f"aged_{age}": people.children(from_age=age, below_age=age + 1) for age in range(ADULT_AGE)}
    asked = [
        Indicator("Members of one age", who.count_for_family(), concern="asked", sentence="Asked", name=name)
        for name, who in {**of_year, "unborn": people.unborn()}.items()
    ]
    model = project.model(MODEL)
    plan = compile_plan(asked, cohort=project.cohorts[model.cohort], rules=project.rules(model, on=today()))
    counted = build_matrix(plan, generation, np.unique(matrix.as_of_date).tolist())
    if counted.family_id.tolist() != matrix.family_id.tolist():
        raise TargetingError("The same cohort on the same dates has other rows.")
    return counted.values.astype(np.float32)


def _lives_here(matrix: Matrix, generation: Generation, folder: Path) -> Mask:
    """Return of which rows a child truly lived in a household of the district on the date."""
    members, true_of = generation.memberships().to_pandas(), _true_persons(generation, folder)
    members = members[members["is_child"]].assign(person=members["person_id"].map(true_of))
    truth = folder / "extracts" / "truth"
    lived = pq.read_table(truth / "families.parquet", columns=["person", "since", "until"]).to_pandas()
    born = pq.read_table(truth / "people.parquet", columns=["person", "born"]).to_pandas()
    lived = lived.merge(born, on="person").merge(members[["family_id", "person"]].drop_duplicates(), on="person")
    for name in ("since", "until", "born"):
        lived[name] = pd.to_datetime(lived[name])
    here = np.zeros(len(matrix), dtype=np.bool_)
    for day in np.unique(matrix.as_of_date):
        on = pd.Timestamp(day)
        child = (lived["born"] > on - pd.DateOffset(years=18)) & (lived["since"] <= on)
        those = lived[child & (lived["until"].isna() | (lived["until"] > on))]["family_id"].unique()
        at = matrix.as_of_date == day
        here[at] = pd.Series(matrix.family_id[at]).isin(those)
    return here


def _true_persons(generation: Generation, folder: Path) -> Mapping[str, int]:
    """Return whom most records of each linked person are of."""
    records, key = pq.read_table(folder / "extracts" / "truth" / "records.parquet"), identity_key(folder / "var")
    true_of: dict[str, int] = {}
    for source in pc.unique(records["source"]).to_pylist():
        own = records.filter(pc.equal(records["source"], source))
        named = pseudonyms(own["record_key"].cast(pa.string()), key, f"record/{source}").to_pylist()
        true_of |= dict(zip(named, own["person"].to_pylist(), strict=True))
    linked = generation.person_records().to_pandas()
    known = linked.assign(person=linked["record_id"].map(true_of)).dropna(subset="person")
    counted = known.groupby(["person_id", "person"]).size().sort_values(kind="stable").reset_index()
    return counted.drop_duplicates("person_id", keep="last").set_index("person_id")["person"].to_dict()  # type: ignore[no-any-return]


def _silence(matrix: Matrix, plan: Plan, ages: NDArray[np.float32], rows: Rows) -> dict[str, Any]:
    """Return how well reasons alone foretell: all, each by itself, each agency's; and beside ages."""
    asked, applies = of_somebody(matrix.unknown), matrix.unknown == Unknown.NOT_APPLICABLE
    codes, with_applies, by_ages = distinct(asked), distinct(matrix.unknown), learnt(ages, rows)
    by_reasons, both = learnt(codes, rows), learnt(np.hstack([ages, codes]), rows)
    return {
        "prevalence": round(float(rows.label[rows.test].mean()), 5),
        "outcomes_tested": int(rows.label[rows.test].sum()),
        "all reasons": judged(by_reasons, rows),
        **{
            words: judged(learnt((codes == code).astype(np.float32), rows), rows)
            for code, words in CODES.items()
            if (codes == code).any()
        },
        **{words: judged(learnt(distinct(asked[:, of]), rows), rows) for words, of in _recorded_by(plan).items()},
        "not applicable alone": judged(learnt(distinct(applies), rows), rows),
        "all reasons and not applicable": judged(learnt(with_applies, rows), rows),
        "ages alone": judged(by_ages, rows),
        "all reasons, against ages": judged(by_reasons, rows, by_ages),
        "ages and all reasons, against ages": judged(both, rows, by_ages),
    }


def _recorded_by(plan: Plan) -> Mapping[str, NDArray[np.bool_]]:
    """Return which indicators rest on schools' records alone, and which on others' too."""
    schools = np.array([each.sources == (SCHOOLS,) for each in plan.indicators])
    return {"silence of schools": schools, "silence of all others": ~schools}


def _who(matrix: Matrix, rows: Rows, here: Mask) -> dict[str, Any]:
    """Return of the tested rows, those unknown to every school and all others: who is here, and what came of them."""
    unlinked = (matrix.unknown == Unknown.NOT_LINKED).any(axis=1)
    told = {}
    for words, mask in {"not linked": unlinked, "others": ~unlinked}.items():
        at = mask & rows.test
        told[words] = {
            "rows": int(at.sum()),
            "live_in_the_district": round(float(here[at].mean()), 4),
            "rate": round(float(rows.label[at].mean()), 5),
            "rate_of_those_who_live_here": round(float(rows.label[at & here].mean()), 5),
            "outcomes_of_those_who_live_here": int(rows.label[at & here].sum()),
        }
    return told


def _show(found: Mapping[str, Any]) -> None:
    rows: list[tuple[object, ...]] = []
    for of_whom, silence in found["missingness"].items():
        for words, each in silence.items():
            if isinstance(each, dict):
                low, high = each["lower"], each["upper"]
                rows.append((of_whom, words, silence["prevalence"], each["average_precision"], f"{low} to {high}"))
    out.print(table("What silence tells", ("of", "reason", "prevalence", "average precision", "difference"), rows))


if __name__ == "__main__":
    main()
