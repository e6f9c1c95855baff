"""The thresholds of the front door, of assessment and of closing a case: how they drift, and what moves them.

All of it hangs on the date alone, never on a household: given the thresholds of its fortnight, a step of the chain
depends on the state and nothing else. Levels and dates are assumptions, set so that referrals come, by year, as often
as published, and that as many of them as published are found not in need.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic import published
from targeting.synthetic.calendar import STEP_DAYS, WORLD_START, Days, date_of, day_of

# The month's factor on the hazard of a referral. It falls when schools close and rises when they open: schools and
# their nurses are where children are seen.
_MONTHS = (1.05, 1.03, 1.08, 0.95, 1.05, 1.06, 1.05, 0.72, 0.95, 1.06, 1.10, 0.90)

# Fewer children were seen in the first lockdown (April to June 2020) and when schools closed again in early 2021.
_PANDEMIC = ((date(2020, 3, 23), date(2020, 6, 30), 0.65), (date(2021, 1, 4), date(2021, 3, 7), 0.82))

# How wide the front door stood by year to 31 March: the drift, a line from October to October.
_FRONT_DOOR: Mapping[int, float] = MappingProxyType(
    {
        2016: 0.62,
        2017: 0.90,
        2018: 1.08,
        2019: 1.14,
        2020: 1.38,
        2021: 1.80,
        2022: 1.84,
        2023: 1.20,
        2024: 1.32,
        2025: 0.90,
        2026: 1.04,
    }
)


@dataclass(frozen=True)
class Manager:
    """A head of assessment: from when on, and how readily need is found, 0 (a high threshold) to 1 (a low one)."""

    since: date
    finds_need: float


MANAGERS: Sequence[Manager] = (
    Manager(date(2015, 1, 1), 0.75),
    Manager(date(2017, 9, 4), 0.70),
    Manager(date(2020, 9, 1), 0.50),
    Manager(date(2021, 6, 7), 0.20),
    Manager(date(2022, 9, 5), 0.40),
    Manager(date(2024, 7, 1), 0.60),
)


@dataclass(frozen=True)
class Inspection:
    """A fortnight in which inspectors came. For half a year more is taken in, more need found, and less closed."""

    began: date


INSPECTIONS: Sequence[Inspection] = (Inspection(date(2018, 9, 17)), Inspection(date(2022, 11, 21)))
AFTER_INSPECTION = timedelta(days=182)
_TAKEN_IN, _FOUND, _CLOSED = 1.15, 0.25, 0.60

# Cases are closed before they are counted on 31 March, and fewer are left to close in the weeks after.
_BEFORE_CENSUS, _AFTER_CENSUS = 2.4, 0.55


@dataclass(frozen=True)
class Thresholds:
    """What holds in a fortnight: factors on the hazards of a referral and a closure, and how readily need is found."""

    referrals: float
    finds_need: float
    closures: float


LONG_RUN = Thresholds(referrals=1.0, finds_need=0.5, closures=1.0)


def thresholds(steps: int) -> tuple[Thresholds, ...]:
    """Return the thresholds of each fortnight since WORLD_START."""
    middles = (date_of(WORLD_START + step * STEP_DAYS + STEP_DAYS // 2) for step in range(steps))
    return tuple(thresholds_on(middle) for middle in middles)


def thresholds_on(day: date) -> Thresholds:
    """Return the thresholds that hold on a day."""
    inspected = was_inspected(day)
    found = manager_on(day).finds_need + (_FOUND if inspected else 0.0)
    return Thresholds(
        referrals=_drift(day) * _MONTHS[day.month - 1] * _of_pandemic(day) * (_TAKEN_IN if inspected else 1.0),
        finds_need=min(found, 1.0),
        closures=_of_census(day) * (_CLOSED if inspected else 1.0),
    )


def manager_on(day: date) -> Manager:
    """Return the head of assessment on a day."""
    return [manager for manager in MANAGERS if manager.since <= day][-1]


def was_inspected(day: date) -> bool:
    """Return whether an inspection began in the half year up to a day."""
    return any(each.began <= day < each.began + AFTER_INSPECTION for each in INSPECTIONS)


def _drift(day: date) -> float:
    years = sorted(_FRONT_DOOR)
    knots = [day_of(date(year - 1, 10, 1)) for year in years]
    return float(np.interp(day_of(day), knots, [_FRONT_DOOR[year] for year in years]))


def _of_pandemic(day: date) -> float:
    return float(np.prod([share for first, last, share in _PANDEMIC if first <= day <= last]))


def _of_census(day: date) -> float:
    if (2, 15) <= (day.month, day.day) <= (3, 31):
        return _BEFORE_CENSUS
    return _AFTER_CENSUS if day.month in (4, 5) else 1.0


def year_of(days: Days) -> NDArray[np.int64]:
    """Return the year, to 31 March, in which each day lies."""
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.asarray(1970 + (months + 9) // 12)


def not_assessed_level(days: Days) -> NDArray[np.float64]:
    """Return how often, of the most in any year, referrals were closed unassessed; the last year's level goes on."""
    by_year = {year: published.NOT_ASSESSED[year] * rate for year, rate in published.REFERRALS.items()}
    years = np.clip(year_of(days), min(by_year), max(by_year))
    levels = np.array([by_year[year] for year in sorted(by_year)])
    return np.asarray(levels[years - min(by_year)] / levels.max())
