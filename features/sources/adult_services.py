"""Services for drugs, alcohol and adult mental health: clients, needs identified, admissions, appointments kept.

Tab-separated, days as 04.03.2021, handed over once a month. These services know the adult, not the family.
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

from .ethnicity import HEALTH_ETHNICITY

SEX = {"1": "1", "2": "2", "9": "9", "x": "0"}
SEVERITY = {"1": "low", "2": "moderate", "3": "severe"}


def day(name: str) -> Field:
    """Return a date of this system, such as 04.03.2021."""
    return column(name, format="%d.%m.%Y")


clients = Extract(
    file="clients.csv",
    delimiter="\t",
    persons=(
        PersonFields(
            key=column("client_ref"),
            given_name=column("given"),
            family_name=column("family"),
            date_of_birth=day("birth_date"),
            sex=column("sex", codes=SEX),
            nhs_number=column("nhs_no"),
            house_number=column("house"),
            street=column("street"),
            locality=column("town"),
            postcode=column("postcode"),
            recorded_on=day("opened"),
        ),
    ),
    facts=(
        FactFields(
            kind="person_described",
            person="client_ref",
            event_date=day("opened"),
            knowledge_date=day("opened"),
            values={"sex": column("sex", codes=SEX), "ethnicity": column("ethnic_category", codes=HEALTH_ETHNICITY)},
            record_key=("client_ref",),
        ),
    ),
)

mental_health_needs = Extract(
    file="mental_health_needs.csv",
    delimiter="\t",
    facts=(
        FactFields(
            kind="mental_health_need",
            person="client_ref",
            event_date=day("identified"),
            knowledge_date=day("entered"),
            values={"severity": column("severity", codes=SEVERITY)},
            record_key=("need_ref",),
        ),
    ),
)

substance_needs = Extract(
    file="substance_needs.csv",
    delimiter="\t",
    facts=(
        FactFields(
            kind="substance_need",
            person="client_ref",
            event_date=day("identified"),
            knowledge_date=day("entered"),
            values={
                "substance": column("main_substance", codes={"alc": "alcohol", "drg": "drugs"}),
                "severity": column("severity", codes=SEVERITY),
            },
            record_key=("need_ref",),
        ),
    ),
)

# Taking up treatment, and how it ended, is never an input.
treatment = Extract(
    file="treatment.csv",
    delimiter="\t",
    facts=(
        FactFields(
            kind="substance_treatment_started",
            person="client_ref",
            event_date=day("began"),
            knowledge_date=day("began_entered"),
            values={"episode_id": column("treatment_ref")},
            record_key=("treatment_ref",),
        ),
        FactFields(
            kind="substance_treatment_ended",
            person="client_ref",
            event_date=day("ended"),
            knowledge_date=day("ended_entered"),
            values={
                "episode_id": column("treatment_ref"),
                "outcome": column(
                    "how_ended",
                    codes={"completed": "completed", "dropped out": "left", "transferred": "other"},
                ),
            },
            record_key=("treatment_ref",),
        ),
    ),
)

# One row an admission; which of the two dates is filled says for what.
admissions = Extract(
    file="admissions.csv",
    delimiter="\t",
    facts=(
        FactFields(
            kind="mental_health_admission",
            person="client_ref",
            event_date=day("admitted_mental_health"),
            knowledge_date=day("entered"),
            record_key=("admission_ref",),
        ),
        FactFields(
            kind="substance_admission",
            person="client_ref",
            event_date=day("admitted_substance"),
            knowledge_date=day("entered"),
            record_key=("admission_ref",),
        ),
    ),
)

appointments = Extract(
    file="appointments_kept.csv",
    delimiter="\t",
    facts=(
        FactFields(
            kind="treatment_attended",
            person="client_ref",
            event_date=day("kept_on"),
            knowledge_date=day("entered"),
            record_key=("client_ref", "kept_on"),
        ),
    ),
)

adult_services = Source(
    name="adult_services",
    agency="services for drugs, alcohol and adult mental health",
    folder="adult_services",
    tier="health",
    controller="Bradford District Care NHS Foundation Trust and the council's commissioned recovery service",
    gateway=(
        "Children Act 2004 section 10, Health and Social Care Act 2012 section 251B; UK GDPR Articles 6(1)(e) and "
        "9(2)(h), Data Protection Act 2018 Schedule 1 paragraph 2"
    ),
    purposes=frozenset({"early_help"}),
    confidentiality="common law duty of confidence: clients' own agreement; nothing is shown of one adult to another",
    may_show_to=frozenset({"panel", "case_holder"}),
    retention_years=7,
    agreement=Agreement(reference="DSA-06, invented for the synthetic district", expires_on=date(2027, 3, 31)),
    coverage=(Coverage(shared_from=date(2021, 4, 1)),),
    extracts=(clients, mental_health_needs, substance_needs, treatment, admissions, appointments),
    lag=timedelta(days=30),
)
