"""What the four family centres hand over: cases of children with a plan, and the sessions booked for them."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from targeting.synthetic import identities
from targeting.synthetic.calendar import NEVER, Days, day_of
from targeting.synthetic.columns import rows_where, stacked
from targeting.synthetic.described import describe
from targeting.synthetic.district import District
from targeting.synthetic.episodes import Episodes, episodes
from targeting.synthetic.identities import ALL_ETHNICITIES, Habits, Register
from targeting.synthetic.names import NameHabits
from targeting.synthetic.noticing import delay
from targeting.synthetic.on_record import episodes_on_record
from targeting.synthetic.pathway import Pathway
from targeting.synthetic.population import CARER
from targeting.synthetic.writing import Handover, Table, numbered, spelled, words

FEED_START = day_of(date(2021, 4, 1))

HABITS = Habits(
    names=NameHabits(spelling=0.14, nickname=0.12, slip=0.015, half=0.25),
    day_month_swapped=0.012,
    birth_wrong=0.010,
    birth_missing=0.04,
    nhs_missing=1.0,
    address_missing=0.08,
    address_old=0.05,
    ethnicity_missing=0.10,
    ethnicity_refused=0.02,
)

# Assumptions, set by the review's count of children in open cases: how many plans a centre works with, for how long.
_REFERRED = 0.57
_LASTS_AT_LEAST, _LASTS_BEYOND = 70, 120.0
_DAYS_BETWEEN_SESSIONS = 14
_STATUS_SHARES = (0.74, 0.16, 0.10)
_STATUSES = ("Attended", "DNA", "Cancelled")
_ADULT_COMES = 0.6
CENTRES = ("Centre A", "Centre B", "Centre C", "Centre D")


@dataclass(frozen=True)
class _Sessions:
    """One row a person booked to a session: the day, when the outcome was entered, what became of it."""

    person: NDArray[np.int64]
    day: Days
    entered: Days
    status: NDArray[np.int64]


def hand_over(district: District, pathway: Pathway, rng: np.random.Generator) -> Handover:
    """Return the family centres' booking systems in one, from the start of their feed."""
    cases = episodes_on_record(_cases(district, pathway, rng), district, FEED_START)
    sessions = _sessions(district, cases, rng)
    seen = [(cases.person, cases.recorded), (sessions.person, sessions.entered)]
    known = identities.register(len(district.people), seen, "FC", 6, rng)
    tables = (_people(district, known, rng), _case_table(district, cases, known), _session_table(sessions, known))
    return Handover("family_centres", tables, known.reference, known.person)


def _cases(district: District, pathway: Pathway, rng: np.random.Generator) -> Episodes:
    """Return the centres' cases of children with a plan: all children of one family and plan, or none of them."""
    plans = stacked([pathway.in_need_plans, pathway.protection_plans])
    family = district.people.family[plans.person]
    _, plan = np.unique(family * 2**17 + plans.start // 14, return_inverse=True)
    referred = (rng.random(plans.person.size) < _REFERRED)[plan]
    wait = rng.integers(5, 40, plans.person.size)[plan]
    lasts = (_LASTS_AT_LEAST + rng.exponential(_LASTS_BEYOND, plans.person.size).astype(np.int64))[plan]
    start = plans.start + wait
    end = np.minimum(np.minimum(start + lasts, plans.end), district.families.leaves[family])
    kept = referred & (start < end)
    return episodes(plans.person[kept], start[kept].astype(np.int32), end[kept].astype(np.int32), rng)


def _sessions(district: District, cases: Episodes, rng: np.random.Generator) -> _Sessions:
    """Return the sessions booked for children while their case lasts, to many of which the carer comes too."""
    end = np.minimum(np.where(cases.end == NEVER, district.last_day, cases.end), district.last_day)
    count = np.maximum((end - cases.start) // _DAYS_BETWEEN_SESSIONS, 0)
    row = np.repeat(np.arange(count.size), count)
    day = cases.start[row] + (rng.random(row.size) * (end - cases.start)[row]).astype(np.int32)
    entered = np.maximum(day + delay(row.size, 4.0, rng), cases.recorded[row])
    carer = district.people.one_a_family(CARER)[district.people.family[cases.person[row]]]
    with_carer = rng.random(row.size) < _ADULT_COMES
    status = rng.choice(len(_STATUSES), row.size, p=_STATUS_SHARES)
    both = _Sessions(
        person=np.concatenate([cases.person[row], carer[with_carer]]),
        day=np.concatenate([day, day[with_carer]]).astype(np.int32),
        entered=np.concatenate([entered, entered[with_carer]]).astype(np.int32),
        status=np.concatenate([status, status[with_carer]]),
    )
    held = rows_where(both, both.entered <= district.last_day)
    # Nobody is booked twice on one day, though two children of hers may be.
    return rows_where(held, np.sort(np.unique(held.person * 2**17 + held.day, return_index=True)[1]))


def _day(days: Days) -> pa.Array:
    return spelled(days.astype(np.int32), "%d-%m-%Y")


def _people(district: District, known: Register, rng: np.random.Generator) -> Table:
    they = describe(district, known, HABITS, rng)
    columns = {
        "client": known.reference,
        "first": they.given,
        "last": they.family,
        "born": _day(they.born),
        "sex": words(they.sex, ["-", "M", "F"]),
        "ethnicity": words(they.ethnicity, ALL_ETHNICITIES),
        "house": they.address.number,
        "street": they.address.street,
        "town": they.address.town,
        "postcode": they.address.postcode,
        "added": _day(known.since),
    }
    return Table("clients.csv", columns)


def _case_table(district: District, cases: Episodes, known: Register) -> Table:
    """Return cases; which centre depends on where the family lives, and is no matter of the engine's."""
    ward = district.families.ward[district.people.family[cases.person]].astype(np.int64)
    columns = {
        "case": numbered("FCC", cases.number + 1_001, 6),
        "client": known.references(cases.person),
        "centre": words(ward % len(CENTRES), CENTRES),
        "opened": _day(cases.start),
        "opened_entered": _day(cases.recorded),
        "closed": _day(cases.end),
        "closed_entered": _day(cases.end_recorded),
    }
    return Table("cases.csv", columns)


def _session_table(sessions: _Sessions, known: Register) -> Table:
    columns = {
        "client": known.references(sessions.person),
        "session_date": _day(sessions.day),
        "outcome": words(sessions.status, _STATUSES),
        "entered": _day(sessions.entered),
    }
    return Table("sessions.csv", columns)
