"""What services for drugs, alcohol and adult mental health hand over: clients, needs, treatment, admissions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from targeting.synthetic import communities, identities, needs
from targeting.synthetic.calendar import Days, day_of
from targeting.synthetic.columns import rows_where
from targeting.synthetic.district import District
from targeting.synthetic.episodes import Episodes, episodes
from targeting.synthetic.identities import ALL_ETHNICITIES, Habits, Register
from targeting.synthetic.maternity import NHS_LETTERS
from targeting.synthetic.names import NameHabits
from targeting.synthetic.noticing import Happenings, Households, Lag, delay, noticed
from targeting.synthetic.on_record import episodes_on_record, one_at_a_time
from targeting.synthetic.population import CARER, PARTNER
from targeting.synthetic.ragged import expand, offsets
from targeting.synthetic.writing import NO_DAY, Handover, Table, blank_where, numbered, spelled, words

FEED_START = day_of(date(2021, 4, 1))

HABITS = Habits(
    names=NameHabits(spelling=0.09, nickname=0.06, slip=0.010, half=0.15),
    day_month_swapped=0.004,
    birth_wrong=0.006,
    nhs_missing=0.06,
    nhs_wrong=0.003,
    address_missing=0.05,
    address_old=0.15,
    ethnicity_missing=0.08,
    ethnicity_refused=0.02,
)

# Assumptions: needs coming to a head a year, where there are any and where none; how many a service identifies.
ILL_HEALTH = np.where(needs.ILL_HEALTH == 1, 0.90, 0.010)
SUBSTANCES = np.where(needs.SUBSTANCES == 1, 0.80, 0.004)
MENTAL_ADMISSIONS = np.where(needs.ILL_HEALTH == 1, 0.030 * (1 + needs.STRAIN), 0.0003)
SUBSTANCE_ADMISSIONS = np.where(needs.SUBSTANCES == 1, 0.045 * (1 + needs.STRAIN), 0.0005)
FIRST, AGAIN = 0.36, 0.80
LAG = Lag(12.0, least=3)
_SOUGHT_LESS = 0.6
_DRUGS = 0.45
# Of those in whom a need was identified: how many begin treatment, for how many days on average, how it ends.
_TREATED, _TREATED_DAYS = 0.55, 190
TREATMENT_ENDS = ("Completed", "Dropped out", "Transferred")
_ENDS = (0.47, 0.42, 0.11)


@dataclass(frozen=True)
class Events:
    """One row a need identified or an admission."""

    person: NDArray[np.int64]
    day: Days
    entered: Days
    needs: NDArray[np.int16]


@dataclass(frozen=True)
class Found:
    """What adult services found: needs of mental health and substances identified, admissions for either."""

    ill: Events
    using: Events
    admitted_ill: Events
    admitted_using: Events


def found(households: Households, rng: np.random.Generator) -> Found:
    """Return what adult services found, from the start of their feed."""
    district = households.district
    return Found(
        ill=_identified(households, ILL_HEALTH, rng),
        using=_identified(households, SUBSTANCES, rng),
        admitted_ill=_events(district, households.happen(rng, MENTAL_ADMISSIONS), rng),
        admitted_using=_events(district, households.happen(rng, SUBSTANCE_ADMISSIONS), rng),
    )


def hand_over(district: District, seen: Found, rng: np.random.Generator) -> Handover:
    """Return the files of adult services."""
    ill, using = seen.ill, seen.using
    kept = _appointments(district, ill, using, rng)
    # The same substance on each record of a person's.
    drugs = rng.random(len(district.people)) < _DRUGS
    treated = _treatments(district, using, rng)
    every = (ill, using, seen.admitted_ill, seen.admitted_using)
    since = [(events.person, events.entered) for events in every]
    known = identities.register(len(district.people), since, "AS", 7, rng)
    tables = (
        _clients(district, known, rng),
        *_needs_tables(ill, using, drugs, known, rng),
        _treatment_table(treated, drugs, known),
        _admissions(seen.admitted_ill, seen.admitted_using, known),
        _table(
            "appointments_kept.csv",
            {"client_ref": known.references(kept[0]), "kept_on": _day(kept[1]), "entered": _day(kept[2])},
        ),
    )
    return Handover("adult_services", tables, known.reference, known.person)


def _day(days: Days) -> pa.Array:
    return spelled(days, "%d.%m.%Y")


def _table(file: str, columns: dict[str, pa.Array]) -> Table:
    return Table(file, columns, delimiter="\t")


def reached(community: NDArray[np.int8]) -> NDArray[np.float64]:
    """Return the factor on the chance that a need is identified, by the family's community."""
    return np.where(np.isin(community, communities.SOUTH_ASIAN), _SOUGHT_LESS, 1.0)


def _identified(households: Households, yearly: NDArray[np.float64], rng: np.random.Generator) -> Events:
    """Return the needs that a service identified; South Asian adults are reached less often (an assumption)."""
    district = households.district
    happened = households.happen(rng, yearly)
    sought = reached(district.families.community)
    seen = noticed(happened, len(district.families), rng, first=FIRST * sought, again=AGAIN * sought)
    return _events(district, rows_where(happened, seen), rng)


