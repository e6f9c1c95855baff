"""What children's centres hand over: members, events attended, notes of progress."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from targeting.synthetic import identities, needs
from targeting.synthetic.calendar import FIRST_DAY, NEVER, YEAR, Days, day_of
from targeting.synthetic.district import District
from targeting.synthetic.identities import ALL_ETHNICITIES, Habits, Register
from targeting.synthetic.names import NameHabits
from targeting.synthetic.noticing import Households, delay
from targeting.synthetic.population import CARER, CHILD, GRANDPARENT, MALE, PARTNER
from targeting.synthetic.ragged import expand, offsets
from targeting.synthetic.writing import NO_DAY, Handover, Table, spelled, words

HABITS = Habits(
    names=NameHabits(spelling=0.14, nickname=0.08, slip=0.015, half=0.25),
    day_month_swapped=0.012,
    birth_wrong=0.012,
    birth_missing=0.02,
    nhs_missing=1.0,
    address_missing=0.06,
    address_old=0.05,
    ethnicity_missing=0.0,
    ethnicity_refused=0.05,
)

# Published for 2016: 97.8 % of children under five registered, 66.8 % attended once, 42.3 % three times.
_REGISTERS = 0.978
_COMES_AT_ALL = 0.70
_EVENTS_A_YEAR, _SPREAD = 3.6, 0.75
_CLOSED = (day_of(date(2020, 3, 20)), day_of(date(2020, 9, 7)))
_NOTES_A_YEAR = 0.10

_ETHNICITY = {
    "WBRI": "White British", "WIRI": "Irish", "WIRT": "Traveller", "WROM": "Roma", "WOTH": "Other White",
    "MWBC": "White/Black Caribbean", "MWBA": "White/Black African", "MWAS": "White/Asian", "MOTH": "Other mixed",
    "AIND": "Indian", "APKN": "British Pakistani", "ABAN": "Bangladeshi", "AOTH": "Other Asian", "BCRB": "Caribbean",
    "BAFR": "African", "BOTH": "Other Black", "CHNE": "Chinese", "OOTH": "Other", "REFU": "Did not say",
    "NOBT": "Did not say",
}  # fmt: skip
_DOMAINS = (
    ("Boundaries & behaviour", needs.STRAIN > 0),
    ("Education & learning", needs.ABSENCE == 1),
    ("Emotional wellbeing", needs.ILL_HEALTH == 1),
    ("Family routine", needs.STRAIN > 0),
    ("Home & money", needs.STRAIN > 1),
    ("Keeping your children safe", (needs.ABUSE == 1) | (needs.STRAIN > 1)),
    ("Physical health", needs.SUBSTANCES == 1),
    ("Social networks", needs.ABUSE == 1),
)
_WEIGHS_ON = np.stack([weighs for _, weighs in _DOMAINS])


@dataclass(frozen=True)
class _Members:
    """One row a child under five who came to be registered: when, and until when it may attend."""

    child: NDArray[np.int64]
    registered: Days
    entered: Days
    until: Days


def hand_over(households: Households, rng: np.random.Generator) -> Handover:
    """Return the children's centres' files."""
    district = households.district
    members = _members(district, rng)
    event_row, event_day = _events(households, members, rng)
    event_entered = event_day + 2 + delay(event_day.size, 5.0, rng, tail=0.05)
    kept = (event_entered <= district.last_day) & (event_entered >= members.entered[event_row])
    event_row, event_day, event_entered = event_row[kept], event_day[kept], event_entered[kept]
    adults, tied = _adults(district, members, rng)
    seen = [(members.child, members.entered), (adults, members.entered[tied])]
    known = identities.register(len(district.people), seen, "E-", 7, rng)
    tables = (
        _members_table(district, members, known, rng),
        _links(district, members, adults, tied, known),
        Table(
            "eStart Attendance.csv",
            {
                "Member No": known.references(members.child[event_row]),
                "Event Date": _day(event_day),
                "Activity": words(
                    rng.integers(0, 5, event_row.size),
                    ["Stay and play", "Baby massage", "Messy play", "Parenting course", "Food bank and advice"],
                ),
                "Entered On": _day(event_entered.astype(np.int32)),
            },
        ),
        _progress(households, members, np.unique(event_row), known, rng),
    )
    return Handover("childrens_centres", tables, known.reference, known.person)


def _day(days: Days) -> pa.Array:
    return spelled(days, "%d %B %Y")


def _members(district: District, rng: np.random.Generator) -> _Members:
    """Return the registrations made since the feed's start."""
    people = district.people
    child = people.of_role(CHILD)
    family = people.family[child]
    start = np.maximum(people.born[child], district.families.present_from[family])
    registered = start + 10 + rng.gamma(1.3, 60, child.size).astype(np.int32)
    entered = registered + delay(child.size, 7.0, rng)
    until = np.minimum(people.born[child] + int(5 * YEAR), district.families.leaves[family])
    kept = (rng.random(child.size) < _REGISTERS) & (registered >= FIRST_DAY) & (registered < until)
    # Families already there when records begin registered before; some of them are registered anew.
    kept &= entered <= district.last_day
    return _Members(child[kept], registered[kept], entered[kept].astype(np.int32), until[kept].astype(np.int32))


