"""Children's centres: members, events attended and workers' notes of progress, from the centres' eStart database.

CSV with file names of its own, days written out (14 March 2021), much of it typed in after the week's events.
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
)

SEX = {"boy": "1", "man": "1", "girl": "2", "woman": "2"}

# Parents write their own answer on the membership form; the centre keeps the nearest of these.
ETHNICITY = {
    "british": "WBRI",
    "white british": "WBRI",
    "irish": "WIRI",
    "traveller": "WIRT",
    "roma": "WROM",
    "gypsy": "WROM",
    "other white": "WOTH",
    "white/black caribbean": "MWBC",
    "white/black african": "MWBA",
    "white/asian": "MWAS",
    "other mixed": "MOTH",
    "indian": "AIND",
    "pakistani": "APKN",
    "british pakistani": "APKN",
    "bangladeshi": "ABAN",
    "other asian": "AOTH",
    "caribbean": "BCRB",
    "african": "BAFR",
    "other black": "BOTH",
    "chinese": "CHNE",
    "other": "OOTH",
    "did not say": "REFU",
}


def day(name: str) -> Field:
    """Return a date of this system, such as 14 March 2021."""
    return column(name, format="%d %B %Y")


members = Extract(
    file="eStart Members.csv",
    persons=(
        PersonFields(
            key=column("Member No"),
            given_name=column("First Name"),
            family_name=column("Last Name"),
            date_of_birth=day("DOB"),
            sex=column("Gender", codes=SEX),
            house_number=column("House"),
            street=column("Road"),
            locality=column("Town"),
            postcode=column("Post Code"),
            recorded_on=day("Entered On"),
        ),
    ),
    facts=(
        FactFields(
            kind="person_described",
            person="Member No",
            event_date=day("Entered On"),
            knowledge_date=day("Entered On"),
            values={"sex": column("Gender", codes=SEX), "ethnicity": column("Ethnic Origin", codes=ETHNICITY)},
            record_key=("Member No",),
        ),
        # Filled for children alone; a parent becomes a member without a registration of his own.
        FactFields(
            kind="childrens_centre_registered",
            person="Member No",
            event_date=day("Child Registered On"),
            knowledge_date=day("Entered On"),
            record_key=("Member No",),
        ),
    ),
)

links = Extract(
    file="eStart Family Links.csv",
    relationships=(
        RelationshipFields(
            person="Adult Member No",
            other="Child Member No",
            relationship=column("Link", codes={"mum": "parent_of", "dad": "parent_of", "grandparent": "shared_case"}),
            knowledge_date=day("Entered On"),
        ),
    ),
)

attendance = Extract(
    file="eStart Attendance.csv",
    facts=(
        FactFields(
            kind="childrens_centre_attended",
            person="Member No",
            event_date=day("Event Date"),
            knowledge_date=day("Entered On"),
            record_key=("Member No", "Event Date"),
        ),
    ),
)

progress = Extract(
    file="eStart Progress.csv",
    facts=(
        FactFields(
            kind="childrens_centre_progress",
            person="Member No",
            event_date=day("Noted On"),
            knowledge_date=day("Entered On"),
            values={
                "domain": column(
                    "Domain",
                    codes={
                        "boundaries & behaviour": "boundaries_and_behaviour",
                        "education & learning": "education_and_learning",
                        "emotional wellbeing": "emotional_wellbeing",
                        "family routine": "family_routines",
                        "home & money": "home_and_money",
                        "keeping your children safe": "keeping_children_safe",
                        "physical health": "physical_health",
                        "social networks": "social_networks",
                    },
                ),
                "score": column("Score"),
            },
            record_key=("Member No", "Noted On", "Domain"),
        ),
    ),
)

childrens_centres = Source(
    name="childrens_centres",
    agency="children's centres",
    folder="childrens_centres",
    tier="council",
    controller="City of Bradford Metropolitan District Council",
    gateway=(
        "Childcare Act 2006 sections 3 and 5A, Children Act 2004 section 10; UK GDPR Articles 6(1)(e) and 9(2)(g), "
        "Data Protection Act 2018 Schedule 1 paragraph 18"
    ),
    purposes=frozenset({"early_help"}),
    confidentiality="given by members on the membership form, which names early help",
    may_show_to=frozenset({"panel", "case_holder"}),
    retention_years=7,
    agreement=Agreement(reference="DSA-05, invented for the synthetic district", expires_on=date(2027, 3, 31)),
    coverage=(Coverage(shared_from=date(2019, 4, 1)),),
    extracts=(members, links, attendance, progress),
    lag=timedelta(days=14),
    case_systems=("estart",),
)
