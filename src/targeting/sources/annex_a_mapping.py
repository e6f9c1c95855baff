"""What the lists of an Annex A workbook mean, as Ofsted's inspection framework (ILACS, Annex A) defines them.

The reader brings noisy spellings of codes (`a) WBRI`, `q) 6: Police`, `N1 - Abuse or Neglect`) to the code or the word
that they hold; the maps below say what the words mean. Lists 9 and 11 (care leavers, adopters) make no fact.
"""

from collections.abc import Mapping
from types import MappingProxyType

from targeting.records.looked_after_codes import FOOTING
from targeting.sources.definition import Extract, FactFields, Field, PersonFields, column, constant
from targeting.sources.facts_by_name import CATEGORY, fact, spell
from targeting.sources.returns import sighted

CHILD, REFERENCE_DATE = "Child Unique ID", "ReferenceDate"
ADOPTER = "Individual adopter identifier"

NOT_KNOWN = ("", "unknown", "not stated/recorded", "not stated", "n/a")
SEX = column("Gender", codes={"male": "1", "m": "1", "female": "2", "f": "2", "neither": "9"}, empty=NOT_KNOWN)
ETHNICITY = column("Ethnicity", empty=("",))
# Codes of list 8 that the contract does not know by themselves.
LEGAL_BASIS = {code.lower(): footing for code, footing in FOOTING.items()} | {"uasc": "unaccompanied"}

PERSONS = (PersonFields(key=column(CHILD), date_of_birth=column("Date of Birth"), sex=SEX),)
DESCRIBED = FactFields(
    kind="person_described",
    person=CHILD,
    event_date=column(REFERENCE_DATE),
    values={"sex": SEX, "ethnicity": ETHNICITY},
    record_key=(CHILD, REFERENCE_DATE),
)


def flag(name: str) -> Field:
    """Return a yes or no of the workbook."""
    return column(name, empty=NOT_KNOWN)


def _list(number: int, *facts: FactFields) -> Extract:
    return Extract(file=f"List {number}", persons=PERSONS, facts=(DESCRIBED, *facts))


CONTACTS = _list(
    1,
    fact(
        "contact",
        CHILD,
        "Date of Contact",
        *(CHILD, "Date of Contact", "Contact Source"),
        referral_source="Contact Source",
    ),
)
ASSESSED = "Assessment completion date"
EARLY_HELP = _list(2, fact("early_help_assessment_completed", CHILD, ASSESSED, CHILD, ASSESSED))
REFERRED = "Date of referral"
REFERRALS = _list(
    3,
    fact("referral", CHILD, REFERRED, "Referral", episode_id="Referral", referral_source="Referral Source"),
    fact(
        "referral_no_further_action",
        CHILD,
        REFERRED,
        "Referral",
        when=flag("Referral NFA?"),
        episode_id="Referral",
    ),
)
ASSESSMENTS = _list(
    4,
    fact(
        "assessment_completed",
        CHILD,
        "Continuous Assessment Date of Authorisation",
        *(CHILD, "Continuous Assessment Start Date"),
        found_in_need=flag("Was the child assessed as requiring LA children's social care support?"),
    ),
)
ENQUIRY = "Strategy discussion initiating Section 47 Enquiry Start Date"
CONFERENCE = "Date of Initial Child Protection Conference"
LED_TO_PLAN = "Did the Initial Child Protection Conference Result in a Child Protection Plan"
ENQUIRIES = _list(
    5,
    fact("section_47_started", CHILD, ENQUIRY, "Enquiry", episode_id="Enquiry"),
    fact("section_47_ended", CHILD, CONFERENCE, "Enquiry", episode_id="Enquiry", outcome=constant("conference")),
    fact("initial_conference_held", CHILD, CONFERENCE, "Enquiry", led_to_plan=flag(LED_TO_PLAN)),
)
# A case of list 6 has no referral source: it closes the referral of that day, and makes no new one.
CLOSED = "CIN Closure Date"
IN_NEED = _list(
    6,
    fact("child_in_need_plan_started", CHILD, "CIN Start Date", "Case", when="IsInNeedPlan", episode_id="Case"),
    fact("child_in_need_plan_ended", CHILD, CLOSED, "Case", episode_id="Case"),
    fact("referral_closed", CHILD, CLOSED, "Case", episode_id="Referral", reason="Reason for Closure"),
)
PLANS = _list(
    7,
    *spell(
        "child_protection_plan",
        CHILD,
        "Plan",
        ("Child Protection Plan Start Date", "Child Protection Plan End Date"),
        category=column("Initial Category of Abuse", codes=CATEGORY),
        previous_plans="Number of Previous Child Protection Plans",
    ),
)
CARE = _list(
    8,
    fact(
        "care_started",
        CHILD,
        "Date Started to be Looked After",
        "Period",
        episode_id="Period",
        legal_basis=column("LegalBasis", codes=LEGAL_BASIS),
    ),
    fact(
        "care_ended",
        CHILD,
        "Date Ceased to be Looked After",
        "Period",
        episode_id="Period",
        reason="Reason Ceased to be Looked After",
    ),
)
ADOPTIONS = _list(
    10, fact("identity_protected", CHILD, "Date of Adoption Order", CHILD, handling=constant("never_joined"))
)

