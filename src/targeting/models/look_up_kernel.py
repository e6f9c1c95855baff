"""The compiled part of an explanation: tables of what subtrees add to each column's part, and their look-up.

A leaf of value `v` with distinct columns 1 to d on its path, which let the shares `p` of the rows through and of which
the row satisfies `s` (0 or 1), adds to column i its Shapley value in the game where a column in the coalition is as the
row has it and any other is as the training rows were:

    v (s_i - p_i) * integral over t from 0 to 1 of the product over j other than i of (t s_j + (1 - t) p_j)

since the integral of t^k (1-t)^(d-1-k) is k! (d-1-k)! / d!, the weight of a coalition of k. Under it stands a
polynomial of degree d-1, which Gauss and Legendre's rule with at least d/2 points integrates exactly. All its terms are
positive, so nothing cancels. A sum is taken leaf by leaf, subtree by subtree, tree by tree, with a table and without
one, so that a row alone and the same row among a million have the same bits.

A table is made for one tree and some thousands of rows, and then forgotten: it stays in the processor's cache, and the
tables of a large model, which take hundreds of megabytes, are never all there.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numba import types

from targeting.features.kernel_compiling import compiler
from targeting.models import look_up_arrays
from targeting.models.look_up_arrays import Bytes, Floats, Leaves, Patterns, Splits, Subtrees, Wholes, Words

MOST_COLUMNS = 10
# LightGBM reads smaller values as 0: its constant is a single-precision number.
_ZERO = float(np.float32(1e-35))
# To add up a subtree for one row takes about as long as so many entries of its table.
_WORTH_A_TABLE = 16


def _rules() -> tuple[Floats, Floats, Floats]:
    """Return points on 0 to 1, their weights, and powers of what is left to 1, for each number of columns."""
    most = (MOST_COLUMNS + 1) // 2
    points, weights = np.zeros((2, MOST_COLUMNS + 1, most))
    for size in range(1, MOST_COLUMNS + 1):
        point, weight = np.polynomial.legendre.leggauss((size + 1) // 2)
        points[size, : len(point)], weights[size, : len(point)] = (point + 1) / 2, weight / 2
    return points, weights, (1 - points)[:, :, None] ** np.arange(MOST_COLUMNS)


_POINTS, _WEIGHTS, _POWERS = _rules()

_compiled = compiler([Path(__file__), Path(look_up_arrays.__file__)])

_FLOATS, _TABLE = types.float64[::1], types.float64[:, ::1]
# Rows are only read: a matrix out of a file may be closed to writing.
_GIVEN = types.Array(types.float64, 2, "C", readonly=True)
_INT32S, _INT64S, _BYTES = types.int32[::1], types.int64[::1], types.uint8[::1]
_SPLITS = types.NamedTuple((_INT64S, _INT32S, _FLOATS, _BYTES, _BYTES, _BYTES, _INT64S, types.uint32[::1]), Splits)
_SUBTREES = types.NamedTuple((*[_INT64S] * 4, _INT32S, _INT64S, _INT32S, _BYTES), Subtrees)
_LEAVES = types.NamedTuple((_FLOATS, _INT64S, _INT32S, _FLOATS, _INT32S, _INT32S), Leaves)


@_compiled(types.boolean, types.uint32[::1], types.float64)
def _is_among(words: Words, value: float) -> bool:
    """Return whether a value, cut to a whole number, is in a bitset of categories; NaN and values below 0 are not."""
    if not -1.0 < value < 32 * len(words):
        return False
    category = int(value)
    return (words[category // 32] >> np.uint32(category % 32)) & np.uint32(1) == 1


@_compiled(types.void, _SPLITS, types.int64, _TABLE, types.uint8[:, ::1])
def _decide(splits: Splits, tree: int, values: Floats, goes_left: Any) -> None:
    """Write where each row goes at each split of a tree."""
    first = splits.start[tree]
    for split in range(first, splits.start[tree + 1]):
        column, answer = splits.column[split], split - first
        if splits.is_categorical[split]:
            words = splits.words[splits.word_start[split] : splits.word_start[split + 1]]
            for row in range(values.shape[1]):
                goes_left[answer, row] = _is_among(words, values[column, row])
            continue
        threshold = splits.threshold[split]
        nan, zero = splits.nan_goes_left[split], splits.zero_goes_left[split]
        for row in range(values.shape[1]):
            value = values[column, row]
            left = np.uint8(value <= threshold)
            left = zero if value == 0.0 else left
            goes_left[answer, row] = nan if np.isnan(value) else left


@_compiled(types.void, _SUBTREES, types.int64, types.uint8[:, ::1], _BYTES, types.uint16[::1])
def _find_patterns(subtrees: Subtrees, subtree: int, goes_left: Any, held: Bytes, patterns: Patterns) -> None:
    """Write which of a subtree's conditions hold for each row, a bit each."""
    first, end = subtrees.condition_start[subtree], subtrees.condition_start[subtree + 1]
    patterns[:] = 0
    for condition in range(first, end):
        held[:] = 1
        for step in range(subtrees.step_start[condition], subtrees.step_start[condition + 1]):
            split, wanted = subtrees.split[step], subtrees.goes_left[step]
            for row in range(len(patterns)):
                held[row] &= goes_left[split, row] == wanted
        place = np.uint16(condition - first)
        for row in range(len(patterns)):
            patterns[row] |= np.uint16(held[row]) << place


