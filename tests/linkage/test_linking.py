"""`link` as a whole: what lands in the generation, ids that stay, and what it says when it cannot begin."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from targeting.errors import DataError, DeclarationError
from targeting.linkage.definition import Linkage
from targeting.linkage.linking import link
from targeting.records.contract import contract
from targeting.store.generations import open_generation

ALONE = Linkage(method="each_person_alone")

PERSONS = """
record  | source  | known_from | given  | family | born       | expected   | sex | nhs        | house | postcode
mother  | clinic  | 2020-03-01 | Leanne | Ogden  | 1995-05-05 |            | 2   | 9990000018 | 1     | BD1 1AA
her     | council | 2020-06-01 | Leanne | Ogden  | 1995-05-05 |            | 2   |            | 1     | BD1 1AA
unborn  | clinic  | 2020-03-01 |        |        |            | 2020-09-10 |     |            |       |
unborn  | clinic  | 2020-09-05 | Albie  | Ogden  | 2020-09-01 |            | 1   | 9990000026 | 1     | BD1 1AA
lodger  | council | 2020-06-01 | Ian    | Lund   | 1970-07-07 |            | 1   |            | 1     | BD1 1AA
"""
RELATIONSHIPS = """
source | record | other  | kind      | knowledge_date
clinic | mother | unborn | parent_of | 2020-03-01
"""
CONTACTS = """
fact_id | record | source  | event_date | knowledge_date | superseded_on
1       | her    | council | 2020-06-01 | 2020-06-02     |
2       | her    | council | 2020-06-01 | 2020-06-02     | 2020-06-20
3       | lodger | council | 2020-07-01 | 2020-07-02     |
"""


def memberships(report: Any, data: Path) -> list[tuple[str, str, bool, date | None, date, date | None]]:
    """Return memberships with families and persons by the order of their ids: f0, p0, ..."""
    rows = open_generation(data, report.generation_id).memberships().to_pylist()
    families = sorted({row["family_id"] for row in rows})
    return sorted((f"f{families.index(row['family_id'])}", *list(row.values())[2:]) for row in rows)


def test_a_family_as_a_booking_a_birth_and_another_agency_make_it_known(
    district: Callable[..., Any], linkage: Linkage
) -> None:
    known = district(PERSONS, RELATIONSHIPS, facts={"moved_out": CONTACTS})
    report = known.link(linkage)
    generation = open_generation(known.data)
    assert (report.person_records, report.persons, report.families, report.facts) == (4, 3, 1, 3)
    assert memberships(report, known.data) == [
        ("f0", False, date(1995, 5, 5), date(2020, 3, 2), None),
        ("f0", True, date(2020, 9, 1), date(2020, 9, 6), None),
        ("f0", True, date(2020, 9, 10), date(2020, 3, 2), date(2020, 9, 5)),
    ]
    mother = next(row["person_id"] for row in generation.memberships().to_pylist() if not row["is_child"])
    facts = {row["fact_id"]: row for row in generation.facts("moved_out").to_pylist()}
    assert (facts[1]["person_id"], facts[1]["knowledge_date"], facts[1]["superseded_on"]) == (
        mother,
        date(2020, 6, 2),
        None,
    )
    assert facts[2]["superseded_on"] == date(2020, 6, 20)
    assert facts[3]["person_id"] != mother
    links = {
        (row["person_id"] == mother, row["source"], row["known_from"]) for row in generation.agency_links().to_pylist()
    }
    assert links >= {(True, "clinic", date(2020, 3, 1)), (True, "council", date(2020, 6, 1))}


def test_ids_are_kept_when_more_is_learned_and_the_same_data_is_the_same_generation(
    district: Callable[..., Any], linkage: Linkage
) -> None:
    known = district(PERSONS, RELATIONSHIPS)
    first = known.link(linkage)
    before = open_generation(known.data).memberships()
    assert known.link(linkage).generation_id == first.generation_id
    older = "\nolder | school | 2019-01-01 | Leanne | Ogden | 1995-05-05 | | 2 | 9990000018 | 1 | BD1 1AA"
    again = district(PERSONS.rstrip() + older, RELATIONSHIPS, data=known.data)
    again.link(linkage)
    after = open_generation(known.data).memberships()
    assert set(before["family_id"].to_pylist()) == set(after["family_id"].to_pylist())
    assert set(before["person_id"].to_pylist()) == set(after["person_id"].to_pylist())


def test_a_fact_whose_record_turns_out_to_be_another_persons_moves_on_the_day_that_is_known(
    district: Callable[..., Any], linkage: Linkage
) -> None:
    known = district(
        """
        record | source  | known_from | given  | family | born       | sex | nhs        | house | postcode
        child  | clinic  | 2020-01-01 | Jayden | Firth  | 2015-05-05 | 1   | 9990000018 | 1     | BD1 1AA
        pupil  | school  | 2020-01-01 | Jaydon |        |            | 1   |            |       |
        pupil  | school  | 2021-01-01 | Jaydon | Firth  | 2015-05-05 | 1   |            | 1     | BD1 1AA
        """,
        facts={
            "moved_out": """
            fact_id | record | source | event_date | knowledge_date
            7       | pupil  | school | 2020-06-01 | 2020-06-02
            8       | pupil  | school | 2021-06-01 | 2021-06-02
            """
        },
    )
    known.link(linkage)
    generation = open_generation(known.data)
    facts = generation.facts("moved_out").to_pylist()
    spans = [(row["fact_id"], row["knowledge_date"], row["superseded_on"]) for row in facts]
    assert sorted(spans, key=str) == [
        (7, date(2020, 6, 2), date(2021, 1, 1)),
        (7, date(2021, 1, 1), None),
        (8, date(2021, 6, 2), None),
    ]
    (person,) = {row["person_id"] for row in facts if row["superseded_on"] is None}
    records = [row for row in generation.person_records().to_pylist() if row["record_id"] == "pupil"]
    assert sorted((row["visible_from"], row["visible_to"], row["person_id"] == person) for row in records) == [
        (date(2020, 1, 2), date(2021, 1, 1), False),
        (date(2021, 1, 2), None, True),
    ]


def test_where_nobody_is_matched_every_record_is_a_person_and_a_family_of_one(district: Callable[..., Any]) -> None:
    known = district(PERSONS, RELATIONSHIPS, facts={"moved_out": CONTACTS})
    report = known.link(ALONE)
    rows = open_generation(known.data).memberships().to_pylist()
    assert (report.person_records, report.persons, report.families, report.facts) == (4, 4, 4, 3)
    assert sorted(row["visible_from"] for row in rows) == [date(2020, 3, 2)] * 2 + [date(2020, 6, 2)] * 2
    assert {(row["is_child"], row["birth_date"], row["visible_to"]) for row in rows} == {(False, None, None)}
    assert all(len(row["person_id"]) == len(row["family_id"]) == 28 for row in rows)
    assert {(row["person_id"][:2], row["family_id"][:2]) for row in rows} == {("p_", "f_")}


def test_linking_before_loading_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nothing is loaded yet\. Run `targeting load EXTRACTS` first\."):
        link(data=tmp_path, linkage=ALONE, sources=(), contract=contract(), identity_key=bytes(32))


def test_a_wrong_declaration_stops_before_anything_is_read(tmp_path: Path, linkage: Linkage) -> None:
    wrong = replace(linkage, blocking=(("birthday",),), trusted_births=())
    with pytest.raises(DeclarationError, match="no key is named 'birthday'"):
        link(data=tmp_path, linkage=wrong, sources=(), contract=contract(), identity_key=bytes(32))
    assert not list(tmp_path.iterdir())


def test_an_empty_delivery_links_to_nobody(district: Callable[..., Any], linkage: Linkage) -> None:
    nobody = district("record | source | known_from")
    report = nobody.link(linkage)
    assert (report.person_records, report.persons, report.families) == (0, 0, 0)
    assert isinstance(open_generation(nobody.data).memberships(), pa.Table)
