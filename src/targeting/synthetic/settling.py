"""How the fictional district fills: who is there at first, comes, stays and goes, with which children and adults."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic import communities, wards
from targeting.synthetic.calendar import NEVER, WORLD_START, YEAR, day_of
from targeting.synthetic.columns import rows_where
from targeting.synthetic.population import (
    BOOKING_BEFORE_BIRTH,
    CARER,
    CHILD,
    COUPLE,
    FEMALE,
    GRANDPARENT,
    LONE,
    MALE,
    NEW_PARTNER,
    OTHER_PARENT,
    PARTNER,
    SEPARATED,
    Families,
    People,
)
from targeting.synthetic.ragged import expand, offsets

# Assumptions: mean spacing of births in years; yearly turnover by moving house, each way; share of multiple births.
SPACING_YEARS = 2.9
TURNOVER = 0.085
TWINS = 0.016


@dataclass(frozen=True)
class _Lives:
    """Children's birth days of possible families: ragged rows `born` between `starts`, first and last of each."""

    community: NDArray[np.int8]
    ward: NDArray[np.int16]
    starts: NDArray[np.int64]
    born: NDArray[np.int64]

    @property
    def first(self) -> NDArray[np.int64]:
        return self.born[self.starts[:-1]]

    @property
    def last(self) -> NDArray[np.int64]:
        return self.born[self.starts[1:] - 1]


def _lives(count: int, end: int, rng: np.random.Generator) -> _Lives:
    """Return families whose first births fall evenly over a time long enough to fill every age."""
    ward = rng.choice(len(wards.WARDS), count, p=wards.family_shares()).astype(np.int16)
    mix = np.cumsum(communities.shares_by_ward(), axis=1)[ward]
    community = (mix < rng.random(count)[:, None] * mix[:, -1:]).sum(1).astype(np.int8)
    sizes = np.cumsum(communities.family_sizes(), axis=1)[community]
    size = 1 + (sizes < rng.random(count)[:, None]).sum(1)
    starts = offsets(size)
    gaps = YEAR * (0.9 + rng.gamma(1.8, (SPACING_YEARS - 0.9) / 1.8, starts[-1]))
    gaps[rng.random(gaps.size) < TWINS] = 0
    gaps[starts[:-1]] = 0
    since_first = np.cumsum(gaps)
    since_first -= np.repeat(since_first[starts[:-1]], size)
    first = rng.uniform(WORLD_START - 34 * YEAR, end + BOOKING_BEFORE_BIRTH, count)
    return _Lives(community, ward, starts, (np.repeat(first, size) + since_first).astype(np.int64))


@dataclass(frozen=True)
class _Chosen:
    """Families taken from the possible ones, with a shift in days, when they come and when they go."""

    life: NDArray[np.int64]
    shift: NDArray[np.int64]
    present_from: NDArray[np.int64]
    leaves: NDArray[np.int64]
    newcomer: NDArray[np.bool_]


def _choose(lives: _Lives, families: int, end: int, rng: np.random.Generator) -> _Chosen:
    """Return those here at the start, those formed since, and those who move in, each with the day it leaves."""
    formed = lives.first - BOOKING_BEFORE_BIRTH
    alive = np.flatnonzero((formed <= WORLD_START) & (lives.last + 18 * YEAR > WORLD_START))
    stock = rng.choice(alive, families, replace=False)
    later = np.flatnonzero((formed > WORLD_START) & (formed <= end))
    new = rng.choice(later, min(later.size, round(later.size * families / alive.size)), replace=False)
    years = (end - WORLD_START) / YEAR
    movers = rng.choice(alive, round(TURNOVER * families * years))
    moved_in = WORLD_START + rng.integers(0, end - WORLD_START, movers.size)
    life = np.concatenate([stock, new, movers])
    shift = np.concatenate([np.zeros(stock.size + new.size, np.int64), moved_in - WORLD_START])
    here = np.concatenate([np.full(stock.size, WORLD_START), formed[new], moved_in])
    stays = rng.exponential(YEAR / TURNOVER, life.size).astype(np.int64)
    newcomer = np.arange(life.size) >= stock.size + new.size
    order = rng.permutation(life.size)
    leaves = np.where(here + stays > end, NEVER, here + np.maximum(stays, 30))
    return rows_where(_Chosen(life, shift, here, leaves, newcomer), order)


