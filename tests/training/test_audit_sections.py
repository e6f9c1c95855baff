"""What an audit tells beyond the cut: by hand on small tables, and where an indicator gives a group away."""

from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from targeting.errors import DataError, TargetingError
from targeting.fairness.definition import Policy
from targeting.features import Outcome, days, facts
from targeting.features.matrix import Matrix
from targeting.models.estimator import EstimatorSettings, TrainingRows, train_booster
from targeting.records.contract import contract
from targeting.store.contents import MEMBERSHIPS, GenerationContents, fact_schema
from targeting.store.generations import write_generation
from targeting.training.audit import AuditData, audit_predictions
from targeting.training.audit_beforehand import foreseen_gaps
from targeting.training.definition import TrainingDefinition
from targeting.training.judgement import Predictions
from targeting.training.rows import Rows

# Family f_1 is listed on both dates, f_2 on neither; f_3 has an open case and is not scored.
MEMBERS = """
family_id | person_id | is_child | birth_date | visible_from
f_1       | p_ann     | no       | 1990-01-01 | 2020-01-01
f_1       | p_bo      | yes      | 2023-02-01 | 2023-02-01
f_2       | p_cy      | yes      | 2015-01-01 | 2020-01-01
f_2       | p_di      | yes      | 2022-12-01 | 2022-12-01
f_3       | p_ed      | yes      | 2014-01-01 | 2020-01-01
f_3       | p_fay     | no       | 1985-01-01 | 2020-01-01
"""
DESCRIBED = """
fact_id | person_id | event_date | knowledge_date | source | ethnicity
1       | p_bo      | 2023-02-01 | 2023-02-02     | school | APKN
2       | p_cy      | 2020-01-01 | 2020-01-01     | school | WBRI
3       | p_di      | 2022-12-01 | 2022-12-01     | school | APKN
4       | p_ed      | 2020-01-01 | 2020-01-01     | school | WBRI
"""
REFERRALS = """
fact_id | person_id | event_date | knowledge_date | source | episode_id
11      | p_ed      | 2024-01-01 | 2024-01-02     | care   | e1
12      | p_cy      | 2021-01-01 | 2021-01-02     | care   | e2
"""
CLOSED = """
fact_id | person_id | event_date | knowledge_date | source | episode_id | reason
13      | p_cy      | 2021-06-01 | 2021-06-02     | care   | e2         | services_ceased
"""
ENQUIRIES = """
fact_id | person_id | event_date | knowledge_date | source | episode_id | outcome
21      | p_bo      | 2023-06-01 | 2023-06-02     | care   | q1         | unsubstantiated
22      | p_di      | 2023-07-01 | 2023-07-02     | care   | q2         | conference
23      | p_cy      | 2020-07-01 | 2020-07-02     | care   | q3         | unsubstantiated
"""
ASSESSED = """
fact_id | person_id | event_date | knowledge_date | source | found_in_need | primary_need
31      | p_cy      | 2023-06-01 | 2023-06-02     | care   | no            | N1
32      | p_cy      | 2023-09-01 | 2023-09-02     | care   | yes           | N1
"""
CONTACTS = """
fact_id | person_id | event_date | knowledge_date | source | referral_source | outcome
41      | p_bo      | 2023-06-01 | 2023-06-02     | care   | 6               | no_further_action
"""
BIRTHS = """
fact_id | person_id | event_date | knowledge_date | source
51      | p_bo      | 2023-02-01 | 2023-02-02     | birth
52      | p_di      | 2022-12-01 | 2022-12-02     | birth
"""
MOODS = """
fact_id | person_id | event_date | knowledge_date | source | concern
61      | p_ann     | 2023-03-20 | 2023-03-21     | visit  | no
"""
# p_di's incident became known after the first list, p_bo's contact above is more than a year before the second.
INCIDENTS = """
fact_id | person_id | event_date | knowledge_date | source | grade    | child_present
71      | p_ann     | 2023-12-01 | 2023-12-02     | police | standard | yes
72      | p_di      | 2023-06-15 | 2024-05-01     | police | standard | yes
"""
HELPED = """
fact_id | person_id | event_date | knowledge_date | source | episode_id | referral_source
81      | p_ann     | 2024-04-01 | 2024-04-02     | hub    | h1         | 1C
"""
TOLD = {
    "domestic_abuse_incident": INCIDENTS,
    "early_help_started": HELPED,
    "person_described": DESCRIBED,
    "referral": REFERRALS,
    "referral_closed": CLOSED,
    "section_47_ended": ENQUIRIES,
    "assessment_completed": ASSESSED,
    "contact": CONTACTS,
    "birth": BIRTHS,
    "maternal_mood": MOODS,
}
SCORED = """
family | date       | margin | label
f_1    | 2024-03-03 | -1     | 0
f_2    | 2024-03-03 | -2     | 0
f_1    | 2024-06-02 | -1     | 1
f_2    | 2024-06-02 | -2     | 0
"""
POLICY = Policy.model_validate(
    {
        "public_data": True,
        "disclosure": "none",
        "unit": "child",
        "cuts": ("top:1",),
        "attribute": ({"name": "ethnicity", "column": "person_described.ethnicity", "reference": "WBRI"},),
        "gating": (
            {"attribute": "ethnicity", "group": "APKN", "measure": "tpr_difference", "cut": "top:1", "limit": 0.1},
        ),
    }
)
OUTCOME = Outcome("care", events=(facts("care_started"),), lead=days(28), horizon=days(182), settling=days(91))


