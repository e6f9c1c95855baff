"""The course of each household's needs: its type and state at the start of every fortnight."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic import needs
from targeting.synthetic.calendar import NEVER, STEP_DAYS, YEAR, Days, start_of, step_of
from targeting.synthetic.mechanisms import STANDARD, Mechanisms
from targeting.synthetic.population import BOOKING_BEFORE_BIRTH, CHILD, Families, People
from targeting.synthetic.thresholds import thresholds

INFANT_YEARS, SCHOOL_YEARS, ADOLESCENT_YEARS = 1.5, 5, 11


@dataclass(frozen=True)
class Course:
    """Latent states (families, steps + 1) and bands (families, steps + 1); -1 before the family is here.

    `first_step` is the first fortnight that begins with the family in the district.
    """

    state: NDArray[np.int16]
    band: NDArray[np.int8]
    first_step: NDArray[np.int64]

    @property
    def steps(self) -> int:
        """Return the number of fortnights."""
        return self.state.shape[1] - 1

    @property
    def stage(self) -> NDArray[np.int16]:
        """Return the stage of each family at the start of each fortnight."""
        return np.where(self.state < 0, np.int16(-1), self.state // np.int16(needs.NEEDS))

    def needs_during(self, step: NDArray[np.int64], family: NDArray[np.int64]) -> NDArray[np.int16]:
        """Return the combination of needs of families at the start of fortnights."""
        return self.state[family, step] % np.int16(needs.NEEDS)


def _bands(families: Families, people: People, steps: int) -> NDArray[np.int8]:
    """Return the band of each family at the start of each fortnight."""
    children = people.of_role(CHILD)
    booked = booked_on(people, children)
    order = np.argsort(booked, kind="stable")
    children, booked = children[order], booked[order]
    first_born = np.full(len(families), NEVER)
    np.minimum.at(first_born, people.family[children], people.born[children])
    youngest = np.full(len(families), -NEVER)
    bands = np.empty((len(families), steps + 1), np.int8)
    done = 0
    for step in range(steps + 1):
        day = int(start_of(np.array(step)))
        upto = int(np.searchsorted(booked, day, side="right"))
        fresh = children[done:upto]
        np.maximum.at(youngest, people.family[fresh], people.born[fresh])
        done = upto
        bands[:, step] = _band(first_born, youngest, day)
    return bands


def _band(first_born: Days, youngest: Days, day: Days | int) -> NDArray[np.int8]:
    """Return the band on a day of households whose first and youngest children were born on days, or will be."""
    infant = youngest > day - INFANT_YEARS * YEAR
    at_school = first_born <= day - SCHOOL_YEARS * YEAR
    adolescent = youngest <= day - ADOLESCENT_YEARS * YEAR
    return np.select([infant & at_school, infant, adolescent], [1, 0, 3], 2).astype(np.int8)


def booked_on(people: People, children: NDArray[np.int64]) -> Days:
    """Return the day on which each child is expected from: its booking, or the day on which the family comes."""
    return np.asarray(np.maximum(people.born[children] - BOOKING_BEFORE_BIRTH, people.joins[children]), np.int32)


def bands_ahead(people: People, families: int, step: int, ahead: int) -> NDArray[np.int8]:
    """Return each family's band at the start of `ahead` fortnights from `step` on, by the children booked by then.

    What a forecaster knows at the start of `step`: children grow older, and none comes who is not yet expected.
    """
    day = int(start_of(np.array(step)))
    children = people.of_role(CHILD)
    children = children[booked_on(people, children) <= day]
    first_born, youngest = np.full(families, NEVER), np.full(families, -NEVER)
    np.minimum.at(first_born, people.family[children], people.born[children])
    np.maximum.at(youngest, people.family[children], people.born[children])
    days = start_of(step + np.arange(ahead))
    return _band(first_born[:, None], youngest[:, None], days)


def follow(
    families: Families, people: People, steps: int, rng: np.random.Generator, by: Mechanisms = STANDARD
) -> Course:
    """Return the course of every household through all fortnights, by a district's mechanisms.

    Those here at the start begin as the chain is in the long run; those who come later with needs alone, since
    no service of the district knows them.
    """
    bands = _bands(families, people, steps)
    first_step = np.maximum(-(-(families.present_from.astype(np.int64) - start_of(np.array(0))) // STEP_DAYS), 0)
    state = np.full((len(families), steps + 1), -1, np.int16)
    by_step = thresholds(steps)
    for step in range(steps + 1):
        entering = np.flatnonzero(first_step == step)
        kind = needs.type_of(families.vulnerability[entering], bands[entering, step])
        state[entering, step] = needs.at_rest(kind, rng, known=step == 0, by=by)
        if step < steps:
            here = np.flatnonzero(state[:, step] >= 0)
            kind = needs.type_of(families.vulnerability[here], bands[here, step])
            state[here, step + 1] = needs.advance(state[here, step], kind, by_step[step], rng, by)
    return Course(state, bands, first_step)


def steps_here(families: Families, course: Course) -> NDArray[np.bool_]:
    """Return, for each family and fortnight, whether the family lives here all through it."""
    last = np.where(families.leaves == NEVER, course.steps, step_of(families.leaves))
    step = np.arange(course.steps)
    return (step >= course.first_step[:, None]) & (step < last[:, None])
