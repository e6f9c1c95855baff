"""What truly happened in a fictional district, and what of it several agencies or a forecaster draw on."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic import (
    addresses,
    adult_services,
    contacts,
    early_years,
    identities,
    maternity,
    names,
    opened_cases,
    pathway,
    plants,
    police,
    referral_sources,
    schooling,
    settling,
    spells,
)
from targeting.synthetic.calendar import FIRST_DAY, day_of, steps_until
from targeting.synthetic.course import follow
from targeting.synthetic.district import District
from targeting.synthetic.mechanisms import STANDARD, Mechanisms
from targeting.synthetic.noticing import Households
from targeting.synthetic.opened_cases import Worked
from targeting.synthetic.pathway import Pathway


def stream(seed: int, part: str) -> np.random.Generator:
    """Return the random stream of one part, its own, so that a change in one part leaves the others as they were."""
    return np.random.default_rng([seed, zlib.crc32(part.encode())])


def _district(families: int, seed: int, end: date, mechanisms: Mechanisms) -> District:
    made, people, areas = settling.settle(families, end, stream(seed, "population"))
    book, stays = addresses.house(made, day_of(end), stream(seed, "addresses"))
    return District(
        families=made,
        people=people,
        areas=areas,
        names=names.christen(made, people, stream(seed, "names")),
        addresses=book,
        stays=stays,
        nhs_number=identities.nhs_numbers_for_tests(len(people), stream(seed, "nhs numbers")),
        first_day=FIRST_DAY,
        last_day=day_of(end),
        mechanisms=mechanisms,
    )


@dataclass(frozen=True)
class World:
    """What truly happened: the district, the course of needs, what social care did, what the police recorded."""

    households: Households
    worked: Worked
    held: tuple[spells.Spells, NDArray[np.int64]]
    pathway: Pathway
    incidents: police.Incidents
    contacts: contacts.Contacts


def made_world(families: int, seed: int, end: date, planted: Sequence[str], mechanisms: Mechanisms = STANDARD) -> World:
    district = _district(families, seed, end, mechanisms)
    course = follow(district.families, district.people, steps_until(end), stream(seed, "needs"), mechanisms)
    households = Households(district, course)
    all_spells = spells.spells(district.families, course, stream(seed, "spells"))
    cases, case, held = spells.cases(all_spells)
    source = referral_sources.drawn(cases.needs, cases.start, stream(seed, "referral sources"))
    worked = opened_cases.open_cases(district, cases, source, stream(seed, "cases"))
    way = pathway.pathway(households, all_spells, worked, (held, case), stream(seed, "pathway"))
    by_police = source == referral_sources.POLICE
    incidents = police.domestic_abuse(households, cases, by_police, stream(seed, "domestic abuse"))
    if plants.OVER_POLICED_WARD in planted:
        incidents = plants.over_policed(incidents, district, stream(seed, plants.OVER_POLICED_WARD))
    made = contacts.contacts(households, incidents, way, stream(seed, "contacts"))
    return World(households, worked, (held, case), way, incidents, made)


def shared_by_police(world: World, incidents: police.Incidents, seed: int) -> tuple[police.Shared, np.random.Generator]:
    rng = stream(seed, "police")
    return police.shared_by_police(world.households, incidents, rng), rng


def school_life(world: World, seed: int) -> tuple[schooling.Pupils, schooling.SchoolLife]:
    pupils = schooling.pupils_of(world.households.district, stream(seed, "pupils"))
    return pupils, schooling.school_life(world.households, pupils, stream(seed, "school life"))


def noted(world: World, seed: int) -> tuple[maternity.Noted, np.random.Generator]:
    births, rng = early_years.born(world.households, stream(seed, "births")), stream(seed, "maternity")
    return maternity.noted(world.households, births, rng), rng


def found(world: World, seed: int) -> tuple[adult_services.Found, np.random.Generator]:
    rng = stream(seed, "adult services")
    return adult_services.found(world.households, rng), rng
