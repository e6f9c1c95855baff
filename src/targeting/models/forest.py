"""A booster's trees as plain numbers, read from LightGBM's own text."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Words = NDArray[np.uint32]

# `decision_type` of a split: whether it asks for categories, which side is the default, what counts as missing.
_CATEGORICAL, _DEFAULT_LEFT = 1, 2
_MISSING_NONE, _MISSING_ZERO, _MISSING_NAN = 0, 1, 2
_VERSION = "v4"
_TREE = re.compile(r"^Tree=\d+$", re.MULTILINE)
_END = "end of trees"


class UnusualModelError(Exception):
    """A model that is no plain sum of trees with constant leaves, or whose text is not what is expected: says why."""


class Split(NamedTuple):
    """A question of one column: a row goes left where its value is at most `threshold`, or one of `categories`.

    `nan_goes_left` and `zero_goes_left` say where NaN and 0 go, whatever the threshold: LightGBM's three missing types
    with their default sides. `categories` is a bitset, None for a numerical split. A child below 0 is a leaf (~leaf).
    `rows` is how many trained it.
    """

    column: int
    threshold: float
    nan_goes_left: bool
    zero_goes_left: bool
    categories: Words | None
    left: int
    right: int
    rows: int


@dataclass(frozen=True)
class Tree:
    """One tree: its splits, the first of them the root, and by leaf its value and how many rows trained it."""

    splits: tuple[Split, ...]
    leaf_value: tuple[float, ...]
    leaf_count: tuple[int, ...]

    @property
    def expected_value(self) -> float:
        """Return the mean of the leaves' values over the rows that trained the tree."""
        if not self.splits:
            return self.leaf_value[0]
        total = self.splits[0].rows
        return sum(count / total * value for count, value in zip(self.leaf_count, self.leaf_value, strict=True))

    def count(self, node: int) -> int:
        """Return how many rows reached a split, or a leaf (below 0), in training."""
        return self.splits[node].rows if node >= 0 else self.leaf_count[~node]


@dataclass(frozen=True)
class Forest:
    """The trees whose values sum to a margin, over so many columns."""

    columns: int
    trees: tuple[Tree, ...]

    @property
    def expected_value(self) -> float:
        """Return the model's base value: the sum of its trees' means."""
        return float(sum(tree.expected_value for tree in self.trees))


def read_forest(text: str) -> Forest:
    """Return the trees in LightGBM's text of a model.

    Raises UnusualModelError for several classes, averaged trees, linear leaves, nodes that no row reached in training,
    and a text that is not as this version expects.
    """
    try:
        head, *trees = _TREE.split(text[: text.index(f"\n{_END}")])
        return _forest(_entries(head), [_entries(tree) for tree in trees])
    except (KeyError, ValueError, IndexError) as error:
        raise UnusualModelError(f"its text cannot be read ({type(error).__name__})") from None


def _forest(head: Mapping[str, str], trees: list[Mapping[str, str]]) -> Forest:
    if head["version"] != _VERSION:
        raise UnusualModelError(f"its text is of version {head['version']}, not {_VERSION}")
    if head["num_tree_per_iteration"] != "1":
        raise UnusualModelError("it has several margins")
    if "average_output" in head:
        raise UnusualModelError("its trees are averaged, not summed")
    if any(tree.get("is_linear", "0") != "0" for tree in trees):
        raise UnusualModelError("its leaves are linear")
    return Forest(int(head["max_feature_idx"]) + 1, tuple(_tree(tree) for tree in trees))


def _entries(block: str) -> dict[str, str]:
    """Return what a block of lines `name=value` says; a line without a sign is a name alone."""
    return {name: value for name, _, value in (line.partition("=") for line in block.splitlines() if line)}


def _tree(entries: Mapping[str, str]) -> Tree:
    values = tuple(float(each) for each in entries["leaf_value"].split())
    if entries["num_leaves"] == "1":
        return Tree((), values[:1], ())
    counts = tuple(int(each) for each in entries["leaf_count"].split())
    splits = tuple(_splits(entries))
    if not len(values) == len(counts) == len(splits) + 1 == int(entries["num_leaves"]):
        raise ValueError
    # Every split and leaf but the root is the child of one split, and comes after it.
    below = [range(-len(values), 0), range(1, len(splits))]
    if sorted(child for split in splits for child in (split.left, split.right)) != [*chain(*below)]:
        raise ValueError
    if any(0 <= child <= node for node, split in enumerate(splits) for child in (split.left, split.right)):
        raise ValueError
    if min(*counts, *(split.rows for split in splits)) < 1:
        raise UnusualModelError("it has nodes that no row reached in training")
    return Tree(splits, values, counts)


def _splits(entries: Mapping[str, str]) -> Iterator[Split]:
    names = ("split_feature", "threshold", "decision_type", "left_child", "right_child", "internal_count")
    bounds = [int(each) for each in entries.get("cat_boundaries", "").split()]
    words = np.array([int(each) for each in entries.get("cat_threshold", "").split()], dtype=np.uint32)
    for column, threshold, decision, left, right, count in zip(*(entries[name].split() for name in names), strict=True):
        kind, edge, ends = int(decision), float(threshold), (int(left), int(right), int(count))
        if kind & _CATEGORICAL:
            at = int(edge)
            yield Split(int(column), 0.0, False, False, words[bounds[at] : bounds[at + 1]], *ends)
        else:
            yield Split(int(column), edge, *_where_missing_go(kind, edge), None, *ends)


def _where_missing_go(kind: int, threshold: float) -> tuple[bool, bool]:
    """Return whether NaN and 0 go left."""
    missing, default, by_value = kind >> 2 & 3, bool(kind & _DEFAULT_LEFT), threshold >= 0
    if missing == _MISSING_NONE:
        return by_value, by_value
    if missing == _MISSING_ZERO:
        return default, default
    if missing == _MISSING_NAN:
        return default, by_value
    raise ValueError
