"""What the kernel reads of one shard: facts, members and agency links as plain arrays, cut between families."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MISSING_DAY = np.int32(-(2**31))
OPEN_DAY = np.int32(2**31 - 1)

# Days are counted from 1970-01-01, as NumPy's datetime64[D] and Arrow's date32 count them.
Days = NDArray[np.int32]
Indexes = NDArray[np.int32]


@dataclass(frozen=True)
class FactRows:
    """The facts of one kind in one shard: one row per fact and range of dates on which it counts for a family.

    Sorted by (family, person, event, fact_id, visible_from). A fact counts on an as-of day d when
    `visible_from <= d <= visible_to`: it was known before d, not yet corrected, and its person belonged to the family.
    A child of two families has its facts in both.

    `columns` holds float64 with NaN for an integer, a number or a flag; int32 days with MISSING_DAY for a date; int32
    indexes into `vocabularies[name]` with -1 for a missing code. The column `episode_id` has no vocabulary: one number
    is one episode in every kind of the same shard, so that a start and its end are matched by it.
    """

    kind: str
    family: Indexes
    person: Indexes
    fact_id: NDArray[np.int64]
    event: Days
    knowledge: Days
    visible_from: Days
    visible_to: Days
    birth: Days
    is_child: NDArray[np.int8]
    source: NDArray[np.int16]
    columns: Mapping[str, NDArray[Any]]
    vocabularies: Mapping[str, tuple[str, ...]]

    def __len__(self) -> int:
        return len(self.family)


@dataclass(frozen=True)
class MemberRows:
    """Who belonged to which family on which as-of days; sorted by (family, person, visible_from)."""

    family: Indexes
    person: Indexes
    visible_from: Days
    visible_to: Days
    birth: Days
    is_child: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.family)


@dataclass(frozen=True)
class LinkRows:
    """Which members were known to which agency, the range cut to the membership.

    Sorted by (family, person, source, visible_from).
    """

    family: Indexes
    person: Indexes
    source: NDArray[np.int16]
    visible_from: Days
    visible_to: Days
    birth: Days
    is_child: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.family)


FactReader = Callable[[str, Sequence[str] | None], FactRows]


@dataclass(frozen=True)
class Shard:
    """Some whole families with all that is known of them.

    `family` and `person` in the rows index `family_ids` and `person_ids`, both sorted; `source` indexes `sources`.
    `left_out` are people who objected: no indicator reads their facts, though cohorts and rules do. `not_asked` has a
    family and a source where the source was not asked about the family; whom the load looked up has none.
    """

    family_ids: NDArray[np.str_]
    person_ids: NDArray[np.str_]
    sources: tuple[str, ...]
    members: MemberRows
    links: LinkRows
    read_facts: FactReader
    left_out: frozenset[str] = frozenset()
    not_asked: frozenset[tuple[str, str]] = frozenset()

    def facts(self, kind: str, columns: Sequence[str] | None = None) -> FactRows:
        """Return the rows of one kind, with only the named columns where given; no rows where the shard has none.

        Raises KeyError for a kind or a column that the contract does not have.
        """
        return self.read_facts(kind, columns)
