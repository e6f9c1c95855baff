"""From scored families on dates to the people that an audit counts: who belonged to each family on its date."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from targeting.features.dates import latest_birth
from targeting.store.blocks import MISSING_DAY, OPEN_DAY

Texts = NDArray[np.str_]
Days = NDArray[np.int32]
Mask = NDArray[np.bool_]
Indexes = NDArray[np.int64]

MAJORITY_MONTHS = 18 * 12


@dataclass(frozen=True)
class Members:
    """Who belonged to which scored family on its date; `scored` is the row of the predictions."""

    person: Texts
    scored: Indexes
    as_of: Days
    birth: Days
    is_child: Mask

    def where(self, mask: Mask) -> "Members":
        """Return the members that a mask keeps."""
        return Members(self.person[mask], self.scored[mask], self.as_of[mask], self.birth[mask], self.is_child[mask])

    @property
    def are_under_18(self) -> Mask:
        """Who is under 18 or unborn on the date; where no birth date is known, who is a child of the family."""
        known = self.birth != MISSING_DAY
        return np.where(known, self.birth > latest_birth(self.as_of, MAJORITY_MONTHS), self.is_child)


def members_of(family_id: Texts, as_of: Days, memberships: pa.Table) -> Members:
    """Return everyone who belonged to each scored family on its date, in the order of the scored rows and persons."""
    families, family = np.unique(family_id, return_inverse=True)
    held = _Memberships.of(memberships, families)
    parts = [_on(day, np.flatnonzero(as_of == day), family, held, len(families)) for day in np.unique(as_of)]
    together = Members(*(np.concatenate([getattr(part, name) for part in parts]) for name in Members.__annotations__))
    order = np.lexsort((together.person, together.scored))
    return together.where(order)  # type: ignore[arg-type]


@dataclass(frozen=True)
class _Memberships:
    """The memberships of some families; `family` indexes them."""

    person: Texts
    family: Indexes
    birth: Days
    is_child: Mask
    visible_from: Days
    visible_to: Days

    @staticmethod
    def of(table: pa.Table, families: Texts) -> "_Memberships":
        ids = np.asarray(table["family_id"].to_pylist(), dtype=np.str_)
        at = np.minimum(np.searchsorted(families, ids), len(families) - 1)
        kept = families[at] == ids
        table = table.filter(pa.array(kept))
        return _Memberships(
            person=np.asarray(table["person_id"].to_pylist(), dtype=np.str_),
            family=at[kept],
            birth=day_column(table, "birth_date", MISSING_DAY),
            is_child=np.asarray(table["is_child"].to_numpy(zero_copy_only=False), dtype=bool),
            visible_from=day_column(table, "visible_from", MISSING_DAY),
            visible_to=day_column(table, "visible_to", OPEN_DAY),
        )


def day_column(table: pa.Table, name: str, missing: np.int32) -> Days:
    """Return a column of dates as days since 1970, `missing` where there is none."""
    return np.asarray(table[name].cast(pa.int32()).fill_null(int(missing)).to_numpy(), dtype=np.int32)


def _on(day: np.int32, scored: Indexes, family: Indexes, held: _Memberships, families: int) -> Members:
    row_of = np.full(families, -1, dtype=np.int64)
    row_of[family[scored]] = scored
    at = np.flatnonzero((held.visible_from <= day) & (held.visible_to >= day) & (row_of[held.family] >= 0))
    as_of = np.full(len(at), day, dtype=np.int32)
    return Members(held.person[at], row_of[held.family[at]], as_of, held.birth[at], held.is_child[at])


def units(members: Members, unit: Literal["child", "person"]) -> Mask:
    """Return which members the audit counts."""
    return members.are_under_18 if unit == "child" else np.ones(len(members.person), dtype=bool)
