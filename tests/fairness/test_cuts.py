from fractions import Fraction

import numpy as np
import pytest

from targeting.fairness.cuts import Ranked, parse_cut, select


def ranked(text):
    """Read `list | place | rank | score`, one row a line."""
    cells = [line.split() for line in text.strip().splitlines()]
    columns = list(zip(*cells, strict=True))
    return Ranked(
        score=np.array(columns[3], dtype=float),
        rank_by=np.array(columns[2], dtype=float),
        list_code=np.array(columns[0], dtype=np.int64),
        place=np.array(columns[1], dtype=np.int64),
    )


def listed(cut, text):
    (selection,) = select([parse_cut(cut)], ranked(text))
    return np.flatnonzero(selection.rows).tolist(), selection.tied


ONE_LIST = """
0  5  1.0  .9
0  4  0.5  .5
0  3  0.5  .5
0  2  0.5  .5
0  1  0.1  .1
"""


@pytest.mark.parametrize(
    ("text", "kind", "amount"),
    [
        ("score>=0.5", "score", Fraction(1, 2)),
        ("top:50", "places", Fraction(50)),
        ("top:0.5%", "share", Fraction(1, 2)),
    ],
)
def test_a_cut_is_read_from_its_form(text, kind, amount):
    assert (parse_cut(text).kind, parse_cut(text).amount) == (kind, amount)


@pytest.mark.parametrize(
    "text", ["score>0.5", "top:", "top:5.5", "first:5", "top:-1", "top:1 %", "score>=2", "top:101%"]
)
def test_what_is_no_cut_is_refused(text):
    with pytest.raises(ValueError, match=r"a cut is written|lists nobody"):
        parse_cut(text)


def test_a_score_cut_takes_the_score_itself():
    assert listed("score>=0.5", ONE_LIST) == ([0, 1, 2, 3], 0)


def test_ties_at_the_line_are_taken_in_the_order_of_ids_and_counted():
    assert listed("top:2", ONE_LIST) == ([0, 3], 3)
    assert listed("top:4", ONE_LIST) == ([0, 1, 2, 3], 0)


def test_the_order_of_rows_changes_nothing():
    lines = ONE_LIST.strip().splitlines()
    rows, tied = listed("top:3", "\n".join(reversed(lines)))
    assert ([4 - row for row in reversed(rows)], tied) == listed("top:3", ONE_LIST)


def test_each_list_is_cut_by_itself():
    two_lists = """
    0 1 9 .5
    0 2 8 .5
    1 1 2 .5
    1 2 1 .5
    1 3 0 .5
    """
    assert listed("top:1", two_lists) == ([0, 2], 0)
    assert listed("top:40%", two_lists) == ([0, 2], 0)


def test_children_of_one_family_take_one_place():
    families = """
    0 7 1 .5
    0 7 1 .5
    0 8 3 .5
    0 8 2 .5
    0 9 2 .5
    """
    assert listed("top:1", families) == ([2, 3], 0)
    assert listed("top:2", families) == ([2, 3, 4], 0)


@pytest.mark.parametrize(("cut", "of", "places"), [("top:1%", 20, 1), ("top:10%", 8818, 882), ("top:50", 8, 8)])
def test_a_per_cent_is_rounded_and_takes_one_at_least(cut, of, places):
    assert parse_cut(cut).places(of) == places


# Lists of three families each. Two places a week; the second list comes two weeks after the first, the third four
# weeks after that.
WEEKLY = """
list       | family | rank
2026-01-05 | f1     | 9
2026-01-05 | f2     | 8
2026-01-05 | f3     | 7
2026-01-05 | f4     | 6
2026-01-05 | f5     | 5
2026-01-19 | f1     | 9
2026-01-19 | f6     | 8
2026-01-19 | f7     | 7
2026-02-16 | f1     | 9
2026-02-16 | f8     | 2
"""


def over_weeks(text, capacity=2):
    rows = [[cell.strip() for cell in line.split("|")] for line in WEEKLY.strip().splitlines()[1:]]
    days, list_code = np.unique([row[0] for row in rows], return_inverse=True)
    _, place = np.unique([row[1] for row in rows], return_inverse=True)
    rank = np.array([float(row[2]) for row in rows])
    ranked = Ranked(rank / 10, rank, list_code, place, days.astype("datetime64[D]").astype(int), capacity)
    (found,) = select([parse_cut(text)], ranked)
    return [f"{row[0][5:]} {row[1]}" for row, listed in zip(rows, found.rows, strict=True) if listed]


def test_weeks_of_lists_name_distinct_families_each_taking_one_place():
    # Two weeks at two places a week name f1 to f4; the same six weeks go on with f6 and f7 and not f1 again. A row of a
    # family named in its six weeks counts as listed on each of its dates.
    assert over_weeks("weeks:7") == [
        "01-05 f1",
        "01-05 f2",
        "01-05 f3",
        "01-05 f4",
        "01-19 f1",
        "01-19 f6",
        "01-19 f7",
        "02-16 f1",
        "02-16 f8",
    ]


def test_each_block_of_weeks_begins_anew_and_a_list_stands_for_no_week_beyond_it():
    # Blocks of three weeks: the list of 19 January stands for one week of its block, and so takes two places.
    named = over_weeks("weeks:3")
    assert [row for row in named if row.startswith("01-19")] == ["01-19 f1", "01-19 f6", "01-19 f7"]
    assert [row for row in over_weeks("weeks:3", capacity=1) if row.startswith("01-19")] == ["01-19 f1", "01-19 f6"]
    assert "02-16 f1" in over_weeks("weeks:3", capacity=1)


def test_a_cut_by_weeks_is_said_in_words_and_needs_dates():
    with pytest.raises(ValueError, match=r"'weeks:13' needs lists that have dates, and a capacity"):
        select([parse_cut("weeks:13")], Ranked(*(np.zeros(1, dtype=int) for _ in range(4))))
