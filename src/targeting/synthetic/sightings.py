"""What agencies saw at a rate that the needs set: contacts, unassessed referrals, facts of the police, adults' needs.

Each rate is the generator's own. Of a record that names several children the youngest child's row is read: the others
say the same a little sooner or later.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic import adult_services, contacts, needs, police, referral_sources
from targeting.synthetic.adult_services import Events, Found
from targeting.synthetic.calendar import NEVER, STEP_DAYS, YEAR, start_of, step_of
from targeting.synthetic.contacts import ADVICE, NFA, Contacts
from targeting.synthetic.evidence import REFERRAL_LAG, Floats, Ints, Sightings, no_detail, nothing_doubtful
from targeting.synthetic.noticing import Households
from targeting.synthetic.pathway import Pathway
from targeting.synthetic.police import Incidents, Shared
from targeting.synthetic.population import ADULT_DAYS, CHILD, People
from targeting.synthetic.ragged import one_of_each
from targeting.synthetic.referrals import UNASSESSED_BY_VULNERABILITY, unassessed_rate
from targeting.synthetic.spells import UNBORN_DAYS, Cases
from targeting.synthetic.thresholds import not_assessed_level

_A_DAY = 2**20


@dataclass(frozen=True)
class Recorded:
    """What was recorded that sightings are read from."""

    households: Households
    cases: Cases
    by_police: NDArray[np.bool_]
    pathway: Pathway
    contacts: Contacts
    police: Shared
    adult_services: Found


def all_sightings(recorded: Recorded) -> tuple[Sightings, ...]:
    """Return the sightings of every agency."""
    return (
        _contacts(recorded),
        _unassessed(recorded),
        _incidents(recorded),
        _missing(recorded),
        *_of_adults(recorded),
    )


def youngest(people: People, person: Ints, group: Ints) -> Ints:
    """Return the row of the youngest person of each group, groups in rising order."""
    _, position = np.unique(group, return_inverse=True)
    order = np.argsort(position, kind="stable")
    return np.asarray(
        order[one_of_each(position[order], np.ones(order.size), -people.born[person[order]].astype(float))]
    )


def first_whole_step(day: int) -> int:
    """Return the first fortnight that begins on a day or later."""
    return int(step_of(np.array(day - 1, np.int32))) + 1


def _with_child(households: Households, since: Ints, until: Ints) -> Floats:
    """Return, by family and fortnight, 1 where it has a child between two days of the child's life.

    A fortnight of which that is true in part counts as a whole one.
    """
    people, steps = households.district.people, households.course.steps
    child = people.of_role(CHILD)
    change = np.zeros((len(households.families), steps + 1), np.int32)
    first = np.clip(step_of(since.astype(np.int32)), 0, steps)
    beyond = np.clip(step_of(until.astype(np.int32)) + 1, 0, steps)
    np.add.at(change, (people.family[child], first), 1)
    np.add.at(change, (people.family[child], np.maximum(beyond, first)), -1)
    return np.asarray(np.cumsum(change[:, :steps], axis=1) > 0, float)


def _named(households: Households) -> Floats:
    """Return, by family and fortnight, 1 where there is a child to be named in a contact or referral."""
    people = households.district.people
    child = people.of_role(CHILD)
    born = people.born[child].astype(np.int64)
    return _with_child(households, np.maximum(people.joins[child], born - UNBORN_DAYS), born + ADULT_DAYS)


def _everyone(households: Households, chance: float) -> Floats:
    return np.full(len(households.families), chance)


def _contacts(recorded: Recorded) -> Sightings:
    """Return contacts of which no more came, those apart that the police made after an incident."""
    households, made = recorded.households, recorded.contacts
    people = households.district.people
    idle = np.flatnonzero((made.outcome == NFA) | (made.outcome == ADVICE))
    family = people.family[made.person[idle]]
    event = (family * _A_DAY + made.day[idle]) * 64 + made.source[idle]
    rows = idle[youngest(people, made.person[idle], event)]
    rows = rows[~_told_by_police(made, people, rows, recorded.police.incidents)]
    return Sightings(
        since=first_whole_step(police.FEED_START + STEP_DAYS),
        yearly=contacts.YEARLY,
        first=_everyone(households, contacts.FIRST),
        again=_everyone(households, contacts.AGAIN),
        lag=contacts.LAG.times(households.district.mechanisms.lateness),
        family=people.family[made.person[rows]],
        day=made.day[rows],
        recorded=made.recorded[rows],
        detail=referral_sources.chances(made.source[rows], made.day[rows]),
        doubtful=nothing_doubtful(rows.size),
        exposure=_named(households),
    )


def _told_by_police(made: Contacts, people: People, rows: Ints, incidents: Incidents) -> NDArray[np.bool_]:
    """Return which contacts came from the police within four days of the record of an incident with a child there."""
    key = people.family[made.person[rows]] * _A_DAY + made.day[rows]
    with_child = incidents.child_present
    recorded = (incidents.family * _A_DAY + incidents.recorded)[with_child]
    after = np.unique(recorded[:, None] + np.arange(4))
    return np.asarray((made.source[rows] == referral_sources.POLICE) & np.isin(key, after))


def _unassessed(recorded: Recorded) -> Sightings:
    """Return referrals that were closed without an assessment."""
    households, made = recorded.households, recorded.pathway.referrals
    people = households.district.people
    refused = np.flatnonzero(made.nfa_on != NEVER)
    rows = refused[
        youngest(people, made.person[refused], people.family[made.person[refused]] * _A_DAY + made.start[refused])
    ]
    middles = start_of(np.arange(households.course.steps)) + np.int32(STEP_DAYS // 2)
    return Sightings(
        since=first_whole_step(households.district.first_day),
        yearly=unassessed_rate(households.district.mechanisms),
        first=_everyone(households, 1.0),
        again=_everyone(households, 1.0),
        lag=REFERRAL_LAG.times(households.district.mechanisms.lateness),
        family=people.family[made.person[rows]],
        day=made.start[rows],
        recorded=made.nfa_recorded[rows],
        detail=referral_sources.chances(made.source[rows], made.start[rows]),
        doubtful=nothing_doubtful(rows.size),
        exposure=_named(households) * not_assessed_level(middles),
        by_vulnerability=UNASSESSED_BY_VULNERABILITY,
        only_closed=True,
    )


def _incidents(recorded: Recorded) -> Sightings:
    """Return domestic abuse incidents; doubtful where the police referred the family within four days."""
    made, cases = recorded.police.incidents, recorded.cases
    willing = police.willingness(recorded.households.families.community)
    referred = (cases.family * _A_DAY + cases.start)[recorded.by_police]
    before = np.unique(referred[:, None] - np.arange(1, 5))
    high = np.broadcast_to(police.high_grade_chance(needs.STRAIN), (made.day.size, needs.NEEDS))
    graded = np.where((made.grade == police.HIGH)[:, None], high, 1 - high)
    return Sightings(
        since=first_whole_step(police.FEED_START),
        yearly=police.INCIDENTS,
        first=police.FIRST * willing,
        again=police.AGAIN * willing,
        lag=police.LAG.times(recorded.households.district.mechanisms.lateness),
        family=made.family,
        day=made.day,
        recorded=made.recorded,
        detail=np.where((made.grade == police.UNGRADED)[:, None], 1.0, graded),
        doubtful=np.isin(made.family * _A_DAY + made.day, before),
    )


def _missing(recorded: Recorded) -> Sightings:
    """Return missing episodes, of families with a child from 11 to 17."""
    made, households = recorded.police.missing, recorded.households
    people = households.district.people
    born = people.born[people.of_role(CHILD)].astype(np.int64)
    return Sightings(
        since=first_whole_step(police.FEED_START),
        yearly=police.MISSING,
        first=_everyone(households, 1.0),
        again=_everyone(households, 1.0),
        lag=police.MISSING_LAG.times(households.district.mechanisms.lateness),
        family=people.family[made.person],
        day=made.day,
        recorded=made.reported,
        detail=no_detail(made.day.size),
        doubtful=nothing_doubtful(made.day.size),
        exposure=_with_child(households, born + round(11 * YEAR), born + ADULT_DAYS),
    )


def _of_adults(recorded: Recorded) -> Iterator[Sightings]:
    """Return the needs that adult services identified, and admissions."""
    found, households = recorded.adult_services, recorded.households
    sought = adult_services.reached(households.families.community)
    noticed = (adult_services.FIRST * sought, adult_services.AGAIN * sought)
    always = (np.ones_like(sought), np.ones_like(sought))
    yield _adult_sightings(households, found.ill, adult_services.ILL_HEALTH, noticed)
    yield _adult_sightings(households, found.using, adult_services.SUBSTANCES, noticed)
    yield _adult_sightings(households, found.admitted_ill, adult_services.MENTAL_ADMISSIONS, always)
    yield _adult_sightings(households, found.admitted_using, adult_services.SUBSTANCE_ADMISSIONS, always)


def _adult_sightings(
    households: Households, events: Events, yearly: Floats, noticed: tuple[Floats, Floats]
) -> Sightings:
    return Sightings(
        since=first_whole_step(adult_services.FEED_START),
        yearly=yearly,
        first=noticed[0],
        again=noticed[1],
        lag=adult_services.LAG.times(households.district.mechanisms.lateness),
        family=households.district.people.family[events.person],
        day=events.day,
        recorded=events.entered,
        detail=no_detail(events.day.size),
        doubtful=nothing_doubtful(events.day.size),
    )
