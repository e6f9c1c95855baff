"""Faults planted on purpose, so that gates and tests can be shown to find them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from targeting.errors import TargetingError, what_exists
from targeting.synthetic.contacts import PRIORITIES, Contacts
from targeting.synthetic.district import District
from targeting.synthetic.episodes import Episodes, Referrals
from targeting.synthetic.pathway import Pathway

LEAKED_COLUMN = "leaked_column"
LATE_RECORDING = "late_recording"

PLANTS = {
    LEAKED_COLUMN: (
        "'Case Priority' of LCS_Contacts.csv is amended once a child of the family is found in need within a year, "
        "and bears the contact's date all the same"
    ),
    LATE_RECORDING: (
        "a quarter of referrals, section 47 enquiries and plans are recorded three weeks to four months later than "
        "they were; the dates of the events stand"
    ),
}

_LATE_SHARE = 0.25

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