def read(cell, kind):
    if cell == "":
        return None
    if pa.types.is_date(kind):
        return date.fromisoformat(cell)
    return cell == "yes" if pa.types.is_boolean(kind) else pa.scalar(cell).cast(kind).as_py()


def cells(text):
    heading, *lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return [dict(zip(heading, line, strict=True)) for line in lines]


def table(text, schema):
    rows = [{n: read(row.get(n, ""), schema.field(n).type) for n in schema.names} for row in cells(text)]
    return pa.Table.from_pylist(rows, schema)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    kinds = contract()
    contents = GenerationContents(
        facts={name: table(text, fact_schema(kinds[name])) for name, text in TOLD.items()},
        memberships=table(MEMBERS, MEMBERSHIPS),
        agency_links=pa.table({"person_id": ["p_bo"], "source": ["school"], "known_from": [date(2020, 1, 1)]}),
        coverage=(),
        contract=kinds,
        synthetic=True,
        inputs={},
    )
    generation = write_generation(tmp_path_factory.mktemp("sections"), contents)
    return AuditData(generation=generation, contract=kinds, outcome=OUTCOME)


def scored(**more):
    rows = cells(SCORED)
    margin = np.array([float(row["margin"]) for row in rows])
    return Predictions(
        family_id=np.array([row["family"] for row in rows]),
        as_of_date=np.array([row["date"] for row in rows], dtype="datetime64[D]"),
        margin=margin,
        probability=1 / (1 + np.exp(-margin)),
        label=np.array([int(row["label"]) for row in rows], dtype=np.int8),
        **more,
    )


def section(result, name):
    (found,) = [each for each in result.sections if each.name == name]
    return {row.label.removeprefix("Ethnicity: "): row.values for row in found.rows}


@pytest.fixture(scope="module")
def audited(data):
    return audit_predictions(scored(), data=data, policy=POLICY, title="")


def test_a_groups_part_of_list_scored_children_and_caseload_stand_beside_each_other(audited):
    # Listed: p_bo twice. Scored: p_bo, p_cy, p_di, each twice. All children: these and p_ed, whose case alone is open.
    assert section(audited, "composition") == {
        "White British (WBRI)": (0.0, pytest.approx(1 / 3), 0.5, 1.0),
        "Pakistani (APKN)": (1.0, pytest.approx(2 / 3), 0.5, 0.0),
    }


def test_what_others_decided_is_told_by_group_for_the_last_two_years(audited):
    # p_cy's enquiry of 2020 is too old.
    assert section(audited, "label_checks") == {
        "White British (WBRI)": (None, 0.5, None),
        "Pakistani (APKN)": (0.5, None, 1.0),
    }


def test_who_is_not_asked_is_told_of_families_with_a_birth(audited):
    # p_bo's mother was asked after her mood; nobody of p_di's family was.
    assert section(audited, "screening") == {"White British (WBRI)": (None,), "Pakistani (APKN)": (0.5,)}


def test_who_stays_on_the_list_is_told_of_those_listed_first_without_an_outcome(audited):
    assert section(audited, "staying") == {"White British (WBRI)": (None,), "Pakistani (APKN)": (1.0,)}


