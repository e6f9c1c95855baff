"""Police: domestic abuse incidents, missing episodes and offences."""

from targeting.records.codes import code_set
from targeting.records.definition import Column, FactKind
from targeting.records.looked_after_codes import MISSING

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
            Column(
                name="absence",
                description="Missing, or away from a placement without leave",
                type="code",
                codes=MISSING,
                required=False,
            ),
        ),
    ),
    FactKind(
        name="offence",
        description="A person was charged, cautioned or dealt with out of court; not who was hurt by whom",
        area="police",
        event="the charge, caution or disposal",
        knowledge="it was recorded",
        columns=(
            Column(
                name="category",
                description="Group of the offence",
                type="code",
                codes=code_set(
                    "offence_category",
                    violence="violence",
                    sexual="sexual offences",
                    drugs="drugs",
                    theft="theft, burglary and robbery",
                    damage="criminal damage and arson",
                    weapons="weapons",
                    public_order="public order",
                    other="another group",
                ),
                required=False,
            ),
        ),
    ),
)
