"""Places by rank, and those kept for families never known."""

import numpy as np
import pytest

from targeting.serving.ranking import Place, places

#                     row:  0    1    2    3    4    5
MARGINS = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
FAMILIES = np.array(["f_a", "f_b", "f_c", "f_d", "f_e", "f_f"])


def listed(never_known: str, *, capacity: int, kept: int) -> list[tuple[int, int, bool]]:
    """`never_known` marks each row: n for never known, k for known."""
    mask = np.array([mark == "n" for mark in never_known])
    chosen = places(MARGINS, FAMILIES, capacity=capacity, never_known=mask, kept=kept)
    return [(place.rank, place.row, place.kept_place) for place in chosen]


@pytest.mark.parametrize(
    ("never_known", "capacity", "kept", "expected"),
    [
        ("kkkkkk", 3, 0, [(1, 0, False), (2, 1, False), (3, 2, False)]),
        ("kkkknn", 3, 1, [(1, 0, False), (2, 1, False), (5, 4, True)]),
        ("kkkknn", 3, 2, [(1, 0, False), (5, 4, True), (6, 5, True)]),
        ("knkkkn", 3, 1, [(1, 0, False), (2, 1, False), (3, 2, False)]),
        ("knkkkn", 3, 2, [(1, 0, False), (2, 1, False), (6, 5, True)]),
        ("knkkkk", 3, 2, [(1, 0, False), (2, 1, False), (3, 2, False)]),
        ("nnnnnn", 2, 2, [(1, 0, False), (2, 1, False)]),
        ("kkkkkn", 9, 2, [(1, 0, False), (2, 1, False), (3, 2, False), (4, 3, False), (5, 4, False), (6, 5, False)]),
        ("kkkkkn", 1, 2, [(6, 5, True)]),
    ],
)
def test_kept_places_go_to_the_best_never_known_and_displace_the_last_known(
    never_known: str, capacity: int, kept: int, expected: list[tuple[int, int, bool]]
) -> None:
    assert listed(never_known, capacity=capacity, kept=kept) == expected


def test_equal_margins_are_ordered_by_family_id_whatever_the_order_of_rows() -> None:
    margins, known = np.array([0.5, 0.5, 0.5]), np.zeros(3, dtype=bool)
    chosen = places(margins, np.array(["f_c", "f_a", "f_b"]), capacity=2, never_known=known, kept=0)
    assert chosen == (Place(1, 1, False), Place(2, 2, False))


def test_nobody_considered_nobody_listed() -> None:
    nobody = np.array([], dtype=str)
    assert places(np.array([]), nobody, capacity=10, never_known=np.array([], dtype=bool), kept=2) == ()
