"""A forest as the arrays that the compiled part of an explanation reads: its splits, subtrees and leaves."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Patterns = NDArray[np.uint16]
Indexes = NDArray[np.int32]
Wholes = NDArray[np.int64]
Words = NDArray[np.uint32]
Floats = NDArray[np.float64]


class Splits(NamedTuple):
    """The splits of all trees; tree number i has those from `start[i]`. A categorical split has a bitset of words."""

    start: Wholes
    column: Indexes
    threshold: Floats
    nan_goes_left: Bytes
    zero_goes_left: Bytes
    is_categorical: Bytes
    word_start: Wholes
    words: Words


class Subtrees(NamedTuple):
    """The subtrees of all trees: where the leaves, conditions and columns of each start, and the steps of a condition.

    A condition holds where the row goes the stated way at each of its splits.
    """

    start: Wholes
    leaf_start: Wholes
    condition_start: Wholes
    column_start: Wholes
    column: Indexes
    step_start: Wholes
    split: Indexes
    goes_left: Bytes


class Leaves(NamedTuple):
    """The leaves of all subtrees, with a factor for each column on a leaf's path.

    A factor is satisfied where, of the subtree's conditions, those in `care` are as in `want`.
    """

    value: Floats
    factor_start: Wholes
    place: Indexes
    ratio: Floats
    care: Indexes
    want: Indexes
