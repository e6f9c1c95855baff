"""Withheld counts, attacked from the published file alone."""

import csv
import io
import itertools
import re
from collections.abc import Iterator, Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp

from targeting.fairness.audit import audit
from targeting.fairness.audit_input import AuditInput
from targeting.fairness.definition import Policy
from targeting.fairness.intervals import for_few_clusters, wilson
from targeting.fairness.metrics import COUNTS, OF_SCORES, RATES
from targeting.fairness.page import audit_to_html
from targeting.fairness.tidy import audit_to_csv

CUTS = ("score>=0.6", "score>=0.3")
GROUPS = {"First": ("a", "b"), "Second": ("c", "d")}
# (label, whether listed at .6, whether at .3): the kinds of row that a reader cannot tell apart within a group.
OF_THE_SCORES = re.compile("|".join(OF_SCORES))
KINDS = [(label, narrow, wide) for label in (0, 1) for narrow, wide in ((0, 0), (0, 1), (1, 1))]
SCORE = {(0, 0): 0.1, (0, 1): 0.4, (1, 1): 0.8}


def policy_with(*attributes: Mapping[str, object], disclosure: str = "suppress", **more: object) -> Policy:
    return Policy.model_validate({"disclosure": disclosure, "cuts": CUTS, "attribute": attributes, **more})


PLAIN = policy_with({"name": "group", "column": "group"})
GROUPED = policy_with({"name": "group", "column": "group"}, {"name": "pair", "column": "group", "groups": GROUPS})


def input_of(counts: Mapping[str, tuple[int, ...]]) -> AuditInput:
    """Return rows of so many of each kind in each group."""
    rows = [
        (group, *kind)
        for group, numbers in counts.items()
        for kind, number in zip(KINDS, numbers, strict=True)
        for _ in range(number)
    ]
    groups = np.array([row[0] for row in rows])
    return AuditInput(
        entity=np.array([f"p{number:05}" for number in range(len(rows))]),
        score=np.array([SCORE[row[2], row[3]] for row in rows]),
        label=np.array([float(row[1]) for row in rows]),
        attributes={"group": groups, "pair": groups},
    )


class Published:
    """A tidy file, and what can be worked out of it: an integer programme over all tables of counts that agree."""

    def __init__(self, text: str, counts: Mapping[str, tuple[int, ...]]) -> None:
        self.rows = list(csv.DictReader(io.StringIO(text)))
        self.groups = list(counts)
        self.truth = np.array([counts[group] for group in self.groups], dtype=float).ravel()
        shown = [row for row in self.rows if row["metric"] in COUNTS and row["value"] != "c"]
        self.matrix = np.array([self.sums(row) for row in shown]).reshape(len(shown), len(self.truth))
        self.values = np.array([float(row["value"]) for row in shown])

    def sums(self, row: Mapping[str, str]) -> np.ndarray:
        """Return which of (group, kind) a count adds up."""
        members = {"all": self.groups, **GROUPS}.get(row["group"], (row["group"],))
        cut = CUTS.index(row["cut"])
        return np.array(
            [float(group in members and counts(row["metric"], kind, cut)) for group in self.groups for kind in KINDS]
        )

    def range_of(self, wanted: np.ndarray) -> tuple[float, float]:
        constraints = LinearConstraint(self.matrix, self.values, self.values) if len(self.values) else ()
        whole = np.ones(len(self.truth))
        ends = [milp(sign * wanted, constraints=constraints, integrality=whole, bounds=(0, 500)) for sign in (1, -1)]
        return tuple(wanted @ end.x for end in ends)

    def withheld(self) -> Iterator[np.ndarray]:
        """Return the small counts behind every `c`."""
        for row in self.rows:
            if row["metric"] in COUNTS and row["value"] == "c" and 1 <= self.sums(row) @ self.truth <= 5:
                yield self.sums(row)

    def differences(self) -> Iterator[np.ndarray]:
        """Return what lies between the two cuts in each group, where that is small."""
        for group, metric in itertools.product([*self.groups, "all"], ("selected", "tp", "fp")):
            wide, narrow = (self.sums({"group": group, "metric": metric, "cut": cut}) for cut in reversed(CUTS))
            if 1 <= (wide - narrow) @ self.truth <= 5:
                yield wide - narrow


def counts(metric: str, kind: tuple[int, int, int], cut: int) -> bool:
    label, listed = bool(kind[0]), bool(kind[1 + cut])
    return {
        "n": True,
        "positives": label,
        "negatives": not label,
        "selected": listed,
        "not_selected": not listed,
        "tp": label and listed,
        "fp": listed and not label,
        "fn": label and not listed,
        "tn": not label and not listed,
    }[metric]


def published(counts_of: Mapping[str, tuple[int, ...]], policy: Policy) -> Published:
    return Published(audit_to_csv(audit(input_of(counts_of), policy, title="")), counts_of)


