"""Synthesising a district: what its agencies hand over, with the truth sealed beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from targeting.errors import TargetingError
from targeting.synthetic import (
    glimpses,
    mechanisms,
    plants,
    rates,
    referral_sources,
    registers,
    returns,
    sightings,
    stage_records,
    truth,
    worlds,
)
from targeting.synthetic.attainable import Evidence, attainable_table
from targeting.synthetic.handovers import first_makers, further_makers
from targeting.synthetic.worlds import World, made_world, stream
from targeting.synthetic.writing import write_handover

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


def evidence_of(families: int, seed: int, end: date, *, variant: str = "standard") -> Evidence:
    """Return what a forecaster may read of a district without plants, drawn again from the same streams."""
    return _evidence(made_world(families, seed, end, (), mechanisms.variant(variant)), seed)


def _evidence(world: World, seed: int) -> Evidence:
    households, worked = world.households, world.worked
    district, course = households.district, households.course
    noted, (pupils, life) = worlds.noted(world, seed)[0], worlds.school_life(world, seed)
    recorded = sightings.Recorded(
        households=households,
        cases=worked.cases,
        by_police=worked.source == referral_sources.POLICE,
        pathway=world.pathway,
        contacts=world.contacts,
        police=worlds.shared_by_police(world, world.incidents, seed)[0],
        adult_services=worlds.found(world, seed)[0],
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


def synthesise(  # noqa: PLR0913 - what a district depends on, each said by name.
    out: Path,
    *,
    families: int,
    seed: int,
    end: date = DEFAULT_END,
    plants: Sequence[str] = (),
    attainable: bool = False,
    variant: str = "standard",
    progress: Progress | None = None,
) -> SynthesisReport:
    """Write what the agencies of a fictional district hand over below `out`, the truth in `out/truth`.

    `families` with children live there at the start and about as many at any time; records run from 1 April 2019 to
    `end`. The same arguments give the same bytes. `plants` names faults planted on purpose; an unknown one raises
    TargetingError. `attainable` writes `truth/attainable.parquet` too, of a district without plants. `progress` is
    told the part done, how many are, and of how many. `variant` names the mechanisms by which the district works.
    """
    _check(out, families, end, plants)
    if attainable and plants:
        raise TargetingError("What is attainable is reckoned for a district without plants; leave --plant out.")
    say = progress or (lambda _part, _done, _of: None)
    world = made_world(families, seed, end, plants, mechanisms.variant(variant))
    makers = (*first_makers(world, plants, seed), *further_makers(world, plants, seed))
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
        table = attainable_table(_evidence(world, seed), stream(seed, "attainable"))
        pq.write_table(table, out / "truth" / "attainable.parquet", compression="zstd")
    rates.write_rates(out, end)
    by_folder = {handover.folder: handover for handover in handovers}
    marks = registers.registers(by_folder["schools"], stream(seed, "registers"))
    returns.write_returns(out, by_folder["social_care"], marks, end)
    say("done", len(makers) + 1, len(makers) + 1)
    rows = {handover.folder: {table.file: table.rows for table in handover.tables} for handover in handovers}
    return SynthesisReport(len(world.households.district.families), len(world.households.district.people), rows)
