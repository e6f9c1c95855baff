"""Who of a family is written down when a service works with the whole of it: adults by chance, children of the day."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic.calendar import Days
from targeting.synthetic.district import District
from targeting.synthetic.population import CARER, PARTNER


@dataclass(frozen=True)
class Members:
    """One row a person written down: which row of the families worked with, who, and the family's carer."""

    row: NDArray[np.int64]
    person: NDArray[np.int64]
    carer: NDArray[np.int64]

    @property
    def is_carer(self) -> NDArray[np.bool_]:
        """Return which rows are the carer's own."""
        return self.person == self.carer


def members(
    district: District, family: NDArray[np.int64], day: Days, rng: np.random.Generator, *, partners: float
) -> Members:
    """Return the carer, the partner as often as said, and the children under 18 of families on a day, family by family.

    The same partner of a family is written down each time, or never.
    """
    carer = district.people.one_a_family(CARER)[family]
    partner = district.people.one_a_family(PARTNER)[family]
    taken = (partner >= 0) & (rng.random(len(district.families)) < partners)[family]
    child_row, child = district.children.of(family, day)
    row = np.concatenate([np.arange(family.size), np.flatnonzero(taken), child_row])
    person = np.concatenate([carer, partner[taken], child])
    order = np.argsort(row, kind="stable")
    return Members(row[order], person[order], carer[row[order]])
