"""Maternity and health visiting: bookings, births, mandated contacts, mood at six to eight weeks, reviews."""

from targeting.records.codes import code_set
from targeting.records.definition import Column, FactKind

KINDS = (
    FactKind(
        name="maternity_booking",
        description="A mother's booking appointment with midwifery",
        area="maternity",
        event="the appointment was held",
        knowledge="it was recorded",
        columns=(
            Column(
                name="gestation_weeks",
                description="Completed weeks of pregnancy at booking",
                type="integer",
                minimum=3,
                maximum=43,
                unit="week",
                attribute="pregnancy_and_maternity",
            ),
            Column(
                name="smoking",
                description="Whether the mother smoked at booking",
                type="flag",
                attribute="pregnancy_and_maternity",
                required=False,
            ),
            Column(
                name="alcohol_units",
                description="Units of alcohol a week reported at booking",
                type="number",
                minimum=0,
                maximum=200,
                unit="unit",
                attribute="pregnancy_and_maternity",
                required=False,
            ),
            Column(
                name="mental_health_concern",
                description="Whether the midwife recorded a concern for the mother's mental health",
                type="flag",
                attribute="mental_ill_health",
                required=False,
            ),
        ),
        attribute="pregnancy_and_maternity",
    ),
    FactKind(
        name="birth",
        description="A child was born, recorded on the child",
        area="maternity",
        event="the birth",
        knowledge="it was notified",
        columns=(
            Column(
                name="weight_grams",
                description="Birth weight",
                type="integer",
                minimum=200,
                maximum=7000,
                unit="gram",
                attribute="pregnancy_and_maternity",
                required=False,
            ),
            Column(
                name="gestation_weeks",
                description="Completed weeks of pregnancy at birth",
                type="integer",
                minimum=20,
                maximum=45,
                unit="week",
                attribute="pregnancy_and_maternity",
                required=False,
            ),
            Column(
                name="mother_smoked",
                description="Whether the mother smoked at delivery",
                type="flag",
                attribute="pregnancy_and_maternity",
                required=False,
            ),
        ),
        attribute="pregnancy_and_maternity",
    ),
    FactKind(
        name="health_visitor_contact",
        description="A mandated contact of health visiting fell due, with what became of it, recorded on the child",
        area="health visiting",
        event="the contact was held or should have been",
        knowledge="it was recorded",
        columns=(
            Column(
                name="contact",
                description="Which of the five mandated contacts",
                type="code",
                codes=code_set(
                    "mandated_contact",
                    antenatal="antenatal contact",
                    new_birth="new birth visit",
                    six_to_eight_weeks="review at six to eight weeks",
                    one_year="review at one year",
                    two_years="review at two to two and a half years",
                ),
            ),
            Column(
                name="status",
                description="What became of it",
                type="code",
                codes=code_set(
                    "contact_status",
                    done="done",
                    not_offered="not offered",
                    declined="declined",
                    not_brought="child not brought",
                ),
            ),
        ),
    ),
    FactKind(
        name="maternal_mood",
        description="A mother's mood was assessed at six to eight weeks",
        area="health visiting",
        event="the assessment",
        knowledge="it was recorded",
        columns=(
            Column(
                name="concern",
                description="Whether the health visitor recorded a concern",
                type="flag",
                attribute="mental_ill_health",
            ),
        ),
        attribute="pregnancy_and_maternity",
    ),
    FactKind(
        name="development_review",
        description="A child's development was reviewed at two to two and a half years",
        area="health visiting",
        event="the review",
        knowledge="it was recorded",
        columns=(
            Column(
                name="below_expected",
                description="Domains of the ages and stages questionnaire below the expected level",
                type="integer",
                minimum=0,
                maximum=5,
                unit="domain",
            ),
        ),
    ),
)
