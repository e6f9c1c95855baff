"""What schools hand over through the council's education database: Parquet files with real dates."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from targeting.synthetic import identities
from targeting.synthetic.calendar import NEVER, Days, day_of
from targeting.synthetic.district import District
from targeting.synthetic.identities import ALL_ETHNICITIES, Copy, Habits, Register
from targeting.synthetic.names import NameHabits
from targeting.synthetic.noticing import delay
from targeting.synthetic.population import CARER, GRANDPARENT, MALE, OTHER_PARENT, PARTNER
from targeting.synthetic.ragged import expand
from targeting.synthetic.schooling import (
    FEED_START,
    Pupils,
    PupilTerms,
    SchoolLife,
    Suspensions,
    returned_after,
    returned_terms,
    term_received,
)
from targeting.synthetic.writing import NO_DAY, Column, Handover, Table, numbered, real_dates, words

PUPIL_HABITS = Habits(
    names=NameHabits(spelling=0.05, nickname=0.03, slip=0.006, half=0.10),
    day_month_swapped=0.003,
    birth_wrong=0.004,
    nhs_missing=1.0,
    address_missing=0.01,
    address_old=0.05,
    ethnicity_missing=0.015,
    ethnicity_refused=0.006,
)
CONTACT_HABITS = Habits(
    names=NameHabits(spelling=0.12, nickname=0.12, slip=0.012, half=0.20),
    birth_missing=1.0,
    nhs_missing=1.0,
    address_missing=0.05,
    address_old=0.08,
)

# Assumptions: how often a parent is written down; how often a school hears that a family left the district, and how
# often a pupil who moved house changes school.
_WRITTEN_DOWN = ((CARER, 0.97), (PARTNER, 0.55), (OTHER_PARENT, 0.30), (GRANDPARENT, 0.06))
_HEARS_OF_LEAVING = 0.6
_CHANGES_SCHOOL = 0.3


USUAL, IN_YEAR, ALTERNATIVE = range(3)


def hand_over(district: District, pupils: Pupils, school_life: SchoolLife, rng: np.random.Generator) -> Handover:
    """Return the schools' files, from September 2019 on."""
    attended, suspended = school_life.attended, school_life.suspended
    known = identities.register(len(district.people), [(pupils.person, pupils.first_return)], "P", 7, rng)
    ties = _ties(district, pupils, rng)
    contacts = identities.register(len(district.people), [(ties[0], pupils.first_return[ties[1]])], "K", 7, rng)
    tables = (
        _pupils(district, known, rng),
        _addresses(district, pupils, known, rng),
        _contacts(district, contacts, rng),
        _pupil_contacts(district, pupils, ties, known, contacts),
        _attendance(district, pupils, attended, known),
        _admissions(district, pupils, suspended, known, rng),
        *_suspensions(district, pupils, suspended, known),
        _leavers(district, pupils, school_life.at_home_since, known, rng),
    )
    reference = pa.concat_arrays([known.reference, contacts.reference])
    return Handover("schools", tables, reference, np.concatenate([known.person, contacts.person]))


def _address_columns(district: District, stay: NDArray[np.int64]) -> dict[str, Column]:
    address = identities.address_texts(district, stay)
    return {
        "uprn": address.uprn,
        "address_number": address.number,
        "address_street": address.street,
        "address_town": address.town,
        "address_postcode": address.postcode,
    }


def _name_columns(copied: Copy, prefix: str) -> dict[str, Column]:
    return {
        f"{prefix}forename": identities.given_names(copied.names),
        f"{prefix}surname": identities.family_names(copied.names),
    }


def _pupils(district: District, known: Register, rng: np.random.Generator) -> Table:
    copied = identities.copy(district, known.person, known.since, PUPIL_HABITS, rng)
    columns = {
        "pupil_id": known.reference,
        "upn": identities.upns(district, known.person),
        **_name_columns(copied, "legal_"),
        "dob": real_dates(copied.born),
        "gender": words(copied.sex, ["", "M", "F"]),
        "ethnicity": words(copied.ethnicity, ALL_ETHNICITIES),
        **_address_columns(district, copied.stay),
        "first_return": real_dates(known.since),
    }
    return Table("pupils.parquet", columns)


