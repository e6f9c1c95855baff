"""The child and adolescent mental health service: referrals and treatment.

CSV, days as 04 Mar 2021. Waiting for the service is unmet need and being treated is help: neither ever raises risk.

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

SEX = {"m": "1", "f": "2", "x": "0"}


def day(name: str) -> Field:
    """Return a date of this system, such as 04 Mar 2021."""
    return column(name, format="%d %b %Y")


patients = Extract(
    file="CAMHS_Patients.csv",
    persons=(
        PersonFields(
            key=column("PatientRef"),
            given_name=column("Given"),
            family_name=column("Family"),
            date_of_birth=day("BirthDate"),
            sex=column("Gender", codes=SEX),
            nhs_number=column("NHSNumber"),
            house_number=column("House"),
            street=column("Street"),
            locality=column("Town"),
            postcode=column("Postcode"),
            recorded_on=day("Registered"),
        ),
    ),
    facts=(
        FactFields(
            kind="person_described",
            person="PatientRef",
            event_date=day("Registered"),
            knowledge_date=day("Registered"),
            values={"sex": column("Gender", codes=SEX), "ethnicity": column("EthnicCategory", codes=HEALTH_ETHNICITY)},
            record_key=("PatientRef",),
        ),
    ),
)

# When a referral was closed without treatment (Closed) is no fact of the contract, and is left alone.
referrals = Extract(
    file="CAMHS_Referrals.csv",
    facts=(
        FactFields(
            kind="camhs_referred",
            person="PatientRef",
            event_date=day("Received"),
            knowledge_date=day("Entered"),
            record_key=("ReferralRef",),
        ),
    ),
)

treatment = Extract(
    file="CAMHS_Treatment.csv",
    facts=(
        FactFields(
            kind="camhs_started",
            person="PatientRef",
            event_date=day("FirstTreated"),
            knowledge_date=day("FirstTreatedEntered"),
            values={
                "episode_id": column("ReferralRef"),
            },
            record_key=("ReferralRef",),
        ),
        FactFields(
            kind="camhs_ended",
            person="PatientRef",
            event_date=day("Discharged"),
            knowledge_date=day("DischargeEntered"),
            values={
                "episode_id": column("ReferralRef"),
            },
            record_key=("ReferralRef",),
        ),
    ),
)

camhs = Source(
    name="camhs",
    agency="child and adolescent mental health service",
    folder="camhs",
    tier="health",
    controller="Bradford District Care NHS Foundation Trust",
    gateway=(
        "Children Act 2004 section 10, Health and Social Care Act 2012 section 251B; UK GDPR Articles 6(1)(e) and "
        "9(2)(h), Data Protection Act 2018 Schedule 1 paragraphs 2 and 18"
    ),
    purposes=frozenset({"early_help"}),
    confidentiality="clinical: whether a child waits or is treated, to the case holder alone; nothing of what was said",
    may_show_to=frozenset({"case_holder"}),
    retention_years=8,
    agreement=Agreement(reference="DSA-16, invented for the synthetic district", expires_on=date(2027, 3, 31)),
    coverage=(Coverage(shared_from=date(2021, 4, 1)),),
    extracts=(patients, referrals, treatment),
    lag=timedelta(days=14),
)
