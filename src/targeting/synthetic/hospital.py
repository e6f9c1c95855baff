"""What the hospital trust hands over: children admitted with injuries, mental ill-health, or for alcohol or drugs."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from targeting.synthetic import identities
from targeting.synthetic.calendar import Days, day_of
from targeting.synthetic.columns import rows_where
from targeting.synthetic.described import describe
from targeting.synthetic.district import District
from targeting.synthetic.identities import ALL_ETHNICITIES, Habits, Register
from targeting.synthetic.maternity import NHS_LETTERS
from targeting.synthetic.names import NameHabits
from targeting.synthetic.noticing import Households, delay
from targeting.synthetic.stretches import befall, by_age, stretches, weighing
from targeting.synthetic.writing import Handover, Table, numbered, spelled, words

FEED_START = day_of(date(2021, 4, 1))

HABITS = Habits(
    names=NameHabits(spelling=0.06, nickname=0.02, slip=0.008, half=0.12),
    day_month_swapped=0.003,
    birth_wrong=0.003,
    nhs_missing=0.03,
    nhs_wrong=0.002,
    address_missing=0.02,
    address_old=0.10,
    ethnicity_missing=0.08,
    ethnicity_refused=0.02,
)

CAUSES = ("INJ", "MH", "ALC", "DRG")
INJURY, MENTAL_HEALTH, ALCOHOL, DRUGS = range(4)

# Assumptions, set by the published rates of admission: a year, by age, times the household's needs.
_BY_AGE = (
    by_age(((0, 0.0094), (5, 0.0046), (10, 0.0066))),
    by_age(((0, 0.0), (8, 0.00010), (13, 0.0014))),
    by_age(((0, 0.0), (13, 0.00038))),
    by_age(((0, 0.0), (13, 0.00055))),
)
_BY_NEEDS = (
    weighing(strain=0.25, abuse=0.15, substances=0.20),
    weighing(strain=0.30, abuse=0.40, ill_health=0.45, absence=0.50),
    weighing(strain=0.20, substances=0.60, absence=0.60),
    weighing(strain=0.30, substances=0.60, absence=0.60),
)


@dataclass(frozen=True)
class _Admissions:
    """One row an admission, by day: the child, when, when coded, its cause, and the intent of an injury."""

    person: NDArray[np.int64]
    day: Days
    coded: Days
    cause: NDArray[np.int64]
    intent: NDArray[np.int64]


def hand_over(households: Households, rng: np.random.Generator) -> Handover:
    """Return the hospital's files, from the start of its feed."""
    district = households.district
    admitted = _admissions(households, rng)
    admitted = rows_where(admitted, admitted.coded <= district.last_day)
    known = identities.register(len(district.people), [(admitted.person, admitted.coded)], "RN", 7, rng)
    tables = (_patients(district, known, rng), _admission_table(admitted, known))
    return Handover("hospital", tables, known.reference, known.person)


def _admissions(households: Households, rng: np.random.Generator) -> _Admissions:
    """Return admissions of children."""
    lived = stretches(households, ages=(0, 18), since=FEED_START)
    found = [befall(lived, by(lived.age) * of[lived.needs], rng) for by, of in zip(_BY_AGE, _BY_NEEDS, strict=True)]
    cause = np.repeat(np.arange(len(found)), [events.day.size for events in found])
    person, day = (np.concatenate([getattr(events, name) for events in found]) for name in ("person", "day"))
    age = np.concatenate([lived.age[events.stretch] for events in found])
    coded = (day + 3 + delay(day.size, 10.0, rng)).astype(np.int32)
    admitted = _Admissions(person, day, coded, cause, _intents(cause, age, rng))
    return rows_where(admitted, np.lexsort((cause, person, day)))


def _day(days: Days) -> pa.Array:
    return spelled(days, "%d.%m.%Y")


def _patients(district: District, known: Register, rng: np.random.Generator) -> Table:
    they = describe(district, known, HABITS, rng, style="short")
    columns = {
        "hospital_no": known.reference,
        "nhs_no": identities.nhs_numbers(they.nhs_number, grouped=True),
        "forename": they.given,
        "surname": they.family,
        "dob": _day(they.born),
        "sex": words(they.sex, ["9", "1", "2"]),
        "ethnic_category": words(they.ethnicity, [NHS_LETTERS[code] for code in ALL_ETHNICITIES]),
        "house": they.address.number,
        "street": they.address.street,
        "town": they.address.town,
        "postcode": they.address.postcode,
        "registered": _day(known.since),
    }
    return Table("patients.csv", columns, delimiter="\t")


def _intents(cause: NDArray[np.int64], age: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the intent of each injury, 0 for other causes; of the oldest more are their own or another's doing."""
    draw = rng.random(cause.size)
    deliberate = np.where(age > 11, 0.16, 0.02)
    return np.select([cause != INJURY, draw < 0.06, draw < 0.06 + deliberate], [0, 3, 2], 1)


def _admission_table(admitted: _Admissions, known: Register) -> Table:
    columns = {
        "spell_no": numbered("SP", np.arange(admitted.cause.size) * 2 + 600_001, 7),
        "hospital_no": known.references(admitted.person),
        "admitted": _day(admitted.day),
        "cause": words(admitted.cause, CAUSES),
        "intent": words(admitted.intent, ["", "accident", "assault or self-harm", "undetermined"]),
        "coded": _day(admitted.coded),
    }
    return Table("admissions.csv", columns, delimiter="\t")
