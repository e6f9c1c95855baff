"""The truth behind the extracts: who is who, who lives with whom, the latent states. For benchmarks and tests alone."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from targeting.synthetic import needs
from targeting.synthetic.calendar import FIRST_DAY, Days, start_of
from targeting.synthetic.communities import CODES
from targeting.synthetic.course import Course
from targeting.synthetic.district import District
from targeting.synthetic.episodes import DISABILITY_NEED
from targeting.synthetic.futures import Futures
from targeting.synthetic.pathway import Pathway
from targeting.synthetic.population import CHILD, NEW_PARTNER, OTHER_PARENT, ROLES
from targeting.synthetic.writing import Handover, real_dates, words

NOTE = """This folder holds the truth behind a fictional district's extracts: who is who, what went on in households.
It says nothing about Bradford or about anyone who lives there. Benchmarks and tests may read it; `load`, `link`,
`train` and `score` never do.

records.parquet      source, record_key (the agency's own reference), person
people.parquet       person, born, sex, ethnicity, role in the family of birth or of the household
families.parquet     family, person, role, since, until: a child of separated parents is in two families
addresses.parquet    household, since, uprn, postcode, communal (household 0..n-1 is the family of that number)
states.parquet       family, as_of_date, its needs, stage and the exact chance that it first escalates in [28, 182) days
escalations.parquet  family, person, day, kind: what counts as an escalation, as it happened and not as it was recorded
attainable.parquet   where asked for: family, as_of_date, the best forecaster's probability, inclusion weight
"""


def write_truth(out: Path, district: District, course: Course, pathway: Pathway, handovers: Sequence[Handover]) -> None:
    """Write the folder `truth` below `out`."""
    folder = out / "truth"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.txt").write_text(NOTE, encoding="utf-8")
    tables = {
        "records": _records(handovers),
        "people": _people(district),
        "families": _memberships(district),
        "addresses": _addresses(district),
        "states": _states(district, course),
        "escalations": _escalations(district, pathway),
    }
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")


def _records(handovers: Sequence[Handover]) -> pa.Table:
    return pa.concat_tables(
        pa.table(
            {
                "source": pa.array(np.full(handover.person.size, handover.folder, object), pa.string()),
                "record_key": handover.record_key,
                "person": handover.person,
            }
        )
        for handover in handovers
    )


def _people(district: District) -> pa.Table:
    people = district.people
    return pa.table(
        {
            "person": np.arange(len(people)),
            "born": real_dates(people.born),
            "sex": words(people.sex, ["", "male", "female"]),
            "ethnicity": words(people.community, CODES),
            "role": words(people.role, ROLES),
        }
    )


def _memberships(district: District) -> pa.Table:
    """Return who belongs to which family from when to when; second families bear numbers after the first ones."""
    people, families = district.people, district.families
    family = people.family
    moves = np.isin(people.role, (OTHER_PARENT, NEW_PARTNER))
    parts = families.separated_on[family]
    since = np.maximum(people.joins, families.present_from[family])
    leaves = families.leaves[family]
    first = ~moves | (parts > since)
    until = np.where(moves, np.minimum(parts, leaves), leaves)
    second = np.flatnonzero((moves | (people.role == CHILD)) & (families.other_household[family] >= 0))
    second_since = np.maximum(since, parts)[second]
    alive = second_since < leaves[second]
    second, second_since = second[alive], second_since[alive]
    rows = np.flatnonzero(first)
    return pa.table(
        {
            "family": np.concatenate([family[rows], families.other_household[family[second]]]),
            "person": np.concatenate([rows, second]),
            "role": words(np.concatenate([people.role[rows], people.role[second]]), ROLES),
            "since": real_dates(np.concatenate([since[rows], second_since])),
            "until": real_dates(np.concatenate([until[rows], leaves[second]])),
        }
    )


def _addresses(district: District) -> pa.Table:
    stays, book = district.stays, district.addresses
    return pa.table(
        {
            "household": stays.household,
            "since": real_dates(stays.since),
            "uprn": book.uprn[stays.address],
            "postcode": pa.array(book.postcode[stays.address]),
            "communal": book.communal[stays.address],
        }
    )


def first_steps_of_months(steps: int, last_day: int) -> list[int]:
    """Return, for each month since the move to the case system, the first fortnight that begins in it, up to a day."""
    starts = start_of(np.arange(steps)).astype("datetime64[D]")
    months = starts.astype("datetime64[M]")
    first = np.flatnonzero(np.append(True, months[1:] != months[:-1]))
    return [int(step) for step in first if FIRST_DAY <= starts[step].astype(int) <= last_day]


def has_child(district: District, day: int) -> NDArray[np.bool_]:
    """Return which families have a child under 18, born or expected, on a day."""
    people = district.people
    child = people.of_role(CHILD)
    there = (people.joins[child] <= day) & (people.born[child] + round(18 * 365.25) > day)
    return np.bincount(people.family[child[there]], minlength=len(district.families)) > 0


def _states(district: District, course: Course) -> pa.Table:
    """Return the latent state of each family with a child at the start of a fortnight of each month."""
    futures = Futures(course, district.families.vulnerability, district.mechanisms)
    parts: list[tuple[NDArray[np.int64], Days, NDArray[np.int16], NDArray[np.float64]]] = []
    for step in first_steps_of_months(course.steps, district.last_day):
        day = int(start_of(np.array(step)))
        here = (course.first_step <= step) & (district.families.leaves > day) & has_child(district, day)
        family = np.flatnonzero(here)
        chance = futures.chances(family, step)
        parts.append((family, np.full(family.size, day, np.int32), course.state[family, step], chance))
    family, days, state, chance = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    combination = state % needs.NEEDS
    return pa.table(
        {
            "family": family,
            "as_of_date": real_dates(days),
            "stage": words(state // needs.NEEDS, needs.STAGES).dictionary_encode(),
            "abuse": needs.ABUSE[combination],
            "ill_health": needs.ILL_HEALTH[combination],
            "substances": needs.SUBSTANCES[combination],
            "strain": needs.STRAIN[combination],
            "absence": needs.ABSENCE[combination],
            "state": state,
            "chance": chance.astype(np.float32),
        }
    )


def _escalations(district: District, pathway: Pathway) -> pa.Table:
    """Return what counts as an escalation, by its true day: in need (not by disability), plans, care."""
    assessments, care = pathway.assessments, pathway.care
    found = assessments.in_need & (assessments.primary_need != DISABILITY_NEED)
    taken = care.kind != 2
    parts = (
        ("in_need", assessments.person[found], assessments.day[found]),
        ("protection_plan", pathway.protection_plans.person, pathway.protection_plans.start),
        ("care", care.person[taken], care.start[taken]),
    )
    person = np.concatenate([people for _, people, _ in parts])
    day = np.concatenate([days for _, _, days in parts])
    kind = np.repeat([name for name, _, _ in parts], [people.size for _, people, _ in parts])
    family = district.people.family[person]
    order = np.lexsort((kind, person, day, family))
    return pa.table(
        {
            "family": family[order],
            "person": person[order],
            "day": real_dates(day[order]),
            "kind": pa.array(kind[order]),
        }
    )
