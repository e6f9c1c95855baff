"""Published rates beside the district's own for youth justice, health, housing, youth services, special needs, help."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np

from targeting.synthetic.calendar import Days
from targeting.synthetic.written import LAIT, NOT_YET, REVIEW, Codes, Flags, Rate, WrittenDistrict, percent

LAIT_2024 = "DfE Local Authority Interactive Tool, Bradford 2024"
LAIT_2024_25 = "DfE Local Authority Interactive Tool, Bradford 2024-25"
COMMISSIONER = "Children's Commissioner, children's mental health services 2022-23, England"
SCHOOL_CENSUS = "DfE, schools, pupils and their characteristics, England, January 2024"
HOMELESSNESS = "MHCLG statutory homelessness, Bradford, April to June 2024, reported by the Telegraph & Argus"
FAMILIES = 75_000

_SHARE = "%"
_OFFENDING = "few children, some of them often; more with absence and strain"
_ADMITTED = "rates by age, more where there is strain, abuse or substances"
_CRITERIA = "offered where needs meet two criteria"


def _year(district: WrittenDistrict, day: Days) -> Codes:
    """Return, for each day, which of the years looked at it lies in, from 0; -1 outside them."""
    return np.where(district.in_years(day), (day - district.start) * len(district.years) // _length(district), -1)


def _length(district: WrittenDistrict) -> int:
    return district.end - district.start


def _a_year_of_age(district: WrittenDistrict, day: Days, ages: tuple[float, float], per: int) -> float:
    """Return events a year per so many children of an age."""
    a_year = float(district.in_years(day).sum()) / len(district.years)
    return per * a_year / max(district.aged(district.middle, ages), 1)


def _youth_justice(district: WrittenDistrict) -> Iterable[Rate]:
    rate = partial(Rate, assumption=_OFFENDING)
    file = district.file("youth_justice/outcomes.csv", ";")
    day, person, further = file.days("outcome_date", "%Y-%m-%d"), file.codes("yp_ref"), file.is_("further_offence", "Y")
    recent = district.in_years(day)
    children = np.unique(person[recent] * 16 + _year(district, day)[recent]).size / len(district.years)
    young = max(district.aged(district.middle, (10, 18)), 1)
    shown = 10_000 * children / young
    yield rate("children cautioned or sentenced in a year", "per 10,000 aged 10 to 17", 31.6, shown, LAIT_2024_25)
    first = _a_year_of_age(district, day[~further], (10, 18), 100_000)
    yield rate("first entrants to youth justice in a year", "per 100,000 aged 10 to 17", 130, first, LAIT_2024)
    yield rate("offending again within a year", _SHARE, 33, _again(district, day, person), REVIEW)
    people = district.file("youth_justice/young_people.csv", ";")
    boys = people.is_("gender", "male")[people.is_among("yp_ref", file, "yp_ref")]
    yield rate("boys among those cautioned or sentenced", _SHARE, 85, percent(boys), REVIEW)


def _again(district: WrittenDistrict, day: Days, person: Codes) -> float:
    """Return the share of children dealt with in a year who are so again within a year of the first time in it."""
    order = np.lexsort((day, person))
    day, person = day[order], person[order]
    year = _year(district, day)
    first = (year >= 0) & np.append(True, (person[1:] != person[:-1]) | (year[1:] != year[:-1]))[: day.size]
    soon = np.append((person[1:] == person[:-1]) & (np.diff(day) <= 365), False)[: day.size]
    return percent(soon[first])


def _health(district: WrittenDistrict) -> Iterable[Rate]:
    file = district.file("hospital/admissions.csv", "\t")
    day = file.days("admitted", "%d.%m.%Y")
    injured = _a_year_of_age(district, day[file.is_("cause", "INJ")], (0, 15), 10_000)
    yield Rate("admissions with an injury in a year", "per 10,000 aged 0 to 14", 91.17, injured, LAIT_2024, _ADMITTED)
    ill = _a_year_of_age(district, day[file.is_("cause", "MH")], (0, 18), 100_000)
    yield Rate("admissions for mental ill-health in a year", "per 100,000 children", 56.58, ill, LAIT_2024, _ADMITTED)
    rate = partial(
        Rate, source=COMMISSIONER, assumption="referrals by age and need; a quarter of them come to be treated"
    )
    referrals = district.file("camhs/CAMHS_Referrals.csv")
    start, end = referrals.days("Received", "%d %b %Y"), referrals.days("Closed", "%d %b %Y")
    treated = referrals.is_among("ReferralRef", district.file("camhs/CAMHS_Treatment.csv"), "ReferralRef")
    active, helped = _active_in_years(district, (start, end, referrals.codes("PatientRef")), treated)
    share = 100 * active / max(district.here(district.middle).size, 1)
    yield rate("children with a referral to CAMHS open in a year", _SHARE, 8, share)
    yield rate("children with a CAMHS referral open who are treated", _SHARE, 32, 100 * helped / max(active, 1))


def _active_in_years(
    district: WrittenDistrict, episodes: tuple[Days, Days, Codes], treated: Flags
) -> tuple[float, float]:
    """Return how many children a year had a referral open, and how many of those were treated."""
    start, end, person = episodes
    bounds = np.linspace(district.start, district.end, len(district.years) + 1)
    active = [
        (start < bounds[place + 1]) & ((end == NOT_YET) | (end >= bounds[place]))
        for place in range(len(district.years))
    ]
    counts = [(np.unique(person[held]).size, np.unique(person[held & treated]).size) for held in active]
    every, helped = np.mean(np.array(counts, float), axis=0)
    return float(every), float(helped)


def _youth_services(district: WrittenDistrict) -> Iterable[Rate]:
    rate = partial(Rate, source=LAIT, assumption="dropping out a year, more with absence and strain")
    file = district.file("youth_services/IYSS_NEET.csv")
    start, end = file.days("From", "%d-%b-%Y"), file.days("To", "%d-%b-%Y")
    person, out = file.codes("Client ID"), file.is_("Status", "NEET")
    share = district.share_of_age(start[out], end[out], person[out], (16, 18))
    yield rate("out of education and work at 31 March", "% of those aged 16 and 17", 2.1, share)
    share = district.share_of_age(start, end, person, (16, 18))
    yield rate("out of education and work, or not known", "% of those aged 16 and 17", 4.1, share)
    carers = district.file("youth_services/IYSS_Young_Carers.csv")
    found = carers.days("Identified", "%d-%b-%Y")
    never = np.full(found.size, NOT_YET)
    share = district.share_of_age(found, never, carers.codes("Client ID"), (5, 16))
    yield Rate("young carers known", "% of pupils", 0.6, share, SCHOOL_CENSUS, "more where a parent is ill")
    sessions = district.file("youth_services/IYSS_Sessions.csv")
    day = sessions.days("Session", "%d-%b-%Y")
    recent = district.in_years(day)
    comers = np.unique(sessions.codes("Client ID")[recent] * 16 + _year(district, day)[recent]).size
    times = float(recent.sum()) / max(comers, 1)
    yield Rate("sessions a year of each who comes to youth services", "sessions", 14.1, times, REVIEW, "drawn so")


def _special_needs(district: WrittenDistrict) -> Iterable[Rate]:
    folder, pattern = "education_department", "%d %B %Y"
    support = district.file(f"{folder}/SEN_Support.csv")
    start, end = support.days("Started", pattern), support.days("Ended", pattern)
    share = district.share_of_age(start, end, support.codes("Child ID"), (4.6, 15.9))
    yield Rate("pupils with support for special needs", _SHARE, 14.2, share, LAIT, "boys and strained homes more often")
    requests = district.file(f"{folder}/EHC_Requests.csv")
    a_year = district.a_year(requests.days("Requested", pattern))
    source = f"{LAIT_2024}: 2,331 requests, of some 142,500 children"
    name, assumption = "requests for a plan (EHC) in a year", "more often where there is support"
    yield Rate(name, "per 10,000 children", 163.6, a_year, source, assumption)
    decided = district.in_years(requests.days("Decided", pattern))
    refused = percent(requests.is_("Decision", "Do not assess")[decided])
    yield Rate("requests for a plan refused", _SHARE, 28.8, refused, LAIT_2024, "drawn so")
    profiles = district.file(f"{folder}/EYFS_Profile.csv")
    good = profiles.is_("Good level of development", "Y")
    yield Rate("good level of development", _SHARE, 61.9, percent(good), LAIT, "log odds by need, birth and sex")


def _help(district: WrittenDistrict) -> Iterable[Rate]:
    rate = partial(Rate, unit=f"per {FAMILIES:,} families", source=REVIEW)
    work = district.file("families_first/FF_Work.csv")
    offers = district.file("families_first/FF_Offers.csv")
    carers = work.is_among("Ref", offers, "Ref")
    start, end, person = work.days("Started")[carers], work.days("Ended")[carers], work.codes("Ref")[carers]
    standing = _families_standing(district, (start, end, person))
    yield rate("families with Families First at 31 March", published=1369, synthetic=standing, assumption=_CRITERIA)
    few = work.is_("Team", "Intensive family support")[carers]
    standing = _families_standing(district, (start[few], end[few], person[few]))
    yield rate("families in intensive support at 31 March", published=134, synthetic=standing, assumption=_CRITERIA)
    cases = district.file("family_centres/cases.csv")
    opened, closed = cases.days("opened", "%d-%m-%Y"), cases.days("closed", "%d-%m-%Y")
    standing = _families_standing(district, (opened, closed, cases.codes("client")))
    name, assumption = "children in family centres' cases at 31 March", "a share of children with a plan"
    yield rate(name, published=784, synthetic=standing, assumption=assumption)
    applications = district.file("housing/Applications.csv")
    recent = district.in_years(applications.days("AppliedOn", "%Y/%m/%d"))
    owed = percent(applications.is_("Duty", "Prevention", "Relief")[recent])
    yield Rate("homeless applications that a duty is owed", _SHARE, 92.6, owed, HOMELESSNESS, "drawn so")


def _families_standing(district: WrittenDistrict, episodes: tuple[Days, Days, Codes]) -> float:
    """Return people with an open episode at 31 March for every 75,000 families, the mean of the years."""
    start, end, person = episodes
    children = district.here(district.middle).size
    of_families = FAMILIES / max(district.families(district.middle), 1)
    return district.standing(start, end, person) / 10_000 * children * of_families


PARTS_OF_SERVICES: Sequence[Callable[[WrittenDistrict], Iterable[Rate]]] = (
    _youth_justice,
    _health,
    _youth_services,
    _special_needs,
    _help,
)