number = st.one_of(st.integers(0, 7), st.integers(0, 60))
tables = st.fixed_dictionaries({group: st.tuples(*[number] * len(KINDS)) for group in "abcd"}).filter(
    lambda table: sum(map(sum, table.values())) > 0
)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(tables, st.sampled_from([PLAIN, GROUPED]))
def test_no_small_count_nor_difference_can_be_worked_out(table, policy):
    seen = published(table, policy)
    for wanted in itertools.chain(seen.withheld(), seen.differences()):
        low, high = seen.range_of(wanted)
        assert high - low >= 3, f"known to lie between {low} and {high}"


@settings(max_examples=12, deadline=None, derandomize=True)
@given(tables)
def test_no_small_count_is_shown_and_no_rate_of_one(table):
    for row in published(table, PLAIN).rows:
        if row["metric"] in COUNTS:
            assert row["value"] == "c" or not 1 <= int(row["value"]) <= 5
        if row["value"] == "c":
            assert (row["lower"], row["upper"]) == ("", "")


# n is 3, 40, 60 and 80.
THREE = {
    "a": (1, 0, 1, 0, 0, 1),
    "b": (10, 8, 6, 6, 0, 10),
    "c": (20, 10, 8, 6, 7, 9),
    "d": (30, 12, 8, 10, 9, 11),
}


def test_a_group_of_three_is_c_everywhere_and_takes_another_with_it():
    seen = published(THREE, PLAIN)
    of_three = {row["value"] for row in seen.rows if row["group"] == "a"}
    assert of_three == {"c"}
    assert {row["group"] for row in seen.rows if row["metric"] == "n" and row["value"] == "c"} == {"a", "b"}
    (low, high) = seen.range_of(seen.sums({"group": "a", "metric": "n", "cut": CUTS[0]}))
    assert (low, high) == (0, 43)


def test_a_group_is_withheld_alike_in_every_attribute_made_of_it():
    seen = published(THREE, GROUPED)
    hidden = {row["group"] for row in seen.rows if row["metric"] == "n" and row["value"] == "c"}
    # First is a and b, so that a could be had from First and b, were not both of them withheld or neither.
    assert hidden == {"a", "b"}


def test_rates_and_comparisons_go_with_the_counts_they_rest_on():
    policy = policy_with({"name": "group", "column": "group", "reference": "d"})
    rows = {(row["group"], row["cut"], row["metric"]): row["value"] for row in published(THREE, policy).rows}
    for (group, cut, metric), value in rows.items():
        if metric in RATES and RATES[metric].numerator in COUNTS:
            behind = [rows[group, cut, count] for count in (RATES[metric].numerator,)]
            assert ("c" in behind) <= (value == "c")
            ratio = rows.get((group, cut, f"{metric}_ratio"), "c")
            assert (value == "c") <= (ratio == "c")


def test_a_metric_of_few_scores_is_withheld_where_it_would_tell_a_count():
    # With two scores the AUC is (1 + tpr - fpr) / 2, from which tp follows.
    table = {"a": (20, 0, 2, 20, 0, 8), "b": (40, 0, 20, 20, 0, 20), "c": (50, 0, 30, 30, 0, 30)}
    rows = {(row["group"], row["metric"]): row["value"] for row in published(table, PLAIN).rows}
    assert (rows["a", "positives"], rows["a", "tp"]) == ("28", "c")
    assert {rows["a", metric] for metric in ("auc", "average_precision", "calibration_slope")} == {"c"}
    assert rows["a", "calibration_in_the_large"] != "c"


def test_six_rows_of_one_child_are_one_child_and_of_one_family_one_family():
    policy = PLAIN.model_copy(update={"cuts": ("score>=0.6",)})
    entity = np.array([f"p{number:03}" for number in range(60)])
    arrays = {
        "score": np.full(66, 0.1),
        "label": np.tile([1.0, 0.0], 33),
        "attributes": {"group": np.array(["b", "c"] * 30 + ["a"] * 6)},
    }
    lists = np.array(["d0"] * 60 + [f"d{number}" for number in range(6)])
    one_child = AuditInput(entity=np.append(entity, ["q"] * 6), list_name=lists, **arrays)
    siblings = np.append(entity, [f"q{number}" for number in range(6)])
    one_family = AuditInput(entity=siblings, cluster=np.append(entity, ["q"] * 6), **arrays)
    strangers = AuditInput(entity=siblings, **arrays)
    shown = [
        audit(each, policy, title="").attributes[0].group("a").overall["n"].value
        for each in (one_child, one_family, strangers)
    ]
    assert shown == ["c", "c", 6]


