"""Police custody and disposals: people dealt with for an offence, by references of the custody system.

Upper case, fields parted by a bar, days as 04-Mar-2021, dates of birth as 20210304. A parent's offence says nothing of
who was hurt by whom; a child's is forgotten by the catalogue after twelve months unless repeated.

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

from .ethnicity import POLICE_ETHNICITY

SEX = {"m": "1", "f": "2", "u": "0"}


def day(name: str) -> Field:
    """Return a date of this system, such as 04-Mar-2021."""
    return column(name, format="%d-%b-%Y")


persons = Extract(
    file="CUSTODY_PERSONS.csv",
    delimiter="|",
    encoding="cp1252",
    persons=(
        PersonFields(
            key=column("CUSTODY_REF"),
            given_name=column("FORENAMES"),
            family_name=column("SURNAME"),
            date_of_birth=column("DOB", format="%Y%m%d"),
            sex=column("SEX", codes=SEX),
            house_number=column("ADDR_NO"),
            street=column("ADDR_STREET"),
            locality=column("ADDR_TOWN"),
            postcode=column("ADDR_POSTCODE"),
            recorded_on=day("CREATED"),
        ),
    ),
    facts=(
        FactFields(
            kind="person_described",
            person="CUSTODY_REF",
            event_date=day("CREATED"),
            knowledge_date=day("CREATED"),
            values={"sex": column("SEX", codes=SEX), "ethnicity": column("SDE", codes=POLICE_ETHNICITY)},
            record_key=("CUSTODY_REF",),
        ),
    ),
)

# How it was dealt with (DISPOSAL) is youth justice's to say, and is left alone here.
disposals = Extract(
    file="DISPOSALS.csv",
    delimiter="|",
    encoding="cp1252",
    facts=(
        FactFields(
            kind="offence",
            person="CUSTODY_REF",
            event_date=day("DISPOSAL_DATE"),
            knowledge_date=day("ENTERED"),
            values={
                "category": column(
                    "OFFENCE_GROUP",
                    codes={
                        "violence against the person": "violence",
                        "sexual offences": "sexual",
                        "drug offences": "drugs",
                        "theft, burglary and robbery": "theft",
                        "criminal damage and arson": "damage",
                        "possession of weapons": "weapons",
                        "public order": "public_order",
                        "other": "other",
                    },
                ),
            },
            record_key=("DISPOSAL_REF",),
        ),
    ),
)

police_offences = Source(
    name="police_offences",
    agency="police custody and disposals",
    folder="police_offences",
    tier="police_and_schools",
    controller="West Yorkshire Police",
    gateway=(
        "Children Act 2004 section 10, Crime and Disorder Act 1998 section 115; Data Protection Act 2018 sections 35 "
        "and 36(4) and Schedule 1 paragraph 18"
    ),
    purposes=frozenset({"early_help"}),
    confidentiality="policing information shared for safeguarding; what happened and who was hurt stays with the force",
    may_show_to=frozenset({"panel", "case_holder"}),
    retention_years=7,
    agreement=Agreement(reference="DSA-08, invented for the synthetic district", expires_on=date(2027, 3, 31)),
    coverage=(Coverage(shared_from=date(2020, 4, 1)),),
    extracts=(persons, disposals),
    lag=timedelta(days=3),
)
