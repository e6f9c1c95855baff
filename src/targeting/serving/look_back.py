"""Looking back: every child who stepped up and was on no list, and what was held of the family when one was made."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from targeting.errors import DataError
from targeting.fairness.intervals import wilson_of_few
from targeting.features.dated_people import NEVER, dated_facts, memberships_of
from targeting.features.dates import as_dates, day_number, earlier, later
from targeting.features.definition import Outcome
from targeting.records.contract import Contract
from targeting.serving.published import PublishedList
from targeting.store.generations import Generation
from targeting.store.people_index import PeopleIndex

LISTED, NO_PLACE = "listed", "without a place"
RESTING, FRONT_DOOR = "resting after a decision", "sent to the front door"


@dataclass(frozen=True)
class Held:
    """What one agency's records held of a family on a date: of what kind, how many facts, the latest of which day."""

    what: str
    agency: str
    facts: int
    latest: date


@dataclass(frozen=True, kw_only=True)
class Missed:
    """A child who stepped up and was on no list of the months before: the last list that could have had the family."""

    person_id: str
    family_id: str
    stepped_up_on: date
    list_id: str
    as_of_date: date
    standing: str
    rank: int | None
    of: int
    held: tuple[Held, ...]


@dataclass(frozen=True, kw_only=True)
class LookBack:
    """Children who stepped up: those missed, how many were listed before, how many no list was about.

    `lower` and `upper` bound the share that was listed of those whom a list was about: families counted once, 95 %.
    """

    missed: tuple[Missed, ...]
    listed: int
    in_no_list: int
    families: int
    lower: float
    upper: float


class _Seen(NamedTuple):
    """A child in a family that a list was about, and where the family stood."""

    on: PublishedList
    family_id: str
    standing: str
    rank: int | None


@dataclass(frozen=True, kw_only=True)
class Past:
    """What is looked back on: lists, each with the generation that it was made from, and what became since.

    `now` is a generation that holds what became; `agencies` names the agency of each source.
    """

    lists: Sequence[tuple[PublishedList, Generation]]
    now: Generation
    outcome: Outcome
    contract: Contract
    agencies: Mapping[str, str]


def look_back(past: Past, as_of_date: date) -> LookBack:
    """Return who stepped up within one horizon of the outcome before a date, as known on it, listed or not.

    A child was listed where a list of at most one horizon before had the family. Raises DataError where no list was
    made in that time.
    """
    start = int(earlier(np.array([day_number(as_of_date)], dtype=np.int32), past.outcome.horizon)[0])
    lists = [(on, gen) for on, gen in past.lists if start <= day_number(on.head.as_of_date) < day_number(as_of_date)]
    if not lists:
        first_day = as_dates(np.array([start]))[0]
        raise DataError(
            f"no list was published within the outcome's horizon before {as_of_date}, which begins on {first_day}. "
            "Look back from a date after a list's own."
        )
    seen = _seen(lists)
    first = min(day_number(on.head.as_of_date) for on, _ in lists)
    stepped = _stepped_up(past, [*seen, *_children(past.now, as_of_date)], first, day_number(as_of_date))
    found = {person: _before(seen.get(person, []), day, past.outcome) for person, day in stepped.items()}
    listed = {person for person, those in found.items() if any(each.standing == LISTED for each in those)}
    last = {person: those[-1] for person, those in found.items() if those and person not in listed}
    held = _held(past, last, dict(lists_by_id(lists)))
    families = {those[-1].family_id for those in found.values() if those}
    got = {those[-1].family_id for person, those in found.items() if person in listed}
    lower, upper = _interval(len(got), len(families))
    return LookBack(
        missed=tuple(_missed(person, each, stepped[person], held) for person, each in sorted(last.items())),
        listed=len(listed),
        in_no_list=sum(not those for those in found.values()),
        families=len(families),
        lower=lower,
        upper=upper,
    )


def lists_by_id(lists: Sequence[tuple[PublishedList, Generation]]) -> Iterator[tuple[str, Generation]]:
    """Yield the id of each list with the generation that it was made from."""
    return ((on.head.id, generation) for on, generation in lists)


