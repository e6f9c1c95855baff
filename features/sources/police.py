"""Police: nominals, domestic abuse occurrences and missing episodes of the force's record system.

Upper case throughout, fields parted by a bar, days as 04-Mar-2021, dates of birth as 20210304.
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
    RelationshipFields,
    Source,
    column,
    constant,
)

from .ethnicity import POLICE_ETHNICITY

SEX = {"m": "1", "f": "2", "u": "0"}


def day(name: str) -> Field:
    """Return a date of this system, such as 04-Mar-2021."""
    return column(name, format="%d-%b-%Y")


nominals = Extract(
    file="NOMINALS.csv",
    delimiter="|",
    encoding="cp1252",
    persons=(
        PersonFields(
            key=column("NOMINAL_REF"),
            given_name=column("FORENAME"),
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
            person="NOMINAL_REF",
            event_date=day("CREATED"),
            knowledge_date=day("CREATED"),
            values={"sex": column("SEX", codes=SEX), "ethnicity": column("SDE", codes=POLICE_ETHNICITY)},
            record_key=("NOMINAL_REF",),
        ),
    ),
)

# One row for each person concerned. The column ROLE (victim, suspect, child) is left alone: an alleged
# perpetrator's role is for safeguarding staff, and a victim's must not count against the family.
domestic_abuse = Extract(
    file="DA_INVOLVED_PERSONS.csv",
    delimiter="|",
    encoding="cp1252",
    facts=(
        FactFields(
            kind="domestic_abuse_incident",
            person="NOMINAL_REF",
            event_date=day("OCC_DATE"),
            knowledge_date=day("REC_DATE"),
            values={
                "grade": column(
                    "DASH", codes={"std": "standard", "med": "medium", "high": "high"}, empty=("", "NOT GRADED")
                ),
                "child_present": column("CHILD_PRESENT", codes={"y": "true", "n": "false"}),
            },
            record_key=("OCC_REF", "NOMINAL_REF"),
        ),
    ),
)

# Officers note which child lives with the victim; this, not a shared address, ties the two.
children_at_incidents = Extract(
    file="DA_CHILDREN.csv",
    delimiter="|",
    encoding="cp1252",
    relationships=(
        RelationshipFields(
            person="VICTIM_REF",
            other="CHILD_REF",
            relationship=constant("shared_case"),
            started_on=day("OCC_DATE"),
            knowledge_date=day("REC_DATE"),
        ),
    ),
)

missing = Extract(
    file="MISSING.csv",
    delimiter="|",
    encoding="cp1252",
    facts=(
        FactFields(
            kind="missing_episode",
            person="NOMINAL_REF",
            event_date=day("MISSING_FROM"),
            knowledge_date=day("REPORTED"),
            values={"hours": column("HOURS_MISSING")},
            record_key=("MISPER_REF",),
        ),
    ),
)

police = Source(
    name="police",
    agency="police",
    folder="police",
    tier="police_and_schools",
    controller="West Yorkshire Police",
    gateway=(
        "Children Act 2004 section 10, Crime and Disorder Act 1998 section 115; Data Protection Act 2018 section 36(4) "
        "and Schedule 1 paragraph 18"
    ),
    purposes=frozenset({"early_help"}),
    confidentiality="policing information shared for safeguarding; details of the call-out stay with the force",
    may_show_to=frozenset({"panel", "case_holder"}),
    retention_years=7,
    agreement=Agreement(reference="DSA-02, invented for the synthetic district", expires_on=date(2027, 3, 31)),
    coverage=(Coverage(shared_from=date(2020, 4, 1)),),
    extracts=(nominals, domestic_abuse, children_at_incidents, missing),
    lag=timedelta(days=3),
)
