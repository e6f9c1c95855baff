"""Tables of the Standard Safeguarding Dataset, made here by its public specification, as CSV and as Parquet."""

import io
from collections.abc import Callable
from datetime import date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from targeting.sources.definition import SafeguardingDataset, Source
from targeting.sources.loading import LoadError
from targeting.store.staging import open_staging


def columns_of(text: str) -> dict[str, list[str]]:
    """Return the columns of a table drawn with one line a column: its name, then its values, behind bars."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return {name: values for name, *values in lines}


def table(text: str) -> str:
    """Return the table as CSV, every cell quoted."""
    drawn = columns_of(text)
    rows = [list(drawn), *zip(*drawn.values(), strict=True)]
    quoted = [['"' + cell.replace('"', '""') + '"' for cell in row] for row in rows]
    return "".join(",".join(row) + "\n" for row in quoted)


TABLES = {
    "ssd_person": """
        pers_person_id    | p1                  | p2         | p3
        pers_forename     | Ann                 | Bob        |
        pers_surname      | Lee                 | Lee        | Lee
        pers_sex          | F                   | M          | U
        pers_ethnicity    | WBRI                | a) APKN    | NOBT
        pers_dob          | 2015-01-25 00:00:00 | 01/02/2016 |
        pers_expected_dob |                     |            | 2024-09-01
        pers_upn          |                     | UN1        |
        pers_death_date   |                     |            |
        """,
    "ssd_address": """
        addr_person_id          | p1
        addr_address_json       | {"FLAT":"2","HOUSE":"7","STREET":"High St","UPRN":"100012345"}
        addr_address_start_date | 2020-01-01
        addr_address_postcode   | BD1 1AA
        """,
    "ssd_mother": """
        moth_table_id         | 1
        moth_person_id        | p9
        moth_childs_person_id | p1
        moth_childs_dob       | 2015-01-25
        """,
    "ssd_contacts": """
        cont_contact_id           | c1                                      | c2                       | c3
        cont_person_id            | p1                                      | p1                       | p2
        cont_contact_date         | 2023-05-01                              | 2023-06-01               | 2023-07-01
        cont_contact_source_code  | 6                                       | 1C                       | 2A: Schools
        cont_contact_outcome_json | {"NEW_REFERRAL_FLAG":"Y","NFA_FLAG":""} | {"OUTCOME_NFA_FLAG":"Y"} | null
        """,
    "ssd_early_help_episodes": """
        earl_episode_id         | e1
        earl_person_id          | p2
        earl_episode_start_date | 2023-07-10
        earl_episode_end_date   | 2023-12-01
        earl_episode_end_reason | as agreed
        """,
    "ssd_cin_episodes": """
        cine_referral_id           | r1         | r2
        cine_person_id             | p1         | p2
        cine_referral_date         | 2023-05-02 | 2023-08-02
        cine_cin_primary_need_code | N1         | N4
        cine_referral_source_code  | 6          | 99
        cine_referral_nfa          | N          | Y
        cine_close_reason          | RC7        |
        cine_close_date            | 2024-01-05 |
        """,
    "ssd_cin_assessments": """
        cina_assessment_id          | a1         | a2
        cina_person_id              | p1         | p2
        cina_assessment_auth_date   | 2023-06-10 | 2023-09-10
        cina_assessment_outcome_nfa | N          | Y
        """,
    "ssd_assessment_factors": """
        cinf_table_id                | f1           | f2                        | f3
        cinf_assessment_id           | a1           | a2                        | a9
        cinf_assessment_factors_json | ["3B", "4B"] | {"2B": "Yes", "5A": "No"} | ["1B"]
        """,
    "ssd_s47_enquiry": """
        s47e_s47_enquiry_id   | s1                         | s2         | s3
        s47e_person_id        | p1                         | p2         | p2
        s47e_s47_start_date   | 2023-06-12                 | 2023-06-12 | 2023-07-12
        s47e_s47_end_date     | 2023-06-26                 | 2023-06-20 | 2023-07-20
        s47e_s47_nfa          | N                          | Y          | N
        s47e_s47_outcome_json | {"CP_CONFERENCE_FLAG":"Y"} | {}         | {"OUTCOME_MONITOR_FLAG":"Y"}
        """,
    "ssd_initial_cp_conference": """
        icpc_icpc_id              | i1
        icpc_person_id            | p1
        icpc_icpc_date            | 2023-07-03
        icpc_icpc_outcome_cp_flag | Y
        """,
    "ssd_cp_plans": """
        cppl_cp_plan_id               | l1              | l2
        cppl_person_id                | p1              | p2
        cppl_cp_plan_start_date       | 2023-07-03      | 2023-08-03
        cppl_cp_plan_end_date         | 2024-01-03      |
        cppl_cp_plan_ola              | N               | Y
        cppl_cp_plan_initial_category | Emotional abuse | Neglect
        """,
    "ssd_legal_status": """
        lega_legal_status_id         | 1          | 2          | 3          | 4
        lega_person_id               | p1         | p1         | p2         | p8
        lega_legal_status            | V2         | C1 - ICO   | V4         | V2
        lega_legal_status_start_date | 2023-09-01 | 2023-10-01 | 2023-01-01 | 2023-01-01
        lega_legal_status_end_date   | 2023-10-01 |            |            |
        """,
    "ssd_immigration_status": """
        immi_person_id          | p8
        immi_immigration_status | UASC
        """,
    "ssd_cla_episodes": """
        clae_cla_episode_id            | 1          | 2          | 3          | 4          | 5
        clae_person_id                 | p1         | p1         | p2         | p8         | p7
        clae_cla_id                    | k1         | k1         | k2         | k3         | k4
        clae_entered_care_date         | 2023-09-01 | 2023-09-01 | 2023-02-01 |            | 2023-03-01
        clae_cla_episode_start_date    | 2023-09-01 | 2023-10-01 | 2023-02-01 | 2023-03-01 | 2023-03-01
        clae_cla_episode_start_reason  | S          | L          | S          | S          | S
        clae_cla_episode_ceased_date   | 2023-10-01 | 2024-02-01 |            |            |
        clae_cla_episode_ceased_reason | X1         | E4A        |            |            |
        """,
    "ssd_missing": """
        miss_table_id                   | 1          | 2
        miss_person_id                  | p1         | p1
        miss_missing_episode_start_date | 2023-11-01 | 2023-12-01
        miss_missing_episode_type       | Missing    | Absent
        miss_missing_episode_end_date   | 2023-11-02 | 2023-12-02
        miss_missing_rhi_offered        | Y          | N
        miss_missing_rhi_accepted       | N          | NA
        """,
    "ssd_pre_proceedings": """
        prep_table_id                  | 1
        prep_person_id                 | p1
        prep_pre_pro_letter_date       | 2023-08-01
        prep_agree_stepdown_issue_date |
        prep_care_pro_letter_date      | 2023-08-20
        """,
    "ssd_send": """
        send_table_id  | n1
        send_person_id | p2
        """,
    "ssd_ehcp_requests": """
        ehcr_ehcp_request_id       | q1
        ehcr_send_table_id         | n1
        ehcr_ehcp_req_date         | 2023-04-01
        ehcr_ehcp_req_outcome_date | 2023-05-13
        """,
    "ssd_involvements": """
        invo_involvements_id        | v1
        invo_person_id              | p1
        invo_involvement_start_date | 2023-05-03
        invo_involvement_end_date   |
        """,
    "ssd_department": """
        dept_team_id   | 1
        dept_team_name | North
        """,
}


@pytest.fixture
def dataset(office, make_source: Callable[..., Source]):
    office.sources = [make_source([SafeguardingDataset(file="ssd_*")], name="ssd")]
    return office


def as_parquet(text: str) -> bytes:
    """Return the table as Parquet, its ISO dates as timestamps."""
    columns = {}
    for name, values in columns_of(text).items():
        is_date = name.endswith("_date")
        cells = [datetime.fromisoformat(value) if value and is_date else value or None for value in values]
        columns[name] = pa.array(cells, pa.timestamp("us") if is_date else pa.string())
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target)
    return target.getvalue()


def everything(dataset) -> Callable[..., list[tuple[object, ...]]]:
    """Return the facts as they are now, the store opened once, as a function of a kind and its columns."""
    with open_staging(dataset.data) as staging:
        held = {kind: staging.facts(kind).to_pylist() for kind in staging.fact_kinds()}
    return lambda kind, *names: sorted(tuple(plain(row[name]) for name in names) for row in held[kind])


def plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def test_the_tables_become_the_facts_of_the_contract(dataset) -> None:
    as_csv = {f"ssd/{name}.csv": table(text) for name, text in TABLES.items()}
    parquet = ("ssd_cin_assessments", "ssd_cp_plans", "ssd_legal_status")
    files = {place: text for place, text in as_csv.items() if not place.startswith(tuple(f"ssd/{n}." for n in parquet))}
    report = dataset.deliver(files | {f"ssd/{n}.parquet": as_parquet(TABLES[n]) for n in parquet}, on="2024-06-30")
    assert report.warnings == (
        "ssd/ssd_department.csv: nothing of ssd_department is used.",
        "ssd/ssd_department.csv: a header and no rows.",
    )
    assert [fault[:3] for fault in dataset.quarantine()] == [
        # a9 is no assessment of the delivery: whom the factor concerns, and when, cannot be told.
        (4, "AuthorisedOn", "missing"),
        (4, "Person", "missing"),
        (3, "cine_referral_source_code", "unknown code"),
        # p7 has no legal status on the day: on what footing care began cannot be told.
        (6, "Footing", "missing"),
    ]
    facts = everything(dataset)
    assert facts("contact", "event_date", "referral_source", "outcome") == [
        ("2023-05-01", "6", "referral"),
        ("2023-06-01", "1C", "no_further_action"),
        ("2023-07-01", "2A", None),
    ]
    assert facts("assessment_completed", "found_in_need", "knowledge_date") == [
        (False, "2023-09-17"),
        (True, "2023-06-17"),
    ]
    assert facts("assessment_factor", "event_date", "factor") == [
        ("2023-06-10", "3B"),
        ("2023-06-10", "4B"),
        ("2023-09-10", "2B"),
    ]
    assert facts("section_47_ended", "event_date", "outcome") == [
        ("2023-06-20", "unsubstantiated"),
        ("2023-06-26", "conference"),
        ("2023-07-20", "concerns_not_continuing"),
    ]
    assert facts("child_protection_plan_started", "event_date", "category") == [("2023-07-03", "EMO")]
    assert facts("care_started", "event_date", "legal_basis") == [
        ("2023-02-01", "short_breaks"),
        ("2023-03-01", "unaccompanied"),
        ("2023-09-01", "accommodated"),
    ]
    assert facts("care_ended", "event_date", "reason") == [("2024-02-01", "E4A")]
    assert facts("return_home_interview", "event_date", "status") == [
        ("2023-11-02", "declined"),
        ("2023-12-02", "not_offered"),
    ]
    assert facts("pre_proceedings_ended", "event_date", "outcome") == [("2023-08-20", "care_proceedings")]
    assert facts("ehcp_request_decided", "event_date") == [("2023-05-13",)]
    # The unborn child is a person, and is described once born; what was known of the others, was known on extraction.
    assert facts("person_described", "sex", "ethnicity", "knowledge_date", "knowledge_basis") == [
        ("1", "APKN", "2024-06-30", "delivered"),
        ("2", "WBRI", "2024-06-30", "delivered"),
    ]
    people = dataset.identities()
    assert {person["uprn"] for person in people} == {None, "100012345"}
    assert {str(person["expected_date_of_birth"]) for person in people} == {"None", "2024-09-01"}


def test_a_description_delivered_every_night_is_one_fact_until_it_changes(dataset) -> None:
    person = {"ssd/ssd_person.csv": table(TABLES["ssd_person"])}
    for on in ("2024-06-28", "2024-06-29"):
        dataset.deliver(person, on=on)
    changed = {"ssd/ssd_person.csv": person["ssd/ssd_person.csv"].replace("WBRI", "WIRI")}
    dataset.deliver(changed, on="2024-06-30")
    assert dataset.facts("person_described", "ethnicity", "knowledge_date", "superseded_on") == [
        ("APKN", "2024-06-28", None),
        ("WBRI", "2024-06-28", "2024-06-30"),
        ("WIRI", "2024-06-30", None),
    ]


def test_a_table_that_is_not_the_datasets_or_lacks_what_it_needs_is_refused(dataset) -> None:
    files = {
        "ssd/ssd_assessment_factors.csv": table(TABLES["ssd_assessment_factors"]),
        "ssd/ssd_contact.csv": table(TABLES["ssd_contacts"]),
        "ssd/ssd_cin_plans.csv": "cinp_person_id,cinp_cin_plan_id\np1,1\n",
    }
    with pytest.raises(LoadError) as raised:
        dataset.deliver(files, on="2024-06-30")
    factors, plans, contact = raised.value.faults
    assert factors == (
        "ssd/ssd_assessment_factors.csv: needs ssd_cin_assessments beside it. Ask for both tables in one delivery."
    )
    assert plans.startswith("ssd/ssd_cin_plans.csv: no column 'cinp_cin_plan_end_date', 'cinp_cin_plan_start_date'.")
    assert contact.startswith("ssd/ssd_contact.csv: named after no table of the dataset.")
    assert "Did you mean ssd_contacts" in contact
