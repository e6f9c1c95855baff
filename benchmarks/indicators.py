"""`make evidence-indicators`: the catalogue on a synthetic district: its values, what silence tells, what care costs.

Writes `docs/evidence/indicators.json`, from which `docs/indicators.html` takes its figures. Fails where a fact of
asking for help raises any row of the matrix. `--project DIR` takes a demo's data instead of making a district.
It says nothing about a real place.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import lightgbm
import numpy as np
from benchmarks.asking_for_help import asking
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from targeting.commands.chain import link_people, load_extracts
from targeting.commands.clock import today
from targeting.commands.console import out, step, table
from targeting.features import Indicator, Matrix, column, facts, months
from targeting.features.compiler import compile_plan
from targeting.features.engine import build_matrix
from targeting.features.labels import build_labels
from targeting.features.matrix import Unknown
from targeting.project.catalogue import plan_of
from targeting.project.distributions import distributions, family_groups
from targeting.project.loading import load_project
from targeting.project.project import Project
from targeting.store.generations import Generation, open_generation
from targeting.synthetic.synthesis import synthesise

ROOT = Path(__file__).parents[1]
EVIDENCE = ROOT / "docs" / "evidence" / "indicators.json"
MODEL = "escalation"
FAMILIES, DISTRICT_SEED, SEED = 4_000, 1, 2026
SHOWN = ("age", "ethnicity_grouped", "known_before")
REPLICATES = 200
# Of rows without the outcome this share teaches; all others do.
KEPT = 0.3
CODES = {1: "not shared", 2: "not collected", 3: "not linked", 4: "agreement expired", 5: "not applicable"}
COMPOSITION = (
    *("children", "children_under_five", "children_under_two", "children_of_primary_age", "infants", "teenagers"),
    *("unborn_child", "youngest_age"),
)
TREES: Mapping[str, Any] = MappingProxyType(
    {
        "n_estimators": 150,
        "learning_rate": 0.05,
        "num_leaves": 12,
        "max_depth": 5,
        "subsample": 0.8,
        "subsample_freq": 1,
        "colsample_bynode": 0.4,
        "min_sum_hessian_in_leaf": 10.0,
        "reg_lambda": 20.0,
        "random_state": SEED,
        # Two threads wait for one another where the machine has other work.
        "n_jobs": 1,
        "verbose": -1,
        "deterministic": True,
        "force_row_wise": True,
    }
)


@dataclass(frozen=True)
class Rows:
    """The labelled rows of a matrix, those that teach and those that test; `family` numbers the families."""

    label: NDArray[np.float64]
    family: NDArray[np.int64]
    teach: NDArray[np.bool_]
    test: NDArray[np.bool_]


def main() -> int:
    """Make or take a district, measure, show and write; return 1 where asking for help raises anything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--project", type=Path, help="A demo's folder, whose data are taken.")
    chosen = parser.parse_args().project
    project = load_project(ROOT, on=today())
    with TemporaryDirectory() as folder:
        data = chosen / "var" if chosen else _district(project, Path(folder))
        found = _measured(project, open_generation(data), Path(folder))
    EVIDENCE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    _show(found)
    return 1 if found["asking"]["rows_raised"] else 0


def _district(project: Project, folder: Path) -> Path:
    with step("Making a district"):
        synthesise(folder / "extracts", families=FAMILIES, seed=DISTRICT_SEED)
    inside = replace(project, root=folder)
    with step("Loading and linking it"):
        load_extracts(inside, folder / "extracts")
        link_people(inside)
    return inside.data


def _measured(project: Project, generation: Generation, folder: Path) -> dict[str, Any]:
    model, on = project.model(MODEL), today()
    as_of_date = generation.data_until + timedelta(days=1)
    plan = project.plan(model, on=on)
    with step("Computing the design matrix"):
        matrix = build_matrix(plan, generation, project.training(MODEL).as_of_dates)
        labels = build_labels(project.outcomes[model.outcome], matrix, generation, project.rules(model, on=on))
    rows = split_rows(matrix, labels.label)
    with step("Counting how values lie"):
        shown = _distributions(project, generation, as_of_date)
    with step("Learning from what is unknown alone"):
        silence = _missingness(matrix, rows)
    with step("Telling every family that it asked for help"):
        asked = asking(plan, project.contract, generation, as_of_date, folder)
    with step("Learning from requests, too"):
        price = _price(project, generation, matrix, rows)
    families = f"{len(np.unique(generation.memberships()['family_id'].to_pylist())):,}"
    return {
        "command": "make evidence-indicators",
        "date": on.isoformat(),
        "data": f"{families} families of a synthetic district, seed {DISTRICT_SEED}",
        "as_of_date": as_of_date.isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("targeting", "lightgbm", "numpy")},
        "missingness": silence,
        "asking": asked,
        "price": price,
        "indicators": shown,
    }