def test_how_often_a_record_is_made_and_what_follows_it_is_told_of_what_was_known_on_the_date(audited):
    # APKN: p_bo on both dates (his mother's incident), p_di on the second; of the three one had the outcome.
    told = section(audited, "records_domestic_abuse_incident")
    assert told["Pakistani (APKN)"] == (0.75, pytest.approx(1 / 3), "–")
    assert told["White British (WBRI)"][:2] == (0.5, 0.0)
    assert told["White British (WBRI)"][2].startswith("0.0 times (0.0 to ")
    assert section(audited, "records_contact") == {
        "White British (WBRI)": (0.0, None, "–"),
        "Pakistani (APKN)": (0.25, 0.0, "–"),
    }


def test_help_is_told_of_those_listed_and_of_those_missed(audited):
    # p_bo's family had help in April: within half a year of the first list, not after the second, on which he had the
    # outcome. Nobody who had it was missed.
    told = section(audited, "help")
    assert told == {"White British (WBRI)": (None, None, None), "Pakistani (APKN)": (0.5, 0.0, None)}


def test_known_and_never_known_are_told_apart_within_each_group(audited):
    # p_cy's referral of 2021 makes f_2 known, p_di with it; f_1 was never referred.
    assert section(audited, "known_within") == {
        "White British (WBRI), known before": (0.0, None, None),
        "White British (WBRI), never known": (None, None, None),
        "Pakistani (APKN), known before": (0.0, None, None),
        "Pakistani (APKN), never known": (1.0, 1.0, 0.5),
    }


def test_small_shares_are_withheld_where_the_data_are_not_public(data):
    closed = POLICY.model_copy(update={"public_data": False, "disclosure": "suppress"})
    result = audit_predictions(scored(), data=data, policy=closed, title="")
    values = {value for each in result.sections for row in each.rows for value in row.values}
    assert values <= {"c", None}


def test_without_gating_comparisons_no_section_is_made(data):
    assert (
        audit_predictions(scored(), data=data, policy=POLICY.model_copy(update={"gating": ()}), title="").sections == ()
    )


@pytest.fixture(scope="module")
def district(tmp_path_factory):
    """Return 3,000 families with one child each; `tells` follows the child's group, which is unknown for some."""
    random = np.random.default_rng(3)
    families = [f"f_{number:04}" for number in range(3000)]
    group = np.where(random.random(3000) < 0.4, "APKN", "WBRI")
    kinds = contract()
    schema = fact_schema(kinds["person_described"])
    described = [
        {"fact_id": at, "person_id": f"p_{at:04}", "event_date": date(2020, 1, 1), "knowledge_date": date(2020, 1, 1)}
        | {"source": "school", "ethnicity": str(group[at])}
        for at in range(3000)
    ]
    members = [
        {"family_id": family, "person_id": f"p_{at:04}", "is_child": True, "birth_date": date(2015, 1, 1)}
        | {"visible_from": date(2020, 1, 1)}
        for at, family in enumerate(families)
    ]
    contents = GenerationContents(
        facts={"person_described": pa.Table.from_pylist(described, schema)},
        memberships=pa.Table.from_pylist(members, MEMBERSHIPS),
        agency_links=pa.table({"person_id": ["p_0000"], "source": ["school"], "known_from": [date(2020, 1, 1)]}),
        coverage=(),
        contract=kinds,
        synthetic=True,
        inputs={},
    )
    generation = write_generation(tmp_path_factory.mktemp("proxies"), contents)
    tells = (group == "APKN") + 0.3 * random.normal(size=3000)
    X = np.column_stack([tells, random.normal(size=3000)])
    unknown = np.zeros((3000, 2), dtype=np.int8)
    unknown[(group == "APKN") & (random.random(3000) < 0.5), 1] = 1
    X[unknown != 0] = np.nan
    y = (random.random(3000) < np.where(tells > 0.5, 0.4, 0.2)).astype(np.int8)
    rows = Rows(
        table=Matrix(np.array(families), np.full(3000, np.datetime64("2024-03-03")), ("tells", "noise"), X, unknown),
        at=slice(0, 3000),
        family=np.arange(3000),
        y=y,
    )
    return AuditData(generation=generation, contract=kinds, outcome=OUTCOME), rows


@pytest.fixture(scope="module")
def of_indicators(district):
    data, rows = district
    settings = EstimatorSettings(names=rows.names, directions=(None, None), seed=1, threads=1)
    booster = train_booster(TrainingRows(rows.X, rows.y, settings=settings), {"num_leaves": 4}, rounds=20)
    margin = booster.trees.predict(rows.X, raw_score=True)
    made = Predictions(
        family_id=rows.family_id,
        as_of_date=rows.as_of_date,
        margin=margin,
        probability=1 / (1 + np.exp(-margin)),
        label=rows.y,
        rows=rows,
        booster=booster,
    )
    policy = POLICY.model_copy(
        update={"cuts": ("top:40%",), "gating": (POLICY.gating[0].model_copy(update={"cut": "top:40%"}),)}
    )
    return audit_predictions(made, data=data, policy=policy, title="")


