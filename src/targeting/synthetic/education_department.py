"""What the education department hands over beside schools' returns: SEN, early years profiles, education elsewhere."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from targeting.synthetic import identities, needs
from targeting.synthetic.calendar import NEVER, Days, day_of
from targeting.synthetic.columns import rows_where
from targeting.synthetic.described import describe
from targeting.synthetic.district import District
from targeting.synthetic.episodes import Episodes, episodes
from targeting.synthetic.identities import ALL_ETHNICITIES, Habits, Register
from targeting.synthetic.names import NameHabits
from targeting.synthetic.noticing import Households, delay
from targeting.synthetic.on_record import blank_unknown, episodes_on_record, one_at_a_time
from targeting.synthetic.population import MALE
from targeting.synthetic.schooling import Pupils
from targeting.synthetic.stretches import Events, befall, by_age, stretches, weighing
from targeting.synthetic.writing import Handover, Table, numbered, spelled, words

FEED_START = day_of(date(2020, 9, 1))

HABITS = Habits(
    names=NameHabits(spelling=0.06, nickname=0.04, slip=0.008, half=0.15),
    day_month_swapped=0.004,
    birth_wrong=0.004,
    nhs_missing=1.0,
    address_missing=0.02,
    address_old=0.12,
    ethnicity_missing=0.02,
    ethnicity_refused=0.01,
)

# Assumptions, set by published shares: pupils who come to have support, boys more often; requests for a plan a year,
# how much more often where there is support, and how many are refused.
_SUPPORTED = 0.195 * np.exp(0.35 * needs.STRAIN + 0.25 * needs.ABUSE + 0.20 * needs.SUBSTANCES + 0.15 * needs.ABSENCE)
_BOYS, _GIRLS = 1.27, 0.70
_SUPPORT_ENDS = 0.45
_REQUESTS = by_age(((2, 0.018), (5, 0.0168), (11, 0.0128), (16, 0.006)))
_MORE_WITH_SUPPORT = 4.0
_REFUSED = 0.288
# Log odds of a good level of development, and what takes from it.
_GOOD_LEVEL = 1.45
_TAKES = (
    0.75 * needs.STRAIN + 0.35 * needs.ABUSE + 0.25 * needs.ILL_HEALTH + 0.30 * needs.SUBSTANCES + 0.6 * needs.ABSENCE
)
_BOYS_LESS, _PRETERM_LESS, _YOUNGEST_LESS, _VULNERABLE_LESS = 0.60, 0.50, 0.75, 0.12
GOALS = 17

# Education elsewhere: a year of a pupil of school age, the least it lasts and how much longer, what adds to it.
_ELSEWHERE = (
    ("missing_education", 0.0045, 20, 45.0, weighing(absence=1.1, strain=0.4)),
    ("alternative_provision", 0.0030, 60, 150.0, weighing(absence=1.3, strain=0.4)),
    ("reduced_timetable", 0.0055, 20, 50.0, weighing(absence=1.2, strain=0.4)),
)
_SCHOOL_AGE = by_age(((5, 0.35), (11, 1.6)))


@dataclass(frozen=True)
class _Requests:
    """One row a request for a plan: the child, when, when entered, when decided (NO_DAY) and whether to assess."""

    person: NDArray[np.int64]
    day: Days
    entered: Days
    decided: Days
    decided_entered: Days
    assess: NDArray[np.bool_]


@dataclass(frozen=True)
class _Profiles:
    """One row a child's profile at the end of reception."""

    person: NDArray[np.int64]
    day: Days
    returned: Days
    good: NDArray[np.bool_]
    goals: NDArray[np.int64]


