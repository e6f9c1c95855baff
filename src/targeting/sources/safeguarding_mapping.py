"""What the tables of the Standard Safeguarding Dataset (SSD) mean.

Columns are restated from its public specification by Data to Insight (github.com/data-to-insight/ssd-data-model,
`docs/admin/data_objects_specification.csv` and the deployed tables of version 1.4), which Liquidlogic, Mosaic, Eclipse,
CareDirector and Azeus produce. Columns in mixed case are computed by the reader. The dataset bears no dates of
recording.
"""

from targeting.sources.definition import (
    Extract,
    FactFields,
    column,
    constant,
)
from targeting.sources.facts_by_name import fact, spell
from targeting.sources.safeguarding_people import ADDRESS, MOTHER, PERSON
from targeting.sources.safeguarding_protection import (
    CARE_EPISODES,
    CONFERENCES,
    MISSING,
    PLANS,
    PRE_PROCEEDINGS,
    REVIEW_CONFERENCES,
)

CONTACTS = Extract(
    file="ssd_contacts",
    facts=(
        fact(
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
    facts=spell(
        "early_help", "earl_person_id", "earl_episode_id", ("earl_episode_start_date", "earl_episode_end_date")
    ),
)
CIN, CIN_KEY = "cine_person_id", "cine_referral_id"
EPISODES = Extract(
    file="ssd_cin_episodes",
    facts=(
        fact(
            "referral",
            CIN,
            "cine_referral_date",
            CIN_KEY,
            episode_id=CIN_KEY,
            referral_source="cine_referral_source_code",
            primary_need="cine_cin_primary_need_code",
        ),
        fact(
            "referral_no_further_action",
            CIN,
            "cine_referral_date",
            CIN_KEY,
            when="cine_referral_nfa",
            episode_id=CIN_KEY,
        ),
        fact("referral_closed", CIN, "cine_close_date", CIN_KEY, episode_id=CIN_KEY, reason="cine_close_reason"),
    ),
)
ASSESSMENTS = Extract(
    file="ssd_cin_assessments",
    facts=(
        fact(
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
    facts=spell(
        "child_in_need_plan",
        "cinp_person_id",
        "cinp_cin_plan_id",
        ("cinp_cin_plan_start_date", "cinp_cin_plan_end_date"),
    ),
)
ENQUIRIES = Extract(
    file="ssd_s47_enquiry",
    facts=(
        fact(
            "section_47_started",
            "s47e_person_id",
            "s47e_s47_start_date",
            "s47e_s47_enquiry_id",
            episode_id="s47e_s47_enquiry_id",
        ),
        fact(
            "section_47_ended",
            "s47e_person_id",
            "s47e_s47_end_date",
            "s47e_s47_enquiry_id",
            episode_id="s47e_s47_enquiry_id",
            outcome="Outcome",
        ),
    ),
)
REQUESTS = Extract(
    file="ssd_ehcp_requests",
    facts=(
        fact("ehcp_requested", "Person", "ehcr_ehcp_req_date", "ehcr_ehcp_request_id"),
        fact("ehcp_request_decided", "Person", "ehcr_ehcp_req_outcome_date", "ehcr_ehcp_request_id"),
    ),
)
INVOLVEMENTS = Extract(
    file="ssd_involvements",
    facts=spell(
        "involvement",
        "invo_person_id",
        "invo_involvements_id",
        ("invo_involvement_start_date", "invo_involvement_end_date"),
        service=constant("social_care"),
    ),
)
QUESTIONNAIRES = Extract(
    file="ssd_sdq_scores",
    facts=(
        fact(
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
