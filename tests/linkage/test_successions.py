"""Which family became which: two that became one, one that split, and ids that a later linkage no longer makes."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pyarrow as pa

from targeting.linkage.definition import Linkage
from targeting.linkage.successions import successors
from targeting.store.contents import SUCCESSIONS
from targeting.store.generations import open_generation

PERSONS = """
record | source  | known_from | given | family | born       | sex | nhs        | house | postcode
mother | council | 2020-01-01 | Holly | Emmott | 1990-01-02 | 2   | 9990000026 | 1     | BD1 1AA
hers   | council | 2020-01-01 | Ollie | Emmott | 2016-01-04 | 1   | 9990000042 | 1     | BD1 1AA
second | council | 2020-01-01 | Poppy | Emmott | 2018-01-04 | 2   | 9990000069 | 1     | BD1 1AA
father | council | 2020-01-05 | Scott | Lund   | 1988-01-03 | 1   | 9990000034 | 2     | BD1 2AA
his    | council | 2020-01-05 | Erin  | Lund   | 2014-01-04 | 2   | 9990000050 | 2     | BD1 2AA
"""
RELATIONSHIPS = """
source  | record | other  | kind       | started_on | ended_on   | knowledge_date
council | mother | hers   | parent_of  |            |            | 2020-01-01
council | mother | second | parent_of  |            |            | 2020-01-01
council | father | his    | parent_of  |            |            | 2020-01-05
council | mother | father | partner_of | 2020-03-01 |            | 2020-03-10
council | mother | father | partner_of | 2020-03-01 | 2020-09-01 | 2020-09-20
"""


def family_of(people: Any, record: str, day: date) -> str:
    (person,) = {row["person_id"] for row in people.assignments.to_pylist() if row["record_id"] == record}
    (family,) = {
        row["family_id"]
        for row in people.memberships.to_pylist()
        if row["person_id"] == person and row["visible_from"] <= day <= (row["visible_to"] or day)
    }
    return str(family)


def test_a_family_that_joins_another_goes_on_as_it_and_one_that_leaves_splits_off(
    district: Callable[..., Any], linkage: Linkage
) -> None:
    people = district(PERSONS, RELATIONSHIPS).people(linkage)
    hers, his = (family_of(people, child, date(2020, 2, 1)) for child in ("hers", "his"))
    after = family_of(people, "his", date(2020, 12, 1))
    assert family_of(people, "his", date(2020, 4, 1)) == hers == family_of(people, "hers", date(2020, 12, 1))
    assert people.successions.drop_columns("records").sort_by("from_date").to_pylist() == [
        {"family_id": his, "successor_id": hers, "from_date": date(2020, 3, 11), "how": "went_on_as"},
        {"family_id": hers, "successor_id": after, "from_date": date(2020, 9, 21), "how": "split_off"},
    ]
    assert successors(people.successions, his) == (hers,)
    assert successors(people.successions, hers) == ()


def test_successors_are_followed_to_the_families_that_still_stand() -> None:
    rows = [("a", "b", "went_on_as"), ("b", "c", "went_on_as"), ("b", "d", "went_on_as"), ("d", "e", "split_off")]
    table = pa.Table.from_pylist(
        [{"family_id": one, "successor_id": other, "how": how} for one, other, how in rows], schema=SUCCESSIONS
    )
    assert [successors(table, family) for family in "abcde"] == [("c", "d"), ("c", "d"), (), (), ()]


def test_a_family_that_a_later_link_no_longer_makes_has_a_successor_in_the_generation(
    district: Callable[..., Any], linkage: Linkage
) -> None:
    """What the council then says it knew all along joins the two from the first day; the second id is used no more."""
    first = district(PERSONS, RELATIONSHIPS)
    before = first.people(linkage)
    hers, his = (family_of(before, child, date(2020, 2, 1)) for child in ("hers", "his"))
    all_along = RELATIONSHIPS.replace("2020-03-10", "2020-01-01").replace("2020-09-20", "2021-09-20")
    report = district(PERSONS.replace("2020-01-05", "2020-01-01"), all_along, data=first.data).link(linkage)
    generation = open_generation(first.data, report.generation_id)
    standing = {*generation.memberships()["family_id"].to_pylist()}
    gone = {hers, his} - standing
    assert len(gone) == 1
    assert set(successors(generation.successions(), gone.pop())) <= standing
    assert successors(generation.successions(), "f_nobody") == ()
