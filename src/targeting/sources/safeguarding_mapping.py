"""What the tables of the Standard Safeguarding Dataset (SSD) mean.

Columns are restated from its public specification by Data to Insight (github.com/data-to-insight/ssd-data-model,
`docs/admin/data_objects_specification.csv` and the deployed tables of version 1.4), which Liquidlogic, Mosaic, Eclipse,
CareDirector and Azeus produce. Columns in mixed case are computed by the reader. The dataset bears no dates of
recording.
"""

from targeting.sources.definition import (
    Extract,
    FactFields,
    Field,
    PersonFields,
    RelationshipFields,
    column,
    constant,
)

SEX = {"m": "1", "male": "1", "f": "2", "female": "2", "u": "0", "unknown": "0", "i": "9", "indeterminate": "9"}
CATEGORY = {
    "neglect": "NEG",
    "physical abuse": "PHY",
    "physical": "PHY",
    "sexual abuse": "SAB",
    "sexual": "SAB",
    "emotional abuse": "EMO",
    "emotional": "EMO",
    "multiple": "MUL",
}
UPN_NOT_KNOWN = ("", "UN1", "UN2", "UN3", "UN4", "UN5", "UN6", "UN7")


def _fact(kind: str, person: str, event: str, key: str, when: str | None = None, **values: str | Field) -> FactFields:
    """Return one fact of a table, its columns by name."""
    return FactFields(
        kind=kind,
        person=person,
        event_date=column(event),
        when=None if when is None else column(when),
        values={name: column(value) if isinstance(value, str) else value for name, value in values.items()},
        record_key=(key,),
    )


