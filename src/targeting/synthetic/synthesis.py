"""Synthesising a district: what its agencies hand over, with the truth sealed beside it."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from targeting.errors import TargetingError
from targeting.synthetic import (
    addresses,
    adult_services,
    camhs,
    centres,
    contacts,
    early_years,
    education_department,
    families_first,
    family_centres,
    glimpses,
    hospital,
    housing,
    identities,
    maternity,
    names,
    offending,
    pathway,
    plants,
    police,
    police_offences,
    population,
    rates,
    referral_sources,
    registers,
    returns,
    schooling,
    schools,
    sightings,
    social_care,
    spells,
    stage_records,
    truth,
    youth_justice,
    youth_services,
)
from targeting.synthetic.attainable import Evidence, attainable_table
from targeting.synthetic.calendar import FIRST_DAY, day_of, steps_until
from targeting.synthetic.course import follow
from targeting.synthetic.district import District
from targeting.synthetic.noticing import Households
from targeting.synthetic.pathway import Pathway, Worked
from targeting.synthetic.writing import Handover, write_handover

DEFAULT_END = date(2026, 3, 29)
SHORTEST_END = date(2021, 4, 1)


@dataclass(frozen=True)
class SynthesisReport:
    """What was written: rows by agency and file, and how many families and people there ever were."""

    families_ever: int
    people_ever: int
    rows: dict[str, dict[str, int]]

    @property
    def total_rows(self) -> int:
        """Return the number of rows of all agencies."""
        return sum(sum(files.values()) for files in self.rows.values())


def _stream(seed: int, part: str) -> np.random.Generator:
    """Return the random stream of one part, its own, so that a change in one part leaves the others as they were."""
    return np.random.default_rng([seed, zlib.crc32(part.encode())])


def _district(families: int, seed: int, end: date) -> District:
    made, people, areas = population.settle(families, end, _stream(seed, "population"))
    book, stays = addresses.house(made, day_of(end), _stream(seed, "addresses"))
    return District(
        families=made,
        people=people,
        areas=areas,
        names=names.christen(made, people, _stream(seed, "names")),
        addresses=book,
        stays=stays,
        nhs_number=identities.nhs_numbers_for_tests(len(people), _stream(seed, "nhs numbers")),
        first_day=FIRST_DAY,
        last_day=day_of(end),
    )


@dataclass(frozen=True)
class _World:
    """What truly happened: the district, the course of needs, what social care did, what the police recorded."""

    households: Households
    worked: Worked
    held: tuple[spells.Spells, NDArray[np.int64]]
    pathway: Pathway
    incidents: police.Incidents
    contacts: contacts.Contacts


def _world(families: int, seed: int, end: date, planted: Sequence[str]) -> _World:
    district = _district(families, seed, end)
    course = follow(district.families, district.people, steps_until(end), _stream(seed, "needs"))
    households = Households(district, course)
    all_spells = spells.spells(district.families, course, _stream(seed, "spells"))
    cases, case, held = spells.cases(all_spells)
    source = referral_sources.drawn(cases.needs, cases.start, _stream(seed, "referral sources"))
    worked = pathway.open_cases(district, cases, source, _stream(seed, "cases"))
    way = pathway.pathway(households, all_spells, worked, (held, case), _stream(seed, "pathway"))
    by_police = source == referral_sources.POLICE
    incidents = police.domestic_abuse(households, cases, by_police, _stream(seed, "domestic abuse"))
    if plants.OVER_POLICED_WARD in planted:
        incidents = plants.over_policed(incidents, district, _stream(seed, plants.OVER_POLICED_WARD))
    made = contacts.contacts(households, incidents, way, _stream(seed, "contacts"))
    return _World(households, worked, (held, case), way, incidents, made)


def _social_care(world: _World, planted: Sequence[str], seed: int) -> Handover:
    """Return social care's files, with what was planted in them."""
    way, made = world.pathway, world.contacts
    if plants.LEAKED_COLUMN in planted:
        made = plants.leaked(made, way, world.households.district, _stream(seed, plants.LEAKED_COLUMN))
    if plants.LATE_RECORDING in planted:
        way = plants.recorded_late(way, _stream(seed, plants.LATE_RECORDING))
    if plants.MISSED_LABELS in planted:
        way = plants.missed(way, world.households.district, _stream(seed, plants.MISSED_LABELS))
    district = world.households.district
    handover = social_care.hand_over(district, way, made, _stream(seed, "social care"))
    if plants.DUPLICATED_FAMILIES in planted:
        handover = plants.duplicated(handover, district, _stream(seed, plants.DUPLICATED_FAMILIES))
    return handover


