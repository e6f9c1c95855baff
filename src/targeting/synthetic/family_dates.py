"""Which families and dates the attainable is reckoned for: a sample of the cohort of the last matured quarters."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic.calendar import HORIZON_STEPS, STEP_DAYS, start_of
from targeting.synthetic.course import Course
from targeting.synthetic.district import District
from targeting.synthetic.evidence import Floats, Ints
from targeting.synthetic.futures import Futures
from targeting.synthetic.pathway import Pathway
from targeting.synthetic.truth import first_steps_of_months, has_child

SETTLING_DAYS, QUARTERS, MONTHS_A_QUARTER = 91, 4, 3
SAMPLED_EVENLY, SAMPLED_BY_HAZARD = 2_000, 2_000


@dataclass(frozen=True)
class FamilyDates:
    """Families and the fortnights at whose start they are looked at, with the chance that each was sampled."""

    family: Ints
    step: Ints
    inclusion: Floats


def matured_steps(course: Course, last_day: int) -> list[int]:
    """Return the fortnights in whose months the last four quarters begin whose outcome has matured, in order."""
    matured = last_day - HORIZON_STEPS * STEP_DAYS - SETTLING_DAYS
    return first_steps_of_months(course.steps, matured)[::-MONTHS_A_QUARTER][:QUARTERS][::-1]


def on_no_case(district: District, course: Course, way: Pathway, step: int) -> Ints:
    """Return the families of the cohort at the start of a fortnight: here, with a child, no open case on record."""
    day = int(start_of(np.array(step)))
    here = (course.first_step <= step) & (district.families.leaves > day) & has_child(district, day)
    referrals = way.referrals
    spans = [(referrals.person, referrals.start, referrals.recorded, referrals.closed_recorded)]
    plans = (way.in_need_plans, way.protection_plans, way.care)
    spans += [(held.person, held.start, held.recorded, held.end_recorded) for held in plans]
    for person, start, recorded, ended in spans:
        over = np.minimum(ended, referrals.nfa_recorded) if person is referrals.person else ended
        is_open = (start < day) & (recorded < day) & (over >= day)
        here[district.people.family[person[is_open]]] = False
    return np.flatnonzero(here)


def sampled(
    district: District, course: Course, way: Pathway, steps: Sequence[int], rng: np.random.Generator
) -> FamilyDates:
    """Return family-dates sampled evenly and by the true chance that the family escalates, once where drawn twice."""
    futures = Futures(course, district.families.vulnerability, district.mechanisms)
    cohorts = [on_no_case(district, course, way, step) for step in steps]
    family, step = np.concatenate(cohorts), np.repeat(steps, [cohort.size for cohort in cohorts])
    hazard = np.concatenate([futures.chances(cohort, at) for cohort, at in zip(cohorts, steps, strict=True)])
    evenly = np.full(family.size, min(1.0, SAMPLED_EVENLY / family.size))
    by_hazard = in_proportion(hazard, SAMPLED_BY_HAZARD)
    drawn = systematic(evenly, rng) | systematic(by_hazard, rng)
    inclusion = 1 - (1 - evenly) * (1 - by_hazard)
    return FamilyDates(family[drawn], step[drawn], inclusion[drawn])


def in_proportion(size: Floats, count: int) -> Floats:
    """Return chances of being drawn that add up to a count and grow with a size, none above 1."""
    chance = np.zeros(size.size)
    certain = np.zeros(size.size, bool)
    while not certain.all():
        rest = np.where(certain, 0.0, size)
        chance = np.where(certain, 1.0, rest * (count - certain.sum()) / max(rest.sum(), 1e-300))
        if not (chance > 1).any():
            break
        certain |= chance > 1
    return np.minimum(chance, 1.0)


def systematic(chance: Floats, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return a draw in which each row has exactly its chance: by even steps along the rows in random order (Madow)."""
    order = rng.permutation(chance.size)
    marks = np.floor(np.cumsum(chance[order]) + rng.random())
    drawn = np.zeros(chance.size, bool)
    drawn[order] = np.diff(marks, prepend=0) > 0
    return drawn
