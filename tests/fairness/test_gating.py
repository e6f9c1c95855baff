"""Gating: what is withheld is never a pass, many are judged together, and what could be seen is foreseen."""

import math

import numpy as np
import pytest
from scipy.stats import norm

from targeting.fairness.audit import audit
from targeting.fairness.definition import Policy
from targeting.fairness.foresight import History, foresee
from targeting.fairness.grouping import grouping

GATE = {"attribute": "group", "group": "b", "measure": "tpr_difference", "cut": "score>=0.5", "limit": 0.1}
LARGE = """
group | score | label | times
a     | 0.9   | 1     | 400
a     | 0.2   | 1     | 600
a     | 0.9   | 0     | 500
a     | 0.1   | 0     | 4000
b     | 0.9   | 1     | 240
b     | 0.2   | 1     | 360
b     | 0.9   | 0     | 300
b     | 0.1   | 0     | 3000
"""


def policy_with(*gates, **more):
    declared = {
        "cuts": ("score>=0.5",),
        "attribute": ({"name": "group", "column": "group", "reference": "a"},),
        "gating": gates,
    }
    return Policy.model_validate(declared | more)


def test_a_comparison_whose_figures_are_withheld_cannot_tell_even_where_it_would_pass_or_fail(rows):
    small = "b     | 0.9   | 1     | 3\nb     | 0.2   | 1     | 60\nb | 0.1 | 0 | 90"
    text = LARGE[: LARGE.index("b     |")] + small
    (gate,) = audit(rows(text), policy_with(GATE), title="").gating
    assert (gate.verdict, gate.estimate.value, gate.judged.value) == ("cannot tell", "c", "c")
    (seen,) = audit(rows(text), policy_with(GATE, public_data=True, disclosure="none"), title="").gating
    assert seen.verdict == "fail"


def test_comparisons_are_judged_by_intervals_that_hold_together(rows):
    alone, *_ = audit(rows(LARGE), policy_with(GATE), title="").gating
    others = [{**GATE, "measure": f"{metric}_difference"} for metric in ("ppv", "fpr", "selection_rate")]
    together, *_ = audit(rows(LARGE), policy_with(GATE, *others), title="").gating
    assert (alone.level, together.level) == (0.95, 0.9875)
    assert alone.judged.lower == pytest.approx(alone.estimate.lower, abs=0.01)
    wider = (together.judged.upper - together.judged.lower) / (alone.judged.upper - alone.judged.lower)
    assert wider == pytest.approx(norm.ppf(1 - 0.0125 / 2) / norm.ppf(0.975), rel=0.1)
    assert "(interval that allows for 4 comparisons: " in together.sentence
    assert "(95% interval " in alone.sentence


def test_a_gap_seen_alone_may_not_be_told_among_many(rows):
    # A gap of 6 points with a standard error near 2.5: beyond nothing by itself, within it among four comparisons.
    text = LARGE.replace("b     | 0.9   | 1     | 240", "b     | 0.9   | 1     | 206").replace(
        "b     | 0.2   | 1     | 360", "b     | 0.2   | 1     | 394"
    )
    gate = {**GATE, "limit": 0.06}
    others = [{**gate, "measure": f"{metric}_difference"} for metric in ("ppv", "fpr", "selection_rate")]
    (alone,) = audit(rows(text), policy_with(gate), title="").gating
    among = audit(rows(text), policy_with(gate, *others), title="").gating[0]
    assert (alone.verdict, among.verdict) == ("concern", "cannot tell")


def test_what_was_foreseen_is_kept_and_said_where_it_cannot_be_told(rows):
    few = LARGE.replace("00\n", "0\n").replace("240", "24").replace("360", "36")
    (gate,) = audit(rows(few), policy_with({**GATE, "detectable": 0.21}), title="").gating
    assert (gate.verdict, gate.foreseen_gap) == ("cannot tell", 0.21)
    assert gate.sentence.endswith("Before training it was reckoned that a gap of about 21 points could be seen.")


