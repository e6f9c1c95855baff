"""Child protection conferences, court, kinship, private fostering and what follows a missing episode."""

from targeting.records.codes import code_set
from targeting.records.definition import Column, FactKind, episode_id, spell
from targeting.records.looked_after_codes import (
    EPISODE_REASON,
    LEGAL_STATUS,
    PLACEMENT,
    PLACEMENT_CHANGE,
    SDQ_REASON,
)
from targeting.records.reasons import CARE_IS_NOT_EARLY_HELP, OWN_REQUEST

AREA = "social care"

CONFERENCES = (
    FactKind(
        name="initial_conference_held",
        description="An initial child protection conference was held",
        area=AREA,
        event="the conference",
        knowledge="it was recorded",
        columns=(
            Column(
                name="led_to_plan",
                description="Whether it decided on a child protection plan",
                type="flag",
                required=False,
            ),
            Column(
                name="transfer_in",
                description="Whether the child came on another council's plan",
                type="flag",
                required=False,
            ),
        ),
    ),
    FactKind(
        name="review_conference_held",
        description="A child protection review conference was held",
        area=AREA,
        event="the conference",
        knowledge="it was recorded",
    ),
)

COURT = (
    FactKind(
        name="pre_proceedings_ended",
        description="Pre-proceedings ended",
        area=AREA,
        event="it was decided how they end",
        knowledge="the decision was recorded",
        columns=(
            episode_id(),
            Column(
                name="outcome",
                description="How they ended",
                type="code",
                codes=code_set(
                    "pre_proceedings_outcome", stepped_down="stepped down", care_proceedings="care proceedings"
                ),
                required=False,
            ),
        ),
        ends="pre_proceedings_started",
    ),
    FactKind(
        name="previous_removal",
        description="A child of this parent was removed by a court, here or elsewhere; recorded on the parent",
        area=AREA,
        event="the removal",
        knowledge="social care learned of it",
    ),
    FactKind(
        name="kinship_order",
        description="A court order made a relative, a friend or a former carer responsible for the child",
        area=AREA,
        event="the order was made",
        knowledge="it was recorded",
        columns=(
            Column(
                name="order",
                description="Which order",
                type="code",
                codes=code_set(
                    "kinship_order",
                    special_guardianship="special guardianship order",
                    child_arrangements="child arrangements order, formerly residence order",
                ),
            ),
        ),
    ),
    *spell("private_fostering", "A private fostering arrangement", area=AREA),
)

CARE = (
    FactKind(
        name="care_episode_started",
        description="Within care, the legal status or the placement became what it is",
        area=AREA,
        event="the episode started",
        knowledge="it was recorded",
        columns=(
            Column(name="reason", description="What changed", type="code", codes=EPISODE_REASON),
            Column(name="legal_status", description="Legal status", type="code", codes=LEGAL_STATUS),
            Column(name="placement", description="Kind of placement", type="code", codes=PLACEMENT),
        ),
        never_an_input=CARE_IS_NOT_EARLY_HELP,
    ),
    FactKind(
        name="placement_changed",
        description="A placement ended and another followed",
        area=AREA,
        event="the placement ended",
        knowledge="it was recorded",
        columns=(Column(name="reason", description="Why", type="code", codes=PLACEMENT_CHANGE),),
        never_an_input=CARE_IS_NOT_EARLY_HELP,
    ),
    FactKind(
        name="strengths_and_difficulties",
        description="A carer answered the strengths and difficulties questionnaire for a looked-after child",
        area=AREA,
        event="the questionnaire, or the end of the year in which it was answered",
        knowledge="it was recorded",
        columns=(
            Column(
                name="score",
                description="Total difficulties",
                type="integer",
                minimum=0,
                maximum=40,
                unit="point",
                attribute="mental_ill_health",
                required=False,
            ),
            Column(
                name="reason",
                description="Why there is no score",
                type="code",
                codes=SDQ_REASON,
                attribute="mental_ill_health",
                required=False,
            ),
        ),
        never_an_input=CARE_IS_NOT_EARLY_HELP,
        attribute="mental_ill_health",
    ),
)

RETURNS_HOME = (
    FactKind(
        name="return_home_interview",
        description="An interview after a missing episode fell due, with what became of it",
        area=AREA,
        event="the child returned",
        knowledge="it was recorded",
        columns=(
            Column(
                name="status",
                description="What became of it",
                type="code",
                codes=code_set(
                    "return_interview", done="done", not_offered="not offered", declined="declined by the child"
                ),
            ),
        ),
        # Not offered is the council's coverage; declined is the child's own choice.
        never_an_input=OWN_REQUEST,
    ),
)

KINDS = CONFERENCES + COURT + CARE + RETURNS_HOME