def hand_over(households: Households, pupils: Pupils, rng: np.random.Generator) -> Handover:
    """Return the department's files, from the start of their feed."""
    district = households.district
    supported = _support(households, pupils, rng)
    requests = _requests(households, supported, rng)
    profiles = _profiles(households, pupils, rng)
    support = _carried(supported, district)
    elsewhere = [_elsewhere(households, pupils, place, rng) for place in range(len(_ELSEWHERE))]
    seen = [
        (support.person, support.recorded),
        (requests.person, requests.entered),
        (profiles.person, profiles.returned),
        *((held.person, held.recorded) for held in elsewhere),
    ]
    known = identities.register(len(district.people), seen, "ED", 7, rng)
    tables = (
        _children(district, known, rng),
        _spell_table("SEN_Support.csv", "S", support, known),
        _request_table(requests, known),
        _profile_table(profiles, known),
        *(
            _spell_table(f"{name}.csv", name[0].upper(), held, known)
            for (name, *_), held in zip(_ELSEWHERE, elsewhere, strict=True)
        ),
    )
    return Handover("education_department", tables, known.reference, known.person)


def _support(households: Households, pupils: Pupils, rng: np.random.Generator) -> Episodes:
    """Return pupils' support for special needs, from some time in primary school, for some of them to an end."""
    district = households.district
    state = households.needs_on(district.people.family[pupils.person], pupils.reception + 400)
    sex = np.where(district.people.sex[pupils.person] == MALE, _BOYS, _GIRLS)
    has = rng.random(pupils.person.size) < _SUPPORTED[state] * sex
    held = rows_where(pupils, has)
    start = held.reception + 60 + rng.gamma(1.3, 420, held.person.size).astype(np.int32)
    start = np.maximum(start, held.on_roll + 20)
    ends = np.where(rng.random(start.size) < _SUPPORT_ENDS, start + 200 + rng.exponential(900, start.size), NEVER)
    end = np.minimum(ends, held.off_roll).astype(np.int32)
    there = start < end
    return episodes(held.person[there], start[there].astype(np.int32), end[there], rng)


def _carried(supported: Episodes, district: District) -> Episodes:
    """Return the support on record; what was there when the feed began bears its first day."""
    later = supported.end > FEED_START + 1
    supported = rows_where(supported, later)
    before = supported.start < FEED_START
    carried = replace(
        supported,
        start=np.where(before, FEED_START, supported.start).astype(np.int32),
        recorded=np.where(before, FEED_START, supported.recorded).astype(np.int32),
    )
    return episodes_on_record(carried, district, FEED_START)


def _requests(households: Households, supported: Episodes, rng: np.random.Generator) -> _Requests:
    """Return requests for a plan, more often for children with support, not again within a year."""
    district = households.district
    lived = stretches(households, ages=(2, 18), since=FEED_START)
    has = np.zeros(len(district.people), bool)
    has[supported.person] = True
    events = befall(lived, _REQUESTS(lived.age) * np.where(has[lived.person], _MORE_WITH_SUPPORT, 0.65), rng)
    kept = np.sort(one_at_a_time(events.person, events.day, events.day + 365))
    person, day = events.person[kept], events.day[kept]
    entered = day + delay(day.size, 4.0, rng)
    decided = np.maximum(day + 14 + rng.integers(0, 30, day.size), entered)
    decided = np.where(decided < district.families.leaves[district.people.family[person]], decided, NEVER)
    recorded = np.where(decided == NEVER, NEVER, np.minimum(decided, NEVER - 999) + delay(day.size, 4.0, rng))
    decided, recorded = blank_unknown(decided.astype(np.int32), recorded.astype(np.int32), district)
    assess = rng.random(day.size) >= _REFUSED
    requests = _Requests(person, day, entered.astype(np.int32), decided, recorded, assess)
    return rows_where(requests, requests.entered <= district.last_day)


