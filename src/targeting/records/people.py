"""Facts that say who people are and where they live: for linkage, cohort and audit."""

from targeting.records.codes import DISABILITY, ETHNICITY, SEX, code_set
from targeting.records.definition import Column, FactKind
from targeting.records.reasons import KEPT_APART

ASKED_FOR_AUDIT = "kept for audit and linkage; a refused attribute is never an input"

KINDS = (
    FactKind(
        name="person_described",
        description="How an agency describes a person",
        area="people",
        event="the agency first recorded the description",
        knowledge="the same day",
        columns=(
            Column(name="sex", description="Sex as recorded", type="code", codes=SEX, attribute="sex", required=False),
            Column(
                name="ethnicity",
                description="Ethnicity by DfE's 20 codes",
                type="code",
                codes=ETHNICITY,
                attribute="ethnicity",
                required=False,
            ),
            Column(
                name="disability",
                description="Disability by DfE's codes",
                type="code",
                codes=DISABILITY,
                attribute="disability",
                required=False,
            ),
        ),
        never_an_input=ASKED_FOR_AUDIT,
    ),
    FactKind(
        name="address_recorded",
        description="An agency recorded a person at an address in the district",
        area="people",
        event="the person came to live there, as the agency has it",
        knowledge="the agency recorded the address",
        columns=(
            Column(name="ward", description="Ward code of the address", type="code", attribute="area"),
            Column(
                name="deprivation_decile",
                description="Decile of the index of multiple deprivation, 1 the most deprived",
                type="integer",
                attribute="deprivation",
                required=False,
                minimum=1,
                maximum=10,
            ),
        ),
        attribute="moves",
    ),
    FactKind(
        name="moved_out",
        description="A person left the district",
        area="people",
        event="the person left",
        knowledge="an agency learned of it",
    ),
    FactKind(
        name="died",
        description="A person died",
        area="people",
        event="the person died",
        knowledge="an agency learned of it",
    ),
    # Which of the laws applies is not said: that somebody has a gender recognition certificate is itself protected.
    FactKind(
        name="identity_protected",
        description="A person's identity is protected: adopted, gender recognition, witness, refuge, staff or panel",
        area="people",
        event="the protection began",
        knowledge="an agency recorded it",
        columns=(
            Column(
                name="handling",
                description="How the person's records are handled",
                type="code",
                codes=code_set(
                    "protected_handling",
                    never_joined="records from before and after are never compared (adoption, gender recognition)",
                    sealed="sealed at load (witness protection, refuge, families of staff and panel members)",
                ),
                attribute="protected_identity",
            ),
        ),
        never_an_input=KEPT_APART,
        attribute="protected_identity",
    ),
)
