"""How a forest is explained by look-ups: its trees cut into subtrees, each with a table by the conditions that hold.

What a leaf adds to each column's part depends only on which of the columns on its path send the row its way; several
splits of one column are one such condition, its ratio the product of theirs. The leaves of a small subtree share their
path, so they share a table: its conditions are, for each column above the subtree, that the row came this way, and for
each split within, that the row goes left.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from targeting.models.forest import Forest, Tree, UnusualModelError
from targeting.models.look_up_arrays import Leaves, Splits, Subtrees
from targeting.models.look_up_kernel import MOST_COLUMNS

Number = TypeVar("Number", np.int32, np.uint8, np.uint32, np.float64)

# A table of 2^8 entries for each of its columns stays in the nearest cache.
_CONDITIONS = 8


@dataclass(frozen=True)
class LookUps:
    """A forest as the kernel reads it, over so many columns, with its base value."""

    columns: int
    base: float
    splits: Splits
    subtrees: Subtrees
    leaves: Leaves


class _Factor(NamedTuple):
    """One column on a leaf's path: of the subtree's conditions, those in `care` must be as in `want`."""

    place: int
    ratio: float
    care: int
    want: int


class _Leaf(NamedTuple):
    value: float
    factors: tuple[_Factor, ...]


# The splits of one condition, each with whether the row goes left there.
_Steps = tuple[tuple[int, bool], ...]


class _Subtree(NamedTuple):
    """A subtree's conditions, its columns, by whose place its leaves name them, and its leaves."""

    conditions: tuple[_Steps, ...]
    columns: tuple[int, ...]
    leaves: tuple[_Leaf, ...]


# What lies above a node, by column: its splits, and the share of rows that they let through.
_Above = Mapping[int, tuple[_Steps, float]]


def look_ups(forest: Forest) -> LookUps:
    """Return the forest cut into subtrees. Raises UnusualModelError where a path has too many columns for a table."""
    # A tree's objects go before the next tree's come: a hundred thousand at once would keep the garbage collector busy.
    rows = [_rows(tree) for tree in forest.trees]
    return LookUps(
        columns=forest.columns,
        base=forest.expected_value,
        splits=_splits(forest),
        subtrees=Subtrees(
            start=_starts([len(each.leaves) for each in rows]),
            leaf_start=_starts(chain.from_iterable(each.leaves for each in rows)),
            condition_start=_starts(chain.from_iterable(each.conditions for each in rows)),
            column_start=_starts(chain.from_iterable(each.columns for each in rows)),
            column=_joined(np.int32, (each.column for each in rows)),
            step_start=_starts(chain.from_iterable(each.steps for each in rows)),
            split=_joined(np.int32, (each.split for each in rows)),
            goes_left=_joined(np.uint8, (each.goes_left for each in rows)),
        ),
        leaves=Leaves(
            value=_joined(np.float64, (each.value for each in rows)),
            factor_start=_starts(chain.from_iterable(each.factors for each in rows)),
            place=_joined(np.int32, (each.place for each in rows)),
            ratio=_joined(np.float64, (each.ratio for each in rows)),
            care=_joined(np.int32, (each.care for each in rows)),
            want=_joined(np.int32, (each.want for each in rows)),
        ),
    )


def _sizes(tree: Tree) -> list[int]:
    """Return how many splits each split has below it, itself among them. A split's number is above its parent's."""
    sizes = [1] * len(tree.splits)
    for node in range(len(sizes) - 1, -1, -1):
        sizes[node] += sum(sizes[child] for child in (tree.splits[node].left, tree.splits[node].right) if child >= 0)
    return sizes


def _cut(tree: Tree, sizes: list[int], node: int, above: _Above) -> Iterator[_Subtree]:
    """Yield the largest subtrees that a table can hold, from left to right."""
    if node < 0 or len(above) + sizes[node] <= _CONDITIONS:
        yield _subtree(tree, node, above)
        return
    column = tree.splits[node].column
    steps, ratio = above.get(column, ((), 1.0))
    for child, is_left in _children(tree, node):
        through = ratio * (tree.count(child) / tree.count(node))
        yield from _cut(tree, sizes, child, {**above, column: ((*steps, (node, is_left)), through)})


