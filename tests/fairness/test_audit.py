import numpy as np
import pytest
from fairlearn import metrics as fairlearn
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_score, recall_score

from targeting.errors import DataError
from targeting.fairness.audit import audit
from targeting.fairness.audit_input import AuditInput
from targeting.fairness.definition import Policy
from targeting.fairness.results import audit_from_json, audit_to_json
from targeting.fairness.tidy import audit_to_csv

TWO_GROUPS = """
group | score | label | times
a     | 0.9   | 1     | 30
a     | 0.8   | 0     | 10
a     | 0.2   | 1     | 20
a     | 0.1   | 0     | 40
b     | 0.9   | 1     | 10
b     | 0.8   | 0     | 5
b     | 0.2   | 1     | 15
b     | 0.1   | 0     | 20
"""

PLAIN = Policy.model_validate(
    {
        "public_data": True,
        "disclosure": "none",
        "cuts": ("score>=0.5",),
        "attribute": ({"name": "group", "class": "refused", "column": "group", "reference": "a"},),
    }
)


def of_group(result, group, attribute=0, cut=0):
    metrics = result.attributes[attribute].group(group).at(result.cuts[cut].cut)
    return {name: shown.value for name, shown in metrics.items()}


def test_counts_rates_and_comparisons_are_those_counted_by_hand(rows):
    b = of_group(audit(rows(TWO_GROUPS), PLAIN, title="hand"), "b")
    assert {name: b[name] for name in ("n", "positives", "selected", "tp", "fp", "fn", "tn")} == {
        "n": 50,
        "positives": 25,
        "selected": 15,
        "tp": 10,
        "fp": 5,
        "fn": 15,
        "tn": 20,
    }
    expected = {
        "tpr": 10 / 25,
        "fpr": 5 / 25,
        "ppv": 10 / 15,
        "for": 15 / 35,
        "selection_rate": 15 / 50,
        "share_of_list": 15 / 55,
        "share_of_cohort": 50 / 150,
        "share_of_list_against_cohort": (15 / 55) / (50 / 150),
        "tpr_difference": 10 / 25 - 30 / 50,
        "tpr_ratio": (10 / 25) / (30 / 50),
        "share_of_list_ratio": 15 / 40,
        "fpr_difference": 5 / 25 - 10 / 50,
    }
    assert {name: b[name] for name in expected} == pytest.approx(expected, abs=1e-8)


def test_the_reference_is_even_with_itself_and_everyone_is_compared_with_nobody(rows):
    result = audit(rows(TWO_GROUPS), PLAIN, title="hand")
    assert (of_group(result, "a")["tpr_ratio"], of_group(result, "a")["tpr_difference"]) == (1.0, 0.0)
    assert of_group(result, "all")["tpr_ratio"] is None


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000), st.integers(30, 120), st.integers(2, 5))
def test_figures_agree_with_fairlearn(seed, n, groups):
    random = np.random.default_rng(seed)
    group = np.array([f"g{code}" for code in random.integers(0, groups, n)])
    score, label = random.random(n), random.integers(0, 2, n).astype(float)
    entity = np.array([f"p{number:04}" for number in range(n)])
    policy = PLAIN.model_copy(update={"attribute": (PLAIN.attribute[0].model_copy(update={"reference": "g0"}),)})
    result = audit(AuditInput(entity=entity, score=score, label=label, attributes={"group": group}), policy, title="")
    functions = {
        "n": fairlearn.count,
        "selection_rate": fairlearn.selection_rate,
        "tpr": recall_score,
        "ppv": precision_score,
        "fpr": fairlearn.false_positive_rate,
        "fnr": fairlearn.false_negative_rate,
        "tnr": fairlearn.true_negative_rate,
    }
    frame = fairlearn.MetricFrame(
        metrics=functions, y_true=label, y_pred=(score >= 0.5).astype(int), sensitive_features=group
    )
    for name in np.unique(group).tolist():
        ours = of_group(result, name)
        # Where a rate is out of nobody fairlearn says 0, and we say nothing.
        expected = {metric: frame.by_group.loc[name, metric] for metric in functions if ours[metric] is not None}
        assert {metric: ours[metric] for metric in expected} == pytest.approx(expected, abs=1e-7)


