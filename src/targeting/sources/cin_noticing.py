"""What is odd about a CIN Census return and worth a sentence: stray text, unknown elements, repeated children."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from targeting.records.codes import CATEGORY_OF_ABUSE, LAST_VERIFIED_YEAR
from targeting.sources.returns import YEAR_IN_NAME, unverified_warnings

LINES_SHOWN = 5
# Beyond these nothing more is taken note of, so that memory is bounded.
MOST_NAMES, LONGEST_NAME, MOST_CHILDREN = 64, 40, 1 << 20
# Elements of DfE's schema that hold others and never text.
HOLDERS = frozenset(
    {
        "Message",
        "Header",
        "CollectionDetails",
        "Source",
        "Children",
        "Child",
        "ChildIdentifiers",
        "ChildCharacteristics",
        "Disabilities",
        "CINdetails",
        "Assessments",
        "FactorsIdentifiedAtAssessment",
        "CINPlanDates",
        "Section47",
        "ChildProtectionPlans",
        "Reviews",
    }
)
VALUES = frozenset(
    {
        *(
            "Collection",
            "Year",
            "ReferenceDate",
            "SourceLevel",
            "LEA",
            "SoftwareCode",
            "Release",
            "SerialNo",
            "DateTime",
        ),
        *("LAchildID", "UPN", "FormerUPN", "UPNunknown", "PersonBirthDate", "ExpectedPersonBirthDate"),
        *("GenderCurrent", "Sex", "PersonDeathDate", "Ethnicity", "Disability"),
        *("CINreferralDate", "ReferralSource", "PrimaryNeedCode", "CINclosureDate", "ReasonForClosure"),
        *("DateOfInitialCPC", "ReferralNFA", "AssessmentActualStartDate", "AssessmentInternalReviewDate"),
        *("AssessmentAuthorisationDate", "AssessmentFactors", "CINPlanStartDate", "CINPlanEndDate"),
        *("S47ActualStartDate", "InitialCPCtarget", "ICPCnotRequired", "CPPstartDate", "CPPendDate"),
        *("InitialCategoryOfAbuse", "LatestCategoryOfAbuse", "NumberOfPreviousCPP", "CPPreviewDate"),
    }
)
UNVERIFIED = frozenset({"PreProceedings", "PreProceedingsStartDate", "PreProceedingsEndDate"})
# Coded elements of which no fact is made.
CODES_WITHOUT_FACTS: Mapping[str, frozenset[str]] = {
    "UPNunknown": frozenset(f"UN{number}" for number in range(1, 8)),
    "LatestCategoryOfAbuse": frozenset(CATEGORY_OF_ABUSE.codes),
    "ICPCnotRequired": frozenset({"0", "1", "true", "false", "TRUE", "FALSE"}),
}


@dataclass
class Noticed:
    """What was met while a return was read."""

    stray_lines: set[int] = field(default_factory=set)
    unknown: Counter[str] = field(default_factory=Counter)
    unverified: Counter[str] = field(default_factory=Counter)
    children: Counter[str] = field(default_factory=Counter)
    no_codes: Counter[str] = field(default_factory=Counter)

    def element(self, tag: str) -> None:
        """Count an element that no schema known here has."""
        if tag in UNVERIFIED:
            self.unverified[tag] += 1
        elif tag not in HOLDERS and tag not in VALUES:
            name = tag[:LONGEST_NAME]
            if name in self.unknown or len(self.unknown) < MOST_NAMES:
                self.unknown[name] += 1

    def child(self, person: str) -> None:
        """Count a child."""
        if person in self.children or len(self.children) < MOST_CHILDREN:
            self.children[person] += 1

    def codes(self, tag: str, values: Sequence[str], known: frozenset[str]) -> None:
        """Count the values of a coded element that are no codes."""
        self.no_codes[tag] += sum(1 for value in values if value and value not in known)


def return_warnings(noticed: Noticed, place: str) -> Iterator[str]:
    """Yield a sentence for each oddity, with lines and counts and never a value."""
    if noticed.stray_lines:
        lines = sorted(noticed.stray_lines)
        shown = ", ".join(map(str, lines[:LINES_SHOWN])) + (", ..." if len(lines) > LINES_SHOWN else "")
        yield f"{place}: text between elements on {len(lines)} lines ({shown}); it is passed over."
    repeated = sum(1 for person, count in noticed.children.items() if person and count > 1)
    if repeated:
        yield f"{place}: {repeated} children stand in it more than once; what is told twice alike is counted once."
    for tag, count in sorted(noticed.no_codes.items()):
        if count:
            yield f"{place}: {count} of {tag} no code; nothing is made of it."
    for tag, count in sorted(noticed.unknown.items()):
        yield f"{place}: {count} elements {tag!r}, unknown to the census up to {LAST_VERIFIED_YEAR}; left unread."
    if noticed.unverified:
        yield f"{place}: elements of pre-proceedings, read by names that are not verified against DfE's schema."


def year_warnings(year: int, place: str) -> Iterator[str]:
    """Yield what speaks against the year of a return, and that a year's codes were not verified."""
    named = [int(found) for found in YEAR_IN_NAME.findall(place)]
    if named and year not in named:
        yield f"{place}: the name says {named[-1]}, the reference date {year}; the codes of {year} hold."
    yield from unverified_warnings(place, year)
