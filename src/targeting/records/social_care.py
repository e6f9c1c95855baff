"""Children's social care: contacts, referrals, assessments, enquiries, plans, pre-proceedings, care."""

from targeting.records.codes import (
    ASSESSMENT_FACTOR,
    CATEGORY_OF_ABUSE,
    CLOSURE_REASON,
    PRIMARY_NEED,
    REFERRAL_SOURCE,
    code_set,
)
from targeting.records.definition import Column, FactKind, episode_id
from targeting.records.looked_after_codes import CARE_ENDED

SOCIAL_CARE = (
    FactKind(
        name="contact",
        description="A contact with the front door of children's social care, with what was decided on it",
        area="social care",
        event="the contact was received",
        knowledge="its outcome was recorded",
        columns=(
            Column(name="referral_source", description="Who made the contact", type="code", codes=REFERRAL_SOURCE),
            Column(
                name="outcome",
                description="What was decided",
                type="code",
                codes=code_set(
                    "contact_outcome",
                    no_further_action="no further action",
                    early_help="passed to early help",
                    referral="became a referral",
                ),
                # Annex A, and some case systems, do not say.
                required=False,
            ),
        ),
    ),
    FactKind(
        name="referral",
        description="A referral accepted by children's social care: an open case until it is closed",
        area="social care",
        event="the referral was received",
        knowledge="it was recorded",
        columns=(
            episode_id(),
            Column(name="referral_source", description="Who referred", type="code", codes=REFERRAL_SOURCE),
            Column(
                name="primary_need",
                description="Primary need as the census codes it",
                type="code",
                codes=PRIMARY_NEED,
                required=False,
            ),
        ),
    ),
    FactKind(
        name="referral_no_further_action",
        description="A referral was closed without an assessment",
        area="social care",
        event="it was decided",
        knowledge="the decision was recorded",
        columns=(episode_id(),),
        ends="referral",
    ),
    FactKind(
        name="referral_closed",
        description="A case of children's social care was closed",
        area="social care",
        event="the case was closed",
        knowledge="the closure was recorded",
        columns=(
            episode_id(),
            Column(
                name="reason",
                description="Reason for closure",
                type="code",
                codes=CLOSURE_REASON,
                required=False,
            ),
        ),
        ends="referral",
    ),
    FactKind(
        name="assessment_completed",
        description="A single assessment was authorised",
        area="social care",
        event="the assessment was authorised",
        knowledge="it was recorded",
        columns=(
            Column(
                name="found_in_need",
                description="Whether the child was found to be in need of a service",
                type="flag",
            ),
            Column(
                name="primary_need",
                description="Primary need of the case",
                type="code",
                codes=PRIMARY_NEED,
                required=False,
            ),
        ),
    ),
    FactKind(
        name="assessment_factor",
        description="A factor identified at the end of a single assessment",
        area="social care",
        event="the assessment was authorised",
        knowledge="the factor was recorded",
        columns=(
            Column(
                name="factor",
                description="The factor",
                type="code",
                codes=ASSESSMENT_FACTOR,
                code_attributes={
                    **dict.fromkeys(("5A", "5B", "5C"), "learning_disability"),
                    **dict.fromkeys(("6A", "6B", "6C"), "disability"),
                    "9A": "immigration_status",
                },
            ),
        ),
    ),
    FactKind(
        name="section_47_started",
        description="A section 47 enquiry was started",
        area="social care",
        event="the enquiry was started",
        knowledge="it was recorded",
        columns=(episode_id(),),
    ),
    FactKind(
        name="section_47_ended",
        description="A section 47 enquiry ended",
        area="social care",
        event="its outcome was decided",
        knowledge="the outcome was recorded",
        columns=(
            episode_id(),
            Column(
                name="outcome",
                description="What the enquiry led to",
                type="code",
                codes=code_set(
                    "section_47_outcome",
                    conference="led to an initial conference",
                    concerns_not_continuing="concerns substantiated, the child not judged at continuing risk",
                    unsubstantiated="concerns not substantiated",
                ),
            ),
        ),
        ends="section_47_started",
    ),
    FactKind(
        name="child_in_need_plan_started",
        description="A child in need plan (section 17) started",
        area="social care",
        event="the plan started",
        knowledge="it was recorded",
        columns=(episode_id(),),
    ),
    FactKind(
        name="child_in_need_plan_ended",
        description="A child in need plan ended",
        area="social care",
        event="the plan ended",
        knowledge="its end was recorded",
        columns=(episode_id(),),
        ends="child_in_need_plan_started",
    ),
    FactKind(
        name="child_protection_plan_started",
        description="A child protection plan started",
        area="social care",
        event="the plan started",
        knowledge="it was recorded",
        columns=(
            episode_id(),
            Column(
                name="category",
                description="Initial category of abuse",
                type="code",
                codes=CATEGORY_OF_ABUSE,
                required=False,
            ),
            Column(
                name="previous_plans",
                description="Plans that the child had before",
                type="integer",
                required=False,
                minimum=0,
                maximum=50,
                unit="plan",
            ),
        ),
    ),
    FactKind(
        name="child_protection_plan_ended",
        description="A child protection plan ended",
        area="social care",
        event="the plan ended",
        knowledge="its end was recorded",
        columns=(episode_id(),),
        ends="child_protection_plan_started",
    ),
    FactKind(
        name="pre_proceedings_started",
        description="Pre-proceedings (the public law outline) started",
        area="social care",
        event="the letter before proceedings was sent",
        knowledge="it was recorded",
        columns=(episode_id(),),
    ),
    FactKind(
        name="care_started",
        description="A child became looked after",
        area="social care",
        event="the period of care started",
        knowledge="it was recorded",
        columns=(
            episode_id(),
            Column(
                name="legal_basis",
                description="On what footing",
                type="code",
                codes=code_set(
                    "care_legal_basis",
                    order="a court order or police protection",
                    accommodated="section 20 accommodation",
                    short_breaks="a series of short breaks",
                    unaccompanied="an unaccompanied minor",
                    remand="a remand, police detention or a sentence",
                ),
            ),
        ),
    ),
    FactKind(
        name="care_ended",
        description="A child ceased to be looked after",
        area="social care",
        event="the period of care ended",
        knowledge="its end was recorded",
        columns=(
            episode_id(),
            Column(
                name="reason",
                description="Why it ended",
                type="code",
                codes=CARE_ENDED,
                required=False,
            ),
        ),
        ends="care_started",
    ),
)

KINDS = SOCIAL_CARE
