"""The thirty wards: names and codes as published, levels of need from the council's 2016 early-help review.

Counts of October 2016 (children in need, on protection plans, become looked after in twelve months) and the IMD 2015
score are the review's own table. The share of South Asian and of other minority families is an assumption, rounded,
that keeps domain totals: just under half of children from minority ethnic groups, over a third South Asian.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Ward(NamedTuple):
    """One ward's published figures, then the two assumed shares of families."""

    code: str
    name: str
    postcode_district: str
    imd_2015_score: float
    children_in_need: int
    child_protection_plans: int
    became_looked_after: int
    south_asian: float
    other_minority: float


WARDS = (
    Ward("E05001341", "Baildon", "BD17", 13.672, 13, 2, 3, 0.03, 0.05),
    Ward("E05001342", "Bingley", "BD16", 15.116, 24, 7, 2, 0.04, 0.06),
    Ward("E05001343", "Bingley Rural", "BD13", 14.602, 29, 2, 4, 0.04, 0.05),
    Ward("E05001344", "Bolton and Undercliffe", "BD2", 38.112, 35, 9, 7, 0.33, 0.12),
    Ward("E05001345", "Bowling and Barkerend", "BD4", 53.917, 35, 29, 20, 0.50, 0.20),
    Ward("E05001346", "Bradford Moor", "BD3", 51.232, 81, 27, 15, 0.75, 0.13),
    Ward("E05001347", "City", "BD7", 44.167, 37, 21, 27, 0.60, 0.25),
    Ward("E05001348", "Clayton and Fairweather Green", "BD14", 33.924, 29, 14, 12, 0.22, 0.10),
    Ward("E05001349", "Craven", "BD20", 10.505, 17, 10, 2, 0.02, 0.04),
    Ward("E05001350", "Eccleshill", "BD2", 41.957, 75, 31, 16, 0.10, 0.12),
    Ward("E05001351", "Great Horton", "BD7", 43.947, 44, 25, 19, 0.50, 0.16),
    Ward("E05001352", "Heaton", "BD9", 32.293, 47, 15, 14, 0.60, 0.10),
    Ward("E05001353", "Idle and Thackley", "BD10", 18.610, 21, 9, 5, 0.05, 0.06),
    Ward("E05001354", "Ilkley", "LS29", 5.971, 15, 2, 4, 0.03, 0.07),
    Ward("E05001355", "Keighley Central", "BD20", 48.889, 52, 14, 11, 0.58, 0.12),
    Ward("E05001356", "Keighley East", "BD20", 24.607, 43, 15, 11, 0.16, 0.09),
    Ward("E05001357", "Keighley West", "BD22", 34.781, 50, 26, 15, 0.14, 0.10),
    Ward("E05001358", "Little Horton", "BD5", 53.896, 55, 21, 16, 0.58, 0.20),
    Ward("E05001359", "Manningham", "BD8", 61.373, 52, 26, 15, 0.72, 0.17),
    Ward("E05001360", "Queensbury", "BD13", 19.403, 17, 5, 1, 0.05, 0.05),
    Ward("E05001361", "Royds", "BD6", 37.457, 73, 15, 12, 0.07, 0.11),
    Ward("E05001362", "Shipley", "BD18", 21.097, 21, 6, 5, 0.10, 0.09),
    Ward("E05001363", "Thornton and Allerton", "BD13", 31.109, 32, 24, 16, 0.12, 0.08),
    Ward("E05001364", "Toller", "BD9", 45.285, 58, 20, 8, 0.78, 0.09),
    Ward("E05001365", "Tong", "BD4", 50.668, 77, 34, 23, 0.06, 0.16),
    Ward("E05001366", "Wharfedale", "LS29", 5.310, 7, 0, 0, 0.02, 0.05),
    Ward("E05001367", "Wibsey", "BD6", 34.525, 43, 24, 14, 0.15, 0.09),
    Ward("E05001368", "Windhill and Wrose", "BD18", 32.386, 50, 9, 7, 0.08, 0.09),
    Ward("E05001369", "Worth Valley", "BD22", 14.425, 6, 8, 2, 0.02, 0.04),
    Ward("E05001370", "Wyke", "BD12", 25.224, 31, 14, 10, 0.05, 0.08),
)

SMALL_AREAS_A_WARD = 10

# IMD 2015 scores that part the tenths, the most deprived first (rounded from the published ranks).
_DECILE_SCORES = np.array([46.0, 35.5, 28.0, 22.5, 18.0, 14.5, 11.5, 8.5, 5.6])


def family_shares() -> NDArray[np.float64]:
    """Return each ward's share of families: wards of young communities have more of them (an assumption)."""
    weight = np.array([0.8 + 0.8 * ward.south_asian for ward in WARDS])
    return np.asarray(weight / weight.sum())


def need_shares() -> NDArray[np.float64]:
    """Return each ward's share of need: children in need, on plans and become looked after, from the review."""
    counts = np.array(
        [ward.children_in_need + ward.child_protection_plans + ward.became_looked_after for ward in WARDS], float
    )
    return np.asarray(counts / counts.sum())


@dataclass(frozen=True)
class SmallAreas:
    """Fictional small areas, ten a ward in the wards' order: code, ward index, decile (1 the most deprived)."""

    code: NDArray[np.str_]
    ward: NDArray[np.int16]
    decile: NDArray[np.int8]


def small_areas(rng: np.random.Generator) -> SmallAreas:
    """Return the district's fictional small areas, spread around their ward's score."""
    ward = np.repeat(np.arange(len(WARDS), dtype=np.int16), SMALL_AREAS_A_WARD)
    score = np.array([w.imd_2015_score for w in WARDS])[ward] * rng.lognormal(0.0, 0.35, ward.size)
    decile = 1 + (score[:, None] < _DECILE_SCORES).sum(1)
    code = np.array([f"Z{w + 1:02d}{n:02d}" for w in range(len(WARDS)) for n in range(SMALL_AREAS_A_WARD)])
    return SmallAreas(code, ward, decile.astype(np.int8))
