"""COMPAS: our audit against the tables that Aequitas and ProPublica published on the same file."""

import importlib.util
import sys
from pathlib import Path

import pytest

COMPAS = Path(__file__).parents[2] / "benchmarks" / "compas"


@pytest.fixture(scope="module")
def compare():
    spec = importlib.util.spec_from_file_location("compas_compare", COMPAS / "compare.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def found(compare, reference_data, tmp_path_factory):
    """Return our figures, and every published one beside ours, of an audit run from the command line."""
    return compare.compare(reference_data, tmp_path_factory.mktemp("compas"))


@pytest.mark.parametrize(
    ("table", "figures"),
    [
        ("counts_crosstab.csv", 11 * 9),
        ("absolute_metrics_2dp.csv", 11 * 11),
        ("disparities_ref_caucasian_male_25_45.csv", 11 * 10),
        ("propublica", 8 + 10 + 10),
    ],
)
def test_every_published_figure_is_ours_to_the_last_digit(found, table, figures):
    compared = [each for each in found[1] if each.table == table]
    assert len(compared) == figures
    assert [each for each in compared if not each.agrees] == []


def test_the_figures_that_made_compas_known_are_among_them(found):
    of_propublica = {(each.group, each.figure): each.ours for each in found[1] if each.table == "propublica"}
    black, white = (
        (of_propublica[group, "fpr"], of_propublica[group, "fnr"]) for group in ("African-American", "Caucasian")
    )
    assert (black, white) == ((44.85, 27.99), (23.45, 47.72))


def test_every_rate_of_every_group_has_an_interval_that_holds_it(compare, found):
    for (_, group, metric), row in found[0].items():
        if metric in set(compare.RATES.values()) and group != "all":
            assert float(row["lower"]) <= float(row["value"]) <= float(row["upper"])


def test_the_gaps_in_errors_are_beyond_chance_and_precision_is_not_far_apart(found):
    verdicts = {metric: row["verdict"] for (_, _, metric), row in found[0].items() if row["verdict"]}
    assert verdicts == {"fpr_difference": "fail", "fnr_difference": "fail", "ppv_difference": "pass"}
