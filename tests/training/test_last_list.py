import sys
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from targeting.errors import TargetingError
from targeting.features.matrix import Matrix
from targeting.training.baselines import LAST_LIST
from targeting.training.challenger import check_can_be_trained, explainable_boosting_score
from targeting.training.definition import ExplainableBoostingRule
from targeting.training.evaluation import scored
from targeting.training.experiment import train
from targeting.training.last_list import PublishedOrder, last_list_scores
from targeting.training.measures import auc, curve, rank

A_DAY = timedelta(days=1)


def _order(day, **margins):
    return PublishedOrder(as_of_date=day, family_id=np.array(list(margins)), margin=np.array(list(margins.values())))


@pytest.fixture
def four(rows):
    """Families a and b on two dates, thirteen weeks apart."""
    first, second = rows.dates[-2:]
    held = rows.where(np.arange(len(rows)) < 4)
    as_of = np.array([first, first, second, second], dtype="datetime64[D]")
    table = Matrix(np.array(["a", "b", "a", "b"]), as_of, held.names, held.X, held.unknown)
    return replace(held, table=table, at=slice(0, 4))


def test_each_date_is_ranked_by_the_last_list_published_before_it(four):
    first, second = four.dates
    orders = [
        _order(first - 8 * A_DAY, a=5.0, b=1.0),
        _order(first - A_DAY, a=-0.4, b=1.9, gone=0.2, other=1.9),
        # A list of the date itself is the model's own answer to the same question.
        _order(second, a=9.0, b=0.0),
    ]
    assert last_list_scores(orders, four).tolist() == [0.25, 1.0, 0.25, 1.0]


def test_whom_the_last_list_did_not_consider_ranks_behind_all(four):
    orders = [_order(four.dates[0] - A_DAY, b=-3.0)]
    assert last_list_scores(orders, four).tolist() == [-np.inf, 1.0, -np.inf, 1.0]


def test_without_a_list_before_every_date_there_is_no_such_baseline(four):
    assert last_list_scores([], four) is None
    assert last_list_scores([_order(four.dates[0], a=1.0, b=2.0)], four) is None


def test_a_last_list_is_judged_beside_the_other_orders(data, definition, model, make_context, tmp_path):
    day = definition.as_of_dates[-3]
    held = data.matrix.rows(data.matrix.as_of_date == np.datetime64(day))
    order = PublishedOrder(as_of_date=day, family_id=held.family_id, margin=held.values[:, 0] + held.values[:, 1])
    found = train(definition, model, data=replace(data, published=(order,)), context=make_context(tmp_path))
    beside = {each.other: each for each in found.verdict.comparisons}
    assert LAST_LIST in beside
    assert found.baselines[LAST_LIST]["auc"] > 0.6
    assert "last_list" in found.bundle.evidence_json("evaluation.json")["baselines"]
    assert "| order of the last list that was published |" in found.bundle.evidence["card.md"].decode()


def test_the_glass_box_learns_from_thinned_rows_with_unknown_values_and_comes_out_the_same(rows):
    pytest.importorskip("interpret", reason="the extra `challenger` is not installed")
    rule = ExplainableBoostingRule(bags=2, non_events_kept=0.5)
    test = rows.is_on(rows.dates[-2:])
    first, second = (
        explainable_boosting_score(rule, train=rows.where(~test), test=rows.where(test), seed=seed, threads=1)
        for seed in (3, 3)
    )
    held = scored(rows.where(test), first)
    assert np.array_equal(first, second)
    assert auc(curve(rank(held.score), held.outcome)) > 0.68


def test_a_glass_box_without_its_package_is_refused_before_anything_is_trained(monkeypatch):
    monkeypatch.setitem(sys.modules, "interpret", None)
    check_can_be_trained(None, "training/escalation.toml")
    with pytest.raises(TargetingError, match=r"baselines.explainable_boosting needs interpret-core, which is not"):
        check_can_be_trained(ExplainableBoostingRule(), "training/escalation.toml")
