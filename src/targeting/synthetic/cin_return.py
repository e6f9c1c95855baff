"""A CIN Census return of a year to 31 March: DfE's XML of every child whose case was open in the year."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.compute as pc

from targeting.synthetic.social_care_tables import (
    CATEGORY_CODES,
    CLOSURE_CODES,
    COUNCIL_SOURCE,
    DISABILITY_CODES,
    EARLY_HELP_SOURCE,
    EARLY_HELP_SOURCE_SINCE,
    ETHNICITY_CODES,
    NEED_CODES,
    SOURCE_CODES,
    SocialCareTables,
    by,
    iso,
)

Rows = Sequence[Mapping[str, str]]
_PLANS_SINCE = 2022
LOCAL_AUTHORITY = "380"


@dataclass(frozen=True)
class _Steps:
    """What was done within cases, by the referral that opened each."""

    assessments: Mapping[str, Rows]
    enquiries: Mapping[str, Rows]
    in_need_plans: Mapping[str, Rows]
    protection_plans: Mapping[str, Rows]
    factors: Mapping[str, Rows]


def census(told: SocialCareTables, as_of: date) -> str:
    """Return the return as text: children with a referral in the year to `as_of`, or a case open in it."""
    begins, ends = date(as_of.year - 1, 4, 1).isoformat(), as_of.isoformat()
    referrals = told.by_person("LCS_Referrals.csv")
    steps = _steps(told, referrals, ends)
    children = []
    for person in _people_of(told, referrals):
        cases = [row for row in referrals.get(person["Person ID"], ()) if _is_of_year(row, begins, ends)]
        if cases:
            children.append(_child(person, "".join(_case(row, steps, as_of) for row in cases), as_of))
    return f"{_head(as_of)}<Children>\n{''.join(children)}</Children>\n</Message>\n"


def _people_of(told: SocialCareTables, referrals: Mapping[str, Rows]) -> Rows:
    persons = told.by_file["LCS_Persons.csv"]
    found: Rows = persons.filter(pc.is_in(persons["Person ID"], pa.array(referrals, pa.string()))).to_pylist()
    return found


def _head(as_of: date) -> str:
    details = _tag("Collection", "CIN") + _tag("Year", str(as_of.year)) + _tag("ReferenceDate", as_of.isoformat())
    source = _tag("SourceLevel", "L") + _tag("LEA", LOCAL_AUTHORITY) + _tag("SoftwareCode", "Targeting, fictional")
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<Message>\n<Header>'
        f"<CollectionDetails>{details}</CollectionDetails><Source>{source}</Source></Header>\n"
    )


def _tag(name: str, text: str) -> str:
    """Return an element, or nothing where there is no text."""
    return f"<{name}>{escape(text)}</{name}>" if text else ""


def _is_of_year(row: Mapping[str, str], begins: str, ends: str) -> bool:
    """Return whether a referral came in the year or its case was open in it; one not assessed closes as it comes."""
    start, closed = iso(row["Referral Date"]), iso(row["Closed On"])
    if row["NFA Date"]:
        return begins <= start <= ends
    return start <= ends and (not closed or closed >= begins)


def _steps(told: SocialCareTables, referrals: Mapping[str, Rows], ends: str) -> _Steps:
    def within(file: str, started: str) -> Mapping[str, Rows]:
        return _of_cases(told.rows(file), started, referrals, ends)

    return _Steps(
        assessments=within("LCS_Assessments.csv", "Authorised On"),
        enquiries=within("LCS_Section47.csv", "Started On"),
        in_need_plans=within("LCS_CIN_Plans.csv", "Plan Start"),
        protection_plans=within("LCS_CP_Plans.csv", "Plan Start"),
        factors=by(told.rows("LCS_Assessment_Factors.csv"), "Assessment ID"),
    )


def _of_cases(
    rows: Iterable[dict[str, str]], started: str, referrals: Mapping[str, Rows], ends: str
) -> Mapping[str, Rows]:
    """Return what had begun by the day of the return, by the referral that opened the case."""
    held = [row for row in rows if iso(row[started]) <= ends]
    found = [{**row, "Referral ID": _case_of(row, iso(row[started]), referrals)} for row in held]
    return by((row for row in found if row["Referral ID"]), "Referral ID")


def _case_of(row: Mapping[str, str], day: str, referrals: Mapping[str, Rows]) -> str:
    """Return the last referral before a day whose case was open then; empty where there is none."""
    opened = [
        (iso(each["Referral Date"]), each["Referral ID"])
        for each in referrals.get(row["Person ID"], ())
        if not each["NFA Date"]
        and iso(each["Referral Date"]) <= day
        and (not each["Closed On"] or day <= iso(each["Closed On"]))
    ]
    return max(opened)[1] if opened else ""


def _child(person: Mapping[str, str], cases: str, as_of: date) -> str:
    born, expected = iso(person["Date of Birth"]), iso(person["Expected Date of Birth"])
    is_born = born and born <= as_of.isoformat()
    birth = _tag("PersonBirthDate", born) if is_born else _tag("ExpectedPersonBirthDate", expected or born)
    sex = {"Male": "1", "Female": "2"}.get(person["Gender"], "0") if is_born else "0"
    upn = _tag("UPN", person["UPN"]) or _tag("UPNunknown", "UN1")
    disability = DISABILITY_CODES[person["Disability"]] or "NONE"
    identifiers = (
        _tag("LAchildID", person["Person ID"])
        + upn
        + birth
        + _tag("Sex" if as_of.year >= 2024 else "GenderCurrent", sex)
    )
    ethnicity = _tag("Ethnicity", ETHNICITY_CODES[person["Ethnicity"]])
    return (
        f"<Child><ChildIdentifiers>{identifiers}</ChildIdentifiers><ChildCharacteristics>{ethnicity}"
        f"<Disabilities>{_tag('Disability', disability)}</Disabilities></ChildCharacteristics>\n{cases}</Child>\n"
    )


def _case(row: Mapping[str, str], steps: _Steps, as_of: date) -> str:
    ends, key = as_of.isoformat(), row["Referral ID"]
    closed = _until(row["Closed On"], ends)
    referred = iso(row["Referral Date"])
    source = SOURCE_CODES[row["Referral Source"]]
    if source == EARLY_HELP_SOURCE and as_of.year < EARLY_HELP_SOURCE_SINCE:
        source = COUNCIL_SOURCE
    own = (
        _tag("CINreferralDate", referred)
        + _tag("ReferralSource", source)
        + _tag("PrimaryNeedCode", NEED_CODES[row["Primary Need"]])
        + _tag("CINclosureDate", closed)
        + _tag("ReasonForClosure", CLOSURE_CODES[row["Closure Reason"]] if closed else "")
    )
    inner = [
        *(_assessment(each, steps, referred) for each in steps.assessments.get(key, ())),
        *(_in_need_plan(each, ends) for each in steps.in_need_plans.get(key, ()) if as_of.year >= _PLANS_SINCE),
        *(_enquiry(each, ends) for each in steps.enquiries.get(key, ())),
        _tag("ReferralNFA", "true" if row["NFA Date"] else "false"),
        *(_protection_plan(each, ends) for each in steps.protection_plans.get(key, ())),
    ]
    return f"<CINdetails>{own}{''.join(inner)}</CINdetails>\n"


def _until(day: str, ends: str) -> str:
    """Return a day, empty where it lies after the day of the return."""
    return iso(day) if day and iso(day) <= ends else ""


def _assessment(row: Mapping[str, str], steps: _Steps, referred: str) -> str:
    factors = "".join(_tag("AssessmentFactors", each["Factor"]) for each in steps.factors.get(row["Assessment ID"], ()))
    dates = _tag("AssessmentActualStartDate", referred) + _tag("AssessmentAuthorisationDate", iso(row["Authorised On"]))
    return f"<Assessments>{dates}<FactorsIdentifiedAtAssessment>{factors}</FactorsIdentifiedAtAssessment></Assessments>"


def _in_need_plan(row: Mapping[str, str], ends: str) -> str:
    dates = _tag("CINPlanStartDate", iso(row["Plan Start"])) + _tag("CINPlanEndDate", _until(row["Plan End"], ends))
    return f"<CINPlanDates>{dates}</CINPlanDates>"


def _enquiry(row: Mapping[str, str], ends: str) -> str:
    conference = _until(row["Outcome Date"], ends) if row["Outcome"] == "ICPC" else ""
    dates = _tag("S47ActualStartDate", iso(row["Started On"])) + _tag("DateOfInitialCPC", conference)
    not_required = "true" if row["Outcome"] and row["Outcome"] != "ICPC" else "false"
    return f"<Section47>{dates}{_tag('ICPCnotRequired', not_required)}</Section47>"


def _protection_plan(row: Mapping[str, str], ends: str) -> str:
    category = CATEGORY_CODES[row["Initial Category"]]
    inner = (
        _tag("CPPstartDate", iso(row["Plan Start"]))
        + _tag("CPPendDate", _until(row["Plan End"], ends))
        + _tag("InitialCategoryOfAbuse", category)
        + _tag("LatestCategoryOfAbuse", category)
    )
    return f"<ChildProtectionPlans>{inner}</ChildProtectionPlans>"
