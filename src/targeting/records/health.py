"""Hospital admissions by cause, children's mental health services, treatment for drugs and alcohol."""

from targeting.records.codes import code_set
from targeting.records.definition import Column, FactKind, spell
from targeting.records.reasons import TAKES_UP_HELP, UNMET_NEED

ADMISSIONS = (
    FactKind(
        name="injury_admission",
        description="A child was admitted to hospital with an injury",
        area="hospital",
        event="the admission",
        knowledge="it was recorded",
        columns=(
            Column(
                name="intent",
                description="As the hospital coded it",
                type="code",
                codes=code_set(
                    "injury_intent", unintentional="unintentional", deliberate="deliberate", not_known="not known"
                ),
                required=False,
            ),
        ),
    ),
    FactKind(
        name="child_mental_health_admission",
        description="A child was admitted to hospital for mental ill-health or self-harm",
        area="hospital",
        event="the admission",
        knowledge="it was recorded",
        attribute="mental_ill_health",
    ),
    FactKind(
        name="child_substance_admission",
        description="A child was admitted to hospital because of alcohol or drugs",
        area="hospital",
        event="the admission",
        knowledge="it was recorded",
        columns=(
            Column(
                name="substance",
                description="Alcohol or drugs",
                type="code",
                codes=code_set("substance", alcohol="alcohol", drugs="drugs"),
                required=False,
            ),
        ),
    ),
)

TREATMENT = (
    FactKind(
        name="camhs_referred",
        description="A child was referred to the child and adolescent mental health service",
        area="child mental health",
        event="the referral was received",
        knowledge="it was recorded",
        never_an_input=UNMET_NEED,
        attribute="mental_ill_health",
    ),
    *spell(
        "camhs",
        "Treatment by the child and adolescent mental health service",
        area="child mental health",
        never_an_input=TAKES_UP_HELP,
        attribute="mental_ill_health",
    ),
    *spell(
        "substance_treatment",
        "Treatment for drugs or alcohol",
        area="drugs and alcohol",
        end_columns=(
            Column(
                name="outcome",
                description="How it ended",
                type="code",
                codes=code_set("treatment_outcome", completed="completed", left="left early", other="another way"),
                required=False,
            ),
        ),
        never_an_input=TAKES_UP_HELP,
    ),
)

KINDS = ADMISSIONS + TREATMENT