def _vulnerability(ward: NDArray[np.int16], rng: np.random.Generator) -> NDArray[np.int8]:
    """Return 0 (low), 1 or 2 (high), drawn by ward."""
    _, middle, high = vulnerability_shares()[ward].T
    draw = rng.random(ward.size)
    return np.select([draw < high, draw < high + middle], [2, 1], 0).astype(np.int8)


def vulnerability_shares() -> NDArray[np.float64]:
    """Return each ward's share of low, middle and high vulnerability, (30, 3).

    They are in proportion to the review's need over the ward's families.
    """
    need = wards.need_shares() / wards.family_shares()
    level = 0.2 + 0.8 * need
    level /= (level * wards.family_shares()).sum()
    high = np.minimum(0.085 * level**1.2, 0.3)
    middle = np.minimum(0.255 * level, 0.5)
    return np.stack([1 - high - middle, middle, high], axis=1)


def _structure(
    community: NDArray[np.int8], vulnerability: NDArray[np.int8], rng: np.random.Generator
) -> NDArray[np.int8]:
    """Return couple, lone parent or separated parents who both see the children."""
    separate = 0.30 + 0.12 * vulnerability
    separate *= np.where(np.isin(community, communities.SOUTH_ASIAN), 0.45, 1.0)
    draw = rng.random(community.size)
    return np.select([draw < 0.45 * separate, draw < separate], [LONE, SEPARATED], COUPLE).astype(np.int8)


def settle(families: int, end: date, rng: np.random.Generator) -> tuple[Families, People, wards.SmallAreas]:
    """Return the district's families and people from 2019 to `end`, and its small areas.

    `families` is the number there at the start; comers and goers keep it about level. Everyone who lives there at any
    time has a row. An unborn child has one from conception on, its birth day the true one.
    """
    last_day = day_of(end)
    areas = wards.small_areas(rng)
    lives = _lives(max(60, 3 * families), last_day, rng)
    chosen = _choose(lives, families, last_day, rng)
    count = chosen.life.size
    ward, community = lives.ward[chosen.life], lives.community[chosen.life]
    vulnerability = _vulnerability(ward, rng)
    structure = _structure(community, vulnerability, rng)
    area = (ward * wards.SMALL_AREAS_A_WARD + rng.integers(0, wards.SMALL_AREAS_A_WARD, count)).astype(np.int16)
    separated_on = chosen.present_from + rng.integers(-8 * 365, 4 * 365, count)
    second = structure == SEPARATED
    made = Families(
        present_from=chosen.present_from.astype(np.int32),
        leaves=chosen.leaves.astype(np.int32),
        newcomer=chosen.newcomer,
        ward=ward,
        area=area,
        community=community,
        vulnerability=vulnerability,
        structure=structure,
        separated_on=np.where(second, separated_on, NEVER).astype(np.int32),
        other_household=np.where(second, count + np.cumsum(second) - 1, -1),
    )
    return made, _people(made, lives, chosen, last_day, rng), areas


@dataclass(frozen=True)
class _Block:
    """People of one kind before they are put in order: family, role, birth, sex, when each joins, gestation."""

    family: NDArray[np.int64]
    role: int
    born: NDArray[np.int64]
    sex: NDArray[np.integer]
    joins: NDArray[np.int64]
    gestation: NDArray[np.int64]


def _block(
    family: NDArray[np.int64], role: int, born: NDArray[np.number], sex: NDArray[np.integer], joins: NDArray[np.integer]
) -> _Block:
    return _Block(family, role, born.astype(np.int64), sex, joins.astype(np.int64), np.zeros(family.size, np.int64))


