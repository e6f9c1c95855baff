"""What is told beside the tables: coarse shares, what changed since the last audit, and the page that shows them."""

import pytest

from targeting.errors import DataError
from targeting.fairness.audit import audit
from targeting.fairness.coarse import coarse_share
from targeting.fairness.definition import Policy
from targeting.fairness.differences import differences
from targeting.fairness.page import audit_to_html
from targeting.fairness.results import Section, SectionColumn, SectionRow
from targeting.fairness.scores_file import audit_scores_file

SHARES = """
3    | 99    | c
0    | 0     |
40   | 99    | c
3    | 100   | 0.05
2    | 100   | 0.0
52   | 100   | 0.5
3    | 1000  | 0.0
6    | 1000  | 0.01
4321 | 10000 | 0.43
"""


@pytest.mark.parametrize("row", [[cell.strip() for cell in line.split("|")] for line in SHARES.strip().splitlines()])
def test_a_share_is_no_finer_than_five_people(row):
    number, out_of, expected = row
    shown = coarse_share(int(number), int(out_of))
    assert shown == ("c" if expected == "c" else None if expected == "" else pytest.approx(float(expected)))


@pytest.mark.parametrize("out_of", [100, 137, 999, 1000, 4321])
def test_no_share_tells_a_count_closer_than_five(out_of):
    shown = [coarse_share(number, out_of) for number in range(out_of + 1)]
    inner = [shown.count(share) for share in sorted(set(shown))[1:-1]]
    assert min(inner) >= 4
    assert shown.count(0.0) >= 3


def test_many_things_of_few_people_are_as_coarse_as_the_people_are_few():
    assert coarse_share(430, 1000, people=90) == "c"
    assert coarse_share(430, 1000, people=300) == 0.45
    assert coarse_share(430, 1000) == 0.43


def test_public_shares_are_told_in_full():
    assert coarse_share(1, 3, "none") == 0.33333333


POLICY = """
public_data = true
disclosure = "none"
cuts = ["score>=0.5"]
[[attribute]]
name = "group"
column = "group"
reference = "a"
[[gating]]
attribute = "group"
group = "b"
measure = "tpr_difference"
cut = "score>=0.5"
limit = 0.1
"""
THEN = "group | score | label | times\na | 0.9 | 1 | 300\na | 0.1 | 1 | 300\nb | 0.9 | 1 | 290\nb | 0.1 | 1 | 310\n"
NOW = "group | score | label | times\na | 0.9 | 1 | 300\na | 0.1 | 1 | 300\nb | 0.9 | 1 | 90\nb | 0.1 | 1 | 510\n"


def test_verdicts_and_gaps_stand_beside_those_of_the_last_audit(policy, rows):
    read = policy(POLICY)
    then, now = (audit(rows(text), read, title=title) for text, title in ((THEN, "first"), (NOW, "second")))
    told = differences(now, then)
    assert told.says == ("The last audit (first) said pass; this one says fail.",)
    (row,) = told.rows
    assert row.label == "recall, scores of 0.5 and above: b against a"
    assert (*row.values[:2], row.values[4]) == ("pass", "fail", "yes")
    assert [value.split(" points")[0] for value in row.values[2:4]] == ["−1.7", "−35.0"]
    assert differences(now, now).rows[0].values[4] == "no"


def test_another_policy_and_other_groups_are_said(policy, rows):
    then = audit(rows(THEN.replace("b |", "c |")), policy(POLICY.replace('"b"', '"c"')), title="first")
    told = differences(audit(rows(NOW), policy(POLICY), title="second"), then)
    assert told.says[1:] == (
        "The policy was changed in between, so that groups, limits or lists may not be the same.",
        "New groups: group b.",
        "Groups no longer there: group c.",
    )
    assert [row.values[:2] for row in told.rows] == [("not compared", "fail"), ("pass", "no longer compared")]


def test_what_is_withheld_in_one_audit_is_not_told_by_comparing_two(policy, rows):
    controlled = Policy.model_validate({**policy(POLICY).model_dump(by_alias=True), "disclosure": "suppress"})
    few = NOW.replace("90", "3")
    (row,) = differences(audit(rows(few), controlled, title=""), audit(rows(THEN), controlled, title="")).rows
    assert (row.values[1], row.values[3], row.values[4]) == ("cannot tell", "c", "cannot tell")


def test_a_file_that_is_no_earlier_audit_is_refused(tmp_path):
    (tmp_path / "policy.toml").write_text(POLICY)
    (tmp_path / "scores.csv").write_text("entity_id,score,label_value,group\n1,0.9,1,a\n2,0.1,0,b\n")
    (tmp_path / "last.json").write_text("{}")
    names = ("scores.csv", "policy.toml", "out")
    with pytest.raises(DataError, match=r"last\.json: not an audit of format 1: "):
        audit_scores_file(*(tmp_path / name for name in names), last=tmp_path / "last.json")
    with pytest.raises(DataError, match=r"none\.json: no audit\.json that can be read\.$"):
        audit_scores_file(*(tmp_path / name for name in names), last=tmp_path / "none.json")
    first = audit_scores_file(*(tmp_path / name for name in names))
    again = audit_scores_file(*(tmp_path / name for name in names), last=tmp_path / "out" / "audit.json")
    assert (len(first.sections), again.sections[0].name) == (0, "differences")


def test_sections_words_and_the_command_are_on_the_page(policy, rows):
    section = Section(
        name="composition",
        title="Who is on the list <&>",
        says=("A list mirrors whom services have met.",),
        columns=(SectionColumn(heading="Of the list"), SectionColumn(heading="AUC", form="number")),
        rows=(SectionRow(label="b", values=(0.25, 0.5)), SectionRow(label="c", values=("c", None))),
    )
    made = audit(rows(NOW), policy(POLICY), title="", command="targeting audit --scores FILE")
    page = audit_to_html(made.__class__(**{**made.__dict__, "sections": (section,)}))
    assert "<td>25%</td><td>0.50</td>" in page
    assert "<td>c</td><td>–</td>" in page
    assert "Who is on the list &lt;&amp;&gt;" in page
    assert "<code>targeting audit --scores FILE</code>" in page
    assert "<dt>Smallest gap to be seen</dt>" in page
    # A section and the table in it are both landmarks: a reader who goes from one to the next must tell them apart.
    assert page.count('aria-label="Who is on the list &lt;&amp;&gt;"') == 0
    assert page.count('aria-label="Who is on the list &lt;&amp;&gt;, as a table"') == 1
