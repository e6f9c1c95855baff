"""What the rows of a CIN Census return mean, as DfE's guide to the census defines them."""

from collections.abc import Mapping
from types import MappingProxyType

from targeting.sources.definition import Extract, FactFields, PersonFields, column, constant

CHILD, DISABILITY, REFERRAL, ASSESSMENT = "Child", "Disability", "CINdetails", "Assessments"
FACTOR, SECTION_47 = "AssessmentFactors", "Section47"
IN_NEED_PLAN, PROTECTION_PLAN = "CINPlanDates", "ChildProtectionPlans"
REVIEW, PRE_PROCEEDINGS = "CPPreviewDate", "PreProceedings"

PERSON = "LAchildID"
# Until 2024 GenderCurrent, 1 and 2; from then on Sex, which returns fill with either.
SEX = column("Sex", codes={"m": "1", "f": "2", "u": "0", "i": "9"})

CHILD_MAPPING = Extract(
    file=CHILD,
    persons=(
        PersonFields(
            key=column(PERSON),
            date_of_birth=column("PersonBirthDate"),
            expected_date_of_birth=column("ExpectedPersonBirthDate"),
            sex=SEX,
            upn=column("UPN"),
        ),
    ),
    facts=(
        FactFields(
            kind="person_described",
            person=PERSON,
            event_date=column("ReferenceDate"),
            when=column("NoDisability"),
            values={"sex": SEX, "ethnicity": column("Ethnicity")},
            record_key=(PERSON, "ReferenceDate"),
        ),
        FactFields(kind="died", person=PERSON, event_date=column("PersonDeathDate"), record_key=(PERSON,)),
    ),
)

# A child with several disabilities is described once for each.
DISABILITY_MAPPING = Extract(
    file=DISABILITY,
    facts=(
        FactFields(
            kind="person_described",
            person=PERSON,
            event_date=column("ReferenceDate"),
            values={"sex": SEX, "ethnicity": column("Ethnicity"), "disability": column("Disability")},
            record_key=(PERSON, "ReferenceDate", "Disability"),
        ),
    ),
)

REFERRAL_MAPPING = Extract(
    file=REFERRAL,
    facts=(
        FactFields(
            kind="referral",
            person=PERSON,
            event_date=column("CINreferralDate"),
            values={
                "episode_id": column("ReferralID"),
                "referral_source": column("ReferralSource"),
                "primary_need": column("PrimaryNeedCode"),
            },
            record_key=("ReferralID",),
        ),
        # The census does not date the decision; it is due within a working day of the referral.
        FactFields(
            kind="referral_no_further_action",
            person=PERSON,
            event_date=column("CINreferralDate"),
            when=column("ReferralNFA"),
            values={"episode_id": column("ReferralID")},
            record_key=("ReferralID",),
        ),
        # A conference may also stand beside the enquiry that led to it: told twice, it is one fact.
        FactFields(
            kind="initial_conference_held",
            person=PERSON,
            event_date=column("DateOfInitialCPC"),
            record_key=(PERSON, "DateOfInitialCPC"),
        ),
        FactFields(
            kind="referral_closed",
            person=PERSON,
            event_date=column("CINclosureDate"),
            values={"episode_id": column("ReferralID"), "reason": column("ReasonForClosure")},
            record_key=("ReferralID",),
        ),
    ),
)

ASSESSMENT_MAPPING = Extract(
    file=ASSESSMENT,
    facts=(
        FactFields(
            kind="assessment_completed",
            person=PERSON,
            event_date=column("AssessmentAuthorisationDate"),
            values={"found_in_need": column("FoundInNeed"), "primary_need": column("PrimaryNeedCode")},
            record_key=("AssessmentID",),
        ),
    ),
)

FACTOR_MAPPING = Extract(
    file=FACTOR,
    facts=(
        FactFields(
            kind="assessment_factor",
            person=PERSON,
            event_date=column("AssessmentAuthorisationDate"),
            values={"factor": column("AssessmentFactors")},
            record_key=("AssessmentID", "AssessmentFactors"),
        ),
    ),
)

