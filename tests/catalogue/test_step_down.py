"""Who is asked about when a review may be due, and what speaks against it."""

from collections.abc import Callable
from pathlib import Path

from targeting.models.definition import read_model_definition
from targeting.serving.definition import read_service

MembersOf = Callable[..., set[str]]

HELP = "early_help_started | pupil | 2025-10-01 | episode_id=e1, referral_source=2A\n"
NEED = "child_in_need_plan_started | pupil | 2025-10-01 | episode_id=n1\n"
PLAN = "child_protection_plan_started | pupil | 2025-11-01 | episode_id=p1\n"
CARE = "care_started | pupil | 2025-11-01 | episode_id=b1, legal_basis=order\n"


def test_only_families_with_help_and_without_protection_are_asked_about(members_of: MembersOf) -> None:
    facts = {
        "quiet": "",
        "helped": HELP,
        "in need": NEED,
        "enquiry": HELP + "section_47_started | teen | 2026-03-01 | episode_id=s1\n",
        "on a plan": NEED + PLAN,
        "plan ended": NEED + PLAN + "child_protection_plan_ended | pupil | 2026-01-01 | episode_id=p1\n",
        "in care": HELP + CARE,
        "help ended": HELP + "early_help_ended | pupil | 2026-02-01 | episode_id=e1, outcome=needs_met\n",
    }
    assert members_of("helped_without_protection", facts) == {"helped", "in need", "plan ended"}


def test_no_list_is_made_of_it_and_closing_a_case_is_forbidden(root: Path) -> None:
    assert read_service(root / "serving" / "service.toml").model != "step_down"
    forbidden = read_model_definition(root / "models" / "step_down.toml").forbidden_uses
    assert "closing a case, or ranking families for closure" in forbidden
