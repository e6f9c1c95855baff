"""Which rows break which rule, told by line, column and the shape of the value, never by the value."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from targeting.sources.converting import Invalid, Values
from targeting.sources.raw_rows import MalformedRow

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]

MISSING = Invalid("missing", "a value")
SHAPE_LENGTH = 40
# The small letters first, so that the A of a capital is not taken for one more.
SHAPES = ((r"[^\P{L}\p{Lu}]", "a"), (r"\p{Lu}", "A"), (r"\p{N}", "9"))

FAULTS = pa.schema(
    [
        ("line", pa.int64()),
        ("column", pa.string()),
        ("rule", pa.string()),
        ("expected", pa.string()),
        ("shape", pa.string()),
    ]
)


@dataclass(frozen=True)
class BrokenRule:
    """The rows whose value in one column breaks one rule; `texts` is that whole column as it was delivered."""

    column: str
    rule: Invalid
    rows: Rows
    texts: pa.Array


def broken_values(values: Values, where: Mask) -> Iterator[BrokenRule]:
    """Yield the rules that a column's values break on the rows `where` they matter."""
    for number, rule in enumerate(values.rules):
        yield from broken(values, rule, where & (values.broken == number))


def missing_values(values: Values, where: Mask) -> Iterator[BrokenRule]:
    """Yield the rows that need a value and have none."""
    yield from broken(values, MISSING, where & ~values.is_filled)


def broken(values: Values, rule: Invalid, where: Mask) -> Iterator[BrokenRule]:
    """Yield one broken rule where any row breaks it."""
    rows = np.flatnonzero(where)
    if len(rows):
        yield BrokenRule(values.column, rule, rows, values.texts)


def affected(rules: Sequence[BrokenRule], rows: int) -> Mask:
    """Return which of so many rows break any of the rules."""
    mask = np.zeros(rows, np.bool_)
    for rule in rules:
        mask[rule.rows] = True
    return mask


def fault_table(rules: Sequence[BrokenRule], lines: NDArray[np.int64]) -> pa.Table:
    """Return the faults by line, each once."""
    tables = [FAULTS.empty_table(), *(_rule_table(rule, lines) for rule in rules)]
    faults = pa.concat_tables(tables)
    return faults.group_by(FAULTS.names, use_threads=False).aggregate([])


def _rule_table(rule: BrokenRule, lines: NDArray[np.int64]) -> pa.Table:
    count = len(rule.rows)
    columns = [
        pa.array(lines[rule.rows]),
        pa.repeat(rule.column, count),
        pa.repeat(rule.rule.rule, count),
        pa.repeat(rule.rule.expected, count),
        shapes(rule.texts.take(pa.array(rule.rows))),
    ]
    return pa.table(columns, schema=FAULTS)


def shapes(texts: pa.Array) -> pa.Array:
    """Return each text with its letters as A or a and its digits as 9, at most 40 characters; empty for null."""
    encoded = pc.fill_null(texts, "").dictionary_encode()
    shaped = pc.utf8_slice_codeunits(encoded.dictionary, 0, SHAPE_LENGTH)
    for pattern, replacement in SHAPES:
        shaped = pc.replace_substring_regex(shaped, pattern, replacement)
    return shaped.take(encoded.indices)


def malformed_table(rows: Sequence[MalformedRow]) -> pa.Table:
    """Return the faults of rows with more or fewer fields than the header."""
    faults = [
        {
            "line": row.line,
            "column": "",
            "rule": f"{row.fields} fields",
            "expected": f"{row.expected} fields, as the header has; a value that holds the delimiter is quoted",
            "shape": "",
        }
        for row in rows
    ]
    return pa.Table.from_pylist(faults, schema=FAULTS)
