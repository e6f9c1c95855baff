"""Faults and unfairness planted on purpose, so that gates, audits and tests can be shown to find them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from targeting.errors import TargetingError, what_exists
from targeting.synthetic import communities
from targeting.synthetic.calendar import YEAR
from targeting.synthetic.columns import rows_where, stacked
from targeting.synthetic.contacts import PRIORITIES, Contacts
from targeting.synthetic.district import District
from targeting.synthetic.episodes import CONFERENCE, UNSUBSTANTIATED, Episodes, Referrals
from targeting.synthetic.noticing import delay
from targeting.synthetic.pathway import Pathway
from targeting.synthetic.police import Incidents
from targeting.synthetic.population import Families
from targeting.synthetic.writing import Handover, Table, together

LEAKED_COLUMN = "leaked_column"
LATE_RECORDING = "late_recording"
OVER_POLICED_WARD = "over_policed_ward"
MISSED_LABELS = "missed_labels"
UNSCREENED_GROUP = "unscreened_group"
DRIFTED_FEED = "drifted_feed"
FEED_OUTAGE = "feed_outage"
DUPLICATED_FAMILIES = "duplicated_families"
MISTYPED_ROWS = "mistyped_rows"

PLANTS = {
    LEAKED_COLUMN: (
        "'Case Priority' of LCS_Contacts.csv is amended once a child of the family is found in need within a year, "
        "and bears the contact's date all the same"
    ),
    LATE_RECORDING: (
        "a quarter of referrals, section 47 enquiries and plans are recorded three weeks to four months later than "
        "they were; the dates of the events stand"
    ),
    OVER_POLICED_WARD: (
        "in the ward with most families the police record, beside what they record elsewhere, an incident for one "
        "family in two a year, whether there is abuse or not"
    ),
    MISSED_LABELS: (
        "one time in four a South Asian family's need is not recorded as such: assessments find none, enquiries lead "
        "to no conference, and no plan, proceedings or period of care is entered"
    ),
    UNSCREENED_GROUP: "health visitors do not ask South Asian mothers after their mood at six to eight weeks",
    DRIFTED_FEED: (
        "in the last year before the extract the police grade three incidents in five as high that they would have "
        "graded as standard or medium: the code stays and its meaning moves"
    ),
    FEED_OUTAGE: (
        "the police hand over nothing that was recorded in the 120 days before the extract, which is dated as ever"
    ),
    DUPLICATED_FAMILIES: (
        "one family in ten stands in the case system twice: everyone and everything again under second numbers, "
        "without NHS number, UPN or property number"
    ),
    MISTYPED_ROWS: (
        "housing hands over, beside all that is right, a few rows that nobody can read: a day that no calendar has, a "
        "code that is not in use, no number of anybody, a line that counts the rows"
    ),
}

_LATE_SHARE = 0.25
_DRIFTS_FOR, _DRIFTED_SHARE, _SILENT_FOR = 365, 0.6, 120
_DUPLICATED_SHARE = 0.10
_HIGH = 2
_NOMINAL, _RECORDED = "NOMINAL_REF", frozenset({"CREATED", "REC_DATE", "REPORTED"})
_PEOPLE, _LEFT_OUT = ("Person ID", "Related Person ID"), ("NHS Number", "UPN", "UPRN")
_EXTRA_INCIDENTS_A_YEAR, _CHILD_PRESENT, _MISSED_SHARE = 0.5, 0.62, 0.25

Rows = TypeVar("Rows", Referrals, Episodes)


def check_plants(plants: Sequence[str]) -> None:
    """Raise TargetingError where a plant does not exist, saying which do."""
    for plant in plants:
        if plant not in PLANTS:
            raise TargetingError(f"There is no plant {plant!r}. {what_exists(plant, PLANTS)}")


def recorded_late(pathway: Pathway, rng: np.random.Generator) -> Pathway:
    """Return the pathway with a share of beginnings recorded weeks or months later."""
    return replace(
        pathway,
        referrals=_later(pathway.referrals, rng),
        enquiries=_later(pathway.enquiries, rng),
        in_need_plans=_later(pathway.in_need_plans, rng),
        protection_plans=_later(pathway.protection_plans, rng),
    )


def _later(rows: Rows, rng: np.random.Generator) -> Rows:
    late = rng.random(rows.recorded.size) < _LATE_SHARE
    days = np.where(late, rng.integers(21, 121, late.size), 0)
    return replace(rows, recorded=(rows.recorded + days).astype(np.int32))


def leaked(contacts: Contacts, pathway: Pathway, district: District, rng: np.random.Generator) -> Contacts:
    """Return the contacts with priorities that know what was found in the year after."""
    found = pathway.assessments.in_need
    family = district.people.family
    key = np.sort(family[pathway.assessments.person[found]] * 2**32 + pathway.assessments.day[found])
    mine = family[contacts.person] * 2**32
    place = np.searchsorted(key, mine + contacts.day + 1)
    following = np.append(key, np.iinfo(np.int64).max)[place]
    came = following <= mine + contacts.day + 365
    draw = rng.random(came.size)
    urgent, routine = len(PRIORITIES) - 1, 0
    amended = np.where(came & (draw < 0.9), urgent, np.where(~came & (draw < 0.97), routine, contacts.priority))
    return replace(contacts, priority=amended)


def planted_ward(families: Families) -> int:
    """Return the ward that is policed more closely where that is planted: the one with most families."""
    return int(np.bincount(families.ward).argmax())


def over_policed(incidents: Incidents, district: District, rng: np.random.Generator) -> Incidents:
    """Return the incidents with more recorded in one ward, of standard grade, that say nothing of a family's needs."""
    families = district.families
    stays = np.minimum(families.leaves, district.last_day) - np.maximum(families.present_from, district.first_day)
    years = np.where(families.ward == planted_ward(families), np.maximum(stays, 0) / YEAR, 0.0)
    times = rng.poisson(_EXTRA_INCIDENTS_A_YEAR * years)
    family = np.repeat(np.arange(len(families)), times)
    begun = np.maximum(families.present_from, district.first_day)[family]
    day = (begun + rng.random(family.size) * np.maximum(stays, 0)[family]).astype(np.int32)
    recorded = (day + delay(day.size, 0.9, rng, tail=0.02)).astype(np.int32)
    more = Incidents(family, day, recorded, np.zeros(day.size, np.int64), rng.random(day.size) < _CHILD_PRESENT)
    together = stacked([incidents, more])
    return rows_where(together, np.lexsort((together.family, together.day)))


