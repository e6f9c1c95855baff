"""Published rates beside the fictional district's own, read from what was written, with the assumption behind each."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from targeting.synthetic.calendar import TERMS, UNRETURNED_TERMS, Days, day_of

LAIT = "DfE Local Authority Interactive Tool, Bradford"
FACTORS = "DfE children in need 2015-16, England"

_NONE = -(2**31)


@dataclass(frozen=True)
class Rate:
    """One published figure and the district's own. `ratio` is synthetic over published."""

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


@dataclass(frozen=True)
class _Frame:
    """Columns of one file, texts as they are, days as days since 1970 (missing: the least number)."""

    columns: Mapping[str, NDArray[np.generic]]

    def __getitem__(self, name: str) -> NDArray[np.generic]:
        return self.columns[name]

    def day(self, name: str) -> Days:
        """Return a column of days written day/month/year."""
        texts = pa.array(self.columns[name])
        blank = pc.equal(texts, "")
        parsed = pc.strptime(pc.if_else(blank, "01/01/1970", texts), format="%d/%m/%Y", unit="s")
        days = parsed.cast(pa.date32()).cast(pa.int32()).to_numpy(zero_copy_only=False)
        return np.where(blank.to_numpy(zero_copy_only=False), _NONE, days).astype(np.int32)


def _csv(out: Path, name: str) -> _Frame:
    """Return a comma-separated file, all of it text."""
    path = out / name
    header = path.open(encoding="utf-8").readline().strip().replace('"', "").split(",")
    options = pacsv.ConvertOptions(column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=False)
    table = pacsv.read_csv(path, convert_options=options)
    return _Frame({column: table[column].to_numpy() for column in table.column_names})


def _parquet(path: Path) -> _Frame:
    """Return a Parquet file, dates as days."""
    table = pq.read_table(path)
    columns = {}
    for name in table.column_names:
        values = table[name].combine_chunks()
        if pa.types.is_date32(values.type):
            values = pc.fill_null(values.cast(pa.int32()), _NONE)
        columns[name] = values.to_numpy(zero_copy_only=False)
    return _Frame(columns)


