"""An identity that the law gave anew is not compared with the one before, nor asked about, nor found through others."""

from collections.abc import Callable
from contextlib import closing
from datetime import date
from typing import Any

import duckdb
import pytest

from targeting.linkage.definition import Linkage
from targeting.linkage.estimating import LAST
from targeting.linkage.matching import likely_pairs, make_linker
from targeting.linkage.people import People, versions_of
from targeting.linkage.reviews import waiting
from targeting.store.identities import Identities
from targeting.store.staging import open_staging

# One child, adopted on 1 June 2018. Social care's record was changed to the new identity; the school and the police
# met the child afterwards. The clinic's and the centre's records are of before. All but the name is as it was.
PERSONS = """
record | source  | known_from | given | family | born       | sex | nhs        | house | postcode
care   | council | 2015-01-01 | Daisy | Lund   | 2014-05-05 | 2   | 9990000018 | 1     | BD1 1AA
care   | council | 2018-07-01 | Daisy | Marsh  | 2014-05-05 | 2   | 9990000018 | 1     | BD1 1AA
clinic | clinic  | 2015-01-01 | Daisy | Lund   | 2014-05-05 | 2   | 9990000018 | 1     | BD1 1AA
centre | centre  | 2016-01-01 | Daisy | Lund   | 2014-05-05 | 2   |            | 1     | BD1 1AA
school | school  | 2018-09-01 | Daisy | Marsh  | 2014-05-05 | 2   | 9990000018 | 1     | BD1 1AA
police | police  | 2019-01-01 | Daisy | Marsh  | 2014-05-05 | 2   |            | 1     | BD1 1AA
"""
PROTECTED = """
fact_id | record | source  | event_date | knowledge_date | handling
1       | care   | council | 2018-06-01 | 2018-06-10     | never_joined
"""


@pytest.fixture(scope="module")
def people(district: Callable[..., Any], linkage: Linkage) -> People:
    found: People = district(PERSONS, facts={"identity_protected": PROTECTED}).people(linkage)
    return found


def test_without_the_mark_all_five_records_are_one_child(
    district: Callable[..., Any], linkage: Linkage, persons_of: Callable[..., list[set[str]]]
) -> None:
    assert persons_of(district(PERSONS).people(linkage)) == [{"care", "centre", "clinic", "police", "school"}]


def test_records_of_before_and_after_are_two_persons_though_only_one_bears_the_mark(
    people: People, persons_of: Callable[..., list[set[str]]]
) -> None:
    assert persons_of(people) == [{"care", "police", "school"}, {"centre", "clinic"}]


def test_they_were_never_one_person_on_any_date(people: People) -> None:
    ids = {row["record_id"]: set() for row in people.assignments.to_pylist()}
    for row in people.assignments.to_pylist():
        ids[row["record_id"]].add(row["person_id"])
    before, after = ids["centre"] | ids["clinic"], ids["care"] | ids["police"] | ids["school"]
    assert before.isdisjoint(after)


def test_nobody_is_asked_about_them(people: People) -> None:
    assert people.doubtful.to_pylist() == []


NEARLY = """
record | source | known_from | given  | family | born       | sex | nhs | house | postcode
one    | clinic | 2020-01-01 | Olivia | Smith  | 2015-08-20 | 2   |     | 27    | BD4 8AA
other  | school | 2020-01-01 | Olivia | Smith  | 2015-08-20 | 2   |     | 58    | BD20 3AA
"""
MARK = """
fact_id | record | source | event_date | knowledge_date | handling
1       | one    | clinic | 2019-01-01 | 2020-01-01     | {}
"""


@pytest.mark.parametrize("handling", ["never_joined", "sealed"])
def test_nobody_is_asked_about_a_protected_record(
    district: Callable[..., Any], linkage: Linkage, handling: str
) -> None:
    mark = {"identity_protected": MARK.format(handling)}
    assert len(district(NEARLY).people(linkage).doubtful) == 1
    assert len(district(NEARLY, facts=mark).people(linkage).doubtful) == 0


def test_a_pair_that_waits_is_withheld_as_soon_as_the_mark_is_loaded(
    district: Callable[..., Any], linkage: Linkage
) -> None:
    known = district(NEARLY)
    known.link(linkage)
    with open_staging(known.data) as staging:
        assert len(waiting(staging)) == 1
    district(NEARLY, facts={"identity_protected": MARK.format("sealed")}, data=known.data).stage()
    with open_staging(known.data) as staging:
        assert len(waiting(staging)) == 0


def test_no_pair_across_the_mark_is_so_much_as_compared(district: Callable[..., Any], linkage: Linkage) -> None:
    marked = district(PERSONS, facts={"identity_protected": PROTECTED})
    marked.stage()
    with open_staging(marked.data) as staging, closing(duckdb.connect()) as connection:
        versions_of(connection, staging, Identities(marked.data, bytes(32)).read(), linkage)
        connection.execute(LAST)
        estimated_from = {record for (record,) in connection.sql("select record_id from last_versions").fetchall()}
        likely_pairs(make_linker(connection, linkage), connection, least=-1000).create_view("pairs")
        compared = connection.sql(
            """
            select distinct l.record_id, l.day < $changed, r.record_id, r.day < $changed
            from pairs join versions as l on l.version = "left" join versions as r on r.version = "right"
            """,
            params={"changed": (date(2018, 6, 1) - date(1970, 1, 1)).days},
        ).fetchall()
    assert {(one, other) for one, _, other, _ in compared} >= {("centre", "clinic"), ("police", "school")}
    # The mark is on one record alone: what lies across is its version of before and its version of after.
    assert [row for row in compared if "care" in (row[0], row[2]) and row[1] != row[3]] == []
    assert "care" not in estimated_from
