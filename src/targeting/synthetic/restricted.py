"""Restricted records of the case system: whoever is in a refuge or under protection, and children who were adopted.

Nothing here is drawn from a random stream: a hash of the person chooses, so that every other file stays as it was.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic.calendar import FIRST_DAY, Days
from targeting.synthetic.district import District
from targeting.synthetic.identities import Register
from targeting.synthetic.population import CARER, CHILD
from targeting.synthetic.social_care_people import day
from targeting.synthetic.writing import Table, words

FILE = "LCS_Restricted_Records.csv"
# What the system shows: never for which reason, which is itself protected.
HANDLING = ("Sealed", "New identity")
# Assumptions: of so many carers one is sealed; of so many children who moved here one was adopted before that.
_CARERS_FOR_ONE, _CHILDREN_FOR_ONE = 500, 50
_DAYS_UNTIL_ENTERED = 4


def restricted_table(district: District, register: Register) -> Table:
    """Return whose record is restricted, how, since when, and when that was entered."""
    person, since = register.person, register.since
    number, role = _numbers(district.nhs_number[person]), district.people.role[person]
    sealed = (role == CARER) & (number % _CARERS_FOR_ONE == 0)
    came = district.families.present_from[district.people.family[person]].astype(np.int64)
    before = np.maximum(district.people.born[person], FIRST_DAY)
    # Adopted before any agency here knew the child: no record of this district is of before.
    adopted = (role == CHILD) & (came > before) & (number % _CHILDREN_FOR_ONE == 0)
    begun = np.where(sealed, _later(since, district.last_day, number), before + (came - before) // 2).astype(np.int32)
    entered = np.where(sealed, np.minimum(begun + number % _DAYS_UNTIL_ENTERED, district.last_day), since)
    rows = np.flatnonzero(sealed | adopted)
    columns = {
        "Person ID": register.reference.take(rows),
        "Handling": words(adopted[rows], HANDLING),
        "From": day(begun[rows]),
        "Recorded On": day(entered[rows].astype(np.int32)),
    }
    return Table(FILE, columns)


def _later(since: Days, last_day: int, number: NDArray[np.int64]) -> Days:
    """Return a day for each person, from the first on which the system knew the person to the last of all."""
    return np.asarray(since + (number // _CARERS_FOR_ONE) % (last_day - since + 1), np.int32)


def _numbers(of: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a number for each NHS number, spread evenly."""
    digests = (hashlib.blake2b(str(number).encode(), digest_size=4).digest() for number in of.tolist())
    return np.array([int.from_bytes(digest, "big") for digest in digests], np.int64)