def _children(tree: Tree, node: int) -> tuple[tuple[int, bool], tuple[int, bool]]:
    return (tree.splits[node].left, True), (tree.splits[node].right, False)


def _subtree(tree: Tree, root: int, above: _Above) -> _Subtree:
    conditions = [steps for steps, _ in above.values()]
    places = {column: place for place, column in enumerate(above)}
    leaves: list[_Leaf] = []

    def descend(node: int, factors: dict[int, _Factor]) -> None:
        if node < 0:
            leaves.append(_leaf(tree.leaf_value[~node], factors))
            return
        bit, column = 1 << len(conditions), tree.splits[node].column
        conditions.append(((node, True),))
        place, ratio, care, want = factors.get(column, (places.setdefault(column, len(places)), 1.0, 0, 0))
        for child, is_left in _children(tree, node):
            through = ratio * (tree.count(child) / tree.count(node))
            descend(child, {**factors, column: _Factor(place, through, care | bit, want | bit * is_left)})

    bits = ((column, place, 1 << place) for column, place in list(places.items()))
    descend(root, {column: _Factor(place, above[column][1], bit, bit) for column, place, bit in bits})
    return _Subtree(tuple(conditions), tuple(places), tuple(leaves))


def _leaf(value: float, factors: Mapping[int, _Factor]) -> _Leaf:
    if len(factors) > MOST_COLUMNS:
        raise UnusualModelError(f"a leaf has {len(factors)} columns on its path, more than {MOST_COLUMNS}")
    return _Leaf(value, tuple(factors.values()))


class _Rows(NamedTuple):
    """What the kernel reads of one tree, in plain lists: of starts, how many there are of each."""

    leaves: list[int]
    conditions: list[int]
    columns: list[int]
    column: list[int]
    steps: list[int]
    split: list[int]
    goes_left: list[bool]
    value: list[float]
    factors: list[int]
    place: list[int]
    ratio: list[float]
    care: list[int]
    want: list[int]


def _rows(tree: Tree) -> _Rows:
    subtrees = list(_cut(tree, _sizes(tree), 0, {})) if tree.splits else []
    conditions = [condition for subtree in subtrees for condition in subtree.conditions]
    leaves = [leaf for subtree in subtrees for leaf in subtree.leaves]
    factors = [factor for leaf in leaves for factor in leaf.factors]
    return _Rows(
        leaves=[len(subtree.leaves) for subtree in subtrees],
        conditions=[len(subtree.conditions) for subtree in subtrees],
        columns=[len(subtree.columns) for subtree in subtrees],
        column=[column for subtree in subtrees for column in subtree.columns],
        steps=[len(condition) for condition in conditions],
        split=[split for condition in conditions for split, _ in condition],
        goes_left=[is_left for condition in conditions for _, is_left in condition],
        value=[leaf.value for leaf in leaves],
        factors=[len(leaf.factors) for leaf in leaves],
        place=[factor.place for factor in factors],
        ratio=[factor.ratio for factor in factors],
        care=[factor.care for factor in factors],
        want=[factor.want for factor in factors],
    )


def _splits(forest: Forest) -> Splits:
    splits = [split for tree in forest.trees for split in tree.splits]
    words = [[] if each.categories is None else each.categories.tolist() for each in splits]
    return Splits(
        start=_starts([len(tree.splits) for tree in forest.trees]),
        column=np.array([each.column for each in splits], dtype=np.int32),
        threshold=np.array([each.threshold for each in splits], dtype=np.float64),
        nan_goes_left=np.array([each.nan_goes_left for each in splits], dtype=np.uint8),
        zero_goes_left=np.array([each.zero_goes_left for each in splits], dtype=np.uint8),
        is_categorical=np.array([each.categories is not None for each in splits], dtype=np.uint8),
        word_start=_starts([len(each) for each in words]),
        words=_joined(np.uint32, words),
    )


def _starts(lengths: Iterable[int]) -> NDArray[np.int64]:
    return np.array([0, *accumulate(lengths)], dtype=np.int64)


def _joined(kind: type[Number], lists: Iterable[Sequence[float]]) -> NDArray[Number]:
    return np.array(list(chain.from_iterable(lists)), dtype=kind)
