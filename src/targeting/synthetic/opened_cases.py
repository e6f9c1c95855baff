"""Cases of social care with the children named in them, and who of those shares what becomes of the family."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic.calendar import HISTORY_START
from targeting.synthetic.district import District
from targeting.synthetic.episodes import (
    PRIMARY_NEEDS,
)
from targeting.synthetic.ragged import offsets
from targeting.synthetic.spells import SIBLING_IN_CARE, Cases, Named, name_children

# Assumptions, set so that the district meets the published rates beside which they are printed.
NEED_SHARES = np.array([0.66, 0.0, 0.04, 0.11, 0.12, 0.04, 0.02, 0.01])


@dataclass(frozen=True)
class Worked:
    """Cases with the children named in them, and who of those is in need, on a plan, or taken into care if any is."""

    cases: Cases
    source: NDArray[np.int64]
    primary_need: NDArray[np.int64]
    named: Named
    starts: NDArray[np.int64]
    shares_need: NDArray[np.bool_]
    shares_plan: NDArray[np.bool_]
    shares_care: NDArray[np.bool_]


def open_cases(district: District, cases: Cases, source: NDArray[np.int64], rng: np.random.Generator) -> Worked:
    """Return cases with their children; whoever is named and is not the index shares the family's outcome by chance."""
    named = name_children(district, cases.family, np.maximum(cases.start, HISTORY_START), rng)
    draw = rng.random((3, named.row.size))
    return Worked(
        cases=cases,
        source=source,
        primary_need=rng.choice(len(PRIMARY_NEEDS), cases.start.size, p=NEED_SHARES),
        named=named,
        starts=offsets(np.bincount(named.row, minlength=cases.start.size)),
        shares_need=named.is_index | (draw[0] < 0.93),
        shares_plan=named.is_index | (draw[1] < 0.88),
        shares_care=named.is_index | (draw[2] < SIBLING_IN_CARE),
    )
