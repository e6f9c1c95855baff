"""Ethnic groups by ward, and what goes with a community: family size, names, what services notice.

The shares within "South Asian" and within "other minority" are assumptions; so are completed family sizes. A person's
ethnic group never changes the latent needs: it changes names, family size, absence as published, and noticing.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic.wards import WARDS


class Community(NamedTuple):
    """One ethnic group by DfE's code, its naming tradition, and its share within its part of the district."""

    code: str
    names: str
    part: str
    share: float


COMMUNITIES = (
    Community("WBRI", "english", "majority", 1.000),
    Community("APKN", "pakistani", "south_asian", 0.835),
    Community("ABAN", "bangladeshi", "south_asian", 0.085),
    Community("AIND", "indian", "south_asian", 0.080),
    Community("WIRI", "irish", "other", 0.020),
    Community("WIRT", "irish", "other", 0.015),
    Community("WROM", "roma", "other", 0.055),
    Community("WOTH", "polish", "other", 0.300),
    Community("MWBC", "english", "other", 0.095),
    Community("MWBA", "english", "other", 0.040),
    Community("MWAS", "mixed", "other", 0.140),
    Community("MOTH", "mixed", "other", 0.050),
    Community("AOTH", "arab", "other", 0.080),
    Community("BCRB", "caribbean", "other", 0.030),
    Community("BAFR", "african", "other", 0.085),
    Community("BOTH", "african", "other", 0.015),
    Community("CHNE", "chinese", "other", 0.015),
    Community("OOTH", "arab", "other", 0.060),
)

CODES = tuple(community.code for community in COMMUNITIES)
TRADITIONS = tuple(sorted({community.names for community in COMMUNITIES}))

# Shares of completed family sizes of one to seven children.
_SIZES = {
    "south_asian": (0.15, 0.31, 0.28, 0.15, 0.07, 0.03, 0.01),
    "other": (0.29, 0.39, 0.19, 0.08, 0.03, 0.015, 0.005),
}


def indexes_of(*codes: str) -> NDArray[np.int8]:
    """Return the positions of ethnic groups in COMMUNITIES."""
    return np.array([CODES.index(code) for code in codes], np.int8)


SOUTH_ASIAN = indexes_of("APKN", "ABAN", "AIND")


def shares_by_ward() -> NDArray[np.float64]:
    """Return the share of each community (column) among the families of each ward (row)."""
    parts = {
        "majority": np.array([1 - ward.south_asian - ward.other_minority for ward in WARDS]),
        "south_asian": np.array([ward.south_asian for ward in WARDS]),
        "other": np.array([ward.other_minority for ward in WARDS]),
    }
    return np.stack([parts[community.part] * community.share for community in COMMUNITIES], axis=1)


def family_sizes() -> NDArray[np.float64]:
    """Return, for each community (row), the share of families that come to have 1..7 children (columns)."""
    rows = [_SIZES["south_asian" if community.part == "south_asian" else "other"] for community in COMMUNITIES]
    sizes = np.array(rows)
    return np.asarray(sizes / sizes.sum(1, keepdims=True))
