"""Facts of persons made into rows of families: each fact once for every range in which its person belonged to one.

All indexes here are of the whole generation; `shards` cuts them between families.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from targeting.records.definition import Column, FactKind
from targeting.store.blocks import MISSING_DAY, OPEN_DAY, Days, FactRows, LinkRows, MemberRows
from targeting.store.vocabularies import EPISODE, Encoding, days, distinct, filled, indexes, whole


@dataclass(frozen=True)
class Population:
    """Families and persons in order of their ids, and the memberships in order of (person, family, visible_from).

    The memberships of person p lie at `starts[p]` up to, not including, `starts[p + 1]`.
    """

    family_ids: pa.Array
    person_ids: pa.Array
    memberships: MemberRows
    starts: NDArray[np.int64]


def population(memberships: pa.Table) -> Population:
    """Return the memberships as sorted arrays.

    Raises ValueError where a range is reversed or two ranges of one person in one family overlap: facts would count
    twice.
    """
    family_ids, person_ids = distinct(memberships["family_id"]), distinct(memberships["person_id"])
    rows = MemberRows(
        family=indexes(memberships["family_id"], family_ids),
        person=indexes(memberships["person_id"], person_ids),
        visible_from=days(memberships["visible_from"]),
        visible_to=days(memberships["visible_to"], missing=OPEN_DAY),
        birth=days(memberships["birth_date"], missing=MISSING_DAY),
        is_child=whole(memberships["is_child"]).cast(pa.int8()).to_numpy(zero_copy_only=False),
    )
    rows = taken(rows, np.lexsort((rows.visible_from, rows.family, rows.person)))
    _check_ranges(rows)
    starts = np.searchsorted(rows.person, np.arange(len(person_ids) + 1))
    return Population(family_ids, person_ids, rows, starts.astype(np.int64))


def _check_ranges(rows: MemberRows) -> None:
    same = (rows.family[1:] == rows.family[:-1]) & (rows.person[1:] == rows.person[:-1])
    if np.any(rows.visible_from > rows.visible_to) or np.any(same & (rows.visible_from[1:] <= rows.visible_to[:-1])):
        message = "memberships: a range is reversed, or two ranges of one person in one family overlap."
        raise ValueError(message)


def members(people: Population) -> MemberRows:
    """Return the memberships sorted as the kernel reads them: by (family, person, visible_from)."""
    rows = people.memberships
    return taken(rows, np.lexsort((rows.visible_from, rows.person, rows.family)))


def explode_links(agency_links: pa.Table, people: Population, sources: Sequence[str]) -> LinkRows:
    """Return from when each member was known to each agency, per range of membership."""
    person = indexes(agency_links["person_id"], people.person_ids)
    row, member = _expanded(person, people)
    ranges = people.memberships
    known = days(agency_links["known_from"])
    links = LinkRows(
        family=ranges.family[member],
        person=ranges.person[member],
        source=indexes(agency_links["source"], pa.array(sources, pa.string())).astype(np.int16)[row],
        visible_from=np.maximum(known[row] + np.int32(1), ranges.visible_from[member]),
        visible_to=ranges.visible_to[member],
        birth=ranges.birth[member],
        is_child=ranges.is_child[member],
    )
    links = taken(links, links.visible_from <= links.visible_to)
    return taken(links, np.lexsort((links.visible_from, links.source, links.person, links.family)))


def explode_facts(kind: FactKind, facts: pa.Table, people: Population, code: Encoding) -> FactRows:
    """Return the facts of one kind, each repeated for every membership during which it is visible, in kernel order."""
    row, member = _expanded(indexes(facts["person_id"], people.person_ids), people)
    ranges = people.memberships
    knowledge = days(facts["knowledge_date"])[row]
    visible_from = np.maximum(knowledge + np.int32(1), ranges.visible_from[member])
    visible_to = np.minimum(days(facts["superseded_on"], missing=OPEN_DAY)[row], ranges.visible_to[member])
    visible = np.flatnonzero(visible_from <= visible_to)
    row, member = row[visible], member[visible]
    fact_id = whole(facts["fact_id"]).to_numpy()[row]
    event = days(facts["event_date"])[row]
    order = _kernel_order(ranges, member, event, fact_id)
    row, member, visible = row[order], member[order], visible[order]
    return FactRows(
        kind=kind.name,
        family=ranges.family[member],
        person=ranges.person[member],
        fact_id=fact_id[order],
        event=event[order],
        knowledge=knowledge[visible],
        visible_from=visible_from[visible],
        visible_to=visible_to[visible],
        birth=ranges.birth[member],
        is_child=ranges.is_child[member],
        source=indexes(facts["source"], pa.array(code.sources, pa.string())).astype(np.int16)[row],
        columns={column.name: _encoded(facts[column.name], column, kind, code)[row] for column in kind.columns},
        vocabularies=code.vocabularies[kind.name],
    )


def _expanded(person: NDArray[np.int32], people: Population) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return, for every pair of a row and a membership of its person, the row's index and the membership's."""
    known = np.flatnonzero(person >= 0)
    first, last = people.starts[person[known]], people.starts[person[known] + 1]
    counts = last - first
    row = np.repeat(known, counts)
    offset = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    return row, np.repeat(first, counts) + offset


def _kernel_order(
    ranges: MemberRows, member: NDArray[np.int64], event: Days, fact_id: NDArray[np.int64]
) -> NDArray[np.int64]:
    # The membership's place in (family, person, visible_from) order stands for those three, once events are between:
    # ranges of one person in one family are few, so the last key only separates rows of one fact.
    pair = ranges.family[member].astype(np.int64) << 32 | ranges.person[member].astype(np.int64)
    return np.lexsort((ranges.visible_from[member], fact_id, event, pair))


def _encoded(values: pa.ChunkedArray, column: Column, kind: FactKind, code: Encoding) -> NDArray[Any]:
    if column.type == "date":
        return days(values, missing=MISSING_DAY)
    if column.type != "code":
        return filled(whole(values).cast(pa.float64()), float("nan"))
    if column.name == EPISODE:
        return indexes(values, code.episodes)
    return indexes(values, pa.array(code.vocabularies[kind.name][column.name], pa.string()))


Rows = TypeVar("Rows", MemberRows, LinkRows)


def taken(rows: Rows, which: NDArray[Any] | slice) -> Rows:
    """Return the rows named by indexes, a mask or a slice."""
    return replace(rows, **{field.name: getattr(rows, field.name)[which] for field in fields(rows)})
