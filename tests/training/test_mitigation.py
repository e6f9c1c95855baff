"""The mitigation lab on made families, of which one group's records say less."""

from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from defusedxml import ElementTree

from targeting.errors import DataError, TargetingError
from targeting.fairness.definition import Policy
from targeting.features.matrix import Matrix
from targeting.models.estimator import EstimatorSettings
from targeting.records.contract import contract
from targeting.store.contents import MEMBERSHIPS, GenerationContents, fact_schema
from targeting.store.generations import write_generation
from targeting.training import mitigation_ways
from targeting.training.fitting import Recipe
from targeting.training.mitigation import (
    CHOSEN_ON,
    Lab,
    Way,
    attribute_of,
    compared_groups,
    mitigate,
    reduced,
    told,
    told_groups,
)
from targeting.training.mitigation_report import write_mitigation
from targeting.training.mitigation_ways import UNLAWFUL, group_thresholds, proxies_of, reweighing, ways_of
from targeting.training.rows import Rows

FAMILIES = 1200
POLICY = Policy.model_validate(
    {
        "public_data": True,
        "disclosure": "none",
        "unit": "child",
        "cuts": ("top:20%",),
        "attribute": (
            {"name": "ethnicity", "column": "person_described.ethnicity", "reference": "WBRI"},
            {"name": "sex", "column": "person_described.sex"},
        ),
        "gating": (
            {"attribute": "ethnicity", "group": "APKN", "measure": "ppv_difference", "cut": "top:20%", "limit": 0.1},
            {"attribute": "ethnicity", "group": "APKN", "measure": "tpr_difference", "cut": "top:20%", "limit": 0.1},
        ),
    }
)


@pytest.fixture(scope="module")
def generation(tmp_path_factory):
    kinds = contract()
    described = [
        {"fact_id": at, "person_id": f"p_{at:04}", "event_date": date(2020, 1, 1), "knowledge_date": date(2020, 1, 1)}
        | {"source": "school", "ethnicity": "APKN" if at % 3 == 0 else "WBRI"}
        for at in range(FAMILIES)
    ]
    members = [
        {"family_id": f"f_{at:04}", "person_id": f"p_{at:04}", "is_child": True, "birth_date": date(2015, 1, 1)}
        | {"visible_from": date(2020, 1, 1)}
        for at in range(FAMILIES)
    ]
    contents = GenerationContents(
        facts={"person_described": pa.Table.from_pylist(described, fact_schema(kinds["person_described"]))},
        memberships=pa.Table.from_pylist(members, MEMBERSHIPS),
        agency_links=pa.table({"person_id": ["p_0000"], "source": ["school"], "known_from": [date(2020, 1, 1)]}),
        coverage=(),
        contract=kinds,
        synthetic=True,
        inputs={},
    )
    return write_generation(tmp_path_factory.mktemp("mitigation"), contents)


def rows(days, seed):
    """Return families on dates: `seen` shows need, a fifth as far for every third family, whose `mark` stands out.

    Nobody knows what is `unheard`.
    """
    random = np.random.default_rng(seed)
    family = np.tile(np.arange(FAMILIES), len(days))
    group = family % 3 == 0
    need = random.normal(size=len(family))
    y = (random.random(len(family)) < 1 / (1 + np.exp(1.5 - 1.5 * need))).astype(np.int8)
    seen = np.where(group, 0.2, 1.0) * need + 0.3 * random.normal(size=len(family))
    mark = group + 0.4 * random.normal(size=len(family))
    X = np.column_stack([seen, mark, random.normal(size=len(family)), np.full(len(family), np.nan)])
    return Rows(
        table=Matrix(
            np.array([f"f_{at:04}" for at in family]),
            np.repeat(np.array(days, dtype="datetime64[D]"), FAMILIES),
            ("seen", "mark", "noise", "unheard"),
            X,
            np.zeros(X.shape, dtype=np.int8),
        ),
        at=slice(0, len(y)),
        family=family,
        y=y,
    )


