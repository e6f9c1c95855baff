"""Youth justice: children it works with, interventions, cautions and convictions, exploitation of children.

Fields parted by semicolons, days as 2021-03-04. Predicting offending or exploitation is a forbidden use.

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
    """Return a date of this system, such as 2021-03-04."""
    return column(name, format="%Y-%m-%d")


young_people = Extract(
    file="young_people.csv",
    delimiter=";",
    persons=(
        PersonFields(
            key=column("yp_ref"),
            given_name=column("first_name"),
            family_name=column("surname"),
            date_of_birth=day("date_of_birth"),
            sex=column("gender", codes=SEX),
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
            person="yp_ref",
            event_date=day("opened"),
            knowledge_date=day("opened"),
            values={"sex": column("gender", codes=SEX), "ethnicity": column("ethnicity")},
            record_key=("yp_ref",),
        ),
    ),
)

interventions = Extract(
    file="interventions.csv",
    delimiter=";",
    facts=(
        FactFields(
            kind="youth_justice_started",
            person="yp_ref",
            event_date=day("start"),
            knowledge_date=day("start_entered"),
            values={
                "episode_id": column("intervention_ref"),
                "intervention": column(
                    "type",
                    codes={
                        "prevention": "prevention",
                        "out of court": "out_of_court",
                        "referral order": "referral_order",
                        "yro": "rehabilitation_order",
                        "custody": "custody",
                    },
                ),
            },
            record_key=("intervention_ref",),
        ),
        FactFields(
            kind="youth_justice_ended",
            person="yp_ref",
            event_date=day("end"),
            knowledge_date=day("end_entered"),
            values={
                "episode_id": column("intervention_ref"),
            },
            record_key=("intervention_ref",),
        ),
    ),
)

# One row a caution or conviction; the first one of a child is the police's to tell, under `offence`.
outcomes = Extract(
    file="outcomes.csv",
    delimiter=";",
    facts=(
        FactFields(
            kind="youth_reoffence",
            person="yp_ref",
            event_date=day("outcome_date"),
            knowledge_date=day("entered"),
            record_key=("outcome_ref",),
            when=column("further_offence", codes={"y": "true", "n": "false"}),
        ),
    ),
)

exploitation = Extract(
    file="exploitation.csv",
    delimiter=";",
    facts=(
        FactFields(
            kind="exploitation_referral",
            person="yp_ref",
            event_date=day("received"),
            knowledge_date=day("entered"),
            values={
                "exploitation": column("kind", codes={"cce": "criminal", "cse": "sexual", "other": "other"}),
            },
            record_key=("referral_ref",),
        ),
    ),
)

youth_justice = Source(
    name="youth_justice",
    agency="youth justice",
    folder="youth_justice",
    tier="council",
    controller="City of Bradford Metropolitan District Council",
    gateway=(
        "Crime and Disorder Act 1998 sections 37, 38 and 115, Children Act 2004 section 10; UK GDPR Article 6(1)(e), "
        "Data Protection Act 2018 section 10(5) and Schedule 1 paragraph 18"
    ),
    purposes=frozenset({"early_help"}),
    confidentiality="held by the youth justice team; offence details and victims stay with it",
    may_show_to=frozenset({"panel", "case_holder"}),
    retention_years=5,
    agreement=Agreement(reference="DSA-09, invented for the synthetic district", expires_on=date(2027, 3, 31)),
    coverage=(Coverage(shared_from=date(2020, 4, 1)),),
    extracts=(young_people, interventions, outcomes, exploitation),
    lag=timedelta(days=14),
)
