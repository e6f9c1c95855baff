"""`make evidence-missingness`: whether what is unknown, and why, foretells by itself what only records should.

A model is taught the reasons alone (decision 3), and its order judged on rows of later dates. It is asked of all rows,
and of the families that truly live in the district, by the truth sealed beside the extracts; by reason, and by whose
records are silent. What is not applicable, as attendance where no child is of school age, is no silence of anybody and
counts as known among the reasons; it is judged by itself too, and together with them. What no record is needed for
stands beside it: the members' ages alone.

Three districts are judged each by itself and together. Beside each average precision stands what the same scores reach
when they are exchanged between families at random, 200 times: an order that says nothing lies above prevalence by a
little, for the first ranks weigh most. `exceeded_by_chance` is the share of exchanges that reach as much. Of an order
that says nothing the AUC is .5; its interval draws families with replacement.

It is said too of whom silence keeps the model from speaking (decision 33): how many of them live here.

Writes `docs/evidence/missingness.json`. It says nothing about a real place.
"""

import argparse
import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
from benchmarks.beside_chance import Foretold, foretold, pooled, shown
from benchmarks.indicators import (
    CODES,
    MODEL,
    ROOT,
    Rows,
    distinct,
    learnt,
    of_somebody,
    rates_where_unknown,
    split_rows,
)
from benchmarks.lives_here import lives_here
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
from targeting.synthetic.synthesis import synthesise

EVIDENCE = ROOT / "docs" / "evidence" / "missingness.json"
FAMILIES, DISTRICT_SEEDS = 20_000, (1, 2, 3)
SCHOOLS = "schools"
# The cohort of those whom the rule of decision 33 leaves out.
SILENT = "no_longer_recorded"
ALL, HERE = "all families of the cohort", "families that live in the district"
Mask = NDArray[np.bool_]


class District(NamedTuple):
    """What was found of one district: in words and figures, and by whom and by what each order foretells."""

    told: Mapping[str, Any]
    orders: Mapping[str, Mapping[str, Foretold]]


