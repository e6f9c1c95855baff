"""Objections: one person's own facts leave scoring until an officer has decided, and for good where it is upheld."""

from collections.abc import Iterable
from datetime import date

import pyarrow as pa

from targeting.errors import TargetingError
from targeting.serving.database.audit import AuditEvent
from targeting.serving.database.database import Database
from targeting.serving.database.objections import (
    IN_FORCE,
    Objection,
    Signed,
    State,
    decide_objection,
    record_objection,
)
from targeting.serving.definition import SERVICE, Service
from targeting.store.generations import Generation
from targeting.store.people_index import PeopleIndex
from targeting.store.pseudonyms import record_ids

# Whoever answers for how the service treats people decides; whoever runs it takes an objection down.
OFFICER, CLERK = "governance", "administrator"
CLIENT = "command line"


def person_of(generation: Generation, source: str, value: str, *, identity_key: bytes, on: date) -> tuple[str, str]:
    """Return a person by the id that a source's records bear: as lists know the person, and as the record is known.

    Raises TargetingError, without the id, where nobody is held by it.
    """
    record: str = record_ids(pa.array([value], pa.string()), source=source, identity_key=identity_key)[0].as_py()
    person = PeopleIndex(generation).person_of(record, on)
    if person is None:
        raise TargetingError(f"nobody is held by that id of {source}: no list was made with records of that person.")
    return person, record


def left_out(objections: Iterable[Objection], generation: Generation, on: date) -> frozenset[str]:
    """Return whose facts leave scoring on a date: whoever objected, by what linkage calls them now as well."""
    held = [each for each in objections if each.state in IN_FORCE]
    if not held:
        return frozenset()
    people = PeopleIndex(generation)
    now = [people.person_of(each.record_id, on) for each in held]
    return frozenset([*(each.person_id for each in held), *(each for each in now if each is not None)])


def check_is_officer(service: Service, name: str) -> None:
    """Raise TargetingError where somebody is not among the officers who decide on objections."""
    named = service.objections.officers
    if name not in named:
        known = f"Officers: {', '.join(named)}." if named else "None is named."
        raise TargetingError(f"{name} is not named in {SERVICE}, [objections] officers, to decide. {known}")


def take_down(database: Database, person: tuple[str, str], *, by: str) -> Objection:
    """Record a person's objection and its audit event, which names nobody but who took it down."""
    person_id, record_id = person
    who = Signed(by, CLERK)
    event = AuditEvent(subject=by, role=who.role, client=CLIENT, action="object")
    return database.write(
        lambda writing: record_objection(writing, person_id=person_id, record_id=record_id, by=who), audit=event
    )


def decide(database: Database, number: int, state: State, *, because: str, by: str) -> Objection:
    """Record an officer's decision on an objection, and its audit event."""
    who = Signed(by, OFFICER)
    event = AuditEvent(
        subject=by,
        role=who.role,
        client=CLIENT,
        action="decide_objection",
        what=str(number),
        details={"state": state},
    )
    return database.write(
        lambda writing: decide_objection(writing, number, state, because=because, by=who), audit=event
    )
