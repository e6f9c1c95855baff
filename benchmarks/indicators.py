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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import lightgbm
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from targeting.commands.chain import link_people, load_extracts
from targeting.commands.clock import today
from targeting.commands.console import out, step, table
from targeting.features import Indicator, Matrix, column, facts, months
from targeting.features.compiler import compile_plan
from targeting.features.engine import build_matrix
from targeting.features.labels import build_labels
from targeting.project.catalogue import plan_of
from targeting.project.distributions import distributions, family_groups
from targeting.project.loading import load_project
from targeting.project.project import Project
from targeting.store.generations import Generation, GenerationContents, open_generation, write_generation
from targeting.synthetic.synthesis import synthesise

ROOT = Path(__file__).parents[1]
EVIDENCE = ROOT / "docs" / "evidence" / "indicators.json"
MODEL = "escalation"
FAMILIES, DISTRICT_SEED, SEED = 4_000, 1, 2026
SHOWN = ("age", "ethnicity_grouped", "known_before")
REPLICATES = 200
# Of rows without the outcome this share teaches; all others do.
KEPT = 0.3
CODES = {1: "not shared", 2: "not collected", 3: "not linked", 4: "agreement expired"}
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
        "n_jobs": 2,
        "verbose": -1,
        "deterministic": True,
        "force_row_wise": True,
    }
)
# Each asks for help, takes it up, declines it, or was not offered it; on whom it is recorded.
ASKING = (
    ("contact", "child", {"referral_source": "1A", "outcome": "referral"}),
    ("contact", "child", {"referral_source": "1C", "outcome": "early_help"}),
    ("contact", "child", {"referral_source": "1A", "outcome": "no_further_action"}),
    ("referral", "child", {"referral_source": "1A", "primary_need": "N1"}),
    ("early_help_started", "child", {"referral_source": "1A"}),
    ("early_help_ended", "child", {"outcome": "declined"}),
    ("treatment_attended", "adult", {}),
    ("help_accepted", "adult", {"service": "early_help"}),
    ("help_declined", "adult", {"service": "early_help"}),
    ("homelessness_applied", "adult", {}),
    ("health_visitor_contact", "child", {"contact": "one_year", "status": "declined"}),
    ("health_visitor_contact", "child", {"contact": "one_year", "status": "not_offered"}),
    ("childrens_centre_attended", "adult", {}),
    ("youth_service_attended", "child", {}),
    ("camhs_referred", "child", {}),
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
        asking = _asking(project, generation, as_of_date, folder)
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
        "asking": asking,
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
    value = float(average_precision_score(label, score))
    other = float(label.mean()) if beside is None else float(average_precision_score(label, beside))
    drawn = [_drawn(label, family, score, beside, seed) for seed in range(REPLICATES)]
    low, high = np.quantile(drawn, (0.025, 0.975))
    judged = {"average_precision": value, "auc": float(roc_auc_score(label, score)), "lower": low, "upper": high}
    return {name: round(float(each), 5) for name, each in (judged | {"difference": value - other}).items()}


def _drawn(
    label: NDArray[np.float64],
    family: NDArray[np.int64],
    score: NDArray[np.float64],
    beside: NDArray[np.float64] | None,
    seed: int,
) -> float:
    """Return one bootstrap of families: average precision less prevalence, or less that of another score."""
    times = np.random.default_rng(seed).poisson(1.0, family.max() + 1)[family]
    value = average_precision_score(label, score, sample_weight=times)
    if beside is None:
        return float(value - np.average(label, weights=times))
    return float(value - average_precision_score(label, beside, sample_weight=times))


def _missingness(matrix: Matrix, rows: Rows) -> dict[str, Any]:
    """Return how well reasons for being unknown alone foretell: all, each reason, and beside the family's ages."""
    places = list({matrix.unknown[:, at].tobytes(): at for at in range(len(matrix.names))}.values())
    codes = matrix.unknown[:, places].astype(np.float32)
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
        "ages_alone": judged(by_ages, rows),
        "ages_and_all_reasons_against_ages": judged(learnt(np.hstack([ages, codes]), rows), rows, by_ages),
        "rates_where_unknown": list(rates_where_unknown(matrix, rows)),
    }


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


def _asking(project: Project, generation: Generation, as_of_date: date, folder: Path) -> dict[str, Any]:
    """Return how many rows of the matrix each fact of asking, told of every family, raises, lowers or leaves."""
    plan = project.plan(project.model(MODEL), on=today())
    signs = np.array([{"raises": 1, "lowers": -1}.get(each.direction or "", 0) for each in plan.indicators])
    before = build_matrix(replace(plan, cohort=None), generation, [as_of_date])
    told = []
    for number, (kind, who, columns) in enumerate(ASKING):
        changed = _with_fact(generation, project, (kind, who, columns), as_of_date, folder / f"asked-{number}")
        after = build_matrix(replace(plan, cohort=None), changed, [as_of_date])
        moved = np.nan_to_num(after.values) - np.nan_to_num(before.values)
        other = (after.unknown != before.unknown) | ((signs == 0) & (moved != 0))
        raised, lowered = ((moved * signs > 0) | other).any(axis=1), (moved * signs < 0).any(axis=1)
        said = " ".join(f"{name}={value}" for name, value in columns.items())
        told.append({"fact": f"{kind} {said}".strip(), "raised": int(raised.sum()), "lowered": int(lowered.sum())})
    return {"rows": len(before), "rows_raised": sum(each["raised"] for each in told), "facts": told}


def _with_fact(
    generation: Generation, project: Project, fact: tuple[str, str, Mapping[str, str]], day: date, folder: Path
) -> Generation:
    """Return the generation with one more fact of a child, or of an adult, of every family, 60 days before a date."""
    kind, who, columns = fact
    kinds = set(generation.manifest.kinds)
    tables = {name: generation.facts(name) for name in kinds if project.contract.get(name)}
    tables[kind] = pa.concat_tables([tables[kind], _told(tables[kind], _members(generation, who), columns, day)])
    return write_generation(
        folder,
        GenerationContents(
            facts=tables,
            memberships=generation.memberships(),
            agency_links=generation.agency_links(),
            coverage=generation.coverage,
            contract=project.contract,
            synthetic=True,
            inputs={},
        ),
    )


def _members(generation: Generation, who: str) -> list[str]:
    held = generation.memberships()
    chosen = held.filter(pc.equal(held["is_child"], who == "child"))
    first = chosen.group_by("family_id").aggregate([("person_id", "min")])
    return first["person_id_min"].to_pylist()  # type: ignore[no-any-return]


def _told(like: pa.Table, persons: list[str], columns: Mapping[str, str], day: date) -> pa.Table:
    source = like["source"][0].as_py() if len(like) else ""
    common = {
        "event_date": day - timedelta(days=60),
        "knowledge_date": day - timedelta(days=50),
        "knowledge_basis": "recorded",
        "source": source,
    }
    rows = [
        {"fact_id": 10**9 + number, "person_id": person, "episode_id": f"asked-{number}", **common, **columns}
        for number, person in enumerate(persons)
    ]
    return pa.Table.from_pylist(
        [{name: row.get(name) for name in like.schema.names} for row in rows], schema=like.schema
    )


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
