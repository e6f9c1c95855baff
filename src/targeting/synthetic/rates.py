"""Published rates beside the fictional district's own, read from what was written, with the assumption behind each."""

import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np

from targeting.synthetic.calendar import TERMS, UNRETURNED_TERMS, Days, day_of
from targeting.synthetic.rates_of_services import PARTS_OF_SERVICES
from targeting.synthetic.written import LAIT, NOT_YET, REVIEW, Codes, Flags, Rate, WrittenDistrict, percent

FACTORS = "DfE children in need 2015-16, England"

_PER = "per 10,000 children"
_SHARE = "%"
_CHAIN = "rates of the chain of needs and stages, set by hand to meet this"
_WEIGHTS = "weights of sources by needs and month"
_ODDS = "log odds of missing a session, by phase, pupil and need"


def _referrals(district: WrittenDistrict) -> Iterable[Rate]:
    rate = partial(Rate, source=LAIT)
    file = district.file("social_care/LCS_Referrals.csv")
    day, person, refused_on = file.days("Referral Date"), file.codes("Person ID"), file.days("NFA Date")
    recent = district.in_years(day)
    yield rate("referrals in a year", _PER, 522.9, district.a_year(day), assumption=_CHAIN)
    again = _again_within_a_year(person, day)[recent]
    yield rate("re-referrals within 12 months", _SHARE, 22.9, percent(again), assumption="who was seen is seen again")
    refused = (refused_on != NOT_YET)[recent]
    yield rate("referrals not assessed", _SHARE, 11.2, percent(refused), assumption="drawn where there is less need")
    for name, published, start in (
        ("police", 31.9, "Police"),
        ("schools", 17.8, "Schools"),
        ("health", 13.6, "Health"),
    ):
        share = percent(file.starts("Referral Source", start)[recent])
        yield rate(f"referrals from {name}", _SHARE, published, share, assumption=_WEIGHTS)
    end = np.where(refused_on != NOT_YET, refused_on, file.days("Closed On"))
    standing = district.standing(day, end, person)
    yield rate("in need at 31 March", _PER, 344.6, standing, assumption="every open case counts, plans and care too")
    assessments = district.file("social_care/LCS_Assessments.csv")
    not_in_need = assessments.is_("Outcome", "Not in need") & district.in_years(assessments.days("Authorised On"))
    share = 100 * float(not_in_need.sum()) / max(int(recent.sum()), 1)
    yield rate("referrals assessed and not in need", _SHARE, 27.1, share, assumption=_CHAIN)


def _again_within_a_year(person: Codes, day: Days) -> Flags:
    """Return which referrals came within a year of an earlier one of the same child."""
    order = np.lexsort((day, person))
    same = person[order][1:] == person[order][:-1]
    again = np.zeros(person.size, bool)
    again[order[1:]] = same & (np.diff(day[order]) <= 365)
    return again


def _protection(district: WrittenDistrict) -> Iterable[Rate]:
    rate = partial(Rate, source=LAIT, assumption=_CHAIN)
    enquiries = district.file("social_care/LCS_Section47.csv")
    yield rate("section 47 enquiries in a year", _PER, 195.3, district.a_year(enquiries.days("Started On")))
    conference = enquiries.days("Outcome Date")[enquiries.is_("Outcome", "ICPC")]
    yield rate("initial conferences in a year", _PER, 45.3, district.a_year(conference))
    plans = district.file("social_care/LCS_CP_Plans.csv")
    standing = district.standing(plans.days("Plan Start"), plans.days("Plan End"), plans.codes("Person ID"))
    yield rate("protection plans at 31 March", _PER, 32.8, standing)
    care = district.file("social_care/LCS_Care_Periods.csv")
    kept = ~care.is_("Legal Status", "Short breaks")
    person = care.codes("Person ID")[kept]
    standing = district.standing(care.days("Care Start")[kept], care.days("Care End")[kept], person)
    yield rate("looked after at 31 March", _PER, 96.0, standing)


def _factors(district: WrittenDistrict) -> Iterable[Rate]:
    file = district.file("social_care/LCS_Assessment_Factors.csv")
    recent = district.in_years(file.days("Authorised On"))
    assessment = file.codes("Assessment ID")
    every = np.unique(assessment[recent]).size
    for name, codes, published in (
        ("domestic abuse", ("3A", "3B", "3C"), 49.6),
        ("mental health", ("4A", "4B", "4C"), 36.6),
        ("drugs", ("2A", "2B", "2C"), 19.3),
        ("alcohol", ("1A", "1B", "1C"), 18.4),
    ):
        share = 100 * np.unique(assessment[recent & file.is_("Factor", *codes)]).size / max(every, 1)
        yield Rate(f"factor {name}, of those in need", _SHARE, published, share, FACTORS, "ticked where the need is")


