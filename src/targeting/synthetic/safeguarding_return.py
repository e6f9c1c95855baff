"""Tables of the Standard Safeguarding Dataset, written from the case system's own, days as 2021-03-04."""

import json
from collections.abc import Callable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from targeting.synthetic.social_care_tables import (
    CATEGORY_CODES,
    CLOSURE_CODES,
    ETHNICITY_CODES,
    NEED_CODES,
    SOURCE_CODES,
    STATUS_CODES,
    SocialCareTables,
    by,
)
from targeting.synthetic.writing import Table

# A column of the dataset, made of a table of the case system.
Made = Callable[[pa.Table], pa.Array]
Columns = Mapping[str, Made]

_CONTACT_OUTCOMES = {
    "NFA": "outcome_nfa_flag",
    "Information and advice": "outcome_advice_flag",
    "Pass to Early Help": "outcome_early_help_flag",
    "Progress to Referral": "outcome_new_referral_flag",
}
_ENQUIRY_OUTCOMES = {
    "ICPC": "outcome_cp_conference_flag",
    "Substantiated - no continuing risk": "outcome_single_assessment_flag",
    "Not substantiated": "outcome_nfa_flag",
}


def _is(name: str) -> Made:
    return lambda table: _whole(table, name)


def _whole(table: pa.Table, name: str) -> pa.Array:
    column = table[name].combine_chunks()
    return column if isinstance(column, pa.Array) else pa.concat_arrays(column.chunks)


def _day(name: str) -> Made:
    """Return days such as 04/03/2021 as 2021-03-04; empty where there is none."""

    def made(table: pa.Table) -> pa.Array:
        texts = _whole(table, name)
        year, month, day = (pc.utf8_slice_codeunits(texts, *place) for place in ((6, 10), (3, 5), (0, 2)))
        return pc.if_else(pc.equal(texts, ""), "", pc.binary_join_element_wise(year, month, day, "-"))

    return made


def _said(name: str, said: Mapping[str, str], otherwise: str | None = None) -> Made:
    """Return what is said in place of each text of a column; a text not foreseen is an error, or `otherwise`."""

    def made(table: pa.Table) -> pa.Array:
        encoded = _whole(table, name).dictionary_encode()
        texts = encoded.dictionary.to_pylist()
        values = [said[text] if otherwise is None else said.get(text, otherwise) for text in texts]
        return pa.array(values, pa.string()).take(encoded.indices)

    return made


def _json(name: str, flags: Mapping[str, str]) -> Made:
    """Return an object that says `Y` of what a column holds and `N` of all else that it might."""
    return _said(
        name,
        {
            held: json.dumps({flag: "Y" if held == text else "N" for text, flag in flags.items()})
            for held in ("", *flags)
        },
    )


def _always(text: str) -> Made:
    return lambda table: pa.repeat(pa.scalar(text), table.num_rows)


def _where_filled(name: str, filled: str, empty: str) -> Made:
    return lambda table: pc.if_else(pc.equal(_whole(table, name), ""), empty, filled)


def _or(name: str, otherwise: str) -> Made:
    return lambda table: pc.if_else(pc.equal(_whole(table, name), ""), otherwise, _whole(table, name))