def split_rows(matrix: Matrix, label: NDArray[np.float64]) -> Rows:
    """Return rows that test on the last three dates with outcomes, and teach where an outcome was known before them."""
    known = ~np.isnan(label)
    tested = np.unique(matrix.as_of_date[known])[-3:]
    earlier = known & (matrix.as_of_date < tested[0] - np.timedelta64(182 + 91, "D"))
    thin = (label == 1) | (np.random.default_rng(SEED).random(len(label)) < KEPT)
    family = np.unique(matrix.family_id, return_inverse=True)[1].astype(np.int64)
    return Rows(label, family, earlier & thin, known & (matrix.as_of_date >= tested[0]))


def learnt(X: NDArray[Any], rows: Rows, signs: Sequence[int] | None = None) -> NDArray[np.float64]:
    """Return what trees, taught on earlier rows, give the test rows."""
    trees = lightgbm.LGBMClassifier(**TREES, monotone_constraints=list(signs) if signs else None)
    trees.fit(X[rows.teach], rows.label[rows.teach])
    return np.asarray(trees.booster_.predict(X[rows.test]), dtype=np.float64)


def judged(score: NDArray[np.float64], rows: Rows, beside: NDArray[np.float64] | None = None) -> dict[str, float]:
    """Return average precision and AUC, and how far the former is above prevalence, or above another score's."""
    label, family = rows.label[rows.test], rows.family[rows.test]
    ours, theirs = (
        average_precision(label, score),
        average_precision(label, np.zeros(len(label)) if beside is None else beside),
    )
    value, other = ours(np.ones(len(label))), theirs(np.ones(len(label)))
    drawn = [np.random.default_rng(seed).poisson(1.0, family.max() + 1)[family] for seed in range(REPLICATES)]
    low, high = np.quantile([ours(times) - theirs(times) for times in drawn], (0.025, 0.975))
    judged = {"average_precision": value, "auc": float(roc_auc_score(label, score)), "lower": low, "upper": high}
    return {name: round(float(each), 5) for name, each in (judged | {"difference": value - other}).items()}


def average_precision(label: NDArray[np.float64], score: NDArray[np.float64]) -> Callable[[NDArray[Any]], float]:
    """Return a function that gives a score's average precision for weights of the rows, as scikit-learn defines it.

    The rows are sorted once, however often they are weighed anew. Of one score for all it is the prevalence.
    """
    steps = np.unique(-score, return_inverse=True)[1]

    def weighed(weights: NDArray[Any]) -> float:
        found = np.bincount(steps, weights * label)
        reached = np.maximum(np.cumsum(np.bincount(steps, weights)), np.finfo(float).tiny)
        return float((np.cumsum(found) / reached * found).sum() / found.sum())

    return weighed


def _missingness(matrix: Matrix, rows: Rows) -> dict[str, Any]:
    """Return how well reasons for being unknown alone foretell: all, each reason, and beside the family's ages.

    What is not applicable, as attendance where no child is of school age, is no silence: it is told beside them.
    """
    codes, with_applies = distinct(of_somebody(matrix.unknown)), distinct(matrix.unknown)
    ages = matrix.values[:, [matrix.names.index(name) for name in COMPOSITION]].astype(np.float32)
    by_ages = learnt(ages, rows)
    return {
        "prevalence": round(float(rows.label[rows.test].mean()), 5),
        "outcomes_tested": int(rows.label[rows.test].sum()),
        "interval": "95 %, of average precision less prevalence; families drawn",
        "all_reasons": judged(learnt(codes, rows), rows),
        "each_reason": {
            words: judged(learnt((codes == code).astype(np.float32), rows), rows)
            for code, words in CODES.items()
            if (codes == code).any()
        },
        "not_applicable_alone": judged(learnt(distinct(matrix.unknown == Unknown.NOT_APPLICABLE), rows), rows),
        "all_reasons_and_not_applicable": judged(learnt(with_applies, rows), rows),
        "ages_alone": judged(by_ages, rows),
        "ages_and_all_reasons_against_ages": judged(learnt(np.hstack([ages, codes]), rows), rows, by_ages),
        "rates_where_unknown": list(rates_where_unknown(matrix, rows)),
    }


