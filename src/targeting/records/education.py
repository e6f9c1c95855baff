"""Schools: moves, suspensions and exclusions, education elsewhere, special needs, the early years profile."""

from targeting.records.codes import code_set
from targeting.records.definition import Column, FactKind, spell
from targeting.records.reasons import UNMET_NEED

AREA = "education"

SCHOOLS = (
    FactKind(
        name="school_started",
        description="A pupil was admitted to a school",
        area=AREA,
        event="the first day on roll",
        knowledge="the school's return was received",
        columns=(
            Column(
                name="phase",
                description="Phase of the school",
                type="code",
                codes=code_set(
                    "school_phase", primary="primary", secondary="secondary", alternative="alternative provision"
                ),
            ),
            Column(
                name="usual_time",
                description="Whether the move came at the usual time (reception or year 7)",
                type="flag",
            ),
        ),
    ),
    FactKind(
        name="suspension",
        description="A pupil was suspended",
        area=AREA,
        event="the suspension began",
        knowledge="the school's return was received",
        columns=(
            Column(
                name="sessions",
                description="Sessions it lasted",
                type="integer",
                minimum=1,
                maximum=90,
                unit="session",
            ),
        ),
    ),
    FactKind(
        name="permanent_exclusion",
        description="A pupil was permanently excluded",
        area=AREA,
        event="the exclusion took effect",
        knowledge="the school's return was received",
    ),
    FactKind(
        name="home_education_started",
        description="A child began elective home education",
        area=AREA,
        event="the child was taken off roll",
        knowledge="the council was told",
    ),
)

# A child who is taught elsewhere, in part or not at all, has no attendance here: unknown, not zero.
ELSEWHERE = (
    *spell("missing_education", "A time in which a child had no school place and no other education", area=AREA),
    *spell(
        "alternative_provision",
        "Education in alternative provision",
        area=AREA,
        columns=(
            Column(
                name="arranged_by",
                description="Who arranged it",
                type="code",
                codes=code_set("arranged_by", school="the school", council="the council"),
                required=False,
            ),
        ),
    ),
    *spell(
        "reduced_timetable",
        "A reduced timetable",
        area=AREA,
        columns=(
            Column(
                name="hours_a_week",
                description="Hours of education a week",
                type="number",
                minimum=0,
                maximum=40,
                unit="hour",
                required=False,
            ),
        ),
    ),
)

SPECIAL_NEEDS = (
    *spell(
        "sen_support", "Support for special educational needs", area=AREA, never_an_input=UNMET_NEED, attribute="sen"
    ),
    FactKind(
        name="ehcp_requested",
        description="An assessment for an education, health and care plan was asked for",
        area=AREA,
        event="the request was received",
        knowledge="it was recorded",
        never_an_input=UNMET_NEED,
        attribute="sen",
    ),
    FactKind(
        name="ehcp_request_decided",
        description="The council decided on a request for an education, health and care plan",
        area=AREA,
        event="the decision",
        knowledge="it was recorded",
        columns=(
            Column(
                name="assess",
                description="Whether the council will assess",
                type="flag",
                attribute="sen",
                required=False,
            ),
        ),
        never_an_input=UNMET_NEED,
        attribute="sen",
    ),
)

EARLY_YEARS = (
    FactKind(
        name="early_years_profile",
        description="The profile of a child at the end of the early years foundation stage",
        area=AREA,
        event="the profile was completed",
        knowledge="the school's return was received",
        columns=(
            Column(
                name="good_level",
                description="Whether the child reached a good level of development",
                type="flag",
            ),
            Column(
                name="goals_expected",
                description="Early learning goals at the expected level, of 17",
                type="integer",
                minimum=0,
                maximum=17,
                unit="goal",
                required=False,
            ),
        ),
    ),
)

KINDS = SCHOOLS + ELSEWHERE + SPECIAL_NEEDS + EARLY_YEARS
