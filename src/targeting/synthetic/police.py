"""What the police hand over: people, domestic abuse occurrences with those concerned, missing episodes."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from targeting.synthetic import communities, identities, needs
from targeting.synthetic.calendar import Days, day_of
from targeting.synthetic.columns import rows_where
from targeting.synthetic.district import District
from targeting.synthetic.identities import ALL_ETHNICITIES, Habits, Register
from targeting.synthetic.names import NameHabits
from targeting.synthetic.noticing import Happenings, Households, Lag, delay, noticed
from targeting.synthetic.population import CARER, FEMALE, OTHER_PARENT, PARTNER
from targeting.synthetic.ragged import one_of_each
from targeting.synthetic.spells import Cases
from targeting.synthetic.writing import Handover, Table, blank_where, numbered, spelled, words

FEED_START = day_of(date(2020, 4, 1))

# Assumptions: incidents a year where there is abuse and where there is none; the chance that one is recorded, at first
# and where one was recorded in the year before; lower where a family rarely calls the police.
INCIDENTS = np.where(needs.ABUSE == 1, 3.0 * (1 + 0.4 * needs.STRAIN), 0.006)
FIRST, AGAIN = 0.19, 0.46
_CALLS_LESS = 0.70
_AFTER_REFERRAL = 0.55

MISSING = 0.003 + 0.22 * needs.ABSENCE + 0.12 * (needs.STRAIN > 0)

# How late an incident and a missing episode are recorded.
LAG, MISSING_LAG = Lag(0.9, 0.02), Lag(0.4, 0.01)

_GRADES = ("STD", "MED", "HIGH", "NOT GRADED")
HIGH, UNGRADED = 2, 3
SELF_DEFINED_ETHNICITY = {
    "WBRI": "W1", "WIRI": "W2", "WIRT": "W9", "WROM": "W9", "WOTH": "W9", "MWBC": "M1", "MWBA": "M2", "MWAS": "M3",
    "MOTH": "M9", "AIND": "A1", "APKN": "A2", "ABAN": "A3", "AOTH": "A9", "BCRB": "B1", "BAFR": "B2", "BOTH": "B9",
    "CHNE": "O1", "OOTH": "O9", "REFU": "NS", "NOBT": "NS",
}  # fmt: skip

HABITS = Habits(
    names=NameHabits(spelling=0.22, nickname=0.06, slip=0.020, half=0.35),
    day_month_swapped=0.012,
    birth_wrong=0.02,
    birth_missing=0.04,
    nhs_missing=1.0,
    address_missing=0.06,
    address_old=0.12,
    ethnicity_missing=0.18,
    ethnicity_refused=0.01,
)


@dataclass(frozen=True)
class Incidents:
    """Domestic abuse incidents that the police recorded, by day: family, when, when recorded, grade, child present."""

    family: NDArray[np.int64]
    day: Days
    recorded: Days
    grade: NDArray[np.int64]
    child_present: NDArray[np.bool_]


def willingness(community: NDArray[np.int8]) -> NDArray[np.float64]:
    """Return the factor on the chance that an incident is recorded, by the family's community."""
    seldom = np.isin(community, communities.indexes_of("WBRI", "WIRI", "BCRB", "MWBC"), invert=True)
    return np.where(seldom, _CALLS_LESS, 1.0)


def domestic_abuse(
    households: Households, cases: Cases, referred_by_police: NDArray[np.bool_], rng: np.random.Generator
) -> Incidents:
    """Return the incidents recorded, among them those that made the police refer a family."""
    families = households.families
    willing = willingness(families.community)
    all_incidents = households.happen(rng, INCIDENTS)
    seen = noticed(all_incidents, len(families), rng, first=FIRST * willing, again=AGAIN * willing)
    told = rows_where(all_incidents, seen)
    led = np.flatnonzero(referred_by_police & (rng.random(cases.start.size) < _AFTER_REFERRAL))
    family = np.concatenate([told.family, cases.family[led]])
    day = np.concatenate([told.day, cases.start[led] - rng.integers(1, 5, led.size).astype(np.int32)])
    strain = needs.STRAIN[np.concatenate([told.needs, cases.needs[led]])]
    kept = day >= families.present_from[family]
    family, day, strain = family[kept], day[kept], strain[kept]
    order = np.lexsort((family, day))
    family, day, strain = family[order], day[order], strain[order]
    lag = LAG.times(households.district.mechanisms.lateness)
    recorded = day + delay(day.size, lag.typical, rng, tail=lag.tail)
    return Incidents(family, day, recorded, _grade(strain, day, rng), rng.random(day.size) < 0.62)


