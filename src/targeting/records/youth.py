"""Youth justice, youth services, exploitation, young carers, and young people out of education and work."""

from targeting.records.codes import code_set
from targeting.records.definition import Column, FactKind, spell
from targeting.records.reasons import TAKES_UP_HELP

# Harm outside the home is no failing of a family; it is worded apart, and no model may estimate it.
JUSTICE = (
    *spell(
        "youth_justice",
        "An intervention of youth justice",
        area="youth justice",
        columns=(
            Column(
                name="intervention",
                description="What kind of intervention",
                type="code",
                codes=code_set(
                    "youth_justice_intervention",
                    prevention="prevention, without an offence",
                    out_of_court="out-of-court disposal",
                    referral_order="referral order",
                    rehabilitation_order="youth rehabilitation order",
                    custody="custody",
                ),
            ),
        ),
    ),
    FactKind(
        name="youth_reoffence",
        description="A child known to youth justice was cautioned or convicted again",
        area="youth justice",
        event="the caution or conviction",
        knowledge="it was recorded",
    ),
    FactKind(
        name="exploitation_referral",
        description="A child was referred because of exploitation, of which the child is a victim",
        area="youth justice",
        event="the referral was received",
        knowledge="it was recorded",
        columns=(
            Column(
                name="exploitation",
                description="Of which kind",
                type="code",
                codes=code_set("exploitation", criminal="criminal", sexual="sexual", other="another kind"),
                required=False,
            ),
        ),
    ),
)

SERVICES = (
    FactKind(
        name="youth_service_attended",
        description="A young person came to a youth service",
        area="youth services",
        event="the session",
        knowledge="it was recorded",
        never_an_input=TAKES_UP_HELP,
    ),
    FactKind(
        name="young_carer_identified",
        description="A child was found to care for a member of the family",
        area="youth services",
        event="it was found",
        knowledge="it was recorded",
    ),
    *spell(
        "neet",
        "A young person's time out of education, employment and training",
        area="youth services",
        columns=(
            Column(
                name="status",
                description="As the client caseload system has it",
                type="code",
                codes=code_set("neet_status", neet="out of education, employment and training", not_known="not known"),
                required=False,
            ),
        ),
    ),
)

KINDS = JUSTICE + SERVICES
