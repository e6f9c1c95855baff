"""What the lists of an Annex A workbook mean, as Ofsted's inspection framework (ILACS, Annex A) defines them.

The reader brings noisy spellings of codes (`a) WBRI`, `q) 6: Police`, `N1 - Abuse or Neglect`) to the code or the word
that they hold; the maps below say what the words mean. Lists 9 and 11 (care leavers, adopters) make no fact.
"""

from collections.abc import Mapping
from types import MappingProxyType

from targeting.records.looked_after_codes import FOOTING
from targeting.sources.definition import Extract, FactFields, Field, PersonFields, column, constant
from targeting.sources.returns import sighted

CHILD, REFERENCE_DATE = "Child Unique ID", "ReferenceDate"
ADOPTER = "Individual adopter identifier"

NOT_KNOWN = ("", "unknown", "not stated/recorded", "not stated", "n/a")
SEX = column("Gender", codes={"male": "1", "m": "1", "female": "2", "f": "2", "neither": "9"}, empty=NOT_KNOWN)
ETHNICITY = column("Ethnicity", empty=("",))
CATEGORY = {
    "neglect": "NEG",
    "physical abuse": "PHY",
    "physical": "PHY",
    "sexual abuse": "SAB",
    "sexual": "SAB",
    "emotional abuse": "EMO",
    "emotional": "EMO",
    "multiple/not recommended": "MUL",
    "multiple": "MUL",
}
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
    FactFields(
        kind="contact",
        person=CHILD,
        event_date=column("Date of Contact"),
        values={"referral_source": column("Contact Source")},
        record_key=(CHILD, "Date of Contact", "Contact Source"),
    ),
)
EARLY_HELP = _list(
    2,
    FactFields(
        kind="early_help_assessment_completed",
        person=CHILD,
        event_date=column("Assessment completion date"),
        record_key=(CHILD, "Assessment completion date"),
    ),
)
REFERRALS = _list(
    3,
    FactFields(
        kind="referral",
        person=CHILD,
        event_date=column("Date of referral"),
        values={"episode_id": column("Referral"), "referral_source": column("Referral Source")},
        record_key=("Referral",),
    ),
    FactFields(
        kind="referral_no_further_action",
        person=CHILD,
        event_date=column("Date of referral"),
        when=flag("Referral NFA?"),
        values={"episode_id": column("Referral")},
        record_key=("Referral",),
    ),
)
ASSESSMENTS = _list(
    4,
    FactFields(
        kind="assessment_completed",
        person=CHILD,
        event_date=column("Continuous Assessment Date of Authorisation"),
        values={"found_in_need": flag("Was the child assessed as requiring LA children's social care support?")},
        record_key=(CHILD, "Continuous Assessment Start Date"),
    ),
)
ENQUIRY = "Strategy discussion initiating Section 47 Enquiry Start Date"
CONFERENCE = "Date of Initial Child Protection Conference"
ENQUIRIES = _list(
    5,
    FactFields(
        kind="section_47_started",
        person=CHILD,
        event_date=column(ENQUIRY),
        values={"episode_id": column("Enquiry")},
        record_key=("Enquiry",),
    ),
    FactFields(
        kind="section_47_ended",
        person=CHILD,
        event_date=column(CONFERENCE),
        values={"episode_id": column("Enquiry"), "outcome": constant("conference")},
        record_key=("Enquiry",),
    ),
    FactFields(
        kind="initial_conference_held",
        person=CHILD,
        event_date=column(CONFERENCE),
        values={"led_to_plan": flag("Did the Initial Child Protection Conference Result in a Child Protection Plan")},
        record_key=("Enquiry",),
    ),
)
# A case of list 6 has no referral source: it closes the referral of that day, and makes no new one.
IN_NEED = _list(
    6,
    FactFields(
        kind="child_in_need_plan_started",
        person=CHILD,
        event_date=column("CIN Start Date"),
        when=column("IsInNeedPlan"),
        values={"episode_id": column("Case")},
        record_key=("Case",),
    ),
    FactFields(
        kind="child_in_need_plan_ended",
        person=CHILD,
        event_date=column("CIN Closure Date"),
        values={"episode_id": column("Case")},
        record_key=("Case",),
    ),
    FactFields(
        kind="referral_closed",
        person=CHILD,
        event_date=column("CIN Closure Date"),
        values={"episode_id": column("Referral"), "reason": column("Reason for Closure")},
        record_key=("Case",),
    ),
)
PLANS = _list(
    7,
    FactFields(
        kind="child_protection_plan_started",
        person=CHILD,
        event_date=column("Child Protection Plan Start Date"),
        values={
            "episode_id": column("Plan"),
            "category": column("Initial Category of Abuse", codes=CATEGORY),
            "previous_plans": column("Number of Previous Child Protection Plans"),
        },
        record_key=("Plan",),
    ),
    FactFields(
        kind="child_protection_plan_ended",
        person=CHILD,
        event_date=column("Child Protection Plan End Date"),
        values={"episode_id": column("Plan")},
        record_key=("Plan",),
    ),
)
CARE = _list(
    8,
    FactFields(
        kind="care_started",
        person=CHILD,
        event_date=column("Date Started to be Looked After"),
        values={"episode_id": column("Period"), "legal_basis": column("LegalBasis", codes=LEGAL_BASIS)},
        record_key=("Period",),
    ),
    FactFields(
        kind="care_ended",
        person=CHILD,
        event_date=column("Date Ceased to be Looked After"),
        values={"episode_id": column("Period"), "reason": column("Reason Ceased to be Looked After")},
        record_key=("Period",),
    ),
)
ADOPTIONS = _list(
    10,
    FactFields(
        kind="identity_protected",
        person=CHILD,
        event_date=column("Date of Adoption Order"),
        values={"handling": constant("never_joined")},
        record_key=(CHILD,),
    ),
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