def test_rounding_leaves_multiples_of_five_and_rates_that_follow_from_them():
    policy = policy_with({"name": "group", "column": "group", "reference": "d"}, disclosure="round:5")
    result = audit(input_of(THREE), policy, title="")
    figures = result.attributes[0].group("d").at(CUTS[0])
    shown = {name: figures[name].value for name in ("n", "selected", "tp", "fp", "fn", "ppv", "tpr")}
    # In truth 80, 21, 11, 10, 19.
    expected = {"n": 80, "selected": 20, "tp": 10, "fp": 10, "fn": 20, "ppv": 10 / 20, "tpr": 10 / 30}
    assert shown == pytest.approx(expected, abs=1e-8)
    values = [row["value"] for row in published(THREE, policy).rows if row["metric"] in COUNTS]
    assert all(value == "c" or int(value) % 5 == 0 for value in values)


def test_public_data_are_shown_whole_and_the_page_says_so():
    public = policy_with({"name": "group", "column": "group"}, disclosure="none", public_data=True)
    result = audit(input_of(THREE), public, title="")
    assert "c" not in {row["value"] for row in csv.DictReader(io.StringIO(audit_to_csv(result)))}
    assert "These data are declared public. No count is withheld or rounded." in audit_to_html(result)
    assert "declared public" not in audit_to_html(audit(input_of(THREE), PLAIN, title=""))


def test_a_comparison_whose_figures_are_withheld_says_whose_and_what_would_let_them_be_shown():
    gate = {"attribute": "group", "group": "a", "measure": "tpr_difference", "cut": CUTS[0], "limit": 0.1}
    policy = policy_with({"name": "group", "column": "group", "reference": "d"}, gating=(gate,))
    (result,) = audit(input_of(THREE), policy, title="").gating
    assert (result.verdict, result.estimate.value, result.smallest_detectable_gap) == ("cannot tell", "c", "c")
    assert result.sentence == (
        "The figures of a are withheld, lest people be made out. "
        "These data cannot tell whether there is a gap beyond the limit or none at all. "
        "Lists of more dates, or a wider group named beforehand, would let them be shown."
    )


@settings(max_examples=6, deadline=None, derandomize=True)
@given(tables, st.sampled_from(("suppress", "round:5")))
def test_no_comparison_is_judged_by_figures_that_are_withheld(table, disclosure):
    gates = tuple(
        {"attribute": "group", "group": group, "measure": f"{metric}_difference", "cut": CUTS[0], "limit": 1.0}
        for group, metric in (("a", "tpr"), ("a", "ppv"), ("b", "selection_rate"), ("b", "auc"))
    )
    policy = policy_with({"name": "group", "column": "group", "reference": "c"}, gating=gates, disclosure=disclosure)
    for result in audit(input_of(table), policy, title="").gating:
        figures = (result.estimate, result.judged, result.group_value, result.reference_value)
        if "c" in [each.value for each in figures]:
            # A limit of a whole is passed by every gap that has an interval.
            assert (result.verdict, result.smallest_detectable_gap) == ("cannot tell", "c")


# Every count of these is a multiple of five, and so two more or fewer of one kind changes no rounded count.
EVEN = {"a": (400, 60, 25, 40, 30, 20), "b": (300, 50, 40, 25, 20, 10), "d": (600, 90, 55, 80, 45, 60)}
GATED = policy_with(
    {"name": "group", "column": "group", "reference": "d"},
    disclosure="round:5",
    gating=(
        {"attribute": "group", "group": "a", "measure": "tpr_difference", "cut": CUTS[0], "limit": 0.1},
        {"attribute": "group", "group": "b", "measure": "ppv_ratio", "cut": CUTS[1], "limit": 1.25},
    ),
)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.sampled_from("ab"), st.integers(0, 5), st.sampled_from((-2, -1, 1, 2)))
def test_with_rounding_no_rate_bound_or_verdict_tells_more_than_the_rounded_counts_do(group, kind, more):
    numbers = list(EVEN[group])
    numbers[kind] += more
    one, two = (audit(input_of(each), GATED, title="") for each in (EVEN, {**EVEN, group: tuple(numbers)}))
    assert one.gating == two.gating
    figures = [
        [line for line in audit_to_csv(each).splitlines() if not OF_THE_SCORES.search(line)] for each in (one, two)
    ]
    assert figures[0] == figures[1]
    assert len(figures[0]) > 300


def test_with_rounding_an_interval_is_that_of_the_rounded_counts():
    shown = audit(input_of(EVEN), GATED, title="").attributes[0].group("a").at(CUTS[0])["tpr"]
    lower, upper = wilson(np.array([20 / 90]), for_few_clusters(np.array([90.0]), np.array([90.0])))
    assert (shown.value, shown.lower, shown.upper) == pytest.approx((20 / 90, lower[0], upper[0]), abs=1e-8)
