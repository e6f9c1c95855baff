"""A model's test predictions, spread over the people of each family."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from targeting.errors import DataError, DeclarationError
from targeting.fairness.definition import Policy
from targeting.features import Outcome, days, facts
from targeting.records.contract import contract
from targeting.store.contents import MEMBERSHIPS, GenerationContents, fact_schema
from targeting.store.generations import write_generation
from targeting.training.audit import AuditData, audit_predictions
from targeting.training.judgement import Predictions

MEMBERS = """
family_id | person_id | is_child | birth_date | visible_from | visible_to
f_1       | p_ann     | no       | 1985-01-01 | 2020-01-01   |
f_1       | p_bo      | yes      | 2015-06-01 | 2020-01-01   |
f_1       | p_cy      | yes      | 2024-05-01 | 2023-12-01   |
f_2       | p_di      | no       | 1990-01-01 | 2020-01-01   |
f_2       | p_ed      | yes      | 2006-03-01 | 2020-01-01   |
f_2       | p_fay     | yes      |            | 2020-01-01   | 2024-01-31
f_2       | p_fay     | yes      |            | 2024-02-01   |
f_3       | p_guy     | no       | 1970-01-01 | 2020-01-01   |
f_4       | p_hal     | yes      | 2010-01-01 | 2020-01-01   |
"""
DESCRIBED = """
fact_id | person_id | event_date | knowledge_date | superseded_on | source | ethnicity | sex
1       | p_bo      | 2020-01-01 | 2020-01-01     |               | school | APKN      | 1
2       | p_bo      | 2021-01-01 | 2021-01-01     |               | care   | NOBT      |
3       | p_ed      | 2020-01-01 | 2020-01-01     |               | school | WBRI      | 1
4       | p_ed      | 2020-01-01 | 2025-01-01     |               | care   | WIRT      |
5       | p_cy      | 2024-06-01 | 2024-06-01     | 2024-07-01    | school | BCRB      | 2
6       | p_fay     | 2020-01-01 | 2020-01-01     |               | school | REFU      |
7       | p_hal     | 2020-01-01 | 2020-01-01     |               | school | WROM      |
"""
ADDRESSES = """
fact_id | person_id | event_date | knowledge_date | superseded_on | source | ward | deprivation_decile
11      | p_bo      | 2019-01-01 | 2019-01-02     |               | school | w1   | 1
12      | p_bo      | 2023-01-01 | 2024-03-05     |               | school | w2   | 9
13      | p_ed      | 2020-01-01 | 2020-01-02     |               | school | w3   |
"""
REFERRALS = """
fact_id | person_id | event_date | knowledge_date | superseded_on | source | episode_id
21      | p_di      | 2024-03-01 | 2024-03-03     |               | care   | e1
"""
# family | date | margin | probability | label
SCORED = """
f_1 | 2024-03-03 | -1 | 0.20 | 1
f_2 | 2024-03-03 | -2 | 0.10 | 0
f_3 | 2024-03-03 |  5 | 0.90 | 0
f_1 | 2024-06-02 | -3 | 0.05 | 0
f_2 | 2024-06-02 | -1 | 0.20 | 0
"""
COLUMNS = {
    "ethnicity": "person_described.ethnicity",
    "sex": "person_described.sex",
    "ward": "address_recorded.ward",
    "deprivation": "address_recorded.deprivation_decile",
    "age": "age_band",
    "size": "family_size",
    "known": "known_before",
}


def table(text, schema):
    heading, *lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    rows = [dict(zip(heading, cells, strict=True)) for cells in lines]
    return pa.Table.from_pylist(
        [{n: read(row.get(n, ""), schema.field(n).type) for n in schema.names} for row in rows], schema
    )


def read(cell, kind):
    if cell == "":
        return None
    if pa.types.is_date(kind):
        return date.fromisoformat(cell)
    return cell == "yes" if pa.types.is_boolean(kind) else pa.scalar(cell).cast(kind).as_py()


@pytest.fixture
def data(tmp_path):
    kinds = contract()
    told = {"person_described": DESCRIBED, "address_recorded": ADDRESSES, "referral": REFERRALS}
    contents = GenerationContents(
        facts={name: table(text, fact_schema(kinds[name])) for name, text in told.items()},
        memberships=table(MEMBERS, MEMBERSHIPS),
        agency_links=pa.table({"person_id": ["p_bo"], "source": ["school"], "known_from": [date(2020, 1, 1)]}),
        coverage=(),
        contract=kinds,
        synthetic=True,
        inputs={},
    )
    outcome = Outcome(
        "a child came to be looked after",
        events=(facts("care_started"),),
        lead=days(28),
        horizon=days(182),
        settling=days(91),
    )
    return AuditData(generation=write_generation(tmp_path, contents), contract=kinds, outcome=outcome)


@pytest.fixture
def predictions():
    cells = [[cell.strip() for cell in line.split("|")] for line in SCORED.strip().splitlines()]
    family, day, margin, probability, label = zip(*cells, strict=True)
    return Predictions(
        family_id=np.array(family),
        as_of_date=np.array(day, dtype="datetime64[D]"),
        margin=np.array(margin, dtype=float),
        probability=np.array(probability, dtype=float),
        label=np.array(label, dtype=np.int8),
    )


def policy(columns=COLUMNS, unit="child", cuts=("top:1",), **of_each):
    attributes = tuple({"name": name, "column": column, **of_each} for name, column in columns.items())
    declared = {"public_data": True, "disclosure": "none", "unit": unit, "cuts": cuts, "attribute": attributes}
    return Policy.model_validate(declared)


def counted(result, attribute, metric="n", cut="top:1"):
    (found,) = [each for each in result.attributes if each.name == attribute]
    return {group.group: group.at(cut)[metric].value for group in found.groups}


def test_the_unit_is_a_child_or_unborn_of_a_scored_family_on_the_date(predictions, data):
    result = audit_predictions(predictions, data=data, policy=policy(), title="Escalation")
    # On 3 March p_ed is 18 since two days and p_cy unborn; p_fay has no birth date and is a child of the family.
    assert counted(result, "age") == {"unborn": 1, "under 1": 1, "5-9": 2, "not recorded": 2, "all": 6}
    assert (result.audited.entities, result.audited.clusters, result.audited.lists) == (3, 2, 2)
    assert result.synthetic
    assert result.outcome == "a child came to be looked after"


def test_the_words_of_a_column_are_the_contracts(predictions, data):
    result = audit_predictions(predictions, data=data, policy=policy(), title="")
    assert [group.words for group in result.attributes[0].groups] == [
        "Refused (REFU)",
        "Not yet obtained (NOBT)",
        "not recorded",
        "All",
    ]


def test_a_place_is_a_familys_and_each_dates_list_is_cut_by_margin_apart(predictions, data):
    result = audit_predictions(predictions, data=data, policy=policy(), title="")
    # f_1 leads on 3 March, f_2 on 2 June; f_3 has no child, and takes no place although it scores highest.
    assert counted(result, "age", "selected") == {"unborn": 1, "under 1": 0, "5-9": 1, "not recorded": 1, "all": 3}
    assert counted(result, "age", "tp")["all"] == 2
    assert "Families without a child to count, each on one date: 1. They took no place on a list." in result.notes


def test_the_latest_description_counts_unless_it_says_nothing(predictions, data):
    person = policy({"ethnicity": COLUMNS["ethnicity"]}, unit="person")
    by_now = counted(audit_predictions(predictions, data=data, policy=person, title=""), "ethnicity")
    assert by_now == {"WIRT": 2, "REFU": 2, "NOBT": 2, "not recorded": 7, "all": 13}
    yielding = policy({"ethnicity": COLUMNS["ethnicity"]}, unit="person", gives_way=("NOBT", "REFU"))
    preferred = counted(audit_predictions(predictions, data=data, policy=yielding, title=""), "ethnicity")
    assert preferred == {"WIRT": 2, "APKN": 2, "REFU": 2, "not recorded": 7, "all": 13}


def test_a_value_as_known_on_the_date_is_what_could_be_known_then(predictions, data):
    then = policy({"ethnicity": COLUMNS["ethnicity"], "ward": COLUMNS["ward"]}, unit="person", as_known="on_the_date")
    result = audit_predictions(predictions, data=data, policy=then, title="")
    # p_ed's other description came in 2025; p_cy's held from June to July, and was not yet known on 2 June's list.
    assert counted(result, "ethnicity") == {"WBRI": 2, "BCRB": 1, "REFU": 2, "NOBT": 2, "not recorded": 6, "all": 13}
    # p_bo's new address became known on 5 March.
    assert counted(result, "ward") == {"w1": 1, "w2": 1, "w3": 2, "not recorded": 9, "all": 13}


def test_family_size_deprivation_and_whether_known_before_follow_from_family_and_date(predictions, data):
    result = audit_predictions(predictions, data=data, policy=policy(), title="")
    assert counted(result, "size") == {"1": 2, "2": 4, "all": 6}
    assert counted(result, "deprivation") == {"9": 2, "not recorded": 4, "all": 6}
    # The referral of p_fay's mother became known on 3 March: after that day's list.
    assert counted(result, "known") == {"known before": 1, "never known": 5, "all": 6}


def test_what_is_of_now_is_said(predictions, data):
    notes = audit_predictions(predictions, data=data, policy=policy(), title="", notes=["First."]).notes
    assert notes[:3] == (
        "First.",
        "Scored on 2024-03-03, 2024-06-02, by a model that had learnt from earlier dates alone.",
        "The outcome is the family's: where it came, it counts for each child of the family.",
    )
    assert any(note.startswith("As recorded by now, not on the list's date: ethnicity, sex, ward,") for note in notes)


def test_columns_that_do_not_exist_are_all_told_at_once(predictions, data):
    wrong = policy({"a": "person_describe.ethnicity", "b": "person_described.ethnic", "c": "agebands"})
    with pytest.raises(DeclarationError) as raised:
        audit_predictions(predictions, data=data, policy=wrong, title="")
    first, second, third = str(raised.value).splitlines()
    place = "fairness/policy.toml: attribute"
    assert first.startswith(f"{place}[0].column: the kind of fact 'person_describe' does not exist. Those that do: ")
    assert first.endswith("Did you mean person_described? (attribute 'a')")
    assert second == (
        f"{place}[1].column: 'person_described' has no column 'ethnic'. Those that do: disability, ethnicity, sex. "
        "Did you mean ethnicity? (attribute 'b')"
    )
    assert third == (
        f"{place}[2].column: 'agebands' is no column: write `kind.column`, or a derived one. "
        "Those that do: age_band, family_size, known_before. Did you mean age_band? (attribute 'c')"
    )


def test_nobody_to_count_is_said(predictions, data):
    only = np.flatnonzero(predictions.family_id == "f_3")
    arrays = ("family_id", "as_of_date", "margin", "probability", "label")
    adults = Predictions(**{name: getattr(predictions, name)[only] for name in arrays})
    with pytest.raises(DataError, match=r"^No scored family has a child to count; there is nobody to audit\.$"):
        audit_predictions(adults, data=data, policy=policy(), title="")


def test_the_same_predictions_give_the_same_audit(predictions, data):
    first, second = (audit_predictions(predictions, data=data, policy=policy(), title="") for _ in range(2))
    assert first == second
