"""Family centres: cases of children with a plan, and sessions booked, from the centres' own booking systems.

CSV, days as 04-03-2021, outcomes typed in after the week. Which centre it was is no matter of the engine's.

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
    constant,
)

SEX = {"m": "1", "f": "2", "-": "0"}


def day(name: str) -> Field:
    """Return a date of this system, such as 04-03-2021."""
    return column(name, format="%d-%m-%Y")


clients = Extract(
    file="clients.csv",
    persons=(
        PersonFields(
            key=column("client"),
            given_name=column("first"),
            family_name=column("last"),
            date_of_birth=day("born"),
            sex=column("sex", codes=SEX),
            house_number=column("house"),
            street=column("street"),
            locality=column("town"),
            postcode=column("postcode"),
            recorded_on=day("added"),
        ),
    ),
    facts=(
        FactFields(
            kind="person_described",
            person="client",
            event_date=day("added"),
            knowledge_date=day("added"),
            values={"sex": column("sex", codes=SEX), "ethnicity": column("ethnicity")},
            record_key=("client",),
        ),
    ),
)

cases = Extract(
    file="cases.csv",
    facts=(
        FactFields(
            kind="involvement_started",
            person="client",
            event_date=day("opened"),
            knowledge_date=day("opened_entered"),
            values={
                "episode_id": column("case"),
                "service": constant("family_centre"),
            },
            record_key=("case",),
        ),
        FactFields(
            kind="involvement_ended",
            person="client",
            event_date=day("closed"),
            knowledge_date=day("closed_entered"),
            values={
                "episode_id": column("case"),
            },
            record_key=("case",),
        ),
    ),
)

sessions = Extract(
    file="sessions.csv",
    facts=(
        FactFields(
            kind="family_centre_session",
            person="client",
            event_date=day("session_date"),
            knowledge_date=day("entered"),
            values={
                "status": column("outcome", codes={"attended": "attended", "dna": "missed", "cancelled": "cancelled"}),
            },
            record_key=("client", "session_date"),
        ),
    ),
)

family_centres = Source(
    name="family_centres",
    agency="family centres",
    folder="family_centres",
    tier="council",
    controller="City of Bradford Metropolitan District Council",
    gateway=(
        "Children Act 1989 section 17 and Schedule 2 paragraph 9; UK GDPR Articles 6(1)(e) and 9(2)(g), "
        "Data Protection Act 2018 Schedule 1 paragraph 18"
    ),
    purposes=frozenset({"early_help"}),
    confidentiality="held with the child's plan; what is said in a session stays with the worker",
    may_show_to=frozenset({"panel", "case_holder"}),
    retention_years=7,
    agreement=Agreement(reference="DSA-11, invented for the synthetic district", expires_on=date(2027, 3, 31)),
    coverage=(Coverage(shared_from=date(2021, 4, 1)),),
    extracts=(clients, cases, sessions),
    lag=timedelta(days=10),
)