_PERSON = "Person ID"
# Table of the dataset, file of the case system, and each column made of a row.
_TABLES: tuple[tuple[str, str, Columns], ...] = (
    (
        "ssd_person",
        "LCS_Persons.csv",
        {
            "pers_person_id": _is(_PERSON),
            "pers_forename": _is("Forename"),
            "pers_surname": _is("Surname"),
            "pers_dob": _day("Date of Birth"),
            "pers_expected_dob": _day("Expected Date of Birth"),
            "pers_death_date": _always(""),
            "pers_sex": _said("Gender", {"Male": "M", "Female": "F"}, otherwise="U"),
            "pers_ethnicity": _said("Ethnicity", ETHNICITY_CODES),
            "pers_upn": _or("UPN", "UN1"),
            "pers_single_unique_id": lambda table: pc.replace_substring(_whole(table, "NHS Number"), " ", ""),
        },
    ),
    (
        "ssd_contacts",
        "LCS_Contacts.csv",
        {
            "cont_contact_id": _is("Contact ID"),
            "cont_person_id": _is(_PERSON),
            "cont_contact_date": _day("Contact Date"),
            "cont_contact_source_code": _said("Contact Source", SOURCE_CODES),
            "cont_contact_outcome_json": _json("Contact Outcome", _CONTACT_OUTCOMES),
        },
    ),
    (
        "ssd_early_help_episodes",
        "EHM_Episodes.csv",
        {
            "earl_episode_id": _is("Episode ID"),
            "earl_person_id": _is(_PERSON),
            "earl_episode_start_date": _day("Opened On"),
            "earl_episode_end_date": _day("Closed On"),
        },
    ),
    (
        "ssd_cin_episodes",
        "LCS_Referrals.csv",
        {
            "cine_referral_id": _is("Referral ID"),
            "cine_person_id": _is(_PERSON),
            "cine_referral_date": _day("Referral Date"),
            "cine_referral_source_code": _said("Referral Source", SOURCE_CODES),
            "cine_cin_primary_need_code": _said("Primary Need", NEED_CODES),
            "cine_referral_nfa": _where_filled("NFA Date", "Y", "N"),
            "cine_close_date": _day("Closed On"),
            "cine_close_reason": _said("Closure Reason", CLOSURE_CODES),
        },
    ),
    (
        "ssd_cin_assessments",
        "LCS_Assessments.csv",
        {
            "cina_assessment_id": _is("Assessment ID"),
            "cina_person_id": _is(_PERSON),
            "cina_assessment_auth_date": _day("Authorised On"),
            "cina_assessment_outcome_nfa": _said("Outcome", {"Not in need": "Y"}, otherwise="N"),
        },
    ),
    (
        "ssd_cin_plans",
        "LCS_CIN_Plans.csv",
        {
            "cinp_cin_plan_id": _is("Plan ID"),
            "cinp_person_id": _is(_PERSON),
            "cinp_cin_plan_start_date": _day("Plan Start"),
            "cinp_cin_plan_end_date": _day("Plan End"),
        },
    ),
    (
        "ssd_s47_enquiry",
        "LCS_Section47.csv",
        {
            "s47e_s47_enquiry_id": _is("Enquiry ID"),
            "s47e_person_id": _is(_PERSON),
            "s47e_s47_start_date": _day("Started On"),
            "s47e_s47_end_date": _day("Outcome Date"),
            "s47e_s47_nfa": _said("Outcome", {"Not substantiated": "Y"}, otherwise="N"),
            "s47e_s47_outcome_json": _json("Outcome", _ENQUIRY_OUTCOMES),
        },
    ),
    (
        "ssd_cp_plans",
        "LCS_CP_Plans.csv",
        {
            "cppl_cp_plan_id": _is("Plan ID"),
            "cppl_person_id": _is(_PERSON),
            "cppl_cp_plan_start_date": _day("Plan Start"),
            "cppl_cp_plan_end_date": _day("Plan End"),
            "cppl_cp_plan_ola": _always("N"),
            "cppl_cp_plan_initial_category": _said("Initial Category", CATEGORY_CODES),
        },
    ),
    (
        "ssd_cla_episodes",
        "LCS_Care_Periods.csv",
        {
            "clae_cla_episode_id": _is("Period ID"),
            "clae_cla_id": _is("Period ID"),
            "clae_person_id": _is(_PERSON),
            "clae_entered_care_date": _day("Care Start"),
            "clae_cla_episode_start_date": _day("Care Start"),
            "clae_cla_episode_start_reason": _always("S"),
            "clae_cla_episode_ceased_date": _day("Care End"),
            "clae_cla_episode_ceased_reason": _where_filled("Care End", "E4A", ""),
        },
    ),
    (
        "ssd_legal_status",
        "LCS_Care_Periods.csv",
        {
            "lega_legal_status_id": _is("Period ID"),
            "lega_person_id": _is(_PERSON),
            "lega_legal_status": _said("Legal Status", STATUS_CODES),
            "lega_legal_status_start_date": _day("Care Start"),
            "lega_legal_status_end_date": _day("Care End"),
        },
    ),
    (
        "ssd_pre_proceedings",
        "LCS_Pre_Proceedings.csv",
        {
            "prep_table_id": _is("PLO ID"),
            "prep_person_id": _is(_PERSON),
            "prep_pre_pro_letter_date": _day("Letter Sent On"),
            "prep_care_pro_letter_date": _always(""),
            "prep_agree_stepdown_issue_date": _always(""),
        },
    ),
)


def tables(told: SocialCareTables) -> tuple[Table, ...]:
    """Return the tables of the dataset that the case system can fill."""
    made = [
        Table(f"{name}.csv", {column: of(told.by_file[file]) for column, of in columns.items()})
        for name, file, columns in _TABLES
    ]
    return (*made, _factors(told))


def _factors(told: SocialCareTables) -> Table:
    """Return the factors of each assessment as one list of codes."""
    ticked = by(told.rows("LCS_Assessment_Factors.csv"), "Assessment ID")
    columns = {
        "cinf_table_id": pa.array(ticked, pa.string()),
        "cinf_assessment_id": pa.array(ticked, pa.string()),
        "cinf_assessment_factors_json": pa.array(
            [json.dumps([row["Factor"] for row in rows]) for rows in ticked.values()], pa.string()
        ),
    }
    return Table("ssd_assessment_factors.csv", columns)
