"""Pupils' true school life: when each is on roll, how much of each term each misses, suspensions."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from targeting.records.terms import Term
from targeting.synthetic import communities, needs
from targeting.synthetic.calendar import TERMS, UNRETURNED_TERMS, Days, day_of, sessions_in
from targeting.synthetic.identities import District
from targeting.synthetic.noticing import Household
from targeting.synthetic.population import CHILD

FEED_START = day_of(date(2019, 9, 2))

# Assumptions, set by Bradford's published absence of 2024/25: log odds of missing a session in primary and secondary
# school, spread between pupils and between a pupil's terms, and what each need adds.
_PRIMARY, _SECONDARY = -3.32, -2.97
_BEFORE_PANDEMIC = -0.45
_STAYS_AWAY = 0.62
_SPREAD_PUPIL, _SPREAD_TERM = 0.80, 0.38
_BY_NEED = 0.95 * needs.ABSENCE + 0.25 * (needs.STRAIN > 0) + 0.25 * (needs.STRAIN > 1) + 0.15 * needs.ABUSE
_BY_NEED = _BY_NEED + 0.15 * needs.SUBSTANCES + 0.05 * needs.ILL_HEALTH

# Published secondary absence by group, 2014/15: Gypsy Roma 19 %, Irish Traveller 16 %, other White 9.7 %, Pakistani
# 5.3 % where White British is 6 %; here as log odds.
_BY_COMMUNITY = np.array(
    [{"WROM": 1.10, "WIRT": 0.95, "WOTH": 0.25, "APKN": -0.08}.get(code, 0.0) for code in communities.CODES]
)


@dataclass(frozen=True)
class Pupils:
    """One row a pupil: the first days in reception and in year 7, the days on roll, the first return that names it."""

    person: NDArray[np.int64]
    reception: Days
    year_7: Days
    on_roll: Days
    off_roll: Days
    first_return: Days


@dataclass(frozen=True)
class PupilTerms:
    """One row a pupil and term: sessions possible, missed with and without authorisation."""

    pupil: NDArray[np.int64]
    term: NDArray[np.int64]
    secondary: NDArray[np.bool_]
    possible: NDArray[np.int64]
    authorised: NDArray[np.int64]
    unauthorised: NDArray[np.int64]
    needs: NDArray[np.int16]


def returned_terms(last_day: int) -> tuple[Term, ...]:
    """Return the terms that schools made a return for by a day, in order; a return takes four weeks."""
    return tuple(
        term
        for term in TERMS
        if term.name not in UNRETURNED_TERMS and day_of(term.first) >= FEED_START and day_of(term.last) + 28 <= last_day
    )


def _september(year: NDArray[np.integer]) -> Days:
    """Return 1 September of years."""
    months = (year - 1970) * 12 + 8
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int32)


def pupils_of(district: District, rng: np.random.Generator) -> Pupils:
    """Return the children who are on roll at some time since the feed's start."""
    people = district.people
    person = people.of_role(CHILD)
    month = people.born[person].astype("datetime64[D]").astype("datetime64[M]").astype(int)
    year, month = 1970 + month // 12, month % 12 + 1
    # A child starts in the September after the fourth birthday.
    reception_year = year + 4 + (month >= 9)
    reception, finish = _september(reception_year), _september(reception_year + 12) - 45
    family = people.family[person]
    arrived = np.where(
        district.families.newcomer[family],
        district.families.present_from[family] + rng.integers(10, 60, person.size),
        0,
    )
    on_roll = np.maximum(reception, arrived).astype(np.int32)
    off_roll = np.minimum(finish, district.families.leaves[family]).astype(np.int32)
    first_return = returned_after(np.maximum(on_roll, FEED_START))
    kept = (on_roll < off_roll) & (off_roll > FEED_START) & (first_return <= district.last_day)
    columns = (person, reception, _september(reception_year + 7), on_roll, off_roll, first_return)
    return Pupils(*(column[kept] for column in columns))


