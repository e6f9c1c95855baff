"""What housing hands over: applications as homeless, duties, temporary accommodation, accounts in arrears."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from targeting.synthetic import identities, needs
from targeting.synthetic.calendar import Days, day_of
from targeting.synthetic.columns import rows_where
from targeting.synthetic.described import describe
from targeting.synthetic.district import District
from targeting.synthetic.episodes import Episodes, episodes
from targeting.synthetic.family_members import Members, members
from targeting.synthetic.identities import ALL_ETHNICITIES, Habits, Register
from targeting.synthetic.names import NameHabits
from targeting.synthetic.noticing import Happenings, Households, delay
from targeting.synthetic.on_record import blank_unknown, episodes_on_record, one_at_a_time
from targeting.synthetic.population import CARER, CHILD, MALE
from targeting.synthetic.writing import NO_DAY, Handover, Table, numbered, spelled, words

FEED_START = day_of(date(2020, 4, 1))

HABITS = Habits(
    names=NameHabits(spelling=0.12, nickname=0.06, slip=0.012, half=0.25),
    day_month_swapped=0.010,
    birth_wrong=0.010,
    birth_missing=0.03,
    nhs_missing=1.0,
    address_missing=0.02,
    address_old=0.06,
    ethnicity_missing=0.12,
    ethnicity_refused=0.03,
)

# Assumptions, but for the share of applications that a duty is owed: applications and accounts in arrears a year.
_APPLIES = 0.005 + 0.018 * needs.STRAIN + 0.028 * needs.ABUSE + 0.010 * needs.SUBSTANCES
_OWED, _PREVENTION = 0.926, 0.56
_MAIN_AFTER_RELIEF, _HOUSED_FOR_THE_TIME = 0.40, 0.42
_IN_ARREARS = 0.035 + 0.085 * needs.STRAIN + 0.05 * needs.SUBSTANCES + 0.02 * needs.ABUSE
_BY_VULNERABILITY = np.array([0.7, 1.4, 2.0])
DUTIES = ("", "Prevention", "Relief", "Main")
PREVENTION, RELIEF, MAIN = 1, 2, 3


@dataclass(frozen=True)
class _Applications:
    """One row an application: the family, days of application, decision and main duty (NO_DAY where none), the duty."""

    family: NDArray[np.int64]
    day: Days
    entered: Days
    decided: Days
    decided_entered: Days
    duty: NDArray[np.int64]
    main: Days
    main_entered: Days


def hand_over(households: Households, rng: np.random.Generator) -> Handover:
    """Return housing's files, from the start of their feed."""
    district = households.district
    applied = _applications(households, rng)
    placed = _placements(district, applied, rng)
    owing, owing_recorded = _arrears(households, rng)
    people = members(district, applied.family, applied.day, rng, partners=0.8)
    payer = district.people.one_a_family(CARER)[owing.family]
    seen = [(people.person, applied.entered[people.row]), (payer, owing_recorded)]
    known = identities.register(len(district.people), seen, "H", 7, rng)
    tables = (
        _people(district, known, rng),
        _household(district, applied, people, known),
        _application_table(district, applied, known),
        _placement_table(placed, known),
        _arrears_table(owing, payer, owing_recorded, known, rng),
    )
    return Handover("housing", tables, known.reference, known.person)


def _applications(households: Households, rng: np.random.Generator) -> _Applications:
    """Return applications with what was decided, as far as it is entered; a family has one in half a year."""
    district = households.district
    applied = households.happen(rng, _APPLIES, _BY_VULNERABILITY[households.families.vulnerability])
    children = district.children.of(applied.family, applied.day)[0]
    has_child = np.bincount(children, minlength=applied.day.size) > 0
    entered = applied.day + delay(applied.day.size, 1.0, rng)
    kept = one_at_a_time(applied.family, applied.day, applied.day + 180)
    held = (applied.day >= FEED_START) & (entered <= district.last_day) & has_child
    kept = np.sort(kept[held[kept]])
    applied, entered = rows_where(applied, kept), entered[kept]
    count = kept.size
    owed, prevention = rng.random(count) < _OWED, rng.random(count) < _PREVENTION
    duty = np.where(owed, np.where(prevention, PREVENTION, RELIEF), 0)
    decided = applied.day + 1 + rng.exponential(12.0, count).astype(np.int32)
    main = decided + 57 + rng.integers(0, 30, count)
    goes_on = (duty == RELIEF) & (rng.random(count) < _MAIN_AFTER_RELIEF)
    goes_on &= main < households.families.leaves[applied.family]
    first = _entered(np.where(owed, decided, NO_DAY), entered, district, rng)
    second = _entered(np.where(goes_on, main, NO_DAY), entered, district, rng)
    return _Applications(applied.family, applied.day, entered.astype(np.int32), *first, duty, *second)


def _entered(day: Days, earliest: Days, district: District, rng: np.random.Generator) -> tuple[Days, Days]:
    """Return decisions and when they were entered, blank where there is none yet."""
    entered = np.maximum(np.minimum(day, NO_DAY - 99) + delay(day.size, 2.0, rng), earliest)
    event, entered = blank_unknown(day, np.where(day == NO_DAY, NO_DAY, entered), district)
    return event.astype(np.int32), entered.astype(np.int32)


