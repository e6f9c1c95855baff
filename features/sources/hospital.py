"""Hospital: children admitted with injuries, for mental ill-health or self-harm, or because of alcohol or drugs.

Tab-separated, days as 04.03.2021, known when the admission is coded. Wards, diagnoses and visits without admission are
not shared.

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

SEX = {"1": "1", "2": "2", "9": "0"}


def day(name: str) -> Field:
    """Return a date of this system, such as 04.03.2021."""
    return column(name, format="%d.%m.%Y")


patients = Extract(
    file="patients.csv",
    delimiter="\t",
    persons=(
        PersonFields(
            key=column("hospital_no"),
            given_name=column("forename"),
            family_name=column("surname"),
            date_of_birth=day("dob"),
            sex=column("sex", codes=SEX),
            nhs_number=column("nhs_no"),
            house_number=column("house"),
            street=column("street"),
            locality=column("town"),
            postcode=column("postcode"),
            recorded_on=day("registered"),
        ),
    ),
    facts=(
        FactFields(
            kind="person_described",
            person="hospital_no",
            event_date=day("registered"),
            knowledge_date=day("registered"),
            values={"sex": column("sex", codes=SEX), "ethnicity": column("ethnic_category", codes=HEALTH_ETHNICITY)},
            record_key=("hospital_no",),
        ),
    ),
)

# One row an admission, of one cause: it makes the fact of that cause alone.
admissions = Extract(
    file="admissions.csv",
    delimiter="\t",
    facts=(
        FactFields(
            kind="injury_admission",
            person="hospital_no",
            event_date=day("admitted"),
            knowledge_date=day("coded"),
            values={
                "intent": column(
                    "intent",
                    codes={
                        "accident": "unintentional",
                        "assault or self-harm": "deliberate",
                        "undetermined": "not_known",
                    },
                ),
            },
            record_key=("spell_no",),
            when=column("cause", codes={"inj": "true", "mh": "false", "alc": "false", "drg": "false"}),
        ),
        FactFields(
            kind="child_mental_health_admission",
            person="hospital_no",
            event_date=day("admitted"),
            knowledge_date=day("coded"),
            record_key=("spell_no",),
            when=column("cause", codes={"inj": "false", "mh": "true", "alc": "false", "drg": "false"}),
        ),
        FactFields(
            kind="child_substance_admission",
            person="hospital_no",
            event_date=day("admitted"),
            knowledge_date=day("coded"),
            values={
                "substance": column("cause", codes={"alc": "alcohol", "drg": "drugs"}),
            },
            record_key=("spell_no",),
            when=column("cause", codes={"inj": "false", "mh": "false", "alc": "true", "drg": "true"}),
        ),
    ),
)

hospital = Source(
    name="hospital",
    agency="the hospital trust",
    folder="hospital",
    tier="health",
    controller="Bradford Teaching Hospitals NHS Foundation Trust",
    gateway=(
        "Children Act 2004 section 10, Health and Social Care Act 2012 section 251B; UK GDPR Articles 6(1)(e) and "
        "9(2)(h), Data Protection Act 2018 Schedule 1 paragraphs 2 and 18"
    ),
    purposes=frozenset({"early_help"}),
    confidentiality="clinical: shown as an admission of a child, without diagnosis, to those who work with the family",
    may_show_to=frozenset({"case_holder"}),
    retention_years=8,
    agreement=Agreement(reference="DSA-15, invented for the synthetic district", expires_on=date(2027, 3, 31)),
    coverage=(Coverage(shared_from=date(2021, 4, 1)),),
    extracts=(patients, admissions),
    lag=timedelta(days=14),
)
