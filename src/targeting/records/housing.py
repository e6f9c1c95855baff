"""Homes and money: context for an offer, out of the default model, never for enforcement."""

from targeting.records.codes import code_set
from targeting.records.definition import Column, FactKind, spell
from targeting.records.reasons import OWN_REQUEST

AREA = "housing and money"

KINDS = (
    FactKind(
        name="homelessness_applied",
        description="A household applied to the council as homeless or threatened with it",
        area=AREA,
        event="the application",
        knowledge="it was recorded",
        never_an_input=OWN_REQUEST,
        attribute="housing",
    ),
    FactKind(
        name="homelessness_duty_accepted",
        description="The council accepted a duty to prevent or relieve a household's homelessness",
        area=AREA,
        event="the decision",
        knowledge="it was recorded",
        columns=(
            Column(
                name="duty",
                description="Which duty",
                type="code",
                codes=code_set("homelessness_duty", prevention="prevention", relief="relief", main="main duty"),
                attribute="housing",
                required=False,
            ),
        ),
        attribute="housing",
    ),
    *spell("temporary_accommodation", "A stay in temporary accommodation", area=AREA, attribute="housing"),
    FactKind(
        name="arrears_recorded",
        description="A household was behind with rent or council tax",
        area=AREA,
        event="the day on which the account stood so",
        knowledge="it was recorded",
        columns=(
            Column(
                name="account",
                description="Rent or council tax",
                type="code",
                codes=code_set("account", rent="rent", council_tax="council tax"),
                attribute="arrears",
            ),
            Column(
                name="weeks",
                description="Weeks' payments owed",
                type="number",
                minimum=0,
                maximum=520,
                unit="week",
                attribute="arrears",
                required=False,
            ),
        ),
        attribute="arrears",
    ),
    *spell(
        "benefit",
        "A household's entitlement to a benefit",
        area=AREA,
        columns=(
            Column(
                name="benefit",
                description="Which benefit",
                type="code",
                codes=code_set(
                    "benefit",
                    universal_credit="universal credit",
                    housing_benefit="housing benefit",
                    council_tax_reduction="council tax reduction",
                    free_school_meals="free school meals",
                    other="another benefit",
                ),
                attribute="benefits",
            ),
        ),
        attribute="benefits",
    ),
)
