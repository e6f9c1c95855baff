"""Rows that contradict themselves: numbers of a fact that cannot be true together."""

from collections.abc import Iterator, Mapping

import pyarrow.compute as pc

from targeting.records.definition import FactKind
from targeting.sources.converting import Invalid, Values
from targeting.sources.faults import BrokenRule, Mask, broken


def beyond_limits(kind: FactKind, values: Mapping[str, Values], present: Mask) -> Iterator[BrokenRule]:
    """Yield the rows on which a column is more than the other column that the contract names as its limit."""
    for rule in kind.constraints:
        column, limit = values.get(rule.column), values.get(rule.limit)
        if column is None or limit is None:
            continue
        is_over = pc.fill_null(pc.greater(column.values, limit.values), False).to_numpy(zero_copy_only=False)
        named = Invalid(f"more than {rule.limit}", f"at most {rule.limit} of the same row")
        yield from broken(column, named, present & is_over)
