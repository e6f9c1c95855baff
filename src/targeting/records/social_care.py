"""Children's social care and early help: contacts, referrals, assessments, plans, care, episodes of early help."""

from targeting.records.codes import (
    ASSESSMENT_FACTOR,
    CATEGORY_OF_ABUSE,
    CLOSURE_REASON,
    PRIMARY_NEED,
    REFERRAL_SOURCE,
    code_set,
)
from targeting.records.definition import Column, FactKind, episode_id

OWN_REQUEST = "asking for help, accepting or declining it never raises risk"

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
        columns=(Column(name="factor", description="The factor", type="code", codes=ASSESSMENT_FACTOR),),
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
        columns=(episode_id(),),
        ends="care_started",
    ),
)

EARLY_HELP = (
    FactKind(
        name="early_help_started",
        description="An episode of early help started",
        area="early help",
        event="the episode started",
        knowledge="it was recorded",
        columns=(
            episode_id(),
            Column(name="referral_source", description="Who asked for it", type="code", codes=REFERRAL_SOURCE),
        ),
        never_an_input=OWN_REQUEST,
    ),
    FactKind(
        name="early_help_ended",
        description="An episode of early help ended",
        area="early help",
        event="the episode ended",
        knowledge="its end was recorded",
        columns=(
            episode_id(),
            Column(
                name="outcome",
                description="How it ended",
                type="code",
                codes=code_set(
                    "early_help_outcome",
                    needs_met="needs met",
                    needs_unmet="ended with needs unmet",
                    stepped_up="stepped up to social care",
                    moved="moved away",
                    declined="consent withdrawn",
                ),
            ),
        ),
        ends="early_help_started",
    ),
)

KINDS = SOCIAL_CARE + EARLY_HELP
