"""What a page shows of a listed family beside its flag: who belongs to it, who works with it, what was recorded.

Nothing here is computed for a score; it is taken from the generation when the list is published, and never later.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from targeting.features.dates import EPOCH, day_number
from targeting.records.contract import contract
from targeting.records.definition import Column, FactKind
from targeting.serving.contents import FamilyRecord, Member, Recorded, WorksWith
from targeting.serving.sentences import DAYS_IN_YEAR, age
from targeting.serving.wards import wards_in
from targeting.store.blocks import MISSING_DAY, FactRows, MemberRows, Shard
from targeting.store.generations import Generation

TOLD_FOR = timedelta(days=731)
# Said elsewhere on the page, or of no event; who is protected is said nowhere.
NOT_TOLD = frozenset(
    (
        *("person_described", "address_recorded", "identity_protected", "attendance_day", "placement_changed"),
        *("involvement_started", "involvement_ended", "help_declined", "care_episode_started"),
        *("benefit_started", "benefit_ended"),
    )
)
DETAILS = ("outcome", "status", "service")
# That somebody declined, or did not come, is theirs; it is told of nobody.
NOT_DETAILED = ("declined", "missed", "cancelled", "left")
# Work that has begun and not ended, by the kind of its start: the kind of its end, and the service if no column says.
WORK: Mapping[str, tuple[str, str]] = {
    "involvement_started": ("involvement_ended", ""),
    "early_help_started": ("early_help_ended", "early help"),
    "youth_justice_started": ("youth_justice_ended", "youth justice"),
}
# Which part of health works with an adult is for whoever works with that adult.
OF_HEALTH = ("mental_health", "substance_misuse")
_KnownTo = Mapping[tuple[int, int], tuple[str, ...]]
_ASIDE = re.compile(r"(?:, (?:one record|recorded on|with what|of which)|;|: an open case).*$")


def family_records(
    generation: Generation, family_ids: Sequence[str], *, agencies: Mapping[str, str], as_of_date: date
) -> tuple[FamilyRecord, ...]:
    """Return what is known of each family on a date, in the order given; `agencies` name those of the sources told."""
    if not family_ids:
        return ()
    shard = generation.shard_with(family_ids)
    told = _Telling(shard, agencies, as_of_date)
    known_to = _known_to(shard, agencies, as_of_date)
    elsewhere = _children_elsewhere(generation, shard, as_of_date)
    wards, places = wards_in(shard, as_of_date), {name: at for at, name in enumerate(shard.family_ids.tolist())}
    recorded = told.recorded()
    works_with = told.works_with()
    return tuple(
        FamilyRecord(
            family_id=family_id,
            ward=str(wards[places[family_id]]),
            members=_members(shard.members, places[family_id], known_to, as_of_date, former=False),
            former=_members(shard.members, places[family_id], known_to, as_of_date, former=True),
            children_elsewhere=elsewhere.get(places[family_id], 0),
            works_with=works_with.get(places[family_id], ()),
            recorded=recorded.get(places[family_id], ()),
        )
        for family_id in family_ids
    )


def _members(
    rows: MemberRows, family: int, known_to: _KnownTo, as_of_date: date, *, former: bool
) -> tuple[Member, ...]:
    """Return who belongs to a family on a date, or who did and no longer does: children first, the eldest first."""
    day, found = day_number(as_of_date), []
    at = np.flatnonzero((rows.family == family) & (rows.visible_from <= day))
    here = {int(rows.person[row]) for row in at if rows.visible_to[row] >= day}
    for person in sorted({int(each) for each in rows.person[at]}):
        own = at[rows.person[at] == person]
        if (person in here) == former:
            continue
        last = own[np.argmax(rows.visible_to[own])]
        birth = int(rows.birth[last])
        found.append((not rows.is_child[last], birth, person, own, last))
    return tuple(
        Member(
            is_child=not is_adult,
            age=_age(birth, day) if not is_adult else "",
            years=_years(birth, day) if not is_adult else None,
            known_to=known_to.get((family, person), ()),
            since=EPOCH + timedelta(days=int(rows.visible_from[own].min())),
            # When somebody who belongs to it will have left is learned later.
            until=EPOCH + timedelta(days=int(rows.visible_to[last])) if former else None,
        )
        for is_adult, birth, person, own, last in sorted(found, key=lambda each: each[:3])
    )


def _known_to(shard: Shard, agencies: Mapping[str, str], as_of_date: date) -> _KnownTo:
    """Return which agencies have a record of each member of each family on a date; one that is not told has no name."""
    links, day = shard.links, day_number(as_of_date)
    found: dict[tuple[int, int], set[str]] = {}
    for row in np.flatnonzero(links.visible_from <= day).tolist():
        agency = agencies.get(shard.sources[links.source[row]], "")
        found.setdefault((int(links.family[row]), int(links.person[row])), set()).add(agency)
    return {member: tuple(sorted(names)) for member, names in found.items()}


def _years(birth: int, day: int) -> int | None:
    return None if birth == MISSING_DAY or birth >= day else int((day - birth) / DAYS_IN_YEAR)


def _age(birth: int, day: int) -> str:
    if birth == MISSING_DAY:
        return "age not known"
    return "expected" if birth >= day else age((day - birth) / DAYS_IN_YEAR)


def _children_elsewhere(generation: Generation, shard: Shard, as_of_date: date) -> dict[int, int]:
    """Return how many of each family's children belong to another family too on a date."""
    day, rows = day_number(as_of_date), shard.members
    now = (rows.visible_from <= day) & (day <= rows.visible_to) & (rows.is_child == 1)
    children = shard.person_ids[np.unique(rows.person[now])].tolist()
    held = generation.memberships()
    held = held.filter(pc.is_in(held["person_id"], value_set=pa.array(children, pa.string())))
    at = held.filter(
        pc.and_(
            pc.less_equal(held["visible_from"], as_of_date),
            pc.fill_null(pc.greater_equal(held["visible_to"], as_of_date), fill_value=True),
        )
    )
    families = Counter(at["person_id"].to_pylist())
    twice = [families[str(shard.person_ids[person])] > 1 for person in rows.person[now]]
    return dict(Counter(rows.family[now][np.array(twice, dtype=bool)].tolist()))