def test_the_order_of_rows_and_of_families_changes_no_byte(rows):
    given_rows = rows(TWO_GROUPS)
    shuffled = np.random.default_rng(4).permutation(len(given_rows.entity))
    other = AuditInput(
        entity=given_rows.entity[shuffled],
        score=given_rows.score[shuffled],
        label=given_rows.label[shuffled],
        attributes={"group": given_rows.attributes["group"][shuffled]},
    )
    first, second = (audit(each, PLAIN, title="same") for each in (given_rows, other))
    assert audit_to_json(first) == audit_to_json(second) == audit_to_json(audit(given_rows, PLAIN, title="same"))


def test_an_audit_is_read_back_as_it_was_written(rows):
    result = audit(rows(TWO_GROUPS), PLAIN, title="same")
    assert audit_from_json(audit_to_json(result)) == result
    with pytest.raises(DataError, match=r"^not an audit of format 1: title: Field required\.$"):
        audit_from_json(audit_to_json(result).replace('"title":"same",', ""))


def test_a_row_without_an_outcome_takes_its_place_and_is_counted_nowhere_else(rows):
    text = """
    group | score | label
    a     | 0.9   |
    a     | 0.8   | 1
    b     | 0.7   | 1
    b     | 0.1   | 0
    """
    policy = PLAIN.model_copy(update={"cuts": ("top:2",)})
    result = audit(rows(text), policy, title="")
    assert (result.audited.rows, result.audited.unlabelled, result.cuts[0].listed) == (3, 1, 1)
    assert (of_group(result, "a")["selected"], of_group(result, "b")["selected"]) == (1, 0)


def test_one_group_is_said_and_is_no_fairness(policy, rows):
    read = policy(
        """
        cuts = ["score>=0.5"]
        [[attribute]]
        name = "group"
        column = "group"
        reference = "a"
        [[gating]]
        attribute = "group"
        group = "b"
        measure = "tpr_difference"
        cut = "score>=0.5"
        limit = 0.1
        """
    )
    result = audit(rows("group | score | label | times\na | 0.9 | 1 | 40\na | 0.2 | 0 | 40"), read, title="")
    assert result.notes == ("group: all rows are of one group, so nothing can be told of fairness between groups.",)
    assert result.verdict == "cannot tell"
    assert result.gating[0].sentence == (
        "Listing scores of 0.5 and above: there are no people with the outcome in b. "
        "No gap could be seen, however large, until there are some."
    )


@pytest.mark.parametrize(("label", "undefined"), [("1", {"fpr", "tnr", "auc"}), ("0", {"tpr", "fnr", "auc"})])
def test_with_one_kind_of_outcome_what_is_not_defined_is_neither_0_nor_nan(rows, label, undefined):
    text = f"group | score | label | times\na | 0.9 | {label} | 40\nb | 0.2 | {label} | 40"
    figures = of_group(audit(rows(text), PLAIN, title=""), "b")
    assert {name for name in (*undefined, "selection_rate") if figures[name] is None} == undefined
    assert all(value is None or not np.isnan(value) for value in figures.values())


def test_declared_groups_without_rows_are_shown_empty_and_values_of_none_stand_alone(policy, rows):
    read = policy(
        """
        public_data = true
        disclosure = "none"
        cuts = ["score>=0.5"]
        [[attribute]]
        name = "group"
        column = "group"
        groups = { First = ["a", "b"], Nobody = ["z"] }
        """
    )
    text = "group | score | label\na | 0.9 | 1\nb | 0.1 | 0\nd10 | 0.4 | 1\nd9 | 0.4 | 1\n | 0.4 | 0"
    groups = audit(rows(text), read, title="").attributes[0].groups
    assert [(group.group, group.overall["n"].value) for group in groups] == [
        ("First", 2),
        ("Nobody", 0),
        ("d9", 1),
        ("d10", 1),
        ("not recorded", 1),
        ("all", 5),
    ]


def test_an_intersection_has_the_groups_of_both(policy, rows):
    read = policy(
        """
        public_data = true
        disclosure = "none"
        cuts = ["score>=0.5"]
        attribute = [
            { name = "group", column = "group" },
            { name = "sex", column = "sex" },
            { name = "both", intersection = ["group", "sex"] },
        ]
        """
    )
    result = audit(
        rows("group | sex | score | label\na | m | 0.9 | 1\na | f | 0.9 | 0\nb | f | 0.1 | 0"), read, title=""
    )
    assert [group.group for group in result.attributes[2].groups] == ["a and f", "a and m", "b and f", "all"]


