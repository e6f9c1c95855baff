"""What maternity and health visiting hand over: the maternity system's files and the child health record."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from targeting.synthetic import early_years, identities, needs
from targeting.synthetic.calendar import NEVER, YEAR, Days
from targeting.synthetic.district import District
from targeting.synthetic.early_years import Births, Pregnancies, Visits
from targeting.synthetic.identities import ALL_ETHNICITIES, Habits, Register
from targeting.synthetic.names import NameHabits
from targeting.synthetic.noticing import Households, delay
from targeting.synthetic.population import CARER, CHILD, FEMALE
from targeting.synthetic.writing import Handover, Table, blank_where, numbered, spelled, words

HABITS = Habits(
    names=NameHabits(spelling=0.06, nickname=0.02, slip=0.006, half=0.10),
    day_month_swapped=0.003,
    birth_wrong=0.004,
    nhs_missing=0.03,
    nhs_wrong=0.002,
    address_missing=0.01,
    address_old=0.04,
    ethnicity_missing=0.04,
    ethnicity_refused=0.015,
)

NHS_LETTERS = {
    "WBRI": "A", "WIRI": "B", "WIRT": "C", "WROM": "C", "WOTH": "C", "MWBC": "D", "MWBA": "E", "MWAS": "F", "MOTH": "G",
    "AIND": "H", "APKN": "J", "ABAN": "K", "AOTH": "L", "BCRB": "M", "BAFR": "N", "BOTH": "P", "CHNE": "R", "OOTH": "S",
    "REFU": "Z", "NOBT": "99",
}  # fmt: skip

_HEARS_OF_LEAVING = 0.7


def _day(days: Days) -> pa.Array:
    return spelled(days, "%Y-%m-%dT00:00:00")


@dataclass(frozen=True)
class Noted:
    """What midwives and health visitors noted: births, bookings, visits; `on_record`, `since`: since when of whom."""

    births: Births
    pregnancies: Pregnancies
    on_record: Days
    since: Days
    visits: Visits


def noted(households: Households, births: Births, rng: np.random.Generator) -> Noted:
    """Return what midwives and health visitors noted."""
    pregnancies = early_years.booked(households, rng)
    on_record = early_years.register_since(households.district, rng)
    since = on_record.copy()
    np.minimum.at(since, births.baby, births.notified)
    visits = early_years.visits(households, _known_since(since, pregnancies), rng)
    return Noted(births, pregnancies, on_record, since, visits)


def hand_over(
    households: Households, seen: Noted, rng: np.random.Generator, asked: NDArray[np.bool_] | None = None
) -> Handover:
    """Return the files of maternity and health visiting; `asked` (none: all) are the families asked after moods."""
    district = households.district
    births, pregnancies, on_record, since, visits = (
        seen.births,
        seen.pregnancies,
        seen.on_record,
        seen.since,
        seen.visits,
    )
    carers, children, tied = _carers(district, on_record)
    held = np.flatnonzero(since != NEVER)
    with_mother = pregnancies.mother >= 0
    first_seen = [
        (held, since[held]),
        (pregnancies.mother[with_mother], pregnancies.recorded[with_mother]),
        (births.mother[births.mother >= 0], births.notified[births.mother >= 0]),
        (carers, tied),
        (pregnancies.baby, pregnancies.recorded),
    ]
    known = identities.register(len(district.people), first_seen, "RAE", 8, rng)
    tables = (
        _patients(district, known, since, rng),
        _bookings(pregnancies, known),
        _births(district, births, known),
        _carers_table(carers, children, tied, known),
        *_visit_tables(households, visits, known, rng, asked),
        _transfers(district, known, since, rng),
    )
    return Handover("maternity", tables, known.reference, known.person)


def _known_since(since: Days, pregnancies: Pregnancies) -> Days:
    """Return since when each child is known, the unborn from the booking on."""
    known = since.copy()
    np.minimum.at(known, pregnancies.baby, pregnancies.recorded)
    return known


def _carers(district: District, on_record: Days) -> tuple[NDArray[np.int64], NDArray[np.int64], Days]:
    """Return mothers taken down with children who were not born into the record: carer, child, day."""
    children = np.flatnonzero(on_record != NEVER)
    carer = district.people.one_a_family(CARER)[district.people.family[children]]
    mothers = district.people.sex[carer] == FEMALE
    return carer[mothers], children[mothers], on_record[children[mothers]]


def _patients(district: District, known: Register, since: Days, rng: np.random.Generator) -> Table:
    """Return everyone who is born and on record: mothers, and children once their birth was notified."""
    is_child = district.people.role[known.person] == CHILD
    registered = np.where(is_child, since[known.person], known.since)
    rows = np.flatnonzero(registered != NEVER)
    person, registered = known.person[rows], registered[rows].astype(np.int32)
    copied = identities.copy(district, person, registered, HABITS, rng)
    address = identities.address_texts(district, np.maximum(copied.stay, 0), "short")
    missing = copied.stay < 0
    columns = {
        "PatientId": known.reference.take(pa.array(rows)),
        "NHSNumber": identities.nhs_numbers(copied.nhs_number),
        "FirstName": identities.given_names(copied.names),
        "LastName": identities.family_names(copied.names),
        "DateOfBirth": _day(copied.born),
        "Sex": words(copied.sex, ["U", "M", "F"]),
        "EthnicCategory": words(copied.ethnicity, [NHS_LETTERS[code] for code in ALL_ETHNICITIES]),
        "AddressNumber": blank_where(address.number, missing),
        "AddressStreet": blank_where(address.street, missing),
        "AddressTown": blank_where(address.town, missing),
        "Postcode": blank_where(address.postcode, missing),
        "UPRN": blank_where(address.uprn, missing | (rng.random(rows.size) < 0.4)),
        "WardCode": address.ward,
        "IMDDecile": address.decile,
        "RegisteredOn": _day(registered),
    }
    return Table("Patients.csv", columns)


def _bookings(pregnancies: Pregnancies, known: Register) -> Table:
    alcohol = pa.array(pregnancies.alcohol).cast(pa.string())
    columns = {
        "PregnancyId": numbered("PG", np.arange(pregnancies.baby.size) + 30_001, 7),
        "MotherId": known.references(pregnancies.mother),
        "BabyRef": known.references(pregnancies.baby),
        "BookingDate": _day(pregnancies.booked),
        "RecordedOn": _day(pregnancies.recorded),
        "GestationWeeks": pregnancies.weeks,
        "SmokingStatus": words(pregnancies.smoking, ["Smoker", "Ex-smoker", "Never", ""]),
        "AlcoholUnitsWeek": alcohol,
        "MentalHealthConcern": words(pregnancies.concern, ["N", "Y"]),
        "EstimatedDueDate": _day(pregnancies.expected),
    }
    return Table("Bookings.csv", columns)


def _births(district: District, births: Births, known: Register) -> Table:
    mother = np.maximum(births.mother, 0)
    reference = known.reference.take(pa.array(np.maximum(known.rows(mother), 0)))
    columns = {
        "BabyRef": known.references(births.baby),
        "MotherId": blank_where(reference, births.mother < 0),
        "BornOn": _day(district.people.born[births.baby]),
        "NotifiedOn": _day(births.notified),
        "BirthWeightGrams": births.weight,
        "GestationWeeks": district.people.gestation_weeks[births.baby].astype(np.int64),
        "SmokingAtDelivery": blank_where(words(births.smoked.astype(int), ["N", "Y"]), births.mother < 0),
    }
    return Table("Births.csv", columns)


def _carers_table(carers: NDArray[np.int64], children: NDArray[np.int64], tied: Days, known: Register) -> Table:
    columns = {
        "CarerId": known.references(carers),
        "PatientId": known.references(children),
        "RecordedOn": _day(tied),
    }
    return Table("ChildCarers.csv", columns)


def _visit_tables(
    households: Households,
    visits: Visits,
    known: Register,
    rng: np.random.Generator,
    asked: NDArray[np.bool_] | None,
) -> Sequence[Table]:
    """Return mandated contacts, moods assessed at six to eight weeks, and reviews at two years."""
    contacts = {
        "PatientId": known.references(visits.child),
        "ContactType": words(visits.kind, early_years.CONTACT_TYPES),
        "ContactDate": _day(visits.day),
        "EnteredOn": _day(visits.entered),
        "Outcome": words(visits.outcome, early_years.OUTCOMES),
    }
    return (
        Table("MandatedContacts.csv", contacts),
        _moods(households, visits, known, rng, asked),
        _reviews(households, visits, known, rng),
    )


def _moods(
    households: Households,
    visits: Visits,
    known: Register,
    rng: np.random.Generator,
    asked: NDArray[np.bool_] | None,
) -> Table:
    """Return the moods of mothers assessed at six to eight weeks, one a mother though she has twins."""
    family = households.district.people.family[visits.child]
    carer = households.district.people.one_a_family(CARER)[family]
    rows = np.flatnonzero((visits.outcome == early_years.SEEN) & (visits.kind == early_years.SIX_WEEKS))
    rows = rows[(known.rows(carer[rows]) >= 0) & (rng.random(rows.size) < 0.93)]
    rows = rows[np.unique(carer[rows] * 2**32 + visits.day[rows], return_index=True)[1]]
    concern = early_years.sees(households, family[rows], visits.day[rows], rng)
    if asked is not None:
        rows, concern = rows[asked[family[rows]]], concern[asked[family[rows]]]
    columns = {
        "MotherId": known.references(carer[rows]),
        "AssessedOn": _day(visits.day[rows]),
        "EnteredOn": _day(visits.entered[rows]),
        "Concern": words(concern.astype(int), ["N", "Y"]),
    }
    return Table("MoodReviews.csv", columns)


def _reviews(households: Households, visits: Visits, known: Register, rng: np.random.Generator) -> Table:
    """Return the reviews at two years, with the domains in which a child was behind."""
    rows = np.flatnonzero((visits.outcome == early_years.SEEN) & (visits.kind == early_years.TWO_YEARS))
    child, day = visits.child[rows], visits.day[rows]
    state = households.needs_on(households.district.people.family[child], day)
    behind = np.clip(0.07 + 0.07 * needs.STRAIN[state] + 0.04 * needs.ABUSE[state], 0, 0.9)
    columns = {
        "PatientId": known.references(child),
        "ReviewedOn": _day(day),
        "EnteredOn": _day(visits.entered[rows]),
        "DomainsBelowExpected": rng.binomial(5, behind),
    }
    return Table("DevelopmentReviews.csv", columns)


def _transfers(district: District, known: Register, since: Days, rng: np.random.Generator) -> Table:
    """Return the children whom another district's service asked for, most of those who left before they were five."""
    child = np.flatnonzero(since != NEVER)
    family = district.people.family[child]
    leaves = district.families.leaves[family]
    heard = (rng.random(len(district.families)) < _HEARS_OF_LEAVING)[family] & (leaves != NEVER)
    notified = leaves + delay(child.size, 20.0, rng, tail=0.1)
    young = leaves - district.people.born[child] < 5 * YEAR
    rows = np.flatnonzero(heard & young & (notified <= district.last_day) & (leaves > since[child]))
    columns = {
        "PatientId": known.references(child[rows]),
        "LeftOn": _day(leaves[rows]),
        "NotifiedOn": _day(notified[rows].astype(np.int32)),
    }
    return Table("TransfersOut.csv", columns)