def _spell(name: str, person: str, key: str, starts: str, ends: str, **values: str | Field) -> tuple[FactFields, ...]:
    """Return the start of something that lasts, and its end, tied by the table's own key."""
    started = _fact(f"{name}_started", person, starts, key, None, episode_id=key, **values)
    return started, _fact(f"{name}_ended", person, ends, key, episode_id=key)


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
CONTACTS = Extract(
    file="ssd_contacts",
    facts=(
        _fact(
            "contact",
            "cont_person_id",
            "cont_contact_date",
            "cont_contact_id",
            referral_source="cont_contact_source_code",
            outcome="Outcome",
        ),
    ),
)
EARLY_HELP = Extract(
    file="ssd_early_help_episodes",
    facts=_spell("early_help", "earl_person_id", "earl_episode_id", "earl_episode_start_date", "earl_episode_end_date"),
)
CIN, CIN_KEY = "cine_person_id", "cine_referral_id"
EPISODES = Extract(
    file="ssd_cin_episodes",
    facts=(
        _fact(
            "referral",
            CIN,
            "cine_referral_date",
            CIN_KEY,
            episode_id=CIN_KEY,
            referral_source="cine_referral_source_code",
            primary_need="cine_cin_primary_need_code",
        ),
        _fact(
            "referral_no_further_action",
            CIN,
            "cine_referral_date",
            CIN_KEY,
            when="cine_referral_nfa",
            episode_id=CIN_KEY,
        ),
        _fact("referral_closed", CIN, "cine_close_date", CIN_KEY, episode_id=CIN_KEY, reason="cine_close_reason"),
    ),
)
ASSESSMENTS = Extract(
    file="ssd_cin_assessments",
    facts=(
        _fact(
            "assessment_completed",
            "cina_person_id",
            "cina_assessment_auth_date",
            "cina_assessment_id",
            found_in_need="FoundInNeed",
        ),
    ),
)
FACTORS = Extract(
    file="ssd_assessment_factors",
    facts=(
        FactFields(
            kind="assessment_factor",
            person="Person",
            event_date=column("AuthorisedOn"),
            values={"factor": column("Factor")},
            record_key=("cinf_assessment_id", "Factor"),
        ),
    ),
)
IN_NEED_PLANS = Extract(
    file="ssd_cin_plans",
    facts=_spell(
        "child_in_need_plan", "cinp_person_id", "cinp_cin_plan_id", "cinp_cin_plan_start_date", "cinp_cin_plan_end_date"
    ),
)
ENQUIRIES = Extract(
    file="ssd_s47_enquiry",
    facts=(
        _fact(
            "section_47_started",
            "s47e_person_id",
            "s47e_s47_start_date",
            "s47e_s47_enquiry_id",
            episode_id="s47e_s47_enquiry_id",
        ),
        _fact(
            "section_47_ended",
            "s47e_person_id",
            "s47e_s47_end_date",
            "s47e_s47_enquiry_id",
            episode_id="s47e_s47_enquiry_id",
            outcome="Outcome",
        ),
    ),
)
CONFERENCES = Extract(
    file="ssd_initial_cp_conference",
    facts=(
        _fact(
            "initial_conference_held",
            "icpc_person_id",
            "icpc_icpc_date",
            "icpc_icpc_id",
            led_to_plan="icpc_icpc_outcome_cp_flag",
            transfer_in="icpc_icpc_transfer_in",
        ),
    ),
)
PLAN, PLAN_KEY = "cppl_person_id", "cppl_cp_plan_id"
# Another council's plan, held for a child who stays here for a time, is no escalation.
PLANS = Extract(
    file="ssd_cp_plans",
    facts=(
        _fact(
            "child_protection_plan_started",
            PLAN,
            "cppl_cp_plan_start_date",
            PLAN_KEY,
            when="IsOwn",
            episode_id=PLAN_KEY,
            category=column("cppl_cp_plan_initial_category", codes=CATEGORY),
        ),
        _fact(
            "child_protection_plan_ended",
            PLAN,
            "cppl_cp_plan_end_date",
            PLAN_KEY,
            when="IsOwn",
            episode_id=PLAN_KEY,
        ),
    ),
)
REVIEW_CONFERENCES = Extract(
    file="ssd_cp_reviews",
    facts=(_fact("review_conference_held", "cppr_person_id", "cppr_cp_review_date", "cppr_cp_review_id"),),
)
CARE = "clae_person_id"
CARE_EPISODES = Extract(
    file="ssd_cla_episodes",
    facts=(
        FactFields(
            kind="care_started",
            person=CARE,
            event_date=column("StartedOn"),
            values={"episode_id": column("clae_cla_id"), "legal_basis": column("Footing")},
            record_key=("clae_cla_id",),
        ),
        FactFields(
            kind="care_ended",
            person=CARE,
            event_date=column("EndedOn"),
            values={"episode_id": column("clae_cla_id"), "reason": column("clae_cla_episode_ceased_reason")},
            record_key=("clae_cla_id",),
        ),
    ),
)
MISSING = Extract(
    file="ssd_missing",
    facts=(
        _fact(
            "missing_episode",
            "miss_person_id",
            "miss_missing_episode_start_date",
            "miss_table_id",
            absence=column("miss_missing_episode_type", codes={"missing": "M", "absent": "A", "away": "A"}),
        ),
        _fact(
            "return_home_interview",
            "miss_person_id",
            "miss_missing_episode_end_date",
            "miss_table_id",
            when="IsInterview",
            status="Interview",
        ),
    ),
)
PRE_PROCEEDINGS = Extract(
    file="ssd_pre_proceedings",
    facts=(
        _fact(
            "pre_proceedings_started",
            "prep_person_id",
            "prep_pre_pro_letter_date",
            "prep_table_id",
            episode_id="prep_table_id",
        ),
        _fact(
            "pre_proceedings_ended",
            "prep_person_id",
            "PreProceedingsEndedOn",
            "prep_table_id",
            episode_id="prep_table_id",
            outcome="PreProceedingsOutcome",
        ),
    ),
)
REQUESTS = Extract(
    file="ssd_ehcp_requests",
    facts=(
        _fact("ehcp_requested", "Person", "ehcr_ehcp_req_date", "ehcr_ehcp_request_id"),
        _fact("ehcp_request_decided", "Person", "ehcr_ehcp_req_outcome_date", "ehcr_ehcp_request_id"),
    ),
)
INVOLVEMENTS = Extract(
    file="ssd_involvements",
    facts=_spell(
        "involvement",
        "invo_person_id",
        "invo_involvements_id",
        "invo_involvement_start_date",
        "invo_involvement_end_date",
        service=constant("social_care"),
    ),
)
QUESTIONNAIRES = Extract(
    file="ssd_sdq_scores",
    facts=(
        _fact(
            "strengths_and_difficulties",
            "csdq_person_id",
            "csdq_sdq_completed_date",
            "csdq_table_id",
            score="csdq_sdq_score",
        ),
    ),
)

TABLES = (
    *(PERSON, ADDRESS, MOTHER, CONTACTS, EARLY_HELP, EPISODES, ASSESSMENTS, FACTORS, IN_NEED_PLANS, ENQUIRIES),
    *(CONFERENCES, PLANS, REVIEW_CONFERENCES, CARE_EPISODES, MISSING, PRE_PROCEEDINGS, REQUESTS, INVOLVEMENTS),
    QUESTIONNAIRES,
)
