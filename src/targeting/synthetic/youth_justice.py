"""What youth justice hands over: children it knows, its interventions, cautions and convictions, exploitation."""

from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from targeting.synthetic import identities
from targeting.synthetic.calendar import Days, day_of
from targeting.synthetic.columns import rows_where, stacked
from targeting.synthetic.described import describe
from targeting.synthetic.district import District
from targeting.synthetic.episodes import Episodes, episodes
from targeting.synthetic.identities import ALL_ETHNICITIES, Habits, Register
from targeting.synthetic.names import NameHabits
from targeting.synthetic.noticing import Households, delay
from targeting.synthetic.offending import CAUTION, CUSTODY, DISPOSALS, REFERRAL_ORDER, REHABILITATION_ORDER, Offences
from targeting.synthetic.on_record import episodes_on_record
from targeting.synthetic.stretches import Events, befall, by_age, first_of_each, stretches, weighing
from targeting.synthetic.writing import Handover, Table, numbered, spelled, words

FEED_START = day_of(date(2020, 4, 1))

HABITS = Habits(
    names=NameHabits(spelling=0.08, nickname=0.10, slip=0.010, half=0.20),
    day_month_swapped=0.006,
    birth_wrong=0.006,
    nhs_missing=0.7,
    address_missing=0.02,
    address_old=0.10,
    ethnicity_missing=0.02,
    ethnicity_refused=0.01,
)

INTERVENTIONS = ("Prevention", "Out of court", "Referral order", "YRO", "Custody")
PREVENTION = 0
# Assumptions: days that each kind lasts at least, and on average beyond; prevention and exploitation a year.
_AT_LEAST = np.array([60, 60, 90, 270, 120])
_BEYOND = np.array([60.0, 40.0, 120.0, 150.0, 60.0])
_PREVENTION = 0.0012
_EXPLOITATION = 0.0011
_BY_NEEDS = weighing(absence=0.9, strain=0.5, abuse=0.3)
_BY_AGE = by_age(((10, 0.4), (13, 1.3)))
_EXPLOITATION_KINDS = ("CCE", "CSE", "Other")


def hand_over(households: Households, offences: Offences, rng: np.random.Generator) -> Handover:
    """Return youth justice's files, from the start of its feed."""
    district = households.district
    formal = rows_where(offences, offences.is_formal & (offences.day >= FEED_START))
    told = rows_where(formal, formal.recorded + 3 <= district.last_day)
    worked = episodes_on_record(_interventions(households, formal, rng), district, FEED_START)
    exploited, exploited_recorded = _exploited(households, rng)
    seen = [(told.person, told.recorded + 3), (worked.person, worked.recorded), (exploited.person, exploited_recorded)]
    known = identities.register(len(district.people), seen, "YJ", 6, rng)
    tables = (
        _young_people(district, known, rng),
        _intervention_table(worked, known),
        _outcomes(told, known),
        _exploitation(exploited, exploited_recorded, known, rng),
    )
    return Handover("youth_justice", tables, known.reference, known.person)


def _day(days: Days) -> pa.Array:
    return spelled(days.astype(np.int32), "%Y-%m-%d")


def _table(file: str, columns: dict[str, pa.Array]) -> Table:
    return Table(file, columns, delimiter=";")


def _interventions(households: Households, formal: Offences, rng: np.random.Generator) -> Episodes:
    """Return what followed cautions and sentences, and prevention without an offence."""
    kinds = np.full(len(DISPOSALS), -1)
    kinds[[CAUTION, REFERRAL_ORDER, REHABILITATION_ORDER, CUSTODY]] = [1, 2, 3, 4]
    start = formal.day + rng.integers(1, 21, formal.day.size)
    lived = stretches(households, ages=(10, 17.5), since=FEED_START)
    offered = first_of_each(befall(lived, _PREVENTION * _BY_NEEDS[lived.needs] * _BY_AGE(lived.age), rng))
    kind = np.full(offered.day.size, PREVENTION)
    district = households.district
    return stacked(
        [
            _lasting(district, formal.person, start, kinds[formal.disposal], rng),
            _lasting(district, offered.person, offered.day, kind, rng),
        ]
    )


def _lasting(
    district: District, person: NDArray[np.int64], start: Days, kind: NDArray[np.int64], rng: np.random.Generator
) -> Episodes:
    """Return interventions from their start; one ends at the latest when the family leaves the district."""
    lasts = _AT_LEAST[kind] + rng.exponential(_BEYOND[kind])
    leaves = district.families.leaves[district.people.family[person]]
    end = np.minimum(start + lasts.astype(np.int64), leaves)
    there = start < leaves
    return episodes(person[there], start[there].astype(np.int32), end[there].astype(np.int32), rng, kind[there])


def _exploited(households: Households, rng: np.random.Generator) -> tuple[Events, Days]:
    """Return children referred because they are exploited, and when that was written down."""
    lived = stretches(households, ages=(10, 18), since=FEED_START)
    events = befall(lived, _EXPLOITATION * _BY_NEEDS[lived.needs] * _BY_AGE(lived.age), rng)
    recorded = events.day + delay(events.day.size, 2.0, rng)
    kept = recorded <= households.district.last_day
    return rows_where(events, kept), recorded[kept].astype(np.int32)


def _young_people(district: District, known: Register, rng: np.random.Generator) -> Table:
    they = describe(district, known, HABITS, rng)
    columns = {
        "yp_ref": known.reference,
        "first_name": they.given,
        "surname": they.family,
        "date_of_birth": _day(they.born),
        "gender": words(they.sex, ["unknown", "male", "female"]),
        "ethnicity": words(they.ethnicity, ALL_ETHNICITIES),
        "house": they.address.number,
        "street": they.address.street,
        "town": they.address.town,
        "postcode": they.address.postcode,
        "opened": _day(known.since),
    }
    return _table("young_people.csv", columns)


def _intervention_table(worked: Episodes, known: Register) -> Table:
    columns = {
        "intervention_ref": numbered("IV", worked.number + 20_001, 6),
        "yp_ref": known.references(worked.person),
        "type": words(worked.kind, INTERVENTIONS),
        "start": _day(worked.start),
        "start_entered": _day(worked.recorded),
        "end": _day(worked.end),
        "end_entered": _day(worked.end_recorded),
    }
    return _table("interventions.csv", columns)


def _outcomes(told: Offences, known: Register) -> Table:
    columns = {
        "outcome_ref": numbered("OC", np.arange(told.day.size) + 50_001, 6),
        "yp_ref": known.references(told.person),
        "outcome": words(told.disposal, DISPOSALS),
        "outcome_date": _day(told.day),
        "further_offence": words(told.further.astype(int), ["N", "Y"]),
        "entered": _day(told.recorded + 3),
    }
    return _table("outcomes.csv", columns)


def _exploitation(exploited: Events, recorded: Days, known: Register, rng: np.random.Generator) -> Table:
    columns = {
        "referral_ref": numbered("EX", np.arange(exploited.day.size) + 3_001, 5),
        "yp_ref": known.references(exploited.person),
        "kind": words(rng.choice(3, exploited.day.size, p=(0.55, 0.38, 0.07)), _EXPLOITATION_KINDS),
        "received": _day(exploited.day),
        "entered": _day(recorded),
    }
    return _table("exploitation.csv", columns)