MAPPINGS: Mapping[str, Extract] = MappingProxyType(
    {
        "List 1": CONTACTS,
        "List 2": EARLY_HELP,
        "List 3": REFERRALS,
        "List 4": ASSESSMENTS,
        "List 5": ENQUIRIES,
        "List 6": IN_NEED,
        "List 7": PLANS,
        "List 8": CARE,
        "List 9": _list(9),
        "List 10": ADOPTIONS,
        # Of adopters nothing is wanted but that the row was read.
        "List 11": Extract(file="List 11", persons=sighted(ADOPTER)),
    }
)
REQUIRED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {name: (ADOPTER,) if name == "List 11" else (CHILD,) for name in MAPPINGS}
    | {
        "List 1": (CHILD, "Date of Contact"),
        "List 3": (CHILD, "Date of referral"),
        "List 5": (CHILD, ENQUIRY),
        "List 6": (CHILD, "CIN Start Date"),
        "List 7": (CHILD, "Child Protection Plan Start Date"),
        "List 8": (CHILD, "Date Started to be Looked After"),
    }
)
# Columns that the reader computes, by list.
LEGAL_STATUS = "Child's Legal Status"
UNACCOMPANIED = "Unaccompanied Asylum Seeking Child (UASC) within the Last 12 Months (Y/N)"
CASE_STATUS, IN_NEED_PLAN = "Case Status", "child in need plan"
NAMED: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "List 3": {"Referral": (CHILD, "Date of referral")},
        "List 5": {"Enquiry": (CHILD, ENQUIRY)},
        "List 6": {"Referral": (CHILD, "CIN Start Date"), "Case": (CHILD, "CIN Start Date")},
        "List 7": {"Plan": (CHILD, "Child Protection Plan Start Date")},
        "List 8": {"Period": (CHILD, "Date Started to be Looked After")},
    }
)
# Read for what is computed from them; the primary need of list 6 is checked, and makes no fact.
READ_BESIDES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"List 6": (CASE_STATUS, "Primary Need Code"), "List 8": (LEGAL_STATUS, UNACCOMPANIED)}
)
# Later templates lack it: nobody is then known to have come alone.
MAY_BE_ABSENT = (UNACCOMPANIED,)
DATES = frozenset(
    {
        "Date of Birth",
        "Date of Contact",
        "Assessment completion date",
        "Date of referral",
        "Continuous Assessment Start Date",
        "Continuous Assessment Date of Authorisation",
        ENQUIRY,
        CONFERENCE,
        "CIN Start Date",
        "CIN Closure Date",
        "Child Protection Plan Start Date",
        "Child Protection Plan End Date",
        "Date Started to be Looked After",
        "Date Ceased to be Looked After",
        "Date of Adoption Order",
    }
)
