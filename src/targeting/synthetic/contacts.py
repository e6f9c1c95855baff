"""Contacts with the front door: those that became something, and the many that did not."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic import needs, referral_sources
from targeting.synthetic.calendar import Days
from targeting.synthetic.columns import rows_where
from targeting.synthetic.episodes import recorded_after
from targeting.synthetic.noticing import Households, Lag, noticed
from targeting.synthetic.pathway import Pathway
from targeting.synthetic.police import Incidents
from targeting.synthetic.spells import name_children

OUTCOMES = ("NFA", "Information and advice", "Pass to Early Help", "Progress to Referral")
NFA, ADVICE, EARLY_HELP, REFERRAL = range(4)
PRIORITIES = ("Routine", "Priority", "Urgent")

# Assumptions: what is brought to the front door a year without more coming of it, and how much of it is taken down.
YEARLY = (
    0.07
    + 0.55 * needs.ABUSE
    + 0.22 * needs.ILL_HEALTH
    + 0.35 * needs.SUBSTANCES
    + np.array([0.0, 0.65, 1.30])[needs.STRAIN]
    + 0.30 * needs.ABSENCE
)
FIRST, AGAIN = 0.80, 1.0
LAG = Lag(1.0)
_POLICE_TELLS = 0.70


@dataclass(frozen=True)
class Contacts:
    """One row a child concerned by a contact, by day."""

    person: NDArray[np.int64]
    day: Days
    recorded: Days
    source: NDArray[np.int64]
    outcome: NDArray[np.int64]
    priority: NDArray[np.int64]
    number: NDArray[np.int64]


def contacts(households: Households, incidents: Incidents, pathway: Pathway, rng: np.random.Generator) -> Contacts:
    """Return all contacts: before referrals and early help, after police incidents, and others."""
    referrals, helped = pathway.referrals, pathway.early_help
    passed = rng.random(helped.person.size) < 0.6
    asked = helped.start[passed] - rng.integers(3, 21, int(passed.sum())).astype(np.int32)
    idle = _idle(households, incidents, rng)
    parts = [
        (referrals.person, referrals.start, referrals.source, np.full(referrals.person.size, REFERRAL)),
        (helped.person[passed], asked, pathway.early_help_source[passed], np.full(asked.size, EARLY_HELP)),
        idle,
    ]
    person, day, source, outcome = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    recorded = recorded_after(day, LAG.typical * households.district.mechanisms.lateness, rng)
    # A contact that became a referral is on record no later than the referral.
    recorded[: referrals.recorded.size] = np.minimum(recorded[: referrals.recorded.size], referrals.recorded)
    order = np.lexsort((person, day))
    number = np.empty(order.size, np.int64)
    number[order] = np.arange(order.size)
    made = Contacts(person, day, recorded, source, outcome, _priority(outcome, rng), number)
    return rows_where(made, order)


def _idle(
    households: Households, incidents: Incidents, rng: np.random.Generator
) -> tuple[NDArray[np.int64], Days, NDArray[np.int64], NDArray[np.int64]]:
    """Return contacts of which no more came: person, day, source, outcome."""
    district = households.district
    count = len(households.families)
    brought = households.happen(rng, YEARLY)
    brought = rows_where(
        brought, noticed(brought, count, rng, first=np.full(count, FIRST), again=np.full(count, AGAIN))
    )
    told = np.flatnonzero(incidents.child_present & (rng.random(incidents.day.size) < _POLICE_TELLS))
    family = np.concatenate([brought.family, incidents.family[told]])
    told_on = incidents.recorded[told] + rng.integers(0, 4, told.size).astype(np.int32)
    day = np.concatenate([brought.day, told_on])
    source = np.concatenate(
        [
            referral_sources.drawn(brought.needs, brought.day, rng),
            np.full(told.size, referral_sources.POLICE),
        ]
    )
    named = name_children(district, family, day, rng)
    outcome = np.where(rng.random(family.size) < 0.75, NFA, ADVICE)
    return named.person, day[named.row], source[named.row], outcome[named.row]


def _priority(outcome: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the priority a worker gave on the day of the contact."""
    draw = rng.random(outcome.size)
    urgent = np.where(outcome == REFERRAL, 0.15, 0.02)
    return np.select([draw < urgent, draw < urgent + 0.2], [2, 1], 0)
