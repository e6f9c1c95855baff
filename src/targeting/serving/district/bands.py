"""The 2016 review's four bands of how far children's centres reach."""

from bisect import bisect_right
from collections.abc import Mapping
from typing import Literal

Measure = Literal["registered", "attended", "engaged"]
Band = Literal["red", "amber", "green", "dark green"]

BANDS: tuple[Band, ...] = ("red", "amber", "green", "dark green")
# From which share of children under five, in per cent, each band but the first begins.
BEGINS: Mapping[Measure, tuple[float, float, float]] = {
    "registered": (60, 80, 97),
    "attended": (40, 65, 80),
    "engaged": (40, 65, 80),
}


def band_of(measure: Measure, per_cent: float) -> Band:
    """Return the band of a share, as it is shown: to one place after the point."""
    return BANDS[bisect_right(BEGINS[measure], round(per_cent, 1))]
