"""Of one thing a command speaks in the singular."""

import pytest

from targeting.commands.lists import expired_said, verified_said
from targeting.commands.reviewing import found_said
from targeting.serving.look_back import LookBack


@pytest.mark.parametrize(
    ("count", "said"),
    [(1, "1 list is a tombstone"), (1200, "1,200 lists are tombstones")],
)
def test_expired_lists_are_counted(count: int, said: str) -> None:
    assert expired_said(count) == f"{said} from today; `targeting list ID --verify` proves one."


def test_where_no_list_expired_nothing_is_said_to_be_a_tombstone() -> None:
    assert expired_said(0) == "The keeping of no list is over: nothing changed."


def test_of_a_tombstone_no_more_is_proved_than_that_it_was_published() -> None:
    assert verified_said("l_a", is_kept=True) == (
        "The list l_a is what was published: every passport recomputes, its chain and the audit log agree."
    )
    assert verified_said("l_a", is_kept=False) == (
        "The list l_a is a tombstone: what it held is gone; its chain and the audit log say what it was."
    )


@pytest.mark.parametrize(
    ("listed", "in_no_list", "families", "said"),
    [
        (
            1,
            1,
            1,
            "1 child was listed before, 0 were not; 1 more is of a family that no list was about. From 1 family, ",
        ),
        (
            2,
            0,
            2,
            "2 children were listed before, 0 were not; 0 more are of families that no list was about. "
            "From 2 families, ",
        ),
    ],
)
def test_children_who_stepped_up_are_counted(listed: int, in_no_list: int, families: int, said: str) -> None:
    found = LookBack(missed=(), listed=listed, in_no_list=in_no_list, families=families, lower=0.25, upper=1.0)
    assert found_said(found) == (
        f"{said}each counted once, the share that is listed lies between 25% and 100%, 95 times of 100."
    )


def test_of_nobody_no_share_is_told() -> None:
    found = LookBack(missed=(), listed=0, in_no_list=3, families=0, lower=0.0, upper=1.0)
    assert found_said(found) == (
        "0 children were listed before, 0 were not; 3 more are of families that no list was about."
    )