def _schools(district: WrittenDistrict) -> Iterable[Rate]:
    terms = district.file("schools/attendance_termly.parquet")
    end = terms.days("term_end")
    whole = _in_whole_years(end)
    year = _school_year(end[whole])
    possible, missed = terms.numbers("sessions_possible")[whole], terms.numbers("sessions_missed")[whole]
    pupil_years, row = np.unique(terms.codes("pupil_id")[whole] * 4096 + year, return_inverse=True)
    share = np.bincount(row, missed) / np.maximum(np.bincount(row, possible), 1)
    rate = partial(Rate, source=LAIT, assumption=_ODDS)
    yield rate("sessions missed", _SHARE, 8.09, 100 * float(missed.sum()) / max(float(possible.sum()), 1))
    yield rate("pupils missing a tenth or more", _SHARE, 23.14, percent(share >= 0.1))
    yield rate("pupils missing half or more", _SHARE, 3.43, percent(share >= 0.5))
    suspended = district.file("schools/suspensions.parquet")
    started = _school_year(suspended.days("started_on"))
    recent = np.isin(started, np.unique(year))
    pupils = np.unique(suspended.codes("pupil_id")[recent] * 4096 + started[recent]).size
    share_suspended = 100 * pupils / max(pupil_years.size, 1)
    source = "DfE Local Authority Interactive Tool, Bradford 2023/24"
    yield Rate("pupils suspended in a year", _SHARE, 6.11, share_suspended, source, "few pupils, many times each")


def _school_year(day: Days) -> Codes:
    """Return the calendar year in which each day's school year began."""
    months = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.asarray(1970 + (months - 8) // 12)


def _in_whole_years(term_end: Days) -> Flags:
    """Return which terms lie in the last two school years whose three terms were all returned."""
    there = set(np.unique(term_end).tolist())
    by_year: dict[int, set[int]] = {}
    for term in TERMS:
        if term.name not in UNRETURNED_TERMS:
            last = day_of(term.last)
            by_year.setdefault(int(_school_year(np.array([last], np.int32))[0]), set()).add(last)
    whole = sorted(year for year, lasts in by_year.items() if len(lasts) == 3 and lasts <= there)
    return np.isin(_school_year(term_end), whole[-2:])


def _early_years(district: WrittenDistrict) -> Iterable[Rate]:
    births = district.file("maternity/Births.csv")
    recent = district.in_years(births.days("BornOn"))
    smoked, asked = births.is_("SmokingAtDelivery", "Y"), births.is_("SmokingAtDelivery", "Y", "N")
    source = "Bradford district 2024-25, reported by the BBC"
    habit = "a lasting habit of a mother, by community and vulnerability"
    yield Rate("mothers smoking at delivery", _SHARE, 8.9, percent(smoked[recent & asked]), source, habit)
    at_term = recent & (births.numbers("GestationWeeks") >= 37)
    light = births.numbers("BirthWeightGrams")[at_term] < 2500
    source = "DfE Local Authority Interactive Tool, Bradford 2024"
    yield Rate("low birth weight at term", _SHARE, 4.86, percent(light), source, "normal weights, less where smoked")
    a_year = 75_000 * float(recent.sum()) / len(district.years) / max(district.families(district.middle), 1)
    yield Rate("births in a year", "per 75,000 families", 8000, a_year, REVIEW, "sizes and spacing of families")


def _people(district: WrittenDistrict) -> Iterable[Rate]:
    minority, south_asian = "just under half of 0-19s", "over a third of 0-19s"
    share = percent(~district.of_group(district.middle, "WBRI"))
    yield Rate("children of minority ethnic groups", _SHARE, 48.0, share, f"{REVIEW}: {minority}", "shares by ward")
    share = percent(district.of_group(district.middle, "APKN", "ABAN", "AIND"))
    yield Rate("South Asian children", _SHARE, 35.0, share, f"{REVIEW}: {south_asian}", "shares by ward")
    escalations = district.file("truth/escalations.parquet")
    found = escalations.is_("kind", "in_need")
    event = np.unique(escalations.numbers("family")[found] * 2**20 + escalations.days("day")[found])
    count = district.in_years((event % 2**20).astype(np.int32)).sum() / len(district.years) / 2
    share = 100 * float(count) / max(district.families(district.middle), 1)
    yield Rate("families found in need in 26 weeks", _SHARE, 1.9, share, "1,400 of some 75,000 families", _CHAIN)


_PARTS: Sequence[Callable[[WrittenDistrict], Iterable[Rate]]] = (
    _referrals,
    _protection,
    _factors,
    _schools,
    _early_years,
    _people,
    *PARTS_OF_SERVICES,
)


def published_rates(out: Path, end: date) -> tuple[Rate, ...]:
    """Return published rates beside those of the district written below `out`, whose records run to `end`."""
    district = WrittenDistrict(out, end)
    return tuple(rate for part in _PARTS for rate in part(district))


def write_rates(out: Path, end: date) -> None:
    """Write `rates.json` below `out`: name, unit, published, synthetic, ratio, source, assumption of each rate.

    What a small district has no case of is null.
    """
    rows = [asdict(rate) | {"ratio": rate.ratio} for rate in published_rates(out, end)]
    rounded = [{key: _rounded(value) for key, value in row.items()} for row in rows]
    text = {"note": "A fictional district: this says nothing about Bradford.", "rates": rounded}
    (out / "rates.json").write_text(json.dumps(text, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _rounded(value: str | float) -> str | float | None:
    if isinstance(value, str):
        return value
    return None if math.isnan(value) else round(value, 4)