@dataclass(frozen=True)
class _Telling:
    """Some families' facts, told as a page tells them."""

    shard: Shard
    agencies: Mapping[str, str]
    as_of_date: date

    def recorded(self) -> Mapping[int, tuple[Recorded, ...]]:
        """Return what was recorded of each family in the last two years: by month, the latest first."""
        times: Counter[tuple[int, date, str, str]] = Counter()
        for kind in contract().values():
            if kind.name not in NOT_TOLD:
                # What concerns several members is one event of the family, told once.
                times.update(set(self._events(kind)))
        found: dict[int, list[tuple[date, str, str, int]]] = {}
        by_month: Counter[tuple[int, date, str, str]] = Counter()
        for (family, day, what, agency), _ in times.items():
            by_month[family, day.replace(day=1), what, agency] += 1
        for (family, month, what, agency), number in by_month.items():
            found.setdefault(family, []).append((month, what, agency, number))
        return {
            family: tuple(
                Recorded(month=month, what=what, agency=agency, times=number)
                for month, what, agency, number in sorted(held, key=lambda each: (-each[0].toordinal(), each[1:]))
            )
            for family, held in found.items()
        }

    def works_with(self) -> Mapping[int, tuple[WorksWith, ...]]:
        """Return which services work with each family on the date, and since when."""
        found: dict[int, dict[tuple[str, str], date]] = {}
        for family, service, agency, since in chain.from_iterable(map(self._open, WORK)):
            held = found.setdefault(family, {})
            held[service, agency] = min(since, held.get((service, agency), since))
        return {
            family: tuple(WorksWith(service=s, agency=a, since=on) for (s, a), on in sorted(held.items()))
            for family, held in found.items()
        }

    def _open(self, kind: str) -> Iterator[tuple[int, str, str, date]]:
        """Yield the work of a kind that has begun and not ended: family, service, agency, since when."""
        end, service = WORK[kind]
        try:
            started = self.shard.facts(kind, ["episode_id", *(() if service else ("service",))])
            ended = self.shard.facts(end, ["episode_id"])
        except KeyError:
            return
        over = set(ended.columns["episode_id"][self._visible(ended)].tolist())
        for row in np.flatnonzero(self._visible(started)).tolist():
            agency = self.agencies.get(self.shard.sources[started.source[row]])
            if agency is not None and started.columns["episode_id"][row] not in over:
                since = EPOCH + timedelta(days=int(started.event[row]))
                yield int(started.family[row]), service or _service(started, row), agency, since

    def _events(self, kind: FactKind) -> Iterator[tuple[int, date, str, str]]:
        columns = [each for each in kind.columns if each.name in (*DETAILS, "sessions_missed", "sessions_possible")]
        try:
            rows = self.shard.facts(kind.name, [each.name for each in columns])
        except KeyError:
            return
        recent = rows.event >= day_number(self.as_of_date - TOLD_FOR)
        for row in np.flatnonzero(self._visible(rows) & recent).tolist():
            agency = self.agencies.get(self.shard.sources[rows.source[row]])
            if agency is not None:
                day = EPOCH + timedelta(days=int(rows.event[row]))
                yield int(rows.family[row]), day, _said(kind, columns, rows, row), agency

    def _visible(self, rows: FactRows) -> NDArray[np.bool_]:
        day = day_number(self.as_of_date)
        return np.asarray((rows.visible_from <= day) & (day <= rows.visible_to) & (rows.event < day))


def _said(kind: FactKind, columns: Sequence[Column], rows: FactRows, row: int) -> str:
    """Return one fact as a line of the timeline: what it is, and what became of it where that is said."""
    values = {each.name: rows.columns[each.name][row] for each in columns}
    if "sessions_missed" in values and "sessions_possible" in values:
        missed, possible = values["sessions_missed"], values["sessions_possible"]
        if not (np.isnan(missed) or np.isnan(possible)):
            return f"A child missed {missed:.0f} of {possible:.0f} school sessions in a term"
    details = [words for each in columns if each.name in DETAILS and (words := _words(each, rows, row))]
    return ": ".join([_ASIDE.sub("", kind.description), *details])


def _words(column: Column, rows: FactRows, row: int) -> str:
    code = int(rows.columns[column.name][row])
    if code < 0:
        return ""
    name = rows.vocabularies[column.name][code]
    if name in NOT_DETAILED:
        return ""
    if name in OF_HEALTH:
        return "a health service"
    return column.codes.codes.get(name, name) if column.codes else name


def _service(rows: FactRows, row: int) -> str:
    (column,) = (each for each in contract()["involvement_started"].columns if each.name == "service")
    return _words(column, rows, row) or "a service"
