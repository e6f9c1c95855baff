"""Episodes of early help, child by child, with who asked for them and how they ended."""

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic import needs, referral_sources
from targeting.synthetic.calendar import HISTORY_START
from targeting.synthetic.columns import rows_where
from targeting.synthetic.district import District
from targeting.synthetic.episodes import MET, MOVED, STEPPED_UP, UNMET, WITHDRAWN, Episodes, episodes
from targeting.synthetic.population import coming_of_age
from targeting.synthetic.spells import Spells, name_children


def early_help(district: District, all_spells: Spells, rng: np.random.Generator) -> tuple[Episodes, NDArray[np.int64]]:
    """Return episodes of early help by child, and who asked for each."""
    helped = rows_where(all_spells, all_spells.stage == needs.EARLY_HELP)
    start = np.maximum(helped.start, HISTORY_START).astype(np.int32)
    named = name_children(district, helped.family, start, rng)
    row = named.row
    end = np.minimum(helped.end[row], coming_of_age(district.people, named.person))
    draw = rng.random(helped.family.size)
    strained = needs.STRAIN[helped.needs_out] + needs.ABUSE[helped.needs_out] > 0
    unmet = np.where(strained, 0.5, 0.18)
    outcome = np.select(
        [helped.left, helped.after == needs.ASSESSING, draw < 0.13, draw < 0.13 + unmet],
        [MOVED, STEPPED_UP, WITHDRAWN, UNMET],
        MET,
    )
    source = referral_sources.drawn(helped.needs_in, start, rng)
    own = rng.random(source.size) < 0.15
    source = np.where(own, referral_sources.LABELS.index("Individual - self"), source)
    return episodes(named.person, start[row], end, rng, outcome[row]), source[row]
