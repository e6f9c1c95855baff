"""Schools: attendance by term, suspensions, exclusions, moves between schools, home education."""

from targeting.records.codes import code_set
from targeting.records.definition import Column, FactKind

KINDS = (
    FactKind(
        name="attendance_term",
        description="A pupil's attendance over one term",
        area="education",
        event="the term's last day",
        knowledge="the school's return was received",
        columns=(
            Column(
                name="sessions_possible",
                description="Sessions the pupil could have attended",
                type="integer",
                minimum=0,
                maximum=200,
                unit="session",
            ),
            Column(
                name="sessions_authorised",
                description="Sessions missed with authorisation",
                type="integer",
                minimum=0,
                maximum=200,
                unit="session",
            ),
            Column(
                name="sessions_unauthorised",
                description="Sessions missed without authorisation",
                type="integer",
                minimum=0,
                maximum=200,
                unit="session",
            ),
            Column(
                name="sessions_missed",
                description="Sessions missed, authorised or not",
                type="integer",
                minimum=0,
                maximum=200,
                unit="session",
            ),
        ),
    ),
    FactKind(
        name="school_started",
        description="A pupil was admitted to a school",
        area="education",
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
        area="education",
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
        area="education",
        event="the exclusion took effect",
        knowledge="the school's return was received",
    ),
    FactKind(
        name="home_education_started",
        description="A child began elective home education",
        area="education",
        event="the child was taken off roll",
        knowledge="the council was told",
    ),
)
