"""`make evidence-compas`: our audit of COMPAS beside every figure that Aequitas and ProPublica published on the file.

Runs `targeting audit` as anybody would, compares to the last published digit, writes `docs/evidence/compas.json`, and
fails where one figure differs. `TARGETING_REFERENCE_DATA` names the folder of the published tables.
"""

import csv
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

POLICY = Path(__file__).parent / "policy.toml"
EVIDENCE = Path(__file__).parents[2] / "docs" / "evidence" / "compas.json"
SCORES = "compas_for_aequitas.csv"

# Aequitas's names and ours. Its `ppr` is the group's part of the list, its `pprev` the part of the group listed.
COUNTS = {
    "pp": "selected",
    "pn": "not_selected",
    "fp": "fp",
    "fn": "fn",
    "tn": "tn",
    "tp": "tp",
    "group_label_pos": "positives",
    "group_label_neg": "negatives",
    "group_size": "n",
}
RATES = {
    "tpr": "tpr",
    "tnr": "tnr",
    "for": "for",
    "fdr": "fdr",
    "fpr": "fpr",
    "fnr": "fnr",
    "npv": "npv",
    "precision": "ppv",
    "ppr": "share_of_list",
    "pprev": "selection_rate",
    "prev": "prevalence",
}
DISPARITIES = {f"{theirs}_disparity": f"{ours}_ratio" for theirs, ours in RATES.items() if theirs != "prev"}
# File, columns, and how far a figure may lie from a published one that was rounded.
AEQUITAS = (
    ("counts_crosstab.csv", COUNTS, 0.0),
    ("absolute_metrics_2dp.csv", RATES, 0.005 + 1e-9),
    ("disparities_ref_caucasian_male_25_45.csv", DISPARITIES, 5e-7 + 1e-9),
)
# ProPublica's tables of the whole file: counts, per cents to two digits, rates to two digits.
PROPUBLICA_GROUPS = ("all", "African-American", "Caucasian")
PROPUBLICA = {"tn": (1, 0), "fp": (1, 0), "fn": (1, 0), "tp": (1, 0), "fpr": (100, 2), "fnr": (100, 2)} | {
    "ppv": (1, 2),
    "npv": (1, 2),
}

Figures = Mapping[tuple[str, str, str], Mapping[str, str]]


@dataclass(frozen=True)
class Compared:
    """One published figure beside ours, and how far apart they may lie."""

    table: str
    group: str
    figure: str
    published: float
    ours: float
    within: float

    @property
    def agrees(self) -> bool:
        """Whether ours, rounded as theirs was, is theirs."""
        return abs(self.ours - self.published) <= self.within


def audited(reference: Path, out: Path) -> Figures:
    """Return (attribute, group, metric) -> the tidy file's row, of an audit run from the command line."""
    command = [sys.executable, "-m", "targeting", "audit", "--scores", str(reference / SCORES)]
    command += ["--policy", str(POLICY), "--out", str(out)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    rows = csv.DictReader((out / "audit.csv").read_text(encoding="utf-8").splitlines())
    return {(row["attribute"], row["group"], row["metric"]): row for row in rows}


def compare_aequitas(figures: Figures, reference: Path) -> Iterator[Compared]:
    """Return every count, rate and disparity of the three published tables; their significance columns apart."""
    for name, columns, within in AEQUITAS:
        for row in csv.DictReader((reference / name).read_text(encoding="utf-8").splitlines()):
            attribute, group = row["attribute_name"], row["attribute_value"]
            for theirs, ours in columns.items():
                found = float(figures[attribute, group, ours]["value"])
                yield Compared(name, f"{attribute} {group}", theirs, float(row[theirs]), found, within)


def compare_propublica(figures: Figures, reference: Path) -> Iterator[Compared]:
    """Return every figure of the tables for all, Black and White defendants, likelihood ratios among them."""
    tables = json.loads((reference / "propublica_published_tables.json").read_text(encoding="utf-8"))["tables"]
    for group in PROPUBLICA_GROUPS:
        of_group = {name: float(figures["race", group, name]["value"]) for name in (*PROPUBLICA, "tpr", "tnr")}
        ours = {name: round(scale * of_group[name], digits) for name, (scale, digits) in PROPUBLICA.items()}
        ours["lr_plus"] = round(of_group["tpr"] / of_group["fpr"], 2)
        ours["lr_minus"] = round(of_group["fnr"] / of_group["tnr"], 2)
        for name, published in tables[group].items():
            yield Compared("propublica", group, name, published, ours[name], 1e-9)


def compare(reference: Path, out: Path) -> tuple[Figures, list[Compared]]:
    """Return our figures and every published one beside ours."""
    figures = audited(reference, out)
    return figures, [*compare_aequitas(figures, reference), *compare_propublica(figures, reference)]


def main() -> int:
    """Compare, write the evidence; return 1 where a figure differs or the published tables are not there."""
    folder = Path(os.environ.get("TARGETING_REFERENCE_DATA", ""), "fairness")
    if not (folder / SCORES).is_file():
        print("TARGETING_REFERENCE_DATA names no folder with fairness/; see docs/reference-data.md", file=sys.stderr)
        return 1
    with TemporaryDirectory() as out:
        figures, found = compare(folder, Path(out))
        audit = json.loads(Path(out, "audit.json").read_text(encoding="utf-8"))
    EVIDENCE.write_text(json.dumps(_evidence(figures, found, audit), indent=1) + "\n", encoding="utf-8")
    differing = [each for each in found if not each.agrees]
    for each in differing:
        print(f"{each.table}: {each.group}, {each.figure}: published {each.published}, ours {each.ours}")
    print(f"{len(found)} published figures, {len(found) - len(differing)} the same. Written to {EVIDENCE}")
    return 1 if differing else 0


def _evidence(figures: Figures, found: list[Compared], audit: dict[str, Any]) -> dict[str, Any]:
    from targeting.commands.clock import today  # noqa: PLC0415 - the tests need no clock

    tables = dict.fromkeys(each.table for each in found)
    return {
        "command": "make evidence-compas",
        "date": today().isoformat(),
        "data": "COMPAS scores of 7,214 people, ProPublica; tables of Aequitas and ProPublica on the same file",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("targeting", "numpy", "scipy")},
        "published_figures": {name: sum(each.table == name for each in found) for name in tables},
        "the_same": {name: sum(each.table == name and each.agrees for each in found) for name in tables},
        "not_compared": "tables of the high scores alone: the file has scores of 0 and 1",
        "with_intervals": {
            group: {metric: _interval(figures["race", group, metric]) for metric in ("fpr", "fnr", "ppv")}
            for group in PROPUBLICA_GROUPS
        },
        "gating": [{"verdict": each["verdict"], "sentence": each["sentence"]} for each in audit["gating"]],
    }


def _interval(row: Mapping[str, str]) -> list[float]:
    return [round(100 * float(row[name]), 2) for name in ("value", "lower", "upper")]


if __name__ == "__main__":
    sys.exit(main())
