"""Police: domestic abuse incidents and missing episodes."""

from targeting.records.codes import code_set
from targeting.records.definition import Column, FactKind

KINDS = (
    FactKind(
        name="domestic_abuse_incident",
        description="A domestic abuse incident recorded by police, one record for each person it concerns",
        area="police",
        event="the incident happened",
        knowledge="it was recorded",
        columns=(
            Column(
                name="grade",
                description="Grade of the DASH risk checklist",
                type="code",
                codes=code_set("dash_grade", standard="standard", medium="medium", high="high"),
                required=False,
            ),
            Column(name="child_present", description="Whether a child was present", type="flag"),
        ),
    ),
    FactKind(
        name="missing_episode",
        description="A child was reported missing",
        area="police",
        event="the child went missing",
        knowledge="the report was recorded",
        columns=(
            Column(
                name="hours",
                description="Hours until found",
                type="number",
                minimum=0,
                required=False,
                unit="hour",
            ),
        ),
    ),
)
