"""What youth services hand over from the client caseload system (IYSS): NEET, young carers, sessions attended."""

from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from targeting.synthetic import identities
from targeting.synthetic.calendar import YEAR, Days, day_of
from targeting.synthetic.columns import rows_where
from targeting.synthetic.described import describe
from targeting.synthetic.district import District
from targeting.synthetic.episodes import Episodes, episodes
from targeting.synthetic.identities import ALL_ETHNICITIES, Habits, Register
from targeting.synthetic.names import NameHabits
from targeting.synthetic.noticing import Households, delay
from targeting.synthetic.on_record import episodes_on_record, one_at_a_time
from targeting.synthetic.stretches import Events, befall, by_age, first_of_each, stretches, weighing
from targeting.synthetic.writing import Handover, Table, numbered, spelled, words

FEED_START = day_of(date(2021, 4, 1))

HABITS = Habits(
    names=NameHabits(spelling=0.10, nickname=0.14, slip=0.012, half=0.25),
    day_month_swapped=0.008,
    birth_wrong=0.008,
    nhs_missing=1.0,
    address_missing=0.05,
    address_old=0.15,
    ethnicity_missing=0.08,
    ethnicity_refused=0.02,
)

STATUSES = ("NEET", "Not known")
# Assumptions, set by published shares: how often a young person of 16 or 17 drops out, or is lost sight of, a year, and
# for how long; carers found a year; the review's attendances of each who comes, and how many come, fewer than then.
_DROPS_OUT, _OUT_FOR = 0.047, 150.0
_LOST, _LOST_FOR = 0.062, 110.0
_DROPPING = weighing(absence=1.1, strain=0.35, ill_health=0.25, substances=0.3)
_CARERS_FOUND = 0.00115
_CARING = weighing(ill_health=1.4, substances=0.6, strain=0.2)
_CARERS_AGE = by_age(((5, 0.4), (8, 0.9), (11, 1.4)))
_COMES, _TIMES_A_YEAR, _UNEVEN = 0.030, 19.0, 0.8


def hand_over(households: Households, rng: np.random.Generator) -> Handover:
    """Return the files of the client caseload system, from the start of its feed."""
    district = households.district
    out = episodes_on_record(_out_of_work_and_school(households, rng), district, FEED_START)
    carers, carers_entered = _on_record(district, _carers(households, rng), 8.0, rng)
    visits, visits_entered = _on_record(district, _visits(households, rng), 6.0, rng)
    seen = [(out.person, out.recorded), (carers.person, carers_entered), (visits.person, visits_entered)]
    known = identities.register(len(district.people), seen, "IY", 7, rng)
    tables = (
        _clients(district, known, rng),
        _out_table(out, known),
        Table(
            "IYSS_Young_Carers.csv",
            {
                "Client ID": known.references(carers.person),
                "Identified": _day(carers.day),
                "Entered": _day(carers_entered),
            },
        ),
        Table(
            "IYSS_Sessions.csv",
            {
                "Client ID": known.references(visits.person),
                "Session": _day(visits.day),
                "Activity": words(rng.integers(0, 4, visits.day.size), ["Open session", "Sport", "Music", "Trip"]),
                "Entered": _day(visits_entered),
            },
        ),
    )
    return Handover("youth_services", tables, known.reference, known.person)


def _out_of_work_and_school(households: Households, rng: np.random.Generator) -> Episodes:
    """Return times out of education, employment and training, or out of sight, one at a time, until eighteen."""
    lived = stretches(households, ages=(16, 18), since=FEED_START, days=91)
    out = befall(lived, _DROPS_OUT * _DROPPING[lived.needs], rng)
    lost = befall(lived, np.full(lived.days.size, _LOST), rng)
    person = np.concatenate([out.person, lost.person])
    start = np.concatenate([out.day, lost.day])
    lasts = 14 + rng.exponential(np.repeat([_OUT_FOR, _LOST_FOR], [out.day.size, lost.day.size]))
    district = households.district
    bound = np.minimum(
        district.people.born[person] + round(18 * YEAR), district.families.leaves[district.people.family[person]]
    )
    end = np.minimum(start + lasts.astype(np.int64), bound).astype(np.int32)
    status = np.repeat([0, 1], [out.day.size, lost.day.size])
    kept = one_at_a_time(person, start, end)
    return episodes(person[kept], start[kept], end[kept], rng, status[kept])


def _carers(households: Households, rng: np.random.Generator) -> Events:
    """Return children found to care for somebody of the family, each once."""
    lived = stretches(households, ages=(5, 18), since=FEED_START)
    return first_of_each(befall(lived, _CARERS_FOUND * _CARING[lived.needs] * _CARERS_AGE(lived.age), rng))


def _visits(households: Households, rng: np.random.Generator) -> Events:
    """Return sessions attended by those who come that year, at most one a day."""
    lived = stretches(households, ages=(11, 18), since=FEED_START, days=365)
    comes = rng.random(lived.days.size) < _COMES
    zest = rng.gamma(_UNEVEN, 1 / _UNEVEN, lived.days.size)
    visits = befall(lived, _TIMES_A_YEAR * zest * comes, rng)
    return rows_where(visits, np.sort(np.unique(visits.person * 2**17 + visits.day, return_index=True)[1]))


def _on_record(
    district: District, events: Events, typical: float, rng: np.random.Generator
) -> tuple[Events, NDArray[np.int32]]:
    """Return events entered by the day of the extract, and when."""
    entered = (events.day + delay(events.day.size, typical, rng)).astype(np.int32)
    kept = entered <= district.last_day
    return rows_where(events, kept), entered[kept]


def _day(days: Days) -> pa.Array:
    return spelled(days.astype(np.int32), "%d-%b-%Y")


def _clients(district: District, known: Register, rng: np.random.Generator) -> Table:
    they = describe(district, known, HABITS, rng)
    columns = {
        "Client ID": known.reference,
        "Forename": they.given,
        "Surname": they.family,
        "DOB": _day(they.born),
        "Gender": words(they.sex, ["Unknown", "Male", "Female"]),
        "Ethnicity": words(they.ethnicity, ALL_ETHNICITIES),
        "House No": they.address.number,
        "Street": they.address.street,
        "Town": they.address.town,
        "Postcode": they.address.postcode,
        "Created": _day(known.since),
    }
    return Table("IYSS_Clients.csv", columns)


def _out_table(out: Episodes, known: Register) -> Table:
    columns = {
        "Spell ID": numbered("NE", out.number + 30_001, 6),
        "Client ID": known.references(out.person),
        "Status": words(out.kind, STATUSES),
        "From": _day(out.start),
        "From Entered": _day(out.recorded),
        "To": _day(out.end),
        "To Entered": _day(out.end_recorded),
    }
    return Table("IYSS_NEET.csv", columns)
