"""Youth services and Connexions: the client caseload system (IYSS).

CSV, days as 04-Mar-2021: young people out of education and work or lost sight of, young carers, sessions attended.

The agreement named here is invented: a live district puts its own in its place.
"""

from datetime import date, timedelta

from targeting.sources.definition import (
    Agreement,
    Coverage,
    Extract,
    FactFields,
    Field,
    PersonFields,
    Source,
    column,
)

SEX = {"male": "1", "female": "2", "unknown": "0"}


def day(name: str) -> Field:
    """Return a date of this system, such as 04-Mar-2021."""
    return column(name, format="%d-%b-%Y")


clients = Extract(
    file="IYSS_Clients.csv",
    persons=(
        PersonFields(
            key=column("Client ID"),
            given_name=column("Forename"),
            family_name=column("Surname"),
            date_of_birth=day("DOB"),
            sex=column("Gender", codes=SEX),
            house_number=column("House No"),
            street=column("Street"),
            locality=column("Town"),
            postcode=column("Postcode"),
            recorded_on=day("Created"),
        ),
    ),
    facts=(
        FactFields(
            kind="person_described",
            person="Client ID",
            event_date=day("Created"),
            knowledge_date=day("Created"),
            values={"sex": column("Gender", codes=SEX), "ethnicity": column("Ethnicity")},
            record_key=("Client ID",),
        ),
    ),
)

out_of_work_and_school = Extract(
    file="IYSS_NEET.csv",
    facts=(
        FactFields(
            kind="neet_started",
            person="Client ID",
            event_date=day("From"),
            knowledge_date=day("From Entered"),
            values={
                "episode_id": column("Spell ID"),
                "status": column("Status", codes={"neet": "neet", "not known": "not_known"}),
            },
            record_key=("Spell ID",),
        ),
        FactFields(
            kind="neet_ended",
            person="Client ID",
            event_date=day("To"),
            knowledge_date=day("To Entered"),
            values={
                "episode_id": column("Spell ID"),
            },
            record_key=("Spell ID",),
        ),
    ),
)

young_carers = Extract(
    file="IYSS_Young_Carers.csv",
    facts=(
        FactFields(
            kind="young_carer_identified",
            person="Client ID",
            event_date=day("Identified"),
            knowledge_date=day("Entered"),
            record_key=("Client ID",),
        ),
    ),
)

sessions = Extract(
    file="IYSS_Sessions.csv",
    facts=(
        FactFields(
            kind="youth_service_attended",
            person="Client ID",
            event_date=day("Session"),
            knowledge_date=day("Entered"),
            record_key=("Client ID", "Session"),
        ),
    ),
)

youth_services = Source(
    name="youth_services",
    agency="youth services",
    folder="youth_services",
    tier="council",
    controller="City of Bradford Metropolitan District Council",
    gateway=(
        "Education and Skills Act 2008 sections 12 and 68, Children Act 1989 section 17ZA; UK GDPR Articles 6(1)(e) "
        "and 9(2)(g), Data Protection Act 2018 Schedule 1 paragraph 18"
    ),
    purposes=frozenset({"early_help"}),
    confidentiality="held to track participation and to support young carers; talks with a worker are not in it",
    may_show_to=frozenset({"panel", "case_holder"}),
    retention_years=6,
    agreement=Agreement(reference="DSA-13, invented for the synthetic district", expires_on=date(2027, 3, 31)),
    coverage=(Coverage(shared_from=date(2021, 4, 1)),),
    extracts=(clients, out_of_work_and_school, young_carers, sessions),
    lag=timedelta(days=14),
    case_systems=("iyss",),
)
