import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from targeting.errors import DataError, DeclarationError
from targeting.fairness.output import audit_files
from targeting.fairness.scores_file import audit_scores_file

POLICY = """
public_data = true
disclosure = "none"
cuts = ["top:1"]
[columns]
cluster = "family"
list = "week"
place = "family"
[[attribute]]
name = "ethnicity"
class = "refused"
column = "ethnic_code"
"""
SCORES = """entity_id,score,label_value,family,week,ethnic_code
001,0.9,1,f1,w1,WBRI
002,0.9,0,f1,w1,
003,0.4,1.0,f2,w1,APKN
001,0.2,0,f1,w2,WBRI
003,0.3,0,f2,w2, APKN
"""


@pytest.fixture
def files(tmp_path):
    """Return a function that writes scores and policy, and audits them."""

    def run(scores=SCORES, policy=POLICY, name="scores.csv"):
        (tmp_path / "policy.toml").write_text(policy)
        if scores is not None:
            (tmp_path / name).write_bytes(scores if isinstance(scores, bytes) else scores.encode())
        return audit_scores_file(tmp_path / name, tmp_path / "policy.toml")

    return run


def test_ids_stay_text_lists_are_cut_apart_and_families_take_one_place(files):
    result = files()
    groups = {
        group.group: tuple(group.at("top:1")[name].value for name in ("n", "selected", "tp"))
        for group in result.attributes[0].groups
    }
    assert groups == {"APKN": (2, 1, 0), "WBRI": (2, 1, 1), "not recorded": (1, 1, 0), "all": (5, 3, 1)}
    assert (result.audited.lists, result.audited.entities, result.audited.clusters) == (2, 3, 2)
    assert result.notes[:2] == (
        "All 5 rows of the file are counted.",
        "ethnicity: rows of the file without a value: 1.",
    )


def test_the_same_file_gives_the_same_audit_to_the_byte(files):
    assert audit_files(files()) == audit_files(files())


def test_parquet_is_read_like_csv(files, tmp_path):
    expected = files()
    table = pa.table(
        {
            "entity_id": ["001", "002", "003", "001", "003"],
            "score": [0.9, 0.9, 0.4, 0.2, 0.3],
            "label_value": [1, 0, 1, 0, 0],
            "family": ["f1", "f1", "f2", "f1", "f2"],
            "week": ["w1", "w1", "w1", "w2", "w2"],
            "ethnic_code": ["WBRI", None, "APKN", "WBRI", "APKN"],
        }
    )
    pq.write_table(table, tmp_path / "scores.parquet")
    assert files(None, name="scores.parquet").attributes == expected.attributes


def test_every_fault_of_a_file_is_told_at_once_without_a_value_of_it(files, tmp_path):
    broken = "entity_id,score,label_value,family,week,ethnic_code\n1,abc,2,f,w,a\n1,1.5,,f,w,a\n,0.5,1,f,w,a\n"
    with pytest.raises(DataError) as raised:
        files(broken)
    place = tmp_path / "scores.csv"
    assert str(raised.value).splitlines() == [
        f"{place}: 1 of 3 rows has no entity; every row needs an id.",
        f"{place}: 1 of 3 rows has no score, or one that is no number.",
        f"{place}: 1 of 3 rows has a score outside 0 to 1; scale scores to lie within.",
        f"{place}: 2 of 3 rows have a label other than 0 and 1, or none.",
        f"{place}: 1 of 3 rows has an entity that its list has already; each may stand once.",
    ]


def test_a_column_that_is_not_there_is_named_with_those_that_are(files):
    with pytest.raises(
        DataError, match=r"there is no column 'ethnic_code' \(policy: attribute 'ethnicity'\)\. Those that"
    ):
        files(SCORES.replace("ethnic_code", "ethnic_group"))
    with pytest.raises(DataError, match=r"the column 'score' \(policy: columns\.score\) stands 2 times\."):
        files(SCORES.replace("week", "score", 1), POLICY.replace('list = "week"\n', ""))


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        (None, r"scores\.csv: the file does not exist\.$"),
        ("", r"scores\.csv: the file is empty\.$"),
        (SCORES.splitlines()[0] + "\n", r"scores\.csv: the file has no rows\.$"),
        ("a,b\n1\n", r"scores\.csv: not readable as CSV with a heading, commas and UTF-8\.$"),
        (b"entity_id,score\n\xff\xfe,1\n", r"scores\.csv: not readable as CSV with a heading, commas and UTF-8\.$"),
    ],
)
def test_a_file_that_cannot_be_read_is_said(files, scores, message):
    with pytest.raises(DataError, match=message):
        files(scores)


def test_a_fault_of_the_policy_comes_before_any_row_is_read(files):
    with pytest.raises(DeclarationError, match=r"policy\.toml: cuts\[0\]: 'top' is no cut"):
        files(None, POLICY.replace("top:1", "top"))
