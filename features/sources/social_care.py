"""Children's social care and early help: the council's case system (LCS) and its early-help module (EHM).

One CSV file a table, dates as day/month/year, labels as workers see them on the screen. Both number people alike:
whoever is in the module is a person of LCS_Persons.csv. A module with a numbering of its own is a source of its own.

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

DAY = "%d/%m/%Y"

SEX = {"male": "1", "female": "2", "not known": "0", "unborn": "0", "indeterminate": "9"}

ETHNICITY = {
    "white - british": "WBRI",
    "white - irish": "WIRI",
    "white - traveller of irish heritage": "WIRT",
    "white - gypsy/roma": "WROM",
    "white - any other": "WOTH",
    "mixed - white and black caribbean": "MWBC",
    "mixed - white and black african": "MWBA",
    "mixed - white and asian": "MWAS",
    "mixed - any other": "MOTH",
    "asian - indian": "AIND",
    "asian - pakistani": "APKN",
    "asian - bangladeshi": "ABAN",
    "asian - any other": "AOTH",
    "black - caribbean": "BCRB",
    "black - african": "BAFR",
    "black - any other": "BOTH",
    "chinese": "CHNE",
    "any other ethnic group": "OOTH",
    "refused": "REFU",
    "not yet obtained": "NOBT",
}

DISABILITY = {
    "none": "NONE",
    "mobility": "MOB",
    "communication": "COMM",
    "learning": "LD",
    "hearing": "HEAR",
    "behaviour": "BEH",
    "autism": "AUT",
    "other": "DDA",
}

REFERRAL_SOURCE = {
    "individual - family member/relative/carer": "1A",
    "individual - acquaintance": "1B",
    "individual - self": "1C",
    "individual - other": "1D",
    "schools": "2A",
    "education services": "2B",
    "health - gp": "3A",
    "health - health visitor": "3B",
    "health - school nurse": "3C",
    "health - other primary": "3D",
    "health - a&e": "3E",
    "health - other": "3F",
    "housing": "4",
    "la - social care": "5A",
    "la - other internal": "5B",
    "la - external": "5C",
    "la - early help": "5D",
    "police": "6",
    "other legal agency": "7",
    "other": "8",
    "anonymous": "9",
    "unknown": "10",
}

PRIMARY_NEED = {
    "abuse or neglect": "N1",
    "child's disability": "N2",
    "parental illness/disability": "N3",
    "family in acute stress": "N4",
    "family dysfunction": "N5",
    "socially unacceptable behaviour": "N6",
    "low income": "N7",
    "absent parenting": "N8",
    "other than cin": "N9",
    "not stated": "N0",
}

CLOSURE_REASON = {
    "transferred to another la": "RC5",
    "services ceased": "RC7",
    "closed after assessment - nfa": "RC8",
    "closed after assessment - early help": "RC9",
}


def day(name: str) -> Field:
    """Return a date of this system, day/month/year."""
    return column(name, format=DAY)


persons = Extract(
    file="LCS_Persons.csv",
    persons=(
        PersonFields(
            key=column("Person ID"),
            given_name=column("Forename"),
            family_name=column("Surname"),
            date_of_birth=day("Date of Birth"),
            # Filled for the unborn; it stays after the birth, when the date of birth is added.
            expected_date_of_birth=day("Expected Date of Birth"),
            sex=column("Gender", codes=SEX),
            nhs_number=column("NHS Number"),
            upn=column("UPN"),
            house_number=column("House No"),
            street=column("Street"),
            locality=column("Town"),
            postcode=column("Postcode"),
            uprn=column("UPRN"),
            recorded_on=day("Record Created"),
        ),
    ),
    facts=(
        FactFields(
            kind="person_described",
            person="Person ID",
            event_date=day("Record Created"),
            knowledge_date=day("Record Created"),
            values={
                "sex": column("Gender", codes=SEX),
                "ethnicity": column("Ethnicity", codes=ETHNICITY),
                "disability": column("Disability", codes=DISABILITY),
            },
            record_key=("Person ID",),
        ),
    ),
)

# Later addresses. The first one stands with the person.
addresses = Extract(
    file="LCS_Addresses.csv",
    persons=(
        PersonFields(
            key=column("Person ID"),
            house_number=column("House No"),
            street=column("Street"),
            locality=column("Town"),
            postcode=column("Postcode"),
            uprn=column("UPRN"),
            recorded_on=day("Recorded On"),
        ),
    ),
    facts=(
        FactFields(
            kind="address_recorded",
            person="Person ID",
            event_date=day("Lived There From"),
            knowledge_date=day("Recorded On"),
            values={"ward": column("Ward Code"), "deprivation_decile": column("IMD Decile")},
            record_key=("Person ID", "Lived There From"),
        ),
    ),
)

relationships = Extract(
    file="LCS_Relationships.csv",
    relationships=(
        RelationshipFields(
            person="Person ID",
            other="Related Person ID",
            # Step-parents and grandparents who bring the child up are "carer of": in one case with the child,
            # without a claim of descent.
            relationship=column(
                "Relationship",
                codes={
                    "mother of": "parent_of",
                    "father of": "parent_of",
                    "partner of": "partner_of",
                    "sibling of": "sibling_of",
                    "carer of": "shared_case",
                },
            ),
            started_on=day("From"),
            ended_on=day("To"),
            knowledge_date=day("Recorded On"),
        ),
    ),
)

# The column "Case Priority" is left alone: workers amend it afterwards, and the system keeps no date of the change.
contacts = Extract(
    file="LCS_Contacts.csv",
    facts=(
        FactFields(
            kind="contact",
            person="Person ID",
            event_date=day("Contact Date"),
            knowledge_date=day("Outcome Recorded On"),
            values={
                "referral_source": column("Contact Source", codes=REFERRAL_SOURCE),
                "outcome": column(
                    "Contact Outcome",
                    codes={
                        "nfa": "no_further_action",
                        "information and advice": "no_further_action",
                        "pass to early help": "early_help",
                        "progress to referral": "referral",
                    },
                ),
            },
            record_key=("Contact ID",),
        ),
    ),
)

# One row a child; a case is open from the referral to its closure, or to the decision of no further action.
referrals = Extract(
    file="LCS_Referrals.csv",
    facts=(
        FactFields(
            kind="referral",
            person="Person ID",
            event_date=day("Referral Date"),
            knowledge_date=day("Recorded On"),
            values={
                "episode_id": column("Referral ID"),
                "referral_source": column("Referral Source", codes=REFERRAL_SOURCE),
                "primary_need": column("Primary Need", codes=PRIMARY_NEED),
            },
            record_key=("Referral ID",),
        ),
        FactFields(
            kind="referral_no_further_action",
            person="Person ID",
            event_date=day("NFA Date"),
            knowledge_date=day("NFA Recorded On"),
            values={"episode_id": column("Referral ID")},
            record_key=("Referral ID",),
        ),
        FactFields(
            kind="referral_closed",
            person="Person ID",
            event_date=day("Closed On"),
            knowledge_date=day("Closure Recorded On"),
            values={
                "episode_id": column("Referral ID"),
                "reason": column("Closure Reason", codes=CLOSURE_REASON),
            },
            record_key=("Referral ID",),
        ),
    ),
)

assessments = Extract(
    file="LCS_Assessments.csv",
    facts=(
        FactFields(
            kind="assessment_completed",
            person="Person ID",
            event_date=day("Authorised On"),
            knowledge_date=day("Recorded On"),
            values={
                "found_in_need": column("Outcome", codes={"child in need": "true", "not in need": "false"}),
                "primary_need": column("Primary Need", codes=PRIMARY_NEED),
            },
            record_key=("Assessment ID",),
        ),
    ),
)

assessment_factors = Extract(
    file="LCS_Assessment_Factors.csv",
    facts=(
        FactFields(
            kind="assessment_factor",
            person="Person ID",
            event_date=day("Authorised On"),
            knowledge_date=day("Recorded On"),
            values={"factor": column("Factor")},
            record_key=("Assessment ID", "Factor"),
        ),
    ),
)

section_47 = Extract(
    file="LCS_Section47.csv",
    facts=(
        FactFields(
            kind="section_47_started",
            person="Person ID",
            event_date=day("Started On"),
            knowledge_date=day("Start Recorded On"),
            values={"episode_id": column("Enquiry ID")},
            record_key=("Enquiry ID",),
        ),
        FactFields(
            kind="section_47_ended",
            person="Person ID",
            event_date=day("Outcome Date"),
            knowledge_date=day("Outcome Recorded On"),
            values={
                "episode_id": column("Enquiry ID"),
                "outcome": column(
                    "Outcome",
                    codes={
                        "icpc": "conference",
                        "substantiated - no continuing risk": "concerns_not_continuing",
                        "not substantiated": "unsubstantiated",
                    },
                ),
            },
            record_key=("Enquiry ID",),
        ),
    ),
)

in_need_plans = Extract(
    file="LCS_CIN_Plans.csv",
    facts=(
        FactFields(
            kind="child_in_need_plan_started",
            person="Person ID",
            event_date=day("Plan Start"),
            knowledge_date=day("Start Recorded On"),
            values={"episode_id": column("Plan ID")},
            record_key=("Plan ID",),
        ),
        FactFields(
            kind="child_in_need_plan_ended",
            person="Person ID",
            event_date=day("Plan End"),
            knowledge_date=day("End Recorded On"),
            values={"episode_id": column("Plan ID")},
            record_key=("Plan ID",),
        ),
    ),
)

protection_plans = Extract(
    file="LCS_CP_Plans.csv",
    facts=(
        FactFields(
            kind="child_protection_plan_started",
            person="Person ID",
            event_date=day("Plan Start"),
            knowledge_date=day("Start Recorded On"),
            values={
                "episode_id": column("Plan ID"),
                "category": column(
                    "Initial Category",
                    codes={
                        "neglect": "NEG",
                        "physical abuse": "PHY",
                        "sexual abuse": "SAB",
                        "emotional abuse": "EMO",
                        "multiple": "MUL",
                    },
                ),
            },
            record_key=("Plan ID",),
        ),
        FactFields(
            kind="child_protection_plan_ended",
            person="Person ID",
            event_date=day("Plan End"),
            knowledge_date=day("End Recorded On"),
            values={"episode_id": column("Plan ID")},
            record_key=("Plan ID",),
        ),
    ),
)

pre_proceedings = Extract(
    file="LCS_Pre_Proceedings.csv",
    facts=(
        FactFields(
            kind="pre_proceedings_started",
            person="Person ID",
            event_date=day("Letter Sent On"),
            knowledge_date=day("Recorded On"),
            values={"episode_id": column("PLO ID")},
            record_key=("PLO ID",),
        ),
    ),
)

care = Extract(
    file="LCS_Care_Periods.csv",
    facts=(
        FactFields(
            kind="care_started",
            person="Person ID",
            event_date=day("Care Start"),
            knowledge_date=day("Start Recorded On"),
            values={
                "episode_id": column("Period ID"),
                "legal_basis": column(
                    "Legal Status",
                    codes={
                        "interim care order": "order",
                        "section 20": "accommodated",
                        "short breaks": "short_breaks",
                        "uasc": "unaccompanied",
                    },
                ),
            },
            record_key=("Period ID",),
        ),
        FactFields(
            kind="care_ended",
            person="Person ID",
            event_date=day("Care End"),
            knowledge_date=day("End Recorded On"),
            values={"episode_id": column("Period ID")},
            record_key=("Period ID",),
        ),
    ),
)

leavers = Extract(
    file="LCS_Leavers.csv",
    facts=(
        FactFields(
            kind="moved_out",
            person="Person ID",
            event_date=day("Moved Out On"),
            knowledge_date=day("Recorded On"),
            record_key=("Person ID", "Moved Out On"),
        ),
        FactFields(
            kind="died",
            person="Person ID",
            event_date=day("Died On"),
            knowledge_date=day("Recorded On"),
            record_key=("Person ID", "Died On"),
        ),
    ),
)

early_help = Extract(
    file="EHM_Episodes.csv",
    facts=(
        FactFields(
            kind="early_help_started",
            person="Person ID",
            event_date=day("Opened On"),
            knowledge_date=day("Opening Recorded On"),
            values={
                "episode_id": column("Episode ID"),
                "referral_source": column("Requested By", codes=REFERRAL_SOURCE),
            },
            record_key=("Episode ID",),
        ),
        FactFields(
            kind="early_help_ended",
            person="Person ID",
            event_date=day("Closed On"),
            knowledge_date=day("Closure Recorded On"),
            values={
                "episode_id": column("Episode ID"),
                "outcome": column(
                    "Closure Outcome",
                    codes={
                        "needs met": "needs_met",
                        "closed - needs not met": "needs_unmet",
                        "step up to csc": "stepped_up",
                        "moved away": "moved",
                        "consent withdrawn": "declined",
                    },
                ),
            },
            record_key=("Episode ID",),
        ),
    ),
)

# Whose record may be seen by few: people in refuges or under protection, with their families, and staff and panel
# members' families, who are sealed; and people with a new identity by law. `link` reads it, and nothing else does.
restricted_records = Extract(
    file="LCS_Restricted_Records.csv",
    facts=(
        FactFields(
            kind="identity_protected",
            person="Person ID",
            event_date=day("From"),
            knowledge_date=day("Recorded On"),
            values={"handling": column("Handling", codes={"sealed": "sealed", "new identity": "never_joined"})},
            record_key=("Person ID",),
        ),
    ),
)

# The case system, and the early-help module that was taken into use with the school year.
CASE_SYSTEM = (
    persons,
    addresses,
    relationships,
    contacts,
    referrals,
    assessments,
    assessment_factors,
    section_47,
    in_need_plans,
    protection_plans,
    pre_proceedings,
    care,
    leavers,
    restricted_records,
)

# What came across from the case system before, back to April 2015; contacts, assessments and enquiries did not.
CAME_ACROSS = (referrals, protection_plans, pre_proceedings, care, leavers)


def kinds_of(extracts: tuple[Extract, ...]) -> tuple[str, ...]:
    """Return the kinds of fact that extracts make."""
    return tuple(dict.fromkeys(fact.kind for extract in extracts for fact in extract.facts))


social_care = Source(
    name="social_care",
    agency="children's social care",
    folder="social_care",
    tier="council",
    controller="City of Bradford Metropolitan District Council",
    gateway=(
        "Children Act 1989 sections 17 and 47, Children Act 2004 section 10; UK GDPR Articles 6(1)(e) and 9(2)(g), "
        "Data Protection Act 2018 Schedule 1 paragraph 18"
    ),
    purposes=frozenset({"early_help"}),
    confidentiality="common law duty met by public interest in safeguarding; families are told in the privacy notice",
    may_show_to=frozenset({"panel", "case_holder"}),
    retention_years=7,
    agreement=Agreement(reference="DSA-01, invented for the synthetic district", expires_on=date(2027, 3, 31)),
    coverage=(
        Coverage(shared_from=date(2015, 4, 1), kinds=kinds_of(CAME_ACROSS)),
        Coverage(
            shared_from=date(2019, 4, 1),
            kinds=kinds_of(tuple(each for each in CASE_SYSTEM if each not in CAME_ACROSS)),
        ),
        Coverage(shared_from=date(2019, 9, 2), kinds=kinds_of((early_help,))),
    ),
    extracts=(*CASE_SYSTEM, early_help),
    lag=timedelta(days=7),
    case_systems=("lcs", "ehm"),
)
