"""Which agencies of the district hand over files, in which order, and from which random streams."""

from collections.abc import Callable, Sequence

from targeting.synthetic import (
    adult_services,
    camhs,
    centres,
    education_department,
    families_first,
    family_centres,
    hospital,
    housing,
    maternity,
    mistyped,
    offending,
    plants,
    police,
    police_offences,
    schooling,
    schools,
    social_care,
    worlds,
    youth_justice,
    youth_services,
)
from targeting.synthetic.worlds import World, stream
from targeting.synthetic.writing import Handover


def _social_care(world: World, planted: Sequence[str], seed: int) -> Handover:
    """Return social care's files, with what was planted in them."""
    way, made = world.pathway, world.contacts
    if plants.LEAKED_COLUMN in planted:
        made = plants.leaked(made, way, world.households.district, stream(seed, plants.LEAKED_COLUMN))
    if plants.LATE_RECORDING in planted:
        way = plants.recorded_late(way, stream(seed, plants.LATE_RECORDING))
    if plants.MISSED_LABELS in planted:
        way = plants.missed(way, world.households.district, stream(seed, plants.MISSED_LABELS))
    district = world.households.district
    handover = social_care.hand_over(district, way, made, stream(seed, "social care"))
    if plants.DUPLICATED_FAMILIES in planted:
        handover = plants.duplicated(handover, district, stream(seed, plants.DUPLICATED_FAMILIES))
    return handover


def _police(world: World, planted: Sequence[str], seed: int) -> Handover:
    """Return the police's files, with what was planted in them; the front door was told of incidents as they were."""
    district, incidents = world.households.district, world.incidents
    if plants.DRIFTED_FEED in planted:
        incidents = plants.drifted(incidents, district, stream(seed, plants.DRIFTED_FEED))
    shared, rng = worlds.shared_by_police(world, incidents, seed)
    handover = police.hand_over(district, shared, rng)
    return plants.silent(handover, district) if plants.FEED_OUTAGE in planted else handover


def _schools(world: World, seed: int) -> Handover:
    pupils, life = worlds.school_life(world, seed)
    return schools.hand_over(world.households.district, pupils, life, stream(seed, "schools"))


def _maternity(world: World, planted: Sequence[str], seed: int) -> Handover:
    noted, rng = worlds.noted(world, seed)
    asked = plants.screened(world.households.district) if plants.UNSCREENED_GROUP in planted else None
    return maternity.hand_over(world.households, noted, rng, asked)


def _adult_services(world: World, seed: int) -> Handover:
    seen, rng = worlds.found(world, seed)
    return adult_services.hand_over(world.households.district, seen, rng)


def _housing(world: World, planted: Sequence[str], seed: int) -> Handover:
    """Return housing's files, with what was planted in them."""
    handover = housing.hand_over(world.households, stream(seed, "housing"))
    return mistyped.mistyped(handover) if plants.MISTYPED_ROWS in planted else handover


Maker = tuple[str, Callable[[], Handover]]


def first_makers(world: World, planted: Sequence[str], seed: int) -> tuple[Maker, ...]:
    """Return what makes the files of the agencies whose facts feed indicators."""
    households = world.households
    return (
        ("social care", lambda: _social_care(world, planted, seed)),
        ("police", lambda: _police(world, planted, seed)),
        ("schools", lambda: _schools(world, seed)),
        ("maternity and health visiting", lambda: _maternity(world, planted, seed)),
        ("children's centres", lambda: centres.hand_over(households, stream(seed, "centres"))),
        ("adult services", lambda: _adult_services(world, seed)),
    )


def further_makers(world: World, planted: Sequence[str], seed: int) -> tuple[Maker, ...]:
    """Return what makes the files of further services, each from random streams of its own.

    So that nothing of the first agencies changes with them.
    """
    households, district = world.households, world.households.district
    offences = offending.offences(households, stream(seed, "offending"))
    pupils = schooling.pupils_of(district, stream(seed, "pupils"))

    return (
        (
            "police offences",
            lambda: police_offences.hand_over(district, offences, stream(seed, "police offences")),
        ),
        ("youth justice", lambda: youth_justice.hand_over(households, offences, stream(seed, "youth justice"))),
        ("Families First", lambda: families_first.hand_over(households, stream(seed, "Families First"))),
        (
            "family centres",
            lambda: family_centres.hand_over(district, world.pathway, stream(seed, "family centres")),
        ),
        ("housing", lambda: _housing(world, planted, seed)),
        ("youth services", lambda: youth_services.hand_over(households, stream(seed, "youth services"))),
        (
            "education department",
            lambda: education_department.hand_over(households, pupils, stream(seed, "education department")),
        ),
        ("hospital", lambda: hospital.hand_over(households, stream(seed, "hospital"))),
        ("child mental health", lambda: camhs.hand_over(households, stream(seed, "child mental health"))),
    )
