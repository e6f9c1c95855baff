"""Explanations by look-ups equal LightGBM's own, on any model that training can make, to the last of a billion."""

import gc
import re
import weakref

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from targeting.models.estimator import Booster, booster_from_text, margins
from targeting.models.explanation import contributions, explained_by

COLUMNS = 12
# LightGBM's constant is a single-precision number, a little above 1e-35; categories are whole numbers below 2^31.
EDGES = (0.0, -0.0, 1e-35, -1e-35, float(np.float32(1e-35)), -float(np.float32(1e-35)), 2e-35, -2e-35, 1e-300)
ODD = (np.nan, np.inf, -np.inf, -0.5, -1.0, -3.0, 0.5, 7.9, 31.0, 32.0, 64.0, 2.0**31, 2.0**32 + 1, 1e300)


def _drawn(seed, rows):
    """Return rows of measures, counts, categories (the last three columns) and unknowns, with a label."""
    drawing = np.random.default_rng(seed)
    X = drawing.normal(size=(rows, COLUMNS))
    X[:, 3:6] = drawing.poisson(0.8, size=(rows, 3))
    X[:, 9:] = drawing.integers(0, (4, 20, 70), size=(rows, 3))
    score = X[:, 0] * X[:, 1] + X[:, 3] + (X[:, 9] == 2) - (X[:, 10] % 3) + (X[:, 11] % 2)
    X[drawing.random(X.shape) < 0.15] = np.nan
    X[:, 6:9][drawing.random((rows, 3)) < 0.3] = drawing.choice(EDGES)
    return X, (score > drawing.normal(size=rows)).astype(float)


def _asked(seed, X):
    """Return rows of the training with odd values here and there, many of which no training row had."""
    drawing = np.random.default_rng(seed)
    asked = X[drawing.integers(0, len(X), 60)].copy()
    odd = drawing.random(asked.shape) < 0.25
    asked[odd] = drawing.choice(EDGES + ODD, size=int(odd.sum()))
    return asked


MODELS = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 2**16),
        "max_depth": st.integers(1, 10),
        "num_leaves": st.sampled_from((2, 9, 31, 90)),
        "min_data_in_leaf": st.sampled_from((3, 3, 10, 1000)),
        "learning_rate": st.sampled_from((0.05, 0.3, 1.0)),
        "use_missing": st.booleans(),
        "zero_as_missing": st.booleans(),
        "bagging_fraction": st.sampled_from((1.0, 0.6)),
        "extra_trees": st.booleans(),
        "max_cat_to_onehot": st.sampled_from((1, 4, 100)),
        "monotone_constraints_method": st.sampled_from(("basic", "intermediate")),
        "boosting": st.sampled_from(("gbdt", "dart")),
    }
)


def _trained(model, *, categories, signs, rows=250):
    X, y = _drawn(model["seed"], rows)
    # A column with a sign cannot have categories.
    constraints = {} if categories or not signs else {"monotone_constraints": signs}
    fixed = {"objective": "binary", "verbosity": -1, "num_threads": 1, "bagging_freq": 1, "deterministic": True}
    small = {"min_data_per_group": 2, "cat_smooth": 1.0, "min_data_in_bin": 1}
    parameters = {**fixed, **small, **model, **constraints}
    rows = lightgbm.Dataset(X, y, params=parameters, categorical_feature=[9, 10, 11] if categories else [])
    return booster_from_text(lightgbm.train(parameters, rows, 6).model_to_string()), X


@settings(max_examples=150, deadline=None)
@given(model=MODELS, categories=st.booleans(), signs=st.sampled_from(([], [1, -1, 0, 1] + [0] * 8)))
def test_parts_equal_lightgbms_on_every_model_that_training_can_make(model, categories, signs):
    booster, X = _trained(model, categories=categories, signs=signs)
    asked = _asked(model["seed"], X)
    found = contributions(booster, asked)
    assert explained_by(booster).why_not == ""
    assert np.allclose(found, booster.trees.predict(asked, pred_contrib=True), rtol=0, atol=1e-9)
    assert np.allclose(found.sum(axis=1), margins(booster, asked), rtol=0, atol=1e-9)


DEEP = {"seed": 7, "max_depth": 10, "num_leaves": 90, "min_data_in_leaf": 1, "learning_rate": 0.3}


@pytest.fixture(scope="module")
def deep():
    """Return a booster of deep trees, some leaves of which have ten columns on their path, and its rows."""
    return _trained({**DEEP, "extra_trees": True}, categories=True, signs=[], rows=2000)


def test_a_row_alone_and_among_many_has_the_same_bits_with_any_number_of_threads(deep):
    booster, X = deep
    many = np.tile(X, (9, 1))
    found = contributions(booster, many, threads=2)
    assert found.tobytes() == contributions(booster, many).tobytes()
    for count in (1, 3, 20, 70, 500):
        assert contributions(booster, X[:count]).tobytes() == found[:count].tobytes()
    last = contributions(booster, many[-1:])
    assert last.tobytes() == found[-1:].tobytes()


def test_ten_columns_on_a_path_are_looked_up(deep):
    booster, _ = deep
    held = explained_by(booster).look_ups
    assert max(np.diff(held.leaves.factor_start)) == 10


def test_order_and_layout_of_rows_and_whether_they_may_be_written_change_no_bit(deep):
    booster, X = deep
    found = contributions(booster, X)
    assert contributions(booster, np.asfortranarray(X[::-1])).tobytes() == found[::-1].tobytes()
    closed = X.copy()
    closed.flags.writeable = False
    assert contributions(booster, closed).tobytes() == found.tobytes()


