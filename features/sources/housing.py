"""Housing: applications as homeless, duties accepted, temporary accommodation, accounts in arrears.

CSV, days as 2021/03/04. Context for an offer of help with money and a home: out of the default model, never for
enforcement.

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

SEX = {"male": "1", "female": "2", "unknown": "0"}

ACCOUNT = {"rent": "rent", "ctax": "council_tax"}


def day(name: str) -> Field:
    """Return a date of this system, such as 2021/03/04."""
    return column(name, format="%Y/%m/%d")


people = Extract(
    file="People.csv",
    persons=(
        PersonFields(
            key=column("PersonRef"),
            given_name=column("Forename"),
            family_name=column("Surname"),
            date_of_birth=day("DOB"),
            sex=column("Gender", codes=SEX),
            uprn=column("UPRN"),
            house_number=column("PropertyNo"),
            street=column("Street"),
            locality=column("Town"),
            postcode=column("Postcode"),
            recorded_on=day("CreatedOn"),
        ),
    ),
    facts=(
        FactFields(
            kind="person_described",
            person="PersonRef",
            event_date=day("CreatedOn"),
            knowledge_date=day("CreatedOn"),
            values={"sex": column("Gender", codes=SEX), "ethnicity": column("EthnicOrigin")},
            record_key=("PersonRef",),
        ),
    ),
)

household = Extract(
    file="HouseholdMembers.csv",
    relationships=(
        RelationshipFields(
            person="ApplicantRef",
            other="MemberRef",
            relationship=column(
                "ApplicantIs",
                codes={"mother of": "parent_of", "father of": "parent_of", "partner of": "partner_of"},
            ),
            knowledge_date=day("EnteredOn"),
        ),
    ),
)

applications = Extract(
    file="Applications.csv",
    facts=(
        FactFields(
            kind="homelessness_applied",
            person="ApplicantRef",
            event_date=day("AppliedOn"),
            knowledge_date=day("EnteredOn"),
            record_key=("ApplicationRef",),
        ),
        FactFields(
            kind="homelessness_duty_accepted",
            person="ApplicantRef",
            event_date=day("DutyAcceptedOn"),
            knowledge_date=day("DutyEnteredOn"),
            values={
                "duty": column("Duty", codes={"prevention": "prevention", "relief": "relief"}),
            },
            record_key=("ApplicationRef", "DutyAcceptedOn"),
        ),
        FactFields(
            kind="homelessness_duty_accepted",
            person="ApplicantRef",
            event_date=day("MainDutyOn"),
            knowledge_date=day("MainDutyEnteredOn"),
            values={
                "duty": constant("main"),
            },
            record_key=("ApplicationRef", "MainDutyOn"),
        ),
    ),
)

temporary_accommodation = Extract(
    file="TemporaryAccommodation.csv",
    facts=(
        FactFields(
            kind="temporary_accommodation_started",
            person="ApplicantRef",
            event_date=day("MovedInOn"),
            knowledge_date=day("MoveInEnteredOn"),
            values={
                "episode_id": column("PlacementRef"),
            },
            record_key=("PlacementRef",),
        ),
        FactFields(
            kind="temporary_accommodation_ended",
            person="ApplicantRef",
            event_date=day("MovedOutOn"),
            knowledge_date=day("MoveOutEnteredOn"),
            values={
                "episode_id": column("PlacementRef"),
            },
            record_key=("PlacementRef",),
        ),
    ),
)

arrears = Extract(
    file="Arrears.csv",
    facts=(
        FactFields(
            kind="arrears_recorded",
            person="PersonRef",
            event_date=day("AsAt"),
            knowledge_date=day("EnteredOn"),
            values={
                "account": column("Account", codes=ACCOUNT),
                "weeks": column("WeeksOwed"),
            },
            record_key=("PersonRef", "Account", "AsAt"),
        ),
    ),
)

housing = Source(
    name="housing",
    agency="housing",
    folder="housing",
    tier="council",
    controller="City of Bradford Metropolitan District Council",
    gateway=(
        "Housing Act 1996 part 7, Homelessness Reduction Act 2017, Children Act 2004 section 10; UK GDPR Article "
        "6(1)(e), Data Protection Act 2018 Schedule 1 paragraph 18"
    ),
    purposes=frozenset({"early_help"}),
    confidentiality="given to be housed or to pay; used to offer help, never for enforcement",
    may_show_to=frozenset({"panel", "case_holder"}),
    retention_years=6,
    agreement=Agreement(reference="DSA-12, invented for the synthetic district", expires_on=date(2027, 3, 31)),
    coverage=(Coverage(shared_from=date(2020, 4, 1)),),
    extracts=(people, household, applications, temporary_accommodation, arrears),
    lag=timedelta(days=7),
)
