"""Protection, care and what comes before them in the Standard Safeguarding Dataset (source: `safeguarding_mapping`)."""

from targeting.sources.definition import Extract, column
from targeting.sources.facts_by_name import CATEGORY, fact, spell

CONFERENCES = Extract(
    file="ssd_initial_cp_conference",
    facts=(
        fact(
            "initial_conference_held",
            "icpc_person_id",
            "icpc_icpc_date",
            "icpc_icpc_id",
            led_to_plan="icpc_icpc_outcome_cp_flag",
            transfer_in="icpc_icpc_transfer_in",
        ),
    ),
)
PLAN = "cppl_person_id"
# Another council's plan, held for a child who stays here for a time, is no escalation.
PLANS = Extract(
    file="ssd_cp_plans",
    facts=spell(
        "child_protection_plan",
        PLAN,
        "cppl_cp_plan_id",
        ("cppl_cp_plan_start_date", "cppl_cp_plan_end_date"),
        when="IsOwn",
        category=column("cppl_cp_plan_initial_category", codes=CATEGORY),
    ),
)
REVIEW_CONFERENCES = Extract(
    file="ssd_cp_reviews",
    facts=(fact("review_conference_held", "cppr_person_id", "cppr_cp_review_date", "cppr_cp_review_id"),),
)
CARE, CARE_KEY = "clae_person_id", "clae_cla_id"
CARE_EPISODES = Extract(
    file="ssd_cla_episodes",
    facts=(
        fact("care_started", CARE, "StartedOn", CARE_KEY, episode_id=CARE_KEY, legal_basis="Footing"),
        fact("care_ended", CARE, "EndedOn", CARE_KEY, episode_id=CARE_KEY, reason="clae_cla_episode_ceased_reason"),
    ),
)
MISSING = Extract(
    file="ssd_missing",
    facts=(
        fact(
            "missing_episode",
            "miss_person_id",
            "miss_missing_episode_start_date",
            "miss_table_id",
            absence=column("miss_missing_episode_type", codes={"missing": "M", "absent": "A", "away": "A"}),
        ),
        fact(
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
        fact(
            "pre_proceedings_started",
            "prep_person_id",
            "prep_pre_pro_letter_date",
            "prep_table_id",
            episode_id="prep_table_id",
        ),
        fact(
            "pre_proceedings_ended",
            "prep_person_id",
            "PreProceedingsEndedOn",
            "prep_table_id",
            episode_id="prep_table_id",
            outcome="PreProceedingsOutcome",
        ),
    ),
)
