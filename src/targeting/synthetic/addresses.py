"""Fictional addresses, and who lived at which from when: moves, shared houses, hostels, second households."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic import communities, wards
from targeting.synthetic.calendar import NEVER, YEAR, Days
from targeting.synthetic.population import Families

# Assumptions: moves within the district a year; of those, to a hostel or refuge; families who share a house at first.
MOVES_A_YEAR = 0.07
TO_COMMUNAL = 0.045
SHARES_A_HOUSE = 0.025
HOMES_A_STREET = 60

# Dwellings a family: enough that two families rarely meet at one address by chance.
_ADDRESSES_A_FAMILY = 20
_FAMILIES_A_HOSTEL = 1500

_STREET_FIRST = [
    "Heather",
    "Millstone",
    "Larch",
    "Curlew",
    "Spinner",
    "Weaver",
    "Loom",
    "Bobbin",
    "Carder",
    "Quarry",
    "Bilberry",
    "Kestrel",
    "Lapwing",
    "Alder",
    "Rowan",
    "Thorn",
    "Bracken",
    "Fellside",
    "Becksider",
    "Packhorse",
    "Drover",
    "Causey",
    "Gritstone",
    "Flagstone",
    "Shuttle",
    "Worsted",
    "Alpaca",
    "Merino",
    "Woolsack",
    "Teasel",
    "Hawthorn",
    "Whinberry",
    "Peewit",
    "Dalesman",
    "Tenter",
    "Fuller",
    "Dyer",
    "Comber",
    "Treadle",
    "Warp",
    "Weft",
    "Selvedge",
    "Plover",
    "Sandpiper",
    "Harebell",
]
_STREET_LAST = ("Street", "Road", "Avenue", "Close", "Terrace", "Grove", "Drive", "Lane", "Mount", "View")

# The inward part of a real postcode never holds C, I, K, M, O or V: these postcodes exist nowhere.
_INWARD = "CIKMOV"


@dataclass(frozen=True)
class Addresses:
    """One row an address: number, flat (0 none), street, town, postcode and property number, by index into `words`."""

    area: NDArray[np.int16]
    number: NDArray[np.int32]
    flat: NDArray[np.int8]
    street: NDArray[np.int32]
    postcode: NDArray[np.str_]
    uprn: NDArray[np.int64]
    communal: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return the number of addresses."""
        return self.area.size


@dataclass(frozen=True)
class Stays:
    """Where each household lived: rows sorted by household and day, `starts` where each household's rows begin."""

    household: NDArray[np.int64]
    since: Days
    address: NDArray[np.int64]
    starts: NDArray[np.int64]

    def row_on(self, household: NDArray[np.int64], day: NDArray[np.integer]) -> NDArray[np.int64]:
        """Return the row that holds on a day; a household's first row before it came."""
        key = self.household * 2**32 + self.since
        row = np.searchsorted(key, household * 2**32 + day.astype(np.int64), side="right") - 1
        return np.maximum(row, self.starts[household])


def street_words() -> NDArray[np.str_]:
    """Return all street names, in the order in which `Addresses.street` counts them."""
    return np.array([f"{first} {last}" for first in _STREET_FIRST for last in _STREET_LAST])


