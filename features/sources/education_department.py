"""The education department: special needs, profiles at the end of reception, education elsewhere or in part.

CSV, days written out (14 March 2021). Special needs and waiting for a plan are unmet need at most, never a reason for
concern. Support there when the feed began bears its first day. No profiles were made in 2020 and 2021.

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

SEX = {"m": "1", "f": "2"}


def day(name: str) -> Field:
    """Return a date of this system, such as 14 March 2021."""
    return column(name, format="%d %B %Y")


children = Extract(
    file="Children.csv",
    persons=(
        PersonFields(
            key=column("Child ID"),
            given_name=column("Forename"),
            family_name=column("Surname"),
            date_of_birth=day("Date of birth"),
            sex=column("Sex", codes=SEX),
            upn=column("UPN"),
            house_number=column("House"),
            street=column("Street"),
            locality=column("Town"),
            postcode=column("Postcode"),
            recorded_on=day("Added"),
        ),
    ),
    facts=(
        FactFields(
            kind="person_described",
            person="Child ID",
            event_date=day("Added"),
            knowledge_date=day("Added"),
            values={"sex": column("Sex", codes=SEX), "ethnicity": column("Ethnicity")},
            record_key=("Child ID",),
        ),
    ),
)

sen_support = Extract(
    file="SEN_Support.csv",
    facts=(
        FactFields(
            kind="sen_support_started",
            person="Child ID",
            event_date=day("Started"),
            knowledge_date=day("Start received"),
            values={
                "episode_id": column("Record ID"),
            },
            record_key=("Record ID",),
        ),
        FactFields(
            kind="sen_support_ended",
            person="Child ID",
            event_date=day("Ended"),
            knowledge_date=day("End received"),
            values={
                "episode_id": column("Record ID"),
            },
            record_key=("Record ID",),
        ),
    ),
)

plan_requests = Extract(
    file="EHC_Requests.csv",
    facts=(
        FactFields(
            kind="ehcp_requested",
            person="Child ID",
            event_date=day("Requested"),
            knowledge_date=day("Entered"),
            record_key=("Request ID",),
        ),
        FactFields(
            kind="ehcp_request_decided",
            person="Child ID",
            event_date=day("Decided"),
            knowledge_date=day("Decision entered"),
            values={
                "assess": column("Decision", codes={"assess": "true", "do not assess": "false"}),
            },
            record_key=("Request ID",),
        ),
    ),
)

profiles = Extract(
    file="EYFS_Profile.csv",
    facts=(
        FactFields(
            kind="early_years_profile",
            person="Child ID",
            event_date=day("Completed"),
            knowledge_date=day("Return received"),
            values={
                "good_level": column("Good level of development", codes={"y": "true", "n": "false"}),
                "goals_expected": column("Goals at expected level"),
            },
            record_key=("Child ID",),
        ),
    ),
)

missing_education = Extract(
    file="missing_education.csv",
    facts=(
        FactFields(
            kind="missing_education_started",
            person="Child ID",
            event_date=day("Started"),
            knowledge_date=day("Start received"),
            values={
                "episode_id": column("Record ID"),
            },
            record_key=("Record ID",),
        ),
        FactFields(
            kind="missing_education_ended",
            person="Child ID",
            event_date=day("Ended"),
            knowledge_date=day("End received"),
            values={
                "episode_id": column("Record ID"),
            },
            record_key=("Record ID",),
        ),
    ),
)

alternative_provision = Extract(
    file="alternative_provision.csv",
    facts=(
        FactFields(
            kind="alternative_provision_started",
            person="Child ID",
            event_date=day("Started"),
            knowledge_date=day("Start received"),
            values={
                "episode_id": column("Record ID"),
            },
            record_key=("Record ID",),
        ),
        FactFields(
            kind="alternative_provision_ended",
            person="Child ID",
            event_date=day("Ended"),
            knowledge_date=day("End received"),
            values={
                "episode_id": column("Record ID"),
            },
            record_key=("Record ID",),
        ),
    ),
)

reduced_timetable = Extract(
    file="reduced_timetable.csv",
    facts=(
        FactFields(
            kind="reduced_timetable_started",
            person="Child ID",
            event_date=day("Started"),
            knowledge_date=day("Start received"),
            values={
                "episode_id": column("Record ID"),
            },
            record_key=("Record ID",),
        ),
        FactFields(
            kind="reduced_timetable_ended",
            person="Child ID",
            event_date=day("Ended"),
            knowledge_date=day("End received"),
            values={
                "episode_id": column("Record ID"),
            },
            record_key=("Record ID",),
        ),
    ),
)

SINCE_2020 = (children, sen_support, plan_requests, missing_education, alternative_provision, reduced_timetable)

education_department = Source(
    name="education_department",
    agency="the education department",
    folder="education_department",
    tier="council",
    controller="City of Bradford Metropolitan District Council",
    gateway=(
        "Children and Families Act 2014 part 3, Childcare Act 2006 section 40, Education Act 1996 section 436A; "
        "UK GDPR Articles 6(1)(e) and 9(2)(g), Data Protection Act 2018 Schedule 1 paragraph 18"
    ),
    purposes=frozenset({"early_help"}),
    confidentiality="held for a child's schooling; special needs are shown as need and never weighed as risk",
    may_show_to=frozenset({"panel", "case_holder"}),
    retention_years=10,
    agreement=Agreement(reference="DSA-14, invented for the synthetic district", expires_on=date(2027, 3, 31)),
    coverage=(
        Coverage(
            shared_from=date(2020, 9, 1),
            kinds=tuple(dict.fromkeys(fact.kind for extract in SINCE_2020 for fact in extract.facts)),
        ),
        Coverage(shared_from=date(2022, 6, 1), kinds=tuple(fact.kind for fact in profiles.facts)),
    ),
    extracts=(*SINCE_2020, profiles),
    lag=timedelta(days=21),
)
