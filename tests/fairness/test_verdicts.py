import pytest

from targeting.fairness.sentences import Words, cut_in_words, overall_sentence, sentence
from targeting.fairness.verdicts import Comparison, judge, overall_verdict

# An interval of a difference or a ratio against its limit, and what can be told.
CASES = """
difference |  0.02 | -0.03 |  0.07 | 0.10 | pass
difference | -0.05 | -0.10 | -0.01 | 0.10 | pass
difference |  0.20 |  0.12 |  0.28 | 0.10 | fail
difference | -0.20 | -0.28 | -0.12 | 0.10 | fail
difference |  0.12 |  0.04 |  0.20 | 0.10 | concern
difference |  0.08 |  0.01 |  0.15 | 0.10 | concern
difference |  0.12 | -0.02 |  0.26 | 0.10 | cannot tell
difference |  0.00 | -0.40 |  0.40 | 0.10 | cannot tell
difference |  0.00 |       |       | 0.10 | cannot tell
difference |       |       |       | 0.10 | cannot tell
ratio      |  1.10 |  0.90 |  1.20 | 1.25 | pass
ratio      |  1.10 |  0.90 |  1.20 | 0.80 | pass
ratio      |  0.60 |  0.50 |  0.70 | 1.25 | fail
ratio      |  1.40 |  1.10 |  1.80 | 1.25 | concern
ratio      |  1.40 |  0.90 |  2.20 | 1.25 | cannot tell
ratio      |  0.00 |  0.00 |  0.70 | 1.25 | fail
ratio      |  0.00 |  0.00 |  1.70 | 1.25 | cannot tell
"""


def comparison(kind, *cells):
    value, lower, upper, limit = (float(cell) if cell else None for cell in cells)
    return Comparison(value=value, lower=lower, upper=upper, limit=limit, is_ratio=kind == "ratio")


@pytest.mark.parametrize("case", [[cell.strip() for cell in line.split("|")] for line in CASES.strip().splitlines()])
def test_the_interval_decides_the_verdict(case):
    *given, expected = case
    assert judge(comparison(*given)) == expected


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["pass", "concern"], "concern"),
        (["pass", "cannot tell", "concern"], "cannot tell"),
        (["fail", "cannot tell"], "fail"),
        (["pass"], "pass"),
        ([], "cannot tell"),
    ],
)
def test_the_gravest_verdict_is_the_whole_audits(verdicts, expected):
    assert overall_verdict(verdicts) == expected


def test_the_smallest_detectable_gap_is_what_shows_four_times_in_five():
    # A standard error of 5 points: (1.96 + 0.84) times that.
    held = comparison("difference", "0", "-0.098", "0.098", "0.1")
    assert held.smallest_detectable_gap == pytest.approx(0.1401, abs=1e-4)
    assert held.times_more_data == pytest.approx(1.963, abs=1e-3)
    assert comparison("ratio", "1", "0.9", "1.1111111", "1.25").smallest_detectable_gap == pytest.approx(
        1.1625, abs=1e-3
    )
    assert comparison("ratio", "0", "0", "0.7", "1.25").smallest_detectable_gap is None


def words(**changes):
    plain = {
        "people": "children",
        "group": "Black",
        "reference": "White",
        "measure": "tpr_difference",
        "cut": "top:5%",
        "group_value": 0.286,
        "reference_value": 0.211,
    }
    return Words(**(plain | changes))


def said(held, **changes):
    return sentence(held, judge(held), words(**changes))


def test_cannot_tell_says_what_these_data_could_have_shown_and_what_would_settle_it():
    assert said(comparison("difference", "0.075", "-0.096", "0.254", "0.1")) == (
        "Listing the first 5% of places: of children with the outcome, 28.6% in Black and 21.1% in White were listed: "
        "+7.5 percentage points (95% interval −9.6 to +25.4). These data cannot tell whether there is a gap beyond the "
        "limit (10 points either way) or none at all. To be seen four times in five, a gap would have to be about 25 "
        "points; one as large as the limit would need about 6.3 times as much data."
    )


def test_where_nothing_bounds_a_gap_it_is_said_that_more_data_are_needed():
    unbounded = said(comparison("ratio", "3", "0.8", "inf", "1.25"), measure="fpr_ratio")
    assert unbounded.endswith("none at all. It takes more data, and these are too few to say how much.")


def test_a_pass_and_a_fail_name_the_limit():
    assert said(comparison("difference", "0.0", "-0.03", "0.03", "0.1")).endswith(
        "were listed: 0.0 percentage points (95% interval −3.0 to +3.0). "
        "The gap lies within the limit (10 points either way)."
    )
    assert said(comparison("ratio", "1.9", "1.7", "2.1", "0.8"), measure="fpr_ratio", cut="score>=0.5") == (
        "Listing scores of 0.5 and above: of children without the outcome, 28.6% in Black and 21.1% in White were "
        "listed: 1.90 times (95% interval 1.70 to 2.10). The gap is beyond the limit (1.25 times, either way up)."
    )


@pytest.mark.parametrize(
    ("measure", "start"),
    [
        (
            "ppv_difference",
            "Listing the first 5% of places: of children listed, 28.6% in Black and 21.1% in White had ",
        ),
        (
            "share_of_list_difference",
            "Listing the first 5% of places: 28.6% of those listed are Black and 21.1% White: ",
        ),
        ("auc_difference", "AUC is 0.286 for Black and 0.211 for White: 0.075"),
        ("calibration_slope_difference", "Calibration slope is 0.286 for Black and 0.211 for White: "),
        (
            "selection_rate_difference",
            "Listing the first 5% of places: of children, 28.6% in Black and 21.1% in White were",
        ),
    ],
)
def test_each_measure_is_said_in_its_own_words(measure, start):
    text = said(comparison("difference", "0.075", "0.02", "0.12", "0.1"), measure=measure)
    assert text.replace("+", "").startswith(start)


def test_nobody_to_count_is_no_gap_of_nothing():
    assert said(comparison("difference", "", "", "", "0.1"), group_value=None, measure="ppv_difference") == (
        "Listing the first 5% of places: there are no children listed in Black. "
        "No gap could be seen, however large, until there are some."
    )


@pytest.mark.parametrize(
    ("cut", "expected"),
    [
        ("score>=0.5", "scores of 0.5 and above"),
        ("top:50", "the first 50 places"),
        ("top:0.5%", "the first 0.5% of places"),
    ],
)
def test_a_cut_is_said_in_words(cut, expected):
    assert cut_in_words(cut) == expected


def test_without_gating_comparisons_nothing_is_decided():
    assert overall_sentence([]) == "The policy names no gating comparison, so this audit describes and decides nothing."