def _stay_events(
    families: Families, end: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Return household and day of every first stay and every move, sorted, and whether it is a first stay."""
    second = np.flatnonzero(families.other_household >= 0)
    first_day = np.concatenate([families.present_from, families.separated_on[second]]).astype(np.int64)
    leaves = np.concatenate([families.leaves, families.leaves[second]])
    years = np.clip((np.minimum(leaves, end) - first_day) / YEAR, 0, None)
    rate = MOVES_A_YEAR * np.concatenate([1 + 0.5 * families.vulnerability, np.full(second.size, 1.5)])
    moves = rng.poisson(rate * years)
    mover = np.repeat(np.arange(first_day.size), moves)
    moved = first_day[mover] + 60 + (rng.random(mover.size) * np.maximum(years[mover] * YEAR - 60, 1)).astype(np.int64)
    household = np.concatenate([np.arange(first_day.size), mover])
    day = np.concatenate([first_day, moved])
    is_first = np.arange(household.size) < first_day.size
    order = np.lexsort((~is_first, day, household))
    return household[order], day[order], is_first[order]


def _areas_of_stays(
    families: Families, household: NDArray[np.int64], is_first: NDArray[np.bool_], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return the small area of each stay: first the family's own, then mostly within the same ward."""
    second = np.flatnonzero(families.other_household >= 0)
    home = np.concatenate([families.area, families.area[second]]).astype(np.int64)[household]
    home_ward = home // wards.SMALL_AREAS_A_WARD
    elsewhere = rng.choice(len(wards.WARDS), household.size, p=wards.family_shares())
    far = rng.random(household.size) < 0.35
    ward = np.where(far, elsewhere, home_ward)
    area = ward * wards.SMALL_AREAS_A_WARD + rng.integers(0, wards.SMALL_AREAS_A_WARD, household.size)
    is_home = is_first & (household < len(families))
    return np.where(is_home, home, area)


def _share_houses(
    families: Families,
    household: NDArray[np.int64],
    is_first: NDArray[np.bool_],
    address: NDArray[np.int64],
    rng: np.random.Generator,
) -> None:
    """Let some families begin at the address of another of the same community and ward."""
    first_row = np.flatnonzero(is_first & (household < len(families)))
    guests = first_row[rng.random(first_row.size) < SHARES_A_HOUSE]
    group = families.ward.astype(np.int64) * len(communities.CODES) + families.community
    by_group = first_row[np.argsort(group, kind="stable")]
    sorted_group = group[household[by_group]]
    wanted = group[household[guests]]
    low, high = np.searchsorted(sorted_group, wanted), np.searchsorted(sorted_group, wanted, side="right")
    hosts = by_group[low + (rng.random(guests.size) * (high - low)).astype(np.int64)]
    address[guests] = address[hosts]


def house(families: Families, end: int, rng: np.random.Generator) -> tuple[Addresses, Stays]:
    """Return all addresses that were lived at and where each household lived from when until `end`."""
    household, day, is_first = _stay_events(families, end, rng)
    area = _areas_of_stays(families, household, is_first, rng)
    areas = len(wards.WARDS) * wards.SMALL_AREAS_A_WARD
    homes_an_area = max(40, _ADDRESSES_A_FAMILY * len(families) // areas)
    address = area * homes_an_area + rng.integers(0, homes_an_area, area.size)
    _share_houses(families, household, is_first, address, rng)
    hostels = max(2, len(families) // _FAMILIES_A_HOSTEL)
    to_hostel = ~is_first & (rng.random(area.size) < TO_COMMUNAL)
    address[to_hostel] = areas * homes_an_area + rng.integers(0, hostels, int(to_hostel.sum()))
    used, address = np.unique(address, return_inverse=True)
    starts = np.searchsorted(household, np.arange(household[-1] + 2))
    return _describe(used, areas, homes_an_area, rng), Stays(household, day.astype(np.int32), address, starts)


def _describe(used: NDArray[np.int64], areas: int, homes_an_area: int, rng: np.random.Generator) -> Addresses:
    """Return the particulars of addresses by their place in the district."""
    communal = used >= areas * homes_an_area
    area = np.where(communal, rng.integers(0, areas, used.size), used // homes_an_area)
    place = np.where(communal, 0, used % homes_an_area)
    streets = max(4, homes_an_area // HOMES_A_STREET)
    names_of_area = np.stack([rng.permutation(street_words().size)[:streets] for _ in range(areas)])
    which = place % streets
    number = 1 + place // streets
    flat = np.where(~communal & (used % 11 == 0), 1 + used % 6, 0)
    district = np.array([ward.postcode_district for ward in wards.WARDS])[area // wards.SMALL_AREAS_A_WARD]
    inward = _inward_codes()
    unit = area * streets + which
    postcode = np.char.add(np.char.add(district, " "), inward[unit % inward.size])
    return Addresses(
        area=area.astype(np.int16),
        number=number.astype(np.int32),
        flat=flat.astype(np.int8),
        street=names_of_area[area, which].astype(np.int32),
        postcode=postcode,
        # No property number of the country begins with so many nines.
        uprn=999_000_000_000 + used * 7,
        communal=communal,
    )


def _inward_codes() -> NDArray[np.str_]:
    return np.array([f"{digit}{a}{b}" for digit in range(10) for a in _INWARD for b in _INWARD])


def households_of(
    families: Families, family: NDArray[np.int64], lives_apart: NDArray[np.bool_], day: Days
) -> NDArray[np.int64]:
    """Return each person's household on a day: the second one for a parent who lives apart by then."""
    apart = lives_apart & (day >= families.separated_on[family]) & (families.separated_on[family] < NEVER)
    return np.where(apart, families.other_household[family], family)
