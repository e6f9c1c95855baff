"""The figures of wards: counted by hand, and no count of a few families shown or to be worked out."""

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from targeting.serving.district.figures import FamilySeen, figures_of

CONSIDERED, FLAGGED, DECIDED, OUTCOME = range(4)
STAGES = ("considered", "flagged", "decided", "outcomes")


def seen(text: str) -> list[FamilySeen]:
    """Return families from a table: ward, and how many families came how far."""
    rows = [line.split() for line in text.strip().splitlines()]
    return [
        FamilySeen(ward, stage, 0.01 * (1 + stage), days=3 if stage >= DECIDED else None)
        for ward, *counts in rows
        for stage, count in enumerate(counts)
        for _ in range(int(count))
    ]


# ward, then families considered alone, flagged and no more, decided and no more, with an outcome.
TABLE = """
A 100 10 20 8
B 200 30 10 7
C 150 9 0 0
"""


def test_each_stage_holds_those_after_it():
    found = figures_of(seen(TABLE), {"A": ("A",), "north": ("A", "B")})
    assert [getattr(found["A"], stage) for stage in STAGES] == [138, 38, 28, 8]
    assert [getattr(found["north"], stage) for stage in STAGES] == [385, 85, 45, 15]
    assert [getattr(found[""], stage) for stage in STAGES] == [544, 94, 45, 15]


def test_need_is_the_mean_estimate_of_1000_families_and_days_a_median():
    found = figures_of(seen(TABLE), {"A": ("A",)})["A"]
    assert found.need == pytest.approx(1000 * (100 * 0.01 + 10 * 0.02 + 20 * 0.03 + 8 * 0.04) / 138)
    assert found.days == 3


def test_a_count_of_five_is_withheld_and_so_is_another_that_would_give_it_away():
    few = TABLE + "D 300 5 0 0\n"
    found = figures_of(seen(few), {ward: (ward,) for ward in "ABCD"})
    assert found["D"].flagged is None
    assert [found[ward].flagged for ward in "ABC"].count(None) >= 1
    assert found[""].flagged == 99


def test_a_cluster_does_not_give_away_its_ward():
    few = "A 100 20 0 0\nB 100 20 0 0\nC 100 3 0 0\nD 100 20 0 0"
    found = figures_of(seen(few), {**{ward: (ward,) for ward in "ABCD"}, "all but D": ("A", "B", "C")})
    # With the cluster's total shown, another ward of the cluster has to be withheld.
    assert found["C"].flagged is None
    shown_in_cluster = [found[ward].flagged for ward in "AB"]
    assert found["all but D"].flagged is None or None in shown_in_cluster


def test_what_is_declared_public_is_shown():
    assert figures_of(seen("A 10 1 0 0"), {"A": ("A",)}, withhold=False)["A"].flagged == 1


def test_few_estimates_and_few_days_are_not_averaged():
    told = [FamilySeen("A", CONSIDERED, None)] * 20 + [FamilySeen("A", DECIDED, 0.1, 2)] * 5
    found = figures_of(told, {"A": ("A",)}, withhold=False)["A"]
    assert (found.need, found.days) == (None, None)


def test_an_area_without_families_has_none():
    found = figures_of([], {"A": ("A",)})
    assert [getattr(found["A"], stage) for stage in STAGES] == [0, 0, 0, 0]
    assert found["A"].need is None


def counts_of(families: Iterable[FamilySeen], ward: str, stage: int) -> int:
    return sum(each.ward == ward and each.stage >= stage for each in families)


@given(
    st.lists(st.tuples(*[st.integers(0, 12)] * 4), min_size=2, max_size=4).map(
        lambda rows: [
            FamilySeen("ABCD"[row], stage)
            for row, held in enumerate(rows)
            for stage, n in enumerate(held)
            for _ in range(n)
        ]
    )
)
@settings(max_examples=25, deadline=None)
def test_no_small_count_is_shown_and_what_is_shown_is_true(families: list[FamilySeen]) -> None:
    found = figures_of(families, {ward: (ward,) for ward in "ABCD"})
    for ward in "ABCD":
        for number, stage in enumerate(STAGES):
            shown, true = getattr(found[ward], stage), counts_of(families, ward, number)
            assert shown is None or shown == true
            if 1 <= true <= 5:
                assert shown is None
    for number, stage in enumerate(STAGES):
        withheld = [ward for ward in "ABCD" if getattr(found[ward], stage) is None]
        small = [ward for ward in withheld if 1 <= counts_of(families, ward, number) <= 5]
        # What one subtraction gives: everyone less all wards that are shown.
        if small and getattr(found[""], stage) is not None:
            assert len(withheld) > 1