def _profiles(households: Households, pupils: Pupils, rng: np.random.Generator) -> _Profiles:
    """Return profiles of the ends of reception years; there were none in 2020 and 2021."""
    district, people = households.district, households.district.people
    day = (pupils.reception + 300).astype(np.int32)
    there = (day >= day_of(date(2022, 1, 1))) & (pupils.on_roll <= day) & (pupils.off_roll > day)
    returned = day + 40
    there &= returned <= district.last_day
    person, day, returned = pupils.person[there], day[there], returned[there]
    family = people.family[person]
    takes = _TAKES[households.needs_on(family, day)]
    takes = takes + _BOYS_LESS * (people.sex[person] == MALE) + _PRETERM_LESS * (people.gestation_weeks[person] < 34)
    takes += _YOUNGEST_LESS * (5 - (day - 300 - people.born[person]) / 365.25)
    takes += _VULNERABLE_LESS * district.families.vulnerability[family]
    able = _GOOD_LEVEL - takes + rng.normal(0, 1.0, person.size)
    good = rng.random(person.size) < 1 / (1 + np.exp(-1.15 * able))
    goals = np.where(
        good, 15 + rng.binomial(2, 0.85, person.size), rng.binomial(14, np.clip(0.6 + 0.1 * able, 0.05, 0.95))
    )
    return _Profiles(person, day, returned.astype(np.int32), good, goals)


def _elsewhere(households: Households, pupils: Pupils, place: int, rng: np.random.Generator) -> Episodes:
    """Return times in which pupils were taught elsewhere, in part, or not at all."""
    _, yearly, least, beyond, weight = _ELSEWHERE[place]
    lived = stretches(households, ages=(5, 16), since=FEED_START)
    events: Events = befall(lived, yearly * weight[lived.needs] * _SCHOOL_AGE(lived.age), rng)
    leaves = np.zeros(len(households.district.people), np.int32)
    leaves[pupils.person] = pupils.off_roll
    end = np.minimum(events.day + least + rng.exponential(beyond, events.day.size), leaves[events.person])
    end = end.astype(np.int32)
    kept = np.sort(one_at_a_time(events.person, events.day, end))
    kept = kept[events.day[kept] < end[kept]]
    found = episodes(events.person[kept], events.day[kept], end[kept], rng)
    return episodes_on_record(found, households.district, FEED_START)


def _day(days: Days) -> pa.Array:
    return spelled(days.astype(np.int32), "%d %B %Y")


def _children(district: District, known: Register, rng: np.random.Generator) -> Table:
    they = describe(district, known, HABITS, rng)
    columns = {
        "Child ID": known.reference,
        "UPN": identities.upns(district, known.person),
        "Forename": they.given,
        "Surname": they.family,
        "Date of birth": _day(they.born),
        "Sex": words(they.sex, ["", "M", "F"]),
        "Ethnicity": words(they.ethnicity, ALL_ETHNICITIES),
        "House": they.address.number,
        "Street": they.address.street,
        "Town": they.address.town,
        "Postcode": they.address.postcode,
        "Added": _day(known.since),
    }
    return Table("Children.csv", columns)


def _spell_table(file: str, prefix: str, held: Episodes, known: Register) -> Table:
    columns = {
        "Record ID": numbered(prefix, held.number + 10_001, 7),
        "Child ID": known.references(held.person),
        "Started": _day(held.start),
        "Start received": _day(held.recorded),
        "Ended": _day(held.end),
        "End received": _day(held.end_recorded),
    }
    return Table(file, columns)


def _request_table(requests: _Requests, known: Register) -> Table:
    undecided = requests.decided == NEVER
    columns = {
        "Request ID": numbered("EHC", np.arange(requests.day.size) + 1_001, 6),
        "Child ID": known.references(requests.person),
        "Requested": _day(requests.day),
        "Entered": _day(requests.entered),
        "Decided": _day(requests.decided),
        "Decision": words(np.where(undecided, 0, np.where(requests.assess, 1, 2)), ["", "Assess", "Do not assess"]),
        "Decision entered": _day(requests.decided_entered),
    }
    return Table("EHC_Requests.csv", columns)


def _profile_table(profiles: _Profiles, known: Register) -> Table:
    columns = {
        "Child ID": known.references(profiles.person),
        "Completed": _day(profiles.day),
        "Return received": _day(profiles.returned),
        "Good level of development": words(profiles.good.astype(int), ["N", "Y"]),
        "Goals at expected level": profiles.goals.astype(np.int64),
    }
    return Table("EYFS_Profile.csv", columns)
