"""Which wards a reader may know family by family, by the panels that own them."""

from dataclasses import replace
from datetime import date

from targeting.serving.district.panel_wards import known_wards
from targeting.serving.published import PublishedList

WARDS = ("", "A", "B", "C", "D")


def lists_of(a_list, panels: dict[str, tuple[str, ...]], as_of: date = date(2026, 3, 30)) -> list[PublishedList]:
    made = a_list(as_of=as_of)
    return [
        replace(
            made,
            head=made.head.model_copy(update={"panel": panel, "kind": kind}),
            rules=made.rules.model_copy(update={"wards": wards}),
        )
        for panel, wards in panels.items()
        for kind in ("offer", "review")
    ]


def test_of_one_panel_nobody_knows_a_part_alone(a_list):
    assert known_wards(lists_of(a_list, {"district": ()}), WARDS) == ()


def test_the_panel_without_wards_has_all_that_no_other_owns_and_no_known_address(a_list):
    two = lists_of(a_list, {"north": ("A", "B", "gone"), "rest": ()})
    assert known_wards(two, WARDS) == (frozenset("AB"), frozenset({"C", "D", ""}))


def test_of_three_panels_somebody_may_sit_on_two(a_list):
    three = lists_of(a_list, {"north": ("A",), "south": ("B",), "rest": ()})
    north, south, rest = frozenset("A"), frozenset("B"), frozenset({"C", "D", ""})
    assert known_wards(three, WARDS) == (north, south, rest, south | rest, north | rest, north | south)


def test_panels_are_those_of_the_latest_lists(a_list):
    before = lists_of(a_list, {"district": ()}, as_of=date(2026, 3, 23))
    now = lists_of(a_list, {"north": ("A",), "rest": ()})
    assert known_wards([*now, *before], WARDS) == (frozenset("A"), frozenset({"B", "C", "D", ""}))
