"""COMPAS: our audit against the tables that Aequitas and ProPublica published on the same file."""

import csv
import json

import pytest

from targeting.fairness.scores_file import audit_scores_file

POLICY = """
public_data = true
disclosure = "none"
cuts = ["score>=0.5"]
attribute = [
    { name = "race", class = "refused", column = "race", reference = "Caucasian" },
    { name = "sex", class = "refused", column = "sex", reference = "Male" },
    { name = "age_cat", class = "refused", column = "age_cat", reference = "25 - 45" },
]
"""
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


@pytest.fixture(scope="module")
def figures(reference_data, tmp_path_factory):
    """Return (attribute, group, metric) -> the tidy file's row."""
    tmp_path = tmp_path_factory.mktemp("compas")
    (tmp_path / "policy.toml").write_text(POLICY)
    audit_scores_file(reference_data / "compas_for_aequitas.csv", tmp_path / "policy.toml", tmp_path / "out")
    rows = csv.DictReader((tmp_path / "out" / "audit.csv").read_text().splitlines())
    return {(row["attribute"], row["group"], row["metric"]): row for row in rows}


def published(folder, name):
    return list(csv.DictReader((folder / name).read_text().splitlines()))


@pytest.mark.parametrize(
    ("name", "columns", "within"),
    [
        ("counts_crosstab.csv", COUNTS, 0),
        ("absolute_metrics_2dp.csv", RATES, 0.005 + 1e-9),
        ("disparities_ref_caucasian_male_25_45.csv", DISPARITIES, 5e-7 + 1e-9),
    ],
)
def test_every_figure_of_aequitas_is_ours(figures, reference_data, name, columns, within):
    rows = published(reference_data, name)
    assert len(rows) == 11
    for row in rows:
        ours = {
            theirs: float(figures[row["attribute_name"], row["attribute_value"], metric]["value"])
            for theirs, metric in columns.items()
        }
        assert ours == pytest.approx({theirs: float(row[theirs]) for theirs in columns}, abs=within, rel=0)


@pytest.mark.parametrize("group", ["all", "African-American", "Caucasian"])
def test_propublicas_tables_are_ours_to_the_last_published_digit(figures, reference_data, group):
    table = json.loads((reference_data / "propublica_published_tables.json").read_text())["tables"][group]

    def ours(metric):
        return float(figures["race", group, metric]["value"])

    assert {name: ours(name) for name in ("tn", "fp", "fn", "tp")} == {
        name: table[name] for name in ("tn", "fp", "fn", "tp")
    }
    assert (round(100 * ours("fpr"), 2), round(100 * ours("fnr"), 2)) == (table["fpr"], table["fnr"])
    assert (round(ours("ppv"), 2), round(ours("npv"), 2)) == (table["ppv"], table["npv"])


def test_every_rate_of_every_group_has_an_interval_that_holds_it(figures):
    for (_, group, metric), row in figures.items():
        if metric in set(RATES.values()) and group != "all":
            assert float(row["lower"]) <= float(row["value"]) <= float(row["upper"])


def test_the_gap_that_made_compas_known_is_beyond_chance(figures):
    gap = figures["race", "African-American", "fpr_difference"]
    assert float(gap["lower"]) > 0.15
