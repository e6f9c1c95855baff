"""What was written below a folder, read back to be counted: files, and the children who lived there."""

import math
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from targeting.synthetic.calendar import Days, day_of

LAIT = "DfE Local Authority Interactive Tool, Bradford 2025"
REVIEW = "the council's 2016 early-help review"

YEARS_LOOKED_AT = 3
NOT_YET = np.int32(-(2**31))

Flags = NDArray[np.bool_]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Rate:
    """One published figure and the district's own, the mean of its last three years; NaN where it has no case."""

    name: str
    unit: str
    published: float
    synthetic: float
    source: str
    assumption: str

    @property
    def ratio(self) -> float:
        """Return synthetic over published."""
        return self.synthetic / self.published


class File:
    """One written file: texts, codes of texts, days since 1970 (NOT_YET where blank)."""

    def __init__(self, path: Path, delimiter: str = ",") -> None:
        self._table = pq.read_table(path) if path.suffix == ".parquet" else _read_texts(path, delimiter)

    def is_(self, column: str, *values: str) -> Flags:
        """Return which rows hold one of some texts."""
        return np.asarray(pc.is_in(self._table[column], pa.array(values)).to_numpy())

    def starts(self, column: str, start: str) -> Flags:
        """Return which rows' text begins so."""
        return np.asarray(pc.starts_with(self._table[column], start).to_numpy())

    def codes(self, column: str) -> Codes:
        """Return a number for each different text."""
        encoded = self._table[column].combine_chunks().dictionary_encode()
        return np.asarray(encoded.indices.to_numpy(), np.int64)

    def is_among(self, column: str, other: "File", of_other: str) -> Flags:
        """Return which rows hold a text that some row of another file holds."""
        return np.asarray(pc.is_in(self._table[column], other._table[of_other].combine_chunks()).to_numpy())

    def numbers(self, column: str) -> Codes:
        """Return whole numbers, written as such or as texts."""
        return np.asarray(self._table[column].cast(pa.int64()).to_numpy())

    def days(self, column: str, pattern: str = "") -> Days:
        """Return days, written as dates, by a strptime pattern, as day/month/year or as year-month-day."""
        values = self._table[column].combine_chunks()
        if pa.types.is_string(values.type):
            values = _parsed_by(values, pattern) if pattern else _parsed(values)
        return np.asarray(pc.fill_null(values.cast(pa.date32()).cast(pa.int32()), int(NOT_YET)).to_numpy())


def _read_texts(path: Path, delimiter: str) -> pa.Table:
    with path.open(encoding="utf-8") as lines:
        header = lines.readline().strip().replace('"', "").split(delimiter)
    types = dict.fromkeys(header, pa.string())
    return pacsv.read_csv(
        path,
        parse_options=pacsv.ParseOptions(delimiter=delimiter),
        convert_options=pacsv.ConvertOptions(column_types=types),
    )


def _parsed_by(texts: pa.Array, pattern: str) -> pa.Array:
    known = pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
    return pc.strptime(known, format=pattern, unit="s")


def _parsed(texts: pa.Array) -> pa.Array:
    """Return days of texts such as 04/03/2021 or 2021-03-04T00:00:00, the same in all rows; null where blank."""
    known = pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
    if pc.any(pc.match_substring(known, "T")).as_py():
        return pc.utf8_slice_codeunits(known, 0, 10)
    return pc.strptime(known, format="%d/%m/%Y", unit="s")


class WrittenDistrict:
    """What was written below a folder, with the children there were and the years looked at."""

    def __init__(self, out: Path, end: date) -> None:
        self.out = out
        members, people = File(out / "truth/families.parquet"), pq.read_table(out / "truth/people.parquet")
        child = np.flatnonzero(members.is_("role", "child"))
        self._person = members.numbers("person")[child]
        self._family = members.numbers("family")[child]
        self._since, self._until = members.days("since")[child], members.days("until")[child]
        self._born = people["born"].cast(pa.int32()).to_numpy()[self._person]
        self._ethnicity = people["ethnicity"].take(pa.array(self._person))
        last = end.year if end >= date(end.year, 3, 31) else end.year - 1
        self.years = tuple(range(max(2020, last - YEARS_LOOKED_AT + 1), last + 1))
        self.start, self.end = day_of(date(self.years[0] - 1, 4, 1)), day_of(date(last, 4, 1))

    @property
    def middle(self) -> int:
        """Return the middle day of the years looked at."""
        return (self.start + self.end) // 2

    def file(self, name: str, delimiter: str = ",") -> File:
        """Return a file that was written."""
        return File(self.out / name, delimiter)

    def aged(self, day: int, ages: tuple[float, float]) -> int:
        """Return how many children of an age (from, below, in years) live in the district on a day."""
        years = (day - self._born[self.here(day)]) / 365.25
        return int(((years >= ages[0]) & (years < ages[1])).sum())

    def share_of_age(self, start: Days, end: Days, person: Codes, ages: tuple[float, float]) -> float:
        """Return people with an open episode at 31 March in per cent of children of an age, the mean of the years."""
        shares = []
        for year in self.years:
            day = day_of(date(year, 3, 31))
            held = (start != NOT_YET) & (start <= day) & ((end == NOT_YET) | (end > day))
            shares.append(np.unique(person[held]).size / max(self.aged(day, ages), 1))
        return 100 * float(np.mean(shares))

    def here(self, day: int) -> Codes:
        """Return the rows of children under 18 who live in the district on a day, one a child."""
        there = (self._since <= day) & ((self._until == NOT_YET) | (self._until > day))
        there &= (self._born <= day) & (self._born > day - 18 * 365.25)
        rows = np.flatnonzero(there)
        return np.asarray(rows[np.unique(self._person[rows], return_index=True)[1]])

    def families(self, day: int) -> int:
        """Return how many families with a child under 18 there are; a separated parent's household is none apart."""
        return int(np.unique(self._family[self.here(day)]).size)

    def of_group(self, day: int, *codes: str) -> Flags:
        """Return which of the children on a day are of some ethnic groups."""
        return np.asarray(pc.is_in(self._ethnicity, pa.array(codes)).to_numpy()[self.here(day)])

    def in_years(self, day: Days) -> Flags:
        """Return which days lie in the years looked at."""
        return np.asarray((day >= self.start) & (day < self.end))

    def a_year(self, day: Days) -> float:
        """Return events a year per 10,000 children."""
        return 10_000 * float(self.in_years(day).sum()) / len(self.years) / max(self.here(self.middle).size, 1)

    def standing(self, start: Days, end: Days, person: Codes) -> float:
        """Return children with an open episode at 31 March per 10,000, the mean of the years."""
        shares = []
        for year in self.years:
            day = day_of(date(year, 3, 31))
            held = (start <= day) & ((end == NOT_YET) | (end > day))
            shares.append(np.unique(person[held]).size / max(self.here(day).size, 1))
        return 10_000 * float(np.mean(shares))


def percent(part: Flags) -> float:
    return 100 * float(part.mean()) if part.size else math.nan
