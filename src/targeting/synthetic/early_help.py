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

# Assumptions: families who withdraw, those whose needs are not met at the end by what is left of them, and those who
# asked for help themselves.
WITHDRAWN_CHANCE = 0.13
UNMET_CHANCE = np.where(needs.STRAIN + needs.ABUSE > 0, 0.5, 0.18)
ASKED_THEMSELVES = 0.15


def early_help(district: District, all_spells: Spells, rng: np.random.Generator) -> tuple[Episodes, NDArray[np.int64]]:
    """Return episodes of early help by child, and who asked for each."""
    helped = rows_where(all_spells, all_spells.stage == needs.EARLY_HELP)
    start = np.maximum(helped.start, HISTORY_START).astype(np.int32)
    named = name_children(district, helped.family, start, rng)
    row = named.row
    end = np.minimum(helped.end[row], coming_of_age(district.people, named.person))
    draw = rng.random(helped.family.size)
    unmet = UNMET_CHANCE[helped.needs_out]
    outcome = np.select(
        [helped.left, helped.after == needs.ASSESSING, draw < WITHDRAWN_CHANCE, draw < WITHDRAWN_CHANCE + unmet],
        [MOVED, STEPPED_UP, WITHDRAWN, UNMET],
        MET,
    )
    source = referral_sources.drawn(helped.needs_in, start, rng)
    own = rng.random(source.size) < ASKED_THEMSELVES
    source = np.where(own, referral_sources.LABELS.index("Individual - self"), source)
    lateness = district.mechanisms.lateness
    return episodes(named.person, start[row], end, rng, outcome[row], lateness=lateness), source[row]
