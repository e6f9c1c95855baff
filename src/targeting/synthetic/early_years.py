"""Pregnancies, births and the early years as they truly went, and what midwives and health visitors saw of them."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic import communities, needs
from targeting.synthetic.calendar import FIRST_DAY, NEVER, YEAR, Days, day_of
from targeting.synthetic.district import District
from targeting.synthetic.noticing import Households, delay
from targeting.synthetic.population import CARER, CHILD, FEMALE

# Assumptions. Published: half of anxiety and depression in pregnancy is not identified, South Asian women twice as
# likely to be missed; 33 % of White British and 3 % of South Asian mothers smoked in 2007-11, 8.9 % of all by 2025.
_SEES_ILL_HEALTH, _SEES_SOUTH_ASIAN = 0.55, 0.28
_SEES_WHERE_NONE = 0.03
_MILESTONES = (("Antenatal", -60), ("NBV", 12), ("6-8 weeks", 48), ("12 months", 370), ("2-2.5 years", 800))
_DONE = np.array([0.66, 0.95, 0.92, 0.84, 0.80])
_FIRST_LOCKDOWN = (day_of(date(2020, 3, 23)), day_of(date(2020, 9, 1)))

# The chances that a mother drinks at the booking, and that a child is not brought to a contact after the birth.
DRINKS = 0.02 + 0.16 * needs.SUBSTANCES
NOT_BROUGHT_TO = 0.025 + 0.09 * needs.STRAIN + 0.05 * needs.SUBSTANCES

SIX_WEEKS, TWO_YEARS = 2, 4
SMOKES, NEVER_SMOKED = 0, 2
CONTACT_TYPES = tuple(name for name, _ in _MILESTONES)
OUTCOMES = ("Seen", "Not offered", "Declined", "Was not brought")
SEEN, NOT_OFFERED, DECLINED, NOT_BROUGHT = range(4)


@dataclass(frozen=True)
class Pregnancies:
    """One row a pregnancy booked in the district; `baby` is its child, the first of twins; `mother` a person."""

    mother: NDArray[np.int64]
    baby: NDArray[np.int64]
    booked: Days
    recorded: Days
    expected: Days
    weeks: NDArray[np.int64]
    smoking: NDArray[np.int64]
    alcohol: NDArray[np.float64]
    concern: NDArray[np.int64]


@dataclass(frozen=True)
class Births:
    """One row a child born in the district since the feed's start; mother -1 where a father brings it up."""

    mother: NDArray[np.int64]
    baby: NDArray[np.int64]
    notified: Days
    weight: NDArray[np.int64]
    smoked: NDArray[np.bool_]


@dataclass(frozen=True)
class Visits:
    """One row a mandated contact that fell due; and reviews made at some of them."""

    child: NDArray[np.int64]
    kind: NDArray[np.int64]
    day: Days
    entered: Days
    outcome: NDArray[np.int64]


def _mothers(district: District) -> NDArray[np.int64]:
    """Return the mother of each family: the carer where she is a woman; else -1."""
    carer = district.people.one_a_family(CARER)
    return np.where(district.people.sex[carer] == FEMALE, carer, -1)


def _smoker(district: District) -> NDArray[np.bool_]:
    """Return which families' mothers smoke: a lasting habit, by community and vulnerability."""
    family = np.arange(len(district.families))
    chance = smoking_chance(district.families.community)[family, district.families.vulnerability]
    # A lasting habit: the same draw for every pregnancy of a mother.
    mark = (family * 2_654_435_761 % 2**32) / 2**32
    return mark < chance


def smoking_chance(community: NDArray[np.int8]) -> NDArray[np.float64]:
    """Return the chance that a mother smokes, by family and vulnerability, (families, 3)."""
    base = np.where(np.isin(community, communities.indexes_of("WBRI", "WIRI", "MWBC", "WROM", "WIRT")), 0.140, 0.070)
    base = np.where(np.isin(community, communities.SOUTH_ASIAN), 0.012, base)
    return base[:, None] * np.array([0.75, 1.7, 2.9])


