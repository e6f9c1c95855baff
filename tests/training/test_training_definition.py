from datetime import date

import pytest

from targeting.errors import DeclarationError
from targeting.training.reading import faults_of_baselines, read_training_definition

WHOLE = """
seed = 7

[dates]
first = 2024-01-07
last = 2024-02-18
every_weeks = 2

[baselines]
count = "referrals_ever"
points = [{ indicator = "incidents", at_least = 1, points = 2 }]
"""


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        path = tmp_path / "training" / "escalation.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return read_training_definition(path)

    return read_text


def test_dates_run_from_the_first_by_weeks_up_to_the_last(read):
    assert read(WHOLE).as_of_dates == (date(2024, 1, 7), date(2024, 1, 21), date(2024, 2, 4), date(2024, 2, 18))


def test_listed_dates_are_put_in_order(read):
    definition = read("seed = 1\n[dates]\nlisted = [2024-05-01, 2023-05-01]\n")
    assert definition.as_of_dates == (date(2023, 5, 1), date(2024, 5, 1))


def test_a_split_that_lists_its_dates_needs_no_others(read):
    definition = read("seed = 1\n[split]\ntrain = [2023-01-01]\ntest = [2024-01-01]\n")
    assert definition.as_of_dates == (date(2023, 1, 1), date(2024, 1, 1))


def test_every_fault_is_told_at_once_with_file_and_key(read):
    text = WHOLE.replace("seed = 7", 'seed = "7"\nthreds = 2') + '[validation]\nmethod = "random"\n'
    with pytest.raises(DeclarationError) as raised:
        read(text)
    places = {fault.place: fault.message for fault in raised.value.faults}
    assert set(places) == {f"training/escalation.toml: {key}" for key in ("seed", "threds", "validation.method")}
    assert "Did you mean threads" in places["training/escalation.toml: threds"]


@pytest.mark.parametrize(
    ("added", "message"),
    [
        ("[search.space]\nnum_leaves = { low = 30, high = 8 }", r"search.space.num_leaves: `low` \(30\) is not below"),
        (
            "[search.space]\nlambda_l2 = { low = 0, high = 8, log = true }",
            "a range by order of magnitude begins above 0",
        ),
        ("[search.space]\nnum_trees = { low = 1, high = 8 }", "search.space.num_trees"),
        ("[search.fixed]\nmax_depth = 12\n[search.space]\n", "max_depth goes to 12; 10 is the most"),
        ("[search.fixed]\nnum_leaves = 12\n", "search.fixed.num_leaves: is in the search space too"),
        ("[gates]\ncalibration_slope = [1.2, 0.8]", "the lower bound 1.2 is not below the upper bound 0.8"),
        ('[gates]\nclearly_beaten = ["point_rule"]', r"gates.clearly_beaten"),
        ("[split]\ntrain = [2023-01-01]", "give both `train` and `test`"),
        ("[split]\ntrain = [2023-01-01]\ntest = [2023-01-01]", "a date is in both `train` and `test`"),
        ("[split]\ntrain = [2023-01-01]\ntest = [2024-01-01]", r"leave `\[dates\]` out"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(read, added, message):
    with pytest.raises(DeclarationError, match=message):
        read(f"{WHOLE}\n{added}\n")


@pytest.mark.parametrize(
    ("dates", "message"),
    [
        ("first = 2024-01-07", "give either `listed`, or both"),
        ("first = 2024-01-07\nlast = 2024-02-07\nlisted = [2024-01-01]", "give either `listed`, or both"),
        ("first = 2024-01-07\nlast = 2023-02-07", "`last` is before `first`"),
        ("listed = [2024-01-01, 2024-01-01]", "holds a date twice"),
    ],
)
def test_dates_that_cannot_be_are_refused(read, dates, message):
    with pytest.raises(DeclarationError, match=message):
        read(f"seed = 1\n[dates]\n{dates}\n")


def test_a_baseline_on_an_indicator_that_the_model_lacks_is_told_what_exists(read):
    faults = faults_of_baselines(read(WHOLE), ("incident", "moves"))
    assert [fault.place for fault in faults] == [
        "training/escalation.toml: baselines.points",
        "training/escalation.toml: baselines.count",
    ]
    assert "'incidents' is no indicator of the model. Those that do: incident, moves. Did you mean incident?" in str(
        faults[0]
    )