def test_every_fault_of_the_rows_is_told_at_once():
    broken = AuditInput(
        entity=np.array(["p1", "p1", "p2", ""]),
        score=np.array([0.5, 0.5, np.nan, 1.5]),
        label=np.array([1.0, 0.0, 2.0, np.nan]),
        attributes={"groups": np.array(["a", "a", "b", "b"])},
    )
    with pytest.raises(DataError) as raised:
        audit(broken, PLAIN, title="")
    assert str(raised.value).splitlines() == [
        "1 of 4 rows has no entity; every row needs an id.",
        "1 of 4 rows has no score, or one that is no number.",
        "1 of 4 rows has a score outside 0 to 1; scale scores to lie within.",
        "1 of 4 rows has a label other than 0 and 1, or none.",
        "1 of 4 rows has an entity that its list has already; each may stand once.",
        "no values of the attribute 'group' are given. Those that do: groups. Did you mean groups?",
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"entity": np.array([], dtype=str)}, r"^there is no row to audit\.\nscore has 1 values for 0 rows\."),
        ({"label": np.array([np.nan])}, r"^no row has a label: no outcome is known yet\.$"),
        ({"attributes": {"group": np.array(["all"])}}, r"^group: the value 'all' stands for everyone"),
        ({"rank_by": np.array([np.nan])}, r"^1 of 1 rows has nothing to rank by\.$"),
    ],
)
def test_rows_that_cannot_be_audited_are_refused(change, message):
    arrays = {
        "entity": np.array(["p"]),
        "score": np.array([0.5]),
        "label": np.array([1.0]),
        "attributes": {"group": np.array(["a"])},
    }
    with pytest.raises(DataError, match=message):
        audit(AuditInput(**(arrays | change)), PLAIN, title="")


def test_a_policy_that_audits_nothing_is_refused(rows):
    with pytest.raises(DataError, match=r"^the policy audits no attribute; give one a `column`\.$"):
        audit(rows(TWO_GROUPS), PLAIN.model_copy(update={"attribute": ()}), title="")


def test_the_tidy_file_has_a_row_for_each_figure(policy, rows):
    read = policy(
        """
        public_data = true
        disclosure = "none"
        cuts = ["score>=0.5", "top:10"]
        [[attribute]]
        name = "group"
        column = "group"
        reference = "a"
        [[gating]]
        attribute = "group"
        group = "b"
        measure = "tpr_difference"
        cut = "top:10"
        limit = 0.1
        """
    )
    lines = audit_to_csv(audit(rows(TWO_GROUPS), read, title="")).splitlines()
    assert lines[0] == "attribute,group,cut,metric,value,lower,upper,n,verdict"
    assert "group,b,score>=0.5,tp,10,,,50," in lines
    assert [line.rsplit(",", 1)[1] for line in lines if ",tpr_difference," in line] == ["", "", "", "concern", "", ""]
    keys = [tuple(line.split(",")[:4]) for line in lines]
    assert len(keys) == len(set(keys))


def test_intervals_of_families_are_wider_than_those_of_as_many_single_rows(rows):
    text = "group | score | label | family\n" + "\n".join(
        f"a | {0.9 if family % 2 else 0.1} | {family % 3 == 0:d} | f{family}" for family in range(60) for _ in range(6)
    )
    together, alone = (
        audit(each, PLAIN, title="").attributes[0].groups[0].overall["prevalence"]
        for each in (rows(text), rows(text.replace("family\n", "unused\n")))
    )
    assert (together.upper - together.lower) / (alone.upper - alone.lower) == pytest.approx(6**0.5, rel=0.2)


def test_bootstrap_intervals_cover_what_they_should():
    random = np.random.default_rng(8)
    covered = 0
    for _ in range(25):
        family_rate = random.beta(6, 14, 150)
        family = np.repeat(np.arange(150), 3)
        label = (random.random(450) < family_rate[family]).astype(float)
        result = audit(
            AuditInput(
                entity=np.array([f"p{number:03}" for number in range(450)]),
                score=np.full(450, 0.3),
                label=label,
                attributes={"group": np.full(450, "a")},
                cluster=family.astype(str),
            ),
            PLAIN,
            title="",
        )
        shown = result.attributes[0].groups[0].overall["prevalence"]
        assert shown.method == "bootstrap"
        covered += shown.lower <= 0.3 <= shown.upper
    assert covered >= 21
