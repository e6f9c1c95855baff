"""What is known of persons by day: births as believed, homes that become communal, relationships that end."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from targeting.linkage.definition import Linkage

HEADER = "record | source | known_from | given | family | born | expected | sex | nhs | house | postcode"


@pytest.fixture(scope="module")
def rows(district: Callable[..., Any], linkage: Linkage) -> list[dict[str, Any]]:
    """Return the memberships of several families that have nothing to do with each other."""
    people = district(
        f"""
        {HEADER}
        police   | police    | 2020-01-01 | Teddy | Lumb     | 2015-08-02 |            | 1 |            | 1 | BD1 1AA
        school   | schools   | 2020-02-01 | Teddy | Lumb     | 2015-08-02 |            | 1 |            | 1 | BD1 1AA
        clinic   | maternity | 2020-03-01 | Teddy | Lumb     | 2015-08-03 |            | 1 |            | 1 | BD1 1AA
        bereaved | maternity | 2020-01-01 | Zoe   | Varley   | 1990-01-01 |            | 2 | 9990000018 | 2 | BD1 2AA
        lost     | maternity | 2020-01-01 |       |          |            | 2020-06-01 |   |            |   |
        mother   | council   | 2020-01-01 | Holly | Emmott   | 1990-01-02 |            | 2 | 9990000026 | 3 | BD1 3AA
        father   | council   | 2020-01-05 | Scott | Emmott   | 1990-01-03 |            | 1 | 9990000034 | 3 | BD1 3AA
        theirs   | council   | 2020-01-01 | Ollie | Emmott   | 2016-01-04 |            | 1 | 9990000042 | 3 | BD1 3AA
        """,
        """
        source    | record   | other  | kind       | started_on | ended_on   | knowledge_date
        maternity | bereaved | lost   | parent_of  |            |            | 2020-01-01
        council   | mother   | theirs | parent_of  |            |            | 2020-01-01
        council   | father   | theirs | parent_of  |            |            | 2020-01-05
        council   | mother   | father | partner_of | 2019-01-01 |            | 2020-01-01
        council   | mother   | father | partner_of | 2019-01-01 | 2020-05-01 | 2020-05-20
        council   | mother   | father | partner_of | 2020-09-01 |            | 2020-09-10
        """,
    ).people(linkage)
    person = {row["record_id"]: row["person_id"] for row in people.assignments.to_pylist() if row["until"] is None}
    memberships = people.memberships.to_pylist()
    return [
        {**row, "record": record} for record, one in person.items() for row in memberships if row["person_id"] == one
    ]


def spans(rows: list[dict[str, Any]], record: str) -> list[tuple[Any, ...]]:
    own = [row for row in rows if row["record"] == record]
    return sorted((row["visible_from"], row["visible_to"], row["birth_date"]) for row in own)


def test_the_birth_believed_is_the_first_known_until_a_trusted_source_tells_it(rows: list[dict[str, Any]]) -> None:
    assert spans(rows, "clinic") == [
        (date(2020, 1, 2), date(2020, 3, 1), date(2015, 8, 2)),
        (date(2020, 3, 2), None, date(2015, 8, 3)),
    ]


def test_a_child_that_was_expected_and_never_known_to_be_born_is_given_up(rows: list[dict[str, Any]]) -> None:
    assert spans(rows, "lost") == [(date(2020, 1, 2), date(2020, 7, 27), date(2020, 6, 1))]


def test_parents_part_when_that_is_known_and_come_together_again(rows: list[dict[str, Any]]) -> None:
    assert [(first, last) for first, last, _ in spans(rows, "father")] == [
        (date(2020, 1, 6), date(2020, 5, 20)),
        (date(2020, 5, 21), date(2020, 9, 10)),
        (date(2020, 9, 11), None),
    ]
    assert [(first, last) for first, last, _ in spans(rows, "theirs")] == [
        (date(2020, 1, 2), None),
        (date(2020, 5, 21), date(2020, 9, 10)),
    ]