def test_an_indicator_that_gives_a_group_away_is_named_with_how_well_all_of_them_do(of_indicators):
    told = section(of_indicators, "proxies")
    value, lower, upper, named = told["Pakistani (APKN)"]
    assert lower <= value <= upper
    assert value > 0.95
    assert named.startswith("tells 0.9")


def test_exchanging_an_indicator_costs_what_it_told_and_one_of_noise_costs_nothing(of_indicators):
    told = section(of_indicators, "costs")
    assert list(told) == ["tells", "noise"]
    assert told["tells"][0] == told["noise"][0] == "ethnicity"
    recall, _, recall_lost, precision_lost = told["tells"][1:]
    assert recall_lost > 0.1
    assert precision_lost > 0.05
    # Without what tells, the 40 % listed hold about 40 % of the outcomes.
    assert recall == pytest.approx(0.4, abs=0.05)
    says = next(each.says for each in of_indicators.sections if each.name == "costs")[0]
    assert f"recall at the main cut is {100 * (recall + recall_lost):.1f}% and" in says
    assert abs(told["noise"][3]) < 0.03


def test_what_is_unknown_is_told_by_group_and_reason(of_indicators):
    told = section(of_indicators, "unknowns")
    assert told["White British (WBRI)"] == (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    # One of two indicators was not shared for half of the group: a quarter of what is asked.
    quarter = pytest.approx(0.25, abs=0.02)
    assert told["Pakistani (APKN)"] == (quarter, quarter, 0.0, 0.0, 0.0, 0.0)
    says, headings = next((e.says, e.columns) for e in of_indicators.sections if e.name == "unknowns")
    assert [each.heading for each in headings] == [
        "Unknown", "Not shared", "Not collected", "Not linked", "Agreement expired", "Not applicable"
    ]  # fmt: skip
    assert says[-1].startswith("By ethnicity, least evenly known: noise (")


def test_why_each_group_is_listed_is_told_in_parts_of_the_margin(of_indicators):
    headings = next(each.columns for each in of_indicators.sections if each.name == "explanations")
    assert [column.heading for column in headings] == ["tells", "noise", "all that is unknown"]
    told = section(of_indicators, "explanations")
    assert told["Pakistani (APKN)"][0] > 0


DATES = ("2021-01-03", "2021-04-04", "2022-03-06", "2022-06-05")
DEFINITION = TrainingDefinition.model_validate(
    {
        "seed": 1,
        "dates": {"listed": tuple(date.fromisoformat(day) for day in DATES)},
        "split": {"test_dates": 1},
        "validation": {"method": "folds"},
    }
)


def test_what_can_be_seen_is_reckoned_from_the_last_dates_before_those_tested(district):
    data, rows = district
    # Of four dates the last is tested; only the one before whose outcomes were known by then is looked at.
    table = rows.table
    joined = Rows(
        table=Matrix(
            np.tile(table.family_id, 3),
            np.repeat(np.array(["2021-01-03", "2021-04-04", "2022-06-05"], dtype="datetime64[D]"), 3000),
            table.names,
            np.tile(table.values, (3, 1)),
            np.tile(table.unknown, (3, 1)),
        ),
        at=slice(0, 9000),
        family=np.tile(rows.family, 3),
        y=np.concatenate([rows.y, rows.y, 1 - rows.y]),
    )
    (found,) = foreseen_gaps(joined, DEFINITION, POLICY, generation=data.generation, outcome=OUTCOME)
    groups = np.array([row["ethnicity"] for row in data.generation.facts("person_described").to_pylist()])
    expected = [int(rows.y[groups == code].sum()) for code in ("APKN", "WBRI")]
    assert (found.group_n, found.reference_n) == tuple(expected)


def test_dates_without_anyone_to_count_are_refused(district, data):
    other, rows = data, district[1]
    days = np.where(rows.family < 900, np.datetime64("2021-01-03"), np.datetime64("2022-06-05"))
    alone = replace(rows, table=replace(rows.table, as_of_date=days))
    with pytest.raises(DataError, match=r"^No scored family has a child to count on 2021-01-03 and before\.$"):
        foreseen_gaps(alone, DEFINITION, POLICY, generation=other.generation, outcome=OUTCOME)
    assert issubclass(DataError, TargetingError)
