import lightgbm
import numpy as np
import pytest

from targeting.models.forest import Split, UnusualModelError, read_forest


def _trained(**parameters):
    drawing = np.random.default_rng(4)
    X = drawing.normal(size=(300, 3))
    y = (X[:, 0] + X[:, 1] > drawing.normal(size=300)).astype(float)
    fixed = {"objective": "binary", "verbosity": -1, "num_leaves": 4, "num_threads": 1, "seed": 1}
    return lightgbm.train({**fixed, **parameters}, lightgbm.Dataset(X, y, params=parameters), 3)


HEAD = """tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=1
objective=binary sigmoid:1
feature_names=a b
feature_infos=[0:9] [0:9]
tree_sizes=400

"""
# Column a: at most 2 goes left; on the right column b: at most 5 goes left.
TREE = """Tree=0
num_leaves=3
num_cat=0
split_feature=0 1
split_gain=2 1
threshold=2 5
decision_type={first} 2
left_child=-1 -2
right_child=1 -3
leaf_value=0.5 -1 2
leaf_weight=5 3 2
leaf_count=50 30 20
internal_value=0 0
internal_weight=10 5
internal_count=100 50
is_linear=0
shrinkage=1


end of trees
"""


def _text(first=2):
    return HEAD + TREE.format(first=first)


def test_a_tree_is_read_with_its_splits_leaves_and_rows():
    (tree,) = read_forest(_text()).trees
    assert tree.splits == (
        Split(0, 2.0, True, True, None, -1, 1, 100),
        Split(1, 5.0, True, True, None, -2, -3, 50),
    )
    assert (tree.leaf_value, tree.leaf_count) == ((0.5, -1.0, 2.0), (50, 30, 20))
    assert read_forest(_text()).columns == 2


def test_the_base_value_is_the_mean_of_the_leaves_over_the_rows_that_trained_them():
    assert read_forest(_text()).expected_value == pytest.approx(0.5 * 0.5 - 0.3 + 0.2 * 2)


@pytest.mark.parametrize(
    ("decision_type", "nan_goes_left", "zero_goes_left"),
    [
        (0, True, True),  # Nothing is missing: NaN reads as 0, and 0 is at most 2, whatever the default side.
        (2, True, True),
        (4, False, False),  # 0 is missing, and NaN with it: the default side is the right.
        (6, True, True),
        (8, False, True),  # NaN is missing, 0 is a value like others.
        (10, True, True),
    ],
)
def test_a_missing_type_says_where_nan_and_zero_go(decision_type, nan_goes_left, zero_goes_left):
    root = read_forest(_text(first=decision_type)).trees[0].splits[0]
    assert (root.nan_goes_left, root.zero_goes_left) == (nan_goes_left, zero_goes_left)


@pytest.mark.parametrize(
    ("written", "instead", "why"),
    [
        ("version=v4", "version=v5", "its text is of version v5, not v4"),
        ("num_tree_per_iteration=1", "num_tree_per_iteration=3", "it has several margins"),
        ("num_class=1\n", "num_class=1\naverage_output\n", "its trees are averaged, not summed"),
        ("is_linear=0", "is_linear=1", "its leaves are linear"),
        ("leaf_count=50 30 20", "leaf_count=50 50 0", "it has nodes that no row reached in training"),
        ("leaf_count=50 30 20", "leaf_count=50 30", r"its text cannot be read \(ValueError\)"),
        ("left_child=-1 -2", "left_child=0 -2", r"its text cannot be read \(ValueError\)"),
        ("right_child=1 -3", "right_child=-2 -3", r"its text cannot be read \(ValueError\)"),
        ("decision_type=2 2", "decision_type=12 2", r"its text cannot be read \(ValueError\)"),
        ("threshold=2 5\n", "", r"its text cannot be read \(KeyError\)"),
        ("end of trees", "", r"its text cannot be read \(ValueError\)"),
    ],
)
def test_a_text_that_is_no_plain_sum_of_trees_says_why(written, instead, why):
    assert written in _text()
    with pytest.raises(UnusualModelError, match=why):
        read_forest(_text().replace(written, instead))


def test_linear_leaves_and_averaged_trees_are_told_from_what_lightgbm_writes():
    with pytest.raises(UnusualModelError, match="its leaves are linear"):
        read_forest(_trained(linear_tree=True).model_to_string())
    averaged = _trained(boosting="rf", bagging_freq=1, bagging_fraction=0.5)
    with pytest.raises(UnusualModelError, match="its trees are averaged, not summed"):
        read_forest(averaged.model_to_string())


def test_a_tree_that_learnt_nothing_is_one_leaf():
    (tree,) = read_forest(_trained(min_data_in_leaf=1000).model_to_string()).trees
    assert tree.splits == ()
    assert tree.expected_value == tree.leaf_value[0]
