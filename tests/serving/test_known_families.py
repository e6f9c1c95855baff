"""What is shown of a listed family beside its flag: taken from the generation as of the list's date, nothing later."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from targeting.records.contract import contract
from targeting.serving.contents import FamilyRecord, Recorded
from targeting.serving.known_families import family_records
from targeting.store.contents import AGENCY_LINKS, MEMBERSHIPS, fact_schema
from targeting.store.generations import GenerationContents, SourceCoverage, write_generation

AS_OF = date(2026, 3, 30)
AGENCIES = {"police": "Police", "schools": "Schools", "council": "Early help"}
# family | person | child | born | from | to
PEOPLE = """
f_one | p_child  | yes | 2018-03-31 | 2019-01-01 |
f_one | p_unborn | yes | 2026-07-01 | 2026-02-01 |
f_one | p_adult  |     | 1990-01-01 | 2019-01-01 |
f_one | p_left   |     | 1988-01-01 | 2019-01-01 | 2025-05-31
f_two | p_child  | yes | 2018-03-31 | 2019-01-01 |
"""
# kind | person | event | knowledge | source | columns
FACTS = """
domestic_abuse_incident | p_adult | 2026-02-03 | 2026-02-04 | police  | grade=high
domestic_abuse_incident | p_child | 2026-02-03 | 2026-02-04 | police  | grade=high
domestic_abuse_incident | p_adult | 2026-02-20 | 2026-02-21 | police  | grade=high
domestic_abuse_incident | p_adult | 2026-03-28 | 2026-04-02 | police  | grade=high
domestic_abuse_incident | p_left  | 2025-10-03 | 2025-10-04 | police  | grade=high
suspension              | p_child | 2025-11-03 | 2025-11-04 | schools |
suspension              | p_child | 2024-01-03 | 2024-01-04 | schools |
suspension              | p_child | 2025-12-03 | 2025-12-04 | unnamed |
early_help_started      | p_child | 2025-09-01 | 2025-09-02 | council | episode_id=a
early_help_started      | p_child | 2024-09-01 | 2024-09-02 | council | episode_id=b
early_help_ended        | p_child | 2025-02-01 | 2025-02-02 | council | episode_id=b,outcome=declined
address_recorded        | p_child | 2020-01-01 | 2020-01-02 | council | ward=E1
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[FamilyRecord, ...]]:
    """Return what tells of families of a small generation."""
    kinds: dict[str, list[dict[str, Any]]] = {}
    for number, line in enumerate(FACTS.strip().splitlines()):
        kind, person, event, knowledge, source, columns = [cell.strip() for cell in line.split("|")]
        own = dict(each.split("=") for each in columns.split(",") if each)
        row = {"fact_id": number, "person_id": person, "event_date": date.fromisoformat(event)}
        row |= {"knowledge_date": date.fromisoformat(knowledge), "knowledge_basis": "recorded", "source": source}
        kinds.setdefault(kind, []).append({**row, **own})
    people = [[cell.strip() for cell in line.split("|")] for line in PEOPLE.strip().splitlines()]
    members = [
        {
            "family_id": family,
            "person_id": person,
            "is_child": child == "yes",
            "birth_date": date.fromisoformat(born),
            "visible_from": date.fromisoformat(since),
            "visible_to": date.fromisoformat(until) if until else None,
        }
        for family, person, child, born, since, until in people
    ]
    links = [
        {"person_id": "p_child", "source": "schools", "known_from": date(2022, 9, 1)},
        {"person_id": "p_adult", "source": "police", "known_from": date(2026, 2, 4)},
        {"person_id": "p_adult", "source": "unnamed", "known_from": date(2026, 2, 4)},
    ]
    contents = GenerationContents(
        facts={kind: pa.Table.from_pylist(rows, fact_schema(contract()[kind])) for kind, rows in kinds.items()},
        memberships=pa.Table.from_pylist(members, MEMBERSHIPS),
        agency_links=pa.Table.from_pylist(links, AGENCY_LINKS),
        coverage=tuple(
            SourceCoverage(source=source, kind=kind, shared_from=date(2015, 1, 1), until=AS_OF)
            for source, kind in {(row["source"], kind) for kind, rows in kinds.items() for row in rows}
        ),
        contract=contract(),
        synthetic=True,
        inputs={},
    )
    generation = write_generation(tmp_path_factory.mktemp("generation"), contents)
    return lambda *families, on=AS_OF: family_records(generation, families, agencies=AGENCIES, as_of_date=on)


def test_members_are_told_by_role_and_age_and_who_left_apart(told: Any) -> None:
    (record,) = told("f_one")
    assert [(each.is_child, each.age, each.years) for each in record.members] == [
        (True, "7 years old", 7),
        (True, "expected", None),
        (False, "", None),
    ]
    assert [each.known_to for each in record.members] == [("Schools",), (), ("", "Police")]
    assert [(each.since, each.until) for each in record.former] == [(date(2019, 1, 1), date(2025, 5, 31))]
    assert (record.ward, record.children_elsewhere) == ("E1", 1)


def test_what_was_recorded_is_told_by_month_once_for_all_whom_it_concerns_and_never_later(told: Any) -> None:
    (record,) = told("f_one")
    expected = [
        ("2026-02-01", "A domestic abuse incident recorded by police", "Police", 2),
        ("2025-11-01", "A pupil was suspended", "Schools", 1),
        ("2025-09-01", "An episode of early help started", "Early help", 1),
        ("2025-02-01", "An episode of early help ended", "Early help", 1),
        ("2024-09-01", "An episode of early help started", "Early help", 1),
    ]
    assert list(record.recorded) == [
        Recorded(month=date.fromisoformat(month), what=what, agency=agency, times=times)
        for month, what, agency, times in expected
    ]


def test_work_that_ended_is_not_told_as_going_on(told: Any) -> None:
    (record,) = told("f_one")
    assert [(each.service, each.agency, each.since) for each in record.works_with] == [
        ("early help", "Early help", date(2025, 9, 1))
    ]
    (before,) = told("f_one", on=date(2025, 1, 1))
    assert [each.since for each in before.works_with] == [date(2024, 9, 1)]


def test_that_somebody_will_leave_is_not_known_before(told: Any) -> None:
    (before,) = told("f_one", on=date(2025, 1, 1))
    assert [(each.is_child, each.until) for each in before.members] == [(True, None), (False, None), (False, None)]
    assert before.former == ()


def test_families_come_in_the_order_asked_for(told: Any) -> None:
    assert [each.family_id for each in told("f_two", "f_one")] == ["f_two", "f_one"]
    assert told() == ()
