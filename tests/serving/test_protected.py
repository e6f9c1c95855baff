"""The one named manager is told how many identities are protected and where; nothing tells whose."""

from dataclasses import asdict
from pathlib import Path

import pytest

from targeting.errors import TargetingError
from targeting.records.contract import contract
from targeting.serving.access.definition import Access
from targeting.serving.protected import check_is_manager, protected_cases
from targeting.serving.week import MadeFrom
from targeting.store.staging import open_staging

MARKS = """
create table facts_identity_protected as select * from (values
    ('r_jodie', 'housing', 'sealed', null),
    ('r_alfie', 'housing', 'sealed', null),
    ('r_alfie', 'housing', 'sealed', null),
    ('r_mistake', 'housing', 'sealed', date '2026-01-01'),
    ('r_bea', 'council', 'never_joined', null)
) as marks(record_id, source, handling, superseded_on)
"""


def test_cases_are_counted_by_handling_and_source_once_a_record_and_while_the_mark_holds(tmp_path: Path) -> None:
    with open_staging(tmp_path) as staging:
        assert protected_cases(staging, contract(), {}) == ()
        staging.connection.execute(MARKS)
        cases = protected_cases(staging, contract(), {"housing": "Refuge services"})
    assert [(each.handling.split(" ")[0], each.agency, each.cases) for each in cases] == [
        ("records", "council", 1),
        ("sealed", "Refuge services", 2),
    ]
    assert "r_" not in str([asdict(each) for each in cases])


def test_nobody_but_the_named_manager_is_told(made_from: MadeFrom) -> None:
    service = made_from.service
    with pytest.raises(TargetingError, match="protected_identities_manager: nobody is named, so nobody is told"):
        check_is_manager(service, "Ann")
    named = service.model_copy(update={"access": Access(protected_identities_manager="Mo Manager")})
    check_is_manager(named, "Mo Manager")
    with pytest.raises(TargetingError, match=r"only the manager who is named in serving/service\.toml"):
        check_is_manager(named, "Ann")
