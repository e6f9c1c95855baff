"""What one child of a CIN Census return tells, as rows of text, each of a part of the return."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from targeting.sources.cin_mapping import (
    ASSESSMENT,
    CHILD,
    DISABILITY,
    FACTOR,
    IN_NEED_PLAN,
    PERSON,
    PRE_PROCEEDINGS,
    PROTECTION_PLAN,
    REFERRAL,
    REVIEW,
    SECTION_47,
)

# Closed after assessment without a service of social care: the child was not found to be in need.
NOT_IN_NEED = ("RC8", "RC9")
REFERRAL_TAGS = (
    "CINreferralDate",
    "ReferralSource",
    "PrimaryNeedCode",
    "CINclosureDate",
    "ReasonForClosure",
    "ReferralNFA",
    "DateOfInitialCPC",
)

Row = tuple[str, int, dict[str, str]]


@dataclass
class Element:
    """An element with the line on which it begins."""

    tag: str
    line: int
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def all(self, tag: str) -> Iterator["Element"]:
        """Yield the elements of that name below this one, in their order."""
        for child in self.children:
            if child.tag == tag:
                yield child
            yield from child.all(tag)

    def value(self, *tags: str) -> str:
        """Return the text of the first element that is filled, of the first of these names, below this one."""
        return next((found.text.strip() for tag in tags for found in self.all(tag) if found.text.strip()), "")

    def own(self, tag: str) -> str:
        """Return the text of the element of that name directly inside this one."""
        return next((child.text.strip() for child in self.children if child.tag == tag), "")


def rows_of_child(child: Element) -> Iterator[Row]:
    """Yield the rows of one child: (part, line, text by column)."""
    person = child.value(PERSON)
    described = {
        PERSON: person,
        "Sex": child.value("Sex", "GenderCurrent"),
        "Ethnicity": child.value("Ethnicity"),
    }
    disabilities = list(child.all(DISABILITY))
    identifiers = ("UPN", "PersonBirthDate", "ExpectedPersonBirthDate", "PersonDeathDate")
    own = {tag: child.value(tag) for tag in identifiers} | {"NoDisability": "no" if disabilities else "yes"}
    yield CHILD, child.line, described | own
    for disability in disabilities:
        yield DISABILITY, disability.line, described | {"Disability": disability.text.strip()}
    names = _Names()
    for referral in child.all(REFERRAL):
        yield from _rows_of_referral(referral, person, names)


class _Names:
    """Ids where the census has none: the outer id and the date on which something began, counted where both recur."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()

    def name(self, *parts: str) -> str:
        """Return the id of a thing that has these parts, another one each time."""
        base = "/".join(parts)
        self._given[base] += 1
        return base if self._given[base] == 1 else f"{base}/{self._given[base]}"


def _rows_of_referral(referral: Element, person: str, names: _Names) -> Iterator[Row]:
    referred, reason = referral.own("CINreferralDate"), referral.own("ReasonForClosure")
    referral_id = names.name(person, referred)
    ids = {PERSON: person, "ReferralID": referral_id}
    yield REFERRAL, referral.line, ids | {tag: referral.own(tag) for tag in REFERRAL_TAGS}
    case = {PERSON: person, "PrimaryNeedCode": referral.own("PrimaryNeedCode")}
    case["FoundInNeed"] = "no" if reason in NOT_IN_NEED else "yes"
    for assessment in referral.all(ASSESSMENT):
        assessment_id = names.name(referral_id, ASSESSMENT, assessment.own("AssessmentActualStartDate"))
        yield from _rows_of_assessment(assessment, case | {"AssessmentID": assessment_id})
    for tag, name, begins, ends in (
        (SECTION_47, "Section47ID", "S47ActualStartDate", ("DateOfInitialCPC",)),
        (IN_NEED_PLAN, "PlanID", "CINPlanStartDate", ("CINPlanEndDate",)),
        (PROTECTION_PLAN, "PlanID", "CPPstartDate", ("CPPendDate", "InitialCategoryOfAbuse", "NumberOfPreviousCPP")),
        (PRE_PROCEEDINGS, "PreProceedingsID", "PreProceedingsStartDate", ("PreProceedingsEndDate",)),
    ):
        for step in referral.all(tag):
            step_ids = {PERSON: person, name: names.name(referral_id, tag, step.own(begins))}
            yield tag, step.line, step_ids | {own: step.own(own) for own in (begins, *ends)}
            for review in step.all(REVIEW):
                yield REVIEW, review.line, step_ids | {REVIEW: review.text.strip()}


def _rows_of_assessment(assessment: Element, case: dict[str, str]) -> Iterator[Row]:
    authorised = {"AssessmentAuthorisationDate": assessment.own("AssessmentAuthorisationDate")}
    yield ASSESSMENT, assessment.line, case | authorised
    for factor in assessment.all(FACTOR):
        yield FACTOR, factor.line, case | authorised | {FACTOR: factor.text.strip()}