@pytest.fixture(scope="module")
def lab(generation):
    attribute = attribute_of(POLICY, None)
    learnt = rows(("2023-01-01", "2023-04-02", "2023-07-02", "2023-10-01"), seed=0)
    test = told(rows(("2024-06-02",), seed=1), attribute, POLICY, generation)
    return Lab(
        train=told_groups(learnt, attribute, POLICY, generation),
        recent=told(learnt.on(learnt.dates[-CHOSEN_ON:]), attribute, POLICY, generation),
        test=test,
        recipe=Recipe({"num_leaves": 6, "learning_rate": 0.1}, 40),
        settings=EstimatorSettings(
            names=("seen", "mark", "noise", "unheard"), directions=(None,) * 4, seed=1, threads=1
        ),
        policy=POLICY,
        attribute=attribute,
        compared=compared_groups(test),
    )


def test_the_first_attribute_that_gates_recall_is_taken_unless_one_is_named():
    assert attribute_of(POLICY, None).name == "ethnicity"
    with pytest.raises(
        TargetingError, match=r"'sex' has no groups to compare in the policy\. Those that do: ethnicity"
    ):
        attribute_of(POLICY, "sex")
    with pytest.raises(TargetingError, match=r"^no gating comparison is of recall; name the attribute"):
        attribute_of(POLICY.model_copy(update={"gating": POLICY.gating[:1]}), None)


def test_reweighing_makes_group_and_outcome_independent(lab):
    weights, group, y = reweighing(lab.train), lab.train.group, lab.train.rows.y
    shares = [np.average(y[group == code], weights=weights[group == code]) for code in np.unique(group)]
    assert shares[0] == pytest.approx(shares[1])
    assert weights.sum() == pytest.approx(len(weights))


def test_the_indicator_that_tells_most_of_a_group_is_tried_without(lab):
    assert proxies_of(lab)[0] == "mark"


def test_a_point_has_the_recall_and_gap_counted_by_hand(lab):
    truth = Way(name="truth", does="", margin=lambda lab: lab.test.rows.y.astype(float))
    first = Way(name="one group first", does="", margin=lambda lab: (lab.test.group == 0).astype(float))
    found, other = mitigate(lab, (truth, first))
    # 240 of 1,200 places, and more outcomes than that.
    y = lab.test.rows.y
    assert found.recall == pytest.approx(240 / y.sum())
    listed = np.sort(np.flatnonzero(lab.test.group == 0))[:240]
    assert other.recall == pytest.approx(y[listed].sum() / y.sum())
    assert other.gap == pytest.approx(y[listed].sum() / y[lab.test.group == 0].sum())
    assert (other.widest, other.gap_lower < other.gap < other.gap_upper) == ("APKN", True)


@pytest.fixture(scope="module")
def points(lab):
    with pytest.MonkeyPatch.context() as patch:
        # Enough to see that the constrained learner runs, in a fraction of the time.
        patch.setattr(mitigation_ways, "MOST_ROUNDS", 2)
        return mitigate(lab, ways_of(lab))


def test_every_way_has_a_point_and_thresholds_by_group_are_for_study_alone(points):
    assert [point.name for point in points] == [
        "as it is",
        "reweighing",
        "exponentiated gradient",
        "left out: mark",
        *[point.name for point in points[4:6]],
        "group thresholds",
    ]
    alone = [(point.name, point.why_not) for point in points if not point.deployable]
    assert alone == [("group thresholds", UNLAWFUL)]


def test_thresholds_by_group_narrow_the_gap_they_were_chosen_for(lab, points):
    assert points[0].gap > 0.1
    assert points[-1].gap < points[0].gap
    moved = reduced(lab.test, group_thresholds(lab), lab.policy).counts().rate("tpr")[:, 0]
    assert abs(moved[0] - moved[1]) == pytest.approx(points[-1].gap)


def test_the_same_lab_gives_the_same_points(lab, points):
    assert mitigate(lab, ways_of(lab)[:2]) == points[:2]


def test_points_and_chart_are_written(points, tmp_path):
    write_mitigation(points, tmp_path / "out", cut="top:20%", attribute="ethnicity")
    drawn = ElementTree.parse(tmp_path / "out" / "mitigation.svg")
    said = " ".join(element.text or "" for element in drawn.iter() if element.text)
    assert all(point.name in said for point in points)
    assert "for study alone" in said


def test_too_few_outcomes_are_said(lab):
    few = replace(lab.test, given=replace(lab.test.given, label=np.zeros(len(lab.test.given.label))))
    with pytest.raises(DataError, match=r"^Too few outcomes: a group and 'WBRI' need 20 families each"):
        compared_groups(few)
