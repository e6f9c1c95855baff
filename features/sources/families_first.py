"""Families First: families worked with under its criteria, offers of help and their answers, work begun and ended.

CSV, day/month/year. Needs follow the six criteria of the Troubled Families Programme until March 2022 and the outcomes
of Supporting Families until March 2025, when that programme ended; none is noted since.

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

SEX = {"male": "1", "female": "2", "not known": "0"}

SERVICE = {"families first": "early_help", "intensive family support": "intensive_support"}

NEED = {
    "crime and asb": "crime",
    "school attendance": "attendance",
    "children who need help": "children_who_need_help",
    "domestic abuse": "domestic_abuse",
    "health": "health",
    "getting a good education": "education",
    "early years development": "early_years",
    "mental and physical health": "mental_and_physical_health",
    "substance use": "substances",
    "family relationships": "family_relationships",
    "abuse and exploitation": "safe_from_exploitation",
    "crime prevention": "crime_prevention",
    "safe from domestic abuse": "safe_from_domestic_abuse",
}
MONEY_NEED = {
    "work and money": "work_and_money",
    "secure housing": "secure_housing",
    "financial stability": "financial_stability",
}

# A need of money, work or a home is a fact of another kind than the others: each row makes one of the two.
OF_MONEY = {**dict.fromkeys(NEED, "false"), **dict.fromkeys(MONEY_NEED, "true")}
OF_ANOTHER_KIND = {**dict.fromkeys(NEED, "true"), **dict.fromkeys(MONEY_NEED, "false")}


def day(name: str) -> Field:
    """Return a date of this system, such as 04/03/2021."""
    return column(name, format="%d/%m/%Y")


people = Extract(
    file="FF_People.csv",
    persons=(
        PersonFields(
            key=column("Ref"),
            given_name=column("First name"),
            family_name=column("Last name"),
            date_of_birth=day("Date of birth"),
            sex=column("Sex", codes=SEX),
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
            person="Ref",
            event_date=day("Added"),
            knowledge_date=day("Added"),
            values={"sex": column("Sex", codes=SEX), "ethnicity": column("Ethnicity code")},
            record_key=("Ref",),
        ),
    ),
)

family = Extract(
    file="FF_Family.csv",
    relationships=(
        RelationshipFields(
            person="Carer Ref",
            other="Member Ref",
            relationship=constant("shared_case"),
            knowledge_date=day("Added"),
        ),
    ),
)

# Offers are made to the carer. Asking, accepting and declining never raise risk.
offers = Extract(
    file="FF_Offers.csv",
    facts=(
        FactFields(
            kind="help_offered",
            person="Ref",
            event_date=day("Offered"),
            knowledge_date=day("Entered"),
            values={
                "service": column("Team", codes=SERVICE),
            },
            record_key=("Offer Ref",),
        ),
        FactFields(
            kind="help_accepted",
            person="Ref",
            event_date=day("Accepted"),
            knowledge_date=day("Answer entered"),
            values={
                "service": column("Team", codes=SERVICE),
            },
            record_key=("Offer Ref",),
        ),
        FactFields(
            kind="help_declined",
            person="Ref",
            event_date=day("Declined"),
            knowledge_date=day("Answer entered"),
            values={
                "service": column("Team", codes=SERVICE),
            },
            record_key=("Offer Ref",),
        ),
    ),
)

family_needs = Extract(
    file="FF_Needs.csv",
    facts=(
        FactFields(
            kind="family_need_identified",
            person="Ref",
            event_date=day("Noted"),
            knowledge_date=day("Entered"),
            values={
                "need": column("Need", codes=NEED),
            },
            record_key=("Ref", "Need", "Noted"),
            when=column("Need", codes=OF_ANOTHER_KIND),
        ),
        FactFields(
            kind="family_money_need_identified",
            person="Ref",
            event_date=day("Noted"),
            knowledge_date=day("Entered"),
            values={
                "need": column("Need", codes=MONEY_NEED),
            },
            record_key=("Ref", "Need", "Noted"),
            when=column("Need", codes=OF_MONEY),
        ),
    ),
)

work = Extract(
    file="FF_Work.csv",
    facts=(
        FactFields(
            kind="involvement_started",
            person="Ref",
            event_date=day("Started"),
            knowledge_date=day("Start entered"),
            values={
                "episode_id": column("Work Ref"),
                "service": column("Team", codes=SERVICE),
            },
            record_key=("Work Ref",),
        ),
        FactFields(
            kind="involvement_ended",
            person="Ref",
            event_date=day("Ended"),
            knowledge_date=day("End entered"),
            values={
                "episode_id": column("Work Ref"),
            },
            record_key=("Work Ref",),
        ),
    ),
)


def kinds_of(*extracts: Extract) -> tuple[str, ...]:
    """Return the kinds of fact that extracts make."""
    return tuple(dict.fromkeys(fact.kind for extract in extracts for fact in extract.facts))


families_first = Source(
    name="families_first",
    agency="Families First",
    folder="families_first",
    tier="council",
    controller="City of Bradford Metropolitan District Council",
    gateway=(
        "Children Act 2004 section 10, Localism Act 2011 section 1; UK GDPR Articles 6(1)(e) and 9(2)(g), "
        "Data Protection Act 2018 Schedule 1 paragraph 18"
    ),
    purposes=frozenset({"early_help"}),
    confidentiality="given to the family's worker, whose notice names early help and the programme's claims",
    may_show_to=frozenset({"panel", "case_holder"}),
    retention_years=6,
    agreement=Agreement(reference="DSA-10, invented for the synthetic district", expires_on=date(2027, 3, 31)),
    coverage=(
        Coverage(shared_from=date(2020, 4, 1), kinds=kinds_of(people, offers, work)),
        # The outcomes ended with the programme: what is not noted since is unknown, not absent.
        Coverage(shared_from=date(2020, 4, 1), until=date(2025, 3, 31), kinds=kinds_of(family_needs)),
    ),
    extracts=(people, family, offers, family_needs, work),
    lag=timedelta(days=7),
)
