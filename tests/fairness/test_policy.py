import hashlib
import json
from datetime import date
from pathlib import Path

import pytest

from targeting.errors import DeclarationError
from targeting.fairness.maps import MAPS
from targeting.fairness.policy import read_policy
from targeting.records.codes import ETHNICITY

ROOT = Path(__file__).parents[2]
REFUSED = {
    "ethnicity",
    "religion",
    "language",
    "nationality",
    "immigration_status",
    "sexual_orientation",
    "gender_reassignment",
    "sex",
    "disability",
    "learning_disability",
    "sen",
}


@pytest.fixture
def faults(policy):
    """Return a function that gives what is wrong with a policy, one line a fault."""

    def read(text):
        with pytest.raises(DeclarationError) as raised:
            policy(text)
        return str(raised.value).splitlines()

    return read


def test_the_district_refuses_what_the_design_names_and_lets_in_what_was_reviewed():
    rules = read_policy(ROOT / "fairness" / "policy.toml").attribute_rules()
    assert {name for name, rule in rules.items() if rule.attribute_class == "refused"} == REFUSED | {
        "ethnicity_grouped",
        "protected_identity",
    }
    reviewed = {name for name, rule in rules.items() if rule.is_reviewed(date(2026, 3, 29))}
    assert reviewed == {"age", "pregnancy_and_maternity", "mental_ill_health", "moves", "family_size"}
    assert not any(rule.is_reviewed(date(2028, 1, 1)) for rule in rules.values())


def test_the_district_pools_neither_roma_nor_irish_traveller_nor_what_is_not_known():
    grouped = read_policy(ROOT / "fairness" / "policy.toml").attribute_named("ethnicity_grouped")
    alone = [codes for codes in grouped.groups.values() if len(codes) == 1]
    assert {("WROM",), ("WIRT",), ("REFU",), ("NOBT",)} <= set(alone)
    assert sum(map(len, grouped.groups.values())) == 20


def test_a_split_without_a_class_is_audited_and_is_no_rule(policy):
    read = policy('cuts = ["top:1%"]\n[[attribute]]\nname = "known_before"\ncolumn = "known_before"')
    assert [attribute.name for attribute in read.audited] == ["known_before"]
    assert read.attribute_rules() == {}


def test_every_fault_is_told_at_once_with_its_place(faults):
    assert faults(
        """
        public_dat = true
        disclosure = "non"
        cuts = []
        [[attribute]]
        name = "age"
        class = "justifed"
        [[attribute]]
        name = "area"
        class = "proxy"
        review_date = "2027-04-01"
        """
    ) == [
        "fairness/policy.toml: attribute[0].class: input should be 'refused', 'justified' or 'proxy'.",
        "fairness/policy.toml: attribute[1].review_date: should be a date written without quotes, such as 2027-04-01.",
        "fairness/policy.toml: cuts: tuple should have at least 1 item after validation, not 0.",
        "fairness/policy.toml: disclosure: input should be 'none', 'suppress' or 'round:5'.",
        "fairness/policy.toml: public_dat: no such key. Those that do: attribute, capacity, columns, cuts, decided, "
        "disclosure, gating, public_data, unit. Did you mean public_data?",
    ]