def _police(world: _World, planted: Sequence[str], seed: int) -> Handover:
    """Return the police's files, with what was planted in them; the front door was told of incidents as they were."""
    district, incidents = world.households.district, world.incidents
    if plants.DRIFTED_FEED in planted:
        incidents = plants.drifted(incidents, district, _stream(seed, plants.DRIFTED_FEED))
    shared, stream = _shared_by_police(world, incidents, seed)
    handover = police.hand_over(district, shared, stream)
    return plants.silent(handover, district) if plants.FEED_OUTAGE in planted else handover


def _shared_by_police(
    world: _World, incidents: police.Incidents, seed: int
) -> tuple[police.Shared, np.random.Generator]:
    stream = _stream(seed, "police")
    return police.shared_by_police(world.households, incidents, stream), stream


def _school_life(world: _World, seed: int) -> tuple[schooling.Pupils, schooling.SchoolLife]:
    pupils = schooling.pupils_of(world.households.district, _stream(seed, "pupils"))
    return pupils, schooling.school_life(world.households, pupils, _stream(seed, "school life"))


def _schools(world: _World, seed: int) -> Handover:
    pupils, life = _school_life(world, seed)
    return schools.hand_over(world.households.district, pupils, life, _stream(seed, "schools"))


def _maternity(world: _World, planted: Sequence[str], seed: int) -> Handover:
    noted, stream = _noted(world, seed)
    asked = plants.screened(world.households.district) if plants.UNSCREENED_GROUP in planted else None
    return maternity.hand_over(world.households, noted, stream, asked)


def _noted(world: _World, seed: int) -> tuple[maternity.Noted, np.random.Generator]:
    births, stream = early_years.born(world.households, _stream(seed, "births")), _stream(seed, "maternity")
    return maternity.noted(world.households, births, stream), stream


def evidence_of(families: int, seed: int, end: date) -> Evidence:
    """Return what a forecaster may read of a district without plants, drawn again from the same streams."""
    return _evidence(_world(families, seed, end, ()), seed)


def _evidence(world: _World, seed: int) -> Evidence:
    households, worked = world.households, world.worked
    district, course = households.district, households.course
    noted, (pupils, life) = _noted(world, seed)[0], _school_life(world, seed)
    recorded = sightings.Recorded(
        households=households,
        cases=worked.cases,
        by_police=worked.source == referral_sources.POLICE,
        pathway=world.pathway,
        contacts=world.contacts,
        police=_shared_by_police(world, world.incidents, seed)[0],
        adult_services=_found(world, seed)[0],
    )
    return Evidence(
        district=district,
        course=course,
        pathway=world.pathway,
        stages=stage_records.stage_records(district, course, worked, world.held, world.pathway),
        sightings=sightings.all_sightings(recorded),
        glimpses=glimpses.lasting_glimpses(district, course, worked, world.pathway, noted),
        terms=glimpses.terms_returned(district, pupils, life.attended),
        noted=noted,
    )


def _found(world: _World, seed: int) -> tuple[adult_services.Found, np.random.Generator]:
    stream = _stream(seed, "adult services")
    return adult_services.found(world.households, stream), stream


def _adult_services(world: _World, seed: int) -> Handover:
    seen, stream = _found(world, seed)
    return adult_services.hand_over(world.households.district, seen, stream)


