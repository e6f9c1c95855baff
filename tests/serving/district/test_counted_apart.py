"""How many families of the district are counted apart: all panels' together, and none of a few."""

from collections.abc import Sequence

import pytest

from targeting.serving.contents import ApartPart, CountedApart, ListHead
from targeting.serving.district.counted_apart import apart_in_district


def heads_of(a_list, panels: Sequence[Sequence[tuple[int, int]]]) -> list[ListHead]:
    """Return the heads of panels, each with a list for every pair: families counted apart, and those of the part."""
    made = a_list().head
    return [
        made.model_copy(update={"panel": f"panel {panel}", "counted_apart": (apart(*pair),)})
        for panel, lists in enumerate(panels)
        for pair in lists
    ]


def apart(families: int, part: int) -> CountedApart:
    told = ApartPart(cohort="pupils", who="with a pupil", why="Ask.", families=part)
    return CountedApart(cohort="silent", why="Nobody knows.", families=families, part=told)


@pytest.mark.parametrize(
    ("panels", "expected"),
    [
        ([[(300, 120), (40, 20)]], (340, 140)),
        ([[(0, 0)]], (0, 0)),
        # That nobody at all is of the part is no count of a few.
        ([[(5, 0)]], (None, 0)),
        ([[(5, 2)]], (None, None)),
        ([[(6, 6)]], (6, 6)),
        ([[(300, 5)]], (300, None)),
        # All but two have a pupil: these two would be told too.
        ([[(300, 298)]], (300, None)),
        # One panel reads of 300 on its own list, and would learn of the other's three.
        ([[(300, 120)], [(3, 0)]], (None, None)),
        ([[(300, 120)], [(200, 3)]], (500, None)),
        ([[(300, 120)], [(200, 80)]], (500, 200)),
        # Of a panel without any, nobody learns of a few.
        ([[(300, 120)], [(0, 0)]], (300, 120)),
        # Somebody may sit on both of the others.
        ([[(300, 120)], [(200, 80)], [(4, 0)]], (None, None)),
    ],
)
def test_counts_of_all_panels_are_told_together_and_none_of_a_few(a_list, panels, expected):
    (told,) = apart_in_district(heads_of(a_list, panels))
    assert (told.families, told.part) == expected
    assert (told.told.cohort, told.told.why) == ("silent", "Nobody knows.")


def test_lists_that_count_nobody_apart_tell_nothing(a_list):
    assert apart_in_district([a_list().head]) == ()
    assert apart_in_district([]) == ()


def test_a_whole_without_a_part_is_told_alone(a_list):
    whole = apart(40, 0).model_copy(update={"part": None})
    head = a_list().head.model_copy(update={"counted_apart": (whole,)})
    (told,) = apart_in_district([head])
    assert (told.families, told.part) == (40, 0)
