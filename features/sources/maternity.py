"""Maternity and health visiting: bookings and births of the maternity system, the child health record.

CSV, dates with a time of midnight. A baby has one reference from the booking on, before and after the birth.
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

from .ethnicity import HEALTH_ETHNICITY

SEX = {"m": "1", "f": "2", "i": "9", "u": "0"}
YES_NO = {"y": "true", "n": "false"}


def day(name: str) -> Field:
    """Return a date of this system, written with a time of midnight."""
    return column(name, format="%Y-%m-%dT%H:%M:%S")


patients = Extract(
    file="Patients.csv",
    persons=(
        PersonFields(
            key=column("PatientId"),
            given_name=column("FirstName"),
            family_name=column("LastName"),
            date_of_birth=day("DateOfBirth"),
            sex=column("Sex", codes=SEX),
            nhs_number=column("NHSNumber"),
            house_number=column("AddressNumber"),
            street=column("AddressStreet"),
            locality=column("AddressTown"),
            postcode=column("Postcode"),
            uprn=column("UPRN"),
            recorded_on=day("RegisteredOn"),
        ),
    ),
    facts=(
        FactFields(
            kind="person_described",
            person="PatientId",
            event_date=day("RegisteredOn"),
            knowledge_date=day("RegisteredOn"),
            values={"sex": column("Sex", codes=SEX), "ethnicity": column("EthnicCategory", codes=HEALTH_ETHNICITY)},
            record_key=("PatientId",),
        ),
        FactFields(
            kind="address_recorded",
            person="PatientId",
            event_date=day("RegisteredOn"),
            knowledge_date=day("RegisteredOn"),
            values={"ward": column("WardCode"), "deprivation_decile": column("IMDDecile")},
            record_key=("PatientId",),
        ),
    ),
)

# A booking makes the unborn child known, by the date on which it is expected.
bookings = Extract(
    file="Bookings.csv",
    persons=(
        PersonFields(
            key=column("BabyRef"),
            expected_date_of_birth=day("EstimatedDueDate"),
            recorded_on=day("RecordedOn"),
        ),
    ),
    facts=(
        FactFields(
            kind="maternity_booking",
            person="MotherId",
            event_date=day("BookingDate"),
            knowledge_date=day("RecordedOn"),
            values={
                "gestation_weeks": column("GestationWeeks"),
                "smoking": column("SmokingStatus", codes={"smoker": "true", "ex-smoker": "false", "never": "false"}),
                "alcohol_units": column("AlcoholUnitsWeek"),
                "mental_health_concern": column("MentalHealthConcern", codes=YES_NO),
            },
            record_key=("PregnancyId",),
        ),
    ),
    relationships=(
        RelationshipFields(
            person="MotherId",
            other="BabyRef",
            relationship=constant("parent_of"),
            knowledge_date=day("RecordedOn"),
        ),
    ),
)

births = Extract(
    file="Births.csv",
    facts=(
        FactFields(
            kind="birth",
            person="BabyRef",
            event_date=day("BornOn"),
            knowledge_date=day("NotifiedOn"),
            values={
                "weight_grams": column("BirthWeightGrams"),
                "gestation_weeks": column("GestationWeeks"),
                "mother_smoked": column("SmokingAtDelivery", codes=YES_NO),
            },
            record_key=("BabyRef",),
        ),
    ),
    relationships=(
        RelationshipFields(
            person="MotherId",
            other="BabyRef",
            relationship=constant("parent_of"),
            started_on=day("BornOn"),
            knowledge_date=day("NotifiedOn"),
        ),
    ),
)

# Health visitors open a record of a mother beside that of a child who moved into the district.
carers = Extract(
    file="ChildCarers.csv",
    relationships=(
        RelationshipFields(
            person="CarerId",
            other="PatientId",
            relationship=constant("parent_of"),
            knowledge_date=day("RecordedOn"),
        ),
    ),
)

contacts = Extract(
    file="MandatedContacts.csv",
    facts=(
        FactFields(
            kind="health_visitor_contact",
            person="PatientId",
            event_date=day("ContactDate"),
            knowledge_date=day("EnteredOn"),
            values={
                "contact": column(
                    "ContactType",
                    codes={
                        "antenatal": "antenatal",
                        "nbv": "new_birth",
                        "6-8 weeks": "six_to_eight_weeks",
                        "12 months": "one_year",
                        "2-2.5 years": "two_years",
                    },
                ),
                "status": column(
                    "Outcome",
                    codes={
                        "seen": "done",
                        "not offered": "not_offered",
                        "declined": "declined",
                        "was not brought": "not_brought",
                    },
                ),
            },
            record_key=("PatientId", "ContactType"),
        ),
    ),
)

mood = Extract(
    file="MoodReviews.csv",
    facts=(
        FactFields(
            kind="maternal_mood",
            person="MotherId",
            event_date=day("AssessedOn"),
            knowledge_date=day("EnteredOn"),
            values={"concern": column("Concern", codes=YES_NO)},
            record_key=("MotherId", "AssessedOn"),
        ),
    ),
)

reviews = Extract(
    file="DevelopmentReviews.csv",
    facts=(
        FactFields(
            kind="development_review",
            person="PatientId",
            event_date=day("ReviewedOn"),
            knowledge_date=day("EnteredOn"),
            values={"below_expected": column("DomainsBelowExpected")},
            record_key=("PatientId",),
        ),
    ),
)

transfers = Extract(
    file="TransfersOut.csv",
    facts=(
        FactFields(
            kind="moved_out",
            person="PatientId",
            event_date=day("LeftOn"),
            knowledge_date=day("NotifiedOn"),
            record_key=("PatientId", "LeftOn"),
        ),
    ),
)

maternity = Source(
    name="maternity",
    agency="maternity and health visiting",
    folder="maternity",
    tier="health",
    controller="Bradford Teaching Hospitals NHS Foundation Trust and Bradford District Care NHS Foundation Trust",
    gateway=(
        "Children Act 2004 section 10, Health and Social Care Act 2012 section 251B; UK GDPR Articles 6(1)(e) and "
        "9(2)(h), Data Protection Act 2018 Schedule 1 paragraph 2"
    ),
    purposes=frozenset({"early_help"}),
    confidentiality="common law duty of confidence met by reasonable expectation; mothers are told and may object",
    may_show_to=frozenset({"panel", "case_holder"}),
    retention_years=7,
    agreement=Agreement(reference="DSA-04, invented for the synthetic district", expires_on=date(2027, 3, 31)),
    coverage=(Coverage(shared_from=date(2019, 4, 1)),),
    extracts=(patients, bookings, births, carers, contacts, mood, reviews, transfers),
    lag=timedelta(days=14),
    register_ages=(0, 5),
)
