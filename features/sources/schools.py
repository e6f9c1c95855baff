"""Schools: pupils, their parents' contact details, attendance by term, suspensions, admissions and leavers.

Parquet files of the council's education database, with real date columns, filled from schools' termly returns.
The agreement named here is invented: a live district puts its own in its place.
"""

from datetime import date, timedelta

from targeting.sources.attendance_register import coverage_without_pandemic
from targeting.sources.definition import (
    Agreement,
    Coverage,
    Extract,
    FactFields,
    PersonFields,
    RelationshipFields,
    Source,
    column,
)

SEX = {"m": "1", "f": "2"}

pupils = Extract(
    file="pupils.parquet",
    persons=(
        PersonFields(
            key=column("pupil_id"),
            given_name=column("legal_forename"),
            family_name=column("legal_surname"),
            date_of_birth=column("dob"),
            sex=column("gender", codes=SEX),
            upn=column("upn"),
            uprn=column("uprn"),
            house_number=column("address_number"),
            street=column("address_street"),
            locality=column("address_town"),
            postcode=column("address_postcode"),
            recorded_on=column("first_return"),
        ),
    ),
    facts=(
        FactFields(
            kind="person_described",
            person="pupil_id",
            event_date=column("first_return"),
            knowledge_date=column("first_return"),
            # Schools use the Department for Education's own codes.
            values={"sex": column("gender", codes=SEX), "ethnicity": column("ethnicity")},
            record_key=("pupil_id",),
        ),
    ),
)

# Where a pupil lives, from the census in which the address was first returned.
pupil_addresses = Extract(
    file="pupil_addresses.parquet",
    facts=(
        FactFields(
            kind="address_recorded",
            person="pupil_id",
            event_date=column("returned_on"),
            knowledge_date=column("returned_on"),
            values={"ward": column("ward_code"), "deprivation_decile": column("imd_decile")},
            record_key=("pupil_id", "returned_on"),
        ),
    ),
)

# Schools know no date of birth of a parent.
parents = Extract(
    file="contacts.parquet",
    persons=(
        PersonFields(
            key=column("contact_id"),
            given_name=column("forename"),
            family_name=column("surname"),
            sex=column("gender", codes=SEX),
            uprn=column("uprn"),
            house_number=column("address_number"),
            street=column("address_street"),
            locality=column("address_town"),
            postcode=column("address_postcode"),
            recorded_on=column("recorded_on"),
        ),
    ),
)

pupils_parents = Extract(
    file="pupil_contacts.parquet",
    relationships=(
        RelationshipFields(
            person="contact_id",
            other="pupil_id",
            relationship=column("relationship", codes={"mot": "parent_of", "fat": "parent_of", "car": "shared_case"}),
            knowledge_date=column("recorded_on"),
        ),
    ),
)

# No return was made for terms of the pandemic: they are unknown, not without absence (see the coverage below). Nor is
# there a row for a term in which a child was taught at home, missed education or was taught elsewhere, and one without
# possible sessions gives no rate.
attendance = Extract(
    file="attendance_termly.parquet",
    facts=(
        FactFields(
            kind="attendance_term",
            person="pupil_id",
            event_date=column("term_end"),
            knowledge_date=column("return_received"),
            values={
                "sessions_possible": column("sessions_possible"),
                "sessions_authorised": column("sessions_authorised"),
                "sessions_unauthorised": column("sessions_unauthorised"),
                "sessions_missed": column("sessions_missed"),
            },
            record_key=("pupil_id", "term_end"),
        ),
    ),
)

admissions = Extract(
    file="admissions.parquet",
    facts=(
        FactFields(
            kind="school_started",
            person="pupil_id",
            event_date=column("admitted_on"),
            knowledge_date=column("return_received"),
            values={
                "phase": column("phase", codes={"p": "primary", "s": "secondary", "ap": "alternative"}),
                "usual_time": column("admission_type", codes={"normal": "true", "in-year": "false"}),
            },
            record_key=("pupil_id", "admitted_on"),
        ),
    ),
)

suspensions = Extract(
    file="suspensions.parquet",
    facts=(
        FactFields(
            kind="suspension",
            person="pupil_id",
            event_date=column("started_on"),
            knowledge_date=column("return_received"),
            values={"sessions": column("sessions")},
            record_key=("suspension_id",),
        ),
    ),
)

exclusions = Extract(
    file="permanent_exclusions.parquet",
    facts=(
        FactFields(
            kind="permanent_exclusion",
            person="pupil_id",
            event_date=column("excluded_on"),
            knowledge_date=column("return_received"),
            record_key=("pupil_id", "excluded_on"),
        ),
    ),
)

# A leaver's row fills one of two dates, or none where the destination is not known.
leavers = Extract(
    file="leavers.parquet",
    facts=(
        FactFields(
            kind="home_education_started",
            person="pupil_id",
            event_date=column("home_educated_from"),
            knowledge_date=column("notified_on"),
            record_key=("pupil_id", "home_educated_from"),
        ),
        FactFields(
            kind="moved_out",
            person="pupil_id",
            event_date=column("left_district_on"),
            knowledge_date=column("notified_on"),
            record_key=("pupil_id", "left_district_on"),
        ),
    ),
)

# Spring and summer 2020 are masked; schools were closed to most in spring 2021 as well, and returned nothing.
ATTENDANCE = tuple(fact.kind for fact in attendance.facts)
WITHOUT_PANDEMIC = (
    *coverage_without_pandemic(shared_from=date(2019, 9, 2), until=date(2020, 12, 31), kinds=ATTENDANCE),
    Coverage(shared_from=date(2021, 4, 1), kinds=ATTENDANCE),
)
OTHERS = (pupils, pupil_addresses, admissions, suspensions, exclusions, leavers)

schools = Source(
    name="schools",
    agency="schools",
    folder="schools",
    tier="police_and_schools",
    controller="Schools and academies of the district, with the council for returns",
    gateway=(
        "Children Act 2004 section 10, Education Act 1996 section 436A; UK GDPR Articles 6(1)(e) and 9(2)(g), "
        "Data Protection Act 2018 Schedule 1 paragraph 18"
    ),
    purposes=frozenset({"early_help"}),
    confidentiality="pupil information; the school's privacy notice names early help",
    may_show_to=frozenset({"panel", "case_holder"}),
    retention_years=7,
    agreement=Agreement(reference="DSA-03, invented for the synthetic district", expires_on=date(2027, 3, 31)),
    coverage=(
        *WITHOUT_PANDEMIC,
        Coverage(shared_from=date(2019, 9, 2), kinds=tuple(fact.kind for each in OTHERS for fact in each.facts)),
    ),
    extracts=(
        pupils,
        pupil_addresses,
        parents,
        pupils_parents,
        attendance,
        admissions,
        suspensions,
        exclusions,
        leavers,
    ),
    lag=timedelta(days=28),
    # Returns come once a term; between two of them the last one still counts.
    current_for=timedelta(days=130),
    register_ages=(5, 16),
)
