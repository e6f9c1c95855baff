"""An agency's people as texts and days, ready to be put under the agency's own column names."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from targeting.synthetic import identities
from targeting.synthetic.calendar import Days
from targeting.synthetic.district import District
from targeting.synthetic.identities import AddressTexts, Habits, Register


@dataclass(frozen=True)
class Described:
    """One row a person of the register: names, birth, sex (1 male, 2 female), place among ALL_ETHNICITIES, address."""

    given: pa.Array
    family: pa.Array
    born: Days
    sex: NDArray[np.int8]
    ethnicity: NDArray[np.int8]
    nhs_number: NDArray[np.int64]
    address: AddressTexts


def describe(
    district: District, register: Register, habits: Habits, rng: np.random.Generator, *, style: str = "full"
) -> Described:
    """Return an agency's copy of its people; addresses in one of the styles of `identities.address_texts`."""
    copied = identities.copy(district, register.person, register.since, habits, rng)
    return Described(
        given=identities.given_names(copied.names),
        family=identities.family_names(copied.names),
        born=copied.born,
        sex=copied.sex,
        ethnicity=copied.ethnicity,
        nhs_number=copied.nhs_number,
        address=identities.address_texts(district, copied.stay, style),
    )
