"""What the child and adolescent mental health service hands over: patients, referrals, treatment."""

from datetime import date

import numpy as np
import pyarrow as pa

from targeting.synthetic import identities
from targeting.synthetic.calendar import Days, day_of
from targeting.synthetic.columns import rows_where
from targeting.synthetic.described import describe
from targeting.synthetic.district import District
from targeting.synthetic.episodes import Episodes, episodes
from targeting.synthetic.identities import ALL_ETHNICITIES, Habits, Register
from targeting.synthetic.maternity import NHS_LETTERS
from targeting.synthetic.names import NameHabits
from targeting.synthetic.noticing import Households
from targeting.synthetic.on_record import episodes_on_record, one_at_a_time
from targeting.synthetic.population import FEMALE
from targeting.synthetic.stretches import befall, by_age, stretches, weighing
from targeting.synthetic.writing import Handover, Table, numbered, spelled, words

FEED_START = day_of(date(2021, 4, 1))

HABITS = Habits(
    names=NameHabits(spelling=0.06, nickname=0.06, slip=0.008, half=0.15),
    day_month_swapped=0.004,
    birth_wrong=0.004,
    nhs_missing=0.03,
    nhs_wrong=0.002,
    address_missing=0.03,
    address_old=0.10,
    ethnicity_missing=0.15,
    ethnicity_refused=0.02,
)

# Assumptions, set by the Children's Commissioner's figures of 2022-23: referrals a year by age, how many come to be
# treated, days of waiting, of treatment, and until a referral is closed that comes to nothing.
_BY_AGE = by_age(((0, 0.0), (4, 0.014), (8, 0.050), (12, 0.100), (15, 0.105)))
_BY_NEEDS = weighing(strain=0.35, abuse=0.30, ill_health=0.30, absence=0.50)
_TREATED = 0.25
_WAITS, _TREATMENT, _CLOSED_AFTER = 110, 200, 210


def hand_over(households: Households, rng: np.random.Generator) -> Handover:
    """Return the service's files, from the start of its feed."""
    district = households.district
    referred, treated = _referred(households, rng)
    held = episodes_on_record(referred, district, FEED_START)
    treated = rows_where(treated, np.isin(treated.number, held.number))
    treatment = episodes_on_record(treated, district, FEED_START)
    known = identities.register(len(district.people), [(held.person, held.recorded)], "CA", 7, rng)
    tables = (_patients(district, known, rng), _referral_table(held, known), _treatment_table(treatment, known))
    return Handover("camhs", tables, known.reference, known.person)


def _referred(households: Households, rng: np.random.Generator) -> tuple[Episodes, Episodes]:
    """Return referrals until each is closed, and the treatment that follows some; a child has one at a time."""
    district = households.district
    lived = stretches(households, ages=(4, 17.9), since=FEED_START)
    sex = np.where((district.people.sex[lived.person] == FEMALE) & (lived.age > 11), 1.3, 0.85)
    events = befall(lived, _BY_AGE(lived.age) * _BY_NEEDS[lived.needs] * sex, rng)
    count = events.day.size
    starts = events.day + 5 + rng.gamma(1.2, _WAITS / 1.2, count)
    ends = starts + 20 + rng.exponential(_TREATMENT, count)
    is_treated = rng.random(count) < _TREATED
    closed = np.where(is_treated, ends, events.day + 10 + rng.exponential(_CLOSED_AFTER, count))
    leaves = district.families.leaves[district.people.family[events.person]]
    closed = np.minimum(closed, leaves).astype(np.int32)
    kept = one_at_a_time(events.person, events.day, closed)
    person, start, closed = events.person[kept], starts[kept].astype(np.int32), closed[kept]
    referrals = episodes(person, events.day[kept], closed, rng)
    treated = is_treated[kept] & (start < closed)
    treatment = rows_where(episodes(person, start, np.maximum(closed, start), rng), treated)
    return referrals, treatment


def _day(days: Days) -> pa.Array:
    return spelled(days, "%d %b %Y")


def _patients(district: District, known: Register, rng: np.random.Generator) -> Table:
    they = describe(district, known, HABITS, rng)
    columns = {
        "PatientRef": known.reference,
        "NHSNumber": identities.nhs_numbers(they.nhs_number),
        "Given": they.given,
        "Family": they.family,
        "BirthDate": _day(they.born),
        "Gender": words(they.sex, ["X", "M", "F"]),
        "EthnicCategory": words(they.ethnicity, [NHS_LETTERS[code] for code in ALL_ETHNICITIES]),
        "House": they.address.number,
        "Street": they.address.street,
        "Town": they.address.town,
        "Postcode": they.address.postcode,
        "Registered": _day(known.since),
    }
    return Table("CAMHS_Patients.csv", columns)


def _referral_table(referrals: Episodes, known: Register) -> Table:
    columns = {
        "ReferralRef": numbered("R", referrals.number + 100_001, 7),
        "PatientRef": known.references(referrals.person),
        "Received": _day(referrals.start),
        "Entered": _day(referrals.recorded),
        "Closed": _day(referrals.end),
    }
    return Table("CAMHS_Referrals.csv", columns)


def _treatment_table(treatment: Episodes, known: Register) -> Table:
    columns = {
        "ReferralRef": numbered("R", treatment.number + 100_001, 7),
        "PatientRef": known.references(treatment.person),
        "FirstTreated": _day(treatment.start),
        "FirstTreatedEntered": _day(treatment.recorded),
        "Discharged": _day(treatment.end),
        "DischargeEntered": _day(treatment.end_recorded),
    }
    return Table("CAMHS_Treatment.csv", columns)