def _grade(strain: NDArray[np.int8], day: Days, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return grades; from 2023 officers grade more as medium, a change of habit and not of incidents."""
    new_habit = day >= day_of(date(2023, 4, 1))
    high = high_grade_chance(strain)
    medium = np.where(new_habit, 0.32, 0.20)
    draw = rng.random(day.size)
    ungraded = rng.random(day.size) < 0.03
    grade = np.select([draw < high, draw < high + medium], [HIGH, 1], 0)
    return np.where(ungraded, UNGRADED, grade)


def high_grade_chance(strain: NDArray[np.int8]) -> NDArray[np.float64]:
    """Return the chance of a high grade by strain, of the incidents that are graded."""
    return np.asarray(0.05 + 0.06 * strain)


@dataclass(frozen=True)
class _Concerned:
    """One row a person whom an incident concerns."""

    incident: NDArray[np.int64]
    person: NDArray[np.int64]
    role: NDArray[np.int64]


VICTIM, SUSPECT, CHILD_PRESENT = range(3)


def _concerned(district: District, incidents: Incidents, rng: np.random.Generator) -> _Concerned:
    """Return the victim, the suspect where known, and children present whom the officers took down."""
    people = district.people
    carer = people.one_a_family(CARER)[incidents.family]
    partner = people.one_a_family(PARTNER)[incidents.family]
    former = people.one_a_family(OTHER_PARENT)[incidents.family]
    other = np.where(partner >= 0, partner, former)
    woman_first = (people.sex[carer] == FEMALE) & (rng.random(carer.size) < 0.9)
    victim = np.where(woman_first | (other < 0), carer, other)
    suspect = np.where(victim == carer, other, carer)
    row, child = district.children.of(incidents.family, incidents.day)
    noted = incidents.child_present[row] & (rng.random(row.size) < 0.7)
    every = np.arange(carer.size)
    has_suspect = (suspect >= 0) & (rng.random(carer.size) < 0.9)
    return _Concerned(
        incident=np.concatenate([every, every[has_suspect], row[noted]]),
        person=np.concatenate([victim, suspect[has_suspect], child[noted]]),
        role=np.repeat([VICTIM, SUSPECT, CHILD_PRESENT], [every.size, int(has_suspect.sum()), int(noted.sum())]),
    )


@dataclass(frozen=True)
class Missing:
    """One row a missing episode: which child, when it began, when it was reported, for how many hours."""

    person: NDArray[np.int64]
    day: Days
    reported: Days
    hours: NDArray[np.float64]


def _missing_episodes(households: Households, rng: np.random.Generator) -> Missing:
    """Return missing episodes of adolescents."""
    district = households.district
    episodes: Happenings = households.happen(rng, MISSING)
    row, child = district.children.of(episodes.family, episodes.day)
    age = district.age_on(child, episodes.day[row])
    chosen = one_of_each(row, np.where((age >= 11) & (age < 18), 1.0, 0.0), rng.exponential(size=row.size))
    day = episodes.day[row[chosen]]
    hours = np.round(rng.lognormal(1.8, 0.9, day.size), 1)
    lag = MISSING_LAG.times(district.mechanisms.lateness)
    reported = day + delay(day.size, lag.typical, rng, tail=lag.tail)
    return Missing(child[chosen], day, reported, hours)


@dataclass(frozen=True)
class Shared:
    """What the police share, from the start of their feed: incidents with those concerned, missing episodes."""

    incidents: Incidents
    concerned: _Concerned
    missing: Missing


def shared_by_police(households: Households, incidents: Incidents, rng: np.random.Generator) -> Shared:
    """Return what the police share of all that they recorded."""
    district = households.district
    shared = (incidents.day >= FEED_START) & (incidents.recorded <= district.last_day)
    incidents = rows_where(incidents, shared)
    concerned = _concerned(district, incidents, rng)
    missing = _missing_episodes(households, rng)
    told = (missing.day >= FEED_START) & (missing.reported <= district.last_day)
    return Shared(incidents, concerned, rows_where(missing, told))


def hand_over(district: District, shared: Shared, rng: np.random.Generator) -> Handover:
    """Return the police's files."""
    incidents, concerned, missing = shared.incidents, shared.concerned, shared.missing
    nominals = identities.register(
        len(district.people),
        [(concerned.person, incidents.recorded[concerned.incident]), (missing.person, missing.reported)],
        "NOM",
        8,
        rng,
    )
    occurrence = numbered("13", np.arange(incidents.day.size) * 7 + 20_000_000, 9)
    tables = (
        _nominals(district, nominals, rng),
        _involved(incidents, concerned, nominals, occurrence),
        _children_at(incidents, concerned, nominals, occurrence),
        _missing_table(missing, nominals),
    )
    return Handover("police", tables, nominals.reference, nominals.person)


def _table(file: str, columns: dict[str, pa.Array]) -> Table:
    return Table(file, columns, delimiter="|", encoding="cp1252")


def _day(days: Days) -> pa.Array:
    return spelled(days, "%d-%b-%Y")


def _nominals(district: District, nominals: Register, rng: np.random.Generator) -> Table:
    copied = identities.copy(district, nominals.person, nominals.since, HABITS, rng)
    address = identities.address_texts(district, copied.stay, "upper")
    columns = {
        "NOMINAL_REF": nominals.reference,
        "SURNAME": identities.western(identities.family_names(copied.names, upper=True)),
        "FORENAME": identities.western(identities.given_names(copied.names, upper=True)),
        "DOB": spelled(copied.born, "%Y%m%d"),
        "SEX": words(copied.sex, ["U", "M", "F"]),
        "SDE": words(copied.ethnicity, [SELF_DEFINED_ETHNICITY[code] for code in ALL_ETHNICITIES]),
        "ADDR_NO": pc.utf8_upper(address.number),
        "ADDR_STREET": address.street,
        "ADDR_TOWN": address.town,
        "ADDR_POSTCODE": address.postcode,
        "CREATED": _day(nominals.since),
    }
    return _table("NOMINALS.csv", columns)


def _involved(incidents: Incidents, concerned: _Concerned, nominals: Register, occurrence: pa.Array) -> Table:
    row = concerned.incident
    columns = {
        "OCC_REF": occurrence.take(pa.array(row)),
        "NOMINAL_REF": nominals.references(concerned.person),
        "ROLE": words(concerned.role, ["VICTIM", "SUSPECT", "CHILD"]),
        "OCC_DATE": _day(incidents.day[row]),
        "REC_DATE": _day(incidents.recorded[row]),
        "DASH": words(incidents.grade[row], _GRADES),
        "CHILD_PRESENT": words(incidents.child_present[row].astype(int), ["N", "Y"]),
    }
    return _table("DA_INVOLVED_PERSONS.csv", columns)


def _children_at(incidents: Incidents, concerned: _Concerned, nominals: Register, occurrence: pa.Array) -> Table:
    victims = concerned.person[concerned.role == VICTIM]
    child = concerned.role == CHILD_PRESENT
    row = concerned.incident[child]
    columns = {
        "OCC_REF": occurrence.take(pa.array(row)),
        "VICTIM_REF": nominals.references(victims[row]),
        "CHILD_REF": nominals.references(concerned.person[child]),
        "OCC_DATE": _day(incidents.day[row]),
        "REC_DATE": _day(incidents.recorded[row]),
    }
    return _table("DA_CHILDREN.csv", columns)


def _missing_table(missing: Missing, nominals: Register) -> Table:
    hours = pa.array(missing.hours).cast(pa.string())
    columns = {
        "MISPER_REF": numbered("MP", np.arange(missing.day.size) + 400_000, 7),
        "NOMINAL_REF": nominals.references(missing.person),
        "MISSING_FROM": _day(missing.day),
        "REPORTED": _day(missing.reported),
        "HOURS_MISSING": blank_where(hours, missing.hours > 96),
    }
    return _table("MISSING.csv", columns)
