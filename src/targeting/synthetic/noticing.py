"""How agencies come to see what goes on in a household: by chance, more readily where they have seen it before."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic import needs
from targeting.synthetic.calendar import STEP_DAYS, STEPS_A_YEAR, Days, start_of, step_of
from targeting.synthetic.course import Course, steps_here
from targeting.synthetic.district import District

MEMORY_DAYS = 365


@dataclass(frozen=True)
class Happenings:
    """One row an occurrence in a household: the family, the day, and the needs of the household at the time."""

    family: NDArray[np.int64]
    day: Days
    needs: NDArray[np.int16]


class Households:
    """The courses of all households, ready to be asked what happens in them at a rate that their needs set."""

    def __init__(self, district: District, course: Course) -> None:
        self.district = district
        self.families = district.families
        self.course = course
        self._here = steps_here(district.families, course)
        state = course.state[:, : course.steps]
        self._needs = np.where(self._here, state % np.int16(needs.NEEDS), np.int16(0))
        self._closed = self._here & (state < needs.ASSESSING * needs.NEEDS)

    def happen(
        self,
        rng: np.random.Generator,
        yearly: NDArray[np.floating],
        factor: NDArray[np.floating] | float = 1.0,
        *,
        only_closed: bool = False,
    ) -> Happenings:
        """Return what happens at a rate a year for each combination of needs, times a factor for each family.

        `only_closed` leaves out households with an open case of social care. Rows are sorted by day.
        """
        chance = (np.asarray(yearly) / STEPS_A_YEAR).astype(np.float32)[self._needs]
        chance *= self._closed if only_closed else self._here
        chance *= np.broadcast_to(np.asarray(factor, np.float32), len(self.families))[:, None]
        family, step = np.nonzero(rng.random(chance.shape, np.float32) < chance)
        day = start_of(step) + rng.integers(0, STEP_DAYS, step.size).astype(np.int32)
        order = np.lexsort((family, day))
        return Happenings(family[order], day[order], self._needs[family, step][order])

    def needs_on(self, family: NDArray[np.int64], day: Days) -> NDArray[np.int16]:
        """Return the needs of households on a day; those of the nearest day when they were here."""
        step = np.clip(step_of(day), self.course.first_step[family], self.course.steps)
        return np.maximum(self.course.state[family, step], 0) % np.int16(needs.NEEDS)


def noticed(
    happenings: Happenings,
    families: int,
    rng: np.random.Generator,
    *,
    first: NDArray[np.float64],
    again: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Return which occurrences an agency notices; `again` is the chance where it noticed one in the year before.

    Both chances are a family's own. What was noticed in the same fortnight does not count as seen before.
    """
    last_seen = np.full(families, -(10**6), np.int64)
    draw = rng.random(happenings.day.size)
    seen = np.zeros(happenings.day.size, bool)
    step = step_of(happenings.day)
    bounds = np.flatnonzero(np.diff(step, prepend=-(10**6), append=10**6))
    for low, high in pairwise(bounds):
        family = happenings.family[low:high]
        known = happenings.day[low:high] - last_seen[family] <= MEMORY_DAYS
        seen[low:high] = draw[low:high] < np.where(known, again[family], first[family])
        last_seen[family[seen[low:high]]] = happenings.day[low:high][seen[low:high]]
    return seen


@dataclass(frozen=True)
class Lag:
    """How late an event is recorded: `least` days, and then as `delay` draws them."""

    typical: float
    tail: float = 0.03
    least: int = 0

    def times(self, lateness: float) -> "Lag":
        """Return how late the event is recorded where records are so many times as late as usual."""
        return replace(self, typical=self.typical * lateness)

    def exceeds(self, days: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return the chance that an event is recorded so many whole days after it, or later."""
        wait = np.maximum(np.asarray(days, float) - self.least, 0.0)
        low, high = _LONGER
        # With the tail, the wait is an exponential one and an even one from `low` to `high` days.
        early, late = np.clip(wait - low, 0.0, None), np.clip(wait - high, 0.0, None)
        both = self.typical * (np.exp(-late / self.typical) - np.exp(-early / self.typical))
        both += high - np.clip(wait, low, high)
        return np.asarray((1 - self.tail) * np.exp(-wait / self.typical) + self.tail * both / (high - low))


# A record that is late beyond the typical is so by an even number of days between these.
_LONGER = (7, 60)


def delay(count: int, typical: float, rng: np.random.Generator, *, tail: float = 0.03) -> NDArray[np.int32]:
    """Return days from an event to its record: around `typical`, a share of them (`tail`) up to two months longer."""
    days = rng.exponential(typical, count)
    days += np.where(rng.random(count) < tail, rng.uniform(*_LONGER, count), 0)
    return days.astype(np.int32)
