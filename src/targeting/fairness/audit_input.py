"""What an audit is made from: arrays, checked whole before anything is computed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from targeting.errors import DataError, what_exists
from targeting.fairness.definition import Policy

Texts = NDArray[np.str_]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class AuditInput:
    """One row a person on a list, the arrays of one length.

    `score` lies in [0, 1]; `label` is 1, 0, or NaN where the outcome is not known, in which case the row takes its
    place on the list and is counted nowhere else. `attributes` has the values of each attribute of the policy by the
    attribute's name, empty where not recorded; `words` may name values for the reader. Rows of one `cluster` (none:
    each row its own) are not independent. Each list of `list_name` (none: one list) is cut by itself, in the order of
    `rank_by` (none: the score); rows of one `place` (none: the entity) take one place on it. `outcome` says in words
    what a label of 1 is.
    """

    entity: Texts
    score: Numbers
    label: Numbers
    attributes: Mapping[str, Texts]
    cluster: Texts | None = None
    rank_by: Numbers | None = None
    list_name: Texts | None = None
    place: Texts | None = None
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    outcome: str = ""
    synthetic: bool = False


def check(given: AuditInput, policy: Policy) -> None:
    """Raise DataError, with every fault at once and how many rows each concerns, where rows cannot be audited."""
    faults = list(_shape_faults(given)) or [
        *_value_faults(given),
        *_attribute_faults(given, policy),
        *_date_faults(given, policy),
    ]
    if faults:
        raise DataError("\n".join(faults))


def _shape_faults(given: AuditInput) -> Iterator[str]:
    rows = len(given.entity)
    if rows == 0:
        yield "there is no row to audit."
    arrays = {
        "score": given.score,
        "label": given.label,
        "cluster": given.cluster,
        "rank_by": given.rank_by,
        "list_name": given.list_name,
        "place": given.place,
        **given.attributes,
    }
    for name, array in arrays.items():
        if array is not None and len(array) != rows:
            yield f"{name} has {len(array):,} values for {rows:,} rows."


def _value_faults(given: AuditInput) -> Iterator[str]:
    rows = len(given.entity)
    yield from _rows(given.entity == "", rows, "no entity; every row needs an id")
    unscored = np.isnan(given.score)
    yield from _rows(unscored, rows, "no score, or one that is no number")
    yield from _rows((given.score < 0) | (given.score > 1), rows, "a score outside 0 to 1; scale scores to lie within")
    known = ~np.isnan(given.label)
    yield from _rows(known & ~np.isin(given.label, (0, 1)), rows, "a label other than 0 and 1, or none")
    if given.rank_by is not None:
        yield from _rows(np.isnan(given.rank_by), rows, "nothing to rank by")
    yield from _rows(_repeated(given), rows, "an entity that its list has already; each may stand once")
    if not known.any():
        yield "no row has a label: no outcome is known yet."


def _rows(wrong: NDArray[np.bool_], rows: int, what: str) -> Iterator[str]:
    count = int(wrong.sum())
    if count:
        yield f"{count:,} of {rows:,} rows {'has' if count == 1 else 'have'} {what}."


def _repeated(given: AuditInput) -> NDArray[np.bool_]:
    columns = [given.entity, given.list_name, given.place]
    codes = np.column_stack([np.unique(c, return_inverse=True)[1].reshape(-1) for c in columns if c is not None])
    _, first = np.unique(codes, axis=0, return_index=True)
    repeated = np.ones(len(codes), dtype=bool)
    repeated[first] = False
    return repeated


def _attribute_faults(given: AuditInput, policy: Policy) -> Iterator[str]:
    wanted = [attribute.name for attribute in policy.audited if attribute.column is not None]
    if not wanted:
        yield "the policy audits no attribute; give one a `column`."
    for name in wanted:
        if name not in given.attributes:
            yield f"no values of the attribute {name!r} are given. {what_exists(name, given.attributes)}"


def _date_faults(given: AuditInput, policy: Policy) -> Iterator[str]:
    """Cuts by weeks read a list's name as its date."""
    by_weeks = [text for text in policy.cuts if text.startswith("weeks:")]
    if not by_weeks:
        return
    if given.list_name is None:
        yield f"the cut {by_weeks[0]!r} needs lists with dates; name their column (policy: columns.list)."
        return
    undated = [name for name in np.unique(given.list_name).tolist() if not _is_date(name)]
    if undated:
        yield f"the cut {by_weeks[0]!r} needs dates such as 2026-03-30 for lists; {len(undated):,} are none."


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
