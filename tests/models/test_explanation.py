import numpy as np
import pytest

from targeting.models.estimator import margins
from targeting.models.explanation import contributions, explain


def test_contributions_are_those_of_shap(made):
    shap = pytest.importorskip("shap")
    theirs = shap.TreeExplainer(made.booster.trees).shap_values(made.X)
    assert np.allclose(contributions(made.booster, made.X)[:, :-1], theirs, rtol=0, atol=1e-9)


def test_contributions_with_the_base_value_sum_to_the_margin(made):
    sums = contributions(made.booster, made.X).sum(axis=1)
    assert np.allclose(sums, margins(made.booster, made.X), rtol=0, atol=1e-9)


def test_the_parts_and_the_reference_sum_to_the_margin_less_the_cohorts_mean(made):
    cohort = margins(made.booster, made.X)
    explained = explain(made.booster, made.X[:7], cohort_mean=float(cohort.mean()))
    for row in range(7):
        parts = explained.of_row(row)
        assert list(parts) == ["referrals", "incidents", "age", "reference"]
        assert sum(parts.values()) == pytest.approx(cohort[row] - cohort.mean(), abs=1e-9)


def test_the_reference_is_the_same_for_every_family_of_a_list(made):
    together = explain(made.booster, made.X[:5], cohort_mean=-1.5)
    alone = explain(made.booster, made.X[4:5], cohort_mean=-1.5)
    assert together.reference == alone.reference
    assert together.of_row(4) == alone.of_row(0)


def test_an_empty_list_has_no_parts(made):
    assert explain(made.booster, np.empty((0, 3)), cohort_mean=-2.0).parts.shape == (0, 3)