@_compiled(types.int64, _LEAVES, types.int64, types.int64)
def _satisfied(leaves: Leaves, leaf: int, pattern: int) -> int:
    """Return which of a leaf's factors a pattern of its subtree's conditions satisfies, a bit each."""
    satisfied, first = 0, leaves.factor_start[leaf]
    for factor in range(first, leaves.factor_start[leaf + 1]):
        if (pattern ^ leaves.want[factor]) & leaves.care[factor] == 0:
            satisfied |= 1 << (factor - first)
    return satisfied


@_compiled(types.float64, _FLOATS, types.int64, _INT64S, _FLOATS, _FLOATS)
def _integrals(ratios: Floats, satisfied: int, members: Wholes, within: Floats, without: Floats) -> float:
    """Return the integral of (1-t)^(d-1-k) times the product of t + (1-t) p over k satisfied factors of d (bits).

    Write to `without`, for each of them in turn, that over the others. Where all are satisfied nobody asks for the
    integral over all: then 0. `members` and `within` are room to work in.
    """
    size, count, whole = len(ratios), 0, 0.0
    for factor in range(size):
        if satisfied >> factor & 1:
            members[count] = factor
            count += 1
    without[:count] = 0.0
    for point in range((size + 1) // 2):
        t, outside = _POINTS[size, point], 1 - _POINTS[size, point]
        for place in range(count):
            within[place] = t + outside * ratios[members[place]]
        before = _WEIGHTS[size, point]
        for place in range(count):
            product = before
            for other in range(place + 1, count):
                product *= within[other]
            without[place] += product * _POWERS[size, point, size - count]
            before *= within[place]
        if count < size:
            whole += before * _POWERS[size, point, size - 1 - count]
    return whole


@_compiled(types.float64, types.float64, _FLOATS, types.int64)
def _share(value: float, ratios: Floats, satisfied: int) -> float:
    """Return a leaf's value times the ratios of all factors that are not satisfied."""
    for factor in range(len(ratios)):
        if not satisfied >> factor & 1:
            value *= ratios[factor]
    return value


@_compiled(types.void, _FLOATS, _FLOATS, _FLOATS)
def _all_integrals(ratios: Floats, product: Floats, integrals: Floats) -> None:
    """Write those of `_integrals` for every coalition, multiplied and added in the same order.

    `product` is room to work in.
    """
    size = len(ratios)
    left = np.empty(len(integrals), dtype=np.int64)
    left[0] = size - 1
    for factor in range(size):
        for lower in range(1 << factor):
            left[lower + (1 << factor)] = left[lower] - 1
    integrals[:] = 0.0
    for point in range((size + 1) // 2):
        t, outside = _POINTS[size, point], 1 - _POINTS[size, point]
        product[0] = _WEIGHTS[size, point]
        for factor in range(size):
            within = t + outside * ratios[factor]
            for lower in range(1 << factor):
                product[lower + (1 << factor)] = product[lower] * within
        # The coalition of all factors is no column's: it has no power and is never asked for.
        for coalition in range(len(integrals) - 1):
            integrals[coalition] += product[coalition] * _POWERS[size, point, left[coalition]]


@_compiled(types.void, types.float64, _FLOATS, _FLOATS)
def _all_shares(value: float, ratios: Floats, shares: Floats) -> None:
    """Write `_share` by the bits of the factors that are not satisfied."""
    shares[0] = value
    for factor in range(len(ratios)):
        for lower in range(1 << factor):
            shares[lower + (1 << factor)] = shares[lower] * ratios[factor]


@_compiled(types.void, _SUBTREES, _LEAVES, types.int64, _TABLE)
def _fill_table(subtrees: Subtrees, leaves: Leaves, subtree: int, table: Floats) -> None:
    """Write what a subtree adds to each of its columns, for every pattern of its conditions."""
    most = 1 << MOST_COLUMNS
    integrals, shares, product = np.empty(most), np.empty(most), np.empty(most)
    satisfied = np.empty(table.shape[1], dtype=np.uint16)
    table[:] = 0.0
    for leaf in range(subtrees.leaf_start[subtree], subtrees.leaf_start[subtree + 1]):
        first, end = leaves.factor_start[leaf], leaves.factor_start[leaf + 1]
        ratios, size = leaves.ratio[first:end], 1 << (end - first)
        _all_integrals(ratios, product, integrals[:size])
        _all_shares(leaves.value[leaf], ratios, shares)
        satisfied[:] = 0
        for factor in range(end - first):
            want, care = np.uint16(leaves.want[first + factor]), np.uint16(leaves.care[first + factor])
            bit = np.uint16(1 << factor)
            for pattern in range(table.shape[1]):
                satisfied[pattern] |= bit if (np.uint16(pattern) ^ want) & care == 0 else np.uint16(0)
        for factor in range(end - first):
            entry, rest = table[leaves.place[first + factor]], 1.0 - ratios[factor]
            for pattern in range(len(entry)):
                held = satisfied[pattern]
                bit = held & (1 << factor)
                entry[pattern] += shares[size - 1 - held] * integrals[held ^ bit] * (rest if bit else -1.0)


@_compiled(types.void, _SUBTREES, _LEAVES, types.int64, types.int64, _FLOATS)
def _find_entry(subtrees: Subtrees, leaves: Leaves, subtree: int, pattern: int, entry: Floats) -> None:
    """Write what a subtree adds to each of its columns for one pattern: one entry of its table, without the table."""
    members, within, without = np.empty(MOST_COLUMNS, np.int64), np.empty(MOST_COLUMNS), np.empty(MOST_COLUMNS)
    entry[:] = 0.0
    for leaf in range(subtrees.leaf_start[subtree], subtrees.leaf_start[subtree + 1]):
        first, end = leaves.factor_start[leaf], leaves.factor_start[leaf + 1]
        ratios = leaves.ratio[first:end]
        satisfied = _satisfied(leaves, leaf, pattern)
        share = _share(leaves.value[leaf], ratios, satisfied)
        whole, place = _integrals(ratios, satisfied, members, within, without), 0
        for factor in range(end - first):
            if satisfied >> factor & 1:
                entry[leaves.place[first + factor]] += share * without[place] * (1.0 - ratios[factor])
                place += 1
            else:
                entry[leaves.place[first + factor]] += share * whole * -1.0


@_compiled(types.void, _SUBTREES, _LEAVES, types.int64, types.uint16[::1], _TABLE)
def _add_subtree(subtrees: Subtrees, leaves: Leaves, subtree: int, patterns: Patterns, parts: Floats) -> None:
    """Add what a subtree adds for each row (`parts`: columns by rows) without a table: for few rows."""
    columns = subtrees.column[subtrees.column_start[subtree] : subtrees.column_start[subtree + 1]]
    entry = np.empty(len(columns))
    for row in range(len(patterns)):
        _find_entry(subtrees, leaves, subtree, patterns[row], entry)
        for place in range(len(columns)):
            parts[columns[place], row] += entry[place]


@_compiled(types.void, types.uint16[::1], _FLOATS, _FLOATS)
def _look_up(patterns: Patterns, table: Floats, parts: Floats) -> None:
    """Add one column's entries of a table to the rows' parts."""
    for row in range(len(patterns)):
        parts[row] += table[patterns[row]]


@_compiled(types.void, _GIVEN, _TABLE)
def _by_column(X: Floats, values: Floats) -> None:
    """Write rows as columns, what LightGBM reads as 0 as 0."""
    for row in range(X.shape[0]):
        for column in range(X.shape[1]):
            value = X[row, column]
            values[column, row] = 0.0 if abs(value) <= _ZERO else value


@_compiled(types.void, _TABLE, _TABLE)
def _by_row(parts: Floats, out: Floats) -> None:
    """Write columns as rows; a further column of `out` is left as it is."""
    for row in range(parts.shape[1]):
        for column in range(parts.shape[0]):
            out[row, column] = parts[column, row]


@_compiled(types.void, _SPLITS, _SUBTREES, _LEAVES, _GIVEN, _TABLE)
def add_parts(splits: Splits, subtrees: Subtrees, leaves: Leaves, X: Floats, out: Floats) -> None:
    """Write each column's part of each row's margin; `out` may be wider than X, and what is beyond stays."""
    rows, columns = X.shape
    values, parts = np.empty((columns, rows)), np.zeros((columns, rows))
    _by_column(X, values)
    for tree in range(len(splits.start) - 1):
        goes_left = np.empty((splits.start[tree + 1] - splits.start[tree], rows), dtype=np.uint8)
        _decide(splits, tree, values, goes_left)
        held, patterns = np.empty(rows, dtype=np.uint8), np.empty(rows, dtype=np.uint16)
        for subtree in range(subtrees.start[tree], subtrees.start[tree + 1]):
            _find_patterns(subtrees, subtree, goes_left, held, patterns)
            entries = 1 << (subtrees.condition_start[subtree + 1] - subtrees.condition_start[subtree])
            if rows * _WORTH_A_TABLE < entries:
                _add_subtree(subtrees, leaves, subtree, patterns, parts)
                continue
            start, end = subtrees.column_start[subtree], subtrees.column_start[subtree + 1]
            table = np.empty((end - start, entries))
            _fill_table(subtrees, leaves, subtree, table)
            for place in range(end - start):
                _look_up(patterns, table[place], parts[subtrees.column[start + place]])
    _by_row(parts, out)