class _District:
    """What was written below a folder, with the children there were and the years looked at."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.last_day = int(_parquet(out / "truth/states.parquet")["as_of_date"].max()) + 14
        people, members = _parquet(out / "truth/people.parquet"), _parquet(out / "truth/families.parquet")
        child = members["role"] == "child"
        person = members["person"][child]
        self._since, self._until = members["since"][child], members["until"][child]
        self._born = people["born"][person]
        self._ethnicity = people["ethnicity"][person]
        self._family = members["family"][child]
        self._person = person
        years = [year for year in range(2020, 2060) if day_of(date(year, 4, 1)) <= self.last_day]
        self.years = years[-3:]
        self.start = day_of(date(self.years[0] - 1, 4, 1))
        self.end = day_of(date(self.years[-1], 4, 1))

    def rows_here(self, day: int) -> NDArray[np.int64]:
        """Return the rows of children under 18 who live in the district on a day, a row a child."""
        here = (self._since <= day) & ((self._until == _NONE) | (self._until > day))
        here &= (self._born <= day) & (self._born > day - 18 * 365.25)
        rows = np.flatnonzero(here)
        return np.asarray(rows[np.unique(self._person[rows], return_index=True)[1]])

    def children(self, day: int) -> int:
        """Return how many children under 18 live in the district on a day."""
        return int(self.rows_here(day).size)

    def families(self, day: int) -> int:
        """Return how many families with a child under 18 there are, second households of separated parents apart."""
        here = self.rows_here(day)
        return int(np.unique(self._family[here]).size)

    def ethnicities(self, day: int) -> NDArray[np.generic]:
        """Return the ethnic groups of the children on a day."""
        return np.asarray(self._ethnicity[self.rows_here(day)])

    def in_years(self, day: Days) -> NDArray[np.bool_]:
        """Return which days lie in the years looked at."""
        return np.asarray((day >= self.start) & (day < self.end))

    def yearly_per_10_000(self, day: Days) -> float:
        """Return events a year per 10,000 children."""
        middle = (self.start + self.end) // 2
        return float(self.in_years(day).sum()) / len(self.years) / self.children(middle) * 10_000

    def standing_per_10_000(self, start: Days, end: Days, person: NDArray[np.generic]) -> float:
        """Return children with an open episode at 31 March per 10,000, the mean of the years."""
        shares = []
        for year in self.years:
            day = day_of(date(year, 3, 31))
            held = (start <= day) & ((end == _NONE) | (end > day))
            shares.append(np.unique(person[held]).size / self.children(day))
        return float(np.mean(shares)) * 10_000


def _percent(part: NDArray[np.bool_]) -> float:
    return 100 * float(part.mean())


_SHORT = "a chain of needs and stages whose rates are set by hand to meet this"


def _social_care(district: _District) -> Iterable[Rate]:
    folder = district.out / "social_care"
    referrals = _csv(folder, "LCS_Referrals.csv")
    day, person = referrals.day("Referral Date"), referrals["Person ID"]
    recent = district.in_years(day)
    yield Rate(
        "referrals a year per 10,000 children", "per 10,000", 522.9, district.yearly_per_10_000(day), LAIT, _SHORT
    )
    again = _again_within_a_year(person, day)
    yield Rate("re-referrals within 12 months", "%", 22.9, _percent(again[recent]), LAIT, "seen before, seen again")
    nfa = referrals.day("NFA Date") != _NONE
    yield Rate(
        "referrals closed without assessment", "%", 11.2, _percent(nfa[recent]), LAIT, "drawn where there is less need"
    )
    assessments = _csv(folder, "LCS_Assessments.csv")
    assessed = district.in_years(assessments.day("Authorised On"))
    refused = (assessments["Outcome"] == "Not in need")[assessed].sum() / recent.sum() * 100
    yield Rate("assessed and found not in need, of referrals", "%", 27.1, float(refused), LAIT, _SHORT)
    source = referrals["Referral Source"][recent]
    health = pc.starts_with(pa.array(source), "Health").to_numpy(zero_copy_only=False)
    why = "weights by needs and month"
    yield Rate("referrals from the police", "%", 31.9, _percent(source == "Police"), LAIT, why)
    yield Rate("referrals from schools", "%", 17.8, _percent(source == "Schools"), LAIT, why)
    yield Rate("referrals from health services", "%", 13.6, _percent(health), LAIT, why)
    closed, refused_on = referrals.day("Closed On"), referrals.day("NFA Date")
    end = np.where(refused_on != _NONE, refused_on, closed)
    yield Rate(
        "children in need at 31 March per 10,000",
        "per 10,000",
        344.6,
        district.standing_per_10_000(day, end, person),
        LAIT,
        "every open case, plans and care among them",
    )


def _again_within_a_year(person: NDArray[np.generic], day: Days) -> NDArray[np.bool_]:
    """Return which referrals came within a year of an earlier one of the same child."""
    order = np.lexsort((day, person))
    same = person[order][1:] == person[order][:-1]
    soon = day[order][1:] - day[order][:-1] <= 365
    again = np.zeros(person.size, bool)
    again[order[1:]] = same & soon
    return again


def _protection(district: _District) -> Iterable[Rate]:
    folder = district.out / "social_care"
    enquiries = _csv(folder, "LCS_Section47.csv")
    started, decided = enquiries.day("Started On"), enquiries.day("Outcome Date")
    yield Rate(
        "section 47 enquiries a year per 10,000", "per 10,000", 195.3, district.yearly_per_10_000(started), LAIT, _SHORT
    )
    conference = decided[enquiries["Outcome"] == "ICPC"]
    yield Rate(
        "initial conferences a year per 10,000", "per 10,000", 45.3, district.yearly_per_10_000(conference), LAIT, _SHORT
    )
    plans = _csv(folder, "LCS_CP_Plans.csv")
    standing = district.standing_per_10_000(plans.day("Plan Start"), plans.day("Plan End"), plans["Person ID"])
    yield Rate("protection plans at 31 March per 10,000", "per 10,000", 32.8, standing, LAIT, _SHORT)
    care = _csv(folder, "LCS_Care_Periods.csv")
    kept = care["Legal Status"] != "Short breaks"
    standing = district.standing_per_10_000(
        care.day("Care Start")[kept], care.day("Care End")[kept], care["Person ID"][kept]
    )
    yield Rate("looked after at 31 March per 10,000", "per 10,000", 96.0, standing, LAIT, _SHORT)


def _factors(district: _District) -> Iterable[Rate]:
    folder = district.out / "social_care"
    factors = _csv(folder, "LCS_Assessment_Factors.csv")
    recent = district.in_years(factors.day("Authorised On"))
    assessment, code = factors["Assessment ID"][recent], factors["Factor"][recent]
    count = np.unique(assessment).size
    for name, codes, published in (
        ("factor domestic abuse", ("3A", "3B", "3C"), 49.6),
        ("factor mental health", ("4A", "4B", "4C"), 36.6),
        ("factor drugs", ("2A", "2B", "2C"), 19.3),
        ("factor alcohol", ("1A", "1B", "1C"), 18.4),
    ):
        share = np.unique(assessment[np.isin(code, codes)]).size / count * 100
        yield Rate(name, "% of assessments in need", published, share, FACTORS, "ticked by chance where the need is")


def _schools(district: _District) -> Iterable[Rate]:
    terms = _parquet(district.out / "schools/attendance_termly.parquet")
    whole = _whole_years(terms["term_end"])
    pupil, year = terms["pupil_id"][whole], _school_year(terms["term_end"][whole])
    possible, missed = terms["sessions_possible"][whole], terms["sessions_missed"][whole]
    yield Rate(
        "sessions missed", "%", 8.09, 100 * float(missed.sum() / max(possible.sum(), 1)), LAIT, "log odds by need"
    )
    _, row = np.unique(np.char.add(pupil.astype(str), year.astype(str)), return_inverse=True)
    share = np.bincount(row, missed) / np.maximum(np.bincount(row, possible), 1)
    yield Rate("pupils missing 10 % or more in a year", "%", 23.14, _percent(share >= 0.1), LAIT, "log odds by need")
    yield Rate("pupils missing half or more in a year", "%", 3.43, _percent(share >= 0.5), LAIT, "log odds by need")
    suspended = _parquet(district.out / "schools/suspensions.parquet")
    pupils = np.unique(row).size
    recent = np.isin(_school_year(suspended["started_on"]), np.unique(year))
    key = np.char.add(
        suspended["pupil_id"][recent].astype(str), _school_year(suspended["started_on"][recent]).astype(str)
    )
    yield Rate(
        "pupils suspended in a year", "%", 6.11, 100 * np.unique(key).size / max(pupils, 1), LAIT, "few pupils, often"
    )


def _school_year(day: NDArray[np.generic]) -> NDArray[np.int64]:
    """Return the calendar year in which each day's school year began."""
    months = day.astype("datetime64[D]").astype("datetime64[M]").astype(int)
    return np.asarray(1970 + (months - 8) // 12)


def _whole_years(term_end: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Return which terms lie in the last two school years of which all three terms were returned."""
    there = {int(day) for day in np.unique(term_end)}
    by_year: dict[int, set[int]] = {}
    for term in TERMS:
        if term.name not in UNRETURNED_TERMS:
            by_year.setdefault(int(_school_year(np.array([day_of(term.last)]))[0]), set()).add(day_of(term.last))
    whole = sorted(year for year, lasts in by_year.items() if len(lasts) == 3 and lasts <= there)[-2:]
    return np.isin(_school_year(term_end), whole)


def _early_years(district: _District) -> Iterable[Rate]:
    births = _csv(district.out / "maternity", "Births.csv")
    born = pc.cast(pc.utf8_slice_codeunits(pa.array(births["BornOn"]), 0, 10), pa.date32()).cast(pa.int32()).to_numpy()
    recent = district.in_years(born)
    smoked = births["SmokingAtDelivery"][recent]
    yield Rate(
        "mothers smoking at delivery",
        "%",
        8.9,
        _percent(smoked[smoked != ""] == "Y"),
        "Bradford district 2024-25, BBC News",
        "a lasting habit, by community and need",
    )
    term = births["GestationWeeks"][recent].astype(int) >= 37
    light = births["BirthWeightGrams"][recent].astype(int)[term] < 2500
    yield Rate(
        "low birth weight at term", "%", 4.86, _percent(light), f"{LAIT} 2024", "normal weights, less where smoked"
    )
    middle = (district.start + district.end) // 2
    a_year = recent.sum() / len(district.years) / district.families(middle) * 75_000
    yield Rate(
        "births a year, of 75,000 families", "births", 8000, float(a_year), "council's 2016 review", "spacing, size"
    )


def _people(district: _District) -> Iterable[Rate]:
    ethnicity = district.ethnicities((district.start + district.end) // 2)
    review = "council's 2016 review: just under half; over a third"
    south_asian = np.isin(ethnicity, ("APKN", "ABAN", "AIND"))
    yield Rate("children of minority ethnic groups", "%", 48.0, _percent(ethnicity != "WBRI"), review, "by ward")
    yield Rate("South Asian children", "%", 35.0, _percent(south_asian), review, "by ward")
    escalations = _parquet(district.out / "truth/escalations.parquet")
    first = escalations["kind"] == "in_need"
    key = np.unique(escalations["family"][first].astype(np.int64) * 2**20 + escalations["day"][first])
    recent = district.in_years((key % 2**20).astype(np.int32))
    middle = (district.start + district.end) // 2
    share = recent.sum() / len(district.years) / 2 / district.families(middle) * 100
    yield Rate(
        "families newly found in need in 26 weeks", "%", 1.9, float(share), "1,400 of 75,000 families", _SHORT
    )


def published_rates(out: Path) -> tuple[Rate, ...]:
    """Return published rates beside those of the district written below `out`, the mean of its last three years."""
    district = _District(out)
    parts = (_social_care, _protection, _factors, _schools, _early_years, _people)
    return tuple(rate for part in parts for rate in part(district))


def write_rates(out: Path) -> None:
    """Write `rates.json` below `out`: name, unit, published, synthetic, ratio, source, assumption."""
    rows = [
        {**asdict(rate), "synthetic": round(rate.synthetic, 4), "ratio": round(rate.ratio, 4)}
        for rate in published_rates(out)
    ]
    text = {"note": "A fictional district: this says nothing about Bradford.", "rates": rows}
    (out / "rates.json").write_text(json.dumps(text, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