def _placements(district: District, applied: _Applications, rng: np.random.Generator) -> Episodes:
    """Return stays in temporary accommodation after a relief duty; `person` is the applicant."""
    taken = (
        (applied.duty == RELIEF) & (applied.decided != NO_DAY) & (rng.random(applied.day.size) < _HOUSED_FOR_THE_TIME)
    )
    rows = np.flatnonzero(taken)
    start = applied.decided[rows] + rng.integers(0, 10, rows.size)
    lasts = np.where(applied.main[rows] != NO_DAY, 160, 30) + rng.exponential(60, rows.size)
    leaves = district.families.leaves[applied.family[rows]]
    end = np.minimum(start + lasts.astype(np.int64), leaves)
    there = start < end
    carer = district.people.one_a_family(CARER)[applied.family[rows]]
    placed = episodes(carer[there], start[there].astype(np.int32), end[there].astype(np.int32), rng)
    return episodes_on_record(placed, district, FEED_START)


def _arrears(households: Households, rng: np.random.Generator) -> tuple[Happenings, Days]:
    """Return accounts found in arrears at a quarter's end, and when that was written down."""
    district = households.district
    owing = households.happen(rng, _IN_ARREARS, _BY_VULNERABILITY[households.families.vulnerability])
    quarter_end = (owing.day // 91 * 91 + 91).astype(np.int32)
    recorded = quarter_end + 5 + delay(quarter_end.size, 4.0, rng)
    kept = (quarter_end >= FEED_START) & (recorded <= district.last_day)
    kept &= quarter_end < households.families.leaves[owing.family]
    first = np.unique(owing.family[kept] * 2**17 + quarter_end[kept], return_index=True)[1]
    rows = np.flatnonzero(kept)[np.sort(first)]
    return Happenings(owing.family[rows], quarter_end[rows], owing.needs[rows]), recorded[rows].astype(np.int32)


def _day(days: Days) -> pa.Array:
    return spelled(days.astype(np.int32), "%Y/%m/%d")


def _people(district: District, known: Register, rng: np.random.Generator) -> Table:
    they = describe(district, known, HABITS, rng, style="short")
    columns = {
        "PersonRef": known.reference,
        "Forename": they.given,
        "Surname": they.family,
        "DOB": _day(they.born),
        "Gender": words(they.sex, ["Unknown", "Male", "Female"]),
        "EthnicOrigin": words(they.ethnicity, ALL_ETHNICITIES),
        "PropertyNo": they.address.number,
        "Street": they.address.street,
        "Town": they.address.town,
        "Postcode": they.address.postcode,
        "UPRN": they.address.uprn,
        "CreatedOn": _day(known.since),
    }
    return Table("People.csv", columns)


def _household(district: District, applied: _Applications, people: Members, known: Register) -> Table:
    """Return who applied with whom, once for each pair."""
    others = np.flatnonzero(~people.is_carer)
    pair = people.carer[others] * 2**31 + people.person[others]
    rows = others[np.sort(np.unique(pair, return_index=True)[1])]
    child = district.people.role[people.person[rows]] == CHILD
    father = district.people.sex[people.carer[rows]] == MALE
    columns = {
        "ApplicantRef": known.references(people.carer[rows]),
        "MemberRef": known.references(people.person[rows]),
        "ApplicantIs": words(np.where(child, np.where(father, 1, 0), 2), ["Mother of", "Father of", "Partner of"]),
        "EnteredOn": _day(applied.entered[people.row[rows]]),
    }
    return Table("HouseholdMembers.csv", columns)


def _application_table(district: District, applied: _Applications, known: Register) -> Table:
    columns = {
        "ApplicationRef": numbered("HA", np.arange(applied.day.size) + 10_001, 6),
        "ApplicantRef": known.references(district.people.one_a_family(CARER)[applied.family]),
        "AppliedOn": _day(applied.day),
        "EnteredOn": _day(applied.entered),
        "DutyAcceptedOn": _day(applied.decided),
        "Duty": words(np.where(applied.decided == NO_DAY, 0, applied.duty), DUTIES),
        "DutyEnteredOn": _day(applied.decided_entered),
        "MainDutyOn": _day(applied.main),
        "MainDutyEnteredOn": _day(applied.main_entered),
    }
    return Table("Applications.csv", columns)


def _placement_table(placed: Episodes, known: Register) -> Table:
    columns = {
        "PlacementRef": numbered("TA", placed.number + 10_001, 6),
        "ApplicantRef": known.references(placed.person),
        "MovedInOn": _day(placed.start),
        "MoveInEnteredOn": _day(placed.recorded),
        "MovedOutOn": _day(placed.end),
        "MoveOutEnteredOn": _day(placed.end_recorded),
    }
    return Table("TemporaryAccommodation.csv", columns)


def _arrears_table(
    owing: Happenings, payer: NDArray[np.int64], recorded: Days, known: Register, rng: np.random.Generator
) -> Table:
    weeks = np.round(2 + rng.gamma(1.4, 3.5 * (1 + 0.4 * needs.STRAIN[owing.needs])), 1)
    columns = {
        "PersonRef": known.references(payer),
        "Account": words((rng.random(owing.day.size) < 0.45).astype(int), ["RENT", "CTAX"]),
        "WeeksOwed": pa.array(weeks).cast(pa.string()),
        "AsAt": _day(owing.day),
        "EnteredOn": _day(recorded),
    }
    return Table("Arrears.csv", columns)