def _events(district: District, happened: Happenings, rng: np.random.Generator) -> Events:
    """Return events of an adult of each household, mostly the carer, from the feed's start and on record by its end."""
    carer = district.people.one_a_family(CARER)[happened.family]
    partner = district.people.one_a_family(PARTNER)[happened.family]
    # The same adult of a family each time.
    of_partner = (rng.random(len(district.families)) < 0.28)[happened.family] & (partner >= 0)
    lag = LAG.times(district.mechanisms.lateness)
    entered = happened.day + lag.least + delay(happened.day.size, lag.typical, rng)
    kept = (happened.day >= FEED_START) & (entered <= district.last_day)
    person = np.where(of_partner, partner, carer)
    return Events(person[kept], happened.day[kept], entered[kept].astype(np.int32), happened.needs[kept])


def _appointments(
    district: District, ill: Events, using: Events, rng: np.random.Generator
) -> tuple[NDArray[np.int64], Days, Days]:
    """Return appointments kept after a need was identified: person, day, entry."""
    person = np.concatenate([ill.person, using.person])
    start = np.concatenate([ill.day, using.day])
    count = rng.poisson(2.2, person.size)
    row, _ = expand(np.arange(person.size), offsets(count))
    day = start[row] + rng.integers(7, 180, row.size)
    entered = day + 3 + delay(row.size, 12.0, rng)
    family = district.people.family[person[row]]
    kept = (entered <= district.last_day) & (day < district.families.leaves[family])
    key = np.unique(person[row[kept]] * 2**20 + day[kept], return_index=True)[1]
    rows = np.flatnonzero(kept)[key]
    return person[row[rows]], day[rows].astype(np.int32), entered[rows].astype(np.int32)


def _treatments(district: District, using: Events, rng: np.random.Generator) -> Episodes:
    """Return treatment for drugs or alcohol, one at a time a person, as far as it is on record."""
    begun = using.entered + rng.integers(1, 42, using.day.size).astype(np.int32)
    end = begun + 14 + rng.exponential(_TREATED_DAYS, begun.size).astype(np.int32)
    end = np.minimum(end, district.families.leaves[district.people.family[using.person]])
    taken = (rng.random(begun.size) < _TREATED) & (begun < end)
    rows = one_at_a_time(using.person, begun, end)
    rows = np.sort(rows[taken[rows]])
    how = rng.choice(len(TREATMENT_ENDS), rows.size, p=_ENDS)
    return episodes_on_record(episodes(using.person[rows], begun[rows], end[rows], rng, how), district)


def _treatment_table(treated: Episodes, drugs: NDArray[np.bool_], known: Register) -> Table:
    columns = {
        "treatment_ref": numbered("TR", treated.number + 10_001, 6),
        "client_ref": known.references(treated.person),
        "substance": words(drugs[treated.person].astype(int), ["ALC", "DRG"]),
        "began": _day(treated.start),
        "began_entered": _day(treated.recorded),
        "ended": _day(treated.end),
        "ended_entered": _day(treated.end_recorded),
        "how_ended": blank_where(words(treated.kind, TREATMENT_ENDS), treated.end == NO_DAY),
    }
    return _table("treatment.csv", columns)


def _clients(district: District, known: Register, rng: np.random.Generator) -> Table:
    copied = identities.copy(district, known.person, known.since, HABITS, rng)
    address = identities.address_texts(district, copied.stay)
    columns = {
        "client_ref": known.reference,
        "nhs_no": identities.nhs_numbers(copied.nhs_number, grouped=True),
        "given": identities.given_names(copied.names),
        "family": identities.family_names(copied.names),
        "birth_date": _day(copied.born),
        "sex": words(copied.sex, ["X", "1", "2"]),
        "ethnic_category": words(copied.ethnicity, [NHS_LETTERS[code] for code in ALL_ETHNICITIES]),
        "house": address.number,
        "street": address.street,
        "town": address.town,
        "postcode": address.postcode,
        "opened": _day(known.since),
    }
    return _table("clients.csv", columns)


def _needs_tables(
    ill: Events, using: Events, drugs: NDArray[np.bool_], known: Register, rng: np.random.Generator
) -> Sequence[Table]:
    return (
        _table("mental_health_needs.csv", _need_columns(ill, "MN", known, rng)),
        _table(
            "substance_needs.csv",
            {
                **_need_columns(using, "SN", known, rng),
                "main_substance": words(drugs[using.person].astype(int), ["ALC", "DRG"]),
            },
        ),
    )


def _need_columns(events: Events, prefix: str, known: Register, rng: np.random.Generator) -> dict[str, pa.Array]:
    strain = needs.STRAIN[events.needs]
    draw = rng.random(events.day.size)
    severity = np.select([draw < 0.12 + 0.10 * strain, draw < 0.55 + 0.1 * strain], [2, 1], 0)
    return {
        "need_ref": numbered(prefix, np.arange(events.day.size) + 10_001, 6),
        "client_ref": known.references(events.person),
        "identified": _day(events.day),
        "severity": words(severity, ["1", "2", "3"]),
        "entered": _day(events.entered),
    }


def _admissions(ill: Events, using: Events, known: Register) -> Table:
    day = np.concatenate([ill.day, using.day])
    for_health = np.arange(day.size) < ill.day.size
    columns = {
        "admission_ref": numbered("AD", np.arange(day.size) + 10_001, 6),
        "client_ref": known.references(np.concatenate([ill.person, using.person])),
        "admitted_mental_health": _day(np.where(for_health, day, NO_DAY).astype(np.int32)),
        "admitted_substance": _day(np.where(for_health, NO_DAY, day).astype(np.int32)),
        "entered": _day(np.concatenate([ill.entered, using.entered])),
    }
    return _table("admissions.csv", columns)
