"""How values lie, by hand on a few rows; and that no small number can be worked out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from targeting.features import Matrix
from targeting.project.distributions import distributions, withheld, withheld_by_group


def matrix(values: list[float | None], reason: int = 1) -> Matrix:
    known = np.array([[np.nan if value is None else value] for value in values])
    rows = len(values)
    return Matrix(
        family_id=np.array([f"f{row}" for row in range(rows)]),
        as_of_date=np.full(rows, "2026-03-30", dtype="datetime64[D]"),
        names=("tried",),
        values=known,
        unknown=np.where(np.isnan(known), reason, 0).astype(np.int8),
    )


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((100, 50), (100, 50)),
        ((100, 0, 50), (100, 0, 50)),
        ((100, 3, 50), (100, None, None)),  # One alone would follow from the total: the next smallest goes too.
        ((100, 2, 3, 50), (100, None, None, None)),  # Two that sum to five are themselves a small number.
        ((100, 3, 4), (100, None, None)),
        ((4,), (None,)),
        ((0, 5), (0, None)),
    ],
)
def test_small_numbers_are_withheld_and_what_would_tell_them(
    counts: tuple[int, ...], shown: tuple[int | None, ...]
) -> None:
    assert withheld(counts) == shown


@given(st.lists(st.integers(0, 40), min_size=1, max_size=7))
def test_what_is_withheld_is_never_one_number_nor_a_small_sum_where_more_could_be(counts: list[int]) -> None:
    shown = withheld(counts)
    hidden = [count for count, each in zip(counts, shown, strict=True) if each is None]
    assert all(each is None or each == 0 or each > 5 for each in shown)
    if hidden and any(each for each in shown):
        assert len(hidden) > 1
        assert sum(hidden) > 5


def test_a_group_of_which_few_did_not_change_tells_nothing() -> None:
    # Of the second group 9 changed and 2 did not: both would be known from its size.
    assert withheld_by_group([20, 9, 30], [50, 2, 70]) == (None, None, 30)


def test_counts_are_told_one_by_one_and_unknowns_by_reason() -> None:
    (found,) = distributions(matrix([0.0] * 20 + [1.0] * 10 + [2.0] * 8 + [7.0] * 6 + [None] * 9, reason=3))
    assert found.families == 53
    assert found.values == {"0": 20, "1": 10, "2": 8, "3": 0, "4 or more": 6}
    reasons = ("not shared", "not collected", "not linked", "agreement expired", "not applicable")
    assert found.unknown == dict.fromkeys(reasons, 0) | {"not linked": 9}
    (none,) = distributions(matrix([0.0] * 20 + [1.0] * 10 + [None] * 9, reason=5))
    assert none.unknown == dict.fromkeys(reasons, 0) | {"not applicable": 9}


def test_a_condition_a_share_and_a_change_are_told_in_their_own_parts() -> None:
    told = [
        distributions(matrix(values))[0].values
        for values in ([0.0] * 9 + [1.0] * 7, [0.0] * 6 + [0.04] * 7 + [0.15] * 8, [-0.1] * 6 + [0.0] * 7 + [0.2] * 8)
    ]
    assert told[0] == {"no, or none": 9, "yes, or one": 7}
    shares = {name: count for name, count in told[1].items() if count}
    assert shares == {"0": 6, "above 0, to 0.05": 7, "above 0.1, to 0.2": 8}
    assert told[2] == {"fell": 6, "same": 7, "rose": 8}


def test_the_share_unknown_of_a_small_group_is_withheld() -> None:
    given_matrix = matrix([None] * 10 + [0.0] * 90)
    groups = {
        "age": {
            "half": np.arange(100) < 20,
            "few": np.arange(100) < 4,
            "few known": np.arange(100) < 12,
            "none": np.arange(100) >= 50,
        }
    }
    (found,) = distributions(given_matrix, groups)
    assert found.unknown_of_group == {"age": {"half": 0.5, "few": None, "few known": None, "none": 0.0}}