def _addresses(district: District, pupils: Pupils, known: Register, rng: np.random.Generator) -> Table:
    """Return where pupils live: the address of the first return, and later ones with the next return."""
    first = district.address_on(pupils.person, pupils.first_return)
    position, stay = expand(district.stays.household[first], district.stays.starts)
    moved = district.stays.since[stay]
    returned = np.where(stay == first[position], pupils.first_return[position], returned_after(moved))
    told = (stay == first[position]) | (rng.random(stay.size) < 0.85)
    told &= (stay >= first[position]) & (moved < pupils.off_roll[position]) & (returned <= district.last_day)
    returned, stay, position = returned[told], stay[told], position[told]
    again = np.append(False, (position[1:] == position[:-1]) & (returned[1:] == returned[:-1]))
    returned, stay, position = returned[~again], stay[~again], position[~again]
    address = identities.address_texts(district, stay)
    columns = {
        "pupil_id": known.references(pupils.person[position]),
        "ward_code": address.ward,
        "imd_decile": address.decile,
        "returned_on": real_dates(returned),
    }
    return Table("pupil_addresses.parquet", columns)


def _ties(district: District, pupils: Pupils, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return adults written down beside pupils: the adult's person and the row of the pupil."""
    adults, rows = [], []
    family = district.people.family[pupils.person]
    for role, share in _WRITTEN_DOWN:
        adult = district.people.one_a_family(role)[family]
        # One decision a family, so that brothers and sisters share a contact.
        written = rng.random(len(district.families)) < share
        row = np.flatnonzero((adult >= 0) & written[family])
        adults.append(adult[row])
        rows.append(row)
    return np.concatenate(adults), np.concatenate(rows)


def _contacts(district: District, contacts: Register, rng: np.random.Generator) -> Table:
    copied = identities.copy(district, contacts.person, contacts.since, CONTACT_HABITS, rng)
    columns = {
        "contact_id": contacts.reference,
        **_name_columns(copied, ""),
        "gender": words(copied.sex, ["", "M", "F"]),
        **_address_columns(district, copied.stay),
        "recorded_on": real_dates(contacts.since),
    }
    return Table("contacts.parquet", columns)


def _pupil_contacts(
    district: District,
    pupils: Pupils,
    ties: tuple[NDArray[np.int64], NDArray[np.int64]],
    known: Register,
    contacts: Register,
) -> Table:
    adult, row = ties
    elder = district.people.role[adult] == GRANDPARENT
    relationship = np.where(elder, 2, np.where(district.people.sex[adult] == MALE, 1, 0))
    columns = {
        "contact_id": contacts.references(adult),
        "pupil_id": known.references(pupils.person[row]),
        "relationship": words(relationship, ["MOT", "FAT", "CAR"]),
        "recorded_on": real_dates(pupils.first_return[row]),
    }
    return Table("pupil_contacts.parquet", columns)


def _attendance(district: District, pupils: Pupils, attended: PupilTerms, known: Register) -> Table:
    terms = returned_terms(district.last_day)
    last = np.array([day_of(term.last) for term in terms], np.int32)[attended.term]
    received = term_received(pupils, attended, district.last_day)
    kept = (received <= district.last_day) & (received >= pupils.first_return[attended.pupil])
    rows = np.flatnonzero(kept)
    rows = rows[np.lexsort((known.rows(pupils.person[attended.pupil[rows]]), attended.term[rows]))]
    missed = attended.authorised + attended.unauthorised
    names = [term.name for term in terms]
    columns = {
        "pupil_id": known.references(pupils.person[attended.pupil[rows]]),
        "term": words(attended.term[rows], names) if rows.size else pa.array([], pa.string()),
        "term_end": real_dates(last[rows]),
        "return_received": real_dates(received[rows].astype(np.int32)),
        "sessions_possible": attended.possible[rows],
        "sessions_authorised": attended.authorised[rows],
        "sessions_unauthorised": attended.unauthorised[rows],
        "sessions_missed": missed[rows],
    }
    return Table("attendance_termly.parquet", columns)


def _admissions(
    district: District, pupils: Pupils, suspended: Suspensions, known: Register, rng: np.random.Generator
) -> Table:
    """Return admissions since the feed's start: to reception and year 7, within the year, after an exclusion."""
    stays = district.stays
    position, stay = expand(district.people.family[pupils.person], stays.starts)
    changes = (stay > stays.starts[stays.household[stay]]) & (rng.random(stay.size) < _CHANGES_SCHOOL)
    came = np.flatnonzero(pupils.on_roll > pupils.reception)
    every = np.arange(pupils.person.size)
    parts = (
        (every, pupils.reception, USUAL),
        (every, pupils.year_7, USUAL),
        (came, pupils.on_roll[came], IN_YEAR),
        (position[changes], stays.since[stay[changes]] + 30, IN_YEAR),
        (suspended.excluded, suspended.excluded_on + 20, ALTERNATIVE),
    )
    row = np.concatenate([rows for rows, _, _ in parts])
    day = np.concatenate([days for _, days, _ in parts])
    kind = np.repeat([kind for _, _, kind in parts], [rows.size for rows, _, _ in parts])
    received = returned_after(np.maximum(day, FEED_START))
    kept = (day >= np.maximum(pupils.on_roll[row], FEED_START)) & (day < pupils.off_roll[row])
    kept &= received <= district.last_day
    # One admission a pupil and day, the usual one first.
    single = np.flatnonzero(kept)[np.unique(row[kept] * 2**20 + day[kept], return_index=True)[1]]
    return _admissions_table(pupils, known, row[single], day[single].astype(np.int32), kind[single])


def _admissions_table(
    pupils: Pupils, known: Register, row: NDArray[np.int64], day: Days, kind: NDArray[np.int64]
) -> Table:
    phase = np.select([kind == ALTERNATIVE, day >= pupils.year_7[row]], [2, 1], 0)
    columns = {
        "pupil_id": known.references(pupils.person[row]),
        "phase": words(phase, ["P", "S", "AP"]),
        "admission_type": words((kind == USUAL).astype(int), ["In-year", "Normal"]),
        "admitted_on": real_dates(day),
        "return_received": real_dates(returned_after(np.maximum(day, FEED_START))),
    }
    return Table("admissions.parquet", columns)


def _suspensions(district: District, pupils: Pupils, suspended: Suspensions, known: Register) -> Sequence[Table]:
    received = returned_after(suspended.day)
    kept = received <= district.last_day
    expelled = returned_after(suspended.excluded_on) <= district.last_day
    excluded, excluded_on = suspended.excluded[expelled], suspended.excluded_on[expelled]
    return (
        Table(
            "suspensions.parquet",
            {
                "suspension_id": numbered("S", np.arange(int(kept.sum())) + 50_001, 6),
                "pupil_id": known.references(pupils.person[suspended.pupil[kept]]),
                "started_on": real_dates(suspended.day[kept]),
                "sessions": suspended.sessions[kept],
                "return_received": real_dates(received[kept]),
            },
        ),
        Table(
            "permanent_exclusions.parquet",
            {
                "pupil_id": known.references(pupils.person[excluded]),
                "excluded_on": real_dates(excluded_on),
                "return_received": real_dates(returned_after(excluded_on)),
            },
        ),
    )


def _leavers(
    district: District, pupils: Pupils, at_home_since: Days, known: Register, rng: np.random.Generator
) -> Table:
    """Return pupils taken off roll to be taught at home, and those whose family left the district and who said so."""
    family = district.people.family[pupils.person]
    heard = (rng.random(len(district.families)) < _HEARS_OF_LEAVING)[family]
    moved = (district.families.leaves[family] == pupils.off_roll) & (pupils.off_roll != NEVER) & heard
    gone = np.where(moved, pupils.off_roll, NO_DAY)
    first = np.minimum(at_home_since, gone)
    notified = np.minimum(first, NEVER - 500) + delay(first.size, 20.0, rng, tail=0.1)
    rows = np.flatnonzero((notified <= district.last_day) & (notified >= pupils.first_return))
    # A school tells of one leaving: the first.
    home, gone = at_home_since[rows], gone[rows]
    columns = {
        "pupil_id": known.references(pupils.person[rows]),
        "home_educated_from": real_dates(np.where(home <= gone, home, NO_DAY).astype(np.int32)),
        "left_district_on": real_dates(np.where(gone < home, gone, NO_DAY).astype(np.int32)),
        "notified_on": real_dates(notified[rows].astype(np.int32)),
    }
    return Table("leavers.parquet", columns)
