"""Date arithmetic on whole arrays: days since 1970, calendar months clipped to the month's end, ages, school terms."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from targeting.errors import DataError
from targeting.features.windows import Length, Window
from targeting.records.terms import Term

Days = NDArray[np.int32]

EPOCH = date(1970, 1, 1)
BEFORE_ALL = np.int32(-(2**31))
# One week's list asks the same of the same date for every family in turn.
KEPT = 4096

_DAYS_OF = {"days": 1, "weeks": 7}
_MONTHS_OF = {"months": 1, "years": 12}

# The longest English holiday is about seven weeks: a later date than this lies in a term that nobody declared.
_LONGEST_HOLIDAY = timedelta(days=60)


def day_number(day: date) -> int:
    """Return a date as days since 1970-01-01."""
    return (day - EPOCH).days


def day_numbers(days: Sequence[date]) -> Days:
    """Return dates as days since 1970-01-01."""
    return np.array([day_number(day) for day in days], dtype=np.int32)


def as_dates(days: Days) -> NDArray[np.datetime64]:
    """Return days since 1970-01-01 as dates."""
    return days.astype("datetime64[D]")


def add_months(days: Days, months: int) -> Days:
    """Return each day that many calendar months later (earlier where negative), clipped to the month's end."""
    month = days.astype("datetime64[D]").astype("datetime64[M]")
    day_of_month = days - month.astype("datetime64[D]").astype(np.int64)
    first = (month + months).astype("datetime64[D]").astype(np.int64)
    length = (month + months + 1).astype("datetime64[D]").astype(np.int64) - first
    return (first + np.minimum(day_of_month, length - 1)).astype(np.int32)


def latest_birth(as_of: Days, months: int) -> Days:
    """Return the latest birth date of someone who has reached an age, in months, on each date; not to be written to.

    An age is reached by `add_months`: who was born on 29 February reaches it on the 28th where there is no 29th.
    """
    return _latest_birth(tuple(as_of.tolist()), months)


@lru_cache(maxsize=KEPT)
def _latest_birth(dates: tuple[int, ...], months: int) -> Days:
    as_of = np.array(dates, dtype=np.int32)
    latest = add_months(as_of, -months)
    # Up to three days more are clipped to the same month's end.
    for _ in range(3):
        latest = latest + (add_months(latest + np.int32(1), months) <= as_of).astype(np.int32)
    latest.flags.writeable = False
    return latest


def later(days: Days, length: Length) -> Days:
    """Return each day a length of time later. Terms have no length and raise KeyError."""
    return _moved(days, length, 1)


def earlier(days: Days, length: Length) -> Days:
    """Return each day a length of time earlier. Terms have no length and raise KeyError."""
    return _moved(days, length, -1)


def _moved(days: Days, length: Length, sign: int) -> Days:
    if length.unit in _DAYS_OF:
        return days + np.int32(sign * length.count * _DAYS_OF[length.unit])
    return add_months(days, sign * length.count * _MONTHS_OF[length.unit])


def time_before(days: Days, length: Length, terms: Sequence[Term]) -> Days:
    """Return the first day of the time of a length whose last day is each day.

    Of terms it is the first day of the last so many that had begun by then; the day itself where fewer are declared.
    """
    if length.unit != "terms":
        return earlier(days, length) + np.int32(1)
    firsts = day_numbers([term.first for term in sorted(terms)])
    place = np.searchsorted(firsts, days, side="right") - length.count
    return np.where(place >= 0, firsts[np.maximum(place, 0)], days).astype(np.int32)


def completed_years(birth: Days, on: Days) -> NDArray[np.float64]:
    """Return ages in completed years; who was born on 29 February has their birthday on the 28th in other years."""
    born, today = birth.astype("datetime64[D]"), on.astype("datetime64[D]")
    months = (today.astype("datetime64[M]") - born.astype("datetime64[M]")).astype(np.int64)
    years = months // 12
    in_birth_month = np.flatnonzero(months % 12 == 0)
    turning = years[in_birth_month]
    for age in np.unique(turning):
        same = in_birth_month[turning == age]
        years[same] -= add_months(birth[same], 12 * int(age)) > on[same]
    return years.astype(np.float64)


def window_bounds(window: Window, as_of: Days, terms: Sequence[Term]) -> tuple[Days, Days]:
    """Return the first day and the day after the last of the window before each as-of date.

    Neither ever goes back while `as_of` goes forward. Where fewer terms are declared than the window reaches back,
    both are BEFORE_ALL: the window is empty. Neither is to be written to.
    """
    return _window_bounds(window, tuple(as_of.tolist()), tuple(terms))


@lru_cache(maxsize=KEPT)
def _window_bounds(window: Window, dates: tuple[int, ...], terms: tuple[Term, ...]) -> tuple[Days, Days]:
    starts, ends = _bounds(window, np.array(dates, dtype=np.int32), terms)
    starts.flags.writeable = ends.flags.writeable = False
    return starts, ends


def _bounds(window: Window, as_of: Days, terms: Sequence[Term]) -> tuple[Days, Days]:
    if window.longest.unit == "terms":
        return _term_bounds(window, as_of, terms)
    ends = as_of if window.shortest is None else earlier(as_of, window.shortest)
    return earlier(as_of, window.longest), ends


def _term_bounds(window: Window, as_of: Days, terms: Sequence[Term]) -> tuple[Days, Days]:
    ordered = sorted(terms)
    firsts = day_numbers([term.first for term in ordered])
    after = day_numbers([term.last for term in ordered]) + np.int32(1)
    ended = np.searchsorted(after, as_of, side="right")
    newest = ended - 1 - (window.shortest.count if window.shortest else 0)
    oldest = ended - window.longest.count
    exists = oldest >= 0
    starts = np.where(exists, firsts[np.maximum(oldest, 0)], BEFORE_ALL)
    ends = np.where(exists, after[np.maximum(newest, 0)], BEFORE_ALL)
    return starts.astype(np.int32), ends.astype(np.int32)


def check_terms_reach(terms: Sequence[Term], as_of_dates: Sequence[date]) -> None:
    """Raise DataError where an as-of date lies beyond the declared terms, for its last terms would be wrong ones."""
    last = max(term.last for term in terms)
    beyond = [day for day in as_of_dates if day > last + _LONGEST_HOLIDAY]
    if beyond:
        raise DataError(
            f"the declared school terms end on {last}, and {max(beyond)} is asked for: add the terms up to it to "
            "targeting.toml, each as [[term]] with name, first, last."
        )