def main() -> None:
    """Make districts or take a demo's, measure, show and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--project", type=Path, help="A demo's folder, whose data and sealed truth are taken.")
    chosen = parser.parse_args().project
    project = load_project(ROOT, on=today())
    found = [_measured(project, chosen)] if chosen else [_of_district(project, seed) for seed in DISTRICT_SEEDS]
    evidence = _evidence(found)
    EVIDENCE.write_text(json.dumps(evidence, indent=1) + "\n", encoding="utf-8")
    _show(evidence["together"])


def _of_district(project: Project, seed: int) -> District:
    with TemporaryDirectory() as made:
        folder = Path(made)
        with step(f"Making district {seed}"):
            synthesise(folder / "extracts", families=FAMILIES, seed=seed)
        inside = replace(project, root=folder)
        with step("Loading and linking it"):
            load_extracts(inside, folder / "extracts")
            link_people(inside)
        return _measured(project, folder)


def _evidence(found: Sequence[District]) -> dict[str, Any]:
    together = {
        of_whom: {
            "prevalence": round(float(np.mean([each.told["missingness"][of_whom]["prevalence"] for each in found])), 5),
            **{words: shown(pooled([each.orders[of_whom][words] for each in found])) for words in orders},
        }
        for of_whom, orders in found[0].orders.items()
    }
    return {
        "command": "make evidence-missingness",
        "date": today().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("targeting", "lightgbm", "numpy")},
        "interval": "95 %; of the AUC families drawn with replacement, of chance scores exchanged between families",
        "together": together,
        "districts": [each.told for each in found],
    }


def _measured(project: Project, folder: Path) -> District:
    generation, model, on = open_generation(folder / "var"), project.model(MODEL), today()
    dates, plan = project.training(MODEL).as_of_dates, project.plan(project.model(MODEL), on=on)
    with step("Computing the design matrix"):
        matrix = build_matrix(plan, generation, dates)
        label = build_labels(project.outcomes[model.outcome], matrix, generation, project.rules(model, on=on)).label
        ages = _ages(project, generation, matrix)
    with step("Looking up who truly lives in the district"):
        here = lives_here(matrix, generation, folder)
    of_whom = {ALL: split_rows(matrix, label), HERE: split_rows(matrix, np.where(here, label, np.nan))}
    with step("Learning from what is unknown alone"):
        orders = {words: dict(_orders(matrix, plan, ages, rows)) for words, rows in of_whom.items()}
    unknown = {"all": matrix.unknown, "where applicable": of_somebody(matrix.unknown)}
    told = {
        "data": f"{len(generation.family_ids()):,} families linked from a synthetic district, {len(dates)} dates",
        "missingness": {words: _in_words(of_whom[words], each) for words, each in orders.items()},
        "unknown_cells": {words: round(float((codes != 0).mean()), 4) for words, codes in unknown.items()},
        "who_they_are": _who(matrix, of_whom[ALL], here),
        "left_out": _left_out(project, generation, matrix, here, folder),
        "rates_where_unknown": list(rates_where_unknown(matrix, of_whom[ALL])),
    }
    return District(told, orders)


def _left_out(project: Project, generation: Generation, matrix: Matrix, here: Mask, folder: Path) -> dict[str, Any]:
    """Return of whom silence alone keeps the model from speaking: how many live here, and what came of them."""
    model, on = project.model(MODEL), today()
    rules = project.rules(model, on=on)
    outcome = replace(project.outcomes[model.outcome], censored_where=None)
    silent = compile_plan([], cohort=project.cohorts[SILENT], rules=rules)
    left = build_matrix(silent, generation, np.unique(matrix.as_of_date).tolist())
    left_here = lives_here(left, generation, folder)
    kept = np.isin(matrix.as_of_date, np.unique(left.as_of_date))
    came, of_kept = (
        int(np.nansum(build_labels(outcome, rows, generation, rules).label)) for rows in (left, matrix.rows(kept))
    )
    return {
        "dates": len(np.unique(left.as_of_date)),
        "rows": len(left),
        "live_in_the_district": round(float(left_here.mean()), 4),
        "outcomes": came,
        "rows_kept": int(kept.sum()),
        "kept_live_in_the_district": round(float(here[kept].mean()), 4),
        "outcomes_kept": of_kept,
        "of_all_who_live_here": round(float(left_here.sum() / (left_here.sum() + here[kept].sum())), 5),
    }


def _in_words(rows: Rows, orders: Mapping[str, Foretold]) -> dict[str, Any]:
    label = rows.label[rows.test]
    return {
        "prevalence": round(float(label.mean()), 5),
        "outcomes_tested": int(label.sum()),
        **{words: shown(each) for words, each in orders.items()},
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


def _orders(matrix: Matrix, plan: Plan, ages: NDArray[np.float32], rows: Rows) -> Iterator[tuple[str, Foretold]]:
    """Yield how well reasons alone foretell: all, each by itself, each agency's; and what is no reason beside them."""
    asked, applies = of_somebody(matrix.unknown), matrix.unknown == Unknown.NOT_APPLICABLE
    codes = distinct(asked)
    given: dict[str, NDArray[Any]] = {
        "all reasons": codes,
        **{words: (codes == code).astype(np.float32) for code, words in CODES.items() if (codes == code).any()},
        **{words: distinct(asked[:, of]) for words, of in _recorded_by(plan).items()},
        "not applicable alone": distinct(applies),
        "all reasons and not applicable": distinct(matrix.unknown),
        "ages alone": ages,
        "ages and all reasons": np.hstack([ages, codes]),
    }
    label, family = rows.label[rows.test], rows.family[rows.test]
    for words, columns in given.items():
        yield words, foretold(label, learnt(columns, rows), family)


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


def _show(together: Mapping[str, Any]) -> None:
    rows: list[tuple[object, ...]] = []
    for of_whom, orders in together.items():
        for words, each in orders.items():
            if isinstance(each, dict):
                chance = f"{each['chance']} (to {each['chance_reaches']})"
                auc = f"{each['auc']} ({each['auc_lower']} to {each['auc_upper']})"
                rows.append((of_whom, words, each["average_precision"], chance, each["exceeded_by_chance"], auc))
    titles = ("of", "reason", "average precision", "by chance", "chance exceeds", "AUC")
    out.print(table("What silence tells", titles, rows))


if __name__ == "__main__":
    main()