def history_of(labels, family=None):
    family = np.arange(len(labels)) if family is None else family
    return History(cluster=family, list_code=np.zeros(len(labels), dtype=int), place=family, label=np.array(labels))


def groups_of(codes):
    attribute = policy_with().attribute[0]
    return grouping(attribute, {"group": np.array(codes)}, {})


def test_the_gap_is_foreseen_from_how_many_had_the_outcome_before():
    labels, codes = [1] * 100 + [0] * 900 + [1] * 400 + [0] * 3600, ["b"] * 1000 + ["a"] * 4000
    (found,) = foresee(policy_with(GATE), [groups_of(codes)], history_of(labels))
    # Two proportions of one half, of 100 and of 400; seen four times in five at 5 %.
    expected = (norm.ppf(0.8) + norm.ppf(0.975)) * math.sqrt(0.25 / 100 + 0.25 / 400)
    assert (found.group_n, found.reference_n) == (100, 400)
    assert found.gap == pytest.approx(expected)


def test_families_and_more_comparisons_make_the_foreseen_gap_larger():
    labels, codes = [1] * 100 + [1] * 400, ["b"] * 100 + ["a"] * 400
    pairs = np.arange(500) // 2
    alone, paired = (
        foresee(policy_with(GATE), [groups_of(codes)], history_of(labels, family))[0] for family in (None, pairs)
    )
    assert paired.gap == pytest.approx(alone.gap * math.sqrt(2))
    many = policy_with(GATE, *({**GATE, "measure": f"{metric}_difference"} for metric in ("ppv", "fpr", "fnr")))
    assert foresee(many, [groups_of(codes)], history_of(labels))[0].gap > alone.gap


def test_precision_is_foreseen_for_a_list_that_holds_each_group_in_proportion():
    policy = policy_with({**GATE, "measure": "ppv_ratio", "cut": "top:10%", "limit": 1.25}, cuts=("top:10%",))
    (found,) = foresee(policy, [groups_of(["b"] * 1000 + ["a"] * 3000)], history_of([0] * 4000))
    assert (found.group_n, found.reference_n) == pytest.approx((100, 300))
    seen = (norm.ppf(0.8) + norm.ppf(0.975)) * math.sqrt(1 / 100 + 1 / 300)
    assert found.gap == pytest.approx(math.exp(seen))


@pytest.mark.parametrize("change", [{"measure": "auc_difference"}, {"group": "nobody"}, {"measure": "ppv_difference"}])
def test_what_cannot_be_foreseen_is_left_open(change):
    # Who lies above a score is not known before there are scores, and a group without a row has nothing to show.
    (found,) = foresee(policy_with({**GATE, **change}), [groups_of(["b", "a"])], history_of([1, 0]))
    assert found.gap is None


def test_conflicting_criteria_are_explained_where_base_rates_differ(rows):
    differing = """
    group | score | label | times
    a     | 0.9   | 1     | 100
    a     | 0.9   | 0     | 100
    a     | 0.1   | 1     | 100
    a     | 0.1   | 0     | 700
    b     | 0.9   | 1     | 200
    b     | 0.9   | 0     | 100
    b     | 0.1   | 1     | 200
    b     | 0.1   | 0     | 500
    """
    (attribute,) = audit(rows(differing), policy_with(), title="").attributes
    theorem, said = attribute.conflicts
    assert theorem.endswith("closing one gap opens another.")
    assert said == (
        "Listing scores of 0.5 and above: the outcome comes for 40.0% of b and 20.0% of a; recall 50.0% and 50.0%; "
        "precision 66.7% and 50.0%; share listed without the outcome 16.7% and 12.5%."
    )
    alike = LARGE.replace("3000", "2400")
    assert audit(rows(alike), policy_with(), title="").attributes[0].conflicts == ()
