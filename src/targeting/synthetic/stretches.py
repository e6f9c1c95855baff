"""Children's lives cut into stretches of even length, in which things befall them at a rate that age and needs set."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic import needs
from targeting.synthetic.calendar import YEAR, Days
from targeting.synthetic.columns import rows_where
from targeting.synthetic.noticing import Households
from targeting.synthetic.population import CHILD
from targeting.synthetic.ragged import expand, offsets

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Stretches:
    """One row a child and stretch: its first day, its length in days, age and the household's needs in its middle."""

    person: NDArray[np.int64]
    start: Days
    days: NDArray[np.int64]
    age: Floats
    needs: NDArray[np.int16]

    @property
    def years(self) -> Floats:
        """Return the length in years."""
        return np.asarray(self.days / YEAR)


@dataclass(frozen=True)
class Events:
    """One row a thing that befell a child, by day: which child, the day, and the row of the stretches."""

    person: NDArray[np.int64]
    day: Days
    stretch: NDArray[np.int64]


def stretches(households: Households, *, ages: tuple[float, float], since: int, days: int = 182) -> Stretches:
    """Return the time from `since` on that children spend in the district between two ages, the upper left out."""
    district = households.district
    child = district.people.of_role(CHILD)
    family = district.people.family[child]
    born = district.people.born[child].astype(np.int64)
    first = np.maximum(born + round(ages[0] * YEAR), district.people.joins[child])
    first = np.maximum(np.maximum(first, district.families.present_from[family]), since)
    beyond = np.minimum(born + round(ages[1] * YEAR), district.families.leaves[family])
    beyond = np.minimum(beyond, district.last_day + 1)
    count = np.maximum(-(-(beyond - first) // days), 0)
    row, place = expand(np.arange(child.size), offsets(count))
    start = first[row] + days * (place - offsets(count)[row])
    length = np.minimum(days, beyond[row] - start)
    middle = (start + length // 2).astype(np.int32)
    return Stretches(
        person=child[row],
        start=start.astype(np.int32),
        days=length,
        age=np.asarray((middle - born[row]) / YEAR),
        needs=households.needs_on(family[row], middle),
    )


def befall(lived: Stretches, yearly: Floats, rng: np.random.Generator) -> Events:
    """Return what befalls children at a rate a year for each stretch, by day."""
    count = rng.poisson(yearly * lived.years)
    row = np.repeat(np.arange(count.size), count)
    day = lived.start[row] + (rng.random(row.size) * lived.days[row]).astype(np.int32)
    order = np.lexsort((lived.person[row], day))
    return Events(lived.person[row][order], day[order].astype(np.int32), row[order])


def first_of_each(events: Events) -> Events:
    """Return the first event of each child."""
    return rows_where(events, np.sort(np.unique(events.person, return_index=True)[1]))


def by_age(table: tuple[tuple[float, float], ...]) -> Callable[[Floats], Floats]:
    """Return a function that gives, for ages, the factor of the step in which each lies: (from age, factor), rising."""
    steps = np.array([age for age, _ in table])
    factors = np.array([0.0, *(factor for _, factor in table)])
    return lambda age: np.asarray(factors[np.searchsorted(steps, age, side="right")])


def weighing(
    *, abuse: float = 0, ill_health: float = 0, substances: float = 0, strain: float = 0, absence: float = 0
) -> Floats:
    """Return, for each combination of needs, the factor by which they multiply a rate; each weight is a log."""
    return np.asarray(
        np.exp(
            abuse * needs.ABUSE
            + ill_health * needs.ILL_HEALTH
            + substances * needs.SUBSTANCES
            + strain * needs.STRAIN
            + absence * needs.ABSENCE
        )
    )