def _check(out: Path, families: int, end: date, planted: Sequence[str]) -> None:
    """Raise TargetingError where a district cannot be made so."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise TargetingError(f"{out} exists and is not an empty folder; name a new one for the extracts.")
    if families < 1:
        raise TargetingError(f"A district needs at least 1 family; --families says {families}.")
    if end < SHORTEST_END:
        raise TargetingError(f"A district's records begin on 2019-04-01; --end must be {SHORTEST_END} or later.")
    plants.check_plants(planted)


Progress = Callable[[str, int, int], None]
Maker = tuple[str, Callable[[], Handover]]


def _first_makers(world: _World, planted: Sequence[str], seed: int) -> tuple[Maker, ...]:
    """Return what makes the files of the agencies whose facts feed indicators."""
    households = world.households
    return (
        ("social care", lambda: _social_care(world, planted, seed)),
        ("police", lambda: _police(world, planted, seed)),
        ("schools", lambda: _schools(world, seed)),
        ("maternity and health visiting", lambda: _maternity(world, planted, seed)),
        ("children's centres", lambda: centres.hand_over(households, _stream(seed, "centres"))),
        ("adult services", lambda: _adult_services(world, seed)),
    )


def _further_makers(world: _World, seed: int) -> tuple[Maker, ...]:
    """Return what makes the files of further services, each from random streams of its own.

    So that nothing of the first agencies changes with them.
    """
    households, district = world.households, world.households.district
    offences = offending.offences(households, _stream(seed, "offending"))
    pupils = schooling.pupils_of(district, _stream(seed, "pupils"))

    return (
        (
            "police offences",
            lambda: police_offences.hand_over(district, offences, _stream(seed, "police offences")),
        ),
        ("youth justice", lambda: youth_justice.hand_over(households, offences, _stream(seed, "youth justice"))),
        ("Families First", lambda: families_first.hand_over(households, _stream(seed, "Families First"))),
        (
            "family centres",
            lambda: family_centres.hand_over(district, world.pathway, _stream(seed, "family centres")),
        ),
        ("housing", lambda: housing.hand_over(households, _stream(seed, "housing"))),
        ("youth services", lambda: youth_services.hand_over(households, _stream(seed, "youth services"))),
        (
            "education department",
            lambda: education_department.hand_over(households, pupils, _stream(seed, "education department")),
        ),
        ("hospital", lambda: hospital.hand_over(households, _stream(seed, "hospital"))),
        ("child mental health", lambda: camhs.hand_over(households, _stream(seed, "child mental health"))),
    )


def synthesise(  # noqa: PLR0913 - what a district depends on, each said by name.
    out: Path,
    *,
    families: int,
    seed: int,
    end: date = DEFAULT_END,
    plants: Sequence[str] = (),
    attainable: bool = False,
    progress: Progress | None = None,
) -> SynthesisReport:
    """Write what the agencies of a fictional district hand over below `out`, the truth in `out/truth`.

    `families` with children live there at the start and about as many at any time; records run from 1 April 2019 to
    `end`. The same arguments give the same bytes. `plants` names faults planted on purpose; an unknown one raises
    TargetingError. `attainable` writes `truth/attainable.parquet` too, of a district without plants. `progress` is
    told the part done, how many are, and of how many.
    """
    _check(out, families, end, plants)
    if attainable and plants:
        raise TargetingError("What is attainable is reckoned for a district without plants; leave --plant out.")
    say = progress or (lambda _part, _done, _of: None)
    world = _world(families, seed, end, plants)
    makers = (*_first_makers(world, plants, seed), *_further_makers(world, seed))
    handovers = []
    for done, (part, make) in enumerate(makers):
        say(part, done, len(makers) + 1)
        handover = make()
        write_handover(handover, out, end)
        handovers.append(handover)
    say("truth", len(makers), len(makers) + 1)
    truth.write_truth(out, world.households.district, world.households.course, world.pathway, handovers)
    if attainable:
        say("what is attainable", len(makers), len(makers) + 1)
        table = attainable_table(_evidence(world, seed), _stream(seed, "attainable"))
        pq.write_table(table, out / "truth" / "attainable.parquet", compression="zstd")
    rates.write_rates(out, end)
    by_folder = {handover.folder: handover for handover in handovers}
    marks = registers.registers(by_folder["schools"], _stream(seed, "registers"))
    returns.write_returns(out, by_folder["social_care"], marks, end)
    say("done", len(makers) + 1, len(makers) + 1)
    rows = {handover.folder: {table.file: table.rows for table in handover.tables} for handover in handovers}
    return SynthesisReport(len(world.households.district.families), len(world.households.district.people), rows)