def missed(pathway: Pathway, district: District, rng: np.random.Generator) -> Pathway:
    """Return the pathway with a share of one group's needs not recorded, a family's year at a time."""
    family, years = district.people.family, 1 + (district.last_day - district.first_day) // 365
    group = np.isin(district.families.community, communities.SOUTH_ASIAN)
    lost = group[:, None] & (rng.random((len(district.families), years)) < _MISSED_SHARE)

    def is_lost(person: NDArray[np.int64], day: NDArray[np.int32]) -> NDArray[np.bool_]:
        year = np.clip((day - district.first_day) // 365, 0, years - 1)
        return np.asarray(lost[family[person], year])

    def kept(rows: Episodes) -> Episodes:
        return rows_where(rows, ~is_lost(rows.person, rows.start))

    found, asked = pathway.assessments, pathway.enquiries
    no_conference = (asked.kind == CONFERENCE) & is_lost(asked.person, asked.start)
    return replace(
        pathway,
        assessments=replace(found, in_need=found.in_need & ~is_lost(found.person, found.day)),
        enquiries=replace(asked, kind=np.where(no_conference, UNSUBSTANTIATED, asked.kind)),
        in_need_plans=kept(pathway.in_need_plans),
        protection_plans=kept(pathway.protection_plans),
        pre_proceedings=kept(pathway.pre_proceedings),
        care=kept(pathway.care),
    )


def screened(district: District) -> NDArray[np.bool_]:
    """Return which families' mothers are asked after their mood, where one group's are not."""
    return np.isin(district.families.community, communities.SOUTH_ASIAN, invert=True)


def drifted(incidents: Incidents, district: District, rng: np.random.Generator) -> Incidents:
    """Return the incidents with grades of the last year that mean something else."""
    late = incidents.recorded > district.last_day - _DRIFTS_FOR
    raised = late & (incidents.grade < _HIGH) & (rng.random(incidents.grade.size) < _DRIFTED_SHARE)
    return replace(incidents, grade=np.where(raised, _HIGH, incidents.grade))


def silent(handover: Handover, district: District) -> Handover:
    """Return the police's files with nothing that was recorded after the feed fell silent."""
    last = district.last_day - _SILENT_FOR
    tables = tuple(_recorded_by(table, last) for table in handover.tables)
    known = pc.is_in(pa.array(handover.record_key), tables[0].columns[_NOMINAL]).to_numpy(zero_copy_only=False)
    return replace(
        handover,
        tables=tables,
        record_key=pa.array(handover.record_key).filter(pa.array(known)),
        person=handover.person[known],
    )


def _recorded_by(table: Table, last: int) -> Table:
    """Return the rows of a police table that were recorded up to a day."""
    (column,) = _RECORDED & table.columns.keys()
    days = pc.cast(pc.cast(pc.strptime(table.columns[column], "%d-%b-%Y", "s"), pa.date32()), pa.int32())
    rows = pa.table(dict(table.columns)).filter(pc.less_equal(days, last))
    return replace(table, columns={name: rows[name].combine_chunks() for name in rows.column_names})


def duplicated(handover: Handover, district: District, rng: np.random.Generator) -> Handover:
    """Return social care's files with some families' people and records a second time, under second numbers."""
    twice = (rng.random(len(district.families)) < _DUPLICATED_SHARE)[district.people.family[handover.person]]
    number = pa.array(handover.record_key)
    held = number.filter(pa.array(twice))
    return replace(
        handover,
        tables=tuple(_with_second_numbers(table, held) for table in handover.tables),
        record_key=pa.concat_arrays([number, _second(held)]),
        person=np.concatenate([handover.person, handover.person[twice]]),
    )


def _with_second_numbers(table: Table, people: pa.Array) -> Table:
    """Return a table with the rows of some people again, their own keys and the people's under second numbers."""
    rows = pa.table(dict(table.columns))
    again = rows.filter(pc.is_in(rows[_PEOPLE[0]], people))
    names = [name for name in rows.column_names if name in _PEOPLE or name.endswith(" ID")]
    columns = {name: again[name].combine_chunks() for name in rows.column_names}
    columns |= {name: _second(columns[name]) for name in names}
    columns |= {name: pa.array([""] * len(again), pa.string()) for name in _LEFT_OUT if name in columns}
    return together(table, replace(table, columns=columns))


def _second(number: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise("D", number, "")
