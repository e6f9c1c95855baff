"""The benchmark of regret: its measures by hand."""

import sys
from pathlib import Path

import numpy as np
import pytest

from targeting.commands.bench import find_benchmark

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def regret():
    """Return what the benchmark's modules define, by name."""
    run = find_benchmark("regret", CHECKOUT)
    package = run.__module__.rpartition(".")[0]
    modules = [f"{package}.{name}" for name in ("regret_districts", "regret_measures", "regret")]
    return {name: value for module in modules for name, value in vars(sys.modules[module]).items()}


def test_equal_scores_share_what_is_left_of_the_top(regret):
    score, outcome, weight = (
        np.array([3.0, 2.0, 2.0, 1.0]),
        np.array([1.0, 1.0, 0.0, 1.0]),
        np.array([1.0, 1.0, 3.0, 5.0]),
    )
    # The top 30 % are 3 of 10: the first, and half of the two that are equal, of which a quarter escalated.
    assert regret["precision_in_top"](score, outcome, weight, 0.3) == pytest.approx((1 + 2 * 0.25) / 3)


def test_expected_average_precision_of_certain_chances_is_the_plain_one(regret):
    score, weight = np.array([4.0, 3.0, 2.0, 1.0]), np.array([1.0, 2.0, 1.0, 2.0])
    found = regret["expected_average_precision"](score, np.array([1.0, 0.0, 1.0, 0.0]), weight)
    # At the first 1 of 1, at the third 2 of 4; each half of those who escalated.
    assert found == pytest.approx((1 + 2 / 4) / 2)


def test_points_are_added_up_as_the_rule_says(regret):
    names = [name for name, _, _ in regret["_POINTS"]] + list(regret["_ASSESSED"])
    names = list(dict.fromkeys(names))
    nothing = np.full(len(names), np.nan)
    known = dict.fromkeys(names, 0.0)
    known["LCS_Referrals.csv:= in a year"] = 2
    known["DA_INVOLVED_PERSONS.csv:= in a year"] = 6
    known["LCS_Assessments.csv:Outcome=Not in need days since"] = 400
    known["LCS_Assessments.csv:Outcome=Child in need days since"] = 900
    found = regret["points"](np.array([nothing, list(known.values())]), names)
    assert found.tolist() == [0, 2 + 2 + 1 + 2]


def _sample(regret, **scores):
    label = np.array([True, False, True, False])
    return regret["Sample"](np.ones(4), label, {name: np.array(each) for name, each in scores.items()})


def test_the_drop_is_what_a_model_loses_of_its_share_by_other_mechanisms(regret):
    chance, ours, true = [0.9, 0.8, 0.7, 0.1], [4.0, 2.0, 3.0, 1.0], [0.9, 0.1, 0.9, 0.1]
    names = {regret["ATTAINABLE"]: chance, regret["TRUE"]: true, regret["OURS"]: ours}
    worse = {**names, regret["OURS"]: [4.0, 3.0, 2.0, 1.0], regret["ELSEWHERE"]: [1.0, 3.0, 2.0, 4.0]}
    found = regret["rows_of"]([_sample(regret, **names)], _sample(regret, **worse))
    drop = {row.subject: row.value for row in found if row.case == "drop of average precision, of the attainable"}
    # The attainable has the escalated first and third: (1 + 2/3) / 2. Ours has both first, then as the attainable;
    # the other's escalated are third and last: (1/3 + 2/4) / 2.
    attainable, elsewhere = (1 + 2 / 3) / 2, (1 / 3 + 2 / 4) / 2
    assert drop[regret["OURS"]] == pytest.approx(100 * (1 / attainable - 1), abs=0.001)
    assert drop[regret["ELSEWHERE"]] == pytest.approx(100 * (1 - elsewhere) / attainable, abs=0.001)


def test_what_a_district_taught_is_read_as_it_was_kept(regret, tmp_path):
    keep, read, result = regret["_keep"], regret["_read"], regret["Result"]
    keep(result(_sample(regret, ours=[0.5, 0.25, 1.0, -1.0]), "tree"), tmp_path / "learnt")
    found = read(tmp_path / "learnt")
    assert found.booster_text == "tree"
    assert found.sample.label.tolist() == [True, False, True, False]
    assert found.sample.scores["ours"].tolist() == [0.5, 0.25, 1.0, -1.0]
    assert [each.name for each in tmp_path.iterdir()] == ["learnt"]


def test_of_several_districts_places_are_pooled_and_no_scale_of_one_outranks_another(regret):
    chance = [0.9, 0.1, 0.9, 0.1]
    names = {regret["ATTAINABLE"]: chance, regret["TRUE"]: chance}
    first = _sample(regret, **names, **{regret["OURS"]: [4.0, 2.0, 3.0, 1.0]})
    # The same order, on a scale a thousand times as high.
    second = _sample(regret, **names, **{regret["OURS"]: [4000.0, 2000.0, 3000.0, 1000.0]})
    rows = list(regret["rows_of"]([first, second], first))
    ours = {row.case: row.value for row in rows if row.subject == regret["OURS"]}
    assert ours["average precision"] == pytest.approx(100)
    assert ours["district 2 alone: average precision, of the attainable"] == pytest.approx(100)
    # Weight 1 ranks lower than the second lowest, which has half of its own beside: 1.5 of 4.
    assert regret["placed"](second).scores[regret["OURS"]].tolist() == [0.875, 0.375, 0.625, 0.125]
