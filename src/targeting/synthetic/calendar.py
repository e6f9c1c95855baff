"""The fictional district's calendar: days as integers, fortnights of the latent process, school terms, seasons."""

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from targeting.records.terms import Term

Days = NDArray[np.int32]

# A day that never comes: an episode still open, a family that stays.
NEVER = np.int32(2**31 - 1)

YEAR = 365.25

# A fortnight divides the outcome's window exactly: lead 28 days is 2 steps, horizon 182 days is 13.
STEP_DAYS = 14
LEAD_STEPS = 2
HORIZON_STEPS = 13
STEPS_A_YEAR = YEAR / STEP_DAYS


def day_of(day: date) -> int:
    """Return days since 1 January 1970."""
    return (day - date(1970, 1, 1)).days


def date_of(day: int) -> date:
    """Return the date of a day counted from 1 January 1970."""
    return date(1970, 1, 1) + timedelta(days=int(day))


# A Monday, a whole number of fortnights before Monday 30 March 2026, so that a list drawn on that day meets a step.
WORLD_START = day_of(date(2015, 3, 30))
# From here on social care's records reach back; from the day of the migration on, it and the first feeds are whole.
HISTORY_START = day_of(date(2015, 4, 1))
FIRST_DAY = day_of(date(2019, 4, 1))


def _term(name: str, first: str, last: str) -> Term:
    return Term(name=name, first=date.fromisoformat(first), last=date.fromisoformat(last))


# As a northern district might set them. An assumption: no school's own calendar.
TERMS = (
    _term("autumn 2018", "2018-09-03", "2018-12-21"),
    _term("spring 2019", "2019-01-07", "2019-04-05"),
    _term("summer 2019", "2019-04-23", "2019-07-22"),
    _term("autumn 2019", "2019-09-02", "2019-12-20"),
    _term("spring 2020", "2020-01-06", "2020-04-03"),
    _term("summer 2020", "2020-04-20", "2020-07-20"),
    _term("autumn 2020", "2020-09-07", "2020-12-18"),
    _term("spring 2021", "2021-01-04", "2021-03-26"),
    _term("summer 2021", "2021-04-12", "2021-07-23"),
    _term("autumn 2021", "2021-09-06", "2021-12-17"),
    _term("spring 2022", "2022-01-04", "2022-04-08"),
    _term("summer 2022", "2022-04-25", "2022-07-22"),
    _term("autumn 2022", "2022-09-05", "2022-12-16"),
    _term("spring 2023", "2023-01-03", "2023-03-31"),
    _term("summer 2023", "2023-04-17", "2023-07-21"),
    _term("autumn 2023", "2023-09-04", "2023-12-22"),
    _term("spring 2024", "2024-01-08", "2024-03-22"),
    _term("summer 2024", "2024-04-08", "2024-07-19"),
    _term("autumn 2024", "2024-09-02", "2024-12-20"),
    _term("spring 2025", "2025-01-06", "2025-04-04"),
    _term("summer 2025", "2025-04-22", "2025-07-21"),
    _term("autumn 2025", "2025-09-01", "2025-12-19"),
    _term("spring 2026", "2026-01-05", "2026-03-27"),
    _term("summer 2026", "2026-04-13", "2026-07-20"),
    _term("autumn 2026", "2026-09-01", "2026-12-18"),
    _term("spring 2027", "2027-01-04", "2027-03-25"),
    _term("summer 2027", "2027-04-12", "2027-07-21"),
)

# Schools made no return for these terms of the pandemic.
UNRETURNED_TERMS = frozenset({"spring 2020", "summer 2020", "spring 2021"})


def sessions_in(term: Term) -> int:
    """Return the sessions a school is open in a term: two a weekday, less a half term of five days and two others."""
    weekdays = int(np.busday_count(term.first, term.last + timedelta(days=1)))
    return 2 * (weekdays - 7)


def step_of(days: Days) -> NDArray[np.int64]:
    """Return the fortnight since WORLD_START in which each day lies; negative before it."""
    return (np.asarray(days, np.int64) - WORLD_START) // STEP_DAYS


def start_of(steps: NDArray[np.int64]) -> Days:
    """Return the first day of each fortnight."""
    return (WORLD_START + np.asarray(steps, np.int64) * STEP_DAYS).astype(np.int32)


def steps_until(end: date) -> int:
    """Return how many fortnights cover the time from WORLD_START to `end`, inclusive."""
    return -(-(day_of(end) + 1 - WORLD_START) // STEP_DAYS)