def returned_after(day: Days) -> Days:
    """Return the day on which the return of the six weeks in which each day lies was received."""
    return (day // 42 * 42 + 42 + 14).astype(np.int32)


def attend(district: District, household: Household, pupils: Pupils, rng: np.random.Generator) -> PupilTerms:
    """Return every pupil's returned terms of which half at least was spent on roll."""
    terms = returned_terms(district.last_day)
    habit = rng.normal(0, _SPREAD_PUPIL, pupils.person.size)
    parts = [_one_term(district, household, pupils, habit, place, term, rng) for place, term in enumerate(terms)]
    if not parts:
        nothing = np.zeros(0, np.int64)
        return PupilTerms(nothing, nothing, nothing > 0, nothing, nothing, nothing, nothing.astype(np.int16))
    return PupilTerms(*(np.concatenate(columns) for columns in zip(*(vars(p).values() for p in parts), strict=True)))


def _one_term(
    district: District,
    household: Household,
    pupils: Pupils,
    habit: NDArray[np.float64],
    place: int,
    term: Term,
    rng: np.random.Generator,
) -> PupilTerms:
    first, last = day_of(term.first), day_of(term.last)
    days = np.minimum(pupils.off_roll, last + 1) - np.maximum(pupils.on_roll, first)
    share = days / (last + 1 - first)
    pupil = np.flatnonzero(share >= 0.5)
    person = pupils.person[pupil]
    family = district.people.family[person]
    state = household.needs_on(family, np.full(pupil.size, (first + last) // 2, np.int32))
    secondary = pupils.year_7[pupil] <= first
    odds = np.where(secondary, _SECONDARY, _PRIMARY) + _BY_NEED[state] * np.where(secondary, 1.15, 0.85)
    odds += _BY_COMMUNITY[district.people.community[person]] + habit[pupil] * np.where(secondary, 1.25, 0.9)
    # Some who lose touch hardly come at all.
    gone = (needs.ABSENCE[state] == 1) & (pupils.person[pupil] * 40_503 % 97 < np.where(secondary, 97, 30) * _STAYS_AWAY)
    odds += 2.7 * gone
    odds += rng.normal(0, _SPREAD_TERM, pupil.size) + (_BEFORE_PANDEMIC if first < day_of(date(2021, 4, 1)) else 0.0)
    rate = 1 / (1 + np.exp(-odds))
    possible = np.rint(sessions_in(term) * np.minimum(share[pupil], 1)).astype(np.int64)
    missed = rng.binomial(possible, rate)
    unexcused = np.clip(np.where(secondary, 0.42, 0.28) + 0.9 * (rate - 0.08), 0.1, 0.9)
    unauthorised = rng.binomial(missed, unexcused)
    term_of = np.full(pupil.size, place, np.int64)
    return PupilTerms(pupil, term_of, secondary, possible, missed - unauthorised, unauthorised, state)


@dataclass(frozen=True)
class Suspensions:
    """One row a suspension, and the pupils permanently excluded with the day."""

    pupil: NDArray[np.int64]
    day: Days
    sessions: NDArray[np.int64]
    excluded: NDArray[np.int64]
    excluded_on: Days


def suspend(district: District, pupils: Pupils, attended: PupilTerms, rng: np.random.Generator) -> Suspensions:
    """Return suspensions, many of them of few pupils, and permanent exclusions."""
    terms = returned_terms(district.last_day)
    temper = rng.gamma(0.16, 1 / 0.16, pupils.person.size)
    state = attended.needs
    boys = np.where(district.people.sex[pupils.person[attended.pupil]] == 1, 1.35, 0.65)
    yearly = np.where(attended.secondary, 0.235, 0.014) * boys * np.exp(0.75 * needs.ABSENCE[state])
    yearly *= np.exp(0.35 * needs.STRAIN[state] + 0.25 * needs.ABUSE[state])
    count = rng.poisson(yearly / 3 * temper[attended.pupil])
    row = np.repeat(np.arange(count.size), np.minimum(count, 6))
    first = np.array([day_of(term.first) for term in terms], np.int64)
    length = np.array([(term.last - term.first).days for term in terms], np.int64)
    term = attended.term[row]
    day = first[term] + (rng.random(row.size) * length[term]).astype(np.int64)
    pupil = attended.pupil[row]
    kept = (day >= pupils.on_roll[pupil]) & (day < pupils.off_roll[pupil])
    pupil, day = pupil[kept], day[kept]
    order = np.lexsort((day, pupil))
    pupil, day = pupil[order], day[order]
    expelled = np.flatnonzero(rng.random(pupil.size) < 0.0075)
    expelled = expelled[np.unique(pupil[expelled], return_index=True)[1]]
    sessions = 2 * rng.geometric(0.38, pupil.size).clip(max=12)
    return Suspensions(pupil, day.astype(np.int32), sessions, pupil[expelled], (day[expelled] + 5).astype(np.int32))