# An enquiry that led to no conference has no end in the census.
SECTION_47_MAPPING = Extract(
    file=SECTION_47,
    facts=(
        FactFields(
            kind="section_47_started",
            person=PERSON,
            event_date=column("S47ActualStartDate"),
            values={"episode_id": column("Section47ID")},
            record_key=("Section47ID",),
        ),
        FactFields(
            kind="section_47_ended",
            person=PERSON,
            event_date=column("DateOfInitialCPC"),
            values={"episode_id": column("Section47ID"), "outcome": constant("conference")},
            record_key=("Section47ID",),
        ),
        FactFields(
            kind="initial_conference_held",
            person=PERSON,
            event_date=column("DateOfInitialCPC"),
            record_key=(PERSON, "DateOfInitialCPC"),
        ),
    ),
)

IN_NEED_PLAN_MAPPING = Extract(
    file=IN_NEED_PLAN,
    facts=(
        FactFields(
            kind="child_in_need_plan_started",
            person=PERSON,
            event_date=column("CINPlanStartDate"),
            values={"episode_id": column("PlanID")},
            record_key=("PlanID",),
        ),
        FactFields(
            kind="child_in_need_plan_ended",
            person=PERSON,
            event_date=column("CINPlanEndDate"),
            values={"episode_id": column("PlanID")},
            record_key=("PlanID",),
        ),
    ),
)

PROTECTION_PLAN_MAPPING = Extract(
    file=PROTECTION_PLAN,
    facts=(
        FactFields(
            kind="child_protection_plan_started",
            person=PERSON,
            event_date=column("CPPstartDate"),
            values={
                "episode_id": column("PlanID"),
                "category": column("InitialCategoryOfAbuse"),
                "previous_plans": column("NumberOfPreviousCPP"),
            },
            record_key=("PlanID",),
        ),
        FactFields(
            kind="child_protection_plan_ended",
            person=PERSON,
            event_date=column("CPPendDate"),
            values={"episode_id": column("PlanID")},
            record_key=("PlanID",),
        ),
    ),
)

REVIEW_MAPPING = Extract(
    file=REVIEW,
    facts=(
        FactFields(
            kind="review_conference_held",
            person=PERSON,
            event_date=column("CPPreviewDate"),
            record_key=("PlanID", "CPPreviewDate"),
        ),
    ),
)

# Announced for the census of 2026. The names of its elements are an assumption, not verified against a schema.
PRE_PROCEEDINGS_MAPPING = Extract(
    file=PRE_PROCEEDINGS,
    facts=(
        FactFields(
            kind="pre_proceedings_started",
            person=PERSON,
            event_date=column("PreProceedingsStartDate"),
            values={"episode_id": column("PreProceedingsID")},
            record_key=("PreProceedingsID",),
        ),
        FactFields(
            kind="pre_proceedings_ended",
            person=PERSON,
            event_date=column("PreProceedingsEndDate"),
            values={"episode_id": column("PreProceedingsID")},
            record_key=("PreProceedingsID",),
        ),
    ),
)

MAPPINGS: Mapping[str, Extract] = MappingProxyType(
    {
        mapping.file: mapping
        for mapping in (
            CHILD_MAPPING,
            DISABILITY_MAPPING,
            REFERRAL_MAPPING,
            ASSESSMENT_MAPPING,
            FACTOR_MAPPING,
            SECTION_47_MAPPING,
            IN_NEED_PLAN_MAPPING,
            PROTECTION_PLAN_MAPPING,
            REVIEW_MAPPING,
            PRE_PROCEEDINGS_MAPPING,
        )
    }
)
# The first census that asked for a part, where it was not there from the beginning.
COLLECTED_FROM: Mapping[str, int] = MappingProxyType({IN_NEED_PLAN: 2022, PRE_PROCEEDINGS: 2026})
# What DfE's schema demands of every row, beside the child's id.
REQUIRED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        REFERRAL: ("CINreferralDate",),
        SECTION_47: ("S47ActualStartDate",),
        IN_NEED_PLAN: ("CINPlanStartDate",),
        PROTECTION_PLAN: ("CPPstartDate",),
        REVIEW: ("CPPreviewDate",),
        PRE_PROCEEDINGS: ("PreProceedingsStartDate",),
    }
)
CIN_KINDS = frozenset(fact.kind for mapping in MAPPINGS.values() for fact in mapping.facts)
