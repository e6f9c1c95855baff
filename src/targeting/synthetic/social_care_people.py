"""The people in social care's system: who they are, where they live, how they are related, who left."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from targeting.synthetic import identities
from targeting.synthetic.calendar import NEVER, Days
from targeting.synthetic.district import District
from targeting.synthetic.identities import ALL_ETHNICITIES, Habits, Register
from targeting.synthetic.names import NameHabits
from targeting.synthetic.noticing import delay
from targeting.synthetic.population import CARER, CHILD, GRANDPARENT, OTHER_PARENT, PARTNER
from targeting.synthetic.ragged import expand, offsets
from targeting.synthetic.writing import NO_DAY, Table, blank_where, spelled, words

HABITS = Habits(
    names=NameHabits(spelling=0.10, nickname=0.02, slip=0.010, half=0.12),
    day_month_swapped=0.006,
    birth_wrong=0.008,
    birth_missing=0.005,
    nhs_missing=0.35,
    nhs_wrong=0.01,
    address_missing=0.02,
    address_old=0.06,
    ethnicity_missing=0.06,
    ethnicity_refused=0.008,
)

ETHNICITY_WORDS = {
    "WBRI": "White - British",
    "WIRI": "White - Irish",
    "WIRT": "White - Traveller of Irish Heritage",
    "WROM": "White - Gypsy/Roma",
    "WOTH": "White - Any other",
    "MWBC": "Mixed - White and Black Caribbean",
    "MWBA": "Mixed - White and Black African",
    "MWAS": "Mixed - White and Asian",
    "MOTH": "Mixed - Any other",
    "AIND": "Asian - Indian",
    "APKN": "Asian - Pakistani",
    "ABAN": "Asian - Bangladeshi",
    "AOTH": "Asian - Any other",
    "BCRB": "Black - Caribbean",
    "BAFR": "Black - African",
    "BOTH": "Black - Any other",
    "CHNE": "Chinese",
    "OOTH": "Any other ethnic group",
    "REFU": "Refused",
    "NOBT": "Not yet obtained",
}
# An assumption: the share of grandparents on record who die before the extract.
_DIE = 0.05
_DISABILITIES = ("None", "Learning", "Autism", "Behaviour", "Communication", "Mobility", "Hearing", "Other")


def day(days: Days) -> pa.Array:
    """Return days as this system writes them."""
    return spelled(days, "%d/%m/%Y")


def involved(
    district: District, seen: tuple[NDArray[np.int64], Days], taken_down: tuple[int, float], rng: np.random.Generator
) -> tuple[NDArray[np.int64], Days]:
    """Return the adults of a role, a share of them, who are taken down with children `seen` on days, and when."""
    (child, when), (role, share) = seen, taken_down
    adult = district.people.one_a_family(role)[district.people.family[child]]
    # One decision a family, not one a child.
    taken = rng.random(len(district.families)) < share
    chosen = (adult >= 0) & taken[district.people.family[child]]
    chosen &= district.people.joins[np.maximum(adult, 0)] <= when
    return adult[chosen], when[chosen]


def persons_table(
    district: District, register: Register, disabled: NDArray[np.bool_], rng: np.random.Generator
) -> Table:
    """Return the system's persons; `disabled` says who came for a disability."""
    person, since = register.person, register.since
    copied = identities.copy(district, person, since, HABITS, rng)
    unborn = district.people.born[person] > since
    expected = district.people.born[person] + np.rint(rng.normal(0, 6, person.size)).astype(np.int32)
    not_born_yet = district.people.born[person] > district.last_day
    address = identities.address_texts(district, copied.stay)
    given = blank_where(identities.given_names(copied.names), not_born_yet)
    sex = np.where(not_born_yet, 3, np.where(rng.random(person.size) < 0.01, 0, copied.sex))
    disability = np.where(disabled[person], 1 + rng.integers(0, 7, person.size), 0)
    upn_held = (district.people.role[person] == CHILD) & (rng.random(person.size) < 0.45)
    columns = {
        "Person ID": register.reference,
        "Forename": given,
        "Surname": identities.family_names(copied.names),
        "Date of Birth": day(np.where(not_born_yet, NO_DAY, copied.born).astype(np.int32)),
        "Expected Date of Birth": day(np.where(unborn, expected, NO_DAY).astype(np.int32)),
        "Gender": words(sex, ["Not known", "Male", "Female", "Unborn"]),
        "NHS Number": blank_where(identities.nhs_numbers(copied.nhs_number, grouped=True), not_born_yet),
        "UPN": blank_where(identities.upns(district, person), ~upn_held | (district.age_on(person, since) < 5)),
        "Ethnicity": words(copied.ethnicity, [ETHNICITY_WORDS[code] for code in ALL_ETHNICITIES]),
        "Disability": blank_where(words(disability, _DISABILITIES), district.people.role[person] != CHILD),
        "House No": address.number,
        "Street": address.street,
        "Town": address.town,
        "Postcode": address.postcode,
        "UPRN": address.uprn,
        "Record Created": day(since),
    }
    return Table("LCS_Persons.csv", columns)