def _seen(lists: Sequence[tuple[PublishedList, Generation]]) -> dict[str, list[_Seen]]:
    """Return by child where the families of theirs stood on the lists, the earliest first."""
    seen: dict[str, list[_Seen]] = {}
    for on, generation in sorted(lists, key=lambda each: each[0].head.as_of_date):
        stood = _standings(on)
        families = np.array(sorted(stood), dtype=np.str_)
        members = memberships_of(generation, families)
        present = members.on(np.int32(day_number(on.head.as_of_date)), "children")
        for family, person in zip(present.family.tolist(), present.person.tolist(), strict=True):
            name = str(families[family])
            seen.setdefault(members.person_ids[person].as_py(), []).append(_Seen(on, name, *stood[name]))
    return seen


def _standings(on: PublishedList) -> dict[str, tuple[str, int | None]]:
    """Return how each family that a list was about stood, and its rank where it was considered."""
    rank = dict(zip(on.considered["family_id"].to_pylist(), on.considered["rank"].to_pylist(), strict=True))
    sent = {family: FRONT_DOOR for each in on.front_door for family in each.families}
    told = {each.family_id: RESTING for each in on.resting} | {flag.family_id: LISTED for flag in on.flags} | sent
    return {family: (told.get(family, NO_PLACE), rank.get(family)) for family in {*rank, *sent}}


def _children(generation: Generation, on: date) -> list[str]:
    members = memberships_of(generation, generation.family_ids())
    present = members.on(np.int32(day_number(on)), "children")
    ids: list[str] = members.person_ids.take(pa.array(np.unique(present.person))).to_pylist()
    return ids


def _stepped_up(past: Past, persons: Sequence[str], start: int, end: int) -> dict[str, int]:
    """Return the day on which each of some persons first stepped up, of those who did, in [start, end)."""
    ids = pa.array(sorted(set(persons)), pa.string())
    events = dated_facts(past.outcome.events, past.now, past.contract, ids)
    first = events.earliest(np.int32(start), np.int32(end), np.int32(end))
    return {ids[row].as_py(): int(first[row]) for row in np.flatnonzero(first < NEVER)}


def _before(seen: Sequence[_Seen], day: int, outcome: Outcome) -> list[_Seen]:
    """Return where a child's family stood on the lists of at most one horizon before a day."""
    made = np.array([day_number(each.on.head.as_of_date) for each in seen], dtype=np.int32)
    held = (made <= day) & (day < later(made, outcome.horizon))
    return [each for each, is_before in zip(seen, held.tolist(), strict=True) if is_before]


def _held(
    past: Past, last: Mapping[str, _Seen], generations: Mapping[str, Generation]
) -> dict[tuple[str, str], tuple[Held, ...]]:
    """Return what was held of each missed child's family, by list and family."""
    wanted = {(each.on.head.id, each.family_id): each for each in last.values()}
    return {key: tuple(_held_of(past, each, generations[key[0]])) for key, each in sorted(wanted.items())}


def _held_of(past: Past, each: _Seen, generation: Generation) -> Iterator[Held]:
    on = each.on.head.as_of_date
    members = memberships_of(generation, np.array([each.family_id]))
    present = members.on(np.int32(day_number(on)), "all")
    persons = members.person_ids.take(pa.array(np.unique(present.person))).to_pylist()
    people = PeopleIndex(generation)
    for name in sorted(generation.manifest.kinds):
        facts = people.facts_of(persons, past.contract[name])
        known = pc.and_(pc.less(facts["knowledge_date"], on), pc.less(facts["event_date"], on))
        stood = pc.fill_null(pc.greater_equal(facts["superseded_on"], on), True)
        those = facts.filter(pc.and_(known, stood)).group_by("source")
        rows = those.aggregate([("event_date", "max"), ([], "count_all")])
        for row in sorted(rows.to_pylist(), key=lambda one: str(one["source"])):
            agency = past.agencies.get(row["source"], row["source"])
            yield Held(past.contract[name].description, agency, row["count_all"], row["event_date_max"])


def _missed(person: str, each: _Seen, day: int, held: Mapping[tuple[str, str], tuple[Held, ...]]) -> Missed:
    head = each.on.head
    return Missed(
        person_id=person,
        family_id=each.family_id,
        stepped_up_on=as_dates(np.array([day]))[0].item(),
        list_id=head.id,
        as_of_date=head.as_of_date,
        standing=each.standing,
        rank=each.rank,
        of=head.families,
        held=held[head.id, each.family_id],
    )


def _interval(counted: int, of: int) -> tuple[float, float]:
    if not of:
        return 0.0, 1.0
    lower, upper = wilson_of_few(np.array([counted / of]), np.array([float(of)]))
    return float(lower[0]), float(upper[0])
