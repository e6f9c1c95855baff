"""The contract's page is current, and nothing on it is left unsaid."""

from dataclasses import replace
from pathlib import Path

import pytest

from targeting.errors import DeclarationError
from targeting.records.contract import BUILT_IN, contract
from targeting.records.definition import AtMost
from targeting.records.page import contract_page
from targeting.records.systems import SYSTEMS

PAGE = Path(__file__).parents[2] / "docs" / "records.md"


def test_the_page_says_what_the_contract_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == contract_page(), "python -m targeting.records.page > docs/records.md"


def test_every_area_says_which_systems_hold_it() -> None:
    assert {kind.area for kind in BUILT_IN} == set(SYSTEMS)


def test_what_asks_for_help_takes_it_up_or_declines_it_is_never_an_input() -> None:
    asking = (
        *("help_offered", "help_accepted", "help_declined", "homelessness_applied", "family_centre_session"),
        *("youth_service_attended", "camhs_referred", "camhs_started", "substance_treatment_started"),
        *("treatment_attended", "early_help_started", "return_home_interview", "child_voice", "involvement_started"),
        *("sen_support_started", "ehcp_requested", "identity_protected"),
    )
    kinds = contract()
    assert [name for name in asking if not kinds[name].never_an_input] == []


@pytest.mark.parametrize(
    ("attribute", "kinds"),
    [
        ("sen", {"sen_support_started", "sen_support_ended", "ehcp_requested", "ehcp_request_decided"}),
        ("arrears", {"arrears_recorded"}),
        ("benefits", {"benefit_started", "benefit_ended"}),
        ("protected_identity", {"identity_protected"}),
    ],
)
def test_a_fact_that_says_something_of_a_person_bears_that_attribute(attribute: str, kinds: set[str]) -> None:
    assert {kind.name for kind in BUILT_IN if kind.attribute == attribute} == kinds


def test_a_constraint_names_columns_of_numbers() -> None:
    term = contract()["attendance_term"]
    wrong = replace(term, name="term", constraints=(AtMost(column="sessions_missed", limit="sessions"),))
    with pytest.raises(DeclarationError, match="term: the constraint's 'sessions' is no column of numbers"):
        contract([wrong])
