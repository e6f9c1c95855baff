"""Lengths of time, as an indicator says them, and the window that they open before the as-of date."""

from dataclasses import dataclass
from typing import Literal

from targeting.errors import TargetingError

Unit = Literal["days", "weeks", "months", "years", "terms"]

# A school year has three terms.
_ABOUT_DAYS: dict[Unit, float] = {"days": 1, "weeks": 7, "months": 30.4, "years": 365.2, "terms": 121.7}


@dataclass(frozen=True)
class Length:
    """A number of days, weeks, calendar months, calendar years or school terms."""

    unit: Unit
    count: int

    def __str__(self) -> str:
        return f"{self.unit}({self.count})"

    def about_days(self) -> float:
        """Return how many days it is about, to compare lengths of different units."""
        return self.count * _ABOUT_DAYS[self.unit]

    def is_longer_than(self, other: "Length") -> bool:
        """Return whether this length reaches further back than `other`."""
        return self.about_days() > other.about_days()


@dataclass(frozen=True)
class Window:
    """Event dates from `longest` before the as-of date up to `shortest` before it; None: up to the date itself."""

    longest: Length
    shortest: Length | None = None

    def holds(self, other: "Window") -> bool:
        """Return whether this window surely has every day of another before the same date.

        One of more terms than are declared is empty, so a longer one of terms need not have the days of a shorter.
        """
        of_one_unit = self.longest.unit == other.longest.unit != "terms"
        return of_one_unit and self.shortest is None and self.longest.count >= other.longest.count


def days(count: int) -> Length:
    """Return a length of whole days; 0 for a lead or a settling lag that there is not."""
    return _length("days", count)


def weeks(count: int) -> Length:
    """Return a length of whole weeks."""
    return _length("weeks", count)


def months(count: int) -> Length:
    """Return a length of calendar months, clipped to the month's end: a month before 31 March is 28 or 29 February."""
    return _length("months", count)


def years(count: int) -> Length:
    """Return a length of calendar years: one year before 29 February is 28 February."""
    return _length("years", count)


def terms(count: int) -> Length:
    """Return the last `count` school terms that ended before the as-of date."""
    return _length("terms", count)


def window_of(longest: object, shortest: object = None) -> Window:
    """Return the window between two lengths. Raises TargetingError, with what to write, where they make none."""
    long = check_length(longest)
    if shortest is None:
        return Window(long)
    short = check_length(shortest)
    if (long.unit == "terms") != (short.unit == "terms"):
        raise TargetingError(f"a window goes from terms to terms, or from days to days: not from {long} to {short}.")
    if not long.is_longer_than(short):
        raise TargetingError(f"a window starts further back than it ends: write .between({short}, {long}).")
    return Window(long, short)


def check_length(value: object) -> Length:
    """Return a length of time from 1 up. Raises TargetingError, with what to write, for anything else."""
    if isinstance(value, Length):
        if value.count == 0:
            raise TargetingError(f"a window of {value} holds nothing: give a length from 1 up.")
        return value
    if isinstance(value, int):
        raise TargetingError(f"a window needs a unit: write days({value}), weeks({value}) or months({value}).")
    raise TargetingError("a window is a length of time, such as days(28), weeks(12), months(6), years(2) or terms(2).")


def _length(unit: Unit, count: object) -> Length:
    least = 0 if unit == "days" else 1
    if isinstance(count, bool) or not isinstance(count, int) or count < least:
        raise TargetingError(f"{unit}(...) takes a whole number from {least} up, such as {unit}(6).")
    return Length(unit, count)
