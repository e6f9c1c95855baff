"""What lists of ranked rows hold: the top of each date's list, and the distinct families that weeks of lists name."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.fairness.cuts import Ranked, parse_cut, select
from targeting.models.estimator import Floats
from targeting.training.measures import NOT_KNOWN, Curve, Outcomes, Ranking, curve, rank
from targeting.training.rows import Codes, Days, Mask

WEEKS = (13, 52)
Size = Callable[[Curve], float]


@dataclass(frozen=True)
class Top:
    """The top of every date's list together, or the families of some weeks: of whom the outcome is known."""

    listed: float
    found: float
    events: float

    @property
    def precision(self) -> float:
        """Return the share of the listed who had the outcome; NaN where nobody is listed."""
        return self.found / self.listed if self.listed else float("nan")

    @property
    def recall(self) -> float:
        """Return the share of those with the outcome who are listed; NaN where nobody had it."""
        return self.found / self.events if self.events else float("nan")

    def to_measures(self, at: str) -> dict[str, float]:
        """Return precision, recall and how many are reviewed for each found, by name."""
        return {
            f"precision_{at}": self.precision,
            f"recall_{at}": self.recall,
            f"reviewed_per_outcome_{at}": self.listed / self.found if self.found else float("nan"),
        }


@dataclass(frozen=True)
class Lists:
    """Each date's ranking, with where its rows stand. A row whose outcome is not known takes its place."""

    outcome: Outcomes
    rankings: tuple[Ranking, ...]

    @staticmethod
    def of(as_of_date: Days, score: Floats, outcome: Outcomes) -> "Lists":
        """Return the list of each date."""
        rankings = []
        for day in np.unique(as_of_date):
            at = np.flatnonzero(as_of_date == day)
            ranking = rank(score[at])
            rankings.append(Ranking(at[ranking.order], ranking.ends))
        return Lists(outcome, tuple(rankings))

    def curves(self, weights: Floats | None = None) -> list[Curve]:
        """Return each list's curve."""
        return [curve(ranking, self.outcome, weights) for ranking in self.rankings]


def percent(amount: float) -> Size:
    """Return how many places so many per cent of a list are, one at least."""
    return lambda held: max(1.0, float(np.round(held.total_places * amount / 100)))


def places(count: int) -> Size:
    """Return how many places so many are of a list: all of a shorter one."""
    return lambda held: min(float(count), held.total_places)


def top(curves: list[Curve], size: Size) -> Top:
    """Return the top of some lists together."""
    return Top(
        listed=sum(held.listed_in_top(size(held)) for held in curves),
        found=sum(held.events_in_top(size(held)) for held in curves),
        events=sum(held.total_events for held in curves),
    )


@dataclass(frozen=True)
class Named:
    """Distinct families in blocks of so many weeks: whether a list of the block names them, and what became of them.

    A family had the outcome in a block where a date of the block says so, and had it not where a date says that.
    """

    family: Codes
    listed: Mask
    event: Mask
    known: Mask

    def top(self, weights: Floats) -> Top:
        """Return what the lists found; `weights` are those of families, by their number."""
        weight = weights[self.family] * self.known
        return Top(
            listed=float(weight[self.listed].sum()),
            found=float(weight[self.listed & self.event].sum()),
            events=float(weight[self.event].sum()),
        )


def listed_rows(family: Codes, as_of_date: Days, score: Floats, *, capacity: int) -> dict[int, Mask]:
    """Return, for 13 and 52 weeks of lists at a weekly capacity, the rows of families whom a list names.

    A list stands for the weeks until the next one; a family named once in a block of weeks is not named in it again.
    """
    days, code = np.unique(as_of_date, return_inverse=True)
    ranked = Ranked(
        score=score,
        rank_by=score,
        list_code=code.astype(np.int64),
        place=family,
        days=days.astype("datetime64[D]").astype(np.int64),
        capacity=capacity,
    )
    chosen = select([parse_cut(f"weeks:{weeks}") for weeks in WEEKS], ranked)
    return {weeks: each.rows for weeks, each in zip(WEEKS, chosen, strict=True)}


def distinct(family: Codes, as_of_date: Days, outcome: Outcomes, listed: Mask, *, weeks: int) -> Named:
    """Return the distinct families of each block of weeks, counted from the first date."""
    days = as_of_date.astype("datetime64[D]").astype(np.int64)
    block = (days - days.min()) // (7 * weeks) if len(days) else days
    families = int(family.max(initial=0)) + 1
    pairs, of_row = np.unique(block * families + family, return_inverse=True)
    return Named(
        family=pairs % families,
        listed=_any(of_row, listed, len(pairs)),
        event=_any(of_row, outcome == 1, len(pairs)),
        known=_any(of_row, outcome != NOT_KNOWN, len(pairs)),
    )


def _any(of_row: NDArray[np.int64], mask: Mask, count: int) -> Mask:
    return np.bincount(of_row[mask], minlength=count) > 0