def _events(households: Households, members: _Members, rng: np.random.Generator) -> tuple[NDArray[np.int64], Days]:
    """Return the row of `members` and the day of every event attended; none while centres were closed."""
    district = households.district
    family = district.people.family[members.child]
    comes = rng.random(len(district.families)) < _COMES_AT_ALL
    zest = rng.gamma(_SPREAD, 1 / _SPREAD, members.child.size)
    state = households.needs_on(family, members.registered)
    shy = np.where(needs.STRAIN[state] > 0, 0.6, 1.0) * np.where(needs.SUBSTANCES[state] > 0, 0.6, 1.0)
    years = np.maximum(np.minimum(members.until, district.last_day) - members.registered, 0) / YEAR
    count = rng.poisson(_EVENTS_A_YEAR * years * zest * shy * comes[family])
    row = np.repeat(np.arange(count.size), count)
    # More often in the first year.
    day = members.registered[row] + (rng.beta(0.9, 1.5, row.size) * years[row] * YEAR).astype(np.int32)
    opened = (day < _CLOSED[0]) | (day >= _CLOSED[1])
    key = np.unique(row[opened] * 2**20 + day[opened])
    return key // 2**20, (key % 2**20).astype(np.int32)


def _adults(
    district: District, members: _Members, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return adults who became members with a child, and the row of the child."""
    adults, rows = [], []
    family = district.people.family[members.child]
    for role, share in ((CARER, 0.95), (PARTNER, 0.22), (GRANDPARENT, 0.12)):
        adult = district.people.one_a_family(role)[family]
        row = np.flatnonzero((adult >= 0) & (rng.random(len(district.families)) < share)[family])
        adults.append(adult[row])
        rows.append(row)
    return np.concatenate(adults), np.concatenate(rows)


def _members_table(district: District, members: _Members, known: Register, rng: np.random.Generator) -> Table:
    copied = identities.copy(district, known.person, known.since, HABITS, rng)
    address = identities.address_texts(district, copied.stay, "short")
    registered = np.full(len(district.people), NEVER)
    registered[members.child] = members.registered
    is_child = district.people.role[known.person] == CHILD
    sex = np.where(is_child, 0, 2) + np.where(copied.sex == MALE, 0, 1)
    columns = {
        "Member No": known.reference,
        "First Name": identities.given_names(copied.names),
        "Last Name": identities.family_names(copied.names),
        "DOB": _day(copied.born),
        "Gender": words(sex, ["Boy", "Girl", "Man", "Woman"]),
        "Ethnic Origin": words(copied.ethnicity, [_ETHNICITY[code] for code in ALL_ETHNICITIES]),
        "House": address.number,
        "Road": address.street,
        "Town": address.town,
        "Post Code": address.postcode,
        "Child Registered On": _day(np.where(is_child, registered[known.person], NO_DAY).astype(np.int32)),
        "Entered On": _day(known.since),
    }
    return Table("eStart Members.csv", columns)


def _links(
    district: District, members: _Members, adults: NDArray[np.int64], tied: NDArray[np.int64], known: Register
) -> Table:
    elder = district.people.role[adults] == GRANDPARENT
    link = np.where(elder, 2, np.where(district.people.sex[adults] == MALE, 1, 0))
    columns = {
        "Adult Member No": known.references(adults),
        "Child Member No": known.references(members.child[tied]),
        "Link": words(link, ["Mum", "Dad", "Grandparent"]),
        "Entered On": _day(members.entered[tied]),
    }
    return Table("eStart Family Links.csv", columns)


def _progress(
    households: Households,
    members: _Members,
    attending: NDArray[np.int64],
    known: Register,
    rng: np.random.Generator,
) -> Table:
    """Return workers' notes of progress, all eight domains at once, on some children who attend."""
    district = households.district
    years = np.maximum(np.minimum(members.until, district.last_day) - members.registered, 0)[attending] / YEAR
    count = rng.poisson(_NOTES_A_YEAR * years)
    row = np.repeat(attending, count)
    length = np.repeat(years, count) * YEAR
    day = members.registered[row] + 30 + (rng.random(row.size) * np.maximum(length - 30, 0)).astype(np.int32)
    entered = day + delay(row.size, 10.0, rng)
    kept = (entered <= district.last_day) & (day < members.until[row]) & (entered >= members.entered[row])
    key = np.unique(row[kept] * 2**20 + day[kept], return_index=True)[1]
    row, day, entered = row[kept][key], day[kept][key], entered[kept][key]
    note, domain = expand(np.zeros(row.size, np.int64), offsets(np.array([len(_DOMAINS)])))
    child = members.child[row[note]]
    state = households.needs_on(district.people.family[child], day[note])
    score = 4.1 - 1.4 * _WEIGHS_ON[domain, state] + rng.normal(0, 0.9, note.size)
    columns = {
        "Member No": known.references(child),
        "Domain": words(domain, [name for name, _ in _DOMAINS]),
        "Score": np.clip(np.rint(score), 1, 5).astype(np.int64),
        "Noted On": _day(day[note]),
        "Entered On": _day(entered[note].astype(np.int32)),
    }
    return Table("eStart Progress.csv", columns)