def _for_shap(node, tree):
    """Append a node of LightGBM's dumped tree and those below it to shap's arrays; return its place."""
    at = len(tree["features"])
    is_leaf = "leaf_value" in node
    for name, value in (
        ("features", -1 if is_leaf else node["split_feature"]),
        ("thresholds", 0.0 if is_leaf else node["threshold"]),
        ("values", [node["leaf_value"] if is_leaf else 0.0]),
        ("node_sample_weight", float(node["leaf_count" if is_leaf else "internal_count"])),
    ):
        tree[name].append(value)
    for name in ("children_left", "children_right", "children_default"):
        tree[name].append(-1)
    if not is_leaf:
        assert (node["decision_type"], node["missing_type"]) == ("<=", "NaN")
        left, right = (_for_shap(node[side], tree) for side in ("left_child", "right_child"))
        tree["children_left"][at], tree["children_right"][at] = left, right
        tree["children_default"][at] = left if node["default_left"] else right
    return at


@pytest.mark.parametrize("max_depth", [2, 5, 10])
def test_parts_equal_those_of_shaps_own_code(max_depth):
    # Given LightGBM's booster shap asks LightGBM; given its trees as arrays it computes by itself.
    shap = pytest.importorskip("shap")
    booster, X = _trained({**DEEP, "max_depth": max_depth}, categories=False, signs=[])
    X[X == 0] = 0.5
    names = ("features", "thresholds", "values", "node_sample_weight")
    trees = []
    for dumped in booster.trees.dump_model()["tree_info"]:
        tree = {name: [] for name in (*names, "children_left", "children_right", "children_default")}
        _for_shap(dumped["tree_structure"], tree)
        trees.append({name: np.array(values) for name, values in tree.items()})
    explainer = shap.TreeExplainer({"trees": trees}, feature_perturbation="tree_path_dependent")
    theirs = explainer.shap_values(X[:40], check_additivity=False)
    assert np.allclose(contributions(booster, X[:40])[:, :-1], theirs, rtol=0, atol=1e-9)


# Column a: at most 2 goes left, to 0.5, as half of the rows did. On the right column b: at most 5, as three in five
# rows, goes left, to -1, the others to 2. So the model's base value is 0.35.
BY_HAND = """tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=1
objective=binary sigmoid:1
feature_names=a b
feature_infos=[0:9] [0:9]

Tree=0
num_leaves=3
num_cat=0
split_feature=0 1
split_gain=2 1
threshold=2 5
decision_type=2 2
left_child=-1 -2
right_child=1 -3
leaf_value=0.5 -1 2
leaf_weight=50 30 20
leaf_count=50 30 20
internal_value=0 0
internal_weight=100 50
internal_count=100 50
is_linear=0
shrinkage=1


end of trees

parameters:
end of parameters
"""


def test_a_small_tree_comes_out_as_by_hand():
    # a=3, b=1 gives -1. Knowing a alone: 0.6 * -1 + 0.4 * 2 = 0.2. Knowing b alone: 0.5 * 0.5 + 0.5 * -1 = -0.25.
    # a: the mean of 0.2 - 0.35 and -1 + 0.25. b: the mean of -0.25 - 0.35 and -1 - 0.2.
    found = contributions(booster_from_text(BY_HAND), np.array([[3.0, 1.0]]))
    assert found[0].tolist() == pytest.approx([-0.45, -0.9, 0.35], abs=1e-15)


def test_a_path_of_more_columns_than_a_table_holds_is_left_to_lightgbm():
    model = {**DEEP, "max_depth": -1, "num_leaves": 400, "extra_trees": True}
    booster, X = _trained(model, categories=False, signs=[], rows=3000)
    assert explained_by(booster).look_ups is None
    assert re.fullmatch("a leaf has 1[12] columns on its path, more than 10", explained_by(booster).why_not)
    theirs = booster.trees.predict(X[:20], pred_contrib=True)
    assert np.array_equal(contributions(booster, X[:20]), theirs)


def test_averaged_trees_are_left_to_lightgbm():
    booster, X = _trained({**DEEP, "boosting": "rf", "bagging_fraction": 0.5}, categories=False, signs=[])
    assert explained_by(booster).why_not == "its trees are averaged, not summed"
    assert np.array_equal(contributions(booster, X), booster.trees.predict(X, pred_contrib=True))


def test_rows_of_another_width_are_refused_as_lightgbm_refuses_them(made):
    with pytest.raises(lightgbm.basic.LightGBMError, match=r"The number of features in data \(4\) is not the same"):
        contributions(made.booster, np.zeros((2, 4)))


def test_a_booster_that_stopped_early_is_explained_by_the_trees_that_it_predicts_with():
    X, y = _drawn(3, 300)
    rows = lightgbm.Dataset(X[:200], y[:200])
    trees = lightgbm.train(
        {"objective": "binary", "verbosity": -1, "learning_rate": 0.2, "num_threads": 1},
        rows,
        60,
        valid_sets=[rows.create_valid(X[200:], y[200:])],
        keep_training_booster=True,
        callbacks=[lightgbm.early_stopping(3, verbose=False)],
    )
    assert 0 < trees.best_iteration < trees.num_trees()
    found = contributions(Booster(trees, tuple(trees.feature_name())), X)
    assert np.allclose(found, trees.predict(X, pred_contrib=True), rtol=0, atol=1e-9)


def test_what_is_held_of_a_booster_goes_with_it(made):
    booster = booster_from_text(made.booster.text)
    held = weakref.ref(explained_by(booster))
    assert held() is explained_by(booster)
    del booster
    gc.collect()
    assert held() is None
