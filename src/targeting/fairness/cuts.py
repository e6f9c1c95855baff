"""Cuts: which rows a list would hold, at a score, at so many places, or over weeks of lists at capacity."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Numbers = NDArray[np.float64]
Codes = NDArray[np.int64]

_FORMS = (
    ("score", re.compile(r"score>=(\d*\.?\d+)")),
    ("share", re.compile(r"top:(\d*\.?\d+)%")),
    ("places", re.compile(r"top:(\d+)")),
    ("weeks", re.compile(r"weeks:(\d+)")),
)
CUT_FORMS = "a cut is written `score>=0.5`, `top:50`, `top:1%` or `weeks:13`"
Kind = Literal["score", "share", "places", "weeks"]


@dataclass(frozen=True)
class Cut:
    """One cut as declared.

    Rows of a score and above; the first so many places (or per cent of them) of each list; or the distinct families
    that so many weeks of lists name at capacity.
    """

    text: str
    kind: Kind
    amount: Fraction

    def places(self, of: int) -> int:
        """Return how many places of a list of `of` the cut takes: a per cent is rounded, and takes one at least."""
        if self.kind == "places":
            return min(int(self.amount), of)
        return min(max(1, round(of * self.amount / 100)), of)


@dataclass(frozen=True)
class Ranked:
    """What a cut reads: a score for each row, the number that ranks it, its list, and what takes a place on that list.

    Each list is cut by itself. Rows that share a place (children of one family) are listed together, by the highest
    of their ranks; equal ranks are taken in the order of `place`, so that a cut never depends on the order of rows.
    `days` is the day of each list by its code, and `capacity` how many places a week are taken, for cuts by weeks.
    """

    score: Numbers
    rank_by: Numbers
    list_code: Codes
    place: Codes
    days: Codes | None = None
    capacity: int | None = None


@dataclass(frozen=True)
class Selection:
    """The rows that a cut lists; `tied` places had the same rank as the last one listed, on both sides of the cut."""

    rows: Mask
    tied: int = 0


def parse_cut(text: str) -> Cut:
    """Return the cut that `text` declares. Raises ValueError, with the forms that exist, where it declares none."""
    for kind, form in _FORMS:
        match = form.fullmatch(text)
        if match:
            cut = Cut(text, kind, Fraction(match[1]))  # type: ignore[arg-type]
            return _sensible(cut)
    message = f"{text!r} is no cut: {CUT_FORMS}"
    raise ValueError(message)


def _sensible(cut: Cut) -> Cut:
    limit = {"score": 1, "share": 100}.get(cut.kind)
    if (cut.kind != "score" and cut.amount == 0) or (limit is not None and cut.amount > limit):
        message = f"{cut.text!r} lists nobody: scores lie between 0 and 1, places above 0, per cents up to 100"
        raise ValueError(message)
    return cut


def select(cuts: Sequence[Cut], ranked: Ranked) -> tuple[Selection, ...]:
    """Return what each cut lists."""
    order = _order_of_places(ranked)
    return tuple(_select(cut, ranked, order) for cut in cuts)


def _select(cut: Cut, ranked: Ranked, order: "_Places") -> Selection:
    if cut.kind == "score":
        return _by_score(cut, ranked)
    return _over_weeks(cut, ranked, order) if cut.kind == "weeks" else order.first(cut)


def _by_score(cut: Cut, ranked: Ranked) -> Selection:
    return Selection(ranked.score >= float(cut.amount))


@dataclass(frozen=True)
class _Places:
    """The distinct places, list by list from the first to the last; `of_row` says which one a row stands on."""

    of_row: Codes
    rank: Numbers
    list_code: Codes
    position: Codes
    size: Codes

    def first(self, cut: Cut) -> Selection:
        sizes = {size: cut.places(size) for size in np.unique(self.size).tolist()}
        taken = np.array([sizes[size] for size in self.size.tolist()], dtype=np.int64)
        return Selection((self.position < taken)[self.of_row], self._tied(taken))

    def _tied(self, taken: Codes) -> int:
        last = (self.position == taken - 1) & (taken < self.size)
        line = np.full(int(self.list_code.max(initial=-1)) + 1, np.nan)
        line[self.list_code[last]] = self.rank[last]
        tied = self.rank == line[self.list_code]
        beyond = np.bincount(self.list_code[tied & (self.position >= taken)], minlength=len(line)) > 0
        return int((tied & beyond[self.list_code]).sum())


def _order_of_places(ranked: Ranked) -> _Places:
    pairs, of_row = np.unique(np.column_stack([ranked.list_code, ranked.place]), axis=0, return_inverse=True)
    of_row = of_row.reshape(-1)
    rank = np.full(len(pairs), -np.inf)
    np.maximum.at(rank, of_row, ranked.rank_by)
    order = np.lexsort((pairs[:, 1], -rank, pairs[:, 0]))
    lists, starts, sizes = np.unique(pairs[order, 0], return_index=True, return_counts=True)
    standing = np.arange(len(pairs)) - np.repeat(starts, sizes)
    place_of = np.empty(len(pairs), dtype=np.int64)
    place_of[order] = np.arange(len(pairs))
    lists_in_order = np.repeat(np.arange(len(lists)), sizes)
    return _Places(place_of[of_row], rank[order], lists_in_order, standing, np.repeat(sizes, sizes))


def _over_weeks(cut: Cut, ranked: Ranked, order: _Places) -> Selection:
    """Return the rows of families that any list within the same so many weeks names.

    Weeks are counted from the first list, in blocks. A list takes `capacity` places for each week until the next one
    (the last, for as many as the one before it, or one), less what lies beyond its block; a family named once in a
    block is not named in it again, and its place goes to the next.
    """
    if ranked.days is None or ranked.capacity is None:
        message = f"{cut.text!r} needs lists that have dates, and a capacity"
        raise ValueError(message)
    weeks = int(cut.amount)
    block, places = _blocks(ranked.days, weeks, ranked.capacity)
    place_of = np.zeros(len(order.rank), dtype=np.int64)
    place_of[order.of_row] = ranked.place
    named = np.zeros((int(block.max()) + 1, int(ranked.place.max()) + 1), dtype=bool)
    for code in np.argsort(ranked.days, kind="stable").tolist():
        listed = place_of[order.list_code == code]
        still = listed[~named[block[code], listed]]
        named[block[code], still[: places[code]]] = True
    return Selection(named[block[ranked.list_code], ranked.place])


def _blocks(days: Codes, weeks: int, capacity: int) -> tuple[Codes, Codes]:
    """Return each list's block of weeks, and how many places it takes."""
    order = np.argsort(days, kind="stable")
    since = (days[order] - days[order[0]]) / 7
    lasts = np.diff(since)
    stands_for = np.append(lasts, lasts[-1] if len(lasts) else 1.0)
    block = (since // weeks).astype(np.int64)
    within = np.minimum(since + stands_for, (block + 1) * weeks) - since
    places = np.zeros(len(days), dtype=np.int64)
    blocks = np.zeros(len(days), dtype=np.int64)
    places[order], blocks[order] = np.round(within * capacity), block
    return blocks, places
