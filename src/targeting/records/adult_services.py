"""Services for drugs, alcohol and adult mental health: needs that they identified, treatment, admissions."""

from targeting.records.codes import code_set
from targeting.records.definition import Column, FactKind

SEVERITY = code_set("severity", low="low", moderate="moderate", severe="severe")

KINDS = (
    FactKind(
        name="mental_health_need",
        description="An adult mental health service identified a need",
        area="adult mental health",
        event="the need was identified",
        knowledge="it was recorded",
        columns=(
            Column(
                name="severity",
                description="How severe the service judged it",
                type="code",
                codes=SEVERITY,
                attribute="mental_ill_health",
                required=False,
            ),
        ),
        attribute="mental_ill_health",
    ),
    FactKind(
        name="mental_health_admission",
        description="An adult was admitted for mental ill-health",
        area="adult mental health",
        event="the admission",
        knowledge="it was recorded",
        attribute="mental_ill_health",
    ),
    FactKind(
        name="substance_need",
        description="A service for drugs and alcohol identified a need",
        area="drugs and alcohol",
        event="the need was identified",
        knowledge="it was recorded",
        columns=(
            Column(
                name="substance",
                description="Alcohol or drugs",
                type="code",
                codes=code_set("substance", alcohol="alcohol", drugs="drugs"),
            ),
            Column(
                name="severity",
                description="How severe the service judged it",
                type="code",
                codes=SEVERITY,
                required=False,
            ),
        ),
    ),
    FactKind(
        name="substance_admission",
        description="An adult was admitted to hospital because of alcohol or drugs",
        area="drugs and alcohol",
        event="the admission",
        knowledge="it was recorded",
    ),
    FactKind(
        name="treatment_attended",
        description="An adult attended treatment for drugs, alcohol or mental ill-health",
        area="drugs and alcohol",
        event="the appointment",
        knowledge="it was recorded",
        never_an_input="attending treatment never raises risk",
    ),
)
