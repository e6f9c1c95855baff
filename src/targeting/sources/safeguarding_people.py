"""Whom the Standard Safeguarding Dataset tells of: persons, addresses, mothers (source: `safeguarding_mapping`)."""

from targeting.sources.definition import (
    Extract,
    FactFields,
    PersonFields,
    RelationshipFields,
    column,
    constant,
)

SEX = {"m": "1", "male": "1", "f": "2", "female": "2", "u": "0", "unknown": "0", "i": "9", "indeterminate": "9"}
UPN_NOT_KNOWN = ("", "UN1", "UN2", "UN3", "UN4", "UN5", "UN6", "UN7")
PERSON = Extract(
    file="ssd_person",
    persons=(
        PersonFields(
            key=column("pers_person_id"),
            given_name=column("pers_forename"),
            family_name=column("pers_surname"),
            date_of_birth=column("pers_dob"),
            expected_date_of_birth=column("pers_expected_dob"),
            sex=column("pers_sex", codes=SEX),
            upn=column("pers_upn", empty=UPN_NOT_KNOWN),
            nhs_number=column("pers_single_unique_id"),
        ),
    ),
    facts=(
        # Nothing says when the description was recorded: it is dated by the birth, so that it is one fact however
        # often it is delivered, and known from the day of extraction. The unborn are described once they are born.
        FactFields(
            kind="person_described",
            person="pers_person_id",
            event_date=column("pers_dob"),
            known_when_delivered=True,
            values={"sex": column("pers_sex", codes=SEX), "ethnicity": column("pers_ethnicity")},
            record_key=("pers_person_id",),
        ),
        FactFields(
            kind="died",
            person="pers_person_id",
            event_date=column("pers_death_date"),
            record_key=("pers_person_id",),
        ),
    ),
)
ADDRESS = Extract(
    file="ssd_address",
    persons=(
        PersonFields(
            key=column("addr_person_id"),
            house_number=column("House"),
            street=column("Street"),
            locality=column("Town"),
            uprn=column("Uprn"),
            postcode=column("addr_address_postcode"),
            recorded_on=column("addr_address_start_date"),
        ),
    ),
)
MOTHER = Extract(
    file="ssd_mother",
    relationships=(
        RelationshipFields(
            person="moth_person_id",
            other="moth_childs_person_id",
            relationship=constant("parent_of"),
            started_on=column("moth_childs_dob"),
        ),
    ),
)