def sees(households: Households, family: NDArray[np.int64], day: Days, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return where a professional notes a concern for a mother's mental health on a day."""
    chance = seeing_chance(households.families.community[family], households.needs_on(family, day))
    return rng.random(family.size) < chance


def seeing_chance(community: NDArray[np.int8], state: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return the chance that a concern for a mother's mental health is noted, by community and needs."""
    seen = np.where(np.isin(community, communities.SOUTH_ASIAN), _SEES_SOUTH_ASIAN, _SEES_ILL_HEALTH)
    return np.where(needs.ILL_HEALTH[state] == 1, seen, _SEES_WHERE_NONE)


def booked(households: Households, rng: np.random.Generator) -> Pregnancies:
    """Return the pregnancies booked since the feed's start and on record by its end."""
    district = households.district
    people, mothers = district.people, _mothers(district)
    child = people.of_role(CHILD)
    family = people.family[child]
    twin = np.append(False, (family[1:] == family[:-1]) & (people.born[child][1:] == people.born[child][:-1]))
    child, family = child[~twin], family[~twin]
    conceived = people.born[child] - 7 * people.gestation_weeks[child].astype(np.int32)
    state = households.needs_on(family, conceived)
    late = 1.5 * needs.STRAIN[state] + 2.0 * needs.SUBSTANCES[state] + 2.0 * district.families.newcomer[family]
    weeks = np.clip(np.rint(rng.normal(9.6 + late, 2.2)), 5, 36)
    day = np.maximum(conceived + 7 * weeks.astype(np.int32), district.families.present_from[family] + 5)
    weeks = (day - conceived) // 7
    recorded = day + delay(day.size, 1.5, rng)
    kept = (mothers[family] >= 0) & (day >= FIRST_DAY) & (recorded <= district.last_day) & (weeks >= 5)
    kept &= (day < people.born[child] - 7) & (weeks <= 42) & (day < district.families.leaves[family])
    rows = np.flatnonzero(kept)
    state, family = state[rows], family[rows]
    drinks = rng.random(rows.size) < DRINKS[state]
    smoking = np.where(_smoker(district)[family], SMOKES, np.where(rng.random(rows.size) < 0.14, 1, NEVER_SMOKED))
    return Pregnancies(
        mother=mothers[family],
        baby=child[rows],
        booked=day[rows].astype(np.int32),
        recorded=recorded[rows].astype(np.int32),
        expected=(conceived[rows] + 280 + np.rint(rng.normal(0, 2, rows.size))).astype(np.int32),
        weeks=weeks[rows].astype(np.int64),
        smoking=np.where(rng.random(rows.size) < 0.03, 3, smoking),
        alcohol=np.where(drinks, np.round(rng.gamma(1.5, 4.0, rows.size), 1), 0.0),
        concern=sees(households, family, day[rows], rng).astype(np.int64),
    )


def born(households: Households, rng: np.random.Generator) -> Births:
    """Return the births in the district since the feed's start and on record by its end."""
    district = households.district
    people = district.people
    child = people.of_role(CHILD)
    day = people.born[child]
    notified = day + 1 + delay(child.size, 1.5, rng)
    here = district.is_here(child, day) & (day >= FIRST_DAY) & (notified <= district.last_day)
    rows = np.flatnonzero(here)
    child, day = child[rows], day[rows]
    family = people.family[child]
    smoked = _smoker(district)[family] & (rng.random(child.size) < 0.85)
    state = households.needs_on(family, day)
    weeks = people.gestation_weeks[child].astype(np.int64)
    light = (
        190 * smoked + 150 * np.isin(people.community[child], communities.SOUTH_ASIAN) + 90 * needs.SUBSTANCES[state]
    )
    weight = rng.normal(3420 - light - 165 * np.maximum(39 - weeks, 0), 440)
    return Births(
        mother=_mothers(district)[family],
        baby=child,
        notified=notified[rows].astype(np.int32),
        weight=np.clip(np.rint(weight / 5) * 5, 450, 5800).astype(np.int64),
        smoked=smoked,
    )


def visits(households: Households, since: Days, rng: np.random.Generator) -> Visits:
    """Return the mandated contacts of children whom the service has known `since` a day (NEVER: it does not)."""
    district = households.district
    people = district.people
    known = np.flatnonzero(since != NEVER)
    child = np.repeat(known, len(_MILESTONES))
    kind = np.tile(np.arange(len(_MILESTONES)), known.size)
    due = people.born[child] + np.array([after for _, after in _MILESTONES])[kind]
    day = due + np.where(kind == 0, 0, rng.exponential(9, child.size)).astype(np.int64)
    entered = day + delay(child.size, 4.0, rng, tail=0.06)
    kept = (day >= np.maximum(since[child], FIRST_DAY)) & (entered <= district.last_day)
    kept &= district.is_here(child, day.astype(np.int32))
    rows = np.flatnonzero(kept)
    child, kind, day = child[rows], kind[rows], day[rows].astype(np.int32)
    outcome = _outcomes(households, people.family[child], kind, day, rng)
    return Visits(child, kind, day, entered[rows].astype(np.int32), outcome)


def _outcomes(
    households: Households, family: NDArray[np.int64], kind: NDArray[np.int64], day: Days, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return what became of contacts; a strained household more often does not bring the child."""
    state = households.needs_on(family, day)
    not_brought = NOT_BROUGHT_TO[state] * (kind > 0)
    draw = rng.random(kind.size)
    declined, not_offered = chances_of_no_visit(kind, day)
    bounds = np.cumsum(np.stack([not_brought, declined, not_offered]), axis=0)
    choices = [NOT_BROUGHT, DECLINED, NOT_OFFERED]
    return np.asarray(np.select([draw < bound for bound in bounds], choices, SEEN))


def chances_of_no_visit(kind: NDArray[np.int64], day: Days) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the chances that contacts are declined and that they are not offered, whatever the needs."""
    missed = (1 - _DONE[kind]) * np.where((day >= _FIRST_LOCKDOWN[0]) & (day < _FIRST_LOCKDOWN[1]), 2.5, 1.0)
    return 0.15 * missed, np.clip(0.75 * missed, 0, 0.7)


def register_since(district: District, rng: np.random.Generator) -> Days:
    """Return since when the child health record holds each person; NEVER where it does not.

    Children under five at the feed's start are on it then, newcomers under five some weeks after they come.
    """
    people = district.people
    child = people.of_role(CHILD)
    came = district.families.present_from[people.family[child]] + rng.integers(14, 90, child.size).astype(np.int32)
    carried = people.born[child] < FIRST_DAY
    from_elsewhere = people.born[child] < district.families.present_from[people.family[child]]
    day = np.where(from_elsewhere, np.maximum(came, FIRST_DAY), FIRST_DAY)
    young = (day - people.born[child] < 5 * YEAR) & (carried | from_elsewhere)
    young &= (day <= district.last_day) & district.is_here(child, day.astype(np.int32))
    since = np.full(len(people), NEVER)
    since[child[young]] = day[young]
    return since
