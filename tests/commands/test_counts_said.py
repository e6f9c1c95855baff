"""Of one thing a command speaks in the singular."""

import pytest

from targeting.commands.lists import expired_said
from targeting.commands.reviewing import found_said
from targeting.serving.look_back import LookBack


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 lists are tombstones"), (1, "1 list is a tombstone"), (1200, "1,200 lists are tombstones")],
)
def test_expired_lists_are_counted(count: int, said: str) -> None:
    assert expired_said(count) == f"{said} from today; `targeting list ID --verify` proves one."


@pytest.mark.parametrize(
    ("listed", "in_no_list", "families", "said"),
    [
        (1, 1, 1, "1 child was listed before, 0 were not; 1 more is of a family that no list was about. Of 1 family "),
        (
            2,
            0,
            2,
            "2 children were listed before, 0 were not; 0 more are of families that no list was about. Of 2 families ",
        ),
    ],
)
def test_children_who_stepped_up_are_counted(listed: int, in_no_list: int, families: int, said: str) -> None:
    found = LookBack(missed=(), listed=listed, in_no_list=in_no_list, families=families, lower=0.25, upper=1.0)
    assert found_said(found) == f"{said}between 25% and 100% were listed, by chance alone."
