"""Referrals of each child: those that led to an assessment, and those closed without one."""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic import needs, referral_sources
from targeting.synthetic.calendar import HISTORY_START, NEVER, Days, day_of
from targeting.synthetic.columns import rows_where
from targeting.synthetic.district import District
from targeting.synthetic.episodes import (
    CEASED,
    NFA_AFTER_ASSESSMENT,
    PRIMARY_NEEDS,
    TO_EARLY_HELP,
    TRANSFERRED,
    Referrals,
    recorded_after,
)
from targeting.synthetic.mechanisms import Mechanisms
from targeting.synthetic.noticing import Households
from targeting.synthetic.opened_cases import NEED_SHARES, Worked
from targeting.synthetic.population import coming_of_age
from targeting.synthetic.spells import name_children
from targeting.synthetic.thresholds import not_assessed_level

# Assumptions, set so that the district meets the published rates beside which they are printed.
_NFA_OF_REFERRALS = 0.142
UNASSESSED_BY_VULNERABILITY = np.array([1.0, 1.3, 1.6])

# Early help became a reason for closure in the census of 2023.
_EARLY_HELP_REASON_SINCE = day_of(date(2022, 4, 1))


def since_named(district: District, person: NDArray[np.int64], start: Days) -> Days:
    """Return starts of what concerned children; what began before the records did, begins no earlier than the child."""
    born = np.minimum(district.people.born[person], HISTORY_START)
    return np.maximum(start, born).astype(np.int32)


def accepted(district: District, worked: Worked, rng: np.random.Generator) -> Referrals:
    """Return the referrals that led to an assessment, a row a child; a case ends for a child at eighteen."""
    row, cases = worked.named.row, worked.cases
    start = since_named(district, worked.named.person, cases.start[row])
    closed = np.minimum(cases.end[row], coming_of_age(district.people, worked.named.person))
    closed = np.where(closed == NEVER, NEVER, np.maximum(closed, start + 1)).astype(np.int32)
    to_early_help = (cases.after[row] == needs.EARLY_HELP) & (closed >= _EARLY_HELP_REASON_SINCE)
    reason = np.select(
        [cases.left[row], cases.assessed_only[row] & to_early_help, cases.assessed_only[row]],
        [TRANSFERRED, TO_EARLY_HELP, NFA_AFTER_ASSESSMENT],
        CEASED,
    )
    never, lateness = np.full(row.size, NEVER), district.mechanisms.lateness
    return Referrals(
        person=worked.named.person,
        start=start,
        recorded=recorded_after(start, 0.8 * lateness, rng),
        source=worked.source[row],
        primary_need=worked.primary_need[row],
        nfa_on=never,
        nfa_recorded=never,
        closed_on=closed,
        closed_recorded=recorded_after(closed, 6.0 * lateness, rng, 0.08),
        reason=reason,
        number=np.arange(row.size),
    )


def unassessed_rate(by: Mechanisms) -> NDArray[np.float64]:
    """Return the rate a year, by needs, of referrals closed without an assessment where most of them are."""
    average = np.mean([needs.referral_rate(v, 2, by) for v in range(needs.VULNERABILITIES)], axis=0)
    return np.asarray(_NFA_OF_REFERRALS * 0.75 * average**0.8)


def no_further_action(households: Households, rng: np.random.Generator) -> Referrals:
    """Return the referrals closed without an assessment: of households with less need than those assessed."""
    district = households.district
    factor = UNASSESSED_BY_VULNERABILITY[households.families.vulnerability]
    asked = households.happen(rng, unassessed_rate(district.mechanisms), factor, only_closed=True)
    refused = rows_where(asked, rng.random(asked.day.size) < not_assessed_level(asked.day))
    named = name_children(district, refused.family, refused.day, rng)
    day = refused.day[named.row]
    decided = (refused.day + rng.integers(1, 8, refused.day.size).astype(np.int32))[named.row]
    source = referral_sources.drawn(refused.needs, refused.day, rng)[named.row]
    never = np.full(day.size, NEVER)
    return Referrals(
        person=named.person,
        start=day,
        recorded=recorded_after(day, 0.8 * district.mechanisms.lateness, rng),
        source=source,
        primary_need=rng.choice(len(PRIMARY_NEEDS), refused.day.size, p=NEED_SHARES)[named.row],
        nfa_on=decided,
        nfa_recorded=recorded_after(decided, 1.5 * district.mechanisms.lateness, rng),
        closed_on=never,
        closed_recorded=never,
        reason=np.zeros(day.size, np.int64),
        number=np.arange(day.size),
    )
