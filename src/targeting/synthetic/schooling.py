"""Pupils' true school life: when each is on roll, how much of each term each misses, suspensions."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from targeting.records.terms import Term
from targeting.synthetic import communities, needs
from targeting.synthetic.calendar import NEVER, TERMS, UNRETURNED_TERMS, Days, day_of, sessions_in
from targeting.synthetic.columns import rows_where, stacked
from targeting.synthetic.district import District
from targeting.synthetic.noticing import Households
from targeting.synthetic.population import CHILD
from targeting.synthetic.ragged import earliest

FEED_START = day_of(date(2019, 9, 2))

# Assumptions, set by Bradford's published absence of 2024/25: log odds of missing a session in primary and secondary
# school, spread between pupils and between a pupil's terms, and what each need adds.
_PRIMARY, _SECONDARY = -3.52, -3.18
_BEFORE_PANDEMIC = -0.45
_STAYS_AWAY = 0.84
STAYING_AWAY = 2.4
SPREAD_PUPIL, SPREAD_TERM = 0.97, 0.30
BY_NEED = 0.95 * needs.ABSENCE + 0.25 * (needs.STRAIN > 0) + 0.25 * (needs.STRAIN > 1) + 0.15 * needs.ABUSE
BY_NEED = BY_NEED + 0.15 * needs.SUBSTANCES + 0.05 * needs.ILL_HEALTH

# How often a child is taken off roll at a term's end to be taught at home.
_TAUGHT_AT_HOME = 0.0008 + 0.0035 * needs.ABSENCE

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
    pupils = Pupils(person, reception, _september(reception_year + 7), on_roll, off_roll, first_return)
    return rows_where(pupils, kept)


def returned_after(day: Days) -> Days:
    """Return the day on which the return of the six weeks in which each day lies was received."""
    return (day // 42 * 42 + 42 + 14).astype(np.int32)


def term_received(pupils: Pupils, attended: PupilTerms, last_day: int) -> NDArray[np.int64]:
    """Return the day on which each pupil's term was received: a school returns it for all its pupils at once.

    A pupil's number stands for the school here.
    """
    last = np.array([day_of(term.last) for term in returned_terms(last_day)], np.int32)[attended.term]
    school = pupils.person[attended.pupil] // 50
    return np.asarray(last + 14 + (school * 7919 + attended.term * 104_729) % 14)


def attend(households: Households, pupils: Pupils, rng: np.random.Generator) -> tuple[PupilTerms, Days]:
    """Return every pupil's returned terms of which half at least was spent on roll, and since when each is at home.

    A pupil taken off roll to be taught at home has no later term; the day is NEVER for the others.
    """
    habit = rng.normal(0, SPREAD_PUPIL, pupils.person.size)
    terms = returned_terms(households.district.last_day)
    attended = stacked([_one_term(households, pupils, habit, place, rng) for place in range(len(terms))])
    last = np.array([day_of(term.last) for term in terms], np.int32)[attended.term]
    taken_off = np.flatnonzero(rng.random(last.size) < _TAUGHT_AT_HOME[attended.needs])
    since = earliest(attended.pupil[taken_off], last[taken_off] + 4, pupils.person.size, int(NEVER))
    return rows_where(attended, last < since[attended.pupil]), since


def _one_term(
    households: Households, pupils: Pupils, habit: NDArray[np.float64], place: int, rng: np.random.Generator
) -> PupilTerms:
    """Return one returned term of all pupils on roll in it; `habit` is each pupil's own log odds."""
    term = returned_terms(households.district.last_day)[place]
    first, last = day_of(term.first), day_of(term.last)
    share = (np.minimum(pupils.off_roll, last + 1) - np.maximum(pupils.on_roll, first)) / (last + 1 - first)
    pupil = np.flatnonzero(share >= 0.5)
    family = households.district.people.family[pupils.person[pupil]]
    state = households.needs_on(family, np.full(pupil.size, (first + last) // 2, np.int32))
    secondary = pupils.year_7[pupil] <= first
    odds = _log_odds(households, pupils.person[pupil], state, secondary)
    odds += habit[pupil] * habit_weight(secondary) + rng.normal(0, SPREAD_TERM, pupil.size)
    odds += of_pandemic(first)
    rate = 1 / (1 + np.exp(-odds))
    possible = np.rint(sessions_in(term) * np.minimum(share[pupil], 1)).astype(np.int64)
    missed = rng.binomial(possible, rate)
    unauthorised = rng.binomial(missed, unauthorised_share(rate, secondary))
    term_of = np.full(pupil.size, place, np.int64)
    return PupilTerms(pupil, term_of, secondary, possible, missed - unauthorised, unauthorised, state)


def _log_odds(
    households: Households, person: NDArray[np.int64], state: NDArray[np.int16], secondary: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the log odds that each pupil misses a session, its own habit apart."""
    odds = usual_log_odds(secondary, households.district.people.community[person], BY_NEED[state])
    # Of those who lose touch with school some hardly come at all, and always the same ones.
    mark = person * 40_503 % 97 / 97
    stays_away = (needs.ABSENCE[state] == 1) & (mark < stays_away_share(secondary))
    return np.asarray(odds + STAYING_AWAY * stays_away)


def usual_log_odds(
    secondary: NDArray[np.bool_], community: NDArray[np.int8], by_need: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the log odds that a pupil misses a session: habit, term, pandemic and staying away altogether apart."""
    odds = np.where(secondary, _SECONDARY, _PRIMARY) + by_need * np.where(secondary, 1.15, 0.85)
    return np.asarray(odds + _BY_COMMUNITY[community])


def stays_away_share(secondary: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the share of pupils who hardly come at all once they lose touch with school."""
    return np.where(secondary, _STAYS_AWAY, 0.3 * _STAYS_AWAY)


def habit_weight(secondary: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return by how much a pupil's own habit moves the log odds."""
    return np.where(secondary, 1.25, 0.9)


def of_pandemic(first: int) -> float:
    """Return what is added to the log odds of a term by its first day: pupils missed less before the pandemic."""
    return _BEFORE_PANDEMIC if first < day_of(date(2021, 4, 1)) else 0.0


def unauthorised_share(rate: NDArray[np.float64], secondary: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the share of sessions missed that no one authorised, by the rate at which sessions are missed."""
    return np.asarray(np.clip(np.where(secondary, 0.42, 0.28) + 0.9 * (rate - 0.08), 0.1, 0.9))


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
    yearly = np.where(attended.secondary, 0.215, 0.013) * boys * np.exp(0.75 * needs.ABSENCE[state])
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


@dataclass(frozen=True)
class SchoolLife:
    """What pupils went through: the terms returned, suspensions, and since when each is taught at home (or NEVER)."""

    attended: PupilTerms
    suspended: Suspensions
    at_home_since: Days


def school_life(households: Households, pupils: Pupils, rng: np.random.Generator) -> SchoolLife:
    """Return what pupils went through since the feed's start."""
    attended, at_home_since = attend(households, pupils, rng)
    return SchoolLife(attended, suspend(households.district, pupils, attended, rng), at_home_since)