ATTRIBUTES = """
cuts = ["top:1%"]
[[attribute]]
name = "ethnicity"
class = "refused"
column = "ethnicity"
groups = { White = ["WBRI"], Roma = ["WROM"] }
reference = "White"
[[attribute]]
name = "age"
class = "justified"
"""


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        (
            "review_date = 2027-04-01",
            [
                "attribute[1].cost_of_dropping: is missing: say what would be lost without the attribute. "
                "(attribute 'age')",
                "attribute[1].owner: is missing: name the role that answers for the review. (attribute 'age')",
                "attribute[1].reason: is missing: say why the attribute is needed. (attribute 'age')",
            ],
        ),
        (
            'reference = "5-9"',
            ["attribute[1].reference: compares nothing where the attribute has no `column`. (attribute 'age')"],
        ),
        (
            '[[attribute]]\nname = "age"\ncolumn = "years"',
            [
                f"attribute[{index}].name: is declared more than once; give each attribute a name of its own. "
                "(attribute 'age')"
                for index in (1, 2)
            ],
        ),
        (
            '[[attribute]]\nname = "none"',
            [
                'attribute[2].class: is missing: "refused", "justified" or "proxy"; or give a `column`, to audit it '
                "alone. (attribute 'none')"
            ],
        ),
        (
            '[[attribute]]\nname = "both"\nintersection = ["ethnicity", "sex"]',
            [
                "attribute[2].intersection: 'sex' is no attribute with a column. Those that do: ethnicity. "
                "(attribute 'both')"
            ],
        ),
        (
            '[[attribute]]\nname = "x"\ncolumn = "x"\ngroups = { all = ["1"], a = ["1"] }\nreference = "b"',
            [
                "attribute[2].groups: the value '1' is in more than one group. (attribute 'x')",
                "attribute[2].groups.all: stands for everyone in every table; name the group otherwise. "
                "(attribute 'x')",
                "attribute[2].reference: 'b' is not among the groups. Those that do: a, all. (attribute 'x')",
            ],
        ),
        (
            '[[attribute]]\nname = "sex"\nclass = "refused"\nreview_date = 2027-04-01',
            [
                "attribute[2].review_date: is for justified and proxy attributes: no review makes another one an "
                "input. (attribute 'sex')"
            ],
        ),
    ],
)
def test_an_attribute_that_contradicts_itself_is_a_fault(faults, added, expected):
    assert faults(ATTRIBUTES + added) == [f"fairness/policy.toml: {fault}" for fault in expected]


@pytest.mark.parametrize(
    ("gating", "expected"),
    [
        (
            ("sex", "Roma", "tpr_difference", "top:1%", "0.1"),
            "attribute: 'sex' is not audited. Those that do: ethnicity.",
        ),
        (
            ("ethnicity", "White", "tpr_difference", "top:1%", "0.1"),
            "group: 'White' is compared with itself; name another group.",
        ),
        (
            ("ethnicity", "Romany", "tpr_difference", "top:1%", "0.1"),
            "group: 'Romany' is not among the groups. Those that do: Roma, White. Did you mean Roma?",
        ),
        (
            ("ethnicity", "Roma", "tpr_difference", "top:5%", "0.1"),
            "cut: 'top:5%' is not among the cuts. Those that are: top:1%.",
        ),
        (
            ("ethnicity", "Roma", "tpr_ratio", "top:1%", "1.0"),
            "limit: of a ratio is a factor above 1 (1.25: a quarter more or less passes).",
        ),
        (("ethnicity", "Roma", "tpr_difference", "top:1%", "0"), "limit: input should be greater than 0."),
    ],
)
def test_a_gating_comparison_of_what_is_not_there_is_a_fault(faults, gating, expected):
    attribute, group, measure, cut, limit = gating
    text = f"""{ATTRIBUTES}
    [[gating]]
    attribute = "{attribute}"
    group = "{group}"
    measure = "{measure}"
    cut = "{cut}"
    limit = {limit}
    """
    assert faults(text) == [f"fairness/policy.toml: gating[0].{expected}"]


def test_a_gating_measure_has_to_compare(faults):
    gate = '[[gating]]\nattribute = "ethnicity"\ngroup = "Roma"\nmeasure = "tpr"\ncut = "top:1%"\nlimit = 0.1'
    place = "fairness/policy.toml: gating[0].measure"
    assert faults(ATTRIBUTES + gate) == [f"{place}: 'tpr' compares nothing; write 'tpr_difference' or 'tpr_ratio'."]
    (fault,) = faults(ATTRIBUTES + gate.replace('"tpr"', '"tpr_diff"'))
    assert fault.startswith(f"{place}: 'tpr_diff' is no comparison. Those that do: auc_difference, auc_ratio, ")
    assert "Did you mean tpr_difference" in fault


def test_gating_comparisons_are_few(faults):
    measures = ("tpr_difference", "fnr_ratio", "ppv_difference", "fpr_difference", "auc_difference")
    gates = [
        f'[[gating]]\nattribute = "ethnicity"\ngroup = "Roma"\nmeasure = "{measure}"\ncut = "top:1%"\nlimit = 0.1'
        for measure in (*measures, measures[0])
    ]
    assert faults(ATTRIBUTES + "\n".join(gates)) == [
        "fairness/policy.toml: gating: 5 measures are named; name 4 at most.",
        "fairness/policy.toml: gating[5]: is declared twice.",
    ]