def _children(
    families: Families, lives: _Lives, chosen: _Chosen, last_day: int, rng: np.random.Generator
) -> tuple[_Block, NDArray[np.int64]]:
    """Return the children who are born or expected while the family is here, and each family's first birth."""
    family, rows = expand(chosen.life, lives.starts)
    born = lives.born[rows] + chosen.shift[family]
    first = lives.first[chosen.life] + chosen.shift
    gestation = np.clip(np.rint(rng.normal(39.3, 1.5, born.size) - 4 * (rng.random(born.size) < 0.05)), 25, 42)
    conceived = born - (7 * gestation).astype(np.int64)
    joins = np.maximum(conceived, families.present_from[family])
    kept = (joins < np.minimum(families.leaves[family], last_day)) & (born + 18 * YEAR > families.present_from[family])
    sex = np.where(rng.random(born.size) < 0.512, MALE, FEMALE)
    return rows_where(_Block(family, CHILD, born, sex, joins, gestation.astype(np.int64)), kept), first


def _adults(families: Families, first: NDArray[np.int64], rng: np.random.Generator) -> list[_Block]:
    """Return the adults of each family: carer, partner or other parent with perhaps a new partner, grandparents."""
    count = len(families)
    every = np.arange(count)
    age = np.clip(rng.normal(27.5 - 1.8 * families.vulnerability, 5.2), 16, 42)
    born = first - (age * YEAR).astype(np.int64)
    fathers = (families.structure == LONE) & (rng.random(count) < 0.07)
    carer_sex = np.where(fathers, MALE, FEMALE)
    partner_born = born - (rng.normal(2.5, 3.5, count) * YEAR).astype(np.int64)
    start = families.present_from
    apart = np.flatnonzero(families.structure == SEPARATED)
    couple = np.flatnonzero(families.structure == COUPLE)
    again = apart[rng.random(apart.size) < 0.3]
    share = np.where(np.isin(families.community, communities.SOUTH_ASIAN), 0.16, 0.02)
    elders = np.flatnonzero(rng.random(count) < share)
    men = np.full(count, MALE)
    return [
        _block(every, CARER, born, carer_sex, start),
        _block(couple, PARTNER, partner_born[couple], men[couple], start[couple]),
        _block(apart, OTHER_PARENT, partner_born[apart], men[apart], start[apart]),
        _block(
            again,
            NEW_PARTNER,
            born[again] + rng.normal(0, 4 * YEAR, again.size),
            np.full(again.size, FEMALE),
            np.maximum(families.separated_on[again], start[again]) + 200,
        ),
        _block(
            elders,
            GRANDPARENT,
            born[elders] - rng.normal(26 * YEAR, 4 * YEAR, elders.size),
            np.where(rng.random(elders.size) < 0.4, MALE, FEMALE),
            start[elders],
        ),
    ]


def _people(families: Families, lives: _Lives, chosen: _Chosen, last_day: int, rng: np.random.Generator) -> People:
    children, first = _children(families, lives, chosen, last_day, rng)
    blocks = [*_adults(families, first, rng), children]
    family = np.concatenate([block.family for block in blocks])
    role = np.concatenate([np.full(block.family.size, block.role, np.int8) for block in blocks])
    born = np.concatenate([block.born for block in blocks])
    order = np.lexsort((born, role, family))
    sex = np.concatenate([block.sex for block in blocks]).astype(np.int8)
    joins = np.concatenate([block.joins for block in blocks])
    gestation = np.concatenate([block.gestation for block in blocks])
    return People(
        family=family[order],
        role=role[order],
        born=born[order].astype(np.int32),
        sex=sex[order],
        community=families.community[family[order]],
        joins=joins[order].astype(np.int32),
        gestation_weeks=gestation[order].astype(np.int8),
        families=len(families),
    )