def of_somebody(unknown: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return the codes of Unknown of what concerns somebody in the family; 0 also where it concerns nobody."""
    return np.where(unknown == Unknown.NOT_APPLICABLE, np.int8(Unknown.KNOWN), unknown)


def distinct(unknown: NDArray[Any]) -> NDArray[np.float32]:
    """Return a column for each different pattern among columns of what is unknown."""
    return unknown[:, list({unknown[:, at].tobytes(): at for at in range(unknown.shape[1])}.values())].astype(
        np.float32
    )


def rates_where_unknown(matrix: Matrix, rows: Rows) -> Iterator[dict[str, Any]]:
    """Yield, for each pattern of a reason among the test rows, its share and how often the outcome came."""
    seen: set[bytes] = set()
    for at, name in enumerate(matrix.names):
        for code, words in CODES.items():
            mask = matrix.unknown[rows.test, at] == code
            if mask.sum() <= 5 or (mask.tobytes()) in seen:
                continue
            seen.add(mask.tobytes())
            label = rows.label[rows.test]
            shown = {"share": mask.mean(), "rate": label[mask].mean(), "rate_elsewhere": label[~mask].mean()}
            yield {"indicator": name, "reason": words, **{key: round(float(v), 4) for key, v in shown.items()}}


def _distributions(project: Project, generation: Generation, as_of_date: date) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for use in ("model", "context"):
        chosen = [each for each in project.indicators.values() if each.use == use]
        matrix = build_matrix(plan_of(chosen, project, on=today()), generation, [as_of_date])
        groups = {n: g for n, g in family_groups(matrix, generation, project.policy).items() if n in SHOWN}
        for each in distributions(matrix, groups):
            told = each.to_json()
            told["unknown_of_group"] = {
                n: g for n, g in told["unknown_of_group"].items() if any(v != 0 for v in g.values())
            }
            shown[each.indicator] = told
    return shown


def _price(project: Project, generation: Generation, matrix: Matrix, rows: Rows) -> dict[str, Any]:
    """Return what average precision would gain if requests, help taken up and help declined were inputs."""
    rules = project.rules(project.model(MODEL), on=today())
    allowed = {name: replace(kind, never_an_input=None) for name, kind in rules.contract.items()}
    asked = compile_plan(
        list(_requests()), cohort=project.cohorts[project.model(MODEL).cohort], rules=replace(rules, contract=allowed)
    )
    more = build_matrix(asked, generation, project.training(MODEL).as_of_dates)
    plan = project.plan(project.model(MODEL), on=today())
    signs = [{"raises": 1, "lowers": -1}.get(each.direction or "", 0) for each in plan.indicators]
    values = matrix.values.astype(np.float32)
    ours = learnt(values, rows, signs)
    both = np.hstack([values, more.values.astype(np.float32)])
    theirs = learnt(both, rows, [*signs, *([0] * len(more.names))])
    return {
        "interval": "95 %, of the difference (of the first: to prevalence); families drawn",
        "without_requests": judged(ours, rows),
        "with_requests_against_without": judged(theirs, rows, ours),
        "requests": list(more.names),
    }


def _requests() -> Iterator[Indicator]:
    """Yield what is no input, as it would be counted."""
    by_family = column("referral_source").is_in("1A", "1C")
    counted = {
        "own_contacts": facts("contact").where(by_family),
        "own_referrals": facts("referral").where(by_family).except_where(column("primary_need") == "N2"),
        "early_help": facts("early_help_started"),
        "early_help_declined": facts("early_help_ended").where(column("outcome") == "declined"),
        "treatment": facts("treatment_attended"),
        "help_offered": facts("help_offered"),
        "help_accepted": facts("help_accepted"),
        "help_declined": facts("help_declined"),
        "assessed_not_in_need": facts("assessment_completed")
        .where(~column("found_in_need"))
        .except_where(column("primary_need") == "N2"),
        "checks_declined": facts("health_visitor_contact").where(column("status") == "declined"),
    }
    for name, chosen in counted.items():
        value = chosen.in_last(months(24)).count_each().maximum_for_family()
        yield Indicator(name, value, concern="requests", sentence=name, name=name)


def _show(found: Mapping[str, Any]) -> None:
    silence, price = found["missingness"], found["price"]
    rows: list[tuple[object, ...]] = [("prevalence", silence["prevalence"], "")]
    judged = {
        "what is unknown alone": silence["all_reasons"],
        **silence["each_reason"],
        "ages alone": silence["ages_alone"],
    }
    rows += [(name, each["average_precision"], each["auc"]) for name, each in judged.items()]
    out.print(table("What silence tells", ("", "average precision", "AUC"), rows))
    asked = [(each["fact"], each["raised"], each["lowered"]) for each in found["asking"]["facts"]]
    out.print(table("One such fact more of every family", ("fact", "rows raised", "rows lowered"), asked))
    ours, theirs = price["without_requests"], price["with_requests_against_without"]
    out.print(
        f"Average precision {ours['average_precision']:.4f}; with requests {theirs['average_precision']:.4f}. "
        f"Not to hold them against anybody costs {theirs['difference']:.4f}, "
        f"{theirs['lower']:.4f} to {theirs['upper']:.4f}."
    )


if __name__ == "__main__":
    sys.exit(main())