def test_only_public_data_are_shown_without_control(faults):
    assert faults('disclosure = "none"\ncuts = ["top:1%"]') == [
        'fairness/policy.toml: disclosure: "none" is for public data alone: set public_data = true, or disclosure = '
        '"suppress".'
    ]


def test_a_cut_that_is_none_is_a_fault(faults):
    assert faults('cuts = ["top:1%", "score>0.5", "top:0", "top:1%"]') == [
        "fairness/policy.toml: cuts[1]: 'score>0.5' is no cut: a cut is written `score>=0.5`, `top:50`, `top:1%` "
        "or `weeks:13`.",
        "fairness/policy.toml: cuts[2]: 'top:0' lists nobody: scores lie between 0 and 1, places above 0, per cents up "
        "to 100.",
        "fairness/policy.toml: cuts[3]: 'top:1%' is declared twice.",
    ]


def test_the_digest_is_of_what_is_declared_not_of_its_layout(policy):
    plain = policy(ATTRIBUTES).digest
    assert policy(ATTRIBUTES + "# a remark\n").digest == plain
    assert policy(ATTRIBUTES.replace("Roma =", "Rom =")).digest != plain


def test_a_file_that_is_not_there_or_no_toml_is_said(faults, tmp_path):
    with pytest.raises(DeclarationError, match=r"^absent/policy\.toml: the file does not exist\.$"):
        read_policy(tmp_path / "absent" / "policy.toml")
    assert faults("cuts = [")[0].startswith("fairness/policy.toml: not valid TOML: ")


def test_a_cut_by_weeks_needs_a_capacity(faults):
    assert faults('cuts = ["weeks:13"]') == [
        "fairness/policy.toml: cuts[0]: 'weeks:13' needs `capacity`: how many families a week are listed."
    ]


def test_a_map_gives_the_groups_of_its_version(policy):
    read = policy(
        """
        cuts = ["top:1%"]
        [[attribute]]
        name = "ethnicity"
        column = "ethnicity"
        map = "ethnicity-5-census-2021@1"
        reference = "White"
        """
    )
    assert read.attribute[0].groups["Traveller of Irish heritage"] == ("WIRT",)
    assert len(read.attribute[0].groups) == 9


def test_a_map_that_does_not_exist_and_one_beside_groups_are_faults(faults):
    attribute = '[[attribute]]\nname = "{0}"\ncolumn = "e"\nmap = "{1}"\n'
    told = faults(
        'cuts = ["top:1%"]\n'
        + attribute.format("one", "ethnicity-5@1")
        + attribute.format("two", "ethnicity-5-census-2021@1")
        + 'groups = { White = ["WBRI"] }\n'
    )
    assert told[0].startswith(
        "fairness/policy.toml: attribute[0].map: 'ethnicity-5@1' is no map. Those that do: ethnicity-19-census-2021@1, "
    )
    assert told[1] == (
        "fairness/policy.toml: attribute[1].map: and `groups` are both declared; keep one. (attribute 'two')"
    )


def test_every_map_has_each_code_once_and_pools_no_roma_or_traveller_child():
    codes = set(ETHNICITY.codes)
    assert len(codes) == 20
    for groups in MAPS.values():
        members = [code for group in groups.values() for code in group]
        assert sorted(members) == sorted(codes)
        assert [groups[name] for name in ("Gypsy or Roma", "Traveller of Irish heritage", "Refused")] == [
            ("WROM",),
            ("WIRT",),
            ("REFU",),
        ]


def test_maps_stay_what_they_were_under_their_version():
    digests = {
        name: hashlib.sha256(json.dumps(groups, sort_keys=True).encode()).hexdigest()[:12]
        for name, groups in MAPS.items()
    }
    assert digests == {
        "ethnicity-5-census-2021@1": "6b4d4ca3226e",
        "ethnicity-19-census-2021@1": "76c8a00f0a8d",
    }