@dataclass(frozen=True)
class _AddressRows:
    person: NDArray[np.int64]
    stay: NDArray[np.int64]
    since: Days
    recorded: Days


def _address_rows(district: District, register: Register, rng: np.random.Generator) -> _AddressRows:
    """Return the first address of everyone, and of four moves in five the new one, once the system heard of it."""
    first = district.address_on(register.person, register.since)
    household = district.stays.household[first]
    position, stay = expand(household, district.stays.starts)
    person = register.person[position]
    since = np.maximum(district.stays.since[stay], district.first_day)
    is_first = stay == first[position]
    recorded = np.where(is_first, register.since[position], since + delay(stay.size, 45.0, rng))
    heard = is_first | ((stay > first[position]) & (rng.random(stay.size) < 0.8))
    heard &= (recorded <= district.last_day) & (since < district.families.leaves[district.people.family[person]])
    heard &= since <= recorded
    rows = np.flatnonzero(heard)
    return _AddressRows(person[rows], stay[rows], since[rows].astype(np.int32), recorded[rows].astype(np.int32))


def addresses_table(district: District, register: Register, rng: np.random.Generator) -> Table:
    """Return where people live and lived, as the system came to hear of it."""
    rows = _address_rows(district, register, rng)
    address = identities.address_texts(district, rows.stay)
    columns = {
        "Person ID": register.references(rows.person),
        "UPRN": address.uprn,
        "House No": address.number,
        "Street": address.street,
        "Town": address.town,
        "Postcode": address.postcode,
        "Ward Code": address.ward,
        "IMD Decile": address.decile,
        "Lived There From": day(rows.since),
        "Recorded On": day(rows.recorded),
    }
    return Table("LCS_Addresses.csv", columns)


def relationships_table(district: District, register: Register, rng: np.random.Generator) -> Table:
    """Return who is related to whom among the system's people, nineteen in twenty of it."""
    people = district.people
    held = register.person
    order = np.argsort(people.family[held], kind="stable")
    held = held[order]
    family = people.family[held]
    starts = offsets(np.bincount(family, minlength=len(district.families)))
    position, place = expand(family, starts)
    one, other = held[position], held[place]
    role, role_of_other = people.role[one], people.role[other]
    to_child = role_of_other == CHILD
    parent = np.isin(role, (CARER, PARTNER, OTHER_PARENT)) & to_child
    carer = (role == GRANDPARENT) & to_child
    partner = (role == CARER) & (role_of_other == PARTNER)
    sibling = (role == CHILD) & to_child & (people.born[one] <= people.born[other]) & (one < other)
    kind = np.select([parent, carer, partner, sibling], [1, 2, 3, 4], 0)
    kept = (kind > 0) & (rng.random(kind.size) < 0.95)
    one, other, kind = one[kept], other[kept], kind[kept]
    label = np.where((kind == 1) & (people.sex[one] == 1), 5, kind)
    recorded = np.maximum(register.since[register.rows(one)], register.since[register.rows(other)])
    columns = {
        "Person ID": register.references(one),
        "Related Person ID": register.references(other),
        "Relationship": words(label, ["", "Mother of", "Carer of", "Partner of", "Sibling of", "Father of"]),
        "From": day(np.full(one.size, NO_DAY)),
        "To": day(np.full(one.size, NO_DAY)),
        "Recorded On": day(recorded),
    }
    return Table("LCS_Relationships.csv", columns)


def leavers_table(
    district: District, register: Register, in_case: NDArray[np.bool_], rng: np.random.Generator
) -> Table:
    """Return who is known to have left: most with an open case (`in_case`), few others; and some who died."""
    people = district.people
    person = register.person
    leaves = district.families.leaves[people.family[person]]
    # One decision a family.
    draw = rng.random(len(district.families))[people.family[person]]
    heard = (leaves != NEVER) & (draw < np.where(in_case[people.family[person]], 0.85, 0.15))
    notified = leaves + delay(person.size, 25.0, rng)
    heard &= (notified <= district.last_day) & (leaves >= register.since)
    dies = ~heard & (people.role[person] == GRANDPARENT) & (rng.random(person.size) < _DIE)
    died_on = (register.since + rng.random(person.size) * (district.last_day - register.since)).astype(np.int32)
    dies &= died_on < np.minimum(leaves, district.last_day - 30)
    rows = np.flatnonzero(heard | dies)
    moved = np.where(heard, leaves, NO_DAY)[rows].astype(np.int32)
    died = np.where(dies, died_on, NO_DAY)[rows].astype(np.int32)
    recorded = np.where(heard, notified, np.minimum(died_on + 10, district.last_day))[rows].astype(np.int32)
    columns = {
        "Person ID": register.reference.take(pa.array(rows)),
        "Moved Out On": day(moved),
        "Died On": day(died),
        "Recorded On": day(recorded),
    }
    return Table("LCS_Leavers.csv", columns)
