"""The tables of the Standard Safeguarding Dataset by name: which make facts, which name people alone, which neither.

What each table that makes facts means, and where the columns are restated from, is said in safeguarding_mapping.py.
"""

from collections.abc import Mapping
from types import MappingProxyType

from targeting.sources.definition import Extract
from targeting.sources.returns import sighted
from targeting.sources.safeguarding_mapping import CIN, TABLES
from targeting.sources.safeguarding_protection import CARE, PLAN

# Tables that say of a person only that the case system has one.
NAMED = {
    "ssd_disability": "disa_person_id",
    "ssd_legal_status": "lega_person_id",
    "ssd_immigration_status": "immi_person_id",
    "ssd_send": "send_person_id",
    "ssd_voice_of_child": "voch_person_id",
    "ssd_linked_identifiers": "link_person_id",
    "ssd_cla_placement": "clap_person_id",
    "ssd_cla_visits": "clav_person_id",
    "ssd_cp_visits": "cppv_person_id",
    "ssd_cin_visits": "cinv_person_id",
    "ssd_cla_convictions": "clac_person_id",
    "ssd_cla_health": "clah_person_id",
    "ssd_cla_immunisations": "clai_person_id",
    "ssd_cla_substance_misuse": "clas_person_id",
    "ssd_cla_previous_permanence": "lapp_person_id",
    "ssd_cla_care_plan": "lacp_person_id",
    "ssd_permanence": "perm_person_id",
    "ssd_care_leavers": "clea_person_id",
    "ssd_family": "fami_person_id",
}
# Tables of the dataset that name no person, or name one through another table alone.
WITHOUT_PEOPLE = frozenset(
    {
        "ssd_cla_reviews",
        "ssd_ehcp_assessment",
        "ssd_ehcp_named_plan",
        "ssd_ehcp_active_plans",
        "ssd_sen_need",
        "ssd_professionals",
        "ssd_department",
        "ssd_s251_finance",
        "ssd_version_log",
    }
)

MAPPINGS: Mapping[str, Extract] = MappingProxyType(
    {table.file: table for table in TABLES}
    | {name: Extract(file=name, persons=sighted(person)) for name, person in NAMED.items()}
)
# What every row needs: whom it concerns, its key, and its date.
REQUIRED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {name: (person,) for name, person in NAMED.items()}
    | {
        "ssd_person": ("pers_person_id",),
        "ssd_address": ("addr_person_id",),
        "ssd_contacts": ("cont_person_id", "cont_contact_date"),
        "ssd_early_help_episodes": ("earl_person_id", "earl_episode_start_date"),
        "ssd_cin_episodes": (CIN, "cine_referral_date"),
        "ssd_cin_assessments": ("cina_person_id",),
        "ssd_assessment_factors": ("Person", "AuthorisedOn"),
        "ssd_cin_plans": ("cinp_person_id", "cinp_cin_plan_start_date"),
        "ssd_s47_enquiry": ("s47e_person_id", "s47e_s47_start_date"),
        "ssd_initial_cp_conference": ("icpc_person_id",),
        "ssd_cp_plans": (PLAN, "cppl_cp_plan_start_date"),
        "ssd_cla_episodes": (CARE, "clae_cla_id", "clae_cla_episode_start_date"),
        "ssd_missing": ("miss_person_id", "miss_missing_episode_start_date"),
        "ssd_pre_proceedings": ("prep_person_id",),
        "ssd_ehcp_requests": ("Person", "ehcr_ehcp_req_date"),
        "ssd_involvements": ("invo_person_id", "invo_involvement_start_date"),
        "ssd_sdq_scores": ("csdq_person_id",),
    }
)
MAY_BE_ABSENT = frozenset(
    {
        "cont_contact_source_code",
        "cont_contact_outcome_json",
        "cppl_cp_plan_ola",
        "pers_single_unique_id",
        "pers_expected_dob",
        "pers_forename",
        "pers_surname",
        "pers_upn",
        "addr_address_json",
        "icpc_icpc_transfer_in",
        "prep_care_pro_letter_date",
        "prep_agree_stepdown_issue_date",
        "clae_entered_care_date",
    }
)
