"""Everything true of the fictional district that its agencies see a part of."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic.addresses import Addresses, Stays, households_of
from targeting.synthetic.calendar import YEAR, Days
from targeting.synthetic.mechanisms import STANDARD, Mechanisms
from targeting.synthetic.names import Names
from targeting.synthetic.population import NEW_PARTNER, OTHER_PARENT, Children, Families, People, children_of
from targeting.synthetic.wards import SmallAreas


@dataclass(frozen=True)
class District:
    """Everything true of the fictional district that its agencies see a part of."""

    families: Families
    people: People
    areas: SmallAreas
    names: Names
    addresses: Addresses
    stays: Stays
    nhs_number: NDArray[np.int64]
    first_day: int
    last_day: int
    mechanisms: Mechanisms = STANDARD

    @cached_property
    def lives_apart(self) -> NDArray[np.bool_]:
        """Return who moves to the second household when the parents part."""
        return np.isin(self.people.role, (OTHER_PARENT, NEW_PARTNER))

    @cached_property
    def children(self) -> Children:
        """Return the children of all families."""
        return children_of(self.people)

    def address_on(self, person: NDArray[np.int64], day: Days) -> NDArray[np.int64]:
        """Return the row of `stays` that holds for each person on a day."""
        household = households_of(self.families, self.people.family[person], self.lives_apart[person], day)
        return self.stays.row_on(household, day)

    def is_here(self, person: NDArray[np.int64], day: Days) -> NDArray[np.bool_]:
        """Return whether each person's family lives in the district on a day, and the person belongs to it."""
        family = self.people.family[person]
        return (
            (self.families.present_from[family] <= day)
            & (day < self.families.leaves[family])
            & (self.people.joins[person] <= day)
        )

    def age_on(self, person: NDArray[np.int64], day: Days) -> NDArray[np.float64]:
        """Return ages in years; negative before birth."""
        return np.asarray((day - self.people.born[person].astype(np.int64)) / YEAR)
