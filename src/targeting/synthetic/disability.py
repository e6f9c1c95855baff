"""Children who come to social care for a disability: an open case, and no escalation of the family's needs."""

from dataclasses import dataclass

import numpy as np

from targeting.synthetic import needs, referral_sources
from targeting.synthetic.calendar import NEVER
from targeting.synthetic.columns import rows_where
from targeting.synthetic.episodes import (
    CEASED,
    DISABILITY_NEED,
    SHORT_BREAKS,
    Assessments,
    Episodes,
    Referrals,
    episodes,
    recorded_after,
)
from targeting.synthetic.noticing import Households
from targeting.synthetic.population import coming_of_age
from targeting.synthetic.signing import signed
from targeting.synthetic.spells import name_children

# An assumption: families a year, of all.
_DISABILITY_A_YEAR = 0.0013


@dataclass(frozen=True)
class Disability:
    referrals: Referrals
    assessments: Assessments
    plans: Episodes
    short_breaks: Episodes


def for_disability(households: Households, rng: np.random.Generator) -> Disability:
    """Return children who come to social care for their disability: no escalation, but an open case."""
    district = households.district
    came = households.happen(rng, np.full(needs.NEEDS, _DISABILITY_A_YEAR), only_closed=True)
    named = name_children(district, came.family, came.day, rng)
    named = rows_where(named, named.is_index)
    person, start = named.person, came.day[named.row]
    family = district.people.family[person]
    assessed = (start + rng.integers(25, 60, start.size)).astype(np.int32)
    lasts = start + 90 + rng.exponential(800, start.size).astype(np.int32)
    bound = np.minimum(district.families.leaves[family], coming_of_age(district.people, person))
    closed = np.minimum(lasts, bound)
    known = assessed < closed
    person, start, assessed, closed = person[known], start[known], assessed[known], closed[known].astype(np.int32)
    never = np.full(person.size, NEVER)
    need = np.full(person.size, DISABILITY_NEED)
    health = np.array(referral_sources.HEALTH)[rng.integers(0, len(referral_sources.HEALTH), person.size)]
    closed_recorded = recorded_after(closed, 8.0, rng)
    recorded = recorded_after(start, 0.8, rng)
    ceased, number = np.full(person.size, CEASED), np.arange(person.size)
    referrals = Referrals(person, start, recorded, health, need, never, never, closed, closed_recorded, ceased, number)
    in_need, state = np.ones(person.size, bool), came.needs[named.row[known]]
    authorised = signed(recorded_after(assessed, 1.5, rng), rng)
    assessments = Assessments(person, assessed, authorised, in_need, need, state, number)
    breaks = rng.random(person.size) < 0.2
    status = np.full(int(breaks.sum()), SHORT_BREAKS)
    return Disability(
        referrals,
        assessments,
        episodes(person, assessed, closed, rng),
        episodes(person[breaks], assessed[breaks] + 1, closed[breaks], rng, status),
    )
